//! How much memory this process uses.

use serde::{Deserialize, Serialize};

/// Resident sizes of a process at the points that matter. 0 where the system does not tell.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    /// Before anything was made but the list of what depends on what.
    #[serde(rename = "empty_rss_bytes")]
    pub(crate) empty: u64,
    /// When everything was built and nothing had run.
    #[serde(rename = "base_rss_bytes")]
    pub(crate) base: u64,
    /// The largest since then.
    #[serde(rename = "run_peak_rss_bytes")]
    pub(crate) run_peak: u64,
    /// The largest of all, that of building included.
    #[serde(rename = "peak_rss_bytes")]
    pub(crate) peak: u64,
}

impl Memory {
    /// Looks for the first time: nothing is made yet.
    pub(crate) fn empty() -> Self {
        Self {
            empty: status("VmRSS:"),
            ..Self::default()
        }
    }

    /// Looks before the first run.
    pub(crate) fn built(&mut self) {
        self.base = status("VmRSS:");
        self.peak = status("VmHWM:");
        // Sets the largest size back to the current one (proc(5)); where that is not allowed, the peak of the run
        // contains that of the build.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
    }

    /// Looks after the last run.
    pub(crate) fn ran(&mut self) {
        self.run_peak = status("VmHWM:");
        self.peak = self.peak.max(self.run_peak);
    }
}

fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(key));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
