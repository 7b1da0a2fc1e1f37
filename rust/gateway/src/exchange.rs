//! Requests whose answer is still to come, by the key that travels in their Frames.

use ferrofunc_http::Version;
use ferrofunc_wire::Block;
use slab::Slab;

use crate::decorate::Wanted;
use crate::outflow::Outflow;
use crate::retry::Again;
use crate::throttle::Ticket;

/// How a response must be framed for the request it answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) version: Version,
    pub(crate) keep_alive: bool,
    pub(crate) head_only: bool,
    pub(crate) wanted: Wanted,
}

/// One request, from the moment its Frame is written (or the host is asked).
pub(crate) struct Exchange {
    pub(crate) generation: u32,
    /// The connection's token and generation.
    pub(crate) client: (usize, u32),
    /// The place of the answer among the connection's answers.
    pub(crate) turn: u32,
    pub(crate) manner: Manner,
    /// The worker that runs it; None while the host answers.
    pub(crate) worker: Option<usize>,
    pub(crate) function: u16,
    pub(crate) id: [u8; 16],
    pub(crate) accepted_ns: u64,
    /// Whether its `Executing` line was printed.
    pub(crate) is_logged: bool,
    /// The host's name for it, if the host asked for it (see `submit`).
    pub(crate) submission: Option<u64>,
    /// Whether its Function takes the request as it comes, and is told when the client leaves.
    pub(crate) is_stream: bool,
    /// What another attempt needs, if there may be one.
    pub(crate) again: Option<Box<Again>>,
    /// The response, once it has begun to stream.
    pub(crate) outflow: Option<Outflow>,
    /// Limits count it as long as this lives.
    #[expect(dead_code, reason = "what matters is when it is dropped")]
    pub(crate) ticket: Option<Ticket>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Exchanges {
    slots: Slab<Exchange>,
    generation: u32,
}

impl Exchanges {
    /// The key the next `insert` will return.
    pub(crate) fn next_key(&self) -> u64 {
        u64::from(self.generation) << 32 | self.slots.vacant_key() as u64
    }

    pub(crate) fn insert(&mut self, mut exchange: Exchange) -> u64 {
        let key = self.next_key();
        exchange.generation = self.generation;
        self.slots.insert(exchange);
        self.generation = self.generation.wrapping_add(1);
        key
    }

    /// Ends an exchange. None for a key that is no longer (or never was) in flight.
    pub(crate) fn take(&mut self, key: u64) -> Option<Exchange> {
        let slot = (key & u64::from(u32::MAX)) as usize;
        let exchange = self.slots.get(slot)?;
        if u64::from(exchange.generation) != key >> 32 {
            return None;
        }
        Some(self.slots.remove(slot))
    }

    /// An exchange in flight.
    pub(crate) fn get(&self, key: u64) -> Option<&Exchange> {
        let exchange = self.slots.get((key & u64::from(u32::MAX)) as usize)?;
        (u64::from(exchange.generation) == key >> 32).then_some(exchange)
    }

    /// An exchange in flight.
    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut Exchange> {
        let exchange = self.slots.get_mut((key & u64::from(u32::MAX)) as usize)?;
        (u64::from(exchange.generation) == key >> 32).then_some(exchange)
    }

    /// The Function of the Invocation with this id, if it is in flight.
    pub(crate) fn function_of_id(&self, id: [u8; 16]) -> Option<u16> {
        self.slots
            .iter()
            .find(|(_, exchange)| exchange.id == id)
            .map(|(_, exchange)| exchange.function)
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// How many run in workers.
    pub(crate) fn running(&self) -> usize {
        let exchanges = self.slots.iter();
        exchanges
            .filter(|(_, exchange)| exchange.worker.is_some())
            .count()
    }

    /// Gives each Invocation that runs in a worker another row.
    pub(crate) fn renumber(&mut self, mut row: impl FnMut(u16) -> u16) {
        for (_, exchange) in &mut self.slots {
            if exchange.worker.is_some() {
                exchange.function = row(exchange.function);
            }
        }
    }

    /// Keys of all that match.
    pub(crate) fn keys_where(&self, test: impl Fn(&Exchange) -> bool) -> Vec<u64> {
        self.slots
            .iter()
            .filter(|(_, exchange)| test(exchange))
            .map(|(slot, exchange)| u64::from(exchange.generation) << 32 | slot as u64)
            .collect()
    }

    /// When the oldest Invocation in a worker was accepted.
    pub(crate) fn oldest_ns(&self) -> Option<u64> {
        self.slots
            .iter()
            .filter(|(_, exchange)| exchange.worker.is_some())
            .map(|(_, exchange)| exchange.accepted_ns)
            .min()
    }
}

/// A request body as far as it has come.
pub(crate) enum Sink {
    Bytes(Vec<u8>),
    Block {
        block: Block,
        filled: usize,
    },
    /// To be passed on as it comes; how many bytes it will be, if that is known.
    Stream(Option<u64>),
}
