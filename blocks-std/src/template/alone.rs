//! Expressions that stand by themselves, over named values.

use std::rc::Rc;

use graphloom::value::Map;
use graphloom::{Text, Value};

use super::ast::Expr;
use super::exec::Machine;
use super::frame::{Frame, Place};
use super::item::Item;
use super::{Result, parser};

/// The longest expression, in bytes.
const MAX_SOURCE: usize = 64 << 10;

/// A parsed expression.
pub(crate) struct Expression(Expr);

impl Expression {
    /// Reads an expression, by the rules of templates.
    pub(crate) fn parse(source: &str) -> Result<Self> {
        if source.len() > MAX_SOURCE {
            return Err(format!("it is longer than {MAX_SOURCE} bytes"));
        }
        let parsed = parser::parse_expression(source).map(Self);
        parsed.map_err(|error| error.replace("the template", "the expression"))
    }
}

/// Named values, and what is left of the limits of what is evaluated with them.
pub(crate) struct Names {
    machine: Machine,
    frame: Rc<Frame>,
}

impl Names {
    pub(crate) fn new(values: &Map) -> Result<Self> {
        Ok(Self {
            machine: Machine::new(true),
            frame: Frame::of(values)?,
        })
    }

    /// Returns what an expression gives, with these names beside the others.
    pub(crate) fn eval(&mut self, expr: &Expression, more: &[(&str, &Value)]) -> Result<Value> {
        self.run(expr, more, |machine, item| machine.give(item))
    }

    /// Says whether what an expression gives counts as true: all but null, false, zero and what is empty.
    pub(crate) fn holds(&mut self, expr: &Expression, more: &[(&str, &Value)]) -> Result<bool> {
        self.run(expr, more, |_, item| Ok(item.is_truthy()))
    }

    fn run<T>(
        &mut self,
        expr: &Expression,
        more: &[(&str, &Value)],
        take: impl FnOnce(&mut Machine, &Item) -> Result<T>,
    ) -> Result<T> {
        let frame = Frame::inside(&self.frame);
        let place = Place {
            frame,
            escape: false,
        };
        for (name, value) in more {
            place
                .frame
                .set(Text::from(*name), Item::from_value(value, 0)?);
        }
        let item = self.machine.eval(&expr.0, &place);
        let taken = item.and_then(|item| take(&mut self.machine, &item));
        taken.map_err(|error| {
            let error = self.machine.placed(error);
            error.replace("the template", "the expression")
        })
    }
}
