//! Python's `%` formatting, and its way to write numbers.

use super::Result;
use super::escape::escaped;
use super::item::Item;
use super::operators::Number;
use crate::python::float_repr;

/// The widest field and the most digits.
const MAX_WIDTH: usize = 10_000;

/// How a field is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Spec {
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) alternate: bool,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
}

/// Returns `pattern % values`; as HTML, what is filled in is escaped.
pub(super) fn format(pattern: &str, values: &Item, markup: bool) -> Result<String> {
    let mut next = match values {
        Item::Tuple(items) => items.to_vec(),
        other => vec![other.clone()],
    }
    .into_iter();
    let mut used_keys = false;
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let mut value = None;
        let mut after = after;
        if let Some(keyed) = after.strip_prefix('(') {
            let Some((key, tail)) = keyed.split_once(')') else {
                return Err("incomplete format key".to_owned());
            };
            let Item::Dict(dict) = values else {
                return Err("format requires a mapping".to_owned());
            };
            let found = dict.borrow().get(&Item::text(key)).cloned();
            value = Some(found.ok_or_else(|| format!("there is no key '{key}' to format"))?);
            used_keys = true;
            after = tail;
        }
        let mut take = || next.next().ok_or("not enough arguments for format string");
        let (spec, tail) = spec(after, &mut take)?;
        let Some(kind) = tail.chars().next() else {
            return Err("incomplete format".to_owned());
        };
        rest = tail.get(kind.len_utf8()..).unwrap_or("");
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = match value {
            Some(value) => value,
            None => take()?,
        };
        let text = match kind {
            's' if markup => pad(&cut(&escaped(&value), &spec), &spec),
            's' => pad(&cut(&value.to_text(), &spec), &spec),
            'r' | 'a' => pad(&cut(&value.repr(), &spec), &spec),
            'c' => pad(&character(&value)?, &spec),
            kind => number(&value, kind, &spec)?,
        };
        out.push_str(&text);
        if out.len() > super::MAX_BYTES {
            return Err("the formatted text is too large".to_owned());
        }
    }
    out.push_str(rest);
    let all_used = used_keys || next.next().is_none() || matches!(values, Item::Dict(_));
    if all_used {
        Ok(out)
    } else {
        Err("not all arguments converted during string formatting".to_owned())
    }
}

type Take<'a> = dyn FnMut() -> std::result::Result<Item, &'static str> + 'a;

fn spec<'p>(pattern: &'p str, take: &mut Take<'_>) -> Result<(Spec, &'p str)> {
    let mut spec = Spec::default();
    let mut rest = pattern;
    while let Some(flag) = rest.chars().next().filter(|c| "-+ 0#".contains(*c)) {
        match flag {
            '-' => spec.minus = true,
            '+' => spec.plus = true,
            ' ' => spec.space = true,
            '0' => spec.zero = true,
            _ => spec.alternate = true,
        }
        rest = rest.get(1..).unwrap_or("");
    }
    let (width, tail) = amount(rest, take)?;
    spec.width = width.unwrap_or(0);
    rest = tail;
    if let Some(tail) = rest.strip_prefix('.') {
        let (precision, tail) = amount(tail, take)?;
        spec.precision = Some(precision.unwrap_or(0));
        rest = tail;
    }
    Ok((spec, rest.trim_start_matches(['h', 'l', 'L'])))
}

/// Reads a width or precision: digits, or a star for the next value.
fn amount<'p>(pattern: &'p str, take: &mut Take<'_>) -> Result<(Option<usize>, &'p str)> {
    if let Some(rest) = pattern.strip_prefix('*') {
        return match take()? {
            Item::Int(int) => Ok((Some(bounded(usize::try_from(int).ok())?), rest)),
            _ => Err("* wants int".to_owned()),
        };
    }
    let n = pattern.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = pattern.split_at(n);
    if digits.is_empty() {
        return Ok((None, rest));
    }
    Ok((Some(bounded(digits.parse().ok())?), rest))
}

/// Refuses a width or precision that is too large.
pub(super) fn bounded(n: Option<usize>) -> Result<usize> {
    n.filter(|n| *n <= MAX_WIDTH)
        .ok_or_else(|| format!("a width or precision is not between 0 and {MAX_WIDTH}"))
}

fn cut(text: &str, spec: &Spec) -> String {
    text.chars()
        .take(spec.precision.unwrap_or(usize::MAX))
        .collect()
}

fn pad(text: &str, spec: &Spec) -> String {
    let width = spec.width;
    if spec.minus {
        format!("{text:<width$}")
    } else {
        format!("{text:>width$}")
    }
}

fn character(value: &Item) -> Result<String> {
    match value {
        Item::Int(int) => u32::try_from(*int)
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
            .ok_or_else(|| "%c arg not in range(0x110000)".to_owned()),
        other => match other.as_text() {
            Some(text) if text.chars().count() == 1 => Ok(text.to_string()),
            _ => Err("%c requires int or char".to_owned()),
        },
    }
}

fn number(value: &Item, kind: char, spec: &Spec) -> Result<String> {
    let number = Number::of(value);
    let (negative, digits) = match (kind, number) {
        ('d' | 'i' | 'u', Some(number)) => {
            let int = truncated(number)?;
            (int < 0, int.unsigned_abs().to_string())
        }
        ('d' | 'i' | 'u', None) => {
            return Err(format!(
                "%{kind} format: a real number is required, not {}",
                value.type_name()
            ));
        }
        ('x' | 'X' | 'o', Some(Number::Int(int))) => {
            (int < 0, radix(int.unsigned_abs(), kind, spec.alternate))
        }
        ('x' | 'X' | 'o', _) => {
            return Err(format!(
                "%{kind} format: an integer is required, not {}",
                value.type_name()
            ));
        }
        ('e' | 'E' | 'f' | 'F' | 'g' | 'G', Some(number)) => {
            let float = number.float();
            let text = float_text(
                float.abs(),
                kind,
                spec.precision.unwrap_or(6),
                spec.alternate,
            );
            (float.is_sign_negative() && !float.is_nan(), text)
        }
        ('e' | 'E' | 'f' | 'F' | 'g' | 'G', None) => {
            return Err(format!("must be real number, not {}", value.type_name()));
        }
        _ => return Err(format!("unsupported format character '{kind}'")),
    };
    let digits = match (kind, spec.precision) {
        ('d' | 'i' | 'u' | 'x' | 'X' | 'o', Some(precision)) => format!("{digits:0>precision$}"),
        _ => digits,
    };
    let sign = match (negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    if spec.zero && !spec.minus {
        let width = spec.width.saturating_sub(sign.len());
        return Ok(format!("{sign}{digits:0>width$}"));
    }
    Ok(pad(&format!("{sign}{digits}"), spec))
}

/// Returns the whole part of a number.
pub(super) fn truncated(number: Number) -> Result<i128> {
    match number {
        Number::Int(int) => Ok(int),
        Number::Float(float) if float.is_nan() => {
            Err("cannot convert float NaN to integer".to_owned())
        }
        Number::Float(float) if float.is_infinite() => {
            Err("cannot convert float infinity to integer".to_owned())
        }
        // Saturates where no integer here can hold it.
        Number::Float(float) => Ok(float as i128),
    }
}

/// Writes a whole number in hexadecimal, octal or binary digits.
pub(super) fn radix(int: u128, kind: char, prefix: bool) -> String {
    match (kind, prefix) {
        ('x', true) => format!("{int:#x}"),
        ('X', true) => format!("0X{int:X}"),
        ('o', true) => format!("{int:#o}"),
        ('b', true) => format!("{int:#b}"),
        ('x', false) => format!("{int:x}"),
        ('X', false) => format!("{int:X}"),
        ('o', false) => format!("{int:o}"),
        _ => format!("{int:b}"),
    }
}

/// Writes a float that is not negative, as `%e`, `%f` or `%g`.
pub(super) fn float_text(float: f64, kind: char, precision: usize, keep_zeros: bool) -> String {
    let text = if !float.is_finite() {
        float_repr(float)
    } else {
        match kind.to_ascii_lowercase() {
            'e' => exponent_text(float, precision),
            'g' => general_text(float, precision.max(1), keep_zeros),
            _ => format!("{float:.precision$}"),
        }
    };
    if kind.is_ascii_uppercase() {
        text.to_uppercase()
    } else {
        text
    }
}

fn exponent_text(float: f64, precision: usize) -> String {
    let text = format!("{float:.precision$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

fn general_text(float: f64, precision: usize, keep_zeros: bool) -> String {
    let scientific = exponent_text(float, precision - 1);
    let exponent: i64 = scientific
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let n_digits = i64::try_from(precision).unwrap_or(i64::MAX);
    let trimmed = |text: &str| {
        if keep_zeros || !text.contains('.') {
            return text.to_owned();
        }
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    if exponent < -4 || exponent >= n_digits {
        let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "+00"));
        return format!("{}e{exponent}", trimmed(digits));
    }
    let after = usize::try_from(n_digits - 1 - exponent).unwrap_or(0);
    trimmed(&format!("{float:.after$}"))
}
