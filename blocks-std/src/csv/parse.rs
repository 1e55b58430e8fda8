//! `csv.parse`: the rows of a table.

use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Category, Example, Resource, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::dialect::{characters, comma, quote};
use super::rows::{Cell, Dialect, Row, rows};
use super::scalar::scalar;

/// The largest text that is read, in bytes.
const MAX_BYTES: usize = 64 << 20;

/// The most cells that are read.
const MAX_CELLS: usize = 2_000_000;

/// Reads the rows of a table.
pub(super) struct Parse;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The table, a line a row; a cell in quotes may hold delimiters and line breaks.
    text: Text,
    /// The first row names the columns, and each other row becomes a map; otherwise each row becomes a list.
    #[serde(default = "yes")]
    header: bool,
    /// The character between two cells, for example `;` or a tab.
    #[serde(default = "comma")]
    delimiter: String,
    /// The character around a cell; doubled inside of a cell it stands for itself.
    #[serde(default = "quote")]
    quote: String,
    /// What cells become.
    #[serde(default)]
    cells: Cells,
    /// What to do where rows do not have equally many cells.
    #[serde(default)]
    ragged: Ragged,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Cells {
    /// Texts.
    #[default]
    Text,
    /// A cell without quotes becomes null if it is empty, a bool if it is `true` or `false`, and a number if it is
    /// written as in JSON and fits; other cells become texts.
    Typed,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Ragged {
    /// That is an error.
    #[default]
    Error,
    /// Short rows get empty cells.
    Fill,
    /// Short rows stay short.
    Keep,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The names of the columns, if there is a header.
    Columns(Vec<Text>),
    /// The rows, without the header: maps by column with a header, lists without.
    Rows(List),
}

impl Block for Parse {
    const INFO: BlockInfo = BlockInfo::new("csv.parse", 1, "Reads the rows of a table.")
        .details(
            "Strict: a quote that is not closed, or that stands inside a cell that has none around it, is an error, and \
             so are a row with more cells than the header and two columns of one name. Empty lines and a byte order \
             mark are passed over.",
        )
        .category(Category::Data)
        .resource(Resource::Cpu)
        .examples(&[
            Example::new(
                "with a header",
                r#"{"text": "name,note\nAda,\"a, b\"\n"}"#,
                r#"[["columns", ["name", "note"]], ["rows", [{"name": "Ada", "note": "a, b"}]]]"#,
            ),
            Example::new(
                "typed, without a header",
                r#"{"text": "1;x;\n2.5;true;\"3\"", "header": false, "delimiter": ";", "cells": "typed"}"#,
                r#"[["rows", [[1, "x", null], [2.5, true, "3"]]]]"#,
            ),
            Example::new(
                "short rows filled up",
                r#"{"text": "a,b\n1\n", "ragged": "fill"}"#,
                r#"[["columns", ["a", "b"]], ["rows", [{"a": "1", "b": ""}]]]"#,
            ),
            Example::new(
                "a row too short",
                r#"{"text": "a,b\n1\n"}"#,
                r#"[["error", "line 2 has 1 cells, 2 are expected"]]"#,
            ),
            Example::new(
                "a quote not closed",
                r#"{"text": "a\n\"b\n"}"#,
                r#"[["error", "line 2 is not closed"]]"#,
            ),
            Example::new(
                "two columns of one name",
                r#"{"text": "a,a\n"}"#,
                r#"[["error", "names two columns \"a\""]]"#,
            ),
            Example::new(
                "no such delimiter",
                r#"{"text": "a", "delimiter": "::"}"#,
                r#"[["error", "delimiter must be one character"]]"#,
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
        let (columns, rows) = parse(&input)?;
        if let Some(columns) = columns {
            out.emit(Output::Columns(columns)).await?;
        }
        out.emit(Output::Rows(rows)).await?;
        Ok(())
    }
}

fn parse(input: &Input) -> Result<(Option<Vec<Text>>, List), BlockError> {
    let text = input.text.strip_prefix('\u{feff}').unwrap_or(&input.text);
    if text.len() > MAX_BYTES {
        return Err(BlockError::input(format!(
            "the text has {} bytes; at most {MAX_BYTES} are read",
            text.len()
        )));
    }
    let (delimiter, quote) = characters(&input.delimiter, &input.quote)?;
    let dialect = Dialect {
        delimiter,
        quote,
        escape: None,
        strict: Some(MAX_CELLS),
    };
    let mut rows = rows(text, dialect).map_err(BlockError::input)?;
    rows.retain(|row| !row.cells.is_empty());
    let mut rows = rows.into_iter();
    if input.header {
        let columns = columns(rows.next().unwrap_or_default())?;
        let rows: Result<List, BlockError> = rows
            .map(|row| {
                let cells = cells(row, columns.len(), true, input)?;
                Ok(columns.iter().cloned().zip(cells).collect::<Map>())
            })
            .collect::<Result<Vec<_>, _>>()
            .map(|rows| rows.into_iter().map(Value::Map).collect());
        return Ok((Some(columns), rows?));
    }
    let rows: Vec<Row> = rows.collect();
    let lengths = rows.iter().map(|row| row.cells.len());
    let width = match input.ragged {
        Ragged::Fill => lengths.max(),
        _ => lengths.take(1).next(),
    };
    // One long row must not make all others long without measure.
    if input.ragged == Ragged::Fill && width.unwrap_or(0).saturating_mul(rows.len()) > MAX_CELLS {
        return Err(BlockError::input(format!(
            "filled up to the longest row there would be more than {MAX_CELLS} cells"
        )));
    }
    let rows: Result<Vec<Value>, BlockError> = rows
        .into_iter()
        .map(|row| Ok(Value::from(cells(row, width.unwrap_or(0), false, input)?)))
        .collect();
    Ok((None, List::from(rows?)))
}

fn columns(row: Row) -> Result<Vec<Text>, BlockError> {
    let mut seen = std::collections::HashSet::new();
    let columns: Vec<Text> = row
        .cells
        .into_iter()
        .map(|cell| Text::from(cell.text))
        .collect();
    match columns.iter().find(|name| !seen.insert((*name).clone())) {
        Some(twice) => Err(BlockError::input(format!(
            "the header names two columns {:?}: read the table without a header, or rename one",
            twice.as_str()
        ))),
        None => Ok(columns),
    }
}

fn cells(row: Row, width: usize, is_named: bool, input: &Input) -> Result<Vec<Value>, BlockError> {
    let found = row.cells.len();
    let fits = match input.ragged {
        Ragged::Error => found == width,
        Ragged::Fill | Ragged::Keep => found <= width || !is_named,
    };
    if !fits {
        return Err(BlockError::input(format!(
            "the row in line {} has {found} cells, {width} are expected",
            row.line
        )));
    }
    let mut cells: Vec<Value> = row
        .cells
        .into_iter()
        .map(|cell| value(cell, input.cells))
        .collect();
    if input.ragged == Ragged::Fill {
        cells.resize_with(width.max(found), || value(Cell::default(), input.cells));
    }
    Ok(cells)
}

fn value(cell: Cell, as_what: Cells) -> Value {
    let typed = (as_what == Cells::Typed && !cell.quoted)
        .then(|| scalar(&cell.text))
        .flatten();
    typed.unwrap_or_else(|| Value::from(cell.text))
}
