//! The second look: what makes it safe that workers wake the gateway once a batch and that a quick Function
//! runs without anybody else watching its Ring.
//!
//! While calls run in workers, the gateway looks again after 5 ms, and then ever less often until something
//! has moved. A look finds Outcomes nobody rang for (every turn of the loop does), and rings for help where
//! a sync Ring has not moved since the look before. Without running calls there is no timer.

use crate::reactor::Reactor;
use crate::timers::Due;

const FIRST_NS: u64 = 5_000_000;
const LONGEST_NS: u64 = 1_000_000_000;

/// When and how the next look is due.
#[derive(Default)]
pub(crate) struct Look {
    is_armed: bool,
    pause_ns: u64,
    /// Outcomes taken since the last look.
    pub(crate) outcomes: u64,
}

impl Reactor {
    /// A call goes to a worker.
    pub(crate) fn arm_look(&mut self) {
        if !self.look.is_armed {
            self.look.is_armed = true;
            self.look.pause_ns = FIRST_NS;
            self.timers.arm(self.now + FIRST_NS, Due::Look);
        }
    }

    pub(crate) fn on_look_due(&mut self) {
        self.look.is_armed = false;
        let mut is_running = false;
        for worker in self.pool.iter_mut() {
            is_running |= worker.in_flight > 0;
            let waiting = worker.ends.sync.backlog();
            let position = worker.ends.sync.released();
            is_running |= waiting > 0;
            if waiting > 0 && position == worker.looked_at {
                worker.help_bell.ring();
            }
            worker.looked_at = position;
        }
        if !is_running {
            return;
        }
        let has_moved = std::mem::take(&mut self.look.outcomes) > 0;
        self.look.pause_ns = if has_moved {
            FIRST_NS
        } else {
            (self.look.pause_ns * 2).min(LONGEST_NS)
        };
        self.look.is_armed = true;
        self.timers.arm(self.now + self.look.pause_ns, Due::Look);
    }
}
