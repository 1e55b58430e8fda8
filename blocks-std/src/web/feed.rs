//! News feeds: RSS, Atom and JSON Feed in one form.

use std::time::Duration;

use feed_rs::model::{Entry, Feed, Link, Text as Said};
use feed_rs::parser;
use graphloom::Text;
use graphloom::host::HttpRequest;
use graphloom::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{address, answer};

/// A feed has this many bytes at most.
pub(super) const MAX_BYTES: u64 = 8 << 20;

/// Elements stand in each other this deep at most. HTML that a description quotes counts along, and is not closed
/// everywhere.
const MAX_DEPTH: usize = 16_384;

/// What a feed is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct About {
    /// Its title.
    title: Text,
    /// The site that it is of.
    link: Text,
    /// What it says of itself.
    description: Text,
}

/// One piece of news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Item {
    /// What the feed knows it by, or what was made of its link and title.
    pub(super) id: Text,
    /// Its title.
    pub(super) title: Text,
    /// Where all of it stands.
    pub(super) link: Text,
    /// What it says, as the feed has it: often HTML.
    pub(super) description: Text,
    /// When it came out, in UTC (`2024-03-01T09:30:00Z`); null where the feed does not say.
    pub(super) pub_date: Option<Text>,
    /// Who wrote it, with commas between several.
    pub(super) author: Text,
    /// What it is filed under.
    pub(super) categories: Vec<Text>,
}

impl Item {
    /// Says whether it came out after a time in milliseconds since 1970; no, where the feed does not say when.
    pub(super) fn is_after(&self, millis: i64) -> bool {
        let date = self
            .pub_date
            .as_ref()
            .and_then(|date| date.parse::<jiff::Timestamp>().ok());
        date.is_some_and(|date| date.as_millisecond() > millis)
    }
}

/// Gets a feed and reads it: what it is about, and its items as they stand in it.
pub(super) async fn get(
    cx: &Context,
    url: &Text,
    timeout: Option<Duration>,
) -> Result<(About, Vec<Item>), BlockError> {
    let accept = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8";
    let mut request = HttpRequest::new("GET", url.clone()).header("accept", accept);
    request.max_bytes = Some(MAX_BYTES);
    request.timeout = timeout;
    let answer = cx.http()?.send(request).await?;
    if !answer.is_success() {
        return Err(answer::refusal("GET", url, answer).await);
    }
    let from = answer.url.clone();
    let bytes = answer::bytes(answer.body, MAX_BYTES).await?;
    read(&bytes, &from)
        .map_err(|what| BlockError::failed(format!("{}: {what}", address::shown(url))))
}

fn read(bytes: &[u8], from: &str) -> Result<(About, Vec<Item>), String> {
    if is_deep(bytes) {
        return Err(format!(
            "what stands there is nested more than {MAX_DEPTH} deep"
        ));
    }
    let parser = parser::Builder::new().base_uri(Some(from)).build();
    let feed = parser.parse(bytes).map_err(|error| {
        let error: String = error.to_string().chars().take(200).collect();
        format!("what stands there is not a feed (RSS, Atom, JSON Feed): {error}")
    })?;
    Ok((about(&feed), feed.entries.iter().map(item).collect()))
}

/// Says whether elements stand in each other too deep. A rough count, which takes what stands in comments along.
fn is_deep(bytes: &[u8]) -> bool {
    let mut depth = 0_usize;
    for (position, byte) in bytes.iter().enumerate() {
        match (byte, bytes.get(position + 1)) {
            (b'<', Some(b'/')) => depth = depth.saturating_sub(1),
            (b'<', Some(next)) if next.is_ascii_alphabetic() => depth += 1,
            (b'/', Some(b'>')) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

fn said(text: Option<&Said>) -> Text {
    text.map_or_else(|| Text::from(""), |text| Text::from(text.content.trim()))
}

/// Returns the link to read at: the first that does not lead to another form of the same, else the first.
fn link(links: &[Link]) -> Text {
    let to_read = links
        .iter()
        .find(|link| matches!(link.rel.as_deref(), None | Some("alternate")));
    to_read
        .or(links.first())
        .map_or_else(|| Text::from(""), |link| Text::from(link.href.as_str()))
}

fn about(feed: &Feed) -> About {
    About {
        title: said(feed.title.as_ref()),
        link: link(&feed.links),
        description: said(feed.description.as_ref()),
    }
}

fn item(entry: &Entry) -> Item {
    let summary = said(entry.summary.as_ref());
    let content = entry
        .content
        .as_ref()
        .and_then(|content| content.body.as_deref());
    let description = match content {
        Some(content) if summary.is_empty() => Text::from(content.trim()),
        _ => summary,
    };
    let date = entry.published.or(entry.updated);
    let date =
        date.and_then(|date| jiff::Timestamp::from_millisecond(date.timestamp_millis()).ok());
    let authors = entry
        .authors
        .iter()
        .filter_map(|author| author.name.as_deref().or(author.email.as_deref()));
    let authors: Vec<&str> = authors.collect();
    let categories = entry.categories.iter();
    Item {
        id: Text::from(entry.id.as_str()),
        title: said(entry.title.as_ref()),
        link: link(&entry.links),
        description,
        pub_date: date.map(|date| Text::from(date.to_string())),
        author: Text::from(authors.join(", ")),
        categories: categories
            .map(|category| Text::from(category.label.as_deref().unwrap_or(&category.term)))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://news.example/feed/";

    #[test]
    fn rss_is_read() {
        let rss = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>https://news.example/</link>
            <description>All of it</description>
            <item><guid>1</guid><title> First </title><link>/a</link><description>&lt;b&gt;Bold&lt;/b&gt;</description>
              <pubDate>Fri, 01 Mar 2024 10:30:00 +0100</pubDate><category>x</category><category>y</category></item>
            <item><title>Undated</title></item></channel></rss>"#;
        let (about, items) = read(rss.as_bytes(), URL).unwrap();
        assert_eq!(
            (about.title.as_str(), about.description.as_str()),
            ("News", "All of it")
        );
        let first = &items[0];
        assert_eq!((first.id.as_str(), first.title.as_str()), ("1", "First"));
        assert_eq!(
            (first.link.as_str(), first.description.as_str()),
            ("https://news.example/a", "<b>Bold</b>")
        );
        assert_eq!(first.pub_date.as_deref(), Some("2024-03-01T09:30:00Z"));
        assert_eq!(first.categories, ["x", "y"]);
        assert!(first.is_after(1_709_285_399_999) && !first.is_after(1_709_285_400_000));
        assert!(items[1].pub_date.is_none() && !items[1].is_after(0) && !items[1].id.is_empty());
    }

    #[test]
    fn atom_and_json_are_read() {
        let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>f</id><updated>2024-01-01T00:00:00Z</updated>
            <entry><id>e</id><title>T</title><updated>2024-01-02T00:00:00Z</updated><author><name>Ada</name></author>
            <author><name>Bob</name></author><link rel="self" href="s"/><link rel="alternate" href="r"/>
            <content type="html">all</content></entry></feed>"#;
        let item = &read(atom.as_bytes(), URL).unwrap().1[0];
        assert_eq!(
            (item.link.as_str(), item.author.as_str()),
            ("https://news.example/feed/r", "Ada, Bob")
        );
        assert_eq!(
            (item.description.as_str(), item.pub_date.as_deref()),
            ("all", Some("2024-01-02T00:00:00Z"))
        );
        let json = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [{"id": "1", "content_text": "x"}]}"#;
        assert_eq!(read(json.as_bytes(), URL).unwrap().1.len(), 1);
    }

    #[test]
    fn what_is_no_feed_is_refused() {
        for bad in [
            "",
            "hello",
            "<html><body>no</body></html>",
            "<rss><channel>",
            "{}",
        ] {
            assert!(read(bad.as_bytes(), URL).is_err(), "{bad}");
        }
        let deep = format!("<rss><channel>{}", "<a>".repeat(200_000));
        assert!(read(deep.as_bytes(), URL).unwrap_err().contains("deep"));
        // As deep as is let through: the reader has to stand it.
        let deep = format!(
            "<rss><channel><item><description>{}",
            "<a>".repeat(MAX_DEPTH - 8)
        );
        let _ = read(deep.as_bytes(), URL);
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;">]><rss><channel><title>&c;</title></channel></rss>"#;
        let _ = read(bomb.as_bytes(), URL);
    }

    #[test]
    fn a_feed_says_its_own_charset() {
        let mut rss =
            br#"<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"><channel><title>caf"#
                .to_vec();
        rss.push(0xe9);
        rss.extend_from_slice(
            b"</title><link>https://a.example</link><description>d</description></channel></rss>",
        );
        assert_eq!(read(&rss, URL).unwrap().0.title.as_str(), "café");
    }
}
