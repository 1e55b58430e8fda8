//! Rows and cells in a text, as Python's csv module reads them.

/// The characters with a meaning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// Stands between two cells.
    pub(super) delimiter: char,
    /// Stands around a cell; doubled inside it stands for itself.
    pub(super) quote: char,
    /// Takes the meaning of the next character away.
    pub(super) escape: char,
}

/// Where the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a row.
    Row,
    /// At the start of a cell.
    Cell,
    /// In a cell.
    Inside,
    /// In a quoted cell.
    Quoted,
    /// After a quote in a quoted cell: its end, or the first of two.
    AfterQuote,
    /// After an escape; in a quoted cell or not.
    Escaped(bool),
    /// After a carriage return.
    Return,
}

/// Reads all rows; an empty line is a row without cells.
pub(super) fn rows(text: &str, dialect: Dialect) -> Result<Vec<Vec<String>>, String> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut cell = String::new();
    let mut state = State::Row;
    for c in text.chars() {
        if state == State::Return && c != '\n' && c != '\r' {
            return Err("a line ends in CR only: lines end in LF or CR LF".to_owned());
        }
        state = match state {
            State::Return if c == '\n' => State::Row,
            State::Return => State::Return,
            State::Escaped(quoted) => {
                cell.push(c);
                if quoted { State::Quoted } else { State::Inside }
            }
            State::Quoted if c == dialect.escape => State::Escaped(true),
            State::Quoted if c == dialect.quote => State::AfterQuote,
            State::Quoted => {
                cell.push(c);
                State::Quoted
            }
            State::AfterQuote if c == dialect.quote => {
                cell.push(c);
                State::Quoted
            }
            State::Row if c == '\n' || c == '\r' => {
                rows.push(Vec::new());
                after_line(c)
            }
            _ if c == '\n' || c == '\r' => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
                after_line(c)
            }
            _ if c == dialect.delimiter => {
                row.push(std::mem::take(&mut cell));
                State::Cell
            }
            State::Row | State::Cell if c == dialect.quote => State::Quoted,
            State::AfterQuote => {
                cell.push(c);
                State::Inside
            }
            _ if c == dialect.escape => State::Escaped(false),
            _ => {
                cell.push(c);
                State::Inside
            }
        };
    }
    if !matches!(state, State::Row | State::Return) {
        row.push(cell);
        rows.push(row);
    }
    Ok(rows)
}

fn after_line(c: char) -> State {
    if c == '\n' { State::Row } else { State::Return }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_pythons() {
        let dialect = Dialect {
            delimiter: ',',
            quote: '"',
            escape: '\\',
        };
        let check = |text: &str, expected: &[&[&str]]| {
            assert_eq!(rows(text, dialect).unwrap(), expected, "{text:?}");
        };
        check("a,b\r\n1,2\r\n", &[&["a", "b"], &["1", "2"]]);
        check("\"a,b\nc\",d", &[&["a,b\nc", "d"]]);
        check("\"a \"\"b\"\" c\",\"2\"x", &[&["a \"b\" c", "2x"]]);
        check("a\\,b,\n\nc", &[&["a,b", ""], &[], &["c"]]);
        check("", &[]);
        assert!(rows("a\rb", dialect).is_err());
    }
}
