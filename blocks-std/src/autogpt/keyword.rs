//! What the blocks that take keyword reports apart have in common.

use graphloom::prelude::*;
use graphloom::value::Map;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What DataForSEO says of a keyword.
#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Report {
    /// The keyword.
    keyword: String,
    /// Searches a month.
    search_volume: Option<i64>,
    /// How many advertisers there are, from 0 to 1.
    competition: Option<f64>,
    /// The cost of a click, in US dollars.
    cpc: Option<f64>,
    /// How hard it is to be found by it, from 0 to 100.
    keyword_difficulty: Option<i64>,
    /// About the page of results.
    serp_info: Option<Map>,
    /// About those who clicked.
    clickstream_data: Option<Map>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The keyword.
    Keyword(String),
    /// Searches a month.
    SearchVolume(Option<i64>),
    /// How many advertisers there are, from 0 to 1.
    Competition(Option<f64>),
    /// The cost of a click, in US dollars.
    Cpc(Option<f64>),
    /// How hard it is to be found by it, from 0 to 100.
    KeywordDifficulty(Option<i64>),
    /// About the page of results.
    SerpInfo(Option<Map>),
    /// About those who clicked.
    ClickstreamData(Option<Map>),
}

/// Emits each part of a report.
pub(super) async fn emit(report: Report, out: Emitter<'_, Output>) -> Result<(), BlockError> {
    out.emit(Output::Keyword(report.keyword)).await?;
    out.emit(Output::SearchVolume(report.search_volume)).await?;
    out.emit(Output::Competition(report.competition)).await?;
    out.emit(Output::Cpc(report.cpc)).await?;
    out.emit(Output::KeywordDifficulty(report.keyword_difficulty))
        .await?;
    out.emit(Output::SerpInfo(report.serp_info)).await?;
    out.emit(Output::ClickstreamData(report.clickstream_data))
        .await?;
    Ok(())
}
