//! Work that is done to its end, whoever waits for it goes away.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use graphloom::host::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::locked::lock;

/// Those who go on with what nobody waits for any more.
pub(super) type Tasks = Arc<Mutex<JoinSet<()>>>;

/// Work that whoever waits for it does themselves: it costs no task as long as they stay. Where they go away when it was
/// begun, a task goes on with it.
pub(super) struct Rest<T: Send + 'static> {
    /// Never locked: it is for a value that can be shared by those who do not wait.
    work: Mutex<Option<BoxFuture<'static, T>>>,
    is_begun: bool,
    tasks: Tasks,
}

impl<T: Send + 'static> Rest<T> {
    pub(super) fn new(tasks: &Tasks, work: impl Future<Output = T> + Send + 'static) -> Self {
        Self {
            work: Mutex::new(Some(Box::pin(work))),
            is_begun: false,
            tasks: Arc::clone(tasks),
        }
    }

    fn take(&mut self) -> Option<BoxFuture<'static, T>> {
        let work = self.work.get_mut();
        work.unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Of work that has to be done also where nobody ever waits for it.
    pub(super) fn begun(mut self) -> Self {
        self.is_begun = true;
        self
    }
}

impl<T: Send + 'static> Future for Rest<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.get_mut();
        // Work that panics is not gone on with, nor is what is over.
        let Some(mut work) = this.take() else {
            return Poll::Pending;
        };
        this.is_begun = true;
        let done = work.as_mut().poll(cx);
        if done.is_pending() {
            this.work = Mutex::new(Some(work));
        }
        done
    }
}

impl<T: Send + 'static> Drop for Rest<T> {
    fn drop(&mut self) {
        let is_begun = self.is_begun;
        let Some(work) = self.take().filter(|_| is_begun) else {
            return;
        };
        // Without a runtime nobody can go on with anything.
        if let Ok(runtime) = Handle::try_current() {
            let rest = async move { drop(work.await) };
            let mut tasks = lock(&self.tasks);
            // Those that are over are forgotten.
            while tasks.try_join_next().is_some() {}
            tasks.spawn_on(rest, &runtime);
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
        let (tell, told) = oneshot::channel();
        drop(Rest::new(&tasks, async { tell.send(7).expect("somebody hears it") }).begun());
        assert_eq!(told.await, Ok(7));

        let (go, gone) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let mut rest = Box::pin(Rest::new(&tasks, async move {
            let said: u8 = gone.await.expect("it is said");
            tell.send(said).expect("somebody hears it");
        }));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(rest.as_mut().poll(&mut cx).is_pending());
        assert_eq!(lock(&tasks).len(), 1, "whoever waits does it");
        drop(rest);
        go.send(7).expect("it goes on");
        assert_eq!(told.await, Ok(7));
    }
}
