//! `autogpt.parse_xml`: tags as values.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::markup::{Token, tokens};

/// The longest text that is read, in bytes.
const MAX_BYTES: usize = 10 << 20;

/// Tags may be nested so deep.
const MAX_DEPTH: usize = 256;

/// Reads tags as values.
pub(super) struct ParseXml;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// A text in one pair of tags, as a language model writes it.
    input_xml: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The name of the outer tag, and what is in it.
    ParsedXml(Map),
}

impl Block for ParseXml {
    const INFO: BlockInfo = BlockInfo::new("autogpt.parse_xml", 1, "Reads tags as values.")
        .details(
            "Not quite XML: names of tags are lower-case with `_` for blanks, attributes are errors, entities stay as \
             they are, text beside inner tags is dropped. Inner tags make a map, or, where a name occurs twice, a list \
             of maps with one key each.",
        )
        .category(Category::Text)
        .autogpt("286380af-9529-4b55-8be0-1d7c854abdb5", "XMLParserBlock")
        .examples(&[
            Example::new(
                "different tags",
                r#"{"input_xml": "<a><b>1</b><c>2</c></a>"}"#,
                r#"[["parsed_xml", {"a": {"b": "1", "c": "2"}}]]"#,
            ),
            Example::new(
                "equal tags",
                r#"{"input_xml": "<a><b>1</b><b>2</b></a>"}"#,
                r#"[["parsed_xml", {"a": [{"b": "1"}, {"b": "2"}]}]]"#,
            ),
            Example::new(
                "not closed",
                r#"{"input_xml": "<a>"}"#,
                r#"[["error", "is not closed"]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let parsed = parse(&input.input_xml).map_err(BlockError::input)?;
        out.emit(Output::ParsedXml(parsed)).await?;
        Ok(())
    }
}

/// A tag that is open: its name, its text, and the tags in it.
struct Open {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

fn parse(text: &str) -> Result<Map, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("the text has more than {MAX_BYTES} bytes"));
    }
    if text.trim().is_empty() {
        return Err("the text is empty".to_owned());
    }
    let mut open: Vec<Open> = Vec::new();
    let mut root: Option<(String, Value)> = None;
    for token in tokens(text) {
        let depth = open.len();
        match (token, open.last_mut()) {
            (Token::Open(_), None) if root.is_some() => {
                return Err("there is more than one outer tag: put one around all".to_owned());
            }
            (Token::Open(_), _) if depth >= MAX_DEPTH => {
                return Err(format!("tags are nested deeper than {MAX_DEPTH}"));
            }
            (Token::Open(name), _) => {
                open.push(Open {
                    name,
                    text: String::new(),
                    children: Vec::new(),
                });
            }
            (Token::Text(text), Some(tag)) => tag.text.push_str(text),
            (Token::Text(_), None) => {
                return Err("there is text outside of the outer tag".to_owned());
            }
            (Token::Close(name), _) => {
                let Some(tag) = open.pop() else {
                    return Err(format!("</{name}> closes nothing"));
                };
                if tag.name != name {
                    return Err(format!("<{}> is closed by </{name}>", tag.name));
                }
                let value = content(tag.text, tag.children);
                match open.last_mut() {
                    Some(outer) => outer.children.push((tag.name, value)),
                    None => root = Some((tag.name, value)),
                }
            }
        }
    }
    if let Some(tag) = open.last() {
        return Err(format!("<{}> is not closed", tag.name));
    }
    root.map(|root| Map::from_iter([root]))
        .ok_or_else(|| "there is no tag".to_owned())
}

fn content(text: String, children: Vec<(String, Value)>) -> Value {
    if children.is_empty() {
        return Value::from(text);
    }
    let map: Map = children.iter().cloned().collect();
    if map.len() == children.len() {
        return Value::Map(map);
    }
    children
        .into_iter()
        .map(|child| Value::Map(Map::from_iter([child])))
        .collect()
}
