//! `autogpt.read_rss_feed`: news as they come out, as AutoGPT reads them.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use graphloom::block::{Literals, Needs};
use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::address;
use super::feed::{self, Item};

/// How many items are remembered, so that none comes twice.
const MAX_REMEMBERED: usize = 10_000;

/// Reads a feed again and again.
pub(super) struct ReadRssFeed;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The address of the feed.
    rss_url: Text,
    /// Items that came out in the last so many minutes are taken.
    #[serde(default = "a_day")]
    time_period: u32,
    /// How many seconds lie between two looks at the feed, at least 1.
    polling_rate: u32,
    /// Whether to look again and again, until the run is cancelled; else once.
    #[serde(default = "yes")]
    run_continuously: bool,
}

const fn a_day() -> u32 {
    1_440
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Each item.
    Entry(News),
    /// All items of one look.
    Entries(Vec<News>),
}

/// One piece of news.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct News {
    /// Its title.
    title: Text,
    /// Where all of it stands.
    link: Text,
    /// What it says, as the feed has it: often HTML.
    description: Text,
    /// When it came out, in UTC (`2024-03-01T09:30:00Z`).
    pub_date: Text,
    /// Who wrote it.
    author: Text,
    /// What it is filed under.
    categories: Vec<Text>,
}

impl Block for ReadRssFeed {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.read_rss_feed",
        1,
        "Reads a feed again and again, and emits what is new.",
    )
    .details(
        "Unlike `web.read_feed`: it looks again and again unless told otherwise, and leaves out what has no date. Each item \
         is emitted once, and after the first look a list only when there is something new in it. A look is a step of the \
         run: one that was kept is not taken again.",
    )
    .category(Category::Web)
    .native("web.read_feed")
    .feature("feed")
    .effect(Effect::Idempotent)
    .capabilities(&[Capability::Http, Capability::Clock])
    .autogpt("5ebe6768-8e5d-41e3-9134-1c7bd89a8d52", "ReadRSSFeedBlock");
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        address::host_need(literals, "rss_url")
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        if input.polling_rate == 0 {
            return Err(BlockError::input("\"polling_rate\" is at least 1 second"));
        }
        let period = i64::from(input.time_period) * 60_000;
        // A later attempt goes on from the same time.
        let since = cx
            .step("since", async {
                Ok(cx.now()?.as_millis().saturating_sub(period))
            })
            .await?;
        let mut known = Known::default();
        for look in 0_u64.. {
            let key = format!("look:{look}");
            let fresh = cx.step(&key, async {
                let (_, mut items) = feed::get(cx, &input.rss_url, None).await?;
                items.retain(|item| item.is_after(since) && !known.has(&item.id));
                Ok(items)
            });
            let fresh: Vec<Item> = fresh.await?;
            let mut news = Vec::with_capacity(fresh.len());
            for item in fresh {
                if known.learn(&item.id) {
                    news.push(as_news(item));
                }
            }
            for one in &news {
                out.emit(Output::Entry(one.clone())).await?;
            }
            if look == 0 || !news.is_empty() {
                out.emit(Output::Entries(news)).await?;
            }
            if !input.run_continuously {
                break;
            }
            cx.sleep(Duration::from_secs(u64::from(input.polling_rate)))
                .await?;
        }
        Ok(())
    }
}

fn as_news(item: Item) -> News {
    News {
        title: item.title,
        link: item.link,
        description: item.description,
        pub_date: item.pub_date.unwrap_or_default(),
        author: item.author,
        categories: item.categories,
    }
}

/// The items that were emitted already, the latest ones.
#[derive(Default)]
struct Known {
    order: VecDeque<Text>,
    all: HashSet<Text>,
}

impl Known {
    fn has(&self, id: &Text) -> bool {
        self.all.contains(id)
    }

    /// Says whether it was not known.
    fn learn(&mut self, id: &Text) -> bool {
        if !self.all.insert(id.clone()) {
            return false;
        }
        self.order.push_back(id.clone());
        if self.order.len() > MAX_REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.all.remove(&oldest);
        }
        true
    }
}
