//! The cells of a sheet in a workbook (`.xlsx`), read within bounds.

use std::io::{Cursor, Read as _, sink};

use calamine::{DataRef, Reader, Xlsx};

/// The parts of a workbook may have this many bytes together, unpacked: a file of some kilobytes can claim gigabytes.
const MAX_UNPACKED: u64 = 256 << 20;
/// A sheet may have this many cells that hold something.
const MAX_CELLS: usize = 1_000_000;
/// From its first to its last used row and column a sheet may have this many cells, empty ones included.
const MAX_AREA: usize = 5_000_000;

/// What a cell holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Cell {
    #[default]
    Empty,
    Bool(bool),
    Number(f64),
    Text(String),
    /// A date, `2024-03-01`, with the time of day behind a space if there is one; or a time alone.
    Time(String),
}

/// Returns the rows of a sheet, all of one length: the one called so, or the first.
pub(crate) fn sheet(bytes: &[u8], name: Option<&str>) -> Result<Vec<Vec<Cell>>, String> {
    unpacks(bytes)?;
    let bad = |error: calamine::XlsxError| format!("this is no workbook that can be read: {error}");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(bad)?;
    let names = book.sheet_names();
    let name = match name {
        None => names.first().ok_or("the workbook has no sheet")?.clone(),
        Some(name) if names.iter().any(|known| known == name) => name.to_owned(),
        Some(name) => {
            return Err(format!(
                "the workbook has no sheet \"{name}\"; it has {}",
                names.join(", ")
            ));
        }
    };
    let mut cells = book.worksheet_cells_reader(&name).map_err(bad)?;
    let mut found: Vec<((u32, u32), Cell)> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(bad)? {
        let value = read(cell.get_value());
        if value == Cell::Empty {
            continue;
        }
        if found.len() == MAX_CELLS {
            return Err(format!("the sheet has more than {MAX_CELLS} cells"));
        }
        found.push((cell.get_position(), value));
    }
    fill(found)
}

/// Unpacks every part into nothing, as far as is allowed: what a part says of its own size is not believed.
fn unpacks(bytes: &[u8]) -> Result<(), String> {
    let bad =
        |error: zip::result::ZipError| format!("this is no workbook that can be read: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(bad)?;
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(bad)?;
        let unpacked = std::io::copy(&mut part.take(left + 1), &mut sink())
            .map_err(|error| format!("this is no workbook that can be read: {error}"))?;
        left = left
            .checked_sub(unpacked)
            .ok_or_else(|| format!("the workbook has more than {MAX_UNPACKED} bytes unpacked"))?;
    }
    Ok(())
}

fn read(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(n) => Cell::Number(*n as f64),
        DataRef::Float(n) => Cell::Number(*n),
        DataRef::String(text) => text_cell(text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Bool(truth) => Cell::Bool(*truth),
        DataRef::DateTime(time) if time.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
            let clock = format!("{hour:02}:{minute:02}:{second:02}");
            Cell::Time(match (time.as_f64() < 1.0, clock.as_str()) {
                (true, _) => clock,
                (false, "00:00:00") => format!("{year:04}-{month:02}-{day:02}"),
                (false, _) => format!("{year:04}-{month:02}-{day:02} {clock}"),
            })
        }
        DataRef::DateTime(time) => Cell::Number(time.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Time(text.clone()),
        // A formula that came to nothing: `#DIV/0!` and the like.
        DataRef::Error(_) | DataRef::Empty => Cell::Empty,
    }
}

fn text_cell(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn fill(found: Vec<((u32, u32), Cell)>) -> Result<Vec<Vec<Cell>>, String> {
    let n = |of: fn(&(u32, u32)) -> u32| {
        let largest = found.iter().map(|(at, _)| of(at)).max();
        largest.map_or(0, |largest| largest as usize + 1)
    };
    let (n_rows, n_columns) = (n(|at| at.0), n(|at| at.1));
    if n_rows.saturating_mul(n_columns) > MAX_AREA {
        return Err(format!(
            "the sheet has {n_rows} rows of {n_columns} columns, and {MAX_AREA} cells may be there"
        ));
    }
    let mut rows = vec![vec![Cell::Empty; n_columns]; n_rows];
    for ((row, column), cell) in found {
        let place = rows
            .get_mut(row as usize)
            .and_then(|row| row.get_mut(column as usize));
        if let Some(place) = place {
            *place = cell;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_workbook_is_an_error() {
        for bytes in [&b""[..], b"PK\x03\x04", b"not a zip at all"] {
            let error = sheet(bytes, None).unwrap_err();
            assert!(error.contains("no workbook"), "{error}");
        }
    }

    #[test]
    fn far_cells_do_not_fill_memory() {
        let far = vec![((1_048_575, 16_383), Cell::Bool(true))];
        assert!(fill(far).unwrap_err().contains("1048576 rows"));
        let rows = fill(vec![((1, 1), Cell::Number(2.0))]).unwrap();
        assert_eq!(rows[1], [Cell::Empty, Cell::Number(2.0)]);
    }
}
