//! A model that gives everyone what was asked for, in form, so that examples of blocks that ask one can be tried.

use graphloom::block::BoxFuture;
use graphloom::host::Credential;
use graphloom::value::Map;
use graphloom::{Context, Value, value};
use graphloom_blocks::llm::{ChatAnswer, ChatError, ChatRequest, Message, Provider};

pub(crate) struct StubModel;

impl Provider for StubModel {
    fn chat<'a>(
        &'a self,
        _: &'a Context,
        _: Option<&'a Credential>,
        request: &'a ChatRequest,
        heard: &'a (dyn Fn(&str) + Sync),
    ) -> BoxFuture<'a, Result<ChatAnswer, ChatError>> {
        let said = answer(&request.messages);
        heard(&said);
        let mut answer = ChatAnswer::default();
        answer.text = Some(said.into());
        Box::pin(std::future::ready(Ok(answer)))
    }
}

fn answer(messages: &[Message]) -> String {
    let mut systems = messages.iter().filter_map(|message| match message {
        Message::System(text) => Some(text.as_str()),
        _ => None,
    });
    let form = systems.find_map(|text| {
        let (_, rest) = text.split_once("<json_output id=\"")?;
        let (id, _) = rest.split_once('"')?;
        // The keys stand as a JSON object of their own.
        let keys = text.get(text.find("\n\n{")?..=text.rfind("}\n\n")?)?;
        Some((id, serde_json::from_str::<Value>(keys).ok()?))
    });
    let Some((id, keys)) = form else {
        return "true".to_owned();
    };
    let value = |key: &str| match key {
        "list" => value!(["one", "two"]),
        _ => value!("something"),
    };
    let keys = keys.as_map().unwrap().keys();
    let object: Map = keys.map(|key| (key.clone(), value(key))).collect();
    format!(
        "<json_output id=\"{id}\">{}</json_output>",
        Value::Map(object)
    )
}
