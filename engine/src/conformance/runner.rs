//! Runs cases one after the other and tells of all that failed.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A runtime of one thread, with all that tokio was built with.
pub(super) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// Runs each named case, and fails with the names and messages of those that failed.
pub(super) fn each<C>(cases: &[(&'static str, C)], run: impl Fn(&C)) {
    let mut failed = Vec::new();
    for (name, case) in cases {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(case))) {
            failed.push(format!("{name}: {}", message(panic.as_ref())));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} cases failed\n{}",
        failed.len(),
        cases.len(),
        failed.join("\n")
    );
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a text")
}
