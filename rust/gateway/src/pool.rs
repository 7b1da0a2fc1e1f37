//! The workers the gateway can send Invocations to, and which one gets the next.

use std::collections::{HashSet, VecDeque};
use std::os::fd::OwnedFd;

use ferrofunc_wire::{Bell, FrameKind, GatewayEnds, Note, Producer};

use crate::output::Returned;

/// Functions faster than this (mean, nanoseconds) are packed on few workers: another wake-up would cost
/// more than the queue.
const FAST_NS: u64 = 100_000;
/// Invocations a packed worker may have in flight before the next worker is used.
const PACK: u32 = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Started; its Function table is not here yet.
    Loading,
    /// Gets Invocations.
    Serving,
    /// Gets no more; leaves when its Invocations have ended.
    Retired,
}

/// What a worker is to be told as soon as its Ring has room.
pub(crate) enum Owed {
    /// A block of its arena is free again. Nobody is woken for that.
    Block(Returned),
    /// Credit, or word that a client has left.
    Note {
        kind: FrameKind,
        note: Note,
        is_async: bool,
    },
}

pub(crate) struct Worker {
    pub(crate) id: usize,
    pub(crate) ends: GatewayEnds,
    pub(crate) sync_bell: Bell,
    pub(crate) async_bell: Bell,
    pub(crate) outcome_bell: Bell,
    /// Rung when the sync Ring stands still: see `look`.
    pub(crate) help_bell: Bell,
    /// Position of the sync Ring's reader when it was last looked at.
    pub(crate) looked_at: u64,
    /// Readable when the process is gone.
    pub(crate) process: Option<OwnedFd>,
    pub(crate) state: State,
    /// Whether the sync, and the async, Ring holds what the worker has not been shown.
    pub(crate) is_due: [bool; 2],
    pub(crate) in_flight: u32,
    /// Offsets of request bodies lent to the worker and not given back yet.
    pub(crate) bodies: HashSet<u64>,
    /// What it is to be told, while its Ring is full.
    pub(crate) owed: VecDeque<Owed>,
}

impl Worker {
    /// The Ring an Invocation of such a Function goes by; it will be published at the end of the turn.
    pub(crate) fn ring(&mut self, is_async: bool) -> &mut Producer {
        self.is_due[usize::from(is_async)] = true;
        if is_async {
            &mut self.ends.asynchronous
        } else {
            &mut self.ends.sync
        }
    }

    /// Lets the worker see this turn's Invocations, and wakes it if it sleeps. A Ring without any is left
    /// alone: whatever was published before has had its wake-up.
    pub(crate) fn publish(&mut self) {
        let rings = [
            (&mut self.ends.sync, &self.sync_bell),
            (&mut self.ends.asynchronous, &self.async_bell),
        ];
        for ((ring, bell), is_due) in rings.into_iter().zip(&mut self.is_due) {
            if std::mem::take(is_due) {
                ring.publish();
                if ring.is_wake_due() {
                    bell.ring();
                }
            }
        }
    }

    /// Says what it is owed. Freed blocks travel with whatever comes next; nobody is woken for them.
    pub(crate) fn pay_owed(&mut self) {
        while let Some(owed) = self.owed.pop_front() {
            let is_said = match &owed {
                Owed::Block(returned) => {
                    let ring = if returned.is_async {
                        &mut self.ends.asynchronous
                    } else {
                        &mut self.ends.sync
                    };
                    try_write(ring, FrameKind::Free, &returned.block.encode())
                }
                Owed::Note {
                    kind,
                    note,
                    is_async,
                } => self.try_note(*kind, *note, *is_async),
            };
            if !is_said {
                self.owed.push_front(owed);
                return;
            }
        }
    }

    /// Writes a note. False if the Ring is full.
    pub(crate) fn try_note(&mut self, kind: FrameKind, note: Note, is_async: bool) -> bool {
        try_write(self.ring(is_async), kind, &note.encode())
    }

    /// Tells the worker to finish and leave. False if a Ring is too full to say so now.
    pub(crate) fn try_stop(&mut self) -> bool {
        let said = [false, true].into_iter().all(|is_async| {
            self.ring(is_async)
                .try_reserve(FrameKind::Stop, 0)
                .map(ferrofunc_wire::Slot::commit)
                .is_some()
        });
        self.publish();
        // Rung in any case: nobody looks again at a Ring when no call is running.
        self.sync_bell.ring();
        self.async_bell.ring();
        said
    }
}

fn try_write(ring: &mut Producer, kind: FrameKind, payload: &[u8]) -> bool {
    let Some(mut slot) = ring.try_reserve(kind, payload.len()) else {
        return false;
    };
    slot.bytes().copy_from_slice(payload);
    slot.commit();
    true
}

/// All workers by id. Ids grow and are never reused.
#[derive(Default)]
pub(crate) struct Pool {
    pub(crate) workers: Vec<Option<Box<Worker>>>,
}

impl Pool {
    pub(crate) fn get(&mut self, id: usize) -> Option<&mut Worker> {
        self.workers.get_mut(id)?.as_deref_mut()
    }

    pub(crate) fn insert(&mut self, worker: Worker) {
        let id = worker.id;
        if self.workers.len() <= id {
            self.workers.resize_with(id + 1, || None);
        }
        self.workers[id] = Some(Box::new(worker));
    }

    pub(crate) fn take(&mut self, id: usize) -> Option<Box<Worker>> {
        self.workers.get_mut(id)?.take()
    }

    pub(crate) fn put_back(&mut self, worker: Box<Worker>) {
        let id = worker.id;
        self.workers[id] = Some(worker);
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Worker> {
        self.workers.iter_mut().flatten().map(Box::as_mut)
    }

    /// Whether anybody takes Invocations.
    pub(crate) fn is_serving(&self) -> bool {
        self.workers
            .iter()
            .flatten()
            .any(|worker| worker.state == State::Serving)
    }

    /// The worker for an Invocation of a Function with this mean duration: the first with room for fast
    /// ones, the least busy for the others. None while nobody serves.
    pub(crate) fn choose(&mut self, mean_ns: u64) -> Option<&mut Worker> {
        let mut best: Option<&mut Box<Worker>> = None;
        for worker in self.workers.iter_mut().flatten() {
            if worker.state != State::Serving {
                continue;
            }
            if mean_ns < FAST_NS && worker.in_flight < PACK {
                return Some(worker);
            }
            if best
                .as_ref()
                .is_none_or(|least| worker.in_flight < least.in_flight)
            {
                best = Some(worker);
            }
        }
        best.map(Box::as_mut)
    }
}
