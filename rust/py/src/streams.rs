//! Running Invocations that stream, by the key in their Frames, and what comes for them.
//!
//! A sender without credit holds no thread: it waits in here as a value, and whoever takes the Frame with
//! its credit goes on with it. Nothing here runs user code under a lock.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ferrofunc_wire::{Body, FrameKind, Note, PART, Part, WINDOW};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyString};

use crate::asgi::AsgiCall;
use crate::link::Worker;
use crate::outbox::Lease;
use crate::pull::Pull;

/// What came for a running Invocation.
pub(crate) enum News {
    /// Bytes of its request body.
    Part(Piece),
    /// The end of its request body.
    End,
    /// So much of its response is through.
    Credit(u64),
    /// Its client has left.
    Cancel,
}

/// Bytes of a request body, where they are.
pub(crate) enum Piece {
    Inline(Box<[u8]>),
    Leased(Arc<Lease>),
}

impl Piece {
    pub(crate) fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, self.bytes()?))
    }

    pub(crate) fn bytes(&self) -> PyResult<&[u8]> {
        match self {
            Self::Inline(bytes) => Ok(bytes),
            Self::Leased(lease) => lease.bytes(),
        }
    }

    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Inline(bytes) => bytes.len(),
            Self::Leased(lease) => lease.length(),
        }
    }

    /// Credit that it used.
    pub(crate) fn cost(&self) -> u64 {
        Part::cost(self.length())
    }
}

/// Who waits for News.
pub(crate) enum Listener {
    Call(Py<AsgiCall>),
    /// A response body that was returned whole, on its way out.
    Body(Arc<Mutex<Outflow>>),
    Pull(Py<Pull>),
}

impl Listener {
    fn clone_ref(&self, py: Python<'_>) -> Self {
        match self {
            Self::Call(call) => Self::Call(call.clone_ref(py)),
            Self::Pull(pull) => Self::Pull(pull.clone_ref(py)),
            Self::Body(outflow) => Self::Body(outflow.clone()),
        }
    }
}

/// All of them.
#[derive(Default)]
pub(crate) struct Streams {
    by_key: Mutex<HashMap<u64, Listener>>,
}

impl Streams {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Listener>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn insert(&self, key: u64, listener: Listener) {
        self.lock().insert(key, listener);
    }

    pub(crate) fn remove(&self, key: u64) {
        // Dropped outside the lock: what it holds may run user code when it goes.
        let removed = self.lock().remove(&key);
        drop(removed);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Passes News on. News for nobody is late: its Invocation has ended. Gives back a pull that is to go on.
    pub(crate) fn deliver(
        &self,
        worker: &Worker,
        py: Python<'_>,
        key: u64,
        news: News,
    ) -> Option<(Py<Pull>, News)> {
        let listener = self.lock().get(&key)?.clone_ref(py);
        match listener {
            Listener::Call(call) => AsgiCall::hear(call.bind(py), news),
            Listener::Pull(pull) => return Some((pull, news)),
            Listener::Body(outflow) => {
                // Another thread may be sending, and wait for the GIL.
                let mut outflow = outflow
                    .lock_py_attached(py)
                    .unwrap_or_else(PoisonError::into_inner);
                let is_over = match news {
                    News::Credit(bytes) => {
                        outflow.take_credit(bytes);
                        outflow.pump(worker, py)
                    }
                    News::Cancel => {
                        outflow.cut(worker, py);
                        true
                    }
                    News::Part(_) | News::End => false,
                };
                drop(outflow);
                if is_over {
                    self.remove(key);
                }
            }
        }
        None
    }
}

/// Bytes to be sent, and who holds them.
pub(crate) enum Chunk {
    Bytes(Py<PyBytes>),
    /// Known to have a UTF-8 form, which the object keeps.
    Text(Py<PyString>),
}

impl Chunk {
    fn bytes<'a>(&'a self, py: Python<'a>) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes.bind(py).as_bytes(),
            Self::Text(text) => text
                .bind(py)
                .to_str()
                .map(str::as_bytes)
                .unwrap_or_default(),
        }
    }
}

/// A response body on its way out, as far as there is credit.
pub(crate) struct Outflow {
    key: u64,
    credit: i64,
    /// What there was no credit for, and how much of the first is sent.
    held: VecDeque<Chunk>,
    sent: usize,
    /// Whether nothing more will be added.
    is_last: bool,
}

impl Outflow {
    pub(crate) fn new(key: u64) -> Self {
        Self {
            key,
            credit: WINDOW.cast_signed(),
            held: VecDeque::new(),
            sent: 0,
            is_last: false,
        }
    }

    /// Adds bytes to be sent by `pump`.
    pub(crate) fn push(&mut self, bytes: Py<PyBytes>) {
        self.held.push_back(Chunk::Bytes(bytes));
    }

    /// A body that is whole already.
    pub(crate) fn of(key: u64, chunk: Chunk) -> Self {
        let mut outflow = Self::new(key);
        outflow.held.push_back(chunk);
        outflow.is_last = true;
        outflow
    }

    /// Says that nothing more will be added.
    pub(crate) fn finish(&mut self) {
        self.is_last = true;
    }

    pub(crate) fn is_last(&self) -> bool {
        self.is_last
    }

    pub(crate) fn take_credit(&mut self, bytes: u64) {
        self.credit = self.credit.saturating_add_unsigned(bytes);
    }

    /// Whether more can be added without having to wait.
    pub(crate) fn has_credit(&self) -> bool {
        self.held.is_empty() && self.credit > 0
    }

    /// Sends what there is credit for. True once everything is sent and the end is said.
    pub(crate) fn pump(&mut self, worker: &Worker, py: Python<'_>) -> bool {
        while let Some(bytes) = self.held.front() {
            let rest = &bytes.bytes(py)[self.sent..];
            if rest.is_empty() {
                self.held.pop_front();
                self.sent = 0;
                continue;
            }
            if self.credit <= 0 {
                return false;
            }
            let piece = &rest[..rest.len().min(PART)];
            if !send_part(worker, py, self.key, piece) {
                self.cut(worker, py);
                return true;
            }
            self.credit = self.credit.saturating_sub_unsigned(Part::cost(piece.len()));
            self.sent += piece.len();
        }
        if self.is_last {
            self.say_end(worker, py, true);
        }
        self.is_last
    }

    /// Ends the body where it stands: the client sees that it is not complete.
    pub(crate) fn cut(&mut self, worker: &Worker, py: Python<'_>) {
        self.held.clear();
        self.sent = 0;
        self.say_end(worker, py, false);
        self.is_last = true;
    }

    fn say_end(&self, worker: &Worker, py: Python<'_>, is_whole: bool) {
        let note = Note {
            key: self.key,
            number: u64::from(is_whole),
        };
        send_note(worker, py, FrameKind::End, note);
        worker.outbox.wake_if_many();
    }
}

/// False if there is no shared memory for it.
fn send_part(worker: &Worker, py: Python<'_>, key: u64, bytes: &[u8]) -> bool {
    let Some(body) = worker.outbox.body(bytes) else {
        return false;
    };
    debug_assert!(!matches!(body, Body::Stream(_)));
    let part = Part { key, body };
    worker
        .outbox
        .send(py, FrameKind::Part, part.encoded(), |payload| {
            part.encode(payload);
        });
    true
}

pub(crate) fn send_note(worker: &Worker, py: Python<'_>, kind: FrameKind, note: Note) {
    let payload = note.encode();
    worker
        .outbox
        .send(py, kind, payload.len(), |to| to.copy_from_slice(&payload));
}
