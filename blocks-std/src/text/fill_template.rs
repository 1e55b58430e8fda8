//! `text.fill_template`: a text made from a template and values.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::template::render;

/// Fills a template with values.
pub(super) struct FillTemplate;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What the template may refer to, by name.
    values: Map,
    /// The template, in Jinja: `Hello {{ name }}!`.
    format: String,
    /// Escapes `&`, `<`, `>` and quotes in what is filled in, for use in HTML.
    #[serde(default)]
    escape_html: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The filled template.
    Output(String),
}

impl Block for FillTemplate {
    const INFO: BlockInfo = BlockInfo::new(
        "text.fill_template",
        1,
        "Fills a Jinja template with values.",
    )
    .details(
        "Values are printed as Python does: a list as `[1, 'b', None]`. A name without a value prints nothing; \
         reading inside it is an error. One line break at the end of the template is dropped.",
    )
    .category(Category::Text)
    .autogpt(
        "db7d8f02-2f44-4c55-ab7a-eae0941f0c30",
        "FillTextTemplateBlock",
    )
    .examples(&[
        Example::new(
            "greeting",
            r#"{"values": {"name": "Ada"}, "format": "Hello {{ name }}!"}"#,
            r#"[["output", "Hello Ada!"]]"#,
        ),
        Example::new(
            "loop",
            r#"{"values": {"xs": ["p", "q"]}, "format": "{% for x in xs %}{{ loop.index }}{{ x }} {% endfor %}"}"#,
            r#"[["output", "1p 2q "]]"#,
        ),
        Example::new(
            "faulty template",
            r#"{"values": {}, "format": "{{ a"}"#,
            r#"[["error", "template"]]"#,
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
        let text = render(&input.format, &input.values, input.escape_html).map_err(|error| {
            BlockError::input(format!("the template cannot be filled: {error}"))
        })?;
        out.emit(Output::Output(text)).await?;
        Ok(())
    }
}
