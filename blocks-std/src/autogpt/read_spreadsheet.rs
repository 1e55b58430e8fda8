//! `autogpt.read_spreadsheet`: the rows of a table in a text.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::csv::rows::{Dialect, Row, rows};
use crate::data_uri::File;
use crate::python::is_space;

/// Reads the rows of a table in a text.
pub(super) struct ReadSpreadsheet;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The table as text, a line a row.
    contents: Option<String>,
    /// A file with it, as a `data:` URI; goes before the contents.
    file_input: Option<String>,
    /// The character between two cells.
    #[serde(default = "comma")]
    delimiter: String,
    /// The character around a cell that holds delimiters or line breaks.
    #[serde(default = "quote")]
    quotechar: String,
    /// The character that takes the meaning of the next one away.
    #[serde(default = "backslash")]
    escapechar: String,
    /// The first row names the columns; otherwise they are called `0`, `1`, …
    #[serde(default = "yes")]
    has_header: bool,
    /// How many rows after the header to pass over.
    #[serde(default)]
    skip_rows: i64,
    /// Takes white space away at both ends of a cell.
    #[serde(default = "yes")]
    strip: bool,
    /// Has no effect, as in AutoGPT.
    #[serde(default, rename = "skip_columns")]
    _skip_columns: Vec<String>,
    /// Emits each row by itself, not all in a list.
    #[serde(default)]
    produce_singular_result: bool,
}

fn comma() -> String {
    ",".to_owned()
}

fn quote() -> String {
    "\"".to_owned()
}

fn backslash() -> String {
    "\\".to_owned()
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// A row: the name of each column with the cell's text.
    Row(Map),
    /// All rows.
    Rows(Vec<Map>),
}

impl Block for ReadSpreadsheet {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.read_spreadsheet",
        1,
        "Reads the rows of a table: a text with commas or another delimiter, or an Excel workbook.",
    )
    .details("An empty line gives an empty row. An Excel workbook's first sheet is read.")
    .category(Category::Data)
    .autogpt(
        "acf7625e-d2cb-4941-bfeb-2819fc6fc015",
        "ReadSpreadsheetBlock",
    )
    .examples(&[
        Example::new(
            "two columns",
            r#"{"contents": "a,b\n1,\"2, 3\""}"#,
            r#"[["rows", [{"a": "1", "b": "2, 3"}]]]"#,
        ),
        Example::new(
            "row by row",
            r#"{"contents": "a\n1\n2", "produce_singular_result": true}"#,
            r#"[["row", {"a": "1"}], ["row", {"a": "2"}]]"#,
        ),
        Example::new(
            "nothing",
            r#"{"contents": ""}"#,
            r#"[["error", "contents or a file"]]"#,
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
        let rows = read(&input)?;
        if !input.produce_singular_result {
            out.emit(Output::Rows(rows)).await?;
            return Ok(());
        }
        for row in rows {
            out.emit(Output::Row(row)).await?;
        }
        Ok(())
    }
}

fn read(input: &Input) -> Result<Vec<Map>, BlockError> {
    let mut rows = lines(input)?.into_iter();
    let cell = |cell: String| {
        if input.strip {
            cell.trim_matches(is_space).to_owned()
        } else {
            cell
        }
    };
    let mut header: Option<Vec<String>> = None;
    if input.has_header {
        let first = rows.next().unwrap_or_default();
        header = Some(first.into_iter().map(cell).collect());
    }
    for _ in 0..usize::try_from(input.skip_rows).unwrap_or(0) {
        if rows.next().is_none() {
            return Err(BlockError::input(format!(
                "{} rows are to be passed over, and there are fewer",
                input.skip_rows
            )));
        }
    }
    rows.map(|row| {
        row.into_iter()
            .enumerate()
            .map(|(index, text)| {
                let name = match &header {
                    None => index.to_string(),
                    Some(names) => names.get(index).cloned().ok_or_else(|| {
                        BlockError::input(format!(
                            "a row has more cells than the {} that the header names",
                            names.len()
                        ))
                    })?,
                };
                Ok((name, Value::from(cell(text))))
            })
            .collect()
    })
    .collect()
}

/// Returns the cells of each line, the header's among them.
fn lines(input: &Input) -> Result<Vec<Vec<String>>, BlockError> {
    let text = match (&input.file_input, &input.contents) {
        (Some(reference), _) if !reference.is_empty() => {
            let file = File::read(reference)?;
            if file.media_type.contains("excel") || file.media_type.contains("spreadsheet") {
                return workbook(&file.bytes);
            }
            String::from_utf8(file.bytes)
                .map_err(|error| BlockError::input(format!("the file is no text: {error}")))?
        }
        (_, Some(contents)) if !contents.is_empty() => contents.clone(),
        _ => return Err(BlockError::input("give contents or a file")),
    };
    let dialect = Dialect {
        delimiter: one(&input.delimiter, "delimiter")?,
        quote: one(&input.quotechar, "quotechar")?,
        escape: Some(one(&input.escapechar, "escapechar")?),
        strict: None,
    };
    let rows = rows(&text, dialect).map_err(BlockError::input)?;
    let texts = |row: Row| row.cells.into_iter().map(|cell| cell.text).collect();
    Ok(rows.into_iter().map(texts).collect())
}

#[cfg(feature = "spreadsheet")]
fn workbook(bytes: &[u8]) -> Result<Vec<Vec<String>>, BlockError> {
    let rows = crate::spreadsheet::sheet(bytes, None).map_err(BlockError::input)?;
    Ok(crate::spreadsheet::texts(&rows))
}

#[cfg(not(feature = "spreadsheet"))]
fn workbook(_: &[u8]) -> Result<Vec<Vec<String>>, BlockError> {
    Err(BlockError::input(
        "this program was built without the feature \"spreadsheet\": save the table as CSV",
    ))
}

fn one(text: &str, name: &str) -> Result<char, BlockError> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        _ => Err(BlockError::input(format!("{name} must be one character"))),
    }
}
