//! One connection: what is read from it is decrypted, what is written to it is encrypted. For sockets that
//! never block and tell by edges when they are ready. Called by the gateway's `transport`.
//!
//! Two laws that the caller relies upon:
//!
//! - `is_drained` is true only if neither this side nor the socket holds bytes, or the end, to be read, so
//!   that whatever comes next brings a new edge.
//! - `write` answers with bytes that the kernel has. Bytes that are encrypted and still here count as not
//!   written: the caller offers them again, the same ones first, and nothing is encrypted twice. So the
//!   caller's own account of what is unsent stays true, and no more than `HELD` bytes wait here.

use std::io::{self, ErrorKind, IoSlice, Read, Write};

use rustls::ServerConnection;

/// Most bytes that are encrypted before the kernel has taken them.
const HELD: usize = 64 << 10;

/// A TLS connection over a socket.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts about a stream; a state machine of their product would say less"
)]
#[derive(Debug)]
pub struct Stream<S> {
    session: ServerConnection,
    socket: S,
    has_begun: bool,
    /// The peer does not speak TLS: bytes pass as they are.
    is_plain: bool,
    /// The last read of the socket gave less than there was room for.
    is_socket_empty: bool,
    /// Decrypted bytes that were not read yet.
    decrypted: usize,
    /// The peer has said, or shown, that nothing more will come: the caller has to read that too.
    has_ended: bool,
    /// Bytes that are encrypted, and that the caller was not yet told are written.
    owed: usize,
    has_said_end: bool,
}

/// The socket as rustls reads it.
struct Tap<'a, S> {
    socket: &'a mut S,
    is_empty: &'a mut bool,
    first: Option<u8>,
}

impl<S: Read> Read for Tap<'_, S> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let result = self.socket.read(room);
        match &result {
            Ok(count) => *self.is_empty = *count < room.len(),
            Err(error) => *self.is_empty = error.kind() == ErrorKind::WouldBlock,
        }
        let count = *result.as_ref().unwrap_or(&0);
        self.first = self.first.or(room[..count].first().copied());
        result
    }
}

impl<S> Stream<S> {
    /// The socket underneath.
    pub fn socket(&self) -> &S {
        &self.socket
    }

    /// The socket underneath, to be registered with a poll.
    pub fn socket_mut(&mut self) -> &mut S {
        &mut self.socket
    }

    /// Whether nothing can be sent yet.
    #[must_use]
    pub fn is_handshaking(&self) -> bool {
        !self.is_plain && self.session.is_handshaking()
    }

    /// Whether the peer turned out to speak something like HTTP without TLS. What is written then goes out
    /// as it is.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether there is nothing more to read before the next edge.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.is_socket_empty && self.decrypted == 0 && !self.has_ended
    }
}

impl<S: Read + Write> Stream<S> {
    pub(crate) fn new(mut session: ServerConnection, socket: S) -> Self {
        session.set_buffer_limit(Some(HELD));
        Self {
            session,
            socket,
            has_begun: false,
            is_plain: false,
            is_socket_empty: false,
            decrypted: 0,
            has_ended: false,
            owed: 0,
            has_said_end: false,
        }
    }

    /// Gives the kernel what waits here, as far as it takes it.
    pub fn try_flush(&mut self) -> io::Result<()> {
        self.push().map(|_| ())
    }

    /// Tells the peer that nothing more will come. True when that is said, or cannot be.
    pub fn try_end(&mut self) -> bool {
        if self.is_plain {
            return true;
        }
        if !self.has_said_end {
            self.has_said_end = true;
            self.session.send_close_notify();
        }
        self.push().is_err() || !self.session.wants_write()
    }

    /// Returns how many encrypted bytes the kernel took.
    fn push(&mut self) -> io::Result<usize> {
        let mut taken = 0;
        while self.session.wants_write() {
            match self.session.write_tls(&mut self.socket) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => taken += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(taken)
    }

    /// Encrypts a beginning of the bytes, of at least one. Only what the protocol itself has to say can be
    /// in its way.
    fn encrypt(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut count = self.session.writer().write_vectored(slices)?;
        if count == 0 {
            self.push()?;
            count = self.session.writer().write_vectored(slices)?;
        }
        if count == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(count)
    }

    /// Reads the socket once, and answers the peer where the protocol asks for it.
    fn pull(&mut self) -> io::Result<()> {
        let mut tap = Tap {
            socket: &mut self.socket,
            is_empty: &mut self.is_socket_empty,
            first: None,
        };
        self.session.read_tls(&mut tap)?;
        if let Some(first) = tap.first
            && !self.has_begun
        {
            self.has_begun = true;
            // TLS begins with 22, a request with a letter.
            self.is_plain = first.is_ascii_alphabetic();
            if self.is_plain {
                return Err(ErrorKind::InvalidData.into());
            }
        }
        match self.session.process_new_packets() {
            Ok(state) => {
                self.decrypted = state.plaintext_bytes_to_read();
                self.has_ended = state.peer_has_closed();
                self.try_flush()
            }
            Err(error) => {
                // The alert that tells the peer why; the reason is ours to tell, whether it arrives or not.
                let _best_effort = self.push();
                Err(io::Error::new(ErrorKind::InvalidData, error))
            }
        }
    }
}

impl<S: Read + Write> Read for Stream<S> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.is_plain {
            return self.socket.read(room);
        }
        loop {
            match self.session.reader().read(room) {
                Ok(count) => {
                    self.decrypted = self.decrypted.saturating_sub(count);
                    return Ok(count);
                }
                // Many peers hang up without saying so; HTTP knows by itself whether something is missing.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(0),
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.pull()?,
                Err(error) => return Err(error),
            }
        }
    }
}

impl<S: Read + Write> Write for Stream<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.is_plain {
            return self.socket.write_vectored(slices);
        }
        if self.is_handshaking() {
            return Err(ErrorKind::NotConnected.into());
        }
        if slices.iter().all(|slice| slice.is_empty()) {
            return Ok(0);
        }
        if self.owed == 0 {
            self.owed = self.encrypt(slices)?;
        }
        let taken = self.push()?;
        if !self.session.wants_write() {
            return Ok(std::mem::take(&mut self.owed));
        }
        // Something is left here, so the last byte at least is not written; but what the kernel took is
        // progress, and whoever waits for progress should see it.
        let told = taken.min(self.owed.saturating_sub(1));
        self.owed -= told;
        if told == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(told)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.try_flush()
    }
}
