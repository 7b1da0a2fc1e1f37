//! The gateway: sockets on one side, workers' Rings on the other, one event loop between them.
//!
//! A request's way, file by file: `listen` accepts, `serve` reads and understands, `dispatch` names the
//! Function and fills the Ring, `collect` takes the Outcome back, `reply` writes it. `pool` knows the
//! workers, `exchange` what is in flight, `inflow` and `outflow` the bodies that stream, `timers` what may not
//! take for ever, `report` what is logged. `gate` decides who gets as far as a Function, with `cors`, `auth`
//! and `throttle`; `decorate` adds what every response must have.
//!
//! It never waits for Python and never takes the GIL: whatever needs Python is an `Event` for the host.

#![forbid(unsafe_code)]

mod auth;
mod civil;
mod client;
mod collect;
mod config;
mod console;
mod cors;
mod decorate;
mod dispatch;
mod exchange;
mod folder;
mod gate;
mod host;
mod inflow;
mod listen;
mod look;
mod outflow;
mod output;
mod pool;
mod reactor;
mod reply;
mod report;
mod retry;
mod secure;
mod seldom;
mod serve;
mod submit;
mod takeover;
mod throttle;
mod timers;
mod transport;

pub use auth::{AuthLevel, Keys, Secret};
pub use config::{Config, CorsRules, FunctionSpec, GatewayError, HstsRules, Rules, Timeouts};
pub use console::{Console, Level};
pub use host::{AdminRequest, Event, Gateway, Seat};
pub use retry::RetryPolicy;
