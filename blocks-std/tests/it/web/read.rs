//! Blocks that read from the web: feeds, files.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graphloom::graph::Coercion;
use graphloom::host::{Clock, ManualClock};
use graphloom::{RunOptions, Status, Value, value};

use super::{engine_at, error, run, run_as};
use crate::stub_http::{Answer, StubHttp};
use crate::support::passing;

fn answering(answer: Answer) -> Arc<StubHttp> {
    StubHttp::new(move |_| Ok(answer.clone()))
}

#[tokio::test]
async fn a_file_is_kept_with_its_name() {
    let file = Answer::new(200, "%PDF").header("Content-Type", "application/pdf");
    let named = file
        .clone()
        .header("Content-Disposition", "attachment; filename=\"../a.pdf\"");
    let ran = run(
        &answering(named),
        "web.download",
        value!({"url": "https://a.example/b.pdf"}),
    )
    .await;
    let names: Vec<&str> = ran.outputs.iter().map(|(pin, _)| pin.as_str()).collect();
    assert_eq!(names, ["file", "name", "media_type"]);
    let Value::Blob(blob) = &ran.outputs[0].1 else {
        panic!("{ran:?}")
    };
    assert_eq!(
        (blob.bytes, blob.media_type.as_deref()),
        (4, Some("application/pdf"))
    );
    assert_eq!(
        (&ran.outputs[1].1, &ran.outputs[2].1),
        (&value!("a.pdf"), &value!("application/pdf"))
    );
    let ran = run(
        &answering(file.clone()),
        "web.download",
        value!({"url": "https://a.example/b.pdf"}),
    )
    .await;
    assert_eq!(ran.outputs[1].1, value!("b.pdf"));
    let less = value!({"url": "https://a.example/b.pdf", "max_bytes": 3});
    let ran = run(&answering(file), "web.download", less).await;
    assert!(error(&ran).contains("larger than 3 bytes"), "{ran:?}");
    let ran = run(
        &answering(Answer::new(404, "")),
        "web.download",
        value!({"url": "https://a.example/b"}),
    )
    .await;
    assert!(error(&ran).contains("status 404"), "{ran:?}");
}

#[cfg(feature = "feed")]
mod feeds {
    use super::*;

    /// A feed of items, each by its number and the minute of 1970-01-01 in which it came out.
    fn feed(items: &[(u32, i64)]) -> Answer {
        let mut rss = "<rss version=\"2.0\"><channel><title>News</title><link>https://a.example</link><description>d</description>".to_owned();
        for (number, minute) in items {
            rss += &format!(
                "<item><guid>{number}</guid><title>n{number}</title><link>/{number}</link><description>d</description>\
                 <pubDate>Thu, 01 Jan 1970 {:02}:{:02}:00 +0000</pubDate></item>",
                minute / 60,
                minute % 60
            );
        }
        Answer::new(200, rss + "</channel></rss>").header("content-type", "application/rss+xml")
    }

    fn titles(value: &Value) -> Vec<String> {
        let items = value.as_list().unwrap().iter();
        items
            .map(|item| item.get("title").unwrap().as_str().unwrap().to_owned())
            .collect()
    }

    #[tokio::test]
    async fn a_feed_is_read_and_cut_as_asked() {
        let http = answering(feed(&[(3, 180), (2, 120), (1, 60)]));
        let inputs = value!({"url": "https://a.example/feed", "after": "1970-01-01T01:00:00Z"});
        let ran = run(&http, "web.read_feed", inputs).await;
        assert_eq!(
            ran.outputs[0].1,
            value!({"title": "News", "link": "https://a.example/", "description": "d"})
        );
        assert_eq!(titles(&ran.outputs[1].1), ["n3", "n2"]);
        let ran = run(
            &http,
            "web.read_feed",
            value!({"url": "https://a.example/feed", "max_items": 1}),
        )
        .await;
        assert_eq!(titles(&ran.outputs[1].1), ["n3"]);
        let bad = run(
            &http,
            "web.read_feed",
            value!({"url": "https://a.example/feed", "after": "today"}),
        )
        .await;
        assert!(error(&bad).contains("is no time"), "{bad:?}");
        let page = answering(Answer::new(200, "<html>"));
        let bad = run(
            &page,
            "web.read_feed",
            value!({"url": "https://a.example/feed?k=1"}),
        )
        .await;
        assert!(
            error(&bad).starts_with("https://a.example/feed: what stands there is not a feed"),
            "{bad:?}"
        );
        let large = answering(Answer::new(200, vec![b' '; (8 << 20) + 1]));
        let bad = run(
            &large,
            "web.read_feed",
            value!({"url": "https://a.example/feed"}),
        )
        .await;
        assert!(error(&bad).contains("larger than 8388608 bytes"), "{bad:?}");
    }

    #[tokio::test]
    async fn one_look_takes_what_is_new_enough() {
        let http = answering(feed(&[(2, 0), (1, -1440)]));
        let inputs = value!({"rss_url": "https://a.example/feed", "time_period": 1, "polling_rate": 300, "run_continuously": false});
        let ran = run_as(&http, "autogpt.read_rss_feed", inputs, Coercion::Lenient).await;
        let news = value!({
            "title": "n2", "link": "https://a.example/2", "description": "d", "pub_date": "1970-01-01T00:00:00Z",
            "author": "", "categories": [],
        });
        assert_eq!(
            ran.outputs,
            [
                ("entry".into(), news.clone()),
                ("entries".into(), value!([(news)]))
            ]
        );
        let none = value!({"rss_url": "https://a.example/feed", "polling_rate": 0});
        assert!(error(&run(&http, "autogpt.read_rss_feed", none).await).contains("at least 1"));
    }

    #[tokio::test]
    async fn looks_go_on_until_the_run_is_cancelled_and_nothing_comes_twice() {
        let looks = AtomicUsize::new(0);
        let http = StubHttp::new(move |_| {
            Ok(match looks.fetch_add(1, Ordering::Relaxed) {
                0 => feed(&[(1, 10)]),
                1 => feed(&[(1, 10)]),
                _ => feed(&[(2, 20), (1, 10)]),
            })
        });
        let clock = ManualClock::new();
        let engine = engine_at(&http, &clock);
        let graph = br#"{"format": 1, "nodes": {
            "news": {"block": "autogpt.read_rss_feed", "inputs": {"rss_url": "https://a.example/feed", "polling_rate": 60}},
            "one": {"block": "io.output", "inputs": {"name": "one"}},
            "all": {"block": "io.output", "inputs": {"name": "all"}}},
            "links": [{"from": "news.entry", "to": "one.value"}, {"from": "news.entries", "to": "all.value"}]}"#;
        let handle = engine
            .start(&engine.load(graph).unwrap(), RunOptions::new())
            .unwrap();
        let looked = async {
            while http.sent().len() < 5 {
                tokio::task::yield_now().await;
                if clock.elapsed().as_secs() < 60 * http.sent().len() as u64 {
                    clock.advance_to_next();
                }
            }
        };
        passing(&clock, looked).await;
        handle.cancel();
        let outcome = handle.outcome().await;
        assert_eq!(outcome.status, Status::Cancelled);
        let one: Vec<_> = outcome
            .output("one")
            .iter()
            .map(|item| item.get("title").unwrap().clone())
            .collect();
        assert_eq!(one, [value!("n1"), value!("n2")]);
        let all: Vec<_> = outcome.output("all").iter().map(titles).collect();
        assert_eq!(all, [["n1"], ["n2"]]);
    }
}

#[cfg(feature = "web-page")]
mod pages {
    use super::*;

    const URL: &str = "https://a.example/b/";

    async fn read(answer: Answer) -> graphloom::BlockRun {
        run(
            &answering(answer),
            "web.page_to_markdown",
            value!({"url": URL}),
        )
        .await
    }

    #[tokio::test]
    async fn a_page_is_read_in_its_charset() {
        let page = b"<meta charset=iso-8859-1><title>caf\xe9</title><a href=c>caf\xe9</a>";
        let ran = read(Answer::new(200, page).header("content-type", "text/html")).await;
        assert_eq!(ran.outputs[0].1, value!("[café](https://a.example/b/c)\n"));
        assert_eq!(ran.outputs[1].1, value!("café"));
        let said =
            Answer::new(200, "<p>é".as_bytes()).header("content-type", "text/html; charset=utf-8");
        assert_eq!(read(said).await.outputs[0].1, value!("é\n"));
        let plain = Answer::new(200, "# a <b>").header("content-type", "text/markdown");
        assert_eq!(read(plain).await.outputs[0].1, value!("# a <b>"));
    }

    #[tokio::test]
    async fn what_is_no_page_or_too_large_is_refused() {
        let pdf = read(Answer::new(200, "%PDF").header("content-type", "application/pdf")).await;
        assert!(
            error(&pdf).contains("is application/pdf, and not a page"),
            "{pdf:?}"
        );
        let large = read(Answer::new(200, "x".repeat((4 << 20) + 1))).await;
        assert!(
            error(&large).contains("larger than 4194304 bytes"),
            "{large:?}"
        );
        let http = answering(Answer::new(200, ""));
        let given = value!({"url": URL, "html": "<p>four", "max_bytes": 6});
        let ran = run(&http, "web.page_to_markdown", given).await;
        assert!(
            error(&ran).contains("may have 6") && http.sent().is_empty(),
            "{ran:?}"
        );
    }
}
