//! Python's `str.format`.

use graphloom::Text;

use super::call::Args;
use super::item::Item;
use super::operators::Number;
use super::printf::{bounded, float_text, radix, truncated};
use super::{Result, lookup};

/// Returns `pattern.format(…)`.
pub(super) fn format(pattern: &str, args: &Args) -> Result<String> {
    let mut out = String::new();
    let mut rest = pattern;
    let mut automatic = 0;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        out.push_str(before);
        if let Some(tail) = brace
            .strip_prefix("{{")
            .or_else(|| brace.strip_prefix("}}"))
        {
            out.push_str(brace.get(..1).unwrap_or(""));
            rest = tail;
            continue;
        }
        let Some(field) = brace.strip_prefix('{') else {
            return Err("Single '}' encountered in format string".to_owned());
        };
        let Some((field, tail)) = field.split_once('}') else {
            return Err("expected '}' before end of string".to_owned());
        };
        rest = tail;
        let (field, spec) = field.split_once(':').unwrap_or((field, ""));
        let (name, conversion) = match field.split_once('!') {
            Some((name, conversion)) => (name, conversion),
            None => (field, ""),
        };
        let value = value(name, args, &mut automatic)?;
        let value = match conversion {
            "" => value,
            "s" => Item::Text(value.to_text()),
            "r" | "a" => Item::text(value.repr()),
            other => return Err(format!("Unknown conversion specifier {other}")),
        };
        out.push_str(&formatted(&value, spec)?);
        if out.len() > super::MAX_BYTES {
            return Err("the formatted text is too large".to_owned());
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn value(name: &str, args: &Args, automatic: &mut usize) -> Result<Item> {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut path) = name.split_at(end);
    let found = if first.is_empty() {
        *automatic += 1;
        args.positional.get(*automatic - 1)
    } else if let Ok(index) = first.parse::<usize>() {
        args.positional.get(index)
    } else {
        args.named
            .iter()
            .find(|(other, _)| other.as_str() == first)
            .map(|(_, item)| item)
    };
    let Some(mut item) = found.cloned() else {
        return Err(format!("there is nothing for the field {{{name}}}"));
    };
    while !path.is_empty() {
        if let Some(tail) = path.strip_prefix('[') {
            let Some((key, tail)) = tail.split_once(']') else {
                return Err("Missing ']' in format string".to_owned());
            };
            let key = key.parse().map_or_else(|_| Item::text(key), Item::Int);
            item = lookup::subscript(&item, &key)?;
            path = tail;
        } else {
            let tail = path.get(1..).unwrap_or("");
            let end = tail.find(['.', '[']).unwrap_or(tail.len());
            let (attribute, tail) = tail.split_at(end);
            item = lookup::attribute(&item, &Text::from(attribute))?;
            path = tail;
        }
        if let Item::Undefined(message) = &item {
            return Err(message.to_string());
        }
    }
    Ok(item)
}

/// How a value is written: `[[fill]align][sign][#][0][width][grouping][.precision][type]`.
#[derive(Debug, Default)]
struct Spec {
    fill: char,
    align: Option<char>,
    sign: char,
    alternate: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

fn spec(text: &str) -> Result<Spec> {
    let mut spec = Spec {
        fill: ' ',
        sign: '-',
        ..Spec::default()
    };
    let mut rest: &[char] = &text.chars().collect::<Vec<_>>();
    let is_align = |c: &char| "<>=^".contains(*c);
    if let [fill, align, tail @ ..] = rest
        && is_align(align)
    {
        (spec.fill, spec.align, rest) = (*fill, Some(*align), tail);
    } else if let [align, tail @ ..] = rest
        && is_align(align)
    {
        (spec.align, rest) = (Some(*align), tail);
    }
    if let [sign @ ('+' | '-' | ' '), tail @ ..] = rest {
        (spec.sign, rest) = (*sign, tail);
    }
    if let ['#', tail @ ..] = rest {
        (spec.alternate, rest) = (true, tail);
    }
    if let ['0', tail @ ..] = rest {
        rest = tail;
        if spec.align.is_none() {
            (spec.fill, spec.align) = ('0', Some('='));
        }
    }
    let (width, tail) = number(rest)?;
    (spec.width, rest) = (width.unwrap_or(0), tail);
    if let [grouping @ (',' | '_'), tail @ ..] = rest {
        (spec.grouping, rest) = (Some(*grouping), tail);
    }
    if let ['.', tail @ ..] = rest {
        let (precision, tail) = number(tail)?;
        let Some(precision) = precision else {
            return Err("Format specifier missing precision".to_owned());
        };
        (spec.precision, rest) = (Some(precision), tail);
    }
    match rest {
        [] => {}
        [kind] => spec.kind = Some(*kind),
        _ => return Err("Invalid format specifier".to_owned()),
    }
    Ok(spec)
}

fn number(text: &[char]) -> Result<(Option<usize>, &[char])> {
    let n = text.iter().take_while(|c| c.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(n);
    if digits.is_empty() {
        return Ok((None, rest));
    }
    let digits: String = digits.iter().collect();
    Ok((Some(bounded(digits.parse().ok())?), rest))
}

fn formatted(item: &Item, text: &str) -> Result<String> {
    if text.is_empty() {
        return Ok(item.to_text().to_string());
    }
    let spec = spec(text)?;
    let unknown = |kind: char| {
        format!(
            "Unknown format code '{kind}' for object of type '{}'",
            item.type_name()
        )
    };
    let number = match (item, Number::of(item)) {
        (Item::Bool(_), _) if spec.kind.is_none() => None,
        (_, number) => number,
    };
    let Some(number) = number else {
        return match (spec.kind, item.as_text()) {
            (None | Some('s'), _) if item.as_text().is_some() || matches!(item, Item::Bool(_)) => {
                let limit = spec.precision.unwrap_or(usize::MAX);
                let text: String = item.to_text().chars().take(limit).collect();
                Ok(padded("", &text, &spec, '<'))
            }
            (Some(kind), Some(_)) => Err(unknown(kind)),
            _ => Err(format!(
                "unsupported format string passed to {}",
                item.type_name()
            )),
        };
    };
    let negative = match number {
        Number::Int(int) => int < 0,
        Number::Float(float) => float.is_sign_negative() && !float.is_nan(),
    };
    let float = || number.float().abs();
    let mut digits = match (spec.kind, number) {
        (None | Some('d' | 'n'), Number::Int(int)) => int.unsigned_abs().to_string(),
        (Some(kind @ ('x' | 'X' | 'o' | 'b')), Number::Int(int)) => {
            radix(int.unsigned_abs(), kind, spec.alternate)
        }
        (Some('c'), Number::Int(int)) => u32::try_from(int)
            .ok()
            .and_then(char::from_u32)
            .map(String::from)
            .unwrap_or_default(),
        (Some('%'), _) => {
            format!(
                "{}%",
                float_text(float() * 100.0, 'f', spec.precision.unwrap_or(6), false)
            )
        }
        (Some(kind @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G')), _) => {
            float_text(float(), kind, spec.precision.unwrap_or(6), spec.alternate)
        }
        (None | Some('n'), Number::Float(_)) => match spec.precision {
            Some(precision) => float_text(float(), 'g', precision, false),
            None => crate::python::float_repr(float()),
        },
        (Some(kind), _) => return Err(unknown(kind)),
    };
    if let Some(separator) = spec.grouping {
        truncated(number)?;
        digits = grouped(&digits, separator);
    }
    let sign = match (negative, spec.sign) {
        (true, _) => "-",
        (_, '+') => "+",
        (_, ' ') => " ",
        _ => "",
    };
    Ok(padded(sign, &digits, &spec, '>'))
}

fn grouped(digits: &str, separator: char) -> String {
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut out = String::new();
    for (index, c) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(separator);
        }
        out.push(c);
    }
    out.push_str(rest);
    out
}

fn padded(sign: &str, text: &str, spec: &Spec, default: char) -> String {
    let missing = spec.width.saturating_sub(sign.len() + text.chars().count());
    let fill = |n: usize| -> String { std::iter::repeat_n(spec.fill, n).collect() };
    match spec.align.unwrap_or(default) {
        '<' => format!("{sign}{text}{}", fill(missing)),
        '^' => format!(
            "{}{sign}{text}{}",
            fill(missing / 2),
            fill(missing - missing / 2)
        ),
        '=' => format!("{sign}{}{text}", fill(missing)),
        _ => format!("{}{sign}{text}", fill(missing)),
    }
}
