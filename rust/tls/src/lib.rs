//! TLS for the gateway: certificates from files, and connections over any stream of bytes.
//!
//! A [`Certificate`] is read from a PKCS#12 or PEM file, or made here and kept for the next start. An
//! [`Acceptor`] holds it in force, follows changes of its file, and makes a [`Stream`] of each accepted
//! socket. The protocol is rustls's; nothing here knows HTTP or an event loop.
//!
//! It must never print: what the user should know is returned, or told to the caller's `Listener`. A
//! password or a key is in no message and in no `Debug`.
//!
//! Read in this order: `source` (which files), `pem` and `pfx` (what is in them), `identity` (whether it can
//! serve), `self_signed`, `acceptor` and `renewal` (what is in force), `stream` (one connection).

#![forbid(unsafe_code)]

mod acceptor;
mod certificate;
mod error;
mod identity;
mod pem;
mod pfx;
mod renewal;
mod self_signed;
mod source;
mod stream;

pub use acceptor::Acceptor;
pub use certificate::Certificate;
pub use error::CertificateError;
pub use renewal::Change;
pub use stream::Stream;
