//! A second process: this program again, told by its environment what to do. It is asked line by line and answers so.

use std::io::{BufRead, BufReader, ErrorKind, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use graphloom::host::{Lease, StoreError};
use graphloom_backends::sqlite::SqliteStore;

use super::harness::{all, append, begin, open, take};

const FOLDER: &str = "GRAPHLOOM_TEST_FOLDER";

/// What answers begin with, among what the test runner prints.
const MARK: &str = "answer: ";

/// A process that does what it is told, in a folder.
#[derive(Debug)]
pub(crate) struct Helper {
    child: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Helper {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_as(Command::new(std::env::current_exe().unwrap()), folder)
    }

    /// Starts this program, or a copy of it, in some way.
    pub(crate) fn start_as(mut program: Command, folder: &Path) -> Self {
        program
            .args(["--exact", "child::does_as_told", "--nocapture"])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = loop {
            match program.spawn() {
                // Another test has begun a process while the copy was written, which has it open until it is a program.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                    std::thread::yield_now();
                }
                spawned => break spawned.unwrap(),
            }
        };
        let orders = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            orders,
            answers,
        }
    }

    pub(crate) fn tell(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
        self.orders.flush().unwrap();
    }

    pub(crate) fn ask(&mut self, order: &str) -> String {
        self.tell(order);
        self.answer().unwrap()
    }

    /// Returns the next answer; `None` when the process is gone.
    pub(crate) fn answer(&mut self) -> Option<String> {
        self.answers.by_ref().find_map(|line| {
            let line = line.unwrap();
            // The test runner may have left its own line unfinished.
            line.split_once(MARK).map(|(_, answer)| answer.to_owned())
        })
    }

    /// Sends it a signal: `KILL`, `STOP`, `CONT`.
    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Ends it as a crash would, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Plays the second process where it is one; does nothing among the other tests.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "how one test process tells another one what it is"
)]
async fn does_as_told() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let mut player = Player {
        folder,
        store: None,
        lease: None,
        next: 0,
    };
    for order in std::io::stdin().lines() {
        let order = order.unwrap();
        let answer = match player.act(&order).await {
            Ok(answer) => answer,
            Err(error) => format!("{error:?}"),
        };
        say(&answer);
    }
}

/// Past the test runner, which would keep it to itself.
fn say(answer: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{MARK}{answer}").unwrap();
    out.flush().unwrap();
}

struct Player {
    folder: String,
    store: Option<SqliteStore>,
    lease: Option<Lease>,
    next: u64,
}

impl Player {
    async fn act(&mut self, order: &str) -> Result<String, StoreError> {
        let mut words = order.split(' ');
        let (verb, name) = (words.next().unwrap(), words.next().unwrap_or("r"));
        if self.store.is_none() {
            self.store = Some(match verb {
                "read" => SqliteStore::open_read_only(&self.folder)?,
                "open" => SqliteStore::open(&self.folder, Default::default())?,
                _ => open(Path::new(&self.folder)),
            });
        }
        let store = self.store.as_ref().unwrap();
        match verb {
            "begin" => {
                self.lease = Some(begin(store, name).await);
                Ok("has it".to_owned())
            }
            "take" => {
                let lease = take(store, name, "child", 0).await?;
                let epoch = lease.epoch;
                self.lease = Some(lease);
                Ok(format!("has it {epoch}"))
            }
            "append" => {
                let lease = self.lease.as_ref().unwrap();
                append(store, lease, self.next, 1).await?;
                self.next += 1;
                Ok(format!("has {}", self.next))
            }
            "append_on" => loop {
                let lease = self.lease.as_ref().unwrap();
                append(store, lease, self.next, 3).await?;
                self.next += 3;
                say(&format!("has {}", self.next));
            },
            "read" => Ok(format!("read {}", all(store, name).await?.len())),
            "open" => Ok("is open".to_owned()),
            other => panic!("{other}"),
        }
    }
}
