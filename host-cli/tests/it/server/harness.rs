//! A server that ends with the test, and the program that asks it.

use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;

use graphloom::host::MemoryStore;
use graphloom::{CancelToken, Engine, Registry};
use graphloom_server::auth::Auth;
use graphloom_server::serve::{Limits, serve};
use graphloom_server::{App, Principal, Role};

use crate::harness::{Called, called_with, command};

/// The token that may do everything.
pub(crate) const TOKEN: &str = "token-of-the-owner";
/// The token that may look, and nothing else.
pub(crate) const LOOKS: &str = "token-of-a-viewer";

/// A server in this process, in memory.
pub(crate) struct Server {
    pub(crate) url: String,
    stop: CancelToken,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        Self::at("127.0.0.1:0", Arc::default())
    }

    /// Starts one at this address over this store.
    pub(crate) fn at(address: &str, store: Arc<MemoryStore>) -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let stop = CancelToken::new();
        let (until, address) = (stop.clone(), address.to_owned());
        let work = async move {
            let who = |role: Role| Principal::new("us", "tests").scopes(role.scopes());
            let auth = Auth::new()
                .token(TOKEN, who(Role::Owner))
                .token(LOOKS, who(Role::Viewer));
            let mut registry = Registry::new();
            graphloom_blocks::register(&mut registry).unwrap();
            let app = App::builder(Engine::new(registry)).store(store).auth(auth);
            let app = app.build().unwrap();
            let listener = tokio::net::TcpListener::bind(&address).await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            serve(listener, app.router(), Limits::default(), until)
                .await
                .unwrap();
        };
        let thread = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build();
            runtime.unwrap().block_on(work);
        });
        let at = told.recv().unwrap();
        Self {
            url: format!("http://{at}"),
            stop,
            thread: Some(thread),
        }
    }

    /// Returns a call of the program that this server is to serve.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(args);
        command.args(["--server", &self.url, "--json"]);
        command.env("GRAPHLOOM_TOKEN", TOKEN);
        command
    }

    /// Calls the program and waits for its end.
    pub(crate) fn call(&self, args: &[&str]) -> Called {
        self.call_with(args, "")
    }

    /// Calls the program with a text on its standard input.
    pub(crate) fn call_with(&self, args: &[&str], stdin: &str) -> Called {
        called_with(self.command(args), stdin)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
