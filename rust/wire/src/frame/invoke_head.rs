//! The Invoke Frame as a worker reads it: where the parts lie is checked once, the parts are looked up when
//! they are asked for.

use super::Corrupt;
use super::body::Body;
use super::codec::{Take, text};
use super::invoke::{Attempt, FieldSpan, INVOKE_FIXED};

/// The fixed part of an Invoke Frame and where its parts lie; goes with the payload it was read from. With
/// another payload the answers are wrong, empty or cut short, but never a panic.
#[derive(Debug, Clone, Copy)]
pub struct InvokeHead {
    /// See `Invoke::key`.
    pub key: u64,
    /// See `Invoke::id`.
    pub id: [u8; 16],
    /// See `Invoke::accepted_ns`.
    pub accepted_ns: u64,
    /// See `Invoke::queued_ns`.
    pub queued_ns: u64,
    /// See `Invoke::function`.
    pub function: u16,
    /// See `Invoke::attempt`.
    pub attempt: Attempt,
    /// See `Invoke::is_secure`.
    pub is_secure: bool,
    /// Number of header fields.
    pub fields: u16,
    /// Number of route parameters.
    pub params: u16,
    method: (u16, u16),
    target: (u16, u16),
    fields_at: usize,
    params_at: usize,
    head_at: usize,
    head_length: usize,
    body_at: usize,
}

fn part(bytes: &[u8], (start, length): (u16, u16)) -> &[u8] {
    let start = usize::from(start);
    bytes
        .get(start..start + usize::from(length))
        .unwrap_or_default()
}

impl InvokeHead {
    /// Reads the fixed part and checks where everything lies.
    pub fn decode(payload: &[u8]) -> Result<Self, Corrupt> {
        let mut take = Take(payload);
        let at = |take: &Take<'_>| payload.len() - take.0.len();
        // One check for all of it.
        let mut fixed = Take(take.bytes(INVOKE_FIXED)?);
        let (key, id) = (fixed.u64()?, fixed.array()?);
        let (accepted_ns, queued_ns) = (fixed.u64()?, fixed.u64()?);
        let (function, flags) = (fixed.u16()?, fixed.u16()?);
        let (fields, params) = (fixed.u16()?, fixed.u16()?);
        let method = (fixed.u16()?, fixed.u16()?);
        let target = (fixed.u16()?, fixed.u16()?);
        let head_length = fixed.u32()? as usize;
        let attempt = Attempt {
            count: fixed.u32()?,
            most: fixed.u32()?.cast_signed(),
        };
        let fields_at = at(&take);
        take.bytes(usize::from(fields) * FieldSpan::ENCODED)?;
        let params_at = at(&take);
        for _ in 0..params {
            let (name, value) = take.pair()?;
            text(name)?;
            text(value)?;
        }
        let head_at = at(&take);
        take.bytes(head_length)?;
        let body_at = at(&take);
        Body::take(&mut take)?;
        Ok(Self {
            key,
            id,
            accepted_ns,
            queued_ns,
            function,
            attempt,
            is_secure: flags & 1 != 0,
            fields,
            params,
            method,
            target,
            fields_at,
            params_at,
            head_at,
            head_length,
            body_at,
        })
    }

    pub(super) fn body_at(&self) -> usize {
        self.body_at
    }

    fn head<'b>(&self, payload: &'b [u8]) -> &'b [u8] {
        payload
            .get(self.head_at..self.head_at + self.head_length)
            .unwrap_or_default()
    }

    /// The request method.
    #[must_use]
    pub fn method<'b>(&self, payload: &'b [u8]) -> &'b [u8] {
        part(self.head(payload), self.method)
    }

    /// The request target, as on the request line.
    #[must_use]
    pub fn target<'b>(&self, payload: &'b [u8]) -> &'b [u8] {
        part(self.head(payload), self.target)
    }

    /// Name and value of header field number `index`; both empty beyond the last.
    #[must_use]
    pub fn field<'b>(&self, payload: &'b [u8], index: u16) -> (&'b [u8], &'b [u8]) {
        if index >= self.fields {
            return (b"", b"");
        }
        let at = self.fields_at + usize::from(index) * FieldSpan::ENCODED;
        let mut take = Take(payload.get(at..).unwrap_or_default());
        let span = FieldSpan::from_number(take.u64().unwrap_or(0));
        let head = self.head(payload);
        (part(head, span.name), part(head, span.value))
    }

    /// Route parameters, in template order.
    pub fn route_params<'b>(&self, payload: &'b [u8]) -> impl Iterator<Item = (&'b str, &'b str)> {
        let mut take = Take(payload.get(self.params_at..).unwrap_or_default());
        (0..self.params).map_while(move |_| {
            let (name, value) = take.pair().ok()?;
            Some((text(name).ok()?, text(value).ok()?))
        })
    }

    /// The body.
    #[must_use]
    pub fn body<'b>(&self, payload: &'b [u8]) -> Body<'b> {
        let mut take = Take(payload.get(self.body_at..).unwrap_or_default());
        Body::take(&mut take).unwrap_or(Body::Empty)
    }
}
