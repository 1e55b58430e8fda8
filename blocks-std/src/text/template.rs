//! `text.template`: a text made from a template and values, strict about names.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::template::render_strictly;

/// Fills a template with values, strictly.
pub(super) struct Template;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The template, in Jinja: `Hello {{ name }}!`.
    template: String,
    /// What the template may refer to, by name; a link to `values.name` sets one of them.
    #[serde(default)]
    values: Map,
    /// Escapes `&`, `<`, `>` and quotes in what is filled in, for use in HTML.
    #[serde(default)]
    escape_html: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The filled template.
    Text(String),
}

impl Block for Template {
    const INFO: BlockInfo = BlockInfo::new(
        "text.template",
        1,
        "Fills a Jinja template with values; a name that is not there is an error.",
    )
    .details(
        "As `text.fill_template`, which prints nothing for a name that is not there, but for this: what is not defined \
         is an error that tells line and column, unless `is defined` or `default` ask for it; and `tojson` writes a \
         value as JSON. Other values are printed as Python does: a list as `[1, 'b', None]`. One line break at the end \
         of the template is dropped. Steps, depth and size are limited; what is filled in is never read as a template.",
    )
    .category(Category::Text)
    .examples(&[
        Example::new(
            "greeting",
            r#"{"template": "Hello {{ name }}{{ ', ' ~ title if title is defined }}!", "values": {"name": "Ada"}}"#,
            r#"[["text", "Hello Ada!"]]"#,
        ),
        Example::new(
            "loop",
            r#"{"template": "{% for x in xs %}{{ loop.index }}{{ x|tojson }}{{ ' ' if not loop.last }}{% endfor %}", "values": {"xs": ["p", [null]]}}"#,
            r#"[["text", "1\"p\" 2[null]"]]"#,
        ),
        Example::new(
            "what is filled in is text",
            r#"{"template": "{{ a }}", "values": {"a": "{{ b }}", "b": "secret"}}"#,
            r#"[["text", "{{ b }}"]]"#,
        ),
        Example::new(
            "a name that is not there",
            r#"{"template": "Dear\n{{ user.nmae }}", "values": {"user": {"name": "Ada"}}}"#,
            r#"[["error", "line 2, column 9: 'dict object' has no attribute 'nmae': did you mean 'name'?"]]"#,
        ),
        Example::new(
            "faulty template",
            r#"{"template": "{% if a %}", "values": {"a": 1}}"#,
            r#"[["error", "endif"]]"#,
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
        let text = render_strictly(&input.template, &input.values, input.escape_html);
        let text = text.map_err(|error| {
            BlockError::input(format!("the template cannot be filled: {error}"))
        })?;
        out.emit(Output::Text(text)).await?;
        Ok(())
    }
}
