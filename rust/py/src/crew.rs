//! Threads for sync Functions: leader and followers.
//!
//! One thread runs user code; exactly one more, the follower, waits on the Ring (or for the GIL); all
//! others are parked, last in first out. Whoever takes an Invocation first makes a parked thread the new
//! follower, so that a Function that blocks never leaves the Ring unwatched. The GIL is the consumer lock:
//! no queue, no hand-off of results, each thread answers by itself.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

use pyo3::prelude::*;

/// A parked thread.
struct Parked {
    thread: Thread,
    is_called: AtomicBool,
}

#[derive(Default)]
struct State {
    has_follower: bool,
    parked: Vec<Arc<Parked>>,
    threads: usize,
    is_stopping: bool,
}

pub(crate) struct Crew {
    state: Mutex<State>,
    stopped: Condvar,
    limit: usize,
    /// Starts a Python thread that calls `Link.serve`.
    spawn: Py<PyAny>,
}

/// What a thread does next.
pub(crate) enum Duty {
    /// Wait on the Ring: nobody else does.
    Follow,
    /// Somebody else waits: it was parked and is follower now.
    Called,
    Leave,
}

impl Crew {
    pub(crate) fn new(limit: usize, spawn: Py<PyAny>) -> Self {
        Self {
            state: Mutex::default(),
            stopped: Condvar::new(),
            limit: limit.max(1),
            spawn,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the running thread has nobody to back it up.
    pub(crate) fn is_single(&self) -> bool {
        self.limit == 1
    }

    /// The follower turns to the Ring itself.
    pub(crate) fn end_following(&self) {
        self.state().has_follower = false;
    }

    /// Makes sure that somebody follows, before this thread runs user code.
    pub(crate) fn promote(&self, py: Python<'_>) -> PyResult<()> {
        let mut state = self.state();
        if state.has_follower || state.is_stopping {
            return Ok(());
        }
        if let Some(parked) = state.parked.pop() {
            state.has_follower = true;
            drop(state);
            parked.is_called.store(true, Ordering::Release);
            parked.thread.unpark();
        } else if state.threads < self.limit {
            state.has_follower = true;
            state.threads += 1;
            drop(state);
            if let Err(error) = self.spawn.call0(py) {
                let mut state = self.state();
                state.has_follower = false;
                state.threads -= 1;
                return Err(error);
            }
        }
        Ok(())
    }

    /// The Ring is empty: what now? Parks until called if another thread follows.
    pub(crate) fn rest(&self, py: Python<'_>) -> Duty {
        let mut state = self.state();
        if state.is_stopping {
            return Duty::Leave;
        }
        if !state.has_follower {
            state.has_follower = true;
            return Duty::Follow;
        }
        let parked = Arc::new(Parked {
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
            Duty::Called
        }
    }

    /// Sends every thread home as soon as it has nothing to run.
    pub(crate) fn stop(&self) {
        let mut state = self.state();
        state.is_stopping = true;
        for parked in state.parked.drain(..) {
            parked.is_called.store(true, Ordering::Release);
            parked.thread.unpark();
        }
        drop(state);
        self.stopped.notify_all();
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
