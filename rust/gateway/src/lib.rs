//! The gateway: sockets on one side, workers' Rings on the other, one event loop between them.
//!
//! A request's way, file by file: `listen` accepts, `serve` reads and understands, `dispatch` names the
//! Function and fills the Ring, `collect` takes the Outcome back, `reply` writes it. `pool` knows the
//! workers, `exchange` what is in flight, `timers` what may not take for ever, `report` what is logged.
//!
//! It never waits for Python and never takes the GIL: whatever needs Python is an `Event` for the host.

#![forbid(unsafe_code)]

mod civil;
mod client;
mod collect;
mod config;
mod console;
mod dispatch;
mod exchange;
mod host;
mod listen;
mod look;
mod output;
mod pool;
mod reactor;
mod reply;
mod report;
mod serve;
mod submit;
mod takeover;
mod timers;

pub use config::{Config, FunctionSpec, GatewayError, Timeouts};
pub use console::{Console, Level};
pub use host::{AdminRequest, Event, Gateway, Seat};
