//! How much of each thing one request may hold. Read by `conn`, set by the gateway from settings.
//!
//! Limits are part of the framing: a request over one is refused while it is still arriving, so
//! that no peer can make a buffer grow without end.

/// Upper bounds for one request; see [`Limits::default`] for the usual values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the request line with its CRLF; beyond it 414.
    pub request_line: usize,
    /// Bytes of the whole head with its blank line; beyond it 431. At most 65 535, because a
    /// [`Span`](crate::Span) holds sixteen bits; a larger number counts as that.
    pub head: usize,
    /// Number of fields; beyond it 431. At most [`MAX_FIELDS`](crate::MAX_FIELDS).
    pub headers: usize,
    /// Bytes of body, counted without chunk framing; beyond it 413.
    pub body: u64,
}

impl Default for Limits {
    /// 8 KiB, 32 KiB, 100 fields and 100 MiB: what the official host's server allows, so that a
    /// request it takes is taken here as well.
    fn default() -> Self {
        Self {
            request_line: 8 * 1024,
            head: 32 * 1024,
            headers: crate::MAX_FIELDS,
            body: 104_857_600,
        }
    }
}

impl Limits {
    /// The same limits brought into the range this crate can honour.
    pub(crate) fn bounded(self) -> Self {
        let head = self.head.min(usize::from(u16::MAX));
        Self {
            request_line: self.request_line.min(head),
            head,
            headers: self.headers.min(crate::MAX_FIELDS),
            body: self.body,
        }
    }
}
