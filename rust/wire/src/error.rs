//! Why shared memory cannot be had or used. What can be wrong with Frames is `frame::Corrupt`.

use crate::layout::Sizes;
use crate::memory::MapError;
use crate::region::VERSION;

/// Why a Region cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegionError {
    /// The system refused.
    #[error("cannot {doing} shared memory: {source}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// The system's answer.
        source: rustix::io::Errno,
    },
    /// It cannot be mapped.
    #[error(transparent)]
    Map(#[from] MapError),
    /// It was made by another build, or is not a Region.
    #[error(
        "expected a region of version {VERSION}, found {found}: host and worker must be the same build"
    )]
    Mismatch {
        /// What its header says.
        found: String,
    },
    /// Sizes that no Region can have.
    #[error(
        "expected rings of a power of two from 4 KiB to 1 GiB, found {0:?}: correct the configured sizes"
    )]
    Sizes(Sizes),
}
