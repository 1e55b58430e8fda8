//! The pins of the blocks of the family `csv`.

use graphloom::Value;

graphloom::pins! {
    /// `csv.parse`: Reads the rows of a table.
    pub mod parse: Parse = "csv.parse" {
        in {
            /// The table, a line a row; a cell in quotes may hold delimiters and line breaks.
            text: String,
            /// The first row names the columns, and each other row becomes a map; otherwise each row becomes a list.
            header: bool,
            /// The character between two cells, for example `;` or a tab.
            delimiter: String,
            /// The character around a cell; doubled inside of a cell it stands for itself.
            quote: String,
            /// What cells become.
            cells: String,
            /// What to do where rows do not have equally many cells.
            ragged: String,
        }
        out {
            /// The names of the columns, if there is a header.
            columns: Vec<String>,
            /// The rows, without the header: maps by column with a header, lists without.
            rows: Vec<Value>,
        }
    }

    /// `csv.write`: Writes a table as text, a line a row.
    pub mod write: Write = "csv.write" {
        in {
            /// The rows: all of them maps by column, or all of them lists of cells.
            rows: Vec<Value>,
            /// The columns, in order. Without it, they are the keys of all rows in the order in which they come; with it, other
            /// keys are left out. Rows that are lists must have as many cells.
            columns: Option<Vec<String>>,
            /// Writes the names of the columns as the first row, where there are names.
            header: bool,
            /// The character between two cells, for example `;` or a tab.
            delimiter: String,
            /// The character around a cell that needs it.
            quote: String,
            /// How lines end.
            line_end: String,
            /// Puts a `'` before texts that a spreadsheet program would run as a formula (those that begin with `=`, `+`, `-`,
            /// `@` and are no numbers). Use it for tables with texts of strangers that people open in such a program.
            guard_formulas: bool,
        }
        out {
            /// The table.
            text: String,
        }
    }
}

pub use self::parse::Parse;
pub use self::write::Write;
