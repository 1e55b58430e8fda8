//! Calls: of functions, macros, methods and loops.

use std::rc::Rc;

use graphloom::Text;

use super::escape::marked;
use super::exec::Machine;
use super::frame::{Loop, Place};
use super::item::{Item, Made, Printed};
use super::items::Items;
use super::{Result, methods};

/// The longest `range`.
const MAX_RANGE: i128 = 10_000;

/// The arguments of a call.
#[derive(Debug, Default)]
pub(super) struct Args {
    pub(super) positional: Vec<Item>,
    pub(super) named: Vec<(Text, Item)>,
}

impl Args {
    /// Refuses arguments that are not among these.
    pub(super) fn only(&self, names: &[&str]) -> Result<()> {
        if self.positional.len() > names.len() {
            let n = self.positional.len();
            return Err(format!(
                "takes at most {} argument(s), {n} given",
                names.len()
            ));
        }
        match self
            .named
            .iter()
            .find(|(name, _)| !names.contains(&name.as_str()))
        {
            Some((name, _)) => Err(format!("got an unexpected argument '{name}'")),
            None => Ok(()),
        }
    }

    /// Returns the argument at this place or of this name.
    pub(super) fn get(&self, index: usize, name: &str) -> Option<&Item> {
        let by_name = || self.named.iter().find(|(other, _)| other.as_str() == name);
        self.positional
            .get(index)
            .or_else(|| by_name().map(|(_, item)| item))
    }

    /// Returns an argument that must be there.
    pub(super) fn need(&self, index: usize, name: &str) -> Result<&Item> {
        self.get(index, name)
            .ok_or_else(|| format!("misses the argument '{name}'"))
    }

    /// Returns a text argument.
    pub(super) fn text(&self, index: usize, name: &str) -> Result<Option<Text>> {
        match self.get(index, name) {
            None | Some(Item::None) => Ok(None),
            Some(item) => match item.as_text() {
                Some(text) => Ok(Some(text.clone())),
                None => Err(format!(
                    "argument '{name}' must be str, not {}",
                    item.type_name()
                )),
            },
        }
    }

    /// Returns a whole number argument.
    pub(super) fn int(&self, index: usize, name: &str) -> Result<Option<i128>> {
        match self.get(index, name) {
            None | Some(Item::None) => Ok(None),
            Some(Item::Int(int)) => Ok(Some(*int)),
            Some(Item::Bool(truth)) => Ok(Some(i128::from(*truth))),
            Some(other) => Err(format!(
                "'{}' object cannot be interpreted as an integer",
                other.type_name()
            )),
        }
    }

    /// Returns a whole number argument that is a size; less than none is none.
    pub(super) fn size(&self, index: usize, name: &str, default: usize) -> Result<usize> {
        Ok(self.int(index, name)?.map_or(default, |int| {
            usize::try_from(int.max(0)).unwrap_or(usize::MAX)
        }))
    }

    /// Returns whether an argument is there and true.
    pub(super) fn flag(&self, index: usize, name: &str) -> bool {
        self.get(index, name).is_some_and(Item::is_truthy)
    }
}

impl Machine {
    /// Calls a value.
    pub(super) fn call(&mut self, callee: &Item, args: Args) -> Result<Item> {
        match callee {
            Item::Undefined(message) => Err(message.to_string()),
            Item::Range => {
                let item = range(&args).map_err(|error| format!("range() {error}"))?;
                self.made(item)
            }
            Item::Macro(value) => self.deeper(|machine| machine.call_macro(value, args)),
            Item::Method(method) => {
                let (item, name) = &**method;
                if let Item::Loop(state) = item {
                    return loop_method(state, name, &args);
                }
                methods::call(self, item, name, &args)
                    .map_err(|error| format!("{}.{name}() {error}", item.type_name()))
                    .and_then(|item| self.made(item))
            }
            Item::Loop(state) => {
                let Some(again) = &state.again else {
                    return Err("the loop must be marked recursive to be called".to_owned());
                };
                let Some(frame) = again.frame.upgrade() else {
                    return Err("the loop is called outside of its place".to_owned());
                };
                let items = args.need(0, "iterable")?.items()?;
                let place = Place {
                    frame,
                    escape: again.escape,
                };
                let mut out = String::new();
                self.deeper(|machine| {
                    machine.run_loop(&again.body, items, &place, state.depth + 1, &mut out)
                })?;
                Ok(marked(out, again.escape))
            }
            other => Err(format!("'{}' object is not callable", other.type_name())),
        }
    }
}

fn range(args: &Args) -> Result<Item> {
    args.only(&["start", "stop", "step"])?;
    let (first, second) = (args.int(0, "start")?, args.int(1, "stop")?);
    let step = args.int(2, "step")?.unwrap_or(1);
    let (start, stop) = match (first, second) {
        (Some(start), Some(stop)) => (start, stop),
        (Some(stop), None) => (0, stop),
        _ => return Err("misses an argument".to_owned()),
    };
    if step == 0 {
        return Err("arg 3 must not be zero".to_owned());
    }
    let distance = if step > 0 {
        stop.saturating_sub(start)
    } else {
        start.saturating_sub(stop)
    };
    let n = distance.saturating_add(step.saturating_abs() - 1) / step.saturating_abs();
    if n > MAX_RANGE {
        return Err(format!("too large ({n} items, max {MAX_RANGE})"));
    }
    let items = (0..n.max(0))
        .map(|index| Item::Int(start + index * step))
        .collect();
    let printed = if step == 1 {
        format!("range({start}, {stop})")
    } else {
        format!("range({start}, {stop}, {step})")
    };
    Ok(Item::Made(Rc::new(Made {
        printed: Printed::As(printed),
        items: Items(items),
    })))
}

fn loop_method(state: &Loop, name: &str, args: &Args) -> Result<Item> {
    match name {
        "cycle" => match args.positional.len() {
            0 => Err("no items for cycling given".to_owned()),
            n => args
                .positional
                .get(state.index % n)
                .cloned()
                .ok_or_else(String::new),
        },
        _ => {
            // A copy, since the loop itself may be among them.
            let copies = args.positional.iter().map(|item| item.deep_copy(0));
            let now: Vec<Item> = copies.collect::<Result<_>>()?;
            let before = state.seen.replace(Some(now.clone()));
            let same = before.is_some_and(|before| {
                super::operators::equals(&Item::tuple(before), &Item::tuple(now))
            });
            Ok(Item::Bool(!same))
        }
    }
}
