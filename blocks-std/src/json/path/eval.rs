//! Finding the places that a path means.

use std::collections::HashMap;
use std::rc::Rc;

use fancy_regex::Regex;
use graphloom::Value;
use graphloom::value::List;

use super::found::{Found, Place, Step};
use super::{Query, Segment, Selector, Start};

/// How much a query may do.
pub(in crate::json) struct Limits<'a> {
    /// Values looked at, again for each time.
    pub(in crate::json) max_steps: usize,
    /// Places found, on the way too.
    pub(in crate::json) max_found: usize,
    /// Says whether to stop; asked now and then.
    pub(in crate::json) is_cancelled: &'a dyn Fn() -> bool,
}

/// Why a query ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::json) enum Stop {
    Steps,
    Found,
    Cancelled,
}

/// Returns the places that a path means, in its order. Ways are kept only if they are wanted.
pub(in crate::json) fn find<'v>(
    query: &Query,
    root: &'v Value,
    with_paths: bool,
    limits: &Limits<'_>,
) -> Result<Vec<Found<'v>>, Stop> {
    Eval {
        root,
        with_paths,
        limits,
        left: limits.max_steps,
        patterns: HashMap::new(),
    }
    .query(query, root)
}

pub(super) struct Eval<'a, 'l> {
    root: &'a Value,
    pub(super) with_paths: bool,
    limits: &'l Limits<'l>,
    left: usize,
    /// Compiled patterns, and what turned out to be none.
    pub(super) patterns: HashMap<(String, bool), Option<Regex>>,
}

impl<'a> Eval<'a, '_> {
    pub(super) fn step(&mut self, n: usize) -> Result<(), Stop> {
        const BETWEEN: usize = 1 << 14;
        let before = self.left;
        self.left = before.checked_sub(n).ok_or(Stop::Steps)?;
        if before / BETWEEN != self.left / BETWEEN && (self.limits.is_cancelled)() {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }

    pub(super) fn query<'v>(
        &mut self,
        query: &Query,
        current: &'v Value,
    ) -> Result<Vec<Found<'v>>, Stop>
    where
        'a: 'v,
    {
        let start = match query.start {
            Start::Root => self.root,
            Start::Current => current,
        };
        let mut found = vec![Found {
            value: start,
            place: None,
        }];
        for segment in &query.segments {
            let mut next = Vec::new();
            for from in &found {
                self.segment(segment, from, &mut next)?;
            }
            found = next;
        }
        Ok(found)
    }

    fn segment<'v>(
        &mut self,
        segment: &Segment,
        from: &Found<'v>,
        out: &mut Vec<Found<'v>>,
    ) -> Result<(), Stop>
    where
        'a: 'v,
    {
        self.step(1)?;
        for selector in &segment.selectors {
            self.select(selector, from, out)?;
        }
        if segment.descends {
            match from.value {
                Value::List(list) => {
                    for (index, value) in list.iter().enumerate() {
                        let child = self.below(from, value, || Step::Index(index));
                        self.segment(segment, &child, out)?;
                    }
                }
                Value::Map(map) => {
                    for (key, value) in map.iter() {
                        let child = self.below(from, value, || Step::Key(key.clone()));
                        self.segment(segment, &child, out)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn below<'v>(
        &self,
        from: &Found<'v>,
        value: &'v Value,
        step: impl FnOnce() -> Step,
    ) -> Found<'v> {
        Found {
            value,
            place: self.with_paths.then(|| {
                Rc::new(Place {
                    from: from.place.clone(),
                    step: step(),
                })
            }),
        }
    }

    fn put<'v>(&mut self, child: Found<'v>, out: &mut Vec<Found<'v>>) -> Result<(), Stop> {
        self.step(1)?;
        if out.len() == self.limits.max_found {
            return Err(Stop::Found);
        }
        out.push(child);
        Ok(())
    }

    fn select<'v>(
        &mut self,
        selector: &Selector,
        from: &Found<'v>,
        out: &mut Vec<Found<'v>>,
    ) -> Result<(), Stop>
    where
        'a: 'v,
    {
        match (selector, from.value) {
            (Selector::Name(name), Value::Map(map)) => {
                if let Some(value) = map.get(name) {
                    let child = self.below(from, value, || Step::Key(name.clone()));
                    self.put(child, out)?;
                }
            }
            (Selector::Index(index), Value::List(list)) => {
                let n = list.len() as i64;
                let at = if *index < 0 { index + n } else { *index };
                self.item(from, list, at, out)?;
            }
            (Selector::Slice { start, end, step }, Value::List(list)) => {
                for at in slice(*start, *end, *step, list.len()) {
                    self.item(from, list, at, out)?;
                }
            }
            (Selector::Wildcard, _) => self.children(from, out, |_, _| Ok(true))?,
            (Selector::Filter(test), _) => {
                self.children(from, out, |eval, value| eval.test(test, value))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn item<'v>(
        &mut self,
        from: &Found<'v>,
        list: &'v List,
        at: i64,
        out: &mut Vec<Found<'v>>,
    ) -> Result<(), Stop> {
        let found = usize::try_from(at)
            .ok()
            .and_then(|at| Some((at, list.get(at)?)));
        match found {
            Some((at, value)) => {
                let child = self.below(from, value, || Step::Index(at));
                self.put(child, out)
            }
            None => Ok(()),
        }
    }

    fn children<'v>(
        &mut self,
        from: &Found<'v>,
        out: &mut Vec<Found<'v>>,
        mut wanted: impl FnMut(&mut Self, &'v Value) -> Result<bool, Stop>,
    ) -> Result<(), Stop> {
        match from.value {
            Value::List(list) => {
                for (index, value) in list.iter().enumerate() {
                    self.step(1)?;
                    if wanted(self, value)? {
                        let child = self.below(from, value, || Step::Index(index));
                        self.put(child, out)?;
                    }
                }
            }
            Value::Map(map) => {
                for (key, value) in map.iter() {
                    self.step(1)?;
                    if wanted(self, value)? {
                        let child = self.below(from, value, || Step::Key(key.clone()));
                        self.put(child, out)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Returns the indices of a slice of a list of this length.
fn slice(
    start: Option<i64>,
    end: Option<i64>,
    step: i64,
    n: usize,
) -> Box<dyn Iterator<Item = i64>> {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    let from_front = |at: i64| if at < 0 { at.saturating_add(n) } else { at };
    let stride = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    if step > 0 {
        let lower = from_front(start.unwrap_or(0)).clamp(0, n);
        let upper = from_front(end.unwrap_or(n)).clamp(0, n);
        Box::new((lower..upper).step_by(stride))
    } else if step < 0 {
        let upper = from_front(start.unwrap_or(n - 1)).clamp(-1, n - 1);
        // Without an end it goes down to the first, which no index from behind can say.
        let lower = end.map_or(-1, |end| from_front(end).clamp(-1, n - 1));
        Box::new((lower + 1..=upper).rev().step_by(stride))
    } else {
        Box::new(std::iter::empty())
    }
}
