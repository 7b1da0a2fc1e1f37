//! Invocations that no client asked for: the host names a Function and its data, and is told how it ended.
//!
//! They go by the Rings like all others, with the same lines, timeout and death; only that nobody is
//! answered. One that no worker can take now waits here. A waiting one has no Exchange yet.

use ferrofunc_wire::{Body, FieldSpan, FrameKind, Invoke};

use crate::config::GatewayError;
use crate::decorate::Wanted;
use crate::dispatch::STUBBORN;
use crate::exchange::{Exchange, Manner, Sink};
use crate::host::Event;
use crate::reactor::Reactor;
use crate::serve::INLINE_BODY;

/// The client of an Exchange that has none: no connection ever has this token.
const NOBODY: (usize, u32) = (usize::MAX, 0);
/// Longest head: the reach of the spans in a Frame.
const HEAD: usize = u16::MAX as usize;

/// How a response would be framed that is never written.
fn unsent() -> Manner {
    Manner {
        version: ferrofunc_http::Version::Http11,
        keep_alive: false,
        head_only: true,
        wanted: Wanted::default(),
    }
}

/// The request that an HTTP Function is shown: its parts, one behind the other. Empty for other Functions.
#[derive(Debug, Default)]
pub(crate) struct Head {
    bytes: Vec<u8>,
    method: (u16, u16),
    target: (u16, u16),
    fields: Vec<FieldSpan>,
}

impl Head {
    pub(crate) fn new(
        method: &str,
        target: &str,
        fields: &[(String, String)],
    ) -> Result<Self, GatewayError> {
        let texts = fields.iter().map(|(name, value)| name.len() + value.len());
        let length = method.len() + target.len() + texts.sum::<usize>();
        if length > HEAD {
            return Err(GatewayError::Head { length });
        }
        let mut head = Self::default();
        head.method = head.add(method);
        head.target = head.add(target);
        head.fields = fields
            .iter()
            .map(|(name, value)| FieldSpan {
                name: head.add(name),
                value: head.add(value),
            })
            .collect();
        Ok(head)
    }

    fn add(&mut self, text: &str) -> (u16, u16) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        // Within `HEAD`, as `new` has found.
        (start as u16, text.len() as u16)
    }
}

/// What the host hands over.
pub(crate) struct Submission {
    /// The host's name for it; goes back with the event.
    pub(crate) key: u64,
    pub(crate) row: u16,
    pub(crate) head: Head,
    pub(crate) body: Sink,
}

impl Reactor {
    pub(crate) fn submit(&mut self, submission: Submission) {
        self.submissions.push_back(submission);
        self.run_submissions();
    }

    /// Tries those that wait, oldest first. As with parked requests, one that must stay does not stop those
    /// behind it at once.
    pub(crate) fn run_submissions(&mut self) {
        let mut staying = Vec::new();
        while staying.len() < STUBBORN
            && let Some(submission) = self.submissions.pop_front()
        {
            staying.extend(self.try_submit(submission));
        }
        for submission in staying.into_iter().rev() {
            self.submissions.push_front(submission);
        }
    }

    /// Writes the Invoke Frame. Gives the submission back if that cannot be done now.
    fn try_submit(&mut self, mut submission: Submission) -> Option<Submission> {
        self.move_body(&mut submission.body);
        let Some(table) = self.table.as_mut() else {
            return Some(submission);
        };
        let row = submission.row;
        let function = table.functions.get_mut(usize::from(row));
        let Some(function) = function.filter(|function| !function.name.is_empty()) else {
            let text = "the function table in force has no such function";
            self.fail_submission(submission, text.to_owned());
            return None;
        };
        if let Some(reason) = function.failure.clone() {
            self.report
                .failed(function, self.ids.take(), 0, &reason, "");
            self.fail_submission(submission, reason);
            return None;
        }
        let Some(worker) = self.pool.choose(function.mean_ns) else {
            return Some(submission);
        };
        let (body, block) = match &submission.body {
            Sink::Bytes(bytes) if bytes.is_empty() => (Body::Empty, None),
            Sink::Bytes(bytes) if bytes.len() <= INLINE_BODY => (Body::Inline(bytes), None),
            // There is no address space for it now.
            Sink::Bytes(_) | Sink::Stream(_) => return Some(submission),
            Sink::Block { block, filled } => {
                let mut reference = block.reference();
                reference.length = *filled as u64;
                (Body::Block(reference), Some(reference.offset))
            }
        };
        let id = self.ids.take();
        let head = &submission.head;
        let invoke = Invoke {
            key: self.exchanges.next_key(),
            id,
            accepted_ns: self.now,
            queued_ns: self.now,
            function: row,
            is_secure: false,
            head: &head.bytes,
            method: head.method,
            target: head.target,
            fields: head.fields.iter().copied(),
            params: std::iter::empty(),
            body,
        };
        let ring = worker.ring(function.is_async);
        let length = invoke.encoded();
        if length > ring.max_payload() {
            let text = format!("the Frame would hold {length} bytes, more than a Ring takes");
            self.fail_submission(submission, text);
            return None;
        }
        let Some(mut slot) = ring.try_reserve(FrameKind::Invoke, length) else {
            return Some(submission);
        };
        invoke.encode(slot.bytes());
        slot.commit();
        worker.in_flight += 1;
        worker.bodies.extend(block);
        let worker = worker.id;
        if let Sink::Block { block, .. } = submission.body {
            self.bodies.lend(block);
        }
        let is_logged = self.report.executing(function, id);
        self.exchanges.insert(Exchange {
            generation: 0,
            client: NOBODY,
            turn: 0,
            manner: unsent(),
            worker: Some(worker),
            function: row,
            id,
            accepted_ns: self.now,
            is_logged,
            submission: Some(submission.key),
            is_stream: false,
            outflow: None,
            ticket: None,
        });
        self.arm_after_invoke(is_logged);
        None
    }

    /// Puts a large body where workers see it: once, however often the submission is tried.
    fn move_body(&mut self, body: &mut Sink) {
        if let Sink::Bytes(bytes) = &*body
            && bytes.len() > INLINE_BODY
            && let Some(mut block) = self.bodies.try_alloc(bytes.len())
        {
            self.bodies.bytes_mut(&mut block)[..bytes.len()].copy_from_slice(bytes);
            let filled = bytes.len();
            *body = Sink::Block { block, filled };
        }
    }

    fn fail_submission(&mut self, submission: Submission, reason: String) {
        self.discard_sink(submission.body);
        self.mailbox.tell(Event::Outcome {
            key: submission.key,
            failure: Some(reason),
        });
    }

    /// An Invocation has ended: the host is told if it was the host's. `failure` is why it failed.
    pub(crate) fn tell_host(&self, exchange: &Exchange, failure: Option<&str>) {
        if let Some(key) = exchange.submission {
            self.mailbox.tell(Event::Outcome {
                key,
                failure: failure.map(str::to_owned),
            });
        }
    }

    /// No worker will ever take those that wait.
    pub(crate) fn give_up_submissions(&mut self) {
        for submission in std::mem::take(&mut self.submissions) {
            self.fail_submission(submission, "the host is stopping".to_owned());
        }
    }

    /// Invocations that run or wait for a worker, whoever asked for them.
    pub(crate) fn unfinished(&self) -> usize {
        self.exchanges.running() + self.submissions.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(head: &Head, (start, length): (u16, u16)) -> &[u8] {
        &head.bytes[usize::from(start)..][..usize::from(length)]
    }

    #[test]
    fn a_head_holds_its_parts() {
        let fields = [("host", "a.example"), ("x-empty", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let head = Head::new("POST", "/api/x?y", &fields).expect("it is short");
        assert_eq!(part(&head, head.method), b"POST");
        assert_eq!(part(&head, head.target), b"/api/x?y");
        let found: Vec<_> = head
            .fields
            .iter()
            .map(|field| (part(&head, field.name), part(&head, field.value)))
            .collect();
        assert_eq!(
            found,
            [(&b"host"[..], &b"a.example"[..]), (b"x-empty", b"")]
        );
    }

    #[test]
    fn a_head_reaches_as_far_as_its_spans() {
        let long = "x".repeat(HEAD - 4);
        assert_eq!(
            Head::new("POST", &long, &[])
                .map(|head| head.bytes.len())
                .ok(),
            Some(HEAD)
        );
        let field = ("a".to_owned(), String::new());
        let result = Head::new("POST", &long, &[field]);
        assert!(matches!(result, Err(GatewayError::Head { length }) if length == HEAD + 1));
    }
}
