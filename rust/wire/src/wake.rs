//! The bell one side rings to wake the other: an eventfd. When to ring is the Ring's business.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::event::{EventfdFlags, eventfd};

/// A wake-up that outlives its sender: rung before the sleeper lies down, it still wakes it.
pub struct Bell(OwnedFd);

impl Bell {
    /// A bell for an event loop, which watches its descriptor.
    pub fn watched() -> io::Result<Self> {
        Ok(Self(eventfd(
            0,
            EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK,
        )?))
    }

    /// A bell for a thread that sleeps in `wait`: one system call a sleep.
    pub fn slept_on() -> io::Result<Self> {
        Ok(Self(eventfd(0, EventfdFlags::CLOEXEC)?))
    }

    /// A bell that another process made and passed on.
    #[must_use]
    pub fn from_fd(fd: OwnedFd) -> Self {
        Self(fd)
    }

    /// Wakes whoever waits. A full counter means that it is ringing already.
    pub fn ring(&self) {
        let rung = rustix::io::write(&self.0, &1u64.to_ne_bytes());
        debug_assert!(
            matches!(rung, Ok(8) | Err(rustix::io::Errno::AGAIN)),
            "an eventfd takes every increment"
        );
    }

    /// Silences a watched bell; true if it was ringing.
    #[must_use = "a caller that does not care says so"]
    pub fn hush(&self) -> bool {
        let mut count = [0; 8];
        matches!(rustix::io::read(&self.0, &mut count), Ok(8))
    }

    /// Sleeps until a slept-on bell rings (or a signal comes), then silences it.
    pub fn wait(&self) {
        let mut count = [0; 8];
        let woken = rustix::io::read(&self.0, &mut count);
        debug_assert!(
            matches!(woken, Ok(8) | Err(rustix::io::Errno::INTR)),
            "reading an eventfd sleeps or yields its count"
        );
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Bell {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
