//! What the driver of a kept run does beside driving: hands events to the store, holds back what depends on events that
//! are not kept yet, hears messages, and lets a run that only waits leave memory.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::block::Reply;
use crate::event::Failure;
use crate::host::{Message, Release, StoreError, WaitReason};

use super::call::Firing;
use super::driver::Driver;
use super::handle::{Question, Snapshot};
use super::keeper::Keeper;
use super::left::IN_DOUBT;
use super::suspend::Leave;

/// What a driver has for a run that is kept in a store.
pub(super) struct Durable {
    keeper: Keeper,
    /// Attempts that may act once the events up to this number are kept.
    held: VecDeque<(u64, Firing)>,
    /// Paid sub-steps whose blocks go on then.
    pledges: VecDeque<(u64, Reply<()>)>,
    /// Messages that have come and have not become events.
    messages: Vec<(u64, Message)>,
    /// The latest that has come.
    last_message: u64,
    /// It leaves memory when it only waits for someone.
    parks: bool,
    /// What it left memory for.
    parked: Option<(WaitReason, Vec<Question>)>,
    /// It was asked to leave memory.
    pub(super) leaving: Option<Leave>,
    /// It has left memory since it was asked to.
    pub(super) has_left: bool,
    /// Why the store refused.
    lost: Option<Failure>,
}

impl Durable {
    pub(super) fn new(keeper: Keeper, parks: bool) -> Self {
        Self {
            keeper,
            held: VecDeque::new(),
            pledges: VecDeque::new(),
            messages: Vec::new(),
            last_message: 0,
            parks,
            parked: None,
            leaving: None,
            has_left: false,
            lost: None,
        }
    }

    pub(super) fn holds_nothing(&self) -> bool {
        self.held.is_empty()
    }

    /// It was asked to leave memory: nothing begins here any more.
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.is_some()
    }

    /// Attempts or their steps wait for what is on its way to the store.
    pub(super) fn is_waited_for(&self) -> bool {
        !self.held.is_empty() || !self.pledges.is_empty()
    }

    /// How many attempts are held back.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// A graph was given up.
    pub(super) fn give_up(&mut self, scope: u32) {
        self.held.retain(|(_, firing)| firing.at.scope != scope);
    }
}

/// Waits until more is kept than before; for ever for a run that is not kept.
pub(super) async fn more_is_kept(durable: &mut Option<Box<Durable>>) {
    match durable {
        Some(durable) => std::future::poll_fn(|cx| durable.keeper.poll(cx)).await,
        None => std::future::pending().await,
    }
}

impl Driver {
    /// Hands the events to the store that were decided up to now.
    pub(super) fn hand_over(&mut self) {
        let Some(durable) = &mut self.durable else {
            return;
        };
        if let Some(store) = self.core.log.for_store() {
            durable.pledges.extend(store.pledges.drain(..));
            durable.keeper.take(&mut store.steps, store.wanted);
        }
    }

    /// An attempt that must not act twice waits until its beginning is kept. Returns one that may go on.
    pub(super) fn hold_back(&mut self, firing: Firing) -> Option<Firing> {
        let Some(durable) = &mut self.durable else {
            return Some(firing);
        };
        if !firing.acts || firing.begun || self.core.stopped {
            return Some(firing);
        }
        let needed = self.core.log.next();
        if durable.keeper.is_kept(needed) {
            return Some(firing);
        }
        self.core.log.want();
        durable.held.push_back((needed, firing));
        None
    }

    /// More is kept than before: what waited for it goes on.
    pub(super) fn kept(&mut self) {
        let Some(durable) = &mut self.durable else {
            return;
        };
        if let Some(error) = durable.keeper.failure() {
            return self.lose(&error);
        }
        while let Some((needed, _)) = durable.pledges.front()
            && durable.keeper.is_kept(*needed)
            && let Some((_, reply)) = durable.pledges.pop_front()
        {
            // Who paid may have been dropped meanwhile.
            let _ = reply.send(Ok(()));
        }
        let mut free = Vec::new();
        if !durable.held.is_empty() && durable.keeper.is_stale() {
            return;
        }
        while let Some((needed, _)) = durable.held.front()
            && durable.keeper.is_kept(*needed)
        {
            free.extend(durable.held.pop_front());
        }
        for (_, firing) in free {
            self.begin_held(firing);
        }
    }

    /// The run is not ours any more, or nothing can be kept of it: it stops here, and nothing of that is an event.
    fn lose(&mut self, error: &StoreError) {
        let refusal = Failure::new(error.code(), error.to_string());
        let failure = Arc::new(refusal.clone());
        self.core.failure.get_or_insert(failure);
        self.core.log.lose();
        if let Some(durable) = &mut self.durable {
            durable.lost = Some(refusal);
            durable.pledges.clear();
            durable.keeper.lost();
        }
        self.stop(false);
    }

    /// Someone else has the run by now.
    pub(super) fn taken_over(&mut self) {
        if let Some(durable) = self
            .durable
            .as_ref()
            .filter(|durable| durable.lost.is_none())
        {
            let error = durable.keeper.taken_over();
            self.lose(&error);
        }
    }

    /// Attempts that were held back have not acted.
    pub(super) fn drop_held_back(&mut self) {
        let held = self.durable.as_mut().map(|d| std::mem::take(&mut d.held));
        for (_, firing) in held.unwrap_or_default() {
            let at = firing.at;
            drop(firing);
            let receipt = self.receipt.get_or_insert_default();
            self.core.abort_unacted(at, receipt, false);
        }
        for at in self.core.left.end() {
            let receipt = self.receipt.get_or_insert_default();
            self.core.abort(at, receipt, false);
        }
    }

    /// Does what was decided about effects in doubt. Says whether there was anything.
    pub(super) fn take_up_left(&mut self) -> bool {
        if self.is_leaving() {
            return false;
        }
        let decided = self.core.left.take_decided();
        let any = !decided.is_empty();
        for (doubt, decision) in decided {
            if let Some(firing) = self.core.do_decided(doubt, decision) {
                self.poll_in_place(firing);
            }
        }
        any
    }

    /// Waits while the store is too far behind.
    pub(super) async fn keep_up(&mut self) {
        self.hand_over();
        while let Some(durable) = &mut self.durable {
            let behind = durable.keeper.is_behind();
            let progress = std::future::poll_fn(|cx| {
                let polled = durable.keeper.poll(cx);
                if behind {
                    polled.map(|()| true)
                } else {
                    std::task::Poll::Ready(polled.is_ready())
                }
            });
            if !progress.await {
                return;
            }
            self.kept();
        }
    }

    /// Takes messages that are new.
    pub(super) fn take_messages(&mut self, messages: Vec<(u64, Message)>) {
        let Some(durable) = &mut self.durable else {
            return;
        };
        for (number, message) in messages {
            if number > durable.last_message {
                durable.last_message = number;
                durable.messages.push((number, message));
            }
        }
        self.deliver_messages();
    }

    /// Makes events of messages, as far as someone waits for them.
    pub(super) fn deliver_messages(&mut self) {
        let Some(durable) = &mut self.durable else {
            return;
        };
        if durable.messages.is_empty() {
            return;
        }
        for (number, message) in std::mem::take(&mut durable.messages) {
            let heard = match &message {
                Message::Cancel => {
                    self.stop(true);
                    true
                }
                Message::Answer {
                    node,
                    signal,
                    value,
                } => self.core.answer(node, signal.as_ref(), value.clone()),
            };
            if let Some(durable) = &mut self.durable {
                if heard {
                    durable.keeper.heard(number);
                } else {
                    durable.messages.push((number, message));
                }
            }
        }
    }

    /// Says whether the run leaves memory now: nothing moves before someone answers.
    pub(super) fn parks(&mut self) -> bool {
        let Some(durable) = &mut self.durable else {
            return false;
        };
        let waiters = || self.core.waiters.iter().filter(|waiter| !waiter.is_gone());
        let moves = self.running.len() > self.core.parked.len()
            || !self.delays.is_empty()
            || !self.full.is_empty()
            || durable.is_waited_for()
            || self.core.log.has_pledges()
            || self.core.run.mail.is_full();
        if !durable.parks || moves || self.stopping.is_some() || waiters().next().is_none() {
            return false;
        }
        let doubt = waiters().any(|waiter| waiter.signal.as_str() == IN_DOUBT);
        let reason = if doubt {
            WaitReason::InDoubt
        } else {
            WaitReason::Human
        };
        // Now: whoever asks is gone when the run has left memory.
        durable.parked = Some((reason, Snapshot::of(&self.core).questions));
        true
    }

    /// What the run left memory for.
    pub(super) fn parked(&self) -> Option<&[Question]> {
        let (_, questions) = self.durable.as_ref()?.parked.as_ref()?;
        Some(questions)
    }

    /// Keeps the rest, up to the end, and gives a run back that waits. Says why the store refused, if it did.
    pub(super) async fn close(&mut self) -> Option<Failure> {
        self.hand_over();
        let durable = self.durable.as_mut()?;
        if durable.lost.is_some() {
            return durable.lost.take();
        }
        let events = self.core.log.next();
        let mut closed = durable.keeper.close(events).await;
        let gives_back = match &durable.parked {
            Some((reason, _)) => Some(Release::Park {
                reason: *reason,
                until: None,
            }),
            None => durable.has_left.then_some(Release::Queue),
        };
        if let (Ok(()), Some(how)) = (&closed, gives_back) {
            let now = self.core.run.env.host.clock.now();
            closed = durable.keeper.release(how, now).await;
        }
        self.core.log.let_go(closed.is_ok());
        let error = closed.err()?;
        Some(Failure::new(error.code(), error.to_string()))
    }
}
