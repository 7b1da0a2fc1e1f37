//! A request as ASGI and WSGI applications get it: the Frame's bytes, and the `scope` or `environ` made of
//! them in one go (spec http.md 5.6). No `HttpRequest` stands in between.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use ferrofunc_wire::{Body, InvokeHead};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::outbox::Lease;
use crate::request::latin1;
use crate::streams::Piece;

pub(crate) struct RawRequest {
    pub(crate) payload: Box<[u8]>,
    pub(crate) head: InvokeHead,
    /// The body's block in the gateway's arena, until somebody takes it.
    pub(crate) lease: Mutex<Option<Arc<Lease>>>,
}

impl RawRequest {
    pub(crate) fn new(
        payload: Box<[u8]>,
        head: InvokeHead,
        lease: Mutex<Option<Arc<Lease>>>,
    ) -> Self {
        Self {
            payload,
            head,
            lease,
        }
    }

    pub(crate) fn method(&self) -> Cow<'_, str> {
        latin1(self.head.method(&self.payload))
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        (0..self.head.fields).map(|index| self.head.field(&self.payload, index))
    }

    pub(crate) fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        self.fields()
            .find(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| latin1(value))
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.head.is_secure { "https" } else { "http" }
    }

    /// Path, still percent-encoded, and query of the target.
    pub(crate) fn path_and_query(&self) -> (&[u8], &[u8]) {
        let mut target = self.head.target(&self.payload);
        if !target.starts_with(b"/")
            && let Some(at) = target.windows(3).position(|at| at == b"://")
        {
            let rest = &target[at + 3..];
            let start = rest.iter().position(|byte| matches!(byte, b'/' | b'?'));
            target = start.map_or(b"/", |start| &rest[start..]);
        }
        match memchr::memchr(b'?', target) {
            Some(0) => (b"/", &target[1..]),
            Some(at) => (&target[..at], &target[at + 1..]),
            None => (target, b""),
        }
    }

    /// Name and port of the Host header. None without one, or for a port that is none.
    pub(crate) fn server(&self) -> Option<(String, u16)> {
        let host = self.field("host")?;
        let (name, port) = match host.rfind(':') {
            Some(at) if !host[at..].contains(']') => (&host[..at], Some(&host[at + 1..])),
            _ => (&host[..], None),
        };
        let default = if self.head.is_secure { 443 } else { 80 };
        let port = port.map_or(Some(default), |port| port.parse().ok())?;
        let name = name.trim_start_matches('[').trim_end_matches(']');
        (!name.is_empty()).then(|| (name.to_ascii_lowercase(), port))
    }

    /// Whether the body comes in parts.
    pub(crate) fn is_streamed(&self) -> bool {
        matches!(self.head.body(&self.payload), Body::Stream(_))
    }

    /// The body that came with the request, once; None if there is none.
    pub(crate) fn take_body(&self) -> Option<Piece> {
        let lease = self
            .lease
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match (lease, self.head.body(&self.payload)) {
            (Some(lease), _) => Some(Piece::Leased(lease)),
            (None, Body::Inline(bytes)) => Some(Piece::Inline(bytes.into())),
            _ => None,
        }
    }

    pub(crate) fn route_params<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let params = PyDict::new(py);
        for (name, value) in self.head.route_params(&self.payload) {
            params.set_item(name, value)?;
        }
        Ok(params)
    }
}

/// Decodes `%xx`; an escape that is none stays as it is.
pub(crate) fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', text).is_none() {
        return Cow::Borrowed(text);
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escaped = match text.get(at..at + 3) {
            Some(&[b'%', high, low]) => digit(high).zip(digit(low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            decoded.push(high << 4 | low);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    Cow::Owned(decoded)
}
