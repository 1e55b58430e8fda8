//! `autogpt.extract_code`: the fenced code in a text, by language.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fenced::{Fenced, split};

/// Extracts the fenced code in a text, by language.
pub(super) struct ExtractCode;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text, as a language model writes it.
    text: String,
}

macro_rules! languages {
    ($($(#[doc = $doc:literal])+ $variant:ident: $($alias:literal)|+;)+) => {
        #[derive(Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub(super) enum Output {
            $($(#[doc = $doc])+ $variant(String),)+
            /// The text without the code.
            RemainingText(String),
        }

        /// The languages in the order of their outputs: the words that mark one, and its output.
        const LANGUAGES: &[(&[&str], fn(String) -> Output)] =
            &[$((&[$($alias),+], Output::$variant)),+];
    };
}

languages! {
    /// HTML.
    Html: "html" | "htm";
    /// CSS.
    Css: "css";
    /// JavaScript.
    Javascript: "javascript" | "js";
    /// Python.
    Python: "python" | "py";
    /// SQL.
    Sql: "sql";
    /// Java.
    Java: "java";
    /// C++.
    Cpp: "cpp" | "c++";
    /// C#.
    Csharp: "csharp" | "c#" | "cs";
    /// JSON.
    JsonCode: "json";
    /// Commands for a shell.
    Bash: "bash" | "shell" | "sh";
    /// PHP.
    Php: "php";
    /// Ruby.
    Ruby: "ruby" | "rb";
    /// YAML.
    Yaml: "yaml" | "yml";
    /// Markdown.
    Markdown: "markdown" | "md";
    /// TypeScript.
    Typescript: "typescript" | "ts";
    /// XML.
    Xml: "xml";
}

impl Block for ExtractCode {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.extract_code",
        1,
        "Extracts the fenced code in a text, by language.",
    )
    .details(
        "Code stands between a line of three backquotes with a known language and a line of three backquotes. Blocks of \
         one language are joined with an empty line between them. A language in capitals is extracted but stays in the \
         remaining text too; lines that end in CR LF make no fence.",
    )
    .category(Category::Text)
    .autogpt("d3a7d896-3b78-4f44-8b4b-48fbf4f0bcd8", "CodeExtractionBlock")
    .examples(&[
        Example::new(
            "python",
            r#"{"text": "So:\n```py\nprint(1)\n```\nThat is all."}"#,
            r#"[["python", "print(1)"], ["remaining_text", "So:\nThat is all."]]"#,
        ),
        Example::new(
            "no code",
            r#"{"text": "nothing"}"#,
            r#"[["remaining_text", "nothing"]]"#,
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
        let words: Vec<&str> = LANGUAGES
            .iter()
            .flat_map(|(words, _)| words.iter().copied())
            .collect();
        let Fenced { blocks, remaining } = split(&input.text, &words);
        for (words, output) in LANGUAGES {
            let of_one = words.iter().flat_map(|word| {
                let of_word = blocks.iter().filter(move |(other, _)| other == word);
                of_word.map(|(_, code)| *code)
            });
            let code: Vec<&str> = of_one.collect();
            if !code.is_empty() {
                out.emit(output(code.join("\n\n"))).await?;
            }
        }
        if !remaining.is_empty() {
            out.emit(Output::RemainingText(remaining)).await?;
        }
        Ok(())
    }
}
