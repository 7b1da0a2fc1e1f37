//! The bytes under a connection: a socket as it is, or TLS over one. Decides nothing; `serve` reads it,
//! `output` writes it, `listen` watches and ends it.

use std::io::{self, IoSlice, Read, Write};
use std::net::Shutdown;

use ferrofunc_tls::{Acceptor, Stream};
use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

pub(crate) enum Transport {
    Plain(TcpStream),
    Tls(Box<Stream<TcpStream>>),
}

impl Transport {
    /// Of an accepted socket; TLS if there is an acceptor.
    pub(crate) fn new(stream: TcpStream, acceptor: Option<&Acceptor>) -> io::Result<Self> {
        match acceptor {
            None => Ok(Self::Plain(stream)),
            Some(acceptor) => Ok(Self::Tls(Box::new(acceptor.accept(stream)?))),
        }
    }

    /// Whether requests on it are `https`.
    pub(crate) fn is_secure(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Whether nothing can be sent yet.
    pub(crate) fn is_handshaking(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(stream) => stream.is_handshaking(),
        }
    }

    /// Whether the peer of a TLS port speaks without TLS.
    pub(crate) fn is_plain_peer(&self) -> bool {
        matches!(self, Self::Tls(stream) if stream.is_plain())
    }

    /// Whether there may be more to read now, after a read of `count` bytes that had room for `asked`. If
    /// not, the next byte brings a new edge.
    pub(crate) fn may_hold_more(&self, count: usize, asked: usize) -> bool {
        match self {
            // Fewer than asked: the socket is empty.
            Self::Plain(_) => count == asked,
            // A record has its own length, whatever was asked.
            Self::Tls(stream) => !stream.is_drained(),
        }
    }

    /// Gives the kernel what waits on our side of it, as far as it takes it.
    pub(crate) fn try_flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Tls(stream) => stream.try_flush(),
        }
    }

    /// Says that nothing more will be sent. True when that is said, need not be, or cannot be.
    pub(crate) fn try_end(&mut self) -> bool {
        match self {
            Self::Plain(_) => true,
            Self::Tls(stream) => stream.try_end(),
        }
    }

    /// Closes our direction of the socket.
    pub(crate) fn shut(&self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.shutdown(Shutdown::Write),
            Self::Tls(stream) => stream.socket().shutdown(Shutdown::Write),
        }
    }

    fn socket(&mut self) -> &mut TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.socket_mut(),
        }
    }
}

impl Read for Transport {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(room),
            Self::Tls(stream) => stream.read(room),
        }
    }
}

impl Write for Transport {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write_vectored(slices),
            Self::Tls(stream) => stream.write_vectored(slices),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.try_flush()
    }
}

impl Source for Transport {
    fn register(&mut self, registry: &Registry, token: Token, want: Interest) -> io::Result<()> {
        self.socket().register(registry, token, want)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, want: Interest) -> io::Result<()> {
        self.socket().reregister(registry, token, want)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.socket().deregister(registry)
    }
}
