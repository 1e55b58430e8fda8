//! `flow.review`: a person says yes or no.

use graphloom::prelude::*;
use graphloom::value::from_value;
use graphloom::{Capability, Category, Effect, Text, Value, value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::given::given;

/// Waits until a person approves or rejects a value.
pub(super) struct Review;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value to look at.
    data: Value,
    /// What the review is called; an answer names it.
    name: Text,
    /// Whether the person may change the value.
    #[serde(default = "yes")]
    editable: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value, as the person left it, if it was approved.
    ApprovedData(Value),
    /// The value, as the person left it, if it was rejected.
    RejectedData(Value),
    /// What the person said to it, if anything.
    ReviewMessage(Text),
}

/// What a person answers.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Answer {
    /// Only yes or no.
    Short(bool),
    Long {
        approved: bool,
        #[serde(default, deserialize_with = "given")]
        data: Option<Value>,
        #[serde(default)]
        message: Option<Text>,
    },
}

impl Block for Review {
    const INFO: BlockInfo = BlockInfo::new(
        "flow.review",
        1,
        "Waits until a person approves or rejects a value, and sends it one way or the other.",
    )
    .details(
        "The answer is `true` or `false`, or `{\"approved\": true, \"data\": …, \"message\": \"…\"}`; without `data` \
         the value stays as it is. While it waits, the run holds no place.",
    )
    .category(Category::Flow)
    .effect(Effect::Idempotent)
    .capabilities(&[Capability::Wait])
    .autogpt("8b2a7b3c-6e9d-4a5f-8c1b-2e3f4a5b6c7d", "HumanInTheLoopBlock");
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let question = value!({
            "name": input.name.clone(),
            "data": input.data.clone(),
            "editable": input.editable,
        });
        let answer = read(&cx.wait(&input.name, question).await?)?;
        let (approved, data, message) = decided(answer, input.data, input.editable);
        out.emit(if approved {
            Output::ApprovedData(data)
        } else {
            Output::RejectedData(data)
        })
        .await?;
        if let Some(message) = message {
            out.emit(Output::ReviewMessage(message)).await?;
        }
        Ok(())
    }
}

fn read(answer: &Value) -> Result<Answer, BlockError> {
    from_value(answer).map_err(|_| {
        BlockError::input(
            "the answer to a review is true, false, or a map with \"approved\": true or false",
        )
    })
}

/// Returns whether the value was approved, the value, and what was said.
fn decided(answer: Answer, data: Value, editable: bool) -> (bool, Value, Option<Text>) {
    match answer {
        Answer::Short(approved) => (approved, data, None),
        Answer::Long {
            approved,
            data: edited,
            message,
        } => {
            let data = edited.filter(|_| editable).unwrap_or(data);
            (
                approved,
                data,
                message.filter(|message| !message.is_empty()),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_short_or_long() {
        let check = |answer: &Value, editable, expected: (bool, Value, Option<&str>)| {
            let (approved, data, message) = decided(read(answer).unwrap(), value!("x"), editable);
            assert_eq!((approved, data, message.as_deref()), expected, "{answer}");
        };
        check(&value!(true), true, (true, value!("x"), None));
        check(
            &value!({"approved": false, "message": "no"}),
            true,
            (false, value!("x"), Some("no")),
        );
        check(
            &value!({"approved": true, "data": null, "message": ""}),
            true,
            (true, value!(null), None),
        );
        check(
            &value!({"approved": true, "data": "y"}),
            false,
            (true, value!("x"), None),
        );
        assert!(read(&value!("yes")).is_err());
    }
}
