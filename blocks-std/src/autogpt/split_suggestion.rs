//! `autogpt.split_suggestion`: the parts of a keyword suggestion.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::Deserialize;

use super::keyword::{Output, Report, emit};

/// Takes a keyword suggestion apart.
pub(super) struct SplitSuggestion;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What DataForSEO says of the keyword.
    suggestion: Report,
}

impl Block for SplitSuggestion {
    const INFO: BlockInfo = BlockInfo::new("autogpt.split_suggestion", 1, "Takes a keyword suggestion of DataForSEO apart.")
        .category(Category::Data)
        .autogpt("4193cb94-677c-48b0-9eec-6ac72fffd0f2", "KeywordSuggestionExtractorBlock")
        .examples(&[Example::new(
            "keyword only",
            r#"{"suggestion": {"keyword": "tea"}}"#,
            r#"[["keyword", "tea"], ["search_volume", null], ["competition", null], ["cpc", null], ["keyword_difficulty", null], ["serp_info", null], ["clickstream_data", null]]"#,
        )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        emit(input.suggestion, out).await
    }
}
