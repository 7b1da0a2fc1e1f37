//! What a worker sends: Outcomes, log lines, its table, freed blocks. The GIL makes every sender a single
//! producer; the lock here is never contended and only satisfies the types.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ferrofunc_wire::{Arena, ArenaView, Bell, BlockRef, Body, Corrupt, FrameKind, Producer};
use pyo3::prelude::*;

/// Largest body that travels inside a Frame; see the gateway's constant of the same name.
pub(crate) const INLINE_BODY: usize = 16 << 10;
/// How long a sender sleeps when the Ring is full. The gateway is awake then and empties it as fast as it
/// can, so that this is no poll of an idle process.
const FULL_PAUSE: Duration = Duration::from_micros(100);
/// How long Outcomes may wait for company, in nanoseconds.
const LATE_NS: u64 = 500_000;
/// Outcomes the gateway may be left asleep over while more Invocations wait.
const BATCH: u32 = 32;

struct Inner {
    ring: Producer,
    arena: Arena,
    /// Frames published since the gateway was last looked at.
    unwoken: u32,
    /// When `wake_if_late` last woke it.
    woken_ns: u64,
}

pub(crate) struct Outbox {
    inner: Mutex<Inner>,
    bell: Bell,
    /// Request bodies nobody holds any more; they travel with the next Frame.
    freed: Arc<Mutex<Vec<u64>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request body in the gateway's arena; given back when the last holder drops it.
pub(crate) struct Lease {
    view: ArenaView,
    block: BlockRef,
    freed: Arc<Mutex<Vec<u64>>>,
}

impl Lease {
    pub(crate) fn length(&self) -> usize {
        self.block.length as usize
    }

    pub(crate) fn bytes(&self) -> PyResult<&[u8]> {
        self.view
            .bytes(self.block)
            .map_err(|corrupt| crate::error::Failed::from(corrupt).into())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        lock(&self.freed).push(self.block.offset);
    }
}

impl Outbox {
    pub(crate) fn new(ring: Producer, arena: Arena, bell: Bell) -> Self {
        Self {
            inner: Mutex::new(Inner {
                ring,
                arena,
                unwoken: 0,
                woken_ns: 0,
            }),
            bell,
            freed: Arc::default(),
        }
    }

    pub(crate) fn lease(&self, view: &ArenaView, block: BlockRef) -> Arc<Lease> {
        Arc::new(Lease {
            view: view.clone(),
            block,
            freed: self.freed.clone(),
        })
    }

    /// Longest payload of one Frame.
    pub(crate) fn max_payload(&self) -> usize {
        lock(&self.inner).ring.max_payload()
    }

    /// The body as it can travel: large ones are copied into the arena. None if the arena is full.
    pub(crate) fn body<'b>(&self, bytes: &'b [u8]) -> Option<Body<'b>> {
        self.body_within(bytes, INLINE_BODY)
    }

    /// As `body`, with another limit for what travels inside the Frame.
    pub(crate) fn body_within<'b>(&self, bytes: &'b [u8], inline: usize) -> Option<Body<'b>> {
        match bytes.len() {
            0 => Some(Body::Empty),
            length if length <= inline => Some(Body::Inline(bytes)),
            length => {
                let arena = &mut lock(&self.inner).arena;
                let mut block = arena.try_alloc(length)?;
                arena.bytes_mut(&mut block)[..length].copy_from_slice(bytes);
                Some(Body::Block(arena.lend(block)))
            }
        }
    }

    /// The gateway has sent a body and gives its block back.
    pub(crate) fn reclaim(&self, payload: &[u8]) -> Result<(), Corrupt> {
        let offset = BlockRef::decode_free(payload)?;
        lock(&self.inner).arena.reclaim_lent(offset)
    }

    /// Publishes a Frame, waiting for room if there is none (without the GIL). The gateway is not woken:
    /// see `wake`.
    pub(crate) fn send(
        &self,
        py: Python<'_>,
        kind: FrameKind,
        length: usize,
        fill: impl FnOnce(&mut [u8]),
    ) {
        // Taken by value on the first try that finds room.
        let mut fill = Some(fill);
        while !self.try_send(kind, length, &mut fill) {
            py.detach(|| std::thread::sleep(FULL_PAUSE));
        }
    }

    fn try_send<F: FnOnce(&mut [u8])>(
        &self,
        kind: FrameKind,
        length: usize,
        fill: &mut Option<F>,
    ) -> bool {
        let inner = &mut *lock(&self.inner);
        self.pay_freed(inner);
        let sent = match inner.ring.try_reserve(kind, length) {
            Some(mut slot) => {
                if let Some(fill) = fill.take() {
                    fill(slot.bytes());
                }
                slot.commit();
                true
            }
            None => false,
        };
        inner.ring.publish();
        inner.unwoken += 1;
        if !sent && inner.ring.is_wake_due() {
            self.bell.ring();
        }
        sent
    }

    fn pay_freed(&self, inner: &mut Inner) {
        let mut freed = lock(&self.freed);
        while let Some(offset) = freed.last() {
            let block = BlockRef {
                offset: *offset,
                length: 0,
            };
            let Some(mut slot) = inner.ring.try_reserve(FrameKind::Free, 8) else {
                return;
            };
            slot.bytes().copy_from_slice(&block.encode());
            slot.commit();
            freed.pop();
        }
    }

    /// Wakes the gateway if it sleeps over published Frames. Called before this side sleeps or turns to
    /// something slow.
    pub(crate) fn wake(&self) {
        let inner = &mut *lock(&self.inner);
        if !lock(&self.freed).is_empty() {
            self.pay_freed(inner);
            inner.ring.publish();
            inner.unwoken += 1;
        }
        if inner.unwoken > 0 {
            inner.unwoken = 0;
            if inner.ring.is_wake_due() {
                self.bell.ring();
            }
        }
    }

    /// Wakes the gateway if that was not done for a while: for Functions that take longer than a wake-up, but
    /// not so much longer that each of them is worth one.
    pub(crate) fn wake_if_late(&self, now_ns: u64) {
        let is_late = {
            let inner = &mut *lock(&self.inner);
            let is_late = now_ns.saturating_sub(inner.woken_ns) >= LATE_NS;
            if is_late {
                inner.woken_ns = now_ns;
            }
            is_late
        };
        if is_late {
            self.wake();
        }
    }

    /// Wakes the gateway if the batch is long enough.
    pub(crate) fn wake_if_many(&self) {
        if lock(&self.inner).unwoken >= BATCH {
            self.wake();
        }
    }
}
