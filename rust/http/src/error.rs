//! Every reason to refuse a request, each with the status to answer. Made by all of this crate's
//! readers; the gateway answers with `refusal`, logs the message and closes the connection.
//!
//! "Not yet complete" is never an error: that is `Step::NeedMore`.

/// A request that was refused. After it the connection cannot be used, since nobody knows where
/// the next request would begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(
        "expected a method such as GET at the start of the request, found bytes that are no token; is the peer speaking TLS to a plain port?"
    )]
    Method,
    #[error(
        "expected `method SP target SP version`, found a malformed request target; send `/path`, an absolute http URI, or `*` with OPTIONS, in visible ASCII without a fragment"
    )]
    Target,
    #[error("CONNECT is not implemented: this server is no proxy")]
    Connect,
    #[error("expected HTTP/1.1 or HTTP/1.0 at the end of the request line, found no HTTP version")]
    Version,
    #[error(
        "expected HTTP/1.1 or HTTP/1.0, found another HTTP version; turn HTTP/2 prior knowledge off in the client"
    )]
    VersionUnsupported,
    #[error(
        "expected a request line of at most {limit} bytes, found a longer one; shorten the URL"
    )]
    RequestLineTooLong { limit: usize },
    #[error(
        "expected a request head of at most {limit} bytes, found a longer one; send fewer or shorter headers"
    )]
    HeadTooLarge { limit: usize },
    #[error("expected at most {limit} header fields, found more")]
    TooManyFields { limit: usize },
    #[error("expected a request line, found too many empty lines before it")]
    BlankLines,
    #[error("expected CRLF at the end of a line, found LF alone")]
    BareLf,
    #[error("expected LF after CR, found another byte; CR may stand nowhere else")]
    BareCr,
    #[error("expected a header field name, found an empty one or a byte that no name may hold")]
    FieldName,
    #[error("expected `name:`, found space between the field name and the colon")]
    SpaceBeforeColon,
    #[error(
        "expected a header field, found a line that begins with space; folded lines are obsolete, send the value on one line"
    )]
    Folding,
    #[error("expected a header field value, found a control character in it")]
    FieldValue,
    #[error("expected a Host field, found none; HTTP/1.1 requires exactly one")]
    HostMissing,
    #[error("expected one Host field, found several")]
    HostRepeated,
    #[error("expected `host` or `host:port` in the Host field, found something else")]
    HostMalformed,
    #[error(
        "expected the Host field to name the host of the absolute request target, found another"
    )]
    HostMismatch,
    #[error("expected a decimal Content-Length, found something else")]
    LengthMalformed,
    #[error("expected one Content-Length field, found several")]
    LengthRepeated,
    #[error(
        "expected Content-Length or Transfer-Encoding, found both: the body's end would be ambiguous"
    )]
    LengthAndCoding,
    #[error(
        "expected `chunked` as the last transfer coding, found something else: the body would have no end"
    )]
    CodingNotFinal,
    #[error("expected `chunked` once, found it repeated")]
    CodingRepeated,
    #[error(
        "no transfer coding but `chunked` is implemented, found another; send Content-Encoding instead"
    )]
    CodingUnknown,
    #[error("expected no Transfer-Encoding in an HTTP/1.0 request, found one")]
    CodingInHttp10,
    #[error("expected `100-continue` in the Expect field, found another expectation")]
    Expectation,
    #[error(
        "expected a body of at most {limit} bytes, found a larger one; FUNCTIONS_REQUEST_BODY_SIZE_LIMIT raises the limit"
    )]
    BodyTooLarge { limit: u64 },
    #[error("expected a chunk size of 1 to 16 hexadecimal digits, found something else")]
    ChunkSize,
    #[error("expected `;` and visible characters after a chunk size, found something else")]
    ChunkExtension,
    #[error("expected a chunk size line of at most {limit} bytes, found a longer one")]
    ChunkLineTooLong { limit: usize },
    #[error("expected CRLF after the chunk's data, found something else; the chunk size was wrong")]
    ChunkEnd,
    #[error("expected at most {limit} bytes of trailer fields, found more")]
    TrailersTooLarge { limit: usize },
    #[error(
        "expected no Content-Length, Transfer-Encoding or Host among the trailer fields, found one"
    )]
    TrailerForbidden,
}

impl Error {
    /// The status code to answer with.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::BodyTooLarge { .. } => 413,
            Self::RequestLineTooLong { .. } => 414,
            Self::Expectation => 417,
            Self::HeadTooLarge { .. }
            | Self::TooManyFields { .. }
            | Self::TrailersTooLarge { .. } => 431,
            Self::Connect | Self::CodingUnknown => 501,
            Self::VersionUnsupported => 505,
            _ => 400,
        }
    }
}
