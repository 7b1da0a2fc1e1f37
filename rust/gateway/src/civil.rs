//! Wall-clock time as text: the stamps of log lines. Knows UTC only.

use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds and milliseconds since 1970.
pub(crate) fn now() -> (u64, u32) {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    (since.as_secs(), since.subsec_millis())
}

/// Appends `2026-11-22T10:00:00.000Z`.
pub(crate) fn write_iso(out: &mut String, (seconds, millis): (u64, u32)) {
    let (year, month, day) = ferrofunc_http::civil_date(seconds / 86_400);
    let month = month + 1;
    let of_day = seconds % 86_400;
    let written = write!(
        out,
        "{year}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{millis:03}Z",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    );
    debug_assert!(written.is_ok(), "writing to a String cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_of_the_calendar() {
        for (seconds, stamp) in [
            (0, "1970-01-01T00:00:00.007Z"),
            (951_782_400, "2000-02-29T00:00:00.007Z"),
            (1_795_341_599, "2026-11-22T09:59:59.007Z"),
            (4_102_444_800, "2100-01-01T00:00:00.007Z"),
        ] {
            let mut written = String::new();
            write_iso(&mut written, (seconds, 7));
            assert_eq!(written, stamp);
        }
    }
}
