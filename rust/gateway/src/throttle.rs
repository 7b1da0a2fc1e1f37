//! How many requests may be here at once (spec http.md 9): so many run, so many more wait their turn.
//!
//! Counting is by tickets: whoever holds a request holds its ticket, and a ticket that is dropped has
//! counted down, whatever became of the request. Without limits there are no tickets.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::seldom::{Seldom, and_more};

const MINUTE_NS: u64 = 60_000_000_000;

/// One request counted.
#[derive(Debug)]
pub(crate) struct Ticket(Arc<AtomicUsize>);

impl Ticket {
    fn of(count: &Arc<AtomicUsize>) -> Self {
        // Only the gateway's thread counts; the atomic is for the compiler.
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) struct Throttle {
    most_running: Option<NonZeroUsize>,
    most_outstanding: Option<NonZeroUsize>,
    running: Arc<AtomicUsize>,
    waiting: Arc<AtomicUsize>,
    /// A request that has waited is being tried again: it is nobody's successor.
    pub(crate) is_recalling: bool,
    refusals: Seldom,
}

impl Throttle {
    /// None is no limit.
    pub(crate) fn new(
        most_running: Option<NonZeroUsize>,
        most_outstanding: Option<NonZeroUsize>,
    ) -> Self {
        Self {
            most_running,
            most_outstanding,
            running: Arc::default(),
            waiting: Arc::default(),
            is_recalling: false,
            refusals: Seldom::new(10, MINUTE_NS),
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        self.most_running.is_some() || self.most_outstanding.is_some()
    }

    fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whether one request more would be too many to keep.
    pub(crate) fn is_full(&self) -> bool {
        self.most_outstanding
            .is_some_and(|most| self.running() + self.waiting() >= most.get())
    }

    /// Whether no further request may run now.
    pub(crate) fn is_busy(&self) -> bool {
        self.most_running
            .is_some_and(|most| self.running() >= most.get())
    }

    /// Whether a request must wait: for a place, or for those that came before it.
    pub(crate) fn must_wait(&self) -> bool {
        self.most_running.is_some()
            && (self.is_busy() || (!self.is_recalling && self.waiting() > 0))
    }

    /// For a request that runs.
    pub(crate) fn run(&self) -> Option<Ticket> {
        self.is_set().then(|| Ticket::of(&self.running))
    }

    /// For a request that could run and waits.
    pub(crate) fn wait(&self) -> Option<Ticket> {
        self.is_set().then(|| Ticket::of(&self.waiting))
    }

    /// The official line about a request that was refused, unless that was said too often of late.
    pub(crate) fn try_explain(&mut self, now_ns: u64) -> Option<String> {
        let most = self.most_outstanding?;
        let unsaid = self.refusals.try_speak(now_ns)?;
        Some(format!(
            "Http request queue limit of {most} has been exceeded.{}",
            and_more(unsaid)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttle(running: usize, outstanding: usize) -> Throttle {
        Throttle::new(NonZeroUsize::new(running), NonZeroUsize::new(outstanding))
    }

    #[test]
    fn without_limits_nothing_is_counted() {
        let throttle = throttle(0, 0);
        assert!(!throttle.is_set() && throttle.run().is_none() && throttle.wait().is_none());
        assert!(!throttle.is_full() && !throttle.is_busy() && !throttle.must_wait());
    }

    #[test]
    fn running_and_waiting_are_outstanding() {
        let throttle = throttle(2, 3);
        let (first, second) = (throttle.run(), throttle.run());
        assert!(throttle.is_busy() && throttle.must_wait() && !throttle.is_full());
        let third = throttle.wait();
        assert!(throttle.is_full());
        drop(first);
        assert!(!throttle.is_busy() && !throttle.is_full());
        drop((second, third));
        assert!(!throttle.must_wait());
    }

    #[test]
    fn nobody_overtakes_who_waits() {
        let mut throttle = throttle(1, 0);
        let waiting = throttle.wait();
        assert!(!throttle.is_busy() && throttle.must_wait());
        throttle.is_recalling = true;
        assert!(!throttle.must_wait());
        throttle.is_recalling = false;
        drop(waiting);
        assert!(!throttle.must_wait());
    }

    #[test]
    fn a_limit_of_outstanding_requests_alone_lets_them_all_run() {
        let throttle = throttle(0, 2);
        let held = [throttle.run(), throttle.run()];
        assert!(throttle.is_full() && !throttle.is_busy() && !throttle.must_wait());
        drop(held);
        assert!(!throttle.is_full());
    }

    #[test]
    fn the_official_line() {
        let mut throttle = throttle(0, 7);
        assert_eq!(
            throttle.try_explain(1).as_deref(),
            Some("Http request queue limit of 7 has been exceeded.")
        );
    }
}
