//! `spreadsheet.read`: the rows of a sheet in a workbook.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Resource, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sheet;
use super::workbook::Cell;
use crate::data_uri::File;

/// Reads a sheet of a workbook.
pub(super) struct Read;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The workbook (`.xlsx`) as a `data:` URI, at most 48 MiB.
    file: String,
    /// The name of the sheet; the first one, if it is not given.
    sheet: Option<String>,
    /// The first row names the columns; otherwise they are called by number, from `0`.
    #[serde(default = "yes")]
    header: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The rows: the value of each cell by the name of its column, null for an empty one. Whole numbers are integers,
    /// dates are texts (`2024-03-01`, `2024-03-01 09:30:00`).
    Rows(Vec<Map>),
    /// The names of the columns, in order.
    Columns(Vec<String>),
}

impl Block for Read {
    const INFO: BlockInfo = BlockInfo::new(
        "spreadsheet.read",
        1,
        "Reads the rows of a sheet in an Excel workbook (.xlsx).",
    )
    .details(
        "A column without a name is called by its number, and one whose name is there already has its number behind it. A \
         workbook may have 256 MiB unpacked, a sheet 1,000,000 cells with something in them.",
    )
    .category(Category::Data)
    .feature("spreadsheet")
    .resource(Resource::Cpu)
    .examples(&[Example::new(
        "no workbook",
        r#"{"file": "data:text/plain;base64,eA=="}"#,
        r#"[["error", "no workbook"]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let file = File::read(&input.file)?;
        let mut rows = sheet(&file.bytes, input.sheet.as_deref())
            .map_err(BlockError::input)?
            .into_iter();
        let width = rows.len().min(1) * rows.as_slice().first().map_or(0, Vec::len);
        let header = if input.header { rows.next() } else { None };
        let names = names(width, header.unwrap_or_default());
        let row = |row: Vec<Cell>| {
            let cells = names.iter().zip(row);
            cells
                .map(|(name, cell)| (name.as_str(), value(cell)))
                .collect()
        };
        let rows: Vec<Map> = rows.map(row).collect();
        out.emit(Output::Rows(rows)).await?;
        out.emit(Output::Columns(names)).await?;
        Ok(())
    }
}

/// Returns a name for each column, no two alike.
fn names(n: usize, header: Vec<Cell>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let header = header.into_iter().chain(std::iter::repeat(Cell::Empty));
    header
        .take(n)
        .enumerate()
        .map(|(column, cell)| {
            let name = match value(cell) {
                Value::Null => column.to_string(),
                Value::Text(text) => text.to_string(),
                other => other.to_string(),
            };
            let mut own = name.clone();
            while !seen.insert(own.clone()) {
                own = format!("{own}_{column}");
            }
            own
        })
        .collect()
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Bool(truth) => Value::Bool(truth),
        // Excel has floats only, and whole numbers are meant as such.
        Cell::Number(n) if n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0 => {
            Value::Int(n as i64)
        }
        Cell::Number(n) => Value::Float(n),
        Cell::Text(text) | Cell::Time(text) => Value::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_names_of_their_own() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let header = vec![text("a"), Cell::Empty, text("a"), Cell::Number(2.0)];
        assert_eq!(names(5, header), ["a", "1", "a_2", "2", "4"]);
    }
}
