//! The two servers as processes.

use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Child {
    process: std::process::Child,
    pub(crate) address: String,
}

impl Child {
    pub(crate) fn ours(folder: &Path, more: &[String]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("--child-ours").arg("--data").arg(folder);
        command.args(["--listen", "127.0.0.1:0"]);
        // One client asks as fast as it can.
        command.args(["--rate-requests-per-second", "0"]);
        command.args(["--rate-address-requests-per-second", "0"]);
        command.args(more);
        Self::start(command)
    }

    pub(crate) fn bare(folder: &Path, indexed: bool) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let which = if indexed {
            "--child-bare"
        } else {
            "--child-bare-unindexed"
        };
        command.arg(which).arg(folder);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let address = lines.find_map(|line| {
            let line = line.unwrap();
            let address = line.strip_prefix("listening on http://").map(str::to_owned);
            said.push(line);
            address
        });
        std::thread::spawn(move || {
            lines
                .map_while(Result::ok)
                .for_each(|line| eprintln!("{line}"))
        });
        Self {
            process,
            address: address.unwrap_or_else(|| panic!("it does not listen: {said:?}")),
        }
    }

    /// What it has taken of the processors by now, and how many bytes it had written to the disk.
    pub(crate) fn usage(&self) -> (Duration, u64) {
        let proc = format!("/proc/{}", self.process.id());
        // By thread, in nanoseconds: what /proc/PID/stat says is counted in ticks of the clock, at which a thread that often
        // waits is seldom seen.
        let threads = std::fs::read_dir(format!("{proc}/task")).unwrap();
        let taken = threads.filter_map(|thread| {
            let told = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            told.split_whitespace().next()?.parse::<u64>().ok()
        });
        let taken = Duration::from_nanos(taken.sum());
        let io = std::fs::read_to_string(format!("{proc}/io")).unwrap();
        let bytes = io
            .lines()
            .find_map(|line| line.strip_prefix("write_bytes: "));
        (taken, bytes.unwrap().parse().unwrap())
    }

    /// Returns the largest resident size since the start, or since it was last forgotten, in bytes.
    pub(crate) fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.unwrap().split_whitespace().next().unwrap();
        kib.parse::<u64>().unwrap() * 1024
    }

    pub(crate) fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5").unwrap();
    }

    /// Waits until it has so many connections.
    pub(crate) fn wait_for(&self, connections: usize) {
        let began = Instant::now();
        loop {
            let files = std::fs::read_dir(format!("/proc/{}/fd", self.process.id())).unwrap();
            let is_socket = |path: &PathBuf| path.to_string_lossy().starts_with("socket:");
            let targets = files.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
            // One more listens.
            if targets.filter(is_socket).count() > connections {
                std::thread::sleep(Duration::from_millis(500));
                return;
            }
            assert!(
                began.elapsed() < Duration::from_mins(2),
                "not all are connected"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Counts how often it syncs while this is done. `None` where there is no strace.
    pub(crate) fn syncs(&self, work: impl FnOnce() -> usize) -> Option<(u64, usize)> {
        let mut strace = Command::new("strace")
            .args(["-f", "-c", "-e", "trace=fsync,fdatasync", "-p"])
            .arg(self.process.id().to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        std::thread::sleep(Duration::from_millis(500));
        let done = work();
        let stop = Command::new("kill")
            .args(["-INT", &strace.id().to_string()])
            .status();
        stop.unwrap();
        let mut said = String::new();
        strace.stderr.take()?.read_to_string(&mut said).unwrap();
        strace.wait().unwrap();
        // Columns: share, seconds, microseconds a call, calls, errors if any, name.
        let counts = said.lines().filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let is_sync = fields
                .last()
                .is_some_and(|name| ["fsync", "fdatasync"].contains(name));
            is_sync.then(|| fields[3].parse::<u64>().unwrap())
        });
        Some((counts.sum(), done))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
