//! `autogpt.split_related`: the parts of a related keyword.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::Deserialize;

use super::keyword::{Output, Report, emit};

/// Takes a related keyword apart.
pub(super) struct SplitRelated;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What DataForSEO says of the keyword.
    related_keyword: Report,
}

impl Block for SplitRelated {
    const INFO: BlockInfo = BlockInfo::new("autogpt.split_related", 1, "Takes a related keyword of DataForSEO apart.")
        .category(Category::Data)
        .autogpt("98342061-09d2-4952-bf77-0761fc8cc9a8", "RelatedKeywordExtractorBlock")
        .examples(&[Example::new(
            "keyword only",
            r#"{"related_keyword": {"keyword": "tea"}}"#,
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
        emit(input.related_keyword, out).await
    }
}
