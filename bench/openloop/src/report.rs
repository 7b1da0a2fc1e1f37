//! Counts and latencies of a run, and their JSON.
//!
//! Must never round a failure away: every request of the schedule ends as answered, failed or
//! unanswered. Called by `drive.rs` (fills it) and `main.rs` (prints it).

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Percentiles that are printed, with their JSON names.
const PERCENTILES: [(&str, f64); 5] = [
    ("p50", 0.50),
    ("p90", 0.90),
    ("p99", 0.99),
    ("p99_9", 0.999),
    ("max", 1.0),
];

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Requests in the schedule.
    pub(crate) scheduled: u32,
    /// Requests whose connection broke, or whose status was not 200.
    pub(crate) failed: u32,
    /// Connections opened again after the start.
    pub(crate) reconnects: u32,
    /// First scheduled time to last answer, and no less than the schedule's length.
    pub(crate) elapsed: Duration,
    latencies: Vec<Duration>,
    lags: Vec<Duration>,
}

impl Report {
    /// An empty report with room for `scheduled` requests, so that recording never allocates.
    pub(crate) fn new(scheduled: u32) -> Self {
        Self {
            scheduled,
            latencies: Vec::with_capacity(scheduled as usize),
            lags: Vec::with_capacity(scheduled as usize),
            ..Self::default()
        }
    }

    /// A request left at `now`. Its lag is our own lateness plus the wait for a free connection.
    pub(crate) fn sent(&mut self, due: Instant, now: Instant) {
        self.lags.push(now.saturating_duration_since(due));
    }

    /// A request was answered at `now`: its latency counts from the time it was due.
    pub(crate) fn answered(&mut self, due: Instant, now: Instant) {
        self.latencies.push(now.saturating_duration_since(due));
    }

    /// Requests answered with status 200.
    pub(crate) fn answered_count(&self) -> u32 {
        // At most `scheduled`, which is a u32.
        self.latencies.len() as u32
    }

    /// Requests of the schedule that were never answered: sent or not, they count.
    pub(crate) fn unanswered_count(&self) -> u32 {
        self.scheduled - self.answered_count() - self.failed
    }

    /// One JSON object on one line.
    pub(crate) fn to_json(&self) -> String {
        let seconds = self.elapsed.as_secs_f64();
        let rate = if seconds > 0.0 {
            f64::from(self.answered_count()) / seconds
        } else {
            0.0
        };
        format!(
            "{{\"scheduled\": {}, \"answered\": {}, \"failed\": {}, \"unanswered\": {}, \
             \"reconnects\": {}, \"seconds\": {seconds:.6}, \"rate\": {rate:.1}, \
             \"latency_us\": {}, \"send_lag_us\": {}}}",
            self.scheduled,
            self.answered_count(),
            self.failed,
            self.unanswered_count(),
            self.reconnects,
            percentiles(&self.latencies),
            percentiles(&self.lags),
        )
    }
}

/// `{"p50": …}` in microseconds, `null` where nothing was recorded.
fn percentiles(durations: &[Duration]) -> String {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable();
    let mut json = String::from("{");
    for (name, fraction) in PERCENTILES {
        let separator = if json.len() > 1 { ", " } else { "" };
        let value = nearest_rank(&sorted, fraction).map_or_else(
            || String::from("null"),
            |duration| format!("{:.1}", duration.as_secs_f64() * 1e6),
        );
        // Writing to a String cannot fail.
        let _ = write!(json, "{separator}\"{name}\": {value}");
    }
    json.push('}');
    json
}

/// The smallest value that at least `fraction` of all values do not exceed.
fn nearest_rank(sorted: &[Duration], fraction: f64) -> Option<Duration> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "at most 5e7 values and a fraction between 0 and 1"
    )]
    let rank = (sorted.len() as f64 * fraction).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::{Report, nearest_rank};
    use std::time::{Duration, Instant};

    #[test]
    fn percentiles_are_nearest_ranks() {
        let values: Vec<Duration> = (1..=100).map(Duration::from_micros).collect();
        for (fraction, micros) in [(0.5, 50), (0.99, 99), (0.999, 100), (1.0, 100)] {
            assert_eq!(
                nearest_rank(&values, fraction),
                Some(Duration::from_micros(micros))
            );
        }
        assert_eq!(nearest_rank(&[], 0.5), None);
    }

    #[test]
    fn a_stall_reaches_every_request_that_was_due_in_it() {
        // Due every millisecond, all answered when a stall of 100 ms ends.
        let start = Instant::now();
        let stall_end = start + Duration::from_millis(100);
        let mut report = Report::new(100);
        for index in 0..100 {
            report.answered(start + Duration::from_millis(index), stall_end);
        }
        assert!(
            report
                .to_json()
                .contains("\"latency_us\": {\"p50\": 50000.0, ")
        );
    }

    #[test]
    fn every_request_is_accounted_for() {
        let mut report = Report::new(10);
        report.failed = 3;
        report.answered(Instant::now(), Instant::now());
        assert_eq!(report.unanswered_count(), 6);
        assert!(report.to_json().contains("\"unanswered\": 6"));
    }
}
