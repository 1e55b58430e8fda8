//! Declared examples of blocks, run and compared: documentation that cannot go stale.

use std::fmt;

use crate::block::{ERROR_PIN, Example};
use crate::fault::Code;
use crate::graph::Coercion;
use crate::json::{self, Limits};
use crate::value::{List, Map, Text, Value};

use super::engine::Engine;
use super::options::RunOptions;

/// Why an example of a block does not hold.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExampleMismatch {
    /// The block.
    pub block: Text,
    /// The name of the example.
    pub example: &'static str,
    /// What is wrong, one line.
    pub message: String,
    /// What the example declares: pins and values.
    pub expected: Value,
    /// What the block gave: pins and values.
    pub found: Value,
}

impl fmt::Display for ExampleMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "block \"{}\", example \"{}\": {}: expected {}, found {}",
            self.block, self.example, self.message, self.expected, self.found
        )
    }
}

impl std::error::Error for ExampleMismatch {}

impl Engine {
    /// Runs one declared example of a block, under the native policy, and compares what it gives.
    ///
    /// Values must be equal, a list or map in all its parts; 1 and 1.0 are the same here, since an example is written
    /// in JSON. `["error", text]` as the last output stands for a failure whose message holds the text; inputs that the
    /// block does not take are such a failure too. Of an example that [varies](Example::varies) only the pins are
    /// compared.
    ///
    /// # Errors
    /// What differs.
    pub async fn check_example(
        &self,
        block: &str,
        example: &Example,
    ) -> Result<(), Box<ExampleMismatch>> {
        let mismatch = |message: String, expected: Value, found: Value| {
            Box::new(ExampleMismatch {
                block: Text::from(block),
                example: example.name,
                message,
                expected,
                found,
            })
        };
        let unreadable = |what: &str, text: &str, wanted: &str| {
            let message = format!("its {what} cannot be read");
            mismatch(message, Value::from(wanted), Value::from(text))
        };
        let Some(inputs) = example.read_inputs() else {
            return Err(unreadable("inputs", example.inputs, "a JSON map"));
        };
        let Some(expected) = example.read_outputs() else {
            let wanted = "a JSON list of [pin, value] pairs";
            return Err(unreadable("outputs", example.outputs, wanted));
        };
        let found = self.try_example(block, inputs).await;
        match differs(&expected, &found, example.varies) {
            None => Ok(()),
            Some(why) => Err(mismatch(why, pairs(&expected), pairs(&found))),
        }
    }

    async fn try_example(&self, block: &str, inputs: Map) -> Vec<(Text, Value)> {
        let error = |code: Code, message: String| {
            (
                Text::from(ERROR_PIN),
                Value::from(format!("{code}: {message}")),
            )
        };
        let options = RunOptions::new().seed(0);
        match self
            .run_block(block, inputs, Coercion::Strict, options)
            .await
        {
            Ok(run) => {
                let mut outputs = run.outputs;
                outputs.extend(
                    run.error
                        .map(|failure| error(failure.code, failure.message.to_string())),
                );
                outputs
            }
            Err(faults) => faults
                .0
                .iter()
                .map(|fault| error(fault.code, fault.message.clone()))
                .take(1)
                .collect(),
        }
    }
}

impl Example {
    /// Returns the inputs; `None` if they are not a JSON map.
    #[must_use]
    pub fn read_inputs(&self) -> Option<Map> {
        let value = json::read_value(self.inputs.as_bytes(), &Limits::default()).ok()?;
        value.as_map().cloned()
    }

    /// Returns the outputs in order, pin and value; `None` if they are not a JSON list of pairs.
    #[must_use]
    pub fn read_outputs(&self) -> Option<Vec<(Text, Value)>> {
        let value = json::read_value(self.outputs.as_bytes(), &Limits::default()).ok()?;
        value
            .as_list()?
            .iter()
            .map(|item| match item.as_list()?.as_ref() {
                [pin, value] => Some((pin.as_text()?.clone(), value.clone())),
                _ => None,
            })
            .collect()
    }
}

fn pairs(outputs: &[(Text, Value)]) -> Value {
    let pair =
        |(pin, value): &(Text, Value)| Value::from(vec![Value::Text(pin.clone()), value.clone()]);
    Value::List(outputs.iter().map(pair).collect::<List>())
}

/// Says what differs first; `None` if nothing does.
fn differs(expected: &[(Text, Value)], found: &[(Text, Value)], varies: bool) -> Option<String> {
    for (i, (pin, value)) in expected.iter().enumerate() {
        let Some((other, given)) = found.get(i) else {
            return Some(format!("output {i}, on pin \"{pin}\", is missing"));
        };
        if pin != other {
            return Some(format!(
                "output {i} is on pin \"{other}\" in place of \"{pin}\""
            ));
        }
        // The last one, and only as a text: a block may well have a pin of its own called `error`.
        let part = (pin.as_str() == ERROR_PIN && i + 1 == expected.len())
            .then(|| value.as_str().zip(given.as_str()))
            .flatten();
        let same = match part {
            Some((part, message)) => message.contains(part),
            None => varies || value.loosely_eq(given),
        };
        if !same {
            return Some(format!("output {i}, on pin \"{pin}\", is another"));
        }
    }
    let more = found.get(expected.len())?;
    Some(format!("an output on pin \"{}\" is too many", more.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &'static str, found: &'static str, varies: bool, message: Option<&str>) {
        let read = |outputs| Example::new("", "{}", outputs).read_outputs().unwrap();
        let found = differs(&read(expected), &read(found), varies);
        assert_eq!(found.as_deref(), message, "{expected}");
    }

    #[test]
    fn outputs_are_compared_in_order_and_by_value() {
        check(r#"[["a", 1]]"#, r#"[["a", 1.0]]"#, false, None);
        check(
            r#"[["a", 1]]"#,
            r#"[["a", 2]]"#,
            false,
            Some("output 0, on pin \"a\", is another"),
        );
        check(r#"[["a", 1]]"#, r#"[["a", 2]]"#, true, None);
        check(
            r#"[["a", 1]]"#,
            r#"[["b", 1]]"#,
            true,
            Some("output 0 is on pin \"b\" in place of \"a\""),
        );
        check(
            r#"[["a", 1]]"#,
            "[]",
            true,
            Some("output 0, on pin \"a\", is missing"),
        );
        check(
            "[]",
            r#"[["a", 1]]"#,
            true,
            Some("an output on pin \"a\" is too many"),
        );
        check(
            r#"[["error", "went"]]"#,
            r#"[["error", "X: it went wrong"]]"#,
            false,
            None,
        );
        check(
            r#"[["error", "came"]]"#,
            r#"[["error", "X: it went wrong"]]"#,
            true,
            Some("output 0, on pin \"error\", is another"),
        );
    }

    #[test]
    fn what_is_not_an_example_is_told() {
        for outputs in ["{}", "[1]", r#"[["a"]]"#, r"[[1, 2]]", "["] {
            assert_eq!(Example::new("", "{}", outputs).read_outputs(), None);
        }
        assert_eq!(Example::new("", "[]", "[]").read_inputs(), None);
    }
}
