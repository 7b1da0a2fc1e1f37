//! What all TLS connections of a listener share: versions, ciphers, sessions that can be resumed, and the
//! certificate in force. Called by the gateway for each accepted socket.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ServerConfig, ServerConnection};

use crate::renewal::Renewal;
use crate::{Certificate, Change, Stream};

/// The one protocol spoken inside (RFC 7301).
const ALPN: &[u8] = b"http/1.1";

/// Makes TLS connections of accepted sockets.
#[derive(Debug, Clone)]
pub struct Acceptor {
    config: Arc<ServerConfig>,
}

impl Acceptor {
    /// Puts a certificate in force. `listener` is told, by another thread, when its file has changed.
    pub fn new(
        certificate: Certificate,
        listener: impl Fn(Change) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Renewal::new(certificate, Box::new(listener))));
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self {
            config: Arc::new(config),
        })
    }

    /// Makes a TLS connection of a socket; the handshake happens as it is read.
    pub fn accept<S: Read + Write>(&self, socket: S) -> io::Result<Stream<S>> {
        let session = ServerConnection::new(self.config.clone()).map_err(io::Error::other)?;
        Ok(Stream::new(session, socket))
    }
}
