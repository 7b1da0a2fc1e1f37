//! Everything that is printed goes through here, line by line, in the order it was said: a thread of its
//! own writes, so that a slow terminal holds up nobody. Must never block a caller.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use crate::civil;

/// Bytes that may wait for a reader of our output before lines are dropped (and counted).
const PATIENCE: usize = 8 << 20;

/// How much a line matters; the official host's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Details of details.
    Trace,
    /// For those who look for a fault.
    Debug,
    /// What happens.
    Information,
    /// What may go wrong.
    Warning,
    /// What went wrong.
    Error,
    /// What stops everything.
    Critical,
}

impl Level {
    /// From Python's level numbers.
    #[must_use]
    pub fn from_python(number: u8) -> Self {
        match number {
            50.. => Self::Critical,
            40.. => Self::Error,
            30.. => Self::Warning,
            20.. => Self::Information,
            10.. => Self::Debug,
            _ => Self::Trace,
        }
    }

    /// The level's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "Trace",
            Self::Debug => "Debug",
            Self::Information => "Information",
            Self::Warning => "Warning",
            Self::Error => "Error",
            Self::Critical => "Critical",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Trace | Self::Debug => "\x1b[90m",
            Self::Information => "\x1b[0m",
            Self::Warning => "\x1b[33m",
            Self::Error | Self::Critical => "\x1b[31m",
        }
    }
}

#[derive(Default)]
struct Waiting {
    text: String,
    dropped: u64,
    is_closed: bool,
}

struct Shared {
    waiting: Mutex<Waiting>,
    bell: Condvar,
    is_coloured: bool,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A door to standard output. Clones are the same door.
#[derive(Clone)]
pub struct Console {
    shared: Arc<Shared>,
}

impl Console {
    /// Opens standard output: colours if it is a terminal and `NO_COLOR` is unset.
    pub fn open() -> std::io::Result<(Self, JoinHandle<()>)> {
        let is_coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            bell: Condvar::new(),
            is_coloured,
        });
        let console = Self { shared };
        let writer = console.clone();
        let thread = std::thread::Builder::new()
            .name("ferrofunc-console".into())
            .stack_size(128 << 10)
            .spawn(move || writer.write_out(&mut std::io::stdout()))?;
        Ok((console, thread))
    }

    /// Prints `text` as it is: no stamp, a line break added if missing.
    pub fn print(&self, text: &str) {
        let mut waiting = self.shared.waiting();
        if waiting.text.len() + text.len() > PATIENCE {
            waiting.dropped += 1;
            return;
        }
        waiting.text.push_str(text);
        if !text.ends_with('\n') {
            waiting.text.push('\n');
        }
        drop(waiting);
        self.shared.bell.notify_one();
    }

    /// Prints a log message, each line with the same stamp. `origin` names Function and Invocation.
    pub fn log(&self, level: Level, origin: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut stamp = String::with_capacity(32);
        let colours = self.shared.is_coloured;
        stamp.push_str(if colours { "\x1b[90m[" } else { "[" });
        civil::write_iso(&mut stamp, civil::now());
        stamp.push_str(if colours { "]\x1b[0m " } else { "] " });
        let mut waiting = self.shared.waiting();
        if waiting.text.len() + text.len() > PATIENCE {
            waiting.dropped += 1;
            return;
        }
        for line in text.lines() {
            let out = &mut waiting.text;
            out.push_str(&stamp);
            if colours {
                out.push_str(level.colour());
            }
            out.push_str(origin);
            out.push_str(line);
            if colours {
                out.push_str("\x1b[0m");
            }
            out.push('\n');
        }
        drop(waiting);
        self.shared.bell.notify_one();
    }

    /// Lets the writer finish what waits, and end.
    pub fn close(&self) {
        self.shared.waiting().is_closed = true;
        self.shared.bell.notify_one();
    }

    fn write_out(&self, out: &mut impl Write) {
        let mut batch = String::new();
        loop {
            let (dropped, is_closed) = {
                let mut waiting = self.shared.waiting();
                while waiting.text.is_empty() && !waiting.is_closed {
                    waiting = self
                        .shared
                        .bell
                        .wait(waiting)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                std::mem::swap(&mut batch, &mut waiting.text);
                (std::mem::take(&mut waiting.dropped), waiting.is_closed)
            };
            if dropped > 0 {
                let noted = writeln!(
                    batch,
                    "({dropped} messages were dropped: whoever reads this output is too slow)"
                );
                debug_assert!(noted.is_ok(), "writing to a String cannot fail");
            }
            // A reader that has gone (a closed pipe) must not stop the host; nobody is left to be told.
            let _nobody_reads = out.write_all(batch.as_bytes()).and_then(|()| out.flush());
            batch.clear();
            if is_closed && self.shared.waiting().text.is_empty() {
                return;
            }
        }
    }
}
