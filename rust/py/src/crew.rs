//! Threads for sync Functions: one watches the Ring, others help when Functions block.
//!
//! The watcher takes Invocations and runs them itself as long as their Functions are quick: no hand-off,
//! one wake-up a batch. Before it runs one that may block, it hands the watch over to a parked thread (last
//! in, first out) or to a new one, so that the Ring is never left unwatched. Should a quick Function block
//! all the same, the gateway notices that the Ring stands still and rings for `help`, which puts another
//! thread on the watch. The GIL is the consumer lock: no queue, no hand-off of results, each thread
//! answers by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

use pyo3::prelude::*;

/// A thread's number. Numbers are never reused.
pub(crate) type Number = u64;

/// A parked thread.
struct Parked {
    number: Number,
    thread: Thread,
    is_called: AtomicBool,
}

impl Parked {
    fn call(&self) {
        self.is_called.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Who watches the Ring.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Watch {
    Nobody,
    /// A thread that is being started.
    Coming,
    By(Number),
}

struct State {
    watch: Watch,
    /// The watcher sleeps, or is about to: it needs the bell, not relief. Two sleepers would take each
    /// other's wake-ups.
    is_asleep: bool,
    parked: Vec<Arc<Parked>>,
    threads: usize,
    next_number: Number,
    is_stopping: bool,
}

pub(crate) struct Crew {
    state: Mutex<State>,
    stopped: Condvar,
    limit: usize,
    /// Starts a Python thread that calls `Link.serve`.
    spawn: Py<PyAny>,
}

/// What a thread without an Invocation does next.
#[derive(PartialEq, Eq)]
pub(crate) enum Duty {
    Watch,
    Leave,
}

impl Crew {
    pub(crate) fn new(limit: usize, spawn: Py<PyAny>) -> Self {
        Self {
            state: Mutex::new(State {
                watch: Watch::Nobody,
                is_asleep: false,
                parked: Vec::new(),
                threads: 0,
                next_number: 0,
                is_stopping: false,
            }),
            stopped: Condvar::new(),
            limit: limit.max(1),
            spawn,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new thread reports; if the watch was waiting for it, it has the watch.
    pub(crate) fn enlist(&self) -> Number {
        let mut state = self.state();
        let number = state.next_number;
        state.next_number += 1;
        if state.watch == Watch::Coming {
            state.watch = Watch::By(number);
        }
        number
    }

    /// This thread is about to run something that may block: if it has the watch, another gets it.
    pub(crate) fn hand_over(&self, py: Python<'_>, own: Number) -> PyResult<()> {
        let state = self.state();
        if state.watch != Watch::By(own) {
            return Ok(());
        }
        self.relieve(py, state)
    }

    /// Lets the watcher lie down to sleep. False for a thread that has been relieved meanwhile: it must not.
    pub(crate) fn may_sleep(&self, own: Number) -> bool {
        let mut state = self.state();
        let is_watcher = state.watch == Watch::By(own);
        state.is_asleep |= is_watcher;
        is_watcher
    }

    /// The watcher has got up.
    pub(crate) fn wake_up(&self) {
        self.state().is_asleep = false;
    }

    /// The Ring stands still: whoever has the watch is stuck in a Function that was thought quick. False if
    /// it sleeps instead.
    pub(crate) fn help(&self, py: Python<'_>) -> PyResult<bool> {
        let state = self.state();
        if state.is_asleep {
            return Ok(false);
        }
        if state.watch != Watch::Coming {
            self.relieve(py, state)?;
        }
        Ok(true)
    }

    /// Starts the first thread, once.
    pub(crate) fn start(&self, py: Python<'_>) -> PyResult<()> {
        let state = self.state();
        if state.threads > 0 {
            return Ok(());
        }
        self.relieve(py, state)
    }

    /// Gives the watch to a parked thread, or to a new one; to nobody if all threads are busy.
    fn relieve(&self, py: Python<'_>, mut state: MutexGuard<'_, State>) -> PyResult<()> {
        if state.is_stopping {
            return Ok(());
        }
        if let Some(parked) = state.parked.pop() {
            state.watch = Watch::By(parked.number);
            drop(state);
            parked.call();
            return Ok(());
        }
        if state.threads >= self.limit {
            state.watch = Watch::Nobody;
            return Ok(());
        }
        state.watch = Watch::Coming;
        state.threads += 1;
        drop(state);
        self.spawn.call0(py).map(drop).inspect_err(|_| {
            let mut state = self.state();
            state.threads -= 1;
            if state.watch == Watch::Coming {
                state.watch = Watch::Nobody;
            }
        })
    }

    /// The Ring is empty. Takes the watch if nobody has it, else parks until called to it.
    pub(crate) fn rest(&self, py: Python<'_>, own: Number) -> Duty {
        let mut state = self.state();
        if state.is_stopping {
            return Duty::Leave;
        }
        if matches!(state.watch, Watch::Nobody) || state.watch == Watch::By(own) {
            state.watch = Watch::By(own);
            return Duty::Watch;
        }
        let parked = Arc::new(Parked {
            number: own,
            thread: std::thread::current(),
            is_called: AtomicBool::new(false),
        });
        state.parked.push(parked.clone());
        drop(state);
        py.detach(|| {
            while !parked.is_called.load(Ordering::Acquire) {
                std::thread::park();
            }
        });
        if self.state().is_stopping {
            Duty::Leave
        } else {
            Duty::Watch
        }
    }

    /// Sends every thread home as soon as it has nothing to run.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        state.is_stopping = true;
        for parked in state.parked.drain(..) {
            parked.call();
        }
        drop(state);
        self.stopped.notify_all();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.state().is_stopping
    }

    /// Waits (without the GIL) until `stop`.
    pub(crate) fn wait_stopped(&self) {
        let mut state = self.state();
        while !state.is_stopping {
            state = self
                .stopped
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
