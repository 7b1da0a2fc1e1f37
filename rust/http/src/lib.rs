//! HTTP/1.1, the server's side, without I/O: bytes in, steps out; a reply in, bytes out.
//!
//! The gateway reads a socket into a buffer, shows that buffer to a [`Conn`] and acts on the
//! [`Step`] it gets back; it writes replies with [`HeadWriter`] and [`chunk`]. This is the only
//! crate that knows CRLF.
//!
//! It must never touch a socket, a clock or a thread, never allocate for a request, and never guess
//! at a message's length: a request whose framing two servers could read differently is refused,
//! with the [`Error`] naming the status to answer. [`parse_query`] allocates; workers call it, for
//! requests whose parameters a function touches.
//!
//! ```
//! use ferrofunc_http::{BodyKind, Conn, Fields, HeadWriter, Limits, Reply, Step, http_date};
//!
//! let received = b"GET /api/hello HTTP/1.1\r\nHost: localhost:7071\r\n\r\n";
//! let (mut conn, mut fields, mut out) = (Conn::new(Limits::default()), Fields::new(), Vec::new());
//! if let Step::Head { head, used } = conn.next(received, &mut fields)? {
//!     assert_eq!((head.path(), used), (&b"/api/hello"[..], received.len()));
//!     let reply = Reply {
//!         status: 200,
//!         head_only: head.method.of(head.bytes) == b"HEAD",
//!         version: head.version,
//!         keep_alive: head.keep_alive,
//!         body: BodyKind::Length(2),
//!         date: &http_date(784_111_777),
//!     };
//!     let mut writer = HeadWriter::new(&mut out, reply)?;
//!     writer.field(b"content-type", b"text/plain")?;
//!     let plan = writer.finish();
//!     assert!(plan.keep_alive);
//! }
//! assert!(out.starts_with(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Read in this order: `conn` (the states), `parse` (a head), `framing` (what its fields mean),
//! `chunked` (a chunked body), `encode` (the reply), `lines` (what is the same in every reply), `query`
//! (what a target says behind `?`).

#![forbid(unsafe_code)]

mod chunked;
mod conn;
mod date;
mod encode;
mod error;
mod framing;
mod head;
mod limits;
mod lines;
mod parse;
mod query;
mod search;
mod status;
mod strict;
mod target;
mod token;

pub use conn::{Conn, Step};
pub use date::{civil_date, http_date};
pub use encode::{
    BadField, BadStatus, BodyKind, CONTINUE, Delivery, HeadWriter, Plan, Reply, chunk, chunk_end,
    last_chunk, refusal, write_chunk,
};
pub use error::Error;
pub use head::{Field, Fields, Framing, Head, MAX_FIELDS, Span, Version};
pub use limits::Limits;
pub use lines::{BadLine, Lines};
pub use query::parse_query;
