//! Rows and cells in a text: as Python's csv module reads them, or strictly, so that damage is told and not guessed away.

/// The characters with a meaning, and how forgiving the reader is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// Stands between two cells.
    pub(crate) delimiter: char,
    /// Stands around a cell; doubled inside it stands for itself.
    pub(crate) quote: char,
    /// Takes the meaning of the next character away.
    pub(crate) escape: Option<char>,
    /// Refuses quotes that are not closed or not around a whole cell, and more cells than this.
    pub(crate) strict: Option<usize>,
}

/// What stands between two delimiters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    /// It has quotes around it.
    pub(crate) quoted: bool,
}

/// The cells of one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
    /// Where it begins, from 1.
    pub(crate) line: usize,
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
pub(crate) fn rows(text: &str, dialect: Dialect) -> Result<Vec<Row>, String> {
    let mut reader = Reader::new(dialect);
    let mut state = State::Row;
    for c in text.chars() {
        state = reader.take(state, c)?;
        reader.line += usize::from(c == '\n');
    }
    if dialect.strict.is_some() && matches!(state, State::Quoted | State::Escaped(true)) {
        return Err(format!(
            "the quote that opens a cell in line {} is not closed",
            reader.opened
        ));
    }
    if !matches!(state, State::Row | State::Return) {
        reader.end_cell()?;
        reader.end_row();
    }
    Ok(reader.rows)
}

struct Reader {
    dialect: Dialect,
    rows: Vec<Row>,
    row: Row,
    cell: Cell,
    n_cells: usize,
    /// Where the reader is, and where the quoted cell that it is in began; from 1.
    line: usize,
    opened: usize,
}

impl Reader {
    fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            rows: Vec::new(),
            row: Row {
                cells: Vec::new(),
                line: 1,
            },
            cell: Cell::default(),
            n_cells: 0,
            line: 1,
            opened: 1,
        }
    }

    fn take(&mut self, state: State, c: char) -> Result<State, String> {
        let Dialect {
            delimiter,
            quote,
            escape,
            strict,
        } = self.dialect;
        if state == State::Return && c != '\n' && c != '\r' {
            return Err("a line ends in CR only: lines end in LF or CR LF".to_owned());
        }
        Ok(match state {
            State::Return if c == '\n' => State::Row,
            State::Return => State::Return,
            State::Escaped(quoted) => {
                self.cell.text.push(c);
                if quoted { State::Quoted } else { State::Inside }
            }
            State::Quoted if Some(c) == escape => State::Escaped(true),
            State::Quoted if c == quote => State::AfterQuote,
            State::Quoted => {
                self.cell.text.push(c);
                State::Quoted
            }
            State::AfterQuote if c == quote => {
                self.cell.text.push(c);
                State::Quoted
            }
            State::Row if c == '\n' || c == '\r' => {
                self.end_row();
                after_line(c)
            }
            _ if c == '\n' || c == '\r' => {
                self.end_cell()?;
                self.end_row();
                after_line(c)
            }
            _ if c == delimiter => {
                self.end_cell()?;
                State::Cell
            }
            State::Row | State::Cell if c == quote => {
                self.cell.quoted = true;
                self.opened = self.line;
                State::Quoted
            }
            State::AfterQuote if strict.is_some() => {
                return Err(format!(
                    "line {}: {c:?} follows the quote that closes a cell; a quote inside a cell is doubled",
                    self.line
                ));
            }
            State::Inside if c == quote && strict.is_some() => {
                return Err(format!(
                    "line {}: a quote stands inside a cell that has none around it",
                    self.line
                ));
            }
            State::AfterQuote => {
                self.cell.text.push(c);
                State::Inside
            }
            _ if Some(c) == escape => State::Escaped(false),
            _ => {
                self.cell.text.push(c);
                State::Inside
            }
        })
    }

    fn end_cell(&mut self) -> Result<(), String> {
        self.n_cells += 1;
        if let Some(max) = self.dialect.strict
            && self.n_cells > max
        {
            return Err(format!("there are more than {max} cells"));
        }
        self.row.cells.push(std::mem::take(&mut self.cell));
        Ok(())
    }

    fn end_row(&mut self) {
        let next = Row {
            cells: Vec::new(),
            line: self.line + 1,
        };
        self.rows.push(std::mem::replace(&mut self.row, next));
    }
}

fn after_line(c: char) -> State {
    if c == '\n' { State::Row } else { State::Return }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: Dialect = Dialect {
        delimiter: ',',
        quote: '"',
        escape: Some('\\'),
        strict: None,
    };

    fn texts(rows: Vec<Row>) -> Vec<Vec<String>> {
        let texts = |row: Row| row.cells.into_iter().map(|cell| cell.text).collect();
        rows.into_iter().map(texts).collect()
    }

    #[test]
    fn rows_are_pythons() {
        let check = |text: &str, expected: &[&[&str]]| {
            assert_eq!(texts(rows(text, PYTHON).unwrap()), expected, "{text:?}");
        };
        check("a,b\r\n1,2\r\n", &[&["a", "b"], &["1", "2"]]);
        check("\"a,b\nc\",d", &[&["a,b\nc", "d"]]);
        check("\"a \"\"b\"\" c\",\"2\"x", &[&["a \"b\" c", "2x"]]);
        check("a\\,b,\n\nc", &[&["a,b", ""], &[], &["c"]]);
        check("", &[]);
        assert!(rows("a\rb", PYTHON).is_err());
    }

    #[test]
    fn a_strict_reader_tells_damage_with_its_line() {
        let strict = Dialect {
            escape: None,
            strict: Some(4),
            ..PYTHON
        };
        let check = |text: &str, part: &str| {
            let error = rows(text, strict).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        };
        check("a\n\"b\nc", "line 2 is not closed");
        check("a\n\"b\"c", "line 2: 'c' follows");
        check("a\n\nb\"c\"", "line 3: a quote stands");
        check("1,2,3,4,5", "more than 4 cells");
        let lines: Vec<usize> = rows("a\r\n\"b\nc\"\r\n\r\nd", strict)
            .unwrap()
            .iter()
            .map(|row| row.line)
            .collect();
        assert_eq!(lines, [1, 2, 4, 5]);
    }
}
