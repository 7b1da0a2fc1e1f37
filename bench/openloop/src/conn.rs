//! One keep-alive connection that carries one request at a time.
//!
//! Must never pipeline: a request queued behind another would be timed by our own queue.
//! Called by `drive.rs`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use crate::response::try_response;

const READ_SIZE: usize = 16 * 1024;

/// What a readable connection had to say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The response is not whole yet.
    Pending,
    /// The response to the request that was scheduled then, with its status.
    Answered(Instant, u16),
    /// The server closed, or sent something that is no response.
    Broken,
}

/// A connected, non-blocking socket and the request under way on it.
#[derive(Debug)]
pub(crate) struct Conn {
    stream: TcpStream,
    received: Vec<u8>,
    scheduled: Option<Instant>,
}

impl Conn {
    /// Connects and waits for it; everything after is non-blocking.
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(READ_SIZE),
            scheduled: None,
        })
    }

    /// The socket, for registration.
    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Whether a request is under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.scheduled.is_some()
    }

    /// Sends `request`, which was due at `scheduled`. A request is far smaller than an empty
    /// socket buffer, so anything but a whole write is a broken connection.
    pub(crate) fn send(&mut self, request: &[u8], scheduled: Instant) -> io::Result<()> {
        self.scheduled = Some(scheduled);
        self.stream.write_all(request)
    }

    /// Reads what has arrived.
    pub(crate) fn receive(&mut self) -> Event {
        let mut chunk = [0; READ_SIZE];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Event::Broken,
                Ok(count) => {
                    self.received.extend_from_slice(&chunk[..count]);
                    if count == READ_SIZE {
                        continue;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return Event::Broken,
            }
            return self.take();
        }
    }

    fn take(&mut self) -> Event {
        match try_response(&self.received) {
            Ok(None) => Event::Pending,
            Ok(Some(response)) if response.length == self.received.len() => {
                self.received.clear();
                // An answer nobody asked for leaves the pairing of answers to requests in doubt.
                self.scheduled
                    .take()
                    .map_or(Event::Broken, |at| Event::Answered(at, response.status))
            }
            Ok(Some(_)) | Err(_) => Event::Broken,
        }
    }
}
