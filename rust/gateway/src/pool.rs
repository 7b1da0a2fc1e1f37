//! The workers the gateway can send Invocations to, and which one gets the next.

use std::collections::{HashSet, VecDeque};
use std::os::fd::OwnedFd;

use ferrofunc_wire::{Bell, FrameKind, GatewayEnds};

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
    pub(crate) in_flight: u32,
    /// Offsets of request bodies lent to the worker and not given back yet.
    pub(crate) bodies: HashSet<u64>,
    /// Blocks to give back to the worker, while its Ring is full.
    pub(crate) owed: VecDeque<Returned>,
}

impl Worker {
    /// Lets the worker see what was committed, and wakes it if it sleeps.
    pub(crate) fn publish(&mut self) {
        self.ends.sync.publish();
        if self.ends.sync.is_wake_due() {
            self.sync_bell.ring();
        }
        self.ends.asynchronous.publish();
        if self.ends.asynchronous.is_wake_due() {
            self.async_bell.ring();
        }
    }

    /// Gives blocks back. They travel with the next Invocations; nobody is woken for them.
    pub(crate) fn pay_owed(&mut self) {
        while let Some(returned) = self.owed.front() {
            let payload = returned.block.encode();
            let ring = if returned.is_async {
                &mut self.ends.asynchronous
            } else {
                &mut self.ends.sync
            };
            let Some(mut slot) = ring.try_reserve(FrameKind::Free, payload.len()) else {
                return;
            };
            slot.bytes().copy_from_slice(&payload);
            slot.commit();
            self.owed.pop_front();
        }
    }

    /// Tells the worker to finish and leave. False if a Ring is too full to say so now.
    pub(crate) fn try_stop(&mut self) -> bool {
        let said = [&mut self.ends.sync, &mut self.ends.asynchronous]
            .into_iter()
            .all(|ring| {
                ring.try_reserve(FrameKind::Stop, 0)
                    .map(ferrofunc_wire::Slot::commit)
                    .is_some()
            });
        self.publish();
        said
    }
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
