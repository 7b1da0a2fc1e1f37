//! What a connection still has to send: bytes of our own, and bodies lent by a worker, in order.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

use ferrofunc_wire::{ArenaView, BlockRef};

/// A block on its way back to the worker that lent it.
pub(crate) struct Returned {
    pub(crate) worker: usize,
    /// Whether it goes by the async Ring: the one the Invocation went by is the one that is read.
    pub(crate) is_async: bool,
    pub(crate) block: BlockRef,
}

/// A response body in a worker's arena, sent from where it lies.
pub(crate) struct Lent {
    pub(crate) worker: usize,
    pub(crate) is_async: bool,
    pub(crate) view: ArenaView,
    pub(crate) block: BlockRef,
}

impl Lent {
    pub(crate) fn into_returned(self) -> Returned {
        Returned {
            worker: self.worker,
            is_async: self.is_async,
            block: self.block,
        }
    }

    fn bytes(&self) -> &[u8] {
        // Checked when the Outcome was read; an empty slice ends the connection's response early.
        self.view.bytes(self.block).unwrap_or_default()
    }
}

enum Part {
    Bytes(Vec<u8>),
    Lent(Lent),
}

/// Room kept in `first` between responses; more is given back.
const KEEP: usize = 16 << 10;

#[derive(Default)]
pub(crate) struct Output {
    /// The part being sent when there is no other: nearly always, so that it needs no queue.
    first: Vec<u8>,
    rest: VecDeque<Part>,
    /// Bytes of the front part already sent.
    sent: usize,
}

impl Output {
    /// Where to append bytes.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        if self.rest.is_empty() {
            return &mut self.first;
        }
        if !matches!(self.rest.back(), Some(Part::Bytes(_))) {
            self.rest.push_back(Part::Bytes(Vec::new()));
        }
        match self.rest.back_mut() {
            Some(Part::Bytes(bytes)) => bytes,
            _ => &mut self.first,
        }
    }

    pub(crate) fn lend(&mut self, lent: Lent) {
        self.rest.push_back(Part::Lent(lent));
    }

    /// Adds all that another holds, of which nothing was sent yet.
    pub(crate) fn append(&mut self, mut other: Self) {
        debug_assert!(other.sent == 0, "only what is being sent has begun");
        self.bytes().append(&mut other.first);
        for part in other.rest {
            match part {
                Part::Bytes(mut bytes) => self.bytes().append(&mut bytes),
                Part::Lent(lent) => self.lend(lent),
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_empty() && self.rest.is_empty()
    }

    /// Bytes not yet taken by the kernel.
    pub(crate) fn backlog(&self) -> usize {
        let rest: usize = self
            .rest
            .iter()
            .map(|part| match part {
                Part::Bytes(bytes) => bytes.len(),
                Part::Lent(lent) => lent.bytes().len(),
            })
            .sum();
        (self.first.len() + rest).saturating_sub(self.sent)
    }

    /// Sends as much as the kernel takes; true if that was all. Blocks that are through go to `freed`.
    pub(crate) fn try_send(
        &mut self,
        stream: &mut impl Write,
        freed: &mut Vec<Returned>,
    ) -> io::Result<bool> {
        loop {
            let sent = if self.rest.is_empty() {
                if self.first.is_empty() {
                    return Ok(true);
                }
                stream.write(&self.first[self.sent..])
            } else {
                self.try_send_parts(stream)
            };
            match sent {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.advance(count, freed),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn try_send_parts(&self, stream: &mut impl Write) -> io::Result<usize> {
        let mut slices = [IoSlice::new(&[]); 16];
        let mut skip = self.sent;
        let mut count = 0;
        let parts = self.rest.iter().map(|part| match part {
            Part::Bytes(bytes) => bytes.as_slice(),
            Part::Lent(lent) => lent.bytes(),
        });
        for bytes in std::iter::once(self.first.as_slice()).chain(parts) {
            if count == slices.len() {
                break;
            }
            let skipped = skip.min(bytes.len());
            skip -= skipped;
            if skipped < bytes.len() {
                slices[count] = IoSlice::new(&bytes[skipped..]);
                count += 1;
            }
        }
        stream.write_vectored(&slices[..count])
    }

    fn advance(&mut self, count: usize, freed: &mut Vec<Returned>) {
        self.sent += count;
        if self.sent < self.first.len() {
            return;
        }
        self.sent -= self.first.len();
        self.first.clear();
        self.first.shrink_to(KEEP);
        while let Some(part) = self.rest.front() {
            let length = match part {
                Part::Bytes(bytes) => bytes.len(),
                Part::Lent(lent) => lent.bytes().len(),
            };
            if self.sent < length {
                return;
            }
            self.sent -= length;
            if let Some(Part::Lent(lent)) = self.rest.pop_front() {
                freed.push(lent.into_returned());
            }
        }
    }

    /// Gives lent blocks back unsent: the client is gone.
    pub(crate) fn abandon(&mut self, freed: &mut Vec<Returned>) {
        self.first.clear();
        self.sent = 0;
        for part in self.rest.drain(..) {
            if let Part::Lent(lent) = part {
                freed.push(lent.into_returned());
            }
        }
    }
}
