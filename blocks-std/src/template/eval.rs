//! Expressions at work.

use graphloom::Text;
use graphloom::fault::nearest;

use super::Result;
use super::ast::{Arguments, Constant, Expr, Filter, Unary};
use super::call::Args;
use super::dict::Dict;
use super::escape::concat;
use super::exec::Machine;
use super::frame::Place;
use super::item::{Item, Made, Printed};
use super::items::Items;
use super::{filters, lookup, operators, tests};

/// What a condition without an `else` gives where it is false.
pub(super) const NO_ELSE: &str = "the condition was false, and there is no else";

impl Machine {
    /// Returns the value of an expression.
    pub(super) fn eval(&mut self, expr: &Expr, place: &Place) -> Result<Item> {
        let may_lack = std::mem::take(&mut self.may_lack);
        self.step(1)?;
        let evaluated = self.deeper(|machine| machine.expr(expr, place));
        let failed = match evaluated {
            Ok(Item::Undefined(message)) if self.lacks(&message) && !may_lack => {
                self.missing(expr, &message, place)
            }
            Ok(item) => return Ok(item),
            Err(error) => error,
        };
        // What failed first is the innermost.
        self.failed = self.failed.or(expr.spot());
        Err(failed)
    }

    /// Returns the value of an expression that may name nothing.
    fn eval_or_lack(&mut self, expr: &Expr, place: &Place) -> Result<Item> {
        self.may_lack = true;
        self.eval(expr, place)
    }

    /// Whether what is not defined is an error; the missing `else` of a condition is not.
    fn lacks(&self, message: &str) -> bool {
        self.strict && message != NO_ELSE
    }

    /// Returns a message about a name that is not there, with those that are near.
    fn missing(&mut self, expr: &Expr, message: &str, place: &Place) -> String {
        let (name, known) = match expr {
            Expr::Name(name, _) => (name.clone(), place.frame.names()),
            Expr::Attribute(value, name, _) => match self.eval(value, place) {
                Ok(Item::Dict(dict)) => {
                    let dict = dict.borrow();
                    let keys = dict.keys().filter_map(Item::as_text).cloned();
                    (name.clone(), keys.collect())
                }
                _ => return message.to_owned(),
            },
            _ => return message.to_owned(),
        };
        match nearest(&name, known.iter().map(Text::as_str)).first() {
            Some(near) => format!("{message}: did you mean '{near}'?"),
            None => message.to_owned(),
        }
    }

    fn expr(&mut self, expr: &Expr, place: &Place) -> Result<Item> {
        match expr {
            Expr::Constant(constant) => Ok(match constant {
                Constant::None => Item::None,
                Constant::Bool(truth) => Item::Bool(*truth),
                Constant::Int(int) => Item::Int(*int),
                Constant::Float(float) => Item::Float(*float),
                Constant::Text(text) => Item::Text(text.clone()),
            }),
            Expr::Name(name, _) => Ok(match name.as_str() {
                "self" if !self.strict => reference(),
                _ => match place.frame.get(name) {
                    Some(item) => item,
                    None if name.as_str() == "range" => Item::Range,
                    None => Item::undefined(name),
                },
            }),
            Expr::List(items) => Ok(Item::list(self.eval_all(items, place)?)),
            Expr::Tuple(items) => Ok(Item::tuple(self.eval_all(items, place)?)),
            Expr::Dict(entries) => self.eval_dict(entries, place),
            Expr::Unary(unary, inner) => {
                let item = self.eval(inner, place)?;
                match unary {
                    Unary::Not => Ok(Item::Bool(!item.is_truthy())),
                    Unary::Minus => operators::minus(&item),
                    Unary::Plus => operators::plus(&item),
                }
            }
            Expr::Binary(binary, left, right, _) => {
                let (left, right) = (self.eval(left, place)?, self.eval(right, place)?);
                let item = operators::binary(self, *binary, &left, &right)?;
                self.made(item)
            }
            Expr::And(left, right) => {
                let left = self.eval(left, place)?;
                if left.is_truthy() {
                    self.eval(right, place)
                } else {
                    Ok(left)
                }
            }
            Expr::Or(left, right) => {
                let left = self.eval(left, place)?;
                if left.is_truthy() {
                    Ok(left)
                } else {
                    self.eval(right, place)
                }
            }
            Expr::Compare(first, rest, _) => self.eval_compare(first, rest, place),
            Expr::Concat(parts) => {
                let items = self.eval_all(parts, place)?;
                self.made(concat(&items, &Item::text(""), place.escape))
            }
            Expr::Conditional {
                test,
                value,
                otherwise,
            } => {
                if self.eval(test, place)?.is_truthy() {
                    return self.eval(value, place);
                }
                match otherwise {
                    Some(otherwise) => self.eval(otherwise, place),
                    None => Ok(Item::Undefined(Text::from(NO_ELSE))),
                }
            }
            Expr::Attribute(value, name, _) => {
                let item = self.eval(value, place)?;
                lookup::attribute(&item, name)
            }
            Expr::Item(value, key, _) => {
                let (item, key) = (self.eval(value, place)?, self.eval(key, place)?);
                lookup::subscript(&item, &key)
            }
            Expr::Slice(value, parts) => self.eval_slice(value, parts, place),
            Expr::Call(..) => self.eval_call(expr, place, None),
            Expr::Filter(value, filter) => self.eval_filter(value, filter, place),
            Expr::Test {
                value,
                name,
                arguments,
                negated,
                ..
            } => {
                let item = match name.as_str() {
                    "defined" | "undefined" => self.eval_or_lack(value, place)?,
                    _ => self.eval(value, place)?,
                };
                let args = self.args(arguments, place)?;
                Ok(Item::Bool(
                    tests::holds(name, &item, &args.positional)? != *negated,
                ))
            }
        }
    }

    fn eval_all(&mut self, exprs: &[Expr], place: &Place) -> Result<Vec<Item>> {
        exprs.iter().map(|expr| self.eval(expr, place)).collect()
    }

    fn eval_dict(&mut self, entries: &[(Expr, Expr)], place: &Place) -> Result<Item> {
        let mut dict = Dict::default();
        for (key, value) in entries {
            let (key, value) = (self.eval(key, place)?, self.eval(value, place)?);
            dict.insert(key, value)?;
        }
        Ok(Item::dict(dict))
    }

    fn eval_compare(
        &mut self,
        first: &Expr,
        rest: &[(super::ast::Comparison, Expr)],
        place: &Place,
    ) -> Result<Item> {
        let mut left = self.eval(first, place)?;
        for (comparison, right) in rest {
            let right = self.eval(right, place)?;
            self.step(left.size().min(right.size()))?;
            if !operators::compares(*comparison, &left, &right)? {
                return Ok(Item::Bool(false));
            }
            left = right;
        }
        Ok(Item::Bool(true))
    }

    fn eval_slice(
        &mut self,
        value: &Expr,
        parts: &[Option<Expr>; 3],
        place: &Place,
    ) -> Result<Item> {
        let item = self.eval(value, place)?;
        let mut bounds = [None; 3];
        for (bound, part) in bounds.iter_mut().zip(parts) {
            let Some(part) = part else { continue };
            *bound = match self.eval(part, place)? {
                Item::Int(int) => Some(int),
                Item::Bool(truth) => Some(i128::from(truth)),
                Item::None => None,
                other => {
                    return Err(format!(
                        "slice indices must be integers or None, not {}",
                        other.type_name()
                    ));
                }
            };
        }
        let item = lookup::slice(&item, bounds)?;
        self.made(item)
    }

    fn eval_filter(&mut self, value: &Expr, filter: &Filter, place: &Place) -> Result<Item> {
        let item = match filter.name.as_str() {
            "default" | "d" => self.eval_or_lack(value, place)?,
            _ => self.eval(value, place)?,
        };
        let args = self.args(&filter.arguments, place)?;
        let made = filters::apply(self, &filter.name, &item, &args, place)?;
        match made.lacking() {
            Some(message) if self.lacks(&message) => Err(message.to_string()),
            _ => Ok(made),
        }
    }

    /// Calls what a call expression says; `caller` is the body of a call block.
    pub(super) fn eval_call(
        &mut self,
        expr: &Expr,
        place: &Place,
        caller: Option<Item>,
    ) -> Result<Item> {
        let Expr::Call(callee, arguments, _) = expr else {
            return self.eval(expr, place);
        };
        let callee = self.eval(callee, place)?;
        let mut args = self.args(arguments, place)?;
        args.named
            .extend(caller.map(|caller| (Text::from("caller"), caller)));
        self.call(&callee, args)
    }

    /// Returns the arguments of a call.
    pub(super) fn args(&mut self, arguments: &Arguments, place: &Place) -> Result<Args> {
        let mut positional = self.eval_all(&arguments.positional, place)?;
        let mut named = Vec::with_capacity(arguments.named.len());
        for (name, value) in &arguments.named {
            named.push((name.clone(), self.eval(value, place)?));
        }
        if let Some(spread) = &arguments.spread {
            positional.extend(self.eval(spread, place)?.items()?);
        }
        if let Some(spread) = &arguments.spread_named {
            match self.eval(spread, place)? {
                Item::Dict(dict) => named.extend(
                    dict.borrow()
                        .iter()
                        .map(|(key, value)| (key.to_text(), value.clone())),
                ),
                other => {
                    return Err(format!(
                        "argument after ** must be a mapping, not {}",
                        other.type_name()
                    ));
                }
            }
        }
        Ok(Args { positional, named })
    }
}

/// The template as it calls itself.
fn reference() -> Item {
    let printed = Printed::As("<TemplateReference None>".to_owned());
    Item::Made(std::rc::Rc::new(Made {
        printed,
        items: Items::default(),
    }))
}
