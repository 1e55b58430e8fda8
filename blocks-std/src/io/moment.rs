//! Dates and times of day as inputs have them.

use graphloom::prelude::*;
use jiff::civil::Date;

/// Checks a date of the form `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Result<String, BlockError> {
    // The general reader also takes 20250102 and dates with a time, which say something else elsewhere.
    let formed = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    match text.parse::<Date>() {
        Ok(_) if formed => Ok(text.to_owned()),
        _ => Err(BlockError::input(format!(
            "\"{text}\" is not a date: write one as 2024-02-29"
        ))),
    }
}

/// Checks a time of day and writes it with seconds: `HH:MM[:SS[.ffffff]]`, with an optional offset from UTC.
pub(super) fn time(text: &str) -> Result<String, BlockError> {
    normal_time(text).ok_or_else(|| {
        BlockError::input(format!(
            "\"{text}\" is not a time of day: write one as 14:05 or 14:05:30"
        ))
    })
}

fn normal_time(text: &str) -> Option<String> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let mut parts = clock.split(':');
    let hour = two_digits(parts.next()?, 23)?;
    let minute = two_digits(parts.next()?, 59)?;
    let second = match (parts.next(), fraction) {
        (Some(second), _) => two_digits(second, 59)?,
        (None, None) => "00",
        (None, Some(_)) => return None,
    };
    if parts.next().is_some() {
        return None;
    }
    let micros = match fraction {
        Some(digits) => micros(digits)?,
        None => 0,
    };
    let fraction = if micros == 0 {
        String::new()
    } else {
        format!(".{micros:06}")
    };
    Some(format!(
        "{hour}:{minute}:{second}{fraction}{}",
        normal_offset(offset)?
    ))
}

/// Reads a fraction of a second; digits after the sixth are cut off.
fn micros(digits: &str) -> Option<u32> {
    const N_DIGITS: usize = 6;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.get(..N_DIGITS).unwrap_or(digits);
    format!("{digits:0<N_DIGITS$}").parse().ok()
}

fn normal_offset(offset: &str) -> Option<String> {
    if offset.is_empty() {
        return Some(String::new());
    }
    if offset.eq_ignore_ascii_case("z") {
        return Some("+00:00".to_owned());
    }
    let (sign, digits) = offset.split_at_checked(1)?;
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => digits.split_at_checked(2)?,
    };
    Some(format!(
        "{sign}{}:{}",
        two_digits(hours, 23)?,
        two_digits(minutes, 59)?
    ))
}

fn two_digits(text: &str, max: u8) -> Option<&str> {
    let formed = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    (formed && text.parse::<u8>().is_ok_and(|number| number <= max)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_whole_days_that_exist() {
        assert_eq!(date("2024-02-29"), Ok("2024-02-29".to_owned()));
        for bad in [
            "2023-02-29",
            "",
            "20250102",
            "2025-01-02T10:00:00",
            "2025-1-02",
            "bad",
            "2025é01-02",
        ] {
            assert!(date(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_get_seconds() {
        let check =
            |text: &str, expected: &str| assert_eq!(time(text), Ok(expected.to_owned()), "{text}");
        check("10:20", "10:20:00");
        check("10:20:30.5", "10:20:30.500000");
        check("10:20:30.000", "10:20:30");
        check("00:00:00Z", "00:00:00+00:00");
        check("23:59-0330", "23:59:00-03:30");
        for bad in [
            "",
            "10",
            "10:20 PM",
            "24:00",
            "10:60",
            "10:20:60",
            "10:20.5",
            "1:20",
            "10:20:30.",
            "10:20+é1",
        ] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
