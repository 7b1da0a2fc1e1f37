//! What the gateway does about TLS: takes the certificate into force, says what became of it, and deals with
//! peers that cannot go on. The protocol itself is `ferrofunc_tls`'s.

use std::io;

use ferrofunc_http::{BodyKind, Delivery, HeadWriter, Reply, Version};
use ferrofunc_tls::{Acceptor, Certificate, Change};

use crate::client::Client;
use crate::console::{Console, Level};
use crate::reactor::Reactor;
use crate::report::Report;

/// What a client reads that speaks plain HTTP to a TLS port.
const NEEDS_TLS: &[u8] =
    b"This port serves HTTPS, and the request came without TLS. Begin the URL with https://.\n";

/// Puts the certificate in force, if there is one.
pub(crate) fn acceptor(
    certificate: Option<Certificate>,
    console: &Console,
    system_level: Option<Level>,
) -> io::Result<Option<Acceptor>> {
    let Some(certificate) = certificate else {
        return Ok(None);
    };
    let report = Report::new(console.clone(), system_level);
    Acceptor::new(certificate, move |change| {
        let level = match change {
            Change::Renewed { doubt: None, .. } => Level::Information,
            Change::Renewed { .. } => Level::Warning,
            Change::Kept(_) => Level::Error,
        };
        report.remark(level, &change.to_string());
    })
    .map(Some)
}

impl Reactor {
    /// The connection cannot be read any more: it is broken, or was never what it should be.
    pub(crate) fn on_read_failure(&mut self, client: &mut Client, error: &io::Error) {
        if client.stream.is_plain_peer() {
            self.refuse_plain(client);
            return;
        }
        if client.stream.is_secure() && error.kind() == io::ErrorKind::InvalidData {
            self.report
                .remark(Level::Debug, &format!("A TLS connection failed: {error}."));
        }
        client.is_broken = true;
    }

    /// Tells a client without TLS what is wrong, in the words that it understands.
    fn refuse_plain(&mut self, client: &mut Client) {
        self.report.remark(
            Level::Debug,
            "Refused a request with 400: it came without TLS to a port that serves HTTPS.",
        );
        let mut bytes = Vec::new();
        let reply = Reply {
            status: 400,
            head_only: false,
            version: Version::Http11,
            keep_alive: false,
            body: BodyKind::Length(NEEDS_TLS.len() as u64),
            date: &self.date,
        };
        let Ok(mut head) = HeadWriter::new(&mut bytes, reply) else {
            client.is_broken = true;
            return;
        };
        let written = head.field(b"Content-Type", b"text/plain; charset=utf-8");
        debug_assert!(written.is_ok(), "a field of our own");
        if head.finish().delivery != Delivery::Nothing {
            bytes.extend_from_slice(NEEDS_TLS);
        }
        self.put_last(client, bytes);
    }
}
