//! Retry policies (spec configuration.md 4.1): a call that failed is made again while its caller waits, each
//! time as an Invocation of its own. Called by `collect` for failures and by `reactor` when a wait is over.

use std::time::Duration;

use ferrofunc_wire::{Arena, Attempt, Body, FrameKind, Replay};

use crate::console::Level;
use crate::exchange::{Exchange, Sink};
use crate::reactor::Reactor;
use crate::serve::INLINE_BODY;
use crate::timers::Due;

/// How long to wait when no worker can take another attempt.
const BUSY_NS: u64 = 20_000_000;

/// When and how often a failed call is made again.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// Most attempts after the first; below zero is any number.
    pub most: i32,
    /// The wait before the first of them; it doubles each time.
    pub least: Duration,
    /// The longest wait. Equal to `least` for a fixed one.
    pub longest: Duration,
}

impl RetryPolicy {
    fn allows(&self, count: u32) -> bool {
        u32::try_from(self.most).map_or(true, |most| count < most)
    }

    fn wait(&self, count: u32) -> Duration {
        self.least
            .saturating_mul(1 << count.min(30))
            .min(self.longest)
    }
}

/// A call that can be made again.
#[derive(Debug)]
pub(crate) struct Again {
    replay: Replay,
    policy: RetryPolicy,
    /// The Function it is of: by the time of another attempt the table may be another.
    name: String,
    count: u32,
}

impl Again {
    /// Keeps a call whose Frame was just written. None if it is not to be made again.
    pub(crate) fn keep(
        policy: Option<RetryPolicy>,
        name: &str,
        payload: &[u8],
        body: &[u8],
    ) -> Option<Box<Self>> {
        let policy = policy.filter(|policy| policy.most != 0)?;
        let replay = Replay::of(payload, body).ok()?;
        Some(Box::new(Self {
            replay,
            policy,
            name: name.to_owned(),
            count: 0,
        }))
    }
}

/// The first attempt, as its Frame tells it.
pub(crate) fn first_attempt(policy: Option<RetryPolicy>) -> Attempt {
    Attempt {
        count: 0,
        most: policy.map_or(0, |policy| policy.most),
    }
}

impl Reactor {
    /// The bytes of a body, where another attempt may need them.
    pub(crate) fn body_to_keep(
        bodies: &Arena,
        policy: Option<RetryPolicy>,
        sink: &Sink,
        body: Body<'_>,
    ) -> Vec<u8> {
        if policy.is_none() {
            return Vec::new();
        }
        match (sink, body) {
            (Sink::Bytes(held), Body::Inline(bytes)) if held.is_empty() => bytes.to_vec(),
            (Sink::Bytes(held), _) => held.clone(),
            (Sink::Block { block, filled }, _) => bodies.bytes(block)[..*filled].to_vec(),
            (Sink::Stream(_), _) => Vec::new(),
        }
    }

    /// Plans another attempt at a call that has failed. Gives it back if that was the last.
    pub(crate) fn try_again(&mut self, mut exchange: Exchange) -> Option<Exchange> {
        let has_begun = exchange.outflow.is_some();
        let Some(again) = exchange.again.as_mut().filter(|_| !has_begun) else {
            return Some(exchange);
        };
        if self.stopping.is_some() || !again.policy.allows(again.count) {
            if again.count > 0 {
                let text = format!("Function execution failed after '{}' retries.", again.count);
                self.report.console.log(Level::Error, "", &text);
            }
            return Some(exchange);
        }
        let wait = again.policy.wait(again.count);
        again.count += 1;
        let text = format!(
            "Waiting for `{}` before retrying function execution. Next attempt: '{}'. Max retry count: '{}'.",
            timespan(wait),
            again.count,
            again.policy.most
        );
        self.report.console.log(Level::Information, "", &text);
        let due_ns = self.now + wait.as_nanos() as u64;
        self.retries.push((due_ns, exchange));
        self.timers.arm(due_ns, Due::Retry);
        None
    }

    pub(crate) fn on_retry_due(&mut self) {
        let now = self.now;
        let (due, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.retries)
            .into_iter()
            .partition(|(due_ns, _)| *due_ns <= now);
        self.retries = waiting;
        for (_, exchange) in due {
            if let Some(exchange) = self.send_again(exchange) {
                self.retries.push((now + BUSY_NS, exchange));
                self.timers.arm(now + BUSY_NS, Due::Retry);
            }
        }
    }

    /// Writes the Frame of another attempt. Gives the exchange back if no worker can take it now.
    fn send_again(&mut self, mut exchange: Exchange) -> Option<Exchange> {
        let row = exchange.function;
        let functions = self.table.as_mut().map(|table| &mut table.functions);
        let function = functions.and_then(|functions| functions.get_mut(usize::from(row)));
        let Some((function, again)) = function.zip(exchange.again.as_ref()) else {
            return Some(exchange);
        };
        if function.name != again.name {
            // The app has changed while the call waited.
            self.give_up_retry(&exchange);
            return None;
        }
        let Some(worker) = self.pool.choose(function.mean_ns) else {
            return Some(exchange);
        };
        let kept = &again.replay.body;
        let mut block = None;
        let body = match kept.len() {
            0 => Body::Empty,
            1..=INLINE_BODY => Body::Inline(kept),
            length => {
                let Some(mut made) = self.bodies.try_alloc(length) else {
                    return Some(exchange);
                };
                self.bodies.bytes_mut(&mut made)[..length].copy_from_slice(kept);
                let reference = made.reference();
                block = Some(made);
                Body::Block(reference)
            }
        };
        let ring = worker.ring(function.is_async);
        let Some(mut slot) = ring.try_reserve(FrameKind::Invoke, again.replay.encoded(body)) else {
            if let Some(block) = block {
                self.bodies.free(block);
            }
            return Some(exchange);
        };
        let (key, id) = (self.exchanges.next_key(), self.ids.take());
        let attempt = Attempt {
            count: again.count,
            most: again.policy.most,
        };
        let replay = &again.replay;
        replay.encode(key, id, self.now, attempt, body, slot.bytes());
        slot.commit();
        worker.in_flight += 1;
        if let Some(block) = block {
            worker.bodies.insert(self.bodies.lend(block).offset);
        }
        exchange.worker = Some(worker.id);
        exchange.id = id;
        exchange.accepted_ns = self.now;
        exchange.is_logged = self.report.executing(function, id);
        let is_logged = exchange.is_logged;
        self.exchanges.insert(exchange);
        self.arm_after_invoke(is_logged);
        None
    }

    /// Calls that wait for another attempt get none: the host stops.
    pub(crate) fn give_up_retries(&mut self) {
        for (_, exchange) in std::mem::take(&mut self.retries) {
            self.give_up_retry(&exchange);
        }
    }

    fn give_up_retry(&mut self, exchange: &Exchange) {
        self.tell_host(exchange, Some("the wait for another attempt was cut short"));
        self.respond_failed(exchange);
    }
}

/// A duration as .NET writes it: `[d.]hh:mm:ss[.fffffff]`.
fn timespan(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, ticks) = (seconds / 86_400, duration.subsec_nanos() / 100);
    let mut text = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600 % 24,
        seconds / 60 % 60,
        seconds % 60
    );
    if days > 0 {
        text.insert_str(0, &format!("{days}."));
    }
    if ticks > 0 {
        text = format!("{text}.{ticks:07}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(most: i32, least: u64, longest: u64) -> RetryPolicy {
        RetryPolicy {
            most,
            least: Duration::from_millis(least),
            longest: Duration::from_millis(longest),
        }
    }

    #[test]
    fn a_fixed_wait_stays_and_a_growing_one_doubles_up_to_its_end() {
        let waits = |policy: RetryPolicy| [0, 1, 2, 40].map(|n| policy.wait(n).as_millis());
        assert_eq!(waits(policy(3, 50, 50)), [50, 50, 50, 50]);
        assert_eq!(waits(policy(3, 50, 150)), [50, 100, 150, 150]);
    }

    #[test]
    fn below_zero_is_for_ever() {
        assert!(policy(-1, 1, 1).allows(u32::MAX));
        assert!(policy(2, 1, 1).allows(1) && !policy(2, 1, 1).allows(2));
    }

    #[test]
    fn waits_are_written_as_dotnet_does() {
        let text = |millis| timespan(Duration::from_millis(millis));
        assert_eq!(text(100), "00:00:00.1000000");
        assert_eq!(text(90_061_000), "1.01:01:01");
    }
}
