//! Status lines and which statuses carry a body. Used by `encode` only.

macro_rules! status_lines {
    ($($code:literal $reason:literal)*) => {
        /// The whole status line of a registered status code, ready to be copied.
        pub(crate) const fn status_line(status: u16) -> Option<&'static str> {
            match status {
                $($code => Some(concat!("HTTP/1.1 ", $code, " ", $reason, "\r\n")),)*
                _ => None,
            }
        }
    };
}

// The IANA registry of HTTP status codes.
status_lines! {
    100 "Continue" 101 "Switching Protocols" 102 "Processing" 103 "Early Hints"
    200 "OK" 201 "Created" 202 "Accepted" 203 "Non-Authoritative Information" 204 "No Content"
    205 "Reset Content" 206 "Partial Content" 207 "Multi-Status" 208 "Already Reported" 226 "IM Used"
    300 "Multiple Choices" 301 "Moved Permanently" 302 "Found" 303 "See Other" 304 "Not Modified"
    305 "Use Proxy" 307 "Temporary Redirect" 308 "Permanent Redirect"
    400 "Bad Request" 401 "Unauthorized" 402 "Payment Required" 403 "Forbidden" 404 "Not Found"
    405 "Method Not Allowed" 406 "Not Acceptable" 407 "Proxy Authentication Required"
    408 "Request Timeout" 409 "Conflict" 410 "Gone" 411 "Length Required" 412 "Precondition Failed"
    413 "Content Too Large" 414 "URI Too Long" 415 "Unsupported Media Type"
    416 "Range Not Satisfiable" 417 "Expectation Failed" 418 "I'm a teapot"
    421 "Misdirected Request" 422 "Unprocessable Content" 423 "Locked" 424 "Failed Dependency"
    425 "Too Early" 426 "Upgrade Required" 428 "Precondition Required" 429 "Too Many Requests"
    431 "Request Header Fields Too Large" 451 "Unavailable For Legal Reasons"
    500 "Internal Server Error" 501 "Not Implemented" 502 "Bad Gateway" 503 "Service Unavailable"
    504 "Gateway Timeout" 505 "HTTP Version Not Supported" 506 "Variant Also Negotiates"
    507 "Insufficient Storage" 508 "Loop Detected" 510 "Not Extended"
    511 "Network Authentication Required"
}

/// What a status allows after the head (RFC 9110 6.4.1, RFC 9112 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A body, possibly empty.
    Allowed,
    /// No body, and no field that tells its length: 1xx and 204.
    Never,
    /// No body, but Content-Length may tell what a GET would have given: 304.
    Described,
    /// A body that must be empty: 205.
    Empty,
}

impl Content {
    pub(crate) const fn of(status: u16) -> Self {
        match status {
            100..=199 | 204 => Self::Never,
            304 => Self::Described,
            205 => Self::Empty,
            _ => Self::Allowed,
        }
    }
}
