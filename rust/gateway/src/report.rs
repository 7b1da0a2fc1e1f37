//! The `Executing` and `Executed` lines of Invocations.
//!
//! Up to `LINES` Invocations of a Function per second get lines of their own; beyond that the second is
//! summarised in one line, so that logging tells the truth without becoming the load. Failures always get
//! their line.

use std::fmt::Write as _;
use std::time::Duration;

use ferrofunc_wire::id_text;

use crate::auth::{AuthLevel, Door};
use crate::config::FunctionSpec;
use crate::console::{Console, Level};
use crate::retry::RetryPolicy;

/// Invocations of one Function that are logged one by one in a second.
const LINES: u32 = 500;

/// What a summary line tells.
#[derive(Default)]
struct Window {
    logged: u32,
    count: u64,
    total_ns: u64,
    longest_ns: u64,
}

/// A Function as the gateway knows it at run time.
pub(crate) struct Served {
    pub(crate) name: String,
    pub(crate) is_async: bool,
    pub(crate) is_stream: bool,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) failure: Option<String>,
    pub(crate) auth_level: AuthLevel,
    pub(crate) is_disabled: bool,
    /// What the two above come to.
    pub(crate) door: Door,
    host_level: Option<Level>,
    user_level: Option<Level>,
    /// Moving mean of its run time; `u64::MAX` before the first.
    pub(crate) mean_ns: u64,
    window: Window,
}

impl Served {
    /// A row that nothing leads to.
    pub(crate) fn unknown() -> Self {
        Self {
            name: String::new(),
            is_async: false,
            is_stream: false,
            retry: None,
            failure: None,
            auth_level: AuthLevel::Function,
            is_disabled: false,
            door: Door::Shut,
            host_level: None,
            user_level: None,
            mean_ns: u64::MAX,
            window: Window::default(),
        }
    }

    pub(crate) fn new(spec: FunctionSpec) -> Self {
        Self {
            name: spec.name,
            is_async: spec.is_async,
            is_stream: spec.is_stream,
            // A body that was passed on as it came cannot be shown again.
            retry: spec.retry.filter(|_| !spec.is_stream),
            failure: spec.failure,
            auth_level: spec.auth_level,
            is_disabled: spec.is_disabled,
            host_level: spec.host_level,
            user_level: spec.user_level,
            ..Self::unknown()
        }
    }

    /// Whether a line of the host about this Function is shown.
    fn shows(&self, level: Level) -> bool {
        self.host_level.is_some_and(|least| level >= least)
    }

    /// Whether a line of its own code is shown.
    pub(crate) fn shows_user(&self, level: Level) -> bool {
        self.user_level.is_some_and(|least| level >= least)
    }
}

pub(crate) struct Report {
    pub(crate) console: Console,
    system_level: Option<Level>,
    line: String,
}

impl Report {
    pub(crate) fn new(console: Console, system_level: Option<Level>) -> Self {
        Self {
            console,
            system_level,
            line: String::new(),
        }
    }

    /// A remark of the gateway itself.
    pub(crate) fn remark(&self, level: Level, text: &str) {
        if self.system_level.is_some_and(|least| level >= least) {
            self.console.log(level, "", text);
        }
    }

    /// An Invocation goes to a worker. True if it got its line.
    pub(crate) fn executing(&mut self, function: &mut Served, id: [u8; 16]) -> bool {
        if !function.shows(Level::Information) || function.window.logged >= LINES {
            return false;
        }
        function.window.logged += 1;
        self.line.clear();
        let written = write!(
            self.line,
            "Executing 'Functions.{}' (Reason='This function was programmatically called via the host APIs.', Id={})",
            function.name,
            id_text(id)
        );
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
        self.console.log(Level::Information, "", &self.line);
        true
    }

    /// It returned.
    pub(crate) fn succeeded(
        &mut self,
        function: &mut Served,
        id: [u8; 16],
        took_ns: u64,
        is_logged: bool,
    ) {
        function.mean_ns = match function.mean_ns {
            u64::MAX => took_ns,
            mean => mean - mean / 8 + took_ns / 8,
        };
        if is_logged {
            self.executed(&function.name, id, "Succeeded", took_ns, Level::Information);
        } else if function.shows(Level::Information) {
            let window = &mut function.window;
            window.count += 1;
            window.total_ns += took_ns;
            window.longest_ns = window.longest_ns.max(took_ns);
        }
    }

    /// It failed, with the exception as the worker tells it (or why there is none).
    pub(crate) fn failed(
        &mut self,
        function: &Served,
        id: [u8; 16],
        took_ns: u64,
        message: &str,
        stack: &str,
    ) {
        if !function.shows(Level::Error) {
            return;
        }
        let function = function.name.as_str();
        self.executed(function, id, "Failed", took_ns, Level::Error);
        self.line.clear();
        let written = write!(
            self.line,
            "Exception while executing function: Functions.{function}. Result: Failure\nException: {message}"
        );
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
        if !stack.is_empty() {
            self.line.push_str("\nStack: ");
            self.line.push_str(stack);
        }
        self.console.log(Level::Error, "", &self.line);
    }

    /// It ran longer than allowed, in the official words (spec http.md 6).
    pub(crate) fn timed_out(
        &mut self,
        function: &Served,
        id: [u8; 16],
        took_ns: u64,
        limit: Duration,
    ) {
        let (name, limit) = (&function.name, timespan(limit));
        if function.shows(Level::Error) {
            let text = format!(
                "Timeout value of {limit} exceeded by function 'Functions.{name}' (Id: '{}'). Initiating cancellation.",
                id_text(id)
            );
            self.console.log(Level::Error, "", &text);
        }
        let message =
            format!("Timeout value of {limit} was exceeded by function: Functions.{name}");
        self.failed(function, id, took_ns, &message, "");
    }

    fn executed(&mut self, name: &str, id: [u8; 16], how: &str, took_ns: u64, level: Level) {
        self.line.clear();
        let written = write!(
            self.line,
            "Executed 'Functions.{name}' ({how}, Id={}, Duration={}ms)",
            id_text(id),
            took_ns / 1_000_000
        );
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
        self.console.log(level, "", &self.line);
    }

    /// A second is over: says what had no line of its own. True if anything was logged in it at all.
    pub(crate) fn close_window(&mut self, functions: &mut [Served]) -> bool {
        let mut was_used = false;
        for function in functions {
            let window = std::mem::take(&mut function.window);
            was_used |= window.logged > 0;
            if let Some(mean_ns) = window.total_ns.checked_div(window.count) {
                let mean_us = mean_ns / 1000;
                let longest_us = window.longest_ns / 1000;
                let text = format!(
                    "Executed 'Functions.{}' {} more times within the last second (Succeeded, Duration={}.{:03}ms on average, {}.{:03}ms at most)",
                    function.name,
                    window.count,
                    mean_us / 1000,
                    mean_us % 1000,
                    longest_us / 1000,
                    longest_us % 1000,
                );
                self.console.log(Level::Information, "", &text);
            }
        }
        was_used
    }
}

/// A duration as .NET writes it: `[d.]hh:mm:ss[.fffffff]`.
fn timespan(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let mut text = match seconds / 86_400 {
        0 => String::new(),
        days => format!("{days}."),
    };
    let written = write!(
        text,
        "{:02}:{:02}:{:02}",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    );
    debug_assert!(written.is_ok(), "writing to a String cannot fail");
    match duration.subsec_nanos() / 100 {
        0 => text,
        ticks => format!("{text}.{ticks:07}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_dotnet_writes_them() {
        for (milliseconds, expected) in [
            (300_000, "00:05:00"),
            (1_500, "00:00:01.5000000"),
            (86_399_000, "23:59:59"),
            (86_400_000, "1.00:00:00"),
            (93_784_005, "1.02:03:04.0050000"),
        ] {
            assert_eq!(timespan(Duration::from_millis(milliseconds)), expected);
        }
    }
}
