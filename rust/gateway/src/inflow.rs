//! A request body on its way to a worker while it comes in: parts are sent as far as the worker gives
//! credit, and the socket is not read beyond that. Called by `serve`; the way back is `outflow`.

use std::io::Read;

use ferrofunc_wire::{Block, BlockRef, Body, FrameKind, Note, PART, Part, WINDOW};

use crate::client::{Client, Stage};
use crate::reactor::Reactor;
use crate::timers::Due;

/// Largest part that travels inside its Frame; larger ones lie in the arena, so that the Ring has room.
const INLINE_PART: usize = 4 << 10;
/// Bytes of an unwanted body that are read for the sake of the next request on the connection.
const DISCARD: u64 = 1 << 20;
/// The client of an exchange that nobody waits for any more.
const NOBODY: (usize, u32) = (usize::MAX, 0);
/// How long to wait before a full Ring is tried again.
const STUCK_NS: u64 = 1_000_000;

/// A request body being passed on.
pub(crate) struct Inflow {
    /// Its exchange; None when nobody wants the rest.
    pub(crate) key: Option<u64>,
    /// What the worker lets us send; below zero by the last part.
    credit: i64,
    /// Bytes that found the Ring full.
    held: Vec<u8>,
    /// Whether the body is complete, with word of it still to be sent.
    is_end_held: bool,
    discarded: u64,
}

impl Inflow {
    pub(crate) fn to(key: u64) -> Self {
        Self {
            key: Some(key),
            credit: WINDOW.cast_signed(),
            held: Vec::new(),
            is_end_held: false,
            discarded: 0,
        }
    }

    /// A body nobody wants: its request has been answered.
    pub(crate) fn unwanted() -> Self {
        Self {
            key: None,
            ..Self::to(0)
        }
    }

    /// Whether the socket must not be read for now.
    pub(crate) fn is_blocked(&self) -> bool {
        self.key.is_some() && (self.credit <= 0 || self.is_stuck())
    }

    /// Whether the worker has all it asked for: then it is not the client that keeps anybody waiting.
    pub(crate) fn is_waiting_for_worker(&self) -> bool {
        self.is_blocked()
    }

    /// Whether nobody wants the rest.
    pub(crate) fn is_unwanted(&self) -> bool {
        self.key.is_none()
    }

    fn is_stuck(&self) -> bool {
        !self.held.is_empty() || self.is_end_held
    }
}

impl Reactor {
    /// Reads the next bytes of a streamed body of known length straight into memory the worker sees.
    /// Gives what was read and what was asked for; None if the bytes must go the long way.
    pub(crate) fn read_part(
        &mut self,
        client: &mut Client,
        left: u64,
    ) -> Option<(std::io::Result<usize>, usize)> {
        let Stage::Stream(Inflow { key: Some(key), .. }) = client.stage else {
            return None;
        };
        let asked = left.min(PART as u64) as usize;
        let mut block = self.bodies.try_alloc(asked)?;
        let room = &mut self.bodies.bytes_mut(&mut block)[..asked];
        let result = client.stream.read(room);
        match result {
            Ok(count @ 1..) => {
                client.http.advance_body(count as u64);
                block.length = count;
                if let Some(unsent) = self.try_send_block(client, key, block) {
                    let bytes = self.bodies.bytes(&unsent).to_vec();
                    self.bodies.free(unsent);
                    self.hold(client, &bytes);
                }
            }
            Ok(0) | Err(_) => self.bodies.free(block),
        }
        Some((result, asked))
    }

    /// Lends a part to the worker. Gives it back if the Ring is full.
    fn try_send_block(&mut self, client: &mut Client, key: u64, block: Block) -> Option<Block> {
        let reference = block.reference();
        let part = Part {
            key,
            body: Body::Block(reference),
        };
        if !self.try_send_part(&part) {
            return Some(block);
        }
        match self.worker_of(key) {
            Some(worker) => {
                worker.bodies.insert(reference.offset);
                self.bodies.lend(block);
            }
            // Sent to nobody: the worker is gone.
            None => self.bodies.free(block),
        }
        charge(client, block_length(reference));
        None
    }

    /// Sends bytes of a streamed body to its worker, or drops them if nobody wants them.
    pub(crate) fn pass_on(&mut self, client: &mut Client, bytes: &[u8]) {
        let Stage::Stream(inflow) = &mut client.stage else {
            return;
        };
        let Some(key) = inflow.key else {
            inflow.discarded += bytes.len() as u64;
            if inflow.discarded > DISCARD {
                client.is_closing = true;
                client.must_linger = true;
            }
            return;
        };
        if inflow.is_stuck() {
            inflow.held.extend_from_slice(bytes);
            return;
        }
        for (at, piece) in bytes.chunks(PART).enumerate() {
            if !self.try_pass_piece(client, key, piece) {
                self.hold(client, &bytes[at * PART..]);
                return;
            }
        }
    }

    /// False if the Ring is full.
    fn try_pass_piece(&mut self, client: &mut Client, key: u64, piece: &[u8]) -> bool {
        let block = match piece.len() {
            ..=INLINE_PART => None,
            length => self.bodies.try_alloc(length),
        };
        let Some(mut block) = block else {
            if piece.len() > INLINE_PART {
                // No memory now; it is tried again as with a full Ring.
                return false;
            }
            let part = Part {
                key,
                body: Body::Inline(piece),
            };
            let is_sent = self.try_send_part(&part);
            if is_sent {
                charge(client, piece.len());
            }
            return is_sent;
        };
        self.bodies.bytes_mut(&mut block)[..piece.len()].copy_from_slice(piece);
        match self.try_send_block(client, key, block) {
            None => true,
            Some(unsent) => {
                self.bodies.free(unsent);
                false
            }
        }
    }

    /// The body is complete.
    pub(crate) fn end_inflow(&mut self, client: &mut Client) {
        let Stage::Stream(inflow) = &mut client.stage else {
            return;
        };
        let Some(key) = inflow.key else {
            client.stage = Stage::Head;
            return;
        };
        let end = Note { key, number: 1 };
        if inflow.is_stuck() || !self.try_send_note(FrameKind::End, end) {
            if let Stage::Stream(inflow) = &mut client.stage {
                inflow.is_end_held = true;
            }
            self.hold(client, b"");
            return;
        }
        client.stage = Stage::Head;
    }

    fn hold(&mut self, client: &mut Client, bytes: &[u8]) {
        if let Stage::Stream(inflow) = &mut client.stage {
            inflow.held.extend_from_slice(bytes);
            self.stuck.push(client.token);
            self.arm_stuck();
        }
    }

    /// Looks after full Rings again soon.
    pub(crate) fn arm_stuck(&mut self) {
        if self.stuck_due_ns.is_none() {
            let due_ns = self.now + STUCK_NS;
            self.stuck_due_ns = Some(due_ns);
            self.timers.arm(due_ns, Due::Stuck);
        }
    }

    /// Tries again what found a Ring full. (Notes for workers are tried at the end of each turn.)
    pub(crate) fn on_stuck_due(&mut self) {
        self.stuck_due_ns = None;
        for token in std::mem::take(&mut self.stuck) {
            self.with_client(token, |reactor, client| {
                let Stage::Stream(inflow) = &mut client.stage else {
                    return;
                };
                let held = std::mem::take(&mut inflow.held);
                let is_ended = std::mem::take(&mut inflow.is_end_held);
                if !held.is_empty() {
                    reactor.pass_on(client, &held);
                }
                if is_ended {
                    reactor.end_inflow(client);
                }
                reactor.again.push_back(client.token);
            });
        }
    }

    /// The worker has got rid of some of a body.
    pub(crate) fn on_credit(&mut self, note: Note) {
        let Some((token, generation)) = self.exchanges.get(note.key).map(|known| known.client)
        else {
            return;
        };
        self.with_client(token, |reactor, client| {
            if client.generation != generation {
                return;
            }
            if let Stage::Stream(inflow) = &mut client.stage
                && inflow.key == Some(note.key)
            {
                inflow.credit = inflow
                    .credit
                    .saturating_add_unsigned(note.number)
                    .min(WINDOW.cast_signed());
                reactor.again.push_back(client.token);
            }
        });
    }

    /// A body turned out to be no valid HTTP after its Invocation had begun: the Function is told that its
    /// client has left, and its answer, if it has not begun, gives way to the refusal.
    pub(crate) fn revoke(&mut self, client: &mut Client, key: u64) {
        self.cancel_streams(client);
        let Some(exchange) = self.exchanges.get_mut(key) else {
            return;
        };
        if exchange.outflow.is_some() {
            client.is_broken = true;
            return;
        }
        client.asked = exchange.turn;
        exchange.client = NOBODY;
    }

    /// Nobody wants the rest of a body: its Invocation has ended.
    pub(crate) fn disown_inflow(client: &mut Client, key: u64) {
        if let Stage::Stream(inflow) = &mut client.stage
            && inflow.key == Some(key)
        {
            let is_complete = inflow.is_end_held;
            // Closing with the peer's bytes unread would destroy the answer on its way.
            client.must_linger = true;
            client.stage = if is_complete {
                Stage::Head
            } else {
                Stage::Stream(Inflow::unwanted())
            };
        }
    }

    fn worker_of(&mut self, key: u64) -> Option<&mut crate::pool::Worker> {
        let id = self.exchanges.get(key)?.worker?;
        self.pool.get(id)
    }

    /// False if the Ring is full. A worker that is gone takes everything: its end is noticed elsewhere.
    fn try_send_part(&mut self, part: &Part<'_>) -> bool {
        let Some(worker) = self.worker_of(part.key) else {
            return true;
        };
        let Some(mut slot) = worker
            .ring(true)
            .try_reserve(FrameKind::Part, part.encoded())
        else {
            return false;
        };
        part.encode(slot.bytes());
        slot.commit();
        true
    }

    fn try_send_note(&mut self, kind: FrameKind, note: Note) -> bool {
        let Some(worker) = self.worker_of(note.key) else {
            return true;
        };
        worker.try_note(kind, note, true)
    }
}

/// Uses up credit for a part of `length` bytes.
fn charge(client: &mut Client, length: usize) {
    if let Stage::Stream(inflow) = &mut client.stage {
        inflow.credit = inflow.credit.saturating_sub_unsigned(Part::cost(length));
    }
}

fn block_length(reference: BlockRef) -> usize {
    reference.length as usize
}
