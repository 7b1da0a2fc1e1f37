//! Frames as values: what travels in a Ring, encoded and decoded. Safe code only.
//!
//! Decoders check every length against the bytes at hand, because the peer may have been killed, or its
//! memory overwritten by a user's native extension: the answer is then `Corrupt`, never a panic.

mod body;
mod codec;
mod invoke;
mod invoke_head;
mod log;
mod outcome;
mod outcome_view;
mod replay;
mod stream;

pub use body::Body;
pub use invoke::{Attempt, FieldSpan, Invoke};
pub use invoke_head::InvokeHead;
pub use log::LogLine;
pub use outcome::{Outcome, OutcomeKind};
pub use outcome_view::OutcomeView;
pub use replay::Replay;
pub use stream::{Note, PART, Part, WINDOW};

/// The peer's bytes cannot have been written by a sound ferrofunc of the same version.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Corrupt {
    /// The ring's positions contradict each other.
    #[error("the ring's positions are inconsistent")]
    Positions,
    /// A Frame is longer than what was published.
    #[error("a frame of {0} bytes does not fit what was published")]
    Length(usize),
    /// An unknown kind of Frame.
    #[error("unknown frame kind {0}")]
    Kind(u32),
    /// A Frame whose contents end too early.
    #[error("a frame's contents are truncated")]
    Truncated,
    /// A number that means nothing where it stands.
    #[error("a frame holds {0} where that means nothing")]
    Value(u32),
    /// Text that is not UTF-8.
    #[error("a frame's text is not UTF-8")]
    Text,
    /// A block that was never lent or lies outside the arena.
    #[error("a frame names a block that is not there")]
    Block,
}

/// What a Frame's payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum FrameKind {
    /// Gateway → worker: run a Function.
    Invoke = 1,
    /// Either way: a lent block may be used again.
    Free = 2,
    /// Gateway → worker: finish what runs, then leave.
    Stop = 3,
    /// Either way: some bytes of a streamed body.
    Part = 4,
    /// Either way: a streamed body has ended.
    End = 5,
    /// Either way: so many bytes of a stream have been got rid of.
    Credit = 6,
    /// Gateway → worker: the client has left; nobody reads what comes of the Invocation.
    Cancel = 7,
    /// Worker → gateway: the Function table; the app is loaded.
    Ready = 16,
    /// Worker → gateway: what came of an Invocation.
    Outcome = 17,
    /// Worker → gateway: a line for the console.
    Log = 18,
}

impl FrameKind {
    pub(crate) fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            1 => Self::Invoke,
            2 => Self::Free,
            3 => Self::Stop,
            4 => Self::Part,
            5 => Self::End,
            6 => Self::Credit,
            7 => Self::Cancel,
            16 => Self::Ready,
            17 => Self::Outcome,
            18 => Self::Log,
            _ => return None,
        })
    }
}
