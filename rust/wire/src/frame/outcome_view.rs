//! The Outcome Frame as the gateway reads it.

use super::Corrupt;
use super::body::Body;
use super::codec::Take;
use super::outcome::OutcomeKind;

/// An Outcome as the gateway reads it.
#[derive(Debug, Clone, Copy)]
pub struct OutcomeView<'b> {
    /// See `Outcome::key`.
    pub key: u64,
    /// See `Outcome::started_ns`.
    pub started_ns: u64,
    /// See `Outcome::ended_ns`.
    pub ended_ns: u64,
    /// See `Outcome::kind`.
    pub kind: OutcomeKind,
    /// See `Outcome::status`.
    pub status: u16,
    fields: u32,
    fields_bytes: &'b [u8],
    /// See `Outcome::body`.
    pub body: Body<'b>,
}

impl<'b> OutcomeView<'b> {
    /// Reads and checks a payload.
    pub fn decode(payload: &'b [u8]) -> Result<Self, Corrupt> {
        let mut take = Take(payload);
        let key = take.u64()?;
        let (started_ns, ended_ns) = (take.u64()?, take.u64()?);
        let kind = match take.u16()? {
            0 => OutcomeKind::Response,
            1 => OutcomeKind::Failure,
            other => return Err(Corrupt::Value(other.into())),
        };
        let status = take.u16()?;
        let fields = take.u32()?;
        let fields_bytes = take.0;
        for _ in 0..fields {
            take.pair()?;
        }
        let body = Body::take(&mut take)?;
        Ok(Self {
            key,
            started_ns,
            ended_ns,
            kind,
            status,
            fields,
            fields_bytes,
            body,
        })
    }

    /// Header fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&'b [u8], &'b [u8])> + use<'b> {
        let mut take = Take(self.fields_bytes);
        (0..self.fields).map_while(move |_| take.pair().ok())
    }

    /// The value of the first field called `name`, as text; empty if there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.fields()
            .find(|(field, _)| *field == name.as_bytes())
            .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
            .unwrap_or_default()
    }
}
