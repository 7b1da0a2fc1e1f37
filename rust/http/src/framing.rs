//! What the fields of a head mean for the connection: where the body ends, whether another request
//! may follow, whether the client waits. `parse` shows it each field in turn.
//!
//! It never chooses between two readings of a body's length: it refuses (RFC 9112 6.3).

use crate::{Error, Framing, Limits, Version, token};

/// The fields of one head that are ours to act on, gathered line by line.
#[derive(Debug, Default)]
pub(crate) struct Meaning<'b> {
    /// The Host field.
    pub(crate) host: Option<&'b [u8]>,
    length: Option<u64>,
    coding: Coding,
    has_close: bool,
    has_keep_alive: bool,
    has_expect: bool,
}

/// The transfer codings seen so far, all lines taken as one list.
#[derive(Debug, Default, PartialEq, Eq)]
enum Coding {
    #[default]
    None,
    /// `chunked`, alone so far.
    Chunked,
    /// Ends with `chunked` after one we do not know.
    UnknownThenChunked,
    /// Ends with one we do not know.
    Unknown,
}

impl<'b> Meaning<'b> {
    /// Takes one field in. Names are told apart by length first: most fields match none.
    #[inline]
    pub(crate) fn take(&mut self, name: &[u8], value: &'b [u8]) -> Result<(), Error> {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => {
                once(&mut self.host, value).ok_or(Error::HostRepeated)
            }
            6 if name.eq_ignore_ascii_case(b"expect") => {
                self.has_expect = true;
                if value.eq_ignore_ascii_case(b"100-continue") {
                    Ok(())
                } else {
                    Err(Error::Expectation)
                }
            }
            10 if name.eq_ignore_ascii_case(b"connection") => {
                for option in token::list(value) {
                    self.has_close |= option.eq_ignore_ascii_case(b"close");
                    self.has_keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                }
                Ok(())
            }
            // Equal duplicates are refused too: RFC 9112 6.3 permits it, and no client sends them
            // on purpose.
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                once(&mut self.length, length(value)?).ok_or(Error::LengthRepeated)
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                token::list(value).try_for_each(|coding| self.coding.push(coding))
            }
            _ => Ok(()),
        }
    }

    /// Where the body ends, once all fields are in.
    #[inline]
    pub(crate) fn framing(&self, version: Version, limits: &Limits) -> Result<Framing, Error> {
        match (&self.coding, self.length) {
            (Coding::None, None) => Ok(Framing::Empty),
            (Coding::None, Some(length)) if length > limits.body => {
                Err(Error::BodyTooLarge { limit: limits.body })
            }
            (Coding::None, Some(length)) => Ok(Framing::Length(length)),
            (_, Some(_)) => Err(Error::LengthAndCoding),
            // RFC 9112 6.1: such a message's framing is faulty, whatever the coding.
            _ if version == Version::Http10 => Err(Error::CodingInHttp10),
            (Coding::Unknown, _) => Err(Error::CodingNotFinal),
            (Coding::UnknownThenChunked, _) => Err(Error::CodingUnknown),
            (Coding::Chunked, _) => Ok(Framing::Chunked),
        }
    }

    /// RFC 9112 9.3: `close` wins; otherwise 1.1 stays open and 1.0 does if it asks for it.
    #[inline]
    pub(crate) fn is_keep_alive(&self, version: Version) -> bool {
        !self.has_close && (version == Version::Http11 || self.has_keep_alive)
    }

    /// RFC 9110 10.1.1: an expectation in an HTTP/1.0 request is ignored; without a body there is
    /// nothing to wait for.
    #[inline]
    pub(crate) fn expects_continue(&self, version: Version, framing: Framing) -> bool {
        self.has_expect
            && version == Version::Http11
            && !matches!(framing, Framing::Empty | Framing::Length(0))
    }
}

impl Coding {
    /// Adds the next coding of the list. Nothing may follow `chunked`, and an empty element or one
    /// with parameters is an unknown coding.
    fn push(&mut self, coding: &[u8]) -> Result<(), Error> {
        let is_chunked = coding.eq_ignore_ascii_case(b"chunked");
        *self = match self {
            Self::Chunked | Self::UnknownThenChunked if is_chunked => {
                return Err(Error::CodingRepeated);
            }
            Self::Chunked | Self::UnknownThenChunked => return Err(Error::CodingNotFinal),
            Self::None if is_chunked => Self::Chunked,
            Self::Unknown if is_chunked => Self::UnknownThenChunked,
            Self::None | Self::Unknown => Self::Unknown,
        };
        Ok(())
    }
}

/// Fills an empty slot; `None` if it was filled before.
fn once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

/// RFC 9110 8.6: `Content-Length = 1*DIGIT`. No sign, no space, no list.
fn length(value: &[u8]) -> Result<u64, Error> {
    if value.is_empty() {
        return Err(Error::LengthMalformed);
    }
    value.iter().try_fold(0_u64, |sum, byte| {
        if !byte.is_ascii_digit() {
            return Err(Error::LengthMalformed);
        }
        sum.checked_mul(10)
            .and_then(|sum| sum.checked_add(u64::from(byte - b'0')))
            .ok_or(Error::LengthMalformed)
    })
}
