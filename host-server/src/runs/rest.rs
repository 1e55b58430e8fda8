//! Work that is done to its end, whoever waits for it goes away.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::locked::lock;

/// Those who go on with what nobody waits for any more.
pub(super) type Tasks = Arc<Mutex<JoinSet<()>>>;

/// Work that whoever waits for it does themselves: it costs no task as long as they stay. Where they go away when it was
/// begun, a task goes on with it.
pub(super) struct Rest<F: Future<Output: Send> + Send + 'static> {
    work: Option<Pin<Box<F>>>,
    is_begun: bool,
    tasks: Tasks,
}

impl<F: Future<Output: Send> + Send + 'static> Rest<F> {
    pub(super) fn new(tasks: &Tasks, work: F) -> Self {
        Self {
            work: Some(Box::pin(work)),
            is_begun: false,
            tasks: Arc::clone(tasks),
        }
    }
}

impl<F: Future<Output: Send> + Send + 'static> Future for Rest<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        // Work that panics is not gone on with, nor is what is over.
        let Some(mut work) = this.work.take() else {
            return Poll::Pending;
        };
        this.is_begun = true;
        let done = work.as_mut().poll(cx);
        if done.is_pending() {
            this.work = Some(work);
        }
        done
    }
}

impl<F: Future<Output: Send> + Send + 'static> Drop for Rest<F> {
    fn drop(&mut self) {
        let Some(work) = self.work.take().filter(|_| self.is_begun) else {
            return;
        };
        // Without a runtime nobody can go on with anything.
        if let Ok(runtime) = Handle::try_current() {
            let rest = async move { drop(work.await) };
            lock(&self.tasks).spawn_on(rest, &runtime);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn what_was_begun_is_done_and_nothing_else() {
        let tasks = Tasks::default();
        assert_eq!(Rest::new(&tasks, async { 1 }).await, 1);
        drop(Rest::new(&tasks, async { panic!("nobody began it") }));
        assert!(lock(&tasks).is_empty());

        let (go, gone) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let mut rest = Box::pin(Rest::new(&tasks, async move {
            let said: u8 = gone.await.expect("it is said");
            tell.send(said).expect("somebody hears it");
        }));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(rest.as_mut().poll(&mut cx).is_pending());
        assert!(lock(&tasks).is_empty(), "whoever waits does it");
        drop(rest);
        go.send(7).expect("it goes on");
        assert_eq!(told.await, Ok(7));
    }
}
