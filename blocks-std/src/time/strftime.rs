//! Moments written by a pattern, as C and Python do in the C locale.

use std::fmt::{self, Write};

use jiff::Zoned;

/// The longest result, in bytes; a pattern may be long and each directive longer than itself.
const MAX_BYTES: usize = 1 << 20;

/// Writes a moment by a pattern. A directive that is not known stays as it is written; the result ends where it is
/// too long.
pub(super) fn strftime(pattern: &str, at: &Zoned) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_pattern(&mut out, pattern, at);
    out
}

fn write_pattern(out: &mut String, pattern: &str, at: &Zoned) -> fmt::Result {
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if out.len() > MAX_BYTES {
            return Ok(());
        }
        let flag = after
            .chars()
            .next()
            .filter(|c| matches!(c, '-' | '_' | '0' | '^' | '#' | ':'));
        let named = after.strip_prefix(|c| Some(c) == flag).unwrap_or(after);
        let known = match named.chars().next() {
            Some(name) => write_directive(out, name, flag, at)?.then_some(name),
            None => None,
        };
        match known {
            Some(name) => rest = named.get(name.len_utf8()..).unwrap_or(""),
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    Ok(())
}

const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Writes one directive; false where it is not known.
fn write_directive(
    out: &mut String,
    name: char,
    flag: Option<char>,
    at: &Zoned,
) -> Result<bool, fmt::Error> {
    let hour12 = |hour: i8| if hour % 12 == 0 { 12 } else { hour % 12 };
    let day_of_week = at.weekday().to_sunday_zero_offset();
    let day = DAYS
        .get(usize::try_from(day_of_week).unwrap_or(0))
        .copied()
        .unwrap_or("");
    let month = usize::try_from(at.month() - 1).unwrap_or(0);
    let month = MONTHS.get(month).copied().unwrap_or("");
    let short = |word: &'static str| word.get(..3).unwrap_or(word);
    if flag == Some(':') && name != 'z' {
        return Ok(false);
    }
    let (number, width, fill) = match name {
        'a' => return word(out, short(day), flag),
        'A' => return word(out, day, flag),
        'b' | 'h' => return word(out, short(month), flag),
        'B' => return word(out, month, flag),
        'p' => return word(out, if at.hour() < 12 { "AM" } else { "PM" }, flag),
        'P' => return word(out, if at.hour() < 12 { "am" } else { "pm" }, flag),
        'Z' => {
            let info = at.time_zone().to_offset_info(at.timestamp());
            return word(out, info.abbreviation(), flag);
        }
        'z' => {
            let minutes = at.offset().seconds() / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
            let colon = if flag == Some(':') { ":" } else { "" };
            write!(out, "{sign}{hours:02}{colon}{minutes:02}")?;
            return Ok(true);
        }
        'c' => return pattern(out, "%a %b %e %H:%M:%S %Y", at),
        'D' | 'x' => return pattern(out, "%m/%d/%y", at),
        'F' => return pattern(out, "%Y-%m-%d", at),
        'r' => return pattern(out, "%I:%M:%S %p", at),
        'R' => return pattern(out, "%H:%M", at),
        'T' | 'X' => return pattern(out, "%H:%M:%S", at),
        'n' => return pattern(out, "\n", at),
        't' => return pattern(out, "\t", at),
        '%' => {
            out.push('%');
            return Ok(true);
        }
        'Y' => (i64::from(at.year()), 1, '0'),
        'C' => (i64::from(at.year().div_euclid(100)), 2, '0'),
        'y' => (i64::from(at.year().rem_euclid(100)), 2, '0'),
        'G' => (i64::from(at.date().iso_week_date().year()), 1, '0'),
        'g' => (
            i64::from(at.date().iso_week_date().year().rem_euclid(100)),
            2,
            '0',
        ),
        'V' => (i64::from(at.date().iso_week_date().week()), 2, '0'),
        'U' => (week(at, i64::from(day_of_week)), 2, '0'),
        'W' => (
            week(at, i64::from(at.weekday().to_monday_zero_offset())),
            2,
            '0',
        ),
        'm' => (i64::from(at.month()), 2, '0'),
        'd' => (i64::from(at.day()), 2, '0'),
        'e' => (i64::from(at.day()), 2, ' '),
        'j' => (i64::from(at.day_of_year()), 3, '0'),
        'u' => (i64::from(at.weekday().to_monday_one_offset()), 1, '0'),
        'w' => (i64::from(day_of_week), 1, '0'),
        'H' => (i64::from(at.hour()), 2, '0'),
        'k' => (i64::from(at.hour()), 2, ' '),
        'I' => (i64::from(hour12(at.hour())), 2, '0'),
        'l' => (i64::from(hour12(at.hour())), 2, ' '),
        'M' => (i64::from(at.minute()), 2, '0'),
        'S' => (i64::from(at.second()), 2, '0'),
        'f' => (i64::from(at.subsec_nanosecond() / 1_000), 6, '0'),
        's' => (at.timestamp().as_second(), 1, '0'),
        _ => return Ok(false),
    };
    match (flag, fill) {
        (Some('-'), _) => write!(out, "{number}")?,
        (Some('_'), _) | (None, ' ') => write!(out, "{number:width$}")?,
        _ => write!(out, "{number:0width$}")?,
    }
    Ok(true)
}

/// The week of the year whose first day is a Sunday or Monday; `since` is the days since that day of the week.
fn week(at: &Zoned, since: i64) -> i64 {
    (i64::from(at.day_of_year()) + 6 - since) / 7
}

fn pattern(out: &mut String, pattern: &str, at: &Zoned) -> Result<bool, fmt::Error> {
    write_pattern(out, pattern, at)?;
    Ok(true)
}

fn word(out: &mut String, word: &str, flag: Option<char>) -> Result<bool, fmt::Error> {
    match flag {
        Some('^') => out.push_str(&word.to_uppercase()),
        Some('#') if word.chars().all(char::is_uppercase) => out.push_str(&word.to_lowercase()),
        Some('#') => out.push_str(&word.to_uppercase()),
        _ => out.push_str(word),
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_those_of_c() {
        let at: Zoned = "2026-03-08T09:05:07.012345+00:00[UTC]".parse().unwrap();
        let check = |pattern: &str, expected: &str| assert_eq!(strftime(pattern, &at), expected);
        check(
            "%A %B %d %j %U %W %V %G %u %w %a %b",
            "Sunday March 08 067 10 09 10 2026 7 0 Sun Mar",
        );
        check(
            "%s %Z %z %% %n%t| é %Q",
            "1772960707 UTC +0000 % \n\t| é %Q",
        );
        check("%-d/%-m %_H %e %I %p %^a %f", "8/3  9  8 09 AM SUN 012345");
        check(
            "%c|%x|%X|%F|%T|%R",
            "Sun Mar  8 09:05:07 2026|03/08/26|09:05:07|2026-03-08|09:05:07|09:05",
        );
        check("100%", "100%");
        check("%é%:q%-", "%é%:q%-");
        let at: Zoned = "2026-11-01T01:30:00-04:00[America/New_York]"
            .parse()
            .unwrap();
        assert_eq!(strftime("%H:%M %z %Z", &at), "01:30 -0400 EDT");
    }
}
