//! The pins of the blocks of the family `spreadsheet`.

graphloom::pins! {
    /// `spreadsheet.read`: Reads the rows of a sheet in an Excel workbook (.xlsx).
    pub mod read: Read = "spreadsheet.read" {
        in {
            /// The workbook (`.xlsx`) as a `data:` URI, at most 48 MiB.
            file: String,
            /// The name of the sheet; the first one, if it is not given.
            sheet: Option<String>,
            /// The first row names the columns; otherwise they are called by number, from `0`.
            header: bool,
        }
        out {
            /// The rows: the value of each cell by the name of its column, null for an empty one. Whole numbers are integers,
            /// dates are texts (`2024-03-01`, `2024-03-01 09:30:00`).
            rows: Vec<graphloom::value::Map>,
            /// The names of the columns, in order.
            columns: Vec<String>,
        }
    }
}

pub use self::read::Read;
