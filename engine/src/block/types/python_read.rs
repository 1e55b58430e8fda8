//! JSON text as Python reads it, for lenient coercion: `NaN` and `Infinity` are numbers, a number too large is an
//! infinity, of equal keys the last one counts. Documents are read by [`crate::json`], which takes none of that.

use crate::value::{Map, Value};

/// Text nested deeper than this is no JSON; it bounds the recursion.
const MAX_DEPTH: u32 = 128;

/// Reads a JSON text, or returns `None` if it is none.
pub(super) fn read_json(text: &str) -> Option<Value> {
    let mut reader = Reader {
        rest: text,
        depth: 0,
    };
    let value = reader.value()?;
    reader.skip_space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes a word off the front.
    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Option<Value> {
        const WORDS: [(&str, Value); 6] = [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ];
        self.skip_space();
        if self.take("\"") {
            return self.text().map(Value::from);
        }
        if self.take("[") {
            return self.nested(Self::list);
        }
        if self.take("{") {
            return self.nested(Self::map);
        }
        match WORDS.into_iter().find(|(word, _)| self.take(word)) {
            Some((_, value)) => Some(value),
            None => self.number(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Value>) -> Option<Value> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn list(&mut self) -> Option<Value> {
        let mut items = Vec::new();
        self.skip_space();
        if self.take("]") {
            return Some(Value::from(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            if self.take("]") {
                return Some(Value::from(items));
            }
            self.take(",").then_some(())?;
        }
    }

    fn map(&mut self) -> Option<Value> {
        let mut map = Map::new();
        self.skip_space();
        if self.take("}") {
            return Some(Value::Map(map));
        }
        loop {
            self.skip_space();
            self.take("\"").then_some(())?;
            let key = self.text()?;
            self.skip_space();
            self.take(":").then_some(())?;
            let value = self.value()?;
            map.insert(key, value);
            self.skip_space();
            if self.take("}") {
                return Some(Value::Map(map));
            }
            self.take(",").then_some(())?;
        }
    }

    /// Reads a text after its opening quote.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            let end = self
                .rest
                .find(|c| matches!(c, '"' | '\\' | '\0'..='\x1f'))?;
            let (plain, rest) = self.rest.split_at_checked(end)?;
            text.push_str(plain);
            self.rest = rest;
            if self.take("\"") {
                return Some(text);
            }
            // A bare control character ends here.
            self.take("\\").then_some(())?;
            text.push(self.escape()?);
        }
    }

    /// Reads an escape after its backslash.
    fn escape(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(match c {
            '"' | '\\' | '/' => c,
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.unit()?;
                let rest = self.rest;
                if (0xD800..0xDC00).contains(&unit)
                    && self.take("\\u")
                    && let Some(low @ 0xDC00..0xE000) = self.unit()
                {
                    char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))?
                } else {
                    self.rest = rest;
                    // Half of a pair alone is text to Python, and to nobody else.
                    char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        let digits =
            Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    }

    fn digits(&mut self) -> &'a str {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = self.rest.strip_suffix(rest).unwrap_or_default();
        self.rest = rest;
        digits
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.rest;
        self.take("-");
        let whole = self.digits();
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return None;
        }
        let mut integer = true;
        // What does not go on as a number is left over, and refused as such by whoever comes next.
        let before = self.rest;
        if self.take(".") {
            if self.digits().is_empty() {
                self.rest = before;
            } else {
                integer = false;
            }
        }
        let before = self.rest;
        if self.take("e") || self.take("E") {
            if !self.take("-") {
                self.take("+");
            }
            if self.digits().is_empty() {
                self.rest = before;
            } else {
                integer = false;
            }
        }
        let number = start.strip_suffix(self.rest)?;
        if integer {
            let signed = number.parse().map(Value::Int).ok();
            if let Some(value) = signed.or_else(|| number.parse::<u64>().map(Value::from).ok()) {
                return Some(value);
            }
        }
        number.parse().map(Value::Float).ok()
    }
}
