//! What may not take for ever. One heap; an entry says "look again then", and whoever is looked at decides
//! whether its time is really up, so that moving a deadline later costs nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Whom to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// A connection: its token and generation.
    Client(usize, u32),
    /// Running calls: see `look`.
    Look,
    /// The oldest Invocations.
    InFlight,
    /// The end of a second of summarised log lines.
    Report,
    /// Streamed bodies, or notes, that found a Ring full.
    Stuck,
    /// Calls that are made again.
    Retry,
    /// Accepting again after running out of descriptors.
    Accept,
    /// The end of a graceful stop's patience.
    Stop,
}

/// Deadlines in nanoseconds of the monotonic clock.
#[derive(Default)]
pub(crate) struct Timers {
    heap: BinaryHeap<Reverse<(u64, Due)>>,
}

impl Timers {
    pub(crate) fn arm(&mut self, at_ns: u64, due: Due) {
        self.heap.push(Reverse((at_ns, due)));
    }

    /// Nanoseconds until the next entry.
    pub(crate) fn next_in(&self, now_ns: u64) -> Option<u64> {
        self.heap
            .peek()
            .map(|Reverse((at, _))| at.saturating_sub(now_ns))
    }

    /// The next entry whose time has come.
    pub(crate) fn try_pop(&mut self, now_ns: u64) -> Option<Due> {
        if self.heap.peek()?.0.0 > now_ns {
            return None;
        }
        self.heap.pop().map(|Reverse((_, due))| due)
    }
}
