//! Spans of requests and runs, for whoever collects them.

use graphloom::Text;

use crate::config::section::section;

section! {
    /// Spans of requests and runs, for whoever collects them (OpenTelemetry).
    Trace in "trace." {
        /// Where they are sent: the address of a collector that takes OTLP over HTTP, as `http://127.0.0.1:4318`; without it nowhere.
        otlp_endpoint: Option<Text> = None;
        /// Of a hundred traces that begin here, how many are collected; one that comes with a request is collected if whoever began it says so.
        sample_percent: u32 = 100, 0..=100;
        /// What this server is called there.
        service_name: Text = Text::from("graphloom-server");
    }
}
