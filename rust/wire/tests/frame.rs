//! Frames as values: what is encoded is what is decoded, a Frame cut short is `Corrupt`, and a Frame with any
//! bit changed is `Corrupt` or says something else, but never a panic.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use ferrofunc_wire::{
    Attempt, BlockRef, Body, Corrupt, FieldSpan, Invoke, InvokeHead, LogLine, Note, Outcome,
    OutcomeKind, OutcomeView, Part, Replay,
};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum OwnedBody {
    Empty,
    Inline(Vec<u8>),
    Block(u64, u64),
    Stream(Option<u64>),
}

impl OwnedBody {
    fn borrow(&self) -> Body<'_> {
        match self {
            Self::Empty => Body::Empty,
            Self::Inline(bytes) => Body::Inline(bytes),
            Self::Block(offset, length) => Body::Block(BlockRef {
                offset: *offset,
                length: *length,
            }),
            Self::Stream(length) => Body::Stream(*length),
        }
    }
}

fn bytes(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..longest)
}

fn body() -> impl Strategy<Value = OwnedBody> {
    prop_oneof![
        Just(OwnedBody::Empty),
        bytes(100).prop_map(OwnedBody::Inline),
        any::<(u64, u64)>().prop_map(|(offset, length)| OwnedBody::Block(offset, length)),
        any::<Option<u64>>().prop_map(OwnedBody::Stream),
    ]
}

fn span(head: usize) -> impl Strategy<Value = (u16, u16)> {
    (0..=head, 0..=head).prop_map(move |(start, length)| {
        let length = length.min(head - start);
        (start as u16, length as u16)
    })
}

#[derive(Debug, Clone)]
struct Request {
    key: u64,
    id: [u8; 16],
    times: (u64, u64),
    function: u16,
    is_secure: bool,
    head: Vec<u8>,
    method: (u16, u16),
    target: (u16, u16),
    fields: Vec<FieldSpan>,
    params: Vec<(String, String)>,
    body: OwnedBody,
}

fn request() -> impl Strategy<Value = Request> {
    bytes(300).prop_flat_map(|head| {
        let length = head.len();
        let field =
            (span(length), span(length)).prop_map(|(name, value)| FieldSpan { name, value });
        (
            any::<(u64, [u8; 16], (u64, u64), u16, bool)>(),
            Just(head),
            (span(length), span(length)),
            prop::collection::vec(field, 0..20),
            prop::collection::vec((".{0,20}", ".{0,20}"), 0..4),
            body(),
        )
            .prop_map(|(numbers, head, (method, target), fields, params, body)| {
                let (key, id, times, function, is_secure) = numbers;
                Request {
                    key,
                    id,
                    times,
                    function,
                    is_secure,
                    head,
                    method,
                    target,
                    fields,
                    params,
                    body,
                }
            })
    })
}

impl Request {
    fn encode(&self) -> Vec<u8> {
        let invoke = Invoke {
            key: self.key,
            id: self.id,
            accepted_ns: self.times.0,
            queued_ns: self.times.1,
            function: self.function,
            attempt: Attempt {
                count: self.function.into(),
                most: -1,
            },
            is_secure: self.is_secure,
            head: &self.head,
            method: self.method,
            target: self.target,
            fields: self.fields.iter().copied(),
            params: self.params.iter().map(|(name, value)| (&**name, &**value)),
            body: self.body.borrow(),
        };
        let mut payload = vec![0xaa; invoke.encoded()];
        invoke.encode(&mut payload);
        payload
    }

    fn part(&self, (start, length): (u16, u16)) -> &[u8] {
        &self.head[usize::from(start)..][..usize::from(length)]
    }
}

/// Asks for everything there is to ask for.
fn touch(head: &InvokeHead, payload: &[u8]) -> usize {
    let mut touched = head.method(payload).len() + head.target(payload).len();
    for index in (0..head.fields.min(100)).chain([u16::MAX]) {
        let (name, value) = head.field(payload, index);
        touched += name.len() + value.len();
    }
    touched += head.route_params(payload).count();
    match head.body(payload) {
        Body::Inline(bytes) => touched + bytes.len(),
        Body::Empty | Body::Block(_) | Body::Stream(_) => touched,
    }
}

/// Every shorter payload, and every payload with one bit changed.
fn spoil(payload: &[u8], mut decode: impl FnMut(&[u8]) -> Result<(), Corrupt>) {
    for length in 0..payload.len() {
        assert!(
            decode(&payload[..length]).is_err(),
            "the first {length} of {} bytes passed for a whole frame",
            payload.len()
        );
    }
    let mut spoilt = payload.to_vec();
    for bit in 0..payload.len() * 8 {
        spoilt[bit / 8] ^= 1 << (bit % 8);
        let _anything_but_a_panic = decode(&spoilt);
        spoilt[bit / 8] ^= 1 << (bit % 8);
    }
}

proptest! {
    #[test]
    fn invoke_frames_round_trip(request in request()) {
        let payload = request.encode();
        let head = InvokeHead::decode(&payload).unwrap();
        prop_assert_eq!(head.key, request.key);
        prop_assert_eq!(head.id, request.id);
        prop_assert_eq!((head.accepted_ns, head.queued_ns), request.times);
        prop_assert_eq!(head.function, request.function);
        prop_assert_eq!(head.is_secure, request.is_secure);
        prop_assert_eq!(head.method(&payload), request.part(request.method));
        prop_assert_eq!(head.target(&payload), request.part(request.target));
        prop_assert_eq!(usize::from(head.fields), request.fields.len());
        for (index, field) in request.fields.iter().enumerate() {
            let expected = (request.part(field.name), request.part(field.value));
            prop_assert_eq!(head.field(&payload, index as u16), expected);
        }
        let beyond: (&[u8], &[u8]) = (b"", b"");
        prop_assert_eq!(head.field(&payload, head.fields), beyond);
        prop_assert_eq!(usize::from(head.params), request.params.len());
        let params: Vec<_> = head.route_params(&payload).collect();
        let expected: Vec<_> = request.params.iter().map(|(name, value)| (&**name, &**value)).collect();
        prop_assert_eq!(params, expected);
        prop_assert_eq!(head.body(&payload), request.body.borrow());
    }

    #[test]
    fn a_head_with_another_payload_does_no_harm(request in request(), other in bytes(400)) {
        let head = InvokeHead::decode(&request.encode()).unwrap();
        touch(&head, &other);
    }

    #[test]
    fn any_bytes_are_a_frame_or_corrupt(payload in bytes(400)) {
        if let Ok(head) = InvokeHead::decode(&payload) {
            touch(&head, &payload);
        }
        if let Ok(view) = OutcomeView::decode(&payload) {
            let _ = (view.fields().count(), view.text("message"));
        }
        let _ = LogLine::decode(&payload);
        let _ = Body::decode_alone(&payload);
        prop_assert_eq!(BlockRef::decode_free(&payload).is_ok(), payload.len() >= 8);
    }

    #[test]
    fn outcome_frames_round_trip(
        numbers in any::<(u64, u64, u64, bool, u16)>(),
        fields in prop::collection::vec((bytes(20), bytes(60)), 0..12),
        body in body(),
    ) {
        let (key, started_ns, ended_ns, is_failure, status) = numbers;
        let kind = if is_failure { OutcomeKind::Failure } else { OutcomeKind::Response };
        let pairs: Vec<(&[u8], &[u8])> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        let outcome = Outcome {
            key,
            started_ns,
            ended_ns,
            kind,
            status,
            fields: pairs.iter().copied(),
            body: body.borrow(),
        };
        let mut payload = vec![0xaa; outcome.encoded()];
        outcome.encode(&mut payload);
        let view = OutcomeView::decode(&payload).unwrap();
        prop_assert_eq!((view.key, view.started_ns, view.ended_ns), (key, started_ns, ended_ns));
        prop_assert_eq!((view.kind, view.status), (kind, status));
        prop_assert_eq!(view.fields().collect::<Vec<_>>(), pairs);
        prop_assert_eq!(view.body, body.borrow());
        spoil(&payload, |bytes| OutcomeView::decode(bytes).map(|view| {
            view.fields().count();
        }));
    }

    #[test]
    fn log_frames_round_trip(
        level in any::<u8>(),
        id in any::<Option<[u8; 16]>>(),
        function in any::<u16>(),
        category in ".{0,30}",
        text in ".{0,60}",
    ) {
        let line = LogLine { level, id, function, category: &category, text: &text };
        let mut payload = vec![0xaa; line.encoded()];
        line.encode(&mut payload);
        prop_assert_eq!(LogLine::decode(&payload), Ok(line));
        spoil(&payload, |bytes| LogLine::decode(bytes).map(|_| ()));
    }

    #[test]
    fn bodies_alone_round_trip(body in body()) {
        let body = body.borrow();
        let mut payload = vec![0xaa; body.encoded_alone()];
        body.encode_alone(&mut payload);
        prop_assert_eq!(Body::decode_alone(&payload), Ok(body));
        spoil(&payload, |bytes| Body::decode_alone(bytes).map(|_| ()));
    }

    #[test]
    fn a_replay_is_the_same_call_with_another_id(
        request in request(),
        key in any::<u64>(),
        id in any::<[u8; 16]>(),
    ) {
        let replay = Replay::of(&request.encode(), b"kept").unwrap();
        let attempt = Attempt { count: 3, most: 4 };
        let body = Body::Inline(&replay.body);
        let mut payload = vec![0xaa; replay.encoded(body)];
        replay.encode(key, id, 7, attempt, body, &mut payload);
        let head = InvokeHead::decode(&payload).unwrap();
        prop_assert_eq!((head.key, head.id, head.accepted_ns, head.queued_ns), (key, id, 7, 7));
        prop_assert_eq!((head.function, head.attempt), (request.function, attempt));
        prop_assert_eq!(head.method(&payload), request.part(request.method));
        prop_assert_eq!(head.body(&payload), Body::Inline(b"kept"));
        let params: Vec<_> = head.route_params(&payload).collect();
        prop_assert_eq!(params.len(), request.params.len());
    }

    #[test]
    fn parts_round_trip(key in any::<u64>(), body in body()) {
        let part = Part { key, body: body.borrow() };
        let mut payload = vec![0xaa; part.encoded()];
        part.encode(&mut payload);
        if matches!(part.body, Body::Stream(_)) {
            // A part is bytes, not the promise of more.
            prop_assert_eq!(Part::decode(&payload), Err(Corrupt::Value(3)));
        } else {
            prop_assert_eq!(Part::decode(&payload), Ok(part));
        }
        spoil(&payload, |bytes| Part::decode(bytes).map(|_| ()));
    }

    #[test]
    fn notes_round_trip(key in any::<u64>(), number in any::<u64>()) {
        let note = Note { key, number };
        prop_assert_eq!(Note::decode(&note.encode()), Ok(note));
        spoil(&note.encode(), |bytes| Note::decode(bytes).map(|_| ()));
    }

    #[test]
    fn free_frames_round_trip(offset in any::<u64>(), length in any::<u64>()) {
        prop_assert_eq!(BlockRef::decode_free(&BlockRef { offset, length }.encode()), Ok(offset));
    }
}

proptest! {
    // Each case decodes some thousands of payloads.
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn spoilt_invoke_frames_do_no_harm(request in request()) {
        spoil(&request.encode(), |bytes| InvokeHead::decode(bytes).map(|head| {
            touch(&head, bytes);
        }));
    }
}

#[test]
fn many_fields_are_all_there() {
    // More than 16 bits can count: a Function may answer with what it likes.
    let count = 70_000;
    let outcome = Outcome {
        key: 1,
        started_ns: 2,
        ended_ns: 3,
        kind: OutcomeKind::Response,
        status: 200,
        fields: std::iter::repeat_n((&b"x"[..], &b"y"[..]), count),
        body: Body::Inline(b"end"),
    };
    let mut payload = vec![0; outcome.encoded()];
    outcome.encode(&mut payload);
    let view = OutcomeView::decode(&payload).unwrap();
    assert_eq!(view.fields().count(), count);
    assert_eq!(view.body, Body::Inline(b"end"));
}

#[test]
fn what_is_wrong_is_said() {
    let body = |kind: u8| [&[kind][..], &[0; 16]].concat();
    assert_eq!(Body::decode_alone(&body(4)), Err(Corrupt::Value(4)));
    assert_eq!(Body::decode_alone(&[0; 16]), Err(Corrupt::Truncated));
    let line = LogLine {
        level: 20,
        id: None,
        function: 0,
        category: "a",
        text: "b",
    };
    let mut payload = vec![0; line.encoded()];
    line.encode(&mut payload);
    *payload.last_mut().unwrap() = 0xff;
    assert_eq!(LogLine::decode(&payload), Err(Corrupt::Text));
}

#[test]
fn the_first_field_of_a_name_is_the_text() {
    let fields: [(&[u8], &[u8]); 3] = [
        (b"stack", b"line 1"),
        (b"message", b"caf\xc3\xa9 \xff"),
        (b"message", b"second"),
    ];
    let outcome = Outcome {
        key: 1,
        started_ns: 2,
        ended_ns: 3,
        kind: OutcomeKind::Failure,
        status: 500,
        fields: fields.iter().copied(),
        body: Body::Empty,
    };
    let mut payload = vec![0; outcome.encoded()];
    outcome.encode(&mut payload);
    let view = OutcomeView::decode(&payload).unwrap();
    assert_eq!(view.text("message"), "café \u{fffd}");
    assert_eq!(view.text("absent"), "");
}
