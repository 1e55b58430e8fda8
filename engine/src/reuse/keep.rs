//! Keeping what a firing gave, once it has ended well.

use std::sync::Arc;

use crate::block::{BlockInfo, Context};
use crate::host::{CacheError, CachedResult};
use crate::value::{ContentHash, Text, Value};

use super::Reuse;
use super::digest::holds_secret;

/// What a firing has emitted so far, as long as it may be kept.
#[derive(Debug)]
pub(crate) struct Emissions {
    kept: Result<Vec<(u16, Value)>, String>,
    max: usize,
    left: usize,
}

impl Emissions {
    /// Takes the next one.
    pub(crate) fn add(&mut self, port: u16, value: &Value) {
        let Ok(kept) = &mut self.kept else { return };
        if holds_secret(value) {
            self.kept = Err("the result holds a secret".to_owned());
            return;
        }
        let weight = value.weigh(u32::MAX, self.left);
        let left = weight.ok().and_then(|weight| {
            let place = size_of::<(u16, Value)>();
            self.left.checked_sub(weight + place)
        });
        match left {
            Some(left) => {
                self.left = left;
                kept.push((port, value.clone()));
            }
            None => {
                let max_bytes = self.max;
                self.kept = Err(CacheError::TooLarge { max_bytes }.to_string());
            }
        }
    }
}

impl Reuse {
    /// Begins to note what a firing emits.
    pub(crate) fn emissions(&self) -> Emissions {
        Emissions {
            kept: Ok(Vec::new()),
            max: self.max_result_bytes,
            left: self.max_result_bytes,
        }
    }

    /// Puts what a firing gave into the cache. What goes wrong with that is noted, and nobody fails.
    pub(crate) async fn keep(
        &self,
        key: ContentHash,
        cx: &Context,
        info: &BlockInfo,
        emissions: Emissions,
    ) {
        let Some(cache) = self.cache.as_ref().map(Arc::clone) else {
            return;
        };
        let why_not = match emissions.kept {
            Err(why) => Some(why),
            Ok(kept) => {
                let pins = &cx.shape().outputs;
                let named = kept.into_iter().filter_map(|(port, value)| {
                    let pin = pins.get(usize::from(port))?;
                    Some((pin.name.clone(), value))
                });
                let outputs: Vec<(Text, Value)> = named.collect();
                let result = CachedResult::new(info.id, info.version, outputs);
                let put = cache.put(key, result).await;
                put.err().map(|error| error.to_string())
            }
        };
        self.told().note_kept(why_not);
    }
}
