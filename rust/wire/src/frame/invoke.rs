//! The Invoke Frame as the gateway writes it: the request head copied once, with a table of where its parts
//! lie, so that the worker decodes only what the user's function touches.

use super::body::Body;
use super::codec::{Put, pair_encoded};

/// Where a header field's name and value lie in the request head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FieldSpan {
    /// Start and length of the name.
    pub name: (u16, u16),
    /// Start and length of the value.
    pub value: (u16, u16),
}

impl FieldSpan {
    pub(super) const ENCODED: usize = 8;

    pub(super) fn to_number(self) -> u64 {
        let [a, b, c, d] = [self.name.0, self.name.1, self.value.0, self.value.1].map(u64::from);
        a | b << 16 | c << 32 | d << 48
    }

    pub(super) fn from_number(number: u64) -> Self {
        let quarter = |shift: u32| (number >> shift) as u16;
        Self {
            name: (quarter(0), quarter(16)),
            value: (quarter(32), quarter(48)),
        }
    }
}

/// Which attempt at a call this is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempt {
    /// Attempts before this one.
    pub count: u32,
    /// Most attempts after the first; -1 is any number.
    pub most: i32,
}

impl Attempt {
    pub(super) fn put(self, put: &mut Put<'_>) {
        put.u32(self.count);
        put.u32(self.most.cast_unsigned());
    }
}

/// An HTTP Invocation as the gateway sends it.
pub struct Invoke<'a, F, P> {
    /// The gateway's own name for the call; comes back in the Outcome.
    pub key: u64,
    /// The invocation id.
    pub id: [u8; 16],
    /// When the request's last byte had been read.
    pub accepted_ns: u64,
    /// When the Frame was written.
    pub queued_ns: u64,
    /// Index in the Function table.
    pub function: u16,
    /// Which attempt it is.
    pub attempt: Attempt,
    /// Whether the client spoke TLS, for the request's URL.
    pub is_secure: bool,
    /// The request head as received: at most 64 KiB, the reach of the spans.
    pub head: &'a [u8],
    /// Start and length of the method in `head`.
    pub method: (u16, u16),
    /// Start and length of the target in `head`.
    pub target: (u16, u16),
    /// Header fields: at most 65,535.
    pub fields: F,
    /// Route parameters: at most 65,535.
    pub params: P,
    /// The whole body.
    pub body: Body<'a>,
}

/// Bytes before the header fields.
pub(super) const INVOKE_FIXED: usize = ATTEMPT_AT + 8;
/// Where in the payload the attempt stands.
pub(super) const ATTEMPT_AT: usize = 8 + 16 + 8 + 8 + 2 + 2 + 2 + 2 + 8 + 4;

impl<'a, F, P> Invoke<'a, F, P>
where
    F: ExactSizeIterator<Item = FieldSpan> + Clone,
    P: Iterator<Item = (&'a str, &'a str)> + Clone,
{
    /// Bytes of payload that `encode` fills.
    #[must_use]
    pub fn encoded(&self) -> usize {
        let params: usize = self
            .params
            .clone()
            .map(|(name, value)| pair_encoded(name.as_bytes(), value.as_bytes()))
            .sum();
        INVOKE_FIXED
            + self.fields.len() * FieldSpan::ENCODED
            + params
            + self.head.len()
            + self.body.encoded()
    }

    /// Writes the payload.
    ///
    /// # Panics
    /// If `payload` is shorter than `encoded()`.
    pub fn encode(&self, payload: &mut [u8]) {
        debug_assert!(u16::try_from(self.fields.len()).is_ok());
        let mut put = Put(payload);
        put.u64(self.key);
        put.bytes(&self.id);
        put.u64(self.accepted_ns);
        put.u64(self.queued_ns);
        put.u16(self.function);
        put.u16(u16::from(self.is_secure));
        put.u16(self.fields.len() as u16);
        put.u16(self.params.clone().count() as u16);
        for (start, length) in [self.method, self.target] {
            put.u16(start);
            put.u16(length);
        }
        put.u32(self.head.len() as u32);
        self.attempt.put(&mut put);
        for field in self.fields.clone() {
            put.u64(field.to_number());
        }
        for (name, value) in self.params.clone() {
            put.pair(name.as_bytes(), value.as_bytes());
        }
        put.bytes(self.head);
        self.body.put(&mut put);
    }
}
