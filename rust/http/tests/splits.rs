//! Random requests, random damage, random cuts: what is sent is what is read, and how the bytes are
//! cut never matters.

mod replay;

use ferrofunc_http::{Framing, Limits, Version};
use proptest::collection::vec;
use proptest::prelude::*;
use replay::{Event, cut, replay, whole};

/// A request as a client would mean it.
#[derive(Debug, Clone)]
struct Sent {
    method: String,
    target: String,
    version: Version,
    fields: Vec<(String, String)>,
    body: Body,
    blank_lines: usize,
}

#[derive(Debug, Clone)]
enum Body {
    Empty,
    Length(Vec<u8>),
    /// The chunks, an extension for each and a trailer section.
    Chunked(Vec<(Vec<u8>, String)>, String),
}

impl Sent {
    /// All fields, those for the framing included.
    fn all_fields(&self) -> Vec<(String, String)> {
        let mut fields = self.fields.clone();
        fields.push(("Host".into(), "localhost:7071".into()));
        match &self.body {
            Body::Empty => {}
            Body::Length(body) => fields.push(("content-length".into(), body.len().to_string())),
            Body::Chunked(..) => fields.push(("Transfer-Encoding".into(), "chunked".into())),
        }
        fields
    }

    fn bytes(&self) -> Vec<u8> {
        let minor = u8::from(self.version == Version::Http11);
        let mut lines = vec![String::new(); self.blank_lines];
        lines.push(format!("{} {} HTTP/1.{minor}", self.method, self.target));
        for (name, value) in self.all_fields() {
            lines.push(format!("{name}: {value}\t "));
        }
        let mut bytes = (lines.join("\r\n") + "\r\n\r\n").into_bytes();
        match &self.body {
            Body::Empty => {}
            Body::Length(body) => bytes.extend_from_slice(body),
            Body::Chunked(chunks, trailers) => {
                for (data, extension) in chunks {
                    bytes.extend_from_slice(format!("{:X}{extension}\r\n", data.len()).as_bytes());
                    bytes.extend_from_slice(data);
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes.extend_from_slice(format!("0\r\n{trailers}\r\n").as_bytes());
            }
        }
        bytes
    }

    /// What must be read, but for the head's own bytes.
    fn expected(&self) -> Vec<Event> {
        let (framing, body) = match &self.body {
            Body::Empty => (Framing::Empty, None),
            Body::Length(body) => (Framing::Length(body.len() as u64), Some(body.clone())),
            Body::Chunked(chunks, _) => {
                let body = chunks.iter().flat_map(|(data, _)| data.clone()).collect();
                (Framing::Chunked, Some(body))
            }
        };
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let mut events = vec![Event::Request(replay::Request {
            method: self.method.clone().into(),
            target: self.target.clone().into(),
            path: path.into(),
            query: query.into(),
            version: self.version,
            framing,
            keep_alive: self.version == Version::Http11,
            expect_continue: false,
            fields: self
                .all_fields()
                .into_iter()
                .map(|(name, value)| (name.into(), value.trim_matches([' ', '\t']).into()))
                .collect(),
            bytes: Vec::new(),
        })];
        if let Some(body) = body
            && framing != Framing::Length(0)
        {
            if !body.is_empty() {
                events.push(Event::Body(body));
            }
            events.push(Event::End);
        }
        events
    }
}

fn requests() -> impl Strategy<Value = Sent> {
    let body = prop_oneof![
        Just(Body::Empty),
        vec(any::<u8>(), 0..80).prop_map(Body::Length),
        (
            vec(
                (vec(any::<u8>(), 1..40), "(;[a-z]{1,5}(=[a-z]{0,5})?)?"),
                0..4
            ),
            "(X-[a-z]{1,5}: [ -~]{0,10}\r\n){0,2}",
        )
            .prop_map(|(chunks, trailers)| Body::Chunked(chunks, trailers)),
    ];
    (
        "[A-BD-Z][A-Z-]{0,8}",
        "/[!-\"$->@-~]{0,40}(\\?[!-\"$-~]{0,20})?",
        prop_oneof![4 => Just(Version::Http11), 1 => Just(Version::Http10)],
        vec(
            (
                "X-[!#$%&'*+.^_`|~0-9A-Za-z-]{0,12}",
                "[ -~\u{80}-\u{7ff}\t]{0,30}",
            ),
            0..12,
        ),
        body,
        0..3_usize,
    )
        .prop_filter("chunked needs HTTP/1.1", |(_, _, version, _, body, _)| {
            *version == Version::Http11 || !matches!(body, Body::Chunked(..))
        })
        .prop_map(
            |(method, target, version, fields, body, blank_lines)| Sent {
                method,
                target,
                version,
                fields,
                body,
                blank_lines,
            },
        )
}

/// The transcript with what only the received bytes can tell taken out.
fn without_bytes(mut events: Vec<Event>) -> Vec<Event> {
    for event in &mut events {
        if let Event::Request(request) = event {
            request.bytes.clear();
        }
    }
    events
}

proptest! {
    #[test]
    fn what_is_sent_is_read(
        sent in vec(requests(), 1..4),
        lengths in vec(any::<u8>(), 0..12),
    ) {
        let bytes: Vec<u8> = sent.iter().flat_map(Sent::bytes).collect();
        let mut expected = Vec::new();
        for request in &sent {
            expected.extend(request.expected());
            if request.version == Version::Http10 {
                break;
            }
        }
        let transcript = replay(Limits::default(), cut(&bytes, &lengths));
        prop_assert_eq!(without_bytes(transcript.events), expected);
    }

    #[test]
    fn damage_is_judged_alike_however_cut(
        sent in vec(requests(), 1..3),
        damage in vec((any::<prop::sample::Index>(), prop::sample::select(&b"\r\n\0 :;,0Z\t\x80"[..])), 1..4),
        lengths in vec(any::<u8>(), 0..12),
    ) {
        let mut bytes: Vec<u8> = sent.iter().flat_map(Sent::bytes).collect();
        for (place, byte) in damage {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        let pieces = replay(Limits::default(), cut(&bytes, &lengths));
        prop_assert_eq!(whole(Limits::default(), &bytes).events, pieces.events);
    }

    #[test]
    fn random_bytes_never_panic(
        bytes in vec(any::<u8>(), 0..300),
        lengths in vec(any::<u8>(), 0..12),
    ) {
        let pieces = replay(Limits::default(), cut(&bytes, &lengths));
        prop_assert_eq!(whole(Limits::default(), &bytes).events, pieces.events);
    }
}
