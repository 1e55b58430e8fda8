//! The file: TOML.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{ConfigCode, ConfigFault};
use super::form::Given;
use super::source::{Said, Source};

/// How large the file may be.
const MAX_BYTES: u64 = 1 << 20;

/// Reads the file.
pub(super) fn read(path: &Path, said: &mut Vec<Said>, faults: &mut Vec<ConfigFault>) {
    let at = |line| Source::File {
        path: path.to_owned(),
        line,
    };
    let mut text = String::new();
    let all = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    let trouble = match all {
        Ok(_) if text.len() as u64 > MAX_BYTES => {
            Some(format!("it has more than {MAX_BYTES} bytes"))
        }
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    if let Some(trouble) = trouble {
        faults.push(ConfigFault::new(ConfigCode::File, "", at(1), trouble));
        return;
    }
    let reader = Reader {
        text: &text,
        at: &at,
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in errors {
        let source = reader.source(error.span());
        faults.push(ConfigFault::new(
            ConfigCode::File,
            "",
            source,
            error.message(),
        ));
    }
    reader.table("", table.get_ref(), said);
}

struct Reader<'a> {
    text: &'a str,
    at: &'a dyn Fn(usize) -> Source,
}

impl Reader<'_> {
    fn source(&self, span: Option<Range<usize>>) -> Source {
        let start = span.map_or(0, |span| span.start);
        let before = self.text.bytes().take(start);
        (self.at)(1 + before.filter(|b| *b == b'\n').count())
    }

    fn table(&self, prefix: &str, table: &DeTable<'_>, said: &mut Vec<Said>) {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            match value.get_ref() {
                DeValue::Table(inner) => self.table(&format!("{name}."), inner, said),
                other => said.push(Said {
                    name,
                    given: given(other),
                    source: self.source(Some(key.span())),
                }),
            }
        }
    }
}

fn given(value: &DeValue<'_>) -> Given {
    let other = Given::Other(value.type_str());
    match value {
        DeValue::String(text) => Given::Text(text.to_string()),
        DeValue::Boolean(truth) => Given::Truth(*truth),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(other, Given::Number)
        }
        DeValue::Array(items) => {
            let text = |item: &Spanned<DeValue<'_>>| item.get_ref().as_str().map(str::to_owned);
            let texts: Option<Vec<String>> = items.iter().map(text).collect();
            texts.map_or(Given::Other("list of other than texts"), Given::Texts)
        }
        _ => other,
    }
}
