//! A request head as the caller sees it: spans into the bytes received, nothing copied.
//!
//! Filled by `parse`, handed out by `conn`, read by the gateway (route, frame to a worker). These
//! types hold no rules; a `Head` that exists has passed them all.

/// Most fields one head may have; the size of [`Fields`].
pub const MAX_FIELDS: usize = 100;

/// A run of bytes inside [`Head::bytes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u16,
    /// Number of bytes.
    pub len: u16,
}

impl Span {
    /// The bytes this span names; `bytes` is the [`Head::bytes`] it came with.
    ///
    /// # Panics
    /// If the span lies outside `bytes`, that is, if it belongs to another head.
    #[inline]
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        let start = usize::from(self.start);
        &bytes[start..start + usize::from(self.len)]
    }

    /// The span of `part`, a slice of the buffer that begins at address `base` and is at most
    /// 65 535 bytes long (`Limits::bounded` sees to that).
    #[inline]
    pub(crate) fn from_address(base: usize, part: &[u8]) -> Self {
        Self {
            start: (part.as_ptr().addr() - base) as u16,
            len: part.len() as u16,
        }
    }
}

/// One field line: a name as sent and a value without the space around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Field {
    /// Never empty.
    pub name: Span,
    /// May be empty; then `start` still lies inside the head.
    pub value: Span,
}

/// Room for one head's fields. One per gateway thread is enough: a `Head` borrows it only until the
/// next call of `Conn::next`.
#[derive(Debug, Clone)]
pub struct Fields {
    /// Only the first `len` entries of the last head parsed mean anything.
    pub(crate) table: [Field; MAX_FIELDS],
    pub(crate) len: usize,
}

impl Fields {
    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        let nothing = Span { start: 0, len: 0 };
        Self {
            table: [Field {
                name: nothing,
                value: nothing,
            }; MAX_FIELDS],
            len: 0,
        }
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self::new()
    }
}

/// The protocol version of a request; any other is refused with 505.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `HTTP/1.0`
    Http10,
    /// `HTTP/1.1`
    Http11,
}

/// How the end of a request's body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Neither `Content-Length` nor `Transfer-Encoding`: there is no body and no `Step::End`.
    Empty,
    /// `Content-Length`. Zero behaves like `Empty`.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

/// A complete, accepted request head.
#[derive(Debug, Clone, Copy)]
pub struct Head<'b> {
    /// The head as received, from the method's first byte through the blank line.
    pub bytes: &'b [u8],
    /// The method, as sent (methods are case-sensitive).
    pub method: Span,
    /// The request target as sent: origin-form, absolute-form or `*`.
    pub target: Span,
    /// The target's path; empty for an absolute-form without one. See [`Head::path`].
    pub path: Span,
    /// What follows the target's first `?`; empty if there is none.
    pub query: Span,
    /// The version the client speaks; never answer it in a way that needs a higher one.
    pub version: Version,
    /// Where the body ends.
    pub framing: Framing,
    /// Whether the client allows another request on this connection.
    pub keep_alive: bool,
    /// Whether the client waits for [`CONTINUE`](crate::CONTINUE) before it sends its body.
    pub expect_continue: bool,
    /// The fields in the order sent, duplicates included.
    pub fields: &'b [Field],
}

impl<'b> Head<'b> {
    /// The target's path, still percent-encoded; `/` for an absolute-form that gives none.
    #[inline]
    #[must_use]
    pub fn path(&self) -> &'b [u8] {
        match self.path.of(self.bytes) {
            b"" => b"/",
            path => path,
        }
    }

    /// The value of the first field of that name, compared without case.
    #[must_use]
    pub fn field(&self, name: &[u8]) -> Option<&'b [u8]> {
        self.fields
            .iter()
            .find(|field| field.name.of(self.bytes).eq_ignore_ascii_case(name))
            .map(|field| field.value.of(self.bytes))
    }
}
