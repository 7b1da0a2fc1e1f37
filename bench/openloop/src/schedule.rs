//! When each request is due: request `i` at `start + i / rate`, and nothing moves it.
//!
//! Must never look at what was sent or answered; that is what keeps the loop open.
//! Called by `drive.rs`.

use std::time::{Duration, Instant};

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// A constant-rate timetable.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    start: Instant,
    rate: u32,
    total: u32,
}

impl Schedule {
    /// `total` requests, the first at `start`, `rate` of them a second.
    pub(crate) fn new(start: Instant, rate: u32, total: u32) -> Self {
        Self { start, rate, total }
    }

    /// When the first request is due.
    pub(crate) fn start(&self) -> Instant {
        self.start
    }

    /// When request `index` is due. Computed from the start each time, so nothing drifts.
    pub(crate) fn at(&self, index: u32) -> Instant {
        let nanos = u128::from(index) * NANOS_PER_SECOND / u128::from(self.rate);
        // u32::MAX seconds are 4.3e18 ns: it fits.
        self.start + Duration::from_nanos(nanos as u64)
    }

    /// How many requests are due at `now`.
    pub(crate) fn due(&self, now: Instant) -> u32 {
        let Some(elapsed) = now.checked_duration_since(self.start) else {
            return 0;
        };
        // The smallest n with at(n) > now: at() rounds down, so add one nanosecond before dividing.
        let scaled = (elapsed.as_nanos() + 1) * u128::from(self.rate);
        scaled
            .div_ceil(NANOS_PER_SECOND)
            .min(u128::from(self.total)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use std::time::{Duration, Instant};

    #[test]
    fn due_counts_exactly_the_requests_whose_time_has_come() {
        // 3 does not divide a second: the times are rounded.
        for rate in [1, 3, 7, 10_000, 999_983] {
            let schedule = Schedule::new(Instant::now(), rate, 50);
            for index in 0..50 {
                let at = schedule.at(index);
                assert_eq!(schedule.due(at), index + 1, "rate {rate}, at {index}");
                let before = at.checked_sub(Duration::from_nanos(1)).expect("after boot");
                assert_eq!(schedule.due(before), index, "rate {rate}, before {index}");
            }
        }
    }

    #[test]
    fn due_stops_at_the_total() {
        let schedule = Schedule::new(Instant::now(), 10, 5);
        assert_eq!(schedule.due(schedule.start() + Duration::from_secs(60)), 5);
    }
}
