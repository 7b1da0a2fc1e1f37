//! `openloop`: sends GET requests at a constant rate and prints what came of them as JSON.
//!
//! A closed-loop generator waits for an answer before it asks again, so a server that stalls is
//! simply asked less and the stall all but vanishes from the percentiles. Here every request has a
//! scheduled time, fixed before the run, and its latency is counted from that time, whether or not
//! a connection was free to carry it. Called by `bench/e2e/loads.py`; usable by hand.
//!
//! Must never: adapt the rate to the server, or leave an unanswered request out of the report.

mod conn;
mod drive;
mod options;
mod report;
mod response;
mod schedule;

use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let outcome = Options::parse(std::env::args().skip(1))
        .and_then(|options| drive::drive(&options).map_err(|error| error.to_string()));
    match outcome {
        Ok(report) => {
            println!("{}", report.to_json());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("openloop: {message}");
            ExitCode::FAILURE
        }
    }
}
