//! What the program would write to its log, for one test at a time.
//!
//! Subscribers of single threads lose events while other tests come and go: what is to be listened to is told to all
//! callsites at once. So there is one subscriber for the process, which hears only threads that ask for it.

use std::cell::RefCell;
use std::io::{Result, Write};
use std::sync::{Arc, Mutex, Once};

use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt, registry};

thread_local! {
    static HEARD: RefCell<Option<Arc<Mutex<Vec<u8>>>>> = const { RefCell::new(None) };
}

/// The log of this thread, from now on: a test's runtime has no other.
pub(crate) struct Logs(Arc<Mutex<Vec<u8>>>);

struct Thread;

impl Write for Thread {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        HEARD.with_borrow(|heard| {
            if let Some(heard) = heard {
                heard.lock().expect("no panic").extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Logs {
    pub(crate) fn of_this_thread() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let heard = dynamic_filter_fn(|_, _| HEARD.with_borrow(Option::is_some));
            let layer = fmt::layer().with_ansi(false).with_writer(|| Thread);
            let all = registry().with(layer.with_filter(heard));
            tracing::subscriber::set_global_default(all).expect("the only one");
        });
        let heard = Arc::default();
        HEARD.set(Some(Arc::clone(&heard)));
        Self(heard)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("text")
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        HEARD.set(None);
    }
}
