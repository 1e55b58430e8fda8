//! The program as a process of its own, on a folder that outlives it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::harness::{Answer, Folder, client, json};

/// What its environment has as a key of somebody else's, and nobody is ever to see.
pub(crate) const ENVIRONMENT: &str = "env-c4nary5ecret3b7e1d";

/// A server that is killed with the test, if it has not ended before.
pub(crate) struct Program {
    child: Child,
    pub(crate) url: String,
    token: String,
    client: reqwest::Client,
    said: Arc<Mutex<Vec<String>>>,
}

impl Program {
    /// Starts it on this folder, and waits until it listens.
    pub(crate) fn start(folder: &Folder, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_graphloom-server"));
        command
            .env_clear()
            .env("GRAPHLOOM_PROBE_FILE", folder.path().join("effects"))
            .env("OPENAI_API_KEY", ENVIRONMENT)
            .arg("--data")
            .arg(folder.path().join("data"))
            .args(["--listen", "127.0.0.1:0"])
            .args(["--rate-requests-per-second", "0"])
            .args(["--rate-address-requests-per-second", "0"])
            .args(args)
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program");
        let mut lines = BufReader::new(child.stderr.take().expect("its words")).lines();
        let url = lines.find_map(|line| {
            let line = line.expect("text");
            line.strip_prefix("listening on ").map(str::to_owned)
        });
        // Whatever it says later is read, so that it never waits for that.
        let said = Arc::<Mutex<Vec<String>>>::default();
        let keep = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                keep.lock().expect("no panic").push(line);
            }
        });
        let token = std::fs::read_to_string(folder.path().join("data/token")).expect("a token");
        Self {
            child,
            url: url.expect("it listens"),
            token: token.trim().to_owned(),
            client: client(),
            said,
        }
    }

    /// Returns what it has said since it listens.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().expect("no panic").clone()
    }

    /// Begins a request.
    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.url);
        self.client.request(method, url).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.ask(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(json(self.ask(Method::POST, path), body)).await
    }

    /// Keeps a graph; returns its id.
    pub(crate) async fn keep(&self, graph: &Value) -> String {
        let answer = self.post("/v1/graphs", graph).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Returns every run, with its status.
    pub(crate) async fn runs(&self) -> Vec<(String, String)> {
        let (mut all, mut path) = (Vec::new(), "/v1/runs?limit=200".to_owned());
        loop {
            let page = self.get(&path).await.json();
            for run in page["items"].as_array().expect("a list") {
                let text = |member: &str| run[member].as_str().expect("text").to_owned();
                all.push((text("run_id"), text("status")));
            }
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("/v1/runs?limit=200&cursor={cursor}"),
                None => return all,
            }
        }
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it is there");
    }

    /// Waits until it has ended.
    pub(crate) fn ended(mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                return status;
            }
            assert!(began.elapsed() < Duration::from_mins(2), "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Kills it at once.
    #[cfg(feature = "probes")]
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it is there");
        self.child.wait().expect("it is ours");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
