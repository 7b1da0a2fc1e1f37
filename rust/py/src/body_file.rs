//! `wsgi.input`: a request body as a file, read from where it lies, without a copy of the whole.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyStopIteration;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::streams::Piece;

struct State {
    piece: Option<Piece>,
    at: usize,
}

/// See the module. Reads only forwards, as PEP 3333 asks.
#[pyclass(frozen, module = "ferrofunc._core")]
pub(crate) struct BodyFile {
    state: Mutex<State>,
    length: usize,
}

impl BodyFile {
    pub(crate) fn new(piece: Option<Piece>) -> Self {
        let length = piece.as_ref().map_or(0, Piece::length);
        Self {
            state: Mutex::new(State { piece, at: 0 }),
            length,
        }
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what `measure` says of the rest.
    fn take<'py>(
        &self,
        py: Python<'py>,
        measure: impl FnOnce(&[u8]) -> usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut state = self.lock();
        let bytes = match &state.piece {
            Some(piece) => piece.bytes()?,
            None => b"",
        };
        let rest = &bytes[state.at..];
        let taken = measure(rest).min(rest.len());
        let result = PyBytes::new(py, &rest[..taken]);
        state.at += taken;
        if state.at >= self.length {
            // Nobody needs the memory any more; the gateway gets it back.
            state.piece = None;
            state.at = 0;
        }
        Ok(result)
    }
}

fn limit(size: Option<isize>) -> usize {
    size.and_then(|size| usize::try_from(size).ok())
        .unwrap_or(usize::MAX)
}

fn line(rest: &[u8], size: Option<isize>) -> usize {
    let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
    end.min(limit(size))
}

#[pymethods]
impl BodyFile {
    #[pyo3(signature = (size = None))]
    fn read<'py>(&self, py: Python<'py>, size: Option<isize>) -> PyResult<Bound<'py, PyBytes>> {
        self.take(py, |_| limit(size))
    }

    #[pyo3(signature = (size = None))]
    fn readline<'py>(&self, py: Python<'py>, size: Option<isize>) -> PyResult<Bound<'py, PyBytes>> {
        self.take(py, |rest| line(rest, size))
    }

    #[pyo3(signature = (hint = None))]
    fn readlines<'py>(&self, py: Python<'py>, hint: Option<isize>) -> PyResult<Bound<'py, PyList>> {
        let lines = PyList::empty(py);
        let enough = hint
            .filter(|hint| *hint > 0)
            .and_then(|hint| usize::try_from(hint).ok());
        let mut total = 0;
        while enough.is_none_or(|enough| total < enough) {
            let next = self.take(py, |rest| line(rest, None))?;
            if next.as_bytes().is_empty() {
                break;
            }
            total += next.as_bytes().len();
            lines.append(next)?;
        }
        Ok(lines)
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let next = self.take(py, |rest| line(rest, None))?;
        if next.as_bytes().is_empty() {
            return Err(PyStopIteration::new_err(()));
        }
        Ok(next)
    }
}
