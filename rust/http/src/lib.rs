//! HTTP/1.1, the server's side, without I/O: bytes in, steps out; a reply in, bytes out.
//!
//! The gateway reads a socket into a buffer, shows that buffer to a [`Conn`] and acts on the
//! [`Step`] it gets back; it writes replies with [`HeadWriter`] and [`chunk`]. This is the only
//! crate that knows CRLF.
//!
//! It must never touch a socket, a clock or a thread, never allocate for a request, and never guess
//! at a message's length: a request whose framing two servers could read differently is refused,
//! with the [`Error`] naming the status to answer.
//!
//! Read in this order: `conn` (the states), `parse` (a head), `framing` (what its fields mean),
//! `chunked` (a chunked body), `encode` (the reply).

#![forbid(unsafe_code)]

mod chunked;
mod conn;
mod date;
mod encode;
mod error;
mod framing;
mod head;
mod limits;
mod parse;
mod search;
mod status;
mod strict;
mod target;
mod token;

pub use conn::{Conn, Step};
pub use date::http_date;
pub use encode::{
    BadField, BadStatus, BodyKind, CONTINUE, Delivery, HeadWriter, Plan, Reply, chunk, chunk_end,
    last_chunk, refusal, write_chunk,
};
pub use error::Error;
pub use head::{Field, Fields, Framing, Head, MAX_FIELDS, Span, Version};
pub use limits::Limits;
