//! What a filter asks of a value.

use graphloom::Value;

use super::eval::{Eval, Stop};
use super::found::Found;
use super::iregexp::compile;
use super::{Match, Operand, Query, Test};

/// How many patterns are kept compiled.
const MAX_PATTERNS: usize = 64;

/// What compiling a pattern counts for.
const PATTERN_STEPS: usize = 2_000;

impl<'a> Eval<'a, '_> {
    pub(super) fn test(&mut self, test: &Test, current: &Value) -> Result<bool, Stop> {
        self.step(1)?;
        match test {
            Test::Any(tests) => {
                for test in tests {
                    if self.test(test, current)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Test::All(tests) => {
                for test in tests {
                    if !self.test(test, current)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Test::Not(test) => Ok(!self.test(test, current)?),
            Test::Exists(query) => Ok(!self.nodes(query, current)?.is_empty()),
            Test::Matches(matches) => self.matches(matches, current),
            Test::Compare(sides) => {
                let (left, relation, right) = &**sides;
                let left = self.operand(left, current)?;
                let right = self.operand(right, current)?;
                self.holds(left.as_ref(), *relation, right.as_ref())
            }
        }
    }

    /// Runs a query inside a filter, where nobody asks for ways.
    fn nodes<'v>(&mut self, query: &Query, current: &'v Value) -> Result<Vec<Found<'v>>, Stop>
    where
        'a: 'v,
    {
        let with_paths = std::mem::replace(&mut self.with_paths, false);
        let found = self.query(query, current);
        self.with_paths = with_paths;
        found
    }

    /// Returns the value of a side, a clone by pointer; nothing is not null.
    fn operand(&mut self, operand: &Operand, current: &Value) -> Result<Option<Value>, Stop> {
        Ok(match operand {
            Operand::Literal(value) => Some(value.clone()),
            Operand::Singular(query) | Operand::Value(query) => {
                match self.nodes(query, current)?.as_slice() {
                    [one] => Some(one.value.clone()),
                    _ => None,
                }
            }
            Operand::Count(query) => Some(Value::from(self.nodes(query, current)?.len())),
            Operand::Length(of) => match self.operand(of, current)? {
                Some(Value::Text(text)) => {
                    self.step(text.len() / 256)?;
                    Some(Value::from(text.chars().count()))
                }
                Some(Value::List(list)) => Some(Value::from(list.len())),
                Some(Value::Map(map)) => Some(Value::from(map.len())),
                _ => None,
            },
        })
    }

    fn matches(&mut self, matches: &Match, current: &Value) -> Result<bool, Stop> {
        let text = self.operand(&matches.text, current)?;
        let pattern = self.operand(&matches.pattern, current)?;
        let (Some(Value::Text(text)), Some(Value::Text(pattern))) = (text, pattern) else {
            return Ok(false);
        };
        // Linear in the text, but not for nothing.
        self.step(pattern.len() / 64 + text.len() / 2)?;
        let key = (pattern.as_str().to_owned(), matches.whole);
        if !self.patterns.contains_key(&key) {
            self.step(PATTERN_STEPS + pattern.len())?;
            if self.patterns.len() == MAX_PATTERNS {
                self.patterns.clear();
            }
            let compiled = compile(&pattern, matches.whole);
            self.patterns.insert(key.clone(), compiled);
        }
        let regex = self.patterns.get(&key).and_then(Option::as_ref);
        Ok(regex.is_some_and(|regex| regex.is_match(text.as_str()).unwrap_or(false)))
    }
}
