//! Counts and times of a run, and their JSON, which has the fields that `wrk.lua` prints.
//!
//! Must never round a failure away. Called by `transfer.rs` (fills it) and `main.rs` (prints it).

use std::collections::BTreeMap;
use std::time::Duration;

/// What came of a run, or of one connection.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Bytes of the bodies of all answers.
    pub(crate) bytes: u64,
    /// Transfers that failed, by what failed.
    pub(crate) errors: BTreeMap<&'static str, u64>,
    /// First start to last end.
    pub(crate) elapsed: Duration,
    times: Vec<Duration>,
}

impl Report {
    /// A transfer took `time` from the first byte sent to the last received, `body` bytes among them.
    pub(crate) fn answered(&mut self, time: Duration, body: u64) {
        self.times.push(time);
        self.bytes += body;
    }

    /// Takes over all that another connection counted.
    pub(crate) fn add(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.times.extend(other.times);
        for (kind, count) in other.errors {
            *self.errors.entry(kind).or_default() += count;
        }
    }

    /// Transfers that ended well.
    pub(crate) fn requests(&self) -> usize {
        self.times.len()
    }

    /// One JSON object on one line.
    pub(crate) fn to_json(&self) -> String {
        let mut sorted = self.times.clone();
        sorted.sort_unstable();
        let at = |percent: usize| {
            // The smallest value that so many percent of all values do not exceed.
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted
                .get(rank - 1)
                .map_or(0.0, |time| time.as_secs_f64() * 1e6)
        };
        let errors: Vec<String> = self
            .errors
            .iter()
            .map(|(kind, count)| format!("\"{kind}\": {count}"))
            .collect();
        format!(
            "{{\"requests\": {}, \"seconds\": {:.6}, \"bytes\": {}, \"p50_us\": {:.1}, \
             \"p90_us\": {:.1}, \"p99_us\": {:.1}, \"max_us\": {:.1}, \"errors\": {{{}}}}}",
            self.requests(),
            self.elapsed.as_secs_f64(),
            self.bytes,
            at(50),
            at(90),
            at(99),
            at(100),
            errors.join(", "),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use std::time::Duration;

    #[test]
    fn connections_add_up() {
        let mut all = Report::default();
        for first in [1, 51] {
            let mut one = Report::default();
            for micros in first..first + 50 {
                one.answered(Duration::from_micros(micros), 3);
            }
            one.errors.insert("read", 2);
            all.add(one);
        }
        all.elapsed = Duration::from_millis(1500);
        assert_eq!(
            all.to_json(),
            "{\"requests\": 100, \"seconds\": 1.500000, \"bytes\": 300, \"p50_us\": 50.0, \
             \"p90_us\": 90.0, \"p99_us\": 99.0, \"max_us\": 100.0, \"errors\": {\"read\": 4}}"
        );
    }
}
