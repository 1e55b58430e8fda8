//! `web.page_to_markdown`: what a page says.

use std::time::Duration;

use graphloom::block::{Literals, Needs};
use graphloom::host::HttpRequest;
use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::media::Media;
use super::{address, answer, page};

/// How many bytes a page may have where nothing else is said, and the Markdown of it.
const MAX_BYTES: u64 = 4 << 20;

/// A page says in its first bytes what it is written in.
const HEAD: usize = 1024;

/// Reads a page.
pub(super) struct PageToMarkdown;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The address of the page, by which its links become whole.
    url: Text,
    /// The page itself, if it is there already; else it is got.
    html: Option<Text>,
    /// How many bytes the page may have, and the Markdown of it.
    #[serde(default = "usual_bytes")]
    max_bytes: u64,
    /// How long it may take, in milliseconds; the host's limit holds too.
    timeout_ms: Option<u64>,
}

const fn usual_bytes() -> u64 {
    MAX_BYTES
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What the page says: headings, paragraphs, lists, tables, code, links and images with whole addresses.
    Markdown(String),
    /// Its title; empty where it has none.
    Title(Text),
}

impl Block for PageToMarkdown {
    const INFO: BlockInfo = BlockInfo::new("web.page_to_markdown", 1, "Reads a web page as Markdown.")
        .details(
            "Scripts, styles, forms' controls and pictures drawn in place are left out, and links that run code lose their \
             target. Nothing on the page is run, so that a page which is made by scripts says little. Markdown that comes \
             to `max_bytes` is cut there. A text that is not HTML stays as it is. What a page says is of its author: a model \
             that reads it may meet instructions.",
        )
        .category(Category::Web)
        .feature("web-page")
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Http])
        .examples(&[Example::new(
            "a page that is there already",
            r#"{"url": "https://example.com/a/", "html": "<title>Bees</title><h1>Bees</h1><p>They <b>hum</b>, see <a href='../b'>there</a>.</p><script>x()</script>"}"#,
            r##"[["markdown", "# Bees\n\nThey **hum**, see [there](https://example.com/b).\n"], ["title", "Bees"]]"##,
        )]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        match literals.text("html") {
            Some(_) => Needs::default(),
            None => address::host_need(literals, "url"),
        }
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let limit = usize::try_from(input.max_bytes).unwrap_or(usize::MAX);
        let read = match &input.html {
            Some(html) if html.len() > limit => {
                return Err(BlockError::input(format!(
                    "the page has {} bytes, and may have {limit}",
                    html.len()
                )));
            }
            Some(html) => page::read(html, &input.url, limit),
            None => got(cx, &input, limit).await?,
        };
        if read.cut {
            cx.log(
                graphloom::block::Level::Warn,
                format!("the page goes on: it was cut at {limit} bytes"),
            );
        }
        out.emit(Output::Markdown(read.markdown)).await?;
        out.emit(Output::Title(Text::from(read.title))).await?;
        Ok(())
    }
}

async fn got(cx: &Context, input: &Input, limit: usize) -> Result<page::Page, BlockError> {
    let mut request =
        HttpRequest::new("GET", input.url.clone()).header("accept", "text/html, text/*;q=0.8");
    request.max_bytes = Some(input.max_bytes);
    request.timeout = input.timeout_ms.map(|ms| Duration::from_millis(ms.max(1)));
    let answer = cx.http()?.send(request).await?;
    if !answer.is_success() {
        return Err(answer::refusal("GET", &input.url, answer).await);
    }
    let mut media = Media::read(answer.header("content-type"));
    let url = answer.url.clone();
    if !media.is_text() && !media.essence.is_empty() {
        return Err(BlockError::failed(format!(
            "{}: what stands there is {}, and not a page",
            address::shown(&input.url),
            media.essence
        )));
    }
    let bytes = answer::bytes(answer.body, input.max_bytes).await?;
    if media.charset.is_none() {
        media.charset = said_inside(&bytes);
    }
    let text = media.text(&bytes);
    let is_page = media.essence.is_empty() || media.essence.contains("html");
    Ok(match is_page {
        true => page::read(&text, &url, limit),
        false => page::Page {
            markdown: text,
            ..page::Page::default()
        },
    })
}

/// Returns the charset that a page names in its head.
fn said_inside(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..HEAD).unwrap_or(bytes)).to_lowercase();
    let (_, behind) = head.split_once("charset=")?;
    let name = behind.trim_start_matches(['"', '\'', ' ']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'));
    name.get(..end.unwrap_or(name.len())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_name_its_charset() {
        let check = |head: &str, expected: Option<&str>| {
            assert_eq!(said_inside(head.as_bytes()).as_deref(), expected)
        };
        check("<meta charset=\"Shift_JIS\">", Some("shift_jis"));
        check(
            "<meta http-equiv=content-type content='text/html; charset=iso-8859-1'>",
            Some("iso-8859-1"),
        );
        check("<p>", None);
    }
}
