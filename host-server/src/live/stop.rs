//! When streams end that have no end of their own.

use graphloom::CancelToken;

use crate::serve::Listening;

/// Tells a stream that it is to end: the application wants it, or the listener that its connection came to. The listener
/// waits until this is dropped.
pub(super) struct Stop {
    app: CancelToken,
    listening: Option<Listening>,
}

impl Stop {
    pub(super) fn new(app: &CancelToken, listening: Option<Listening>) -> Self {
        let app = app.clone();
        Self { app, listening }
    }

    /// Waits until the stream is to end. Cancel safe.
    pub(super) async fn asked(&self) {
        match &self.listening {
            None => self.app.cancelled().await,
            Some(listening) => tokio::select! {
                () = self.app.cancelled() => {}
                () = listening.stops() => {}
            },
        }
    }
}
