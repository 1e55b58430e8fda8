//! The texts of cells as AutoGPT has them: it reads a sheet as a table of typed columns and writes that as CSV.

use super::workbook::Cell;
use crate::python::repr;
use graphloom::Value;

/// What a column is, by what its cells below the header hold.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    /// Whole numbers only.
    Integers,
    /// Numbers, or numbers and nothing: they all become floats. So do yes and no beside nothing.
    Floats,
    /// Anything else: each cell by itself.
    Mixed,
}

/// Returns the text of each cell; the first row is the header.
pub(crate) fn texts(rows: &[Vec<Cell>]) -> Vec<Vec<String>> {
    let n_columns = rows.first().map_or(0, Vec::len);
    let columns: Vec<Column> = (0..n_columns).map(|column| kind(rows, column)).collect();
    let row = |(index, row): (usize, &Vec<Cell>)| {
        let cells = row.iter().zip(&columns).enumerate();
        cells
            .map(|(column, (cell, kind))| match (index, cell) {
                (0, Cell::Empty) => format!("Unnamed: {column}"),
                (0, cell) => text(cell, Column::Mixed),
                (_, cell) => text(cell, *kind),
            })
            .collect()
    };
    rows.iter().enumerate().map(row).collect()
}

fn kind(rows: &[Vec<Cell>], column: usize) -> Column {
    let cells = || rows.iter().skip(1).filter_map(|row| row.get(column));
    let has = |what: fn(&Cell) -> bool| cells().any(what);
    let (gaps, truths) = (
        has(|cell| *cell == Cell::Empty),
        has(|cell| matches!(cell, Cell::Bool(_))),
    );
    let numbers = has(|cell| matches!(cell, Cell::Number(_)));
    let others = has(|cell| matches!(cell, Cell::Text(_) | Cell::Time(_)));
    let fractions = has(|cell| matches!(cell, Cell::Number(n) if n.fract() != 0.0));
    if others || (truths && (numbers || !gaps)) {
        Column::Mixed
    } else if gaps || fractions {
        Column::Floats
    } else {
        Column::Integers
    }
}

fn text(cell: &Cell, column: Column) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Bool(truth) if column == Column::Floats => number(f64::from(u8::from(*truth)), true),
        Cell::Bool(true) => "True".to_owned(),
        Cell::Bool(false) => "False".to_owned(),
        Cell::Number(n) => number(*n, column == Column::Floats),
        Cell::Text(text) | Cell::Time(text) => text.clone(),
    }
}

fn number(n: f64, float: bool) -> String {
    if !float && n.fract() == 0.0 && n.abs() < 1e15 {
        return format!("{n:.0}");
    }
    repr(&Value::Float(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_one_type() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let header = |name: &str| text(name);
        let column = |cells: Vec<Cell>| {
            let rows = std::iter::once(header("h")).chain(cells);
            let rows: Vec<Vec<Cell>> = rows.map(|cell| vec![cell]).collect();
            texts(&rows).concat().split_off(1)
        };
        let number = Cell::Number;
        assert_eq!(column(vec![number(1.0), number(2.0)]), ["1", "2"]);
        assert_eq!(column(vec![number(1.0), number(2.5)]), ["1.0", "2.5"]);
        assert_eq!(column(vec![number(1.0), Cell::Empty]), ["1.0", ""]);
        assert_eq!(column(vec![Cell::Bool(true), Cell::Empty]), ["1.0", ""]);
        assert_eq!(column(vec![Cell::Bool(true), text("x")]), ["True", "x"]);
        assert_eq!(column(vec![number(3.0), text("x")]), ["3", "x"]);
        assert_eq!(texts(&[vec![Cell::Empty]]), [["Unnamed: 0"]]);
    }
}
