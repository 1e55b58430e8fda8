//! `csv.write`: a table as text.

use std::collections::HashSet;

use graphloom::json::write_json;
use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Resource, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dialect::{characters, comma, quote};
use super::scalar::scalar;
use crate::plain::refuse;
use crate::text::size::Bounded;

/// The most cells that are written: an empty one may still be a key of every row.
const MAX_CELLS: usize = 10_000_000;

/// What a spreadsheet program takes for the begin of a formula, also in the wide forms of East Asian texts.
const FORMULA: [char; 8] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Writes a table as text.
pub(super) struct Write;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The rows: all of them maps by column, or all of them lists of cells.
    rows: List,
    /// The columns, in order. Without it, they are the keys of all rows in the order in which they come; with it, other
    /// keys are left out. Rows that are lists must have as many cells.
    columns: Option<Vec<Text>>,
    /// Writes the names of the columns as the first row, where there are names.
    #[serde(default = "yes")]
    header: bool,
    /// The character between two cells, for example `;` or a tab.
    #[serde(default = "comma")]
    delimiter: String,
    /// The character around a cell that needs it.
    #[serde(default = "quote")]
    quote: String,
    /// How lines end.
    #[serde(default)]
    line_end: LineEnd,
    /// Puts a `'` before texts that a spreadsheet program would run as a formula (those that begin with `=`, `+`, `-`,
    /// `@` and are no numbers). Use it for tables with texts of strangers that people open in such a program.
    #[serde(default)]
    guard_formulas: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum LineEnd {
    /// As on Unix.
    #[default]
    Lf,
    /// As RFC 4180 has it.
    Crlf,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The table.
    Text(String),
}

impl Block for Write {
    const INFO: BlockInfo = BlockInfo::new("csv.write", 1, "Writes a table as text, a line a row.")
        .details(
            "Null and what a row does not have are empty cells; a list or map is written as JSON. A text that would \
             read as something else (`12`, `true`, an empty one) gets quotes, so that `csv.parse` with typed cells \
             gives back what was written.",
        )
        .category(Category::Data)
        .resource(Resource::Cpu)
        .examples(&[
            Example::new(
                "maps",
                r#"{"rows": [{"a": 1, "b": "x, y"}, {"b": null, "c": true}]}"#,
                r#"[["text", "a,b,c\n1,\"x, y\",\n,,true\n"]]"#,
            ),
            Example::new(
                "lists, with names",
                r#"{"rows": [["1", 1], ["", 2.5]], "columns": ["t", "n"]}"#,
                r#"[["text", "t,n\n\"1\",1\n\"\",2.5\n"]]"#,
            ),
            Example::new(
                "no formulas",
                r#"{"rows": [["=1+1", "-5", -5]], "guard_formulas": true}"#,
                r#"[["text", "'=1+1,\"-5\",-5\n"]]"#,
            ),
            Example::new(
                "a row too long",
                r#"{"rows": [[1, 2]], "columns": ["a"]}"#,
                r#"[["error", "row 1 has 2 cells, there are 1 columns"]]"#,
            ),
            Example::new(
                "maps and lists",
                r#"{"rows": [{"a": 1}, [2]]}"#,
                r#"[["error", "row 2 is a list"]]"#,
            ),
            Example::new(
                "not a number",
                r#"{"rows": [[{"$float": "nan"}]]}"#,
                r#"[["error", "the number NaN"]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let text = write(&input)?;
        out.emit(Output::Text(text)).await?;
        Ok(())
    }
}

fn write(input: &Input) -> Result<String, BlockError> {
    let (delimiter, quote) = characters(&input.delimiter, &input.quote)?;
    let columns = columns(input)?;
    let width = columns.as_ref().map_or(1, Vec::len);
    if width.saturating_mul(input.rows.len()) > MAX_CELLS {
        return Err(BlockError::input(format!(
            "{} rows of {width} columns are more than {MAX_CELLS} cells",
            input.rows.len()
        )));
    }
    let mut writer = Writer {
        out: Bounded::default(),
        delimiter,
        quote,
        input,
    };
    if let Some(columns) = columns.as_ref().filter(|_| input.header) {
        let names: Vec<Value> = columns.iter().cloned().map(Value::Text).collect();
        writer.row(&mut names.iter())?;
    }
    const NULL: &Value = &Value::Null;
    for row in input.rows.iter() {
        match (row, &columns) {
            (Value::List(cells), _) => writer.row(&mut cells.iter())?,
            (Value::Map(map), Some(columns)) => {
                writer.row(&mut columns.iter().map(|name| map.get(name).unwrap_or(NULL)))?;
            }
            _ => {}
        }
    }
    Ok(writer.out.into_string())
}

/// Returns the names of the columns, if they have names, and refuses rows that do not go with them.
fn columns(input: &Input) -> Result<Option<Vec<Text>>, BlockError> {
    let bad = |n: usize, what: String| Err(BlockError::input(format!("row {} {what}", n + 1)));
    let is_list = input
        .rows
        .first()
        .is_some_and(|row| row.as_list().is_some());
    let mut names = input.columns.clone().unwrap_or_default();
    let mut seen: HashSet<Text> = HashSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert((*name).clone())) {
        return Err(BlockError::input(format!(
            "there are two columns {:?}",
            twice.as_str()
        )));
    }
    for (n, row) in input.rows.iter().enumerate() {
        match row {
            Value::Map(_) if is_list => return bad(n, "is a map, and the first is a list".into()),
            Value::List(_) if !is_list => {
                return bad(n, "is a list, and the first is a map".into());
            }
            Value::List(cells) if cells.is_empty() => return bad(n, "has no cells".into()),
            Value::List(cells) => {
                if let Some(columns) = &input.columns
                    && columns.len() != cells.len()
                {
                    let (found, n_columns) = (cells.len(), columns.len());
                    return bad(
                        n,
                        format!("has {found} cells, there are {n_columns} columns"),
                    );
                }
            }
            Value::Map(map) if input.columns.is_none() => {
                names.extend(
                    map.keys()
                        .filter(|key| seen.insert((*key).clone()))
                        .cloned(),
                );
            }
            Value::Map(_) => {}
            other => {
                let ty = other.type_name();
                return bad(n, format!("is of type {ty}: give maps or lists"));
            }
        }
    }
    match (input.columns.is_some() || !is_list, names.is_empty()) {
        (false, _) => Ok(None),
        (true, true) if !input.rows.is_empty() => {
            Err(BlockError::input("the rows have no columns"))
        }
        (true, _) => Ok(Some(names)),
    }
}

struct Writer<'i> {
    out: Bounded,
    delimiter: char,
    quote: char,
    input: &'i Input,
}

impl Writer<'_> {
    fn row(&mut self, cells: &mut dyn Iterator<Item = &Value>) -> Result<(), BlockError> {
        let mut n = 0;
        let mut is_empty = true;
        for cell in cells {
            if n > 0 {
                self.out.push(self.delimiter)?;
            }
            n += 1;
            is_empty = cell.is_null();
            self.cell(cell)?;
        }
        if n == 1 && is_empty {
            // A line with nothing in it is no row.
            self.out.push(self.quote)?;
            self.out.push(self.quote)?;
        }
        match self.input.line_end {
            LineEnd::Lf => self.out.push('\n'),
            LineEnd::Crlf => self.out.push_str("\r\n"),
        }
    }

    fn cell(&mut self, value: &Value) -> Result<(), BlockError> {
        let text = match value {
            Value::Null => return Ok(()),
            Value::Text(text) => return self.text(text),
            Value::Bool(_) | Value::Int(_) | Value::Uint(_) => value.to_string(),
            other => {
                refuse(other, |value| match value {
                    Value::Float(float) => !float.is_finite(),
                    other => matches!(other, Value::Blob(_) | Value::Sealed(_)),
                })?;
                let mut json = Bounded::default();
                let written = write_json(&mut json, other);
                json.finish(written)?
            }
        };
        self.quoted_if_needed(&text, false)
    }

    fn text(&mut self, text: &str) -> Result<(), BlockError> {
        let looks_like_more = scalar(text).is_some();
        let is_formula =
            self.input.guard_formulas && !looks_like_more && text.trim_start().starts_with(FORMULA);
        if is_formula {
            return self.quoted_if_needed(&format!("'{text}"), false);
        }
        self.quoted_if_needed(text, looks_like_more)
    }

    fn quoted_if_needed(&mut self, text: &str, needed: bool) -> Result<(), BlockError> {
        let needed = needed
            || text.contains([self.delimiter, self.quote, '\n', '\r'])
            || text.starts_with(char::is_whitespace)
            || text.ends_with(char::is_whitespace)
            // What a table begins with would be taken for a byte order mark.
            || text.starts_with('\u{feff}');
        if !needed {
            return self.out.push_str(text);
        }
        self.out.push(self.quote)?;
        for (n, part) in text.split(self.quote).enumerate() {
            if n > 0 {
                self.out.push(self.quote)?;
                self.out.push(self.quote)?;
            }
            self.out.push_str(part)?;
        }
        self.out.push(self.quote)
    }
}
