//! Templates at work: what the tags do.

use std::cell::RefCell;
use std::rc::Rc;

use graphloom::Text;
use graphloom::value::Map;

use super::ast::{Filter, For, Macro, Node, Target};
use super::call::Args;
use super::escape::{escaped, marked};
use super::frame::{Again, Frame, Loop, MacroValue, Place};
use super::item::Item;
use super::items::Items;
use super::lexer::Spot;
use super::{MAX_BYTES, MAX_DEPTH, MAX_STEPS, Result, filters};

/// What runs a template, and what is left of its limits.
#[derive(Debug)]
pub(super) struct Machine {
    steps: u64,
    bytes: usize,
    depth: usize,
    /// What is not defined is an error, and `tojson` is there: our own blocks' way, not AutoGPT's.
    pub(super) strict: bool,
    /// What is evaluated next may be undefined all the same.
    pub(super) may_lack: bool,
    /// Where something failed.
    pub(super) failed: Option<Spot>,
}

impl Machine {
    pub(super) const fn new(strict: bool) -> Self {
        Self {
            steps: MAX_STEPS,
            bytes: MAX_BYTES,
            depth: 0,
            strict,
            may_lack: false,
            failed: None,
        }
    }

    /// Runs a template with these values.
    pub(super) fn render(&mut self, nodes: &[Node], values: &Map, escape: bool) -> Result<String> {
        let frame = Frame::of(values)?;
        let mut out = String::new();
        self.exec(nodes, &Place { frame, escape }, &mut out)?;
        Ok(out)
    }

    /// Takes steps.
    pub(super) fn step(&mut self, n: usize) -> Result<()> {
        match self.steps.checked_sub(n as u64) {
            Some(rest) => {
                self.steps = rest;
                Ok(())
            }
            None => Err(format!("the template takes more than {MAX_STEPS} steps")),
        }
    }

    /// Makes bytes of text.
    pub(super) fn make(&mut self, n: usize) -> Result<()> {
        match self.bytes.checked_sub(n) {
            Some(rest) => {
                self.bytes = rest;
                Ok(())
            }
            None => Err(format!(
                "the template makes more than {MAX_BYTES} bytes of text"
            )),
        }
    }

    /// Counts what was made as a step, an item or a byte each.
    pub(super) fn made(&mut self, item: Item) -> Result<Item> {
        match &item {
            Item::Text(text) | Item::Markup(text) => self.make(text.len())?,
            Item::List(items) => self.step(items.borrow().len())?,
            Item::Tuple(items) => self.step(items.len())?,
            Item::Made(made) => self.step(made.items.len())?,
            _ => {}
        }
        Ok(item)
    }

    /// Guards what goes deeper by recursion.
    pub(super) fn deeper<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("the template goes deeper than {MAX_DEPTH}"));
        }
        let result = run(self);
        self.depth -= 1;
        result
    }

    fn exec(&mut self, nodes: &[Node], place: &Place, out: &mut String) -> Result<()> {
        for node in nodes {
            self.step(1)?;
            self.deeper(|machine| machine.node(node, place, out))?;
        }
        Ok(())
    }

    fn node(&mut self, node: &Node, place: &Place, out: &mut String) -> Result<()> {
        match node {
            Node::Data(data) => self.push(out, data),
            Node::Print(expr) => {
                let item = self.eval(expr, place)?;
                let text = if place.escape {
                    escaped(&item)
                } else {
                    item.to_text()
                };
                self.push(out, &text)
            }
            Node::If {
                branches,
                otherwise,
            } => {
                for (test, body) in branches {
                    if self.eval(test, place)?.is_truthy() {
                        return self.exec(body, place, out);
                    }
                }
                self.exec(otherwise, place, out)
            }
            Node::For(body) => {
                let items = self.eval(&body.over, place)?.items()?;
                self.run_loop(body, items, place, 0, out)
            }
            Node::Set { target, value } => {
                let item = self.eval(value, place)?;
                assign(target, item, place)
            }
            Node::SetBlock {
                target,
                filters,
                body,
            } => {
                let item = self.captured(body, filters, place)?;
                assign(target, item, place)
            }
            Node::With { values, body } => {
                let inside = place.inside();
                for (target, value) in values {
                    let item = self.eval(value, place)?;
                    assign(target, item, &inside)?;
                }
                self.exec(body, &inside, out)
            }
            Node::Autoescape { on, body } => {
                let escape = self.eval(on, place)?.is_truthy();
                self.exec(
                    body,
                    &Place {
                        escape,
                        ..place.inside()
                    },
                    out,
                )
            }
            Node::Filter { filters, body } => {
                let item = self.captured(body, filters, place)?;
                self.push(out, &item.to_text())
            }
            Node::Block(body) => self.exec(body, &place.inside(), out),
            Node::Macro(body) => {
                place.frame.set(body.name.clone(), macro_item(body, place));
                Ok(())
            }
            Node::Call { call, body } => {
                let item = self.eval_call(call, place, Some(macro_item(body, place)))?;
                self.push(out, &item.to_text())
            }
            Node::Other(name) => {
                let name = self.eval(name, place)?;
                Err(format!(
                    "there is no other template here, and so no {}",
                    name.repr()
                ))
            }
        }
    }

    fn push(&mut self, out: &mut String, text: &str) -> Result<()> {
        self.make(text.len())?;
        out.push_str(text);
        Ok(())
    }

    /// Returns what nodes print, filtered.
    fn captured(&mut self, body: &[Node], filters: &[Filter], place: &Place) -> Result<Item> {
        let mut text = String::new();
        self.exec(body, &place.inside(), &mut text)?;
        let mut item = marked(text, place.escape);
        for filter in filters {
            let args = self.args(&filter.arguments, place)?;
            item = filters::apply(self, &filter.name, &item, &args, place)?;
        }
        Ok(item)
    }

    /// Runs the body of a loop for each item that passes its test.
    pub(super) fn run_loop(
        &mut self,
        body: &Rc<For>,
        items: Vec<Item>,
        place: &Place,
        depth: usize,
        out: &mut String,
    ) -> Result<()> {
        self.step(items.len())?;
        let items = match &body.test {
            Some(test) => {
                let mut passed = Vec::new();
                for item in items {
                    let inside = place.inside();
                    assign(&body.target, item.clone(), &inside)?;
                    if self.eval(test, &inside)?.is_truthy() {
                        passed.push(item);
                    }
                }
                passed
            }
            None => items,
        };
        let items = Rc::new(Items(items));
        if items.is_empty() {
            return self.exec(&body.otherwise, &place.inside(), out);
        }
        let seen = Rc::new(RefCell::new(None));
        for (index, item) in items.iter().enumerate() {
            let inside = place.inside();
            let again = body.recursive.then(|| Again {
                body: Rc::clone(body),
                frame: Rc::downgrade(&place.frame),
                escape: place.escape,
            });
            let state = Loop {
                items: Rc::clone(&items),
                index,
                depth,
                seen: Rc::clone(&seen),
                again,
            };
            inside
                .frame
                .set(Text::from("loop"), Item::Loop(Rc::new(state)));
            assign(&body.target, item.clone(), &inside)?;
            self.exec(&body.body, &inside, out)?;
        }
        Ok(())
    }

    /// Calls a macro.
    pub(super) fn call_macro(&mut self, value: &MacroValue, args: Args) -> Result<Item> {
        let Some(around) = value.frame.upgrade() else {
            return Err(format!(
                "macro '{}' is called outside of its place",
                value.body.name
            ));
        };
        let place = Place {
            frame: Frame::inside(&around),
            escape: value.escape,
        };
        let Macro {
            name,
            parameters,
            body,
        } = &*value.body;
        let Args {
            positional,
            mut named,
        } = args;
        if positional.len() > parameters.len() {
            let n = parameters.len();
            return Err(format!(
                "macro '{name}' takes not more than {n} argument(s)"
            ));
        }
        let mut positional = positional.into_iter();
        for (parameter, default) in parameters {
            let by_name = named.iter().position(|(other, _)| other == parameter);
            let item = match (positional.next(), by_name) {
                (Some(_), Some(_)) => {
                    return Err(format!("macro '{name}' got two values for '{parameter}'"));
                }
                (Some(item), None) => item,
                (None, Some(at)) => named.remove(at).1,
                (None, None) => match default {
                    Some(default) => self.eval(default, &place)?,
                    None => Item::Undefined(Text::from(format!(
                        "parameter '{parameter}' was not provided"
                    ))),
                },
            };
            place.frame.set(parameter.clone(), item);
        }
        for (other, item) in named {
            if other.as_str() != "caller" {
                return Err(format!("macro '{name}' takes no argument '{other}'"));
            }
            place.frame.set(other, item);
        }
        let mut out = String::new();
        self.exec(body, &place, &mut out)?;
        Ok(marked(out, value.escape))
    }
}

fn macro_item(body: &Rc<Macro>, place: &Place) -> Item {
    Item::Macro(Rc::new(MacroValue {
        body: Rc::clone(body),
        frame: Rc::downgrade(&place.frame),
        escape: place.escape,
    }))
}

fn assign(target: &Target, item: Item, place: &Place) -> Result<()> {
    match target {
        Target::Name(name) => {
            place.frame.set(name.clone(), item);
            Ok(())
        }
        Target::Tuple(targets) => {
            let items = item
                .items()
                .map_err(|_| format!("cannot unpack non-iterable {} object", item.type_name()))?;
            let (n, expected) = (items.len(), targets.len());
            if n < expected {
                return Err(format!(
                    "not enough values to unpack (expected {expected}, got {n})"
                ));
            }
            if n > expected {
                return Err(format!("too many values to unpack (expected {expected})"));
            }
            targets
                .iter()
                .zip(items)
                .try_for_each(|(target, item)| assign(target, item, place))
        }
    }
}
