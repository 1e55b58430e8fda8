//! Blocks that behave badly, each in its own way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use graphloom::block::types::PinType;
use graphloom::block::{BoxFuture, InputPin};
use graphloom::{BlockError, Context, Effect, Registry, Resource, Value, value};

use super::blocks::{self, any, get, info, int, integer, need, simple};

/// A door that a test opens, for work on blocking threads; and who came by.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    open: AtomicBool,
    pub(crate) seen: Mutex<Vec<String>>,
}

impl Gate {
    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }

    pub(crate) fn note(&self, what: &str) {
        self.seen.lock().unwrap().push(what.to_owned());
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|seen| *seen == what).count()
    }
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

fn gate(cx: &Context) -> Arc<Gate> {
    cx.ext::<Arc<Gate>>().map(Arc::clone).unwrap_or_default()
}

fn failing<'a>(kind: &str) -> BoxFuture<'a, Result<(), BlockError>> {
    let kind = kind.to_owned();
    Box::pin(async move {
        match kind.as_str() {
            "text" => panic!("a text"),
            "string" => std::panic::panic_any(format!("a {}", "string")),
            "number" => std::panic::panic_any(7_i32),
            // What it carries panics as well when it is dropped.
            "bomb" => std::panic::panic_any(PanicsWhenDropped),
            "drop" => {
                let _bomb = PanicsWhenDropped;
                Ok(())
            }
            "drop after a wait" => {
                let _bomb = PanicsWhenDropped;
                tokio::task::yield_now().await;
                Ok(())
            }
            "after a wait" => {
                tokio::task::yield_now().await;
                panic!("a text")
            }
            // It is dropped where it waits.
            "drop when stopped" => {
                let _bomb = PanicsWhenDropped;
                std::future::pending().await
            }
            "error" => Err(BlockError::failed("an error")),
            _ => Ok(()),
        }
    })
}

/// The blocks of [`blocks`], and those that behave badly.
#[expect(clippy::too_many_lines, reason = "a list of blocks")]
pub(crate) fn registry() -> Registry {
    let mut registry = blocks::registry();
    let text = |name: &str| InputPin::new(name, PinType::Text);
    for block in [
        // Does not hear that it is to stop.
        simple(info("s.deaf"), vec![any("value")], &["out"], |_, _, _| {
            Box::pin(std::future::pending())
        }),
        simple(
            info("s.once").effect(Effect::AtMostOnce),
            vec![any("value")],
            &["out"],
            |_, _, _| Box::pin(std::future::pending()),
        ),
        // Is always busy, and does not hear that it is to stop.
        simple(info("s.busy"), vec![any("value")], &["out"], |_, _, _| {
            Box::pin(async {
                loop {
                    tokio::task::yield_now().await;
                }
            })
        }),
        // Stops when it is asked to.
        simple(
            info("s.polite"),
            vec![any("value")],
            &["out"],
            |cx, _, out| {
                Box::pin(async move {
                    cx.cancelled().await;
                    assert!(out.emit("out", 1).await.is_err());
                    Err(BlockError::Cancelled)
                })
            },
        ),
        // Makes a failure of being asked to stop.
        simple(info("s.sour"), vec![any("value")], &["out"], |cx, _, _| {
            Box::pin(async move {
                cx.cancelled().await;
                Err(BlockError::failed("the connection is gone"))
            })
        }),
        // Looks whether it is to stop, and does not wait for it.
        simple(
            info("s.looks"),
            vec![any("value")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    if cx.is_cancelled() {
                        return Err(BlockError::Cancelled);
                    }
                    out.emit("out", get(inputs, "value").clone()).await?;
                    Ok(())
                })
            },
        ),
        simple(
            info("s.endless"),
            vec![any("value")],
            &["out"],
            |_, _, out| {
                Box::pin(async move {
                    for i in 0.. {
                        out.emit("out", i).await?;
                    }
                    Ok(())
                })
            },
        ),
        simple(
            info("s.panic"),
            vec![text("kind").required(), any("value")],
            &["out"],
            |_, inputs, out| {
                Box::pin(async move {
                    let kind = get(inputs, "kind").as_str().unwrap_or_default().to_owned();
                    out.emit("out", kind.as_str()).await?;
                    failing(&kind).await
                })
            },
        ),
        // Goes through the gate when it is open, on a thread that it blocks.
        simple(
            info("s.gate").resource(Resource::Cpu),
            vec![any("value")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    let gate = gate(cx);
                    gate.note("came");
                    while !gate.open.load(Ordering::SeqCst) {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    let result = out.emit("out", get(inputs, "value").clone()).await;
                    gate.note(if result.is_ok() { "emitted" } else { "refused" });
                    Ok(result?)
                })
            },
        ),
        // Waits on its thread for an answer.
        simple(
            info("s.cpu_wait").resource(Resource::Cpu),
            vec![any("value")],
            &["out"],
            |cx, _, out| {
                Box::pin(async move {
                    gate(cx).note("came");
                    let answer = cx.wait("ok", Value::Null).await;
                    gate(cx).note("went");
                    out.emit("out", answer?).await?;
                    Ok(())
                })
            },
        ),
        simple(
            info("s.wait"),
            vec![any("value")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    let answer = cx.wait("ok", get(inputs, "value").clone()).await?;
                    out.emit("out", answer).await?;
                    Ok(())
                })
            },
        ),
        // Waits for an answer, but not for long.
        simple(
            info("s.hasty"),
            vec![any("value")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    tokio::select! {
                        _ = cx.wait("ok", get(inputs, "value").clone()) => {}
                        _ = cx.sleep(Duration::from_millis(1)) => {}
                    }
                    cx.sleep(Duration::from_secs(60)).await?;
                    out.emit("out", "late").await?;
                    Ok(())
                })
            },
        ),
        // The second attempt gives something else than the first, and goes on.
        simple(
            info("s.fickle"),
            vec![any("value")],
            &["out"],
            |cx, _, out| {
                Box::pin(async move {
                    let attempt = cx.info().attempt;
                    for i in 0..3 {
                        out.emit("out", i64::from(attempt) * 10 + i).await?;
                        tokio::task::yield_now().await;
                    }
                    Err(BlockError::transient("again"))
                })
            },
        ),
        // Sleeps so many milliseconds.
        simple(
            info("s.sleep"),
            vec![any("value"), integer("ms", 1)],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    let ms = u64::try_from(int(inputs, "ms")).unwrap_or(0);
                    cx.sleep(Duration::from_millis(ms)).await?;
                    out.emit("out", get(inputs, "value").clone()).await?;
                    Ok(())
                })
            },
        ),
        // Lets others go first.
        simple(
            info("s.yields"),
            vec![need("value")],
            &["out"],
            |_, _, _| {
                Box::pin(async {
                    tokio::task::yield_now().await;
                    Ok(())
                })
            },
        ),
        simple(
            info("s.yields_on"),
            vec![need("value")],
            &["out"],
            |_, inputs, out| {
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    out.emit("out", get(inputs, "value").clone()).await?;
                    Ok(())
                })
            },
        ),
        // The first firing takes its time, the others emit a lot.
        simple(
            info("s.oldest_is_slow"),
            vec![need("value")],
            &["out"],
            |cx, _, out| {
                Box::pin(async move {
                    if cx.info().firing == 0 {
                        for _ in 0..200 {
                            tokio::task::yield_now().await;
                        }
                    }
                    for i in 0..500 {
                        out.emit("out", i).await?;
                    }
                    Ok(())
                })
            },
        ),
        simple(
            info("s.full_then_sleeps"),
            vec![any("value")],
            &["out"],
            |cx, _, out| {
                Box::pin(async move {
                    for n in [64, 64, 1] {
                        for i in 0..n {
                            out.emit("out", i).await?;
                        }
                        cx.sleep(Duration::from_millis(2)).await?;
                    }
                    Ok(())
                })
            },
        ),
        // Puts its value into a list.
        simple(
            info("s.wrap"),
            vec![need("value")],
            &["out"],
            |_, inputs, out| {
                Box::pin(async move {
                    out.emit("out", value!([(get(inputs, "value").clone())]))
                        .await?;
                    Ok(())
                })
            },
        ),
        // Emits so many on one pin and then one on the other.
        simple(
            info("s.lopsided"),
            vec![integer("n", 100)],
            &["x", "y"],
            |_, inputs, out| {
                Box::pin(async move {
                    for i in 0..int(inputs, "n") {
                        out.emit("x", i).await?;
                    }
                    out.emit("y", "y").await?;
                    Ok(())
                })
            },
        ),
    ] {
        registry.add(block).unwrap();
    }
    registry
}
