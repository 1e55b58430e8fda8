//! What the program writes down of itself.

use crate::config::section::section;
use crate::log::{LogFilter, LogFormat};

section! {
    /// What the program writes down of itself, on standard error.
    Log in "log." {
        /// How: `text` for people, `json` for programs, a line each.
        format: LogFormat = LogFormat::Text;
        /// What: `error`, `warn`, `info`, `debug` or `trace`, for all or by part, as `warn,graphloom_server=info`.
        level: LogFilter = LogFilter::default();
    }
}
