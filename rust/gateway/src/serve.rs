//! From socket bytes to whole requests: reads, lets `ferrofunc_http` say what they mean, gathers bodies.
//!
//! Backpressure lives here: a client that may not go on is not read, and the kernel's buffer does the rest.
//! A large body of known length is read straight into the arena that the workers see.

use std::io::{self, Read};

use ferrofunc_http::{CONTINUE, Framing, Step};
use ferrofunc_wire::Body;

use crate::client::{Client, Request, Stage, Upload};
use crate::exchange::Sink;
use crate::inflow::Inflow;
use crate::reactor::Reactor;

/// Largest body that travels inside a Frame; larger ones lie in the arena.
pub(crate) const INLINE_BODY: usize = 16 << 10;
/// Bytes one client may have read in one turn while others wait.
const SHARE: usize = 1 << 20;
/// Refused bytes that are read and thrown away before the connection is cut.
const LINGER: usize = 1 << 20;
/// First block for a body of unknown length; it doubles when full.
const FIRST_BLOCK: usize = 64 << 10;

impl Reactor {
    /// Reads and handles what the client has sent, as far as it may go on.
    pub(crate) fn read(&mut self, client: &mut Client) {
        if client.is_lingering {
            self.linger(client);
            return;
        }
        self.digest_leftover(client);
        let mut share = SHARE;
        while client.is_readable && !client.is_blocked() && !client.is_broken {
            if share == 0 {
                self.again.push_back(client.token);
                return;
            }
            let asked_for = client.http.body_left().unwrap_or(0);
            let result = match &mut client.stage {
                Stage::Body(upload) if client.input.is_empty() => match &mut upload.sink {
                    Sink::Block { block, filled }
                        if matches!(upload.framing, Framing::Length(_)) =>
                    {
                        let room = &mut self.bodies.bytes_mut(block)[*filled..];
                        let room = &mut room[..asked_for.min(share as u64) as usize];
                        let result = client.stream.read(room);
                        if let Ok(count) = result {
                            *filled += count;
                            client.http.advance_body(count as u64);
                        }
                        Some((result, room.len()))
                    }
                    _ => None,
                },
                _ => None,
            };
            let direct = match result {
                None if asked_for > 0 && client.input.is_empty() => {
                    self.read_part(client, asked_for)
                }
                direct => direct,
            };
            let (result, asked) = match direct {
                Some(direct) => direct,
                None => self.read_scratch(client),
            };
            match result {
                Ok(0) => {
                    client.is_readable = false;
                    self.on_end(client);
                    return;
                }
                Ok(count) => {
                    client.moved_ns = self.now;
                    share = share.saturating_sub(count);
                    client.is_readable =
                        client.is_ending || client.stream.may_hold_more(count, asked);
                    if count as u64 == asked_for {
                        self.digest_leftover(client);
                    }
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => client.is_readable = false,
                    io::ErrorKind::Interrupted => {}
                    _ => self.on_read_failure(client, &error),
                },
            }
        }
    }

    /// Reads what nobody wants, until the peer has seen our answer and hangs up.
    pub(crate) fn linger(&mut self, client: &mut Client) {
        while client.is_readable && client.lingered < LINGER {
            match client.stream.read(&mut self.scratch) {
                Ok(0) => client.is_broken = true,
                Ok(count) => {
                    client.lingered += count;
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    client.is_readable = false;
                }
                Err(_) => client.is_broken = true,
            }
            return;
        }
        client.is_broken |= client.lingered >= LINGER;
    }

    fn read_scratch(&mut self, client: &mut Client) -> (io::Result<usize>, usize) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let result = client.stream.read(&mut scratch);
        if let Ok(count) = result
            && count > 0
        {
            let bytes = &scratch[..count];
            if client.input.is_empty() {
                let used = self.digest(client, bytes);
                client.input.extend_from_slice(&bytes[used..]);
            } else {
                client.input.extend_from_slice(bytes);
                self.digest_input(client);
            }
        }
        let asked = scratch.len();
        self.scratch = scratch;
        (result, asked)
    }

    /// Handles bytes that were read while the client could not go on, or a body that is complete.
    fn digest_leftover(&mut self, client: &mut Client) {
        if !client.is_blocked()
            && (!client.input.is_empty()
                || matches!(client.stage, Stage::Body(_) | Stage::Stream(_)))
        {
            self.digest_input(client);
        }
    }

    fn digest_input(&mut self, client: &mut Client) {
        let mut input = std::mem::take(&mut client.input);
        let used = self.digest(client, &input);
        if used == input.len() {
            input.clear();
            input.shrink_to(INLINE_BODY);
        } else {
            input.drain(..used);
        }
        client.input = input;
        self.drop_half_request(client);
    }

    /// Handles as many steps as `input` holds. Returns the bytes done with.
    fn digest(&mut self, client: &mut Client, input: &[u8]) -> usize {
        let mut fields = std::mem::take(&mut self.fields);
        let mut at = 0;
        while !client.is_blocked() && !client.is_broken {
            match client.http.next(&input[at..], &mut fields) {
                Ok(Step::NeedMore) => break,
                Ok(Step::Head { head, used }) => {
                    at += used;
                    client.head_since_ns = None;
                    let expects = head.expect_continue;
                    let request = Request::of(&head);
                    at += self.on_head(client, &request, head.framing, &input[at..], expects);
                }
                Ok(Step::Data { bytes, used }) => {
                    at += used;
                    self.on_data(client, bytes);
                }
                Ok(Step::End { used }) => {
                    at += used;
                    self.on_body_end(client);
                }
                Err(error) => {
                    self.refuse(client, &error);
                    at = input.len();
                }
            }
        }
        let is_inside_head = matches!(client.stage, Stage::Head) && at < input.len();
        if is_inside_head && !client.is_blocked() {
            client.head_since_ns.get_or_insert(self.now);
        }
        self.fields = fields;
        at
    }

    /// A request begins. Returns how many bytes of `rest` were its body.
    fn on_head(
        &mut self,
        client: &mut Client,
        request: &Request<'_>,
        framing: Framing,
        rest: &[u8],
        expects_continue: bool,
    ) -> usize {
        let length = match framing {
            Framing::Empty | Framing::Length(0) => {
                self.dispatch(client, request, Sink::Bytes(Vec::new()), Body::Empty);
                return 0;
            }
            Framing::Length(length) => usize::try_from(length).unwrap_or(usize::MAX),
            Framing::Chunked => 0,
        };
        if (1..=INLINE_BODY).contains(&length) && rest.len() >= length {
            // Whole in the read buffer: it needs no copy on its way into the Frame.
            client.http.advance_body(length as u64);
            let body = Body::Inline(&rest[..length]);
            self.dispatch(client, request, Sink::Bytes(Vec::new()), body);
            return length;
        }
        let is_first = client.in_flight() == 0;
        let turn = client.asked;
        if self.is_streamed(request) {
            let length = matches!(framing, Framing::Length(_)).then_some(length as u64);
            self.dispatch(client, request, Sink::Stream(length), Body::Empty);
            if matches!(client.stage, Stage::Head) {
                // Answered at once; its body is still to come.
                client.stage = Stage::Stream(Inflow::unwanted());
            }
            let is_wanted = !matches!(&client.stage, Stage::Stream(inflow) if inflow.is_unwanted());
            if expects_continue && rest.is_empty() && is_wanted {
                Self::ask_to_continue(client, is_first, turn);
            }
            return 0;
        }
        let sink = if length <= INLINE_BODY {
            Sink::Bytes(Vec::with_capacity(length))
        } else if let Some(block) = self.bodies.try_alloc(length) {
            Sink::Block { block, filled: 0 }
        } else {
            self.refuse_for_memory(client, request.manner);
            return 0;
        };
        let kept = request.keep();
        client.stage = Stage::Body(Box::new(Upload {
            kept,
            framing,
            sink,
        }));
        if expects_continue && rest.is_empty() {
            Self::ask_to_continue(client, is_first, turn);
        }
        0
    }

    /// Says `100 Continue`, now or when its turn has come: it must not overtake the responses before it.
    fn ask_to_continue(client: &mut Client, is_first: bool, turn: u32) {
        if is_first {
            client.output.bytes().extend_from_slice(CONTINUE);
        } else {
            client.owes_continue = Some(turn);
        }
    }

    fn on_data(&mut self, client: &mut Client, bytes: &[u8]) {
        let Stage::Body(upload) = &mut client.stage else {
            self.pass_on(client, bytes);
            return;
        };
        if self.append(&mut upload.sink, bytes).is_none() {
            let manner = upload.kept.manner;
            self.refuse_for_memory(client, manner);
        }
    }

    /// Adds to a body. None if there is no memory for it.
    fn append(&mut self, sink: &mut Sink, bytes: &[u8]) -> Option<()> {
        if let Sink::Bytes(held) = sink {
            if held.len() + bytes.len() <= INLINE_BODY {
                held.extend_from_slice(bytes);
                return Some(());
            }
            let mut block = self
                .bodies
                .try_alloc(FIRST_BLOCK.max(held.len() + bytes.len()))?;
            self.bodies.bytes_mut(&mut block)[..held.len()].copy_from_slice(held);
            *sink = Sink::Block {
                block,
                filled: held.len(),
            };
        }
        if let Sink::Block { block, filled } = sink {
            let needed = *filled + bytes.len();
            if needed > block.capacity() {
                let mut larger = self.bodies.try_alloc(needed.max(2 * block.capacity()))?;
                let held = &self.bodies.bytes(block)[..*filled];
                self.bodies.bytes_mut(&mut larger)[..held.len()].copy_from_slice(held);
                self.bodies.free(std::mem::replace(block, larger));
            }
            self.bodies.bytes_mut(block)[*filled..needed].copy_from_slice(bytes);
            // A block has room beyond what was asked for; what is used must be known when it is moved.
            block.length = block.length.max(needed);
            *filled = needed;
        }
        Some(())
    }

    fn on_body_end(&mut self, client: &mut Client) {
        // A body that was dispatched straight from the read buffer ends here too, with nothing to do.
        if let Stage::Body(_) = client.stage
            && let Stage::Body(upload) = std::mem::replace(&mut client.stage, Stage::Head)
        {
            self.dispatch_upload(client, *upload);
            return;
        }
        self.end_inflow(client);
    }

    /// The peer will send nothing more.
    fn on_end(&mut self, client: &mut Client) {
        client.has_ended = true;
        self.cancel_listening(client);
        self.drop_half_request(client);
    }

    /// After the peer's end: half a request is no request. Whole ones that wait their turn are.
    fn drop_half_request(&mut self, client: &mut Client) {
        if !client.has_ended || client.is_blocked() {
            return;
        }
        client.input.clear();
        if matches!(client.stage, Stage::Body(_) | Stage::Stream(_)) {
            let stage = std::mem::replace(&mut client.stage, Stage::Head);
            self.discard_stage(stage);
            client.is_closing = true;
        }
    }

    /// Gives back what an unfinished request holds.
    pub(crate) fn discard_stage(&mut self, stage: Stage) {
        if let Stage::Body(upload) | Stage::Parked { upload, .. } = stage
            && let Sink::Block { block, .. } = upload.sink
        {
            self.bodies.free(block);
        }
    }
}
