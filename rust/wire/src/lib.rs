//! What the gateway and one worker share: a Region of memory, three Rings in it, two arenas for bodies.
//!
//! ```text
//!  Region (a memfd, passed by inheritance)                     Bodies (a memfd, read-only in workers)
//! ┌────────┬──────────────┬───────────────┬──────────────┬──────────────────────┐   ┌───────────────┐
//! │ header │ Ring: sync   │ Ring: async   │ Ring: outcome│ arena for outcomes   │   │ arena for     │
//! │ magic… │ gateway → w. │ gateway → w.  │ w. → gateway │ written by the worker│   │ request bodies│
//! └────────┴──────────────┴───────────────┴──────────────┴──────────────────────┘   └───────────────┘
//! ```
//!
//! Who writes what: a Ring's `tail` and bytes belong to its producer, `head` and `asleep` to its consumer
//! (the producer may only clear `asleep`). An arena's bytes belong to the side that allocates in it; the
//! allocator's book-keeping lives in that side's private memory, so a dying peer can corrupt nothing.
//!
//! **Trust.** The peer is a process of the same user that runs this same code. It may die at any
//! instruction, and a native extension in it may have overwritten what it shares with us: every number from
//! shared memory is checked before it is used, and the worst answer is `Corrupt`. What Rust cannot express
//! is a peer that goes on *changing* bytes while we look at them as a slice; every value of a byte is valid,
//! no length is read twice, but text that was checked may not stay what it was. A reader that wants to be
//! sure copies a payload before it decodes it, as a worker does with a request's head.
//!
//! **Fork.** A Region has one gateway and one worker in its whole life, and its mapping is not inherited by
//! `fork`: a process that forks must not use its ends in the child, where the memory is simply not there.
//!
//! This is the only crate with `unsafe`. It knows every offset; nothing above it may. It depends on no
//! other crate of ours and must never interpret a body.

// Loom's atomics cannot live in shared memory: under the model checker there are rings on the heap only.
#![cfg_attr(loom, allow(dead_code))]

mod arena;
#[cfg(not(loom))]
mod bodies;
mod clock;
#[cfg(not(loom))]
mod error;
mod frame;
mod layout;
#[cfg(not(loom))]
mod memfd;
mod memory;
#[cfg(not(loom))]
mod region;
mod ring;
mod sync;
mod wake;

pub use arena::{Arena, ArenaView, Block, BlockRef};
#[cfg(not(loom))]
pub use bodies::{bodies_create, bodies_open};
pub use clock::{InvocationIds, id_text, now_ns};
#[cfg(not(loom))]
pub use error::RegionError;
pub use frame::{
    Attempt, Body, Corrupt, FieldSpan, FrameKind, Invoke, InvokeHead, LogLine, Note, Outcome,
    OutcomeKind, OutcomeView, PART, Part, Replay, WINDOW,
};
pub use layout::Sizes;
#[cfg(not(loom))]
pub use memfd::inherited;
pub use memory::MapError;
#[cfg(not(loom))]
pub use region::{GatewayEnds, Region, WorkerEnds};
pub use ring::{Consumer, Frame, Producer, Slot};
pub use wake::Bell;

#[doc(hidden)]
pub mod testing {
    //! Doors for this crate's own tests: a Ring without a Region around it.
    pub use crate::ring::heap_ring;
}
