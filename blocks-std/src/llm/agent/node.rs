//! `llm.agent`: a model with tools.

use std::sync::Arc;

use graphloom::block::{Literals, Needs, Shape, ShapeEnv, ShapeError};
use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Capability, Category, Effect, Text, Value, value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::conversation::{read, written};
use super::talk::{MAX_TURNS, Settings, Talk, Turn};
use super::toolbox::{Naming, Ready, Toolbox};
use crate::CredentialPin;
use crate::llm::chat::Message;
use crate::llm::needs::{Expected, needs};

/// Lets a model call nodes of the graph until it has an answer.
pub(crate) struct Agent;

/// How many turns a node has that says nothing.
const USUAL_TURNS: u32 = 20;

/// A model may be asked so often for one turn.
const MAX_ATTEMPTS: u32 = 20;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Input {
    /// The task, or the question.
    prompt: Text,
    /// The model, as its provider calls it: `gpt-5-mini`, `claude-sonnet-4-5`, `ollama/qwen3:8b`.
    model: Text,
    /// What holds for the whole conversation: who the model is, how it is to work.
    #[serde(default)]
    instructions: Text,
    /// The credential, by name; else the one that is called as the model's provider. A model of this machine needs none.
    #[serde(default)]
    credential: CredentialPin,
    /// The model has so many turns at most, 1 to 1000. A turn is a question to the model and the calls that it makes.
    #[serde(default = "usual_turns")]
    max_turns: u32,
    /// The model may call several tools in one turn, and they run at the same time.
    #[serde(default = "yes")]
    parallel_tools: bool,
    /// A model that calls what cannot be called is told so; for one turn it is asked so often in all, 1 to 20.
    #[serde(default = "usual_attempts")]
    attempts: u32,
    /// An answer may have so many tokens; as many as the model gives, if it is not said.
    #[serde(default)]
    max_tokens: Option<u32>,
    /// How many tokens the model can read. Half of it is for the conversation; what is longer is made shorter. If it is not
    /// said, as much as is known of the model, else 128,000.
    #[serde(default)]
    context_tokens: Option<u32>,
    /// What was said before: what `conversation` of an earlier firing gave. Messages with `role` and `content`.
    #[serde(default)]
    conversation: List,
}

fn usual_turns() -> u32 {
    USUAL_TURNS
}

fn usual_attempts() -> u32 {
    3
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Output {
    /// What the model answers in the end.
    Answer(Text),
    /// All that was said, with this firing's part: a list of messages, for `conversation` of a later firing.
    Conversation(List),
    /// After each turn in which tools were called: `text`, what the model said with it, and `calls`, each with `tool`,
    /// `arguments` and `result`.
    Turn(Value),
    /// Links from here name tools: each node that one leads to is a tool, and the inputs that they lead to are what the
    /// model fills in.
    #[expect(dead_code, reason = "links out of it are names, nothing is emitted")]
    Tools(Value),
}

impl Block for Agent {
    const INFO: BlockInfo = BlockInfo::new(
        "llm.agent",
        1,
        "Lets a model call nodes of the graph as its tools until it has an answer.",
    )
    .details(
        "A tool is called as its node's title, else as the node. What it does is told by the node's `doc`, else by its \
         block's summary; the inputs that are linked are its parameters, with the types of their pins. What a tool emits is \
         told to the model as JSON, a list of values for each pin; that a tool failed, and why, is told too, and the model \
         goes on. A model that has had `max_turns` turns and still calls tools fails the firing, after `conversation` was \
         emitted. While the answer comes in, observers are told of its parts under `answer`; what came in before a `turn` \
         belongs to that turn.",
    )
    .category(Category::Ai)
    .effect(Effect::Idempotent)
    .capabilities(&[
        Capability::Tools,
        Capability::Http,
        Capability::Credential,
        Capability::Clock,
        Capability::Ext,
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        within("max_turns", input.max_turns, MAX_TURNS)?;
        within("attempts", input.attempts, MAX_ATTEMPTS)?;
        let mut messages = Vec::new();
        if !input.instructions.trim().is_empty() {
            messages.push(Message::System(input.instructions));
        }
        let before = read(&input.conversation).map_err(BlockError::input)?;
        // Instructions that the conversation begins with already are not said twice.
        let known = before.first() == messages.first();
        messages.extend(
            before
                .into_iter()
                .skip(usize::from(known && !messages.is_empty())),
        );
        messages.push(Message::User(input.prompt));
        let settings = Settings {
            credential: input.credential,
            model: input.model,
            max_tokens: input.max_tokens,
            context: input.context_tokens,
            parallel: input.parallel_tools,
            attempts: input.attempts,
            compacts: true,
            ollama_host: None,
            pin: "answer",
            tells_failures: true,
        };
        let tools = Toolbox::of(cx, Naming::Node)?;
        let mut talk = Talk::new(cx, &tools, &settings, messages);
        for _ in 0..input.max_turns {
            match talk.turn().await? {
                Turn::Answer(answer) => {
                    out.emit(Output::Answer(answer)).await?;
                    out.emit(Output::Conversation(written(&talk.messages)))
                        .await?;
                    return Ok(());
                }
                Turn::Calls { text, calls } => out.emit(Output::Turn(told(text, calls))).await?,
            }
        }
        out.emit(Output::Conversation(written(&talk.messages)))
            .await?;
        Err(BlockError::failed(format!(
            "the model has had {} turns (\"max_turns\") and still calls tools: give it more turns, or a smaller task",
            input.max_turns
        )))
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        _: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        for (name, most) in [("max_turns", MAX_TURNS), ("attempts", MAX_ATTEMPTS)] {
            let Some(n) = literals.get(name).and_then(Value::as_i64) else {
                continue;
            };
            if n < 1 || n > i64::from(most) {
                return Err(ShapeError::new(
                    name,
                    format!("\"{name}\" is 1 to {most}, and not {n}"),
                ));
            }
        }
        Ok(with_tools(base))
    }

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        needs(literals, &expected(literals, "max_turns", USUAL_TURNS))
    }
}

/// Returns a turn as a value: what the model said, and each call with what it was told of it.
fn told(text: Option<Text>, calls: Vec<(Ready, Text)>) -> Value {
    let call = |(call, result): (Ready, Text)| value!({"tool": call.name, "arguments": call.arguments, "result": result});
    let calls: Vec<Value> = calls.into_iter().map(call).collect();
    value!({"text": text.map_or(Value::Null, Value::from), "calls": calls})
}

/// Returns the shape with its pin `tools` marked as the one whose links name tools.
pub(crate) fn with_tools(base: &Arc<Shape>) -> Arc<Shape> {
    let mut shape = (**base).clone();
    for pin in &mut shape.outputs {
        pin.tools = pin.name == "tools";
    }
    Arc::new(shape)
}

/// What an agent asks: one question at least, and one a turn; what a model does wrong is paid too, and nobody knows of it.
pub(crate) fn expected(literals: &Literals<'_>, turns: &str, usual: u32) -> Expected {
    let turns = literals
        .get(turns)
        .map_or(Some(u64::from(usual)), Value::as_u64);
    let attempts = literals.get("attempts").or(literals.get("retry"));
    let attempts = attempts
        .map_or(Some(3), Value::as_u64)
        .map(|attempts| attempts.max(1));
    Expected {
        input: None,
        max_output: literals.get("max_tokens").and_then(Value::as_u64),
        calls: 1,
        max_calls: turns
            .zip(attempts)
            .map(|(turns, attempts)| turns.saturating_mul(attempts)),
    }
}

fn within(name: &str, n: u32, most: u32) -> Result<(), BlockError> {
    match (1..=most).contains(&n) {
        true => Ok(()),
        false => Err(BlockError::input(format!(
            "\"{name}\" is 1 to {most}, and not {n}"
        ))),
    }
}
