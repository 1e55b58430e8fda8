//! `autogpt.orchestrator`: a model with tools, as AutoGPT's orchestrator has them.

use std::sync::Arc;

use graphloom::block::{Literals, Needs, Shape, ShapeEnv, ShapeError};
use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Capability, Category, Effect, Level, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::CredentialPin;
use crate::given::given;
use crate::llm::agent::{
    Absent, MAX_TURNS, Naming, Settings, Talk, Toolbox, Turn, expected, pending, read, said,
    with_tools, written,
};
use crate::llm::{Message, needs};
use crate::template::render;

/// A model that calls nodes of the graph: in a loop of its own, or one turn a firing.
pub(super) struct Orchestrator;

/// Stands before the prompts, by which a later firing knows that they were said.
const OBJECTIVE: &str = "Main objective: ";

/// How a model is to work that is told nothing of it.
const USUAL_INSTRUCTIONS: &str = "Work on the task one step at a time. In each step choose the tool that helps most, and call it \
     with every argument that it needs, each of the type that its schema says. When the task is done, answer with the result \
     and call nothing.";

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The task.
    prompt: Text,
    /// The model, as its provider calls it.
    #[serde(default = "usual_model")]
    model: Text,
    /// The credential, by name or as AutoGPT writes it; else the one that is called as the model's provider.
    #[serde(default)]
    credentials: CredentialPin,
    /// The model may call several tools in one turn, and they run at the same time.
    #[serde(default)]
    multiple_tool_calls: bool,
    /// How the model is to work.
    #[serde(default = "usual_instructions")]
    sys_prompt: Text,
    /// What was said before, as `conversations` gave it. Linked together with `last_tool_output`, or not at all.
    #[serde(default)]
    conversation_history: Option<List>,
    /// What the tool gave that is called in the conversation. Null, or nothing: none.
    #[serde(default, deserialize_with = "given")]
    last_tool_output: Option<Value>,
    /// For one turn the model is asked so often in all, until what it calls can be called.
    #[serde(default = "usual_retry")]
    retry: i64,
    /// Values for the places in `prompt` and `sys_prompt`; without any, both are taken as they are.
    #[serde(default)]
    prompt_values: Map,
    /// An answer may have so many tokens.
    #[serde(default)]
    max_tokens: Option<u32>,
    /// The machine that Ollama runs on.
    #[serde(default)]
    ollama_host: Text,
    /// 0: one turn a firing; the calls of the model run their nodes, and what these give comes back over links. Other
    /// numbers: a loop of so many turns. Below 0: of 1000 turns, which is the limit.
    #[serde(default)]
    agent_mode_max_iterations: i64,
    /// Both words mean the same here.
    #[serde(default)]
    execution_mode: Mode,
    /// A conversation that outgrows the model is made shorter.
    #[serde(default = "yes")]
    conversation_compaction: bool,
}

/// How AutoGPT talks to the model.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// By the service's own interface.
    #[default]
    BuiltIn,
    /// By another program.
    ExtendedThinking,
}

fn usual_model() -> Text {
    Text::from("gpt-5.2-2025-12-11")
}

fn usual_instructions() -> Text {
    Text::from(USUAL_INSTRUCTIONS)
}

fn usual_retry() -> i64 {
    3
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Links from here name tools.
    #[expect(dead_code, reason = "links out of it are names, nothing is emitted")]
    Tools(Value),
    /// What the model answers in the end; in a loop that has had its turns, that it has.
    Finished(Text),
    /// All that was said, as a list of messages.
    Conversations(List),
}

impl Block for Orchestrator {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.orchestrator",
        1,
        "Lets a model call nodes of the graph, in a loop or one turn a firing, as AutoGPT's orchestrator does.",
    )
    .details(
        "Unlike `llm.agent`, it has a mode of one turn a firing: the calls of an answer run one after the other, then \
         `conversations` is emitted; what the tools give comes back over links, to `last_tool_output` with `conversations` to \
         `conversation_history`. A firing that has both gives the tool's output to the oldest call that waits for one, and \
         asks the model again when none waits any more; arguments that the model leaves out are null. The model is not told \
         why a tool failed, and a loop that has had its turns says so under `finished`. A call fires its node with the \
         arguments alone: other links into that node are not waited for.",
    )
    .category(Category::Ai)
    .effect(Effect::Idempotent)
    .capabilities(&[
        Capability::Tools,
        Capability::Http,
        Capability::Credential,
        Capability::Clock,
        Capability::Ext,
    ])
    .together(&["conversation_history", "last_tool_output"])
    .autogpt("3b191d9f-356f-482d-8238-ba04b6d18381", "OrchestratorBlock")
    .native("llm.agent");
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        if input.execution_mode == Mode::ExtendedThinking {
            cx.log(
                Level::Info,
                "\"extended_thinking\" is done as \"built_in\" here",
            );
        }
        let settings = input.settings();
        let mut messages = read(input.conversation_history.as_deref().unwrap_or_default())
            .map_err(BlockError::input)?;
        let output = input
            .last_tool_output
            .as_ref()
            .filter(|output| !output.is_null());
        let waiting = pending(&messages);
        let tools = Toolbox::of(cx, Naming::AutoGpt)?;
        match (waiting.first(), output) {
            (Some(call), Some(output)) => {
                messages.push(Message::Tool {
                    call: call.clone(),
                    output: said(output),
                });
                if waiting.len() > 1 {
                    out.emit(Output::Conversations(written(&messages))).await?;
                    return Ok(());
                }
            }
            (Some(_), None) => {
                cx.log(Level::Warn, "a call in the conversation waits for the output of its tool, and there is none");
                return Ok(());
            }
            (None, Some(_)) => {
                cx.log(
                    Level::Warn,
                    "there is the output of a tool, and the conversation waits for none",
                );
                return Ok(());
            }
            (None, None) => {}
        }
        input.begin(&mut messages)?;
        let mut talk = Talk::new(cx, &tools, &settings, messages);
        if input.agent_mode_max_iterations == 0 {
            return one_turn(cx, &mut talk, out).await;
        }
        // Below 0 is without a limit there.
        let turns = u32::try_from(input.agent_mode_max_iterations).unwrap_or(MAX_TURNS);
        let turns = turns.min(MAX_TURNS);
        let mut answer = Text::from(format!(
            "The agent has had {turns} turns, which is its limit, and has not come to an answer."
        ));
        for _ in 0..turns {
            if let Turn::Answer(given) = talk.turn().await? {
                answer = given;
                break;
            }
        }
        out.emit(Output::Finished(answer)).await?;
        out.emit(Output::Conversations(written(&talk.messages)))
            .await?;
        Ok(())
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        _: &Literals<'_>,
        _: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        Ok(with_tools(base))
    }

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let turns = "agent_mode_max_iterations";
        let mut expected = expected(literals, turns, 1);
        if literals.get(turns).and_then(Value::as_i64) == Some(0) {
            // One turn; and a firing that only takes up the output of a tool asks nothing.
            expected.max_calls = expected_once(literals);
        }
        let mut known = Map::new();
        if literals.get("model").is_none() {
            known.insert("model", usual_model());
        }
        for (pin, name) in [
            ("model", "model"),
            ("credentials", "credential"),
            ("ollama_host", "ollama_host"),
        ] {
            if let Some(value) = literals.get(pin) {
                known.insert(name, value.clone());
            }
        }
        needs(&Literals::new(&known), &expected)
    }
}

fn expected_once(literals: &Literals<'_>) -> Option<u64> {
    let retry = literals.get("retry").map_or(Some(3), Value::as_u64);
    retry.map(|retry| retry.max(1))
}

impl Input {
    fn settings(&self) -> Settings {
        Settings {
            model: self.model.clone(),
            credential: self.credentials.clone(),
            max_tokens: self.max_tokens.filter(|tokens| *tokens > 0),
            context: None,
            parallel: self.multiple_tool_calls,
            attempts: u32::try_from(self.retry).unwrap_or(1).clamp(1, 20),
            compacts: self.conversation_compaction,
            ollama_host: Some(self.ollama_host.clone()).filter(|host| !host.is_empty()),
            pin: "finished",
            tells_failures: false,
        }
    }

    /// Says the prompts, unless an earlier firing has.
    fn begin(&self, messages: &mut Vec<Message>) -> Result<(), BlockError> {
        let filled = |text: &Text| match self.prompt_values.is_empty() {
            true => Ok(text.to_string()),
            false => render(text, &self.prompt_values, false).map_err(BlockError::input),
        };
        let (mut is_instructed, mut has_task) = (false, false);
        for message in messages.iter() {
            match message {
                Message::System(text) => is_instructed |= text.starts_with(OBJECTIVE),
                Message::User(text) => has_task |= text.starts_with(OBJECTIVE),
                _ => {}
            }
        }
        if !is_instructed && !self.sys_prompt.is_empty() {
            let text = format!("{OBJECTIVE}{}", filled(&self.sys_prompt)?);
            messages.push(Message::System(text.into()));
        }
        if !has_task && !self.prompt.is_empty() {
            let text = format!("{OBJECTIVE}{}", filled(&self.prompt)?);
            messages.push(Message::User(text.into()));
        }
        Ok(())
    }
}

/// Asks once, and fires what the model calls. What the tools give comes back over links.
async fn one_turn(
    cx: &Context,
    talk: &mut Talk<'_>,
    out: Emitter<'_, Output>,
) -> Result<(), BlockError> {
    let (answer, calls) = talk.ask(Absent::Null).await?;
    if calls.is_empty() {
        out.emit(Output::Finished(answer.text.unwrap_or_default()))
            .await?;
        return Ok(());
    }
    for call in calls {
        match cx.call_tool(call.tool, call.arguments).await {
            Ok(_) => {}
            // The node has failed as any other does, and nothing comes back from it.
            Err(BlockError::Failed { message, .. }) => {
                cx.log(
                    Level::Warn,
                    format!("the tool \"{}\" failed: {message}", call.name),
                );
            }
            Err(error) => return Err(error),
        }
    }
    out.emit(Output::Conversations(written(&talk.messages)))
        .await?;
    Ok(())
}
