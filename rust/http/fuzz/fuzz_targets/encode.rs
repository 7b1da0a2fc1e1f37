//! Arbitrary replies: whatever was written is one head, with each field taken in it once and in
//! order, and never two answers to where the body ends.
#![no_main]

use ferrofunc_http::{BodyKind, Delivery, HeadWriter, Reply, Version};
use libfuzzer_sys::fuzz_target;

type Input<'a> = (
    u16,
    bool,
    bool,
    bool,
    Option<Option<u64>>,
    Vec<(&'a [u8], &'a [u8])>,
);

fuzz_target!(|input: Input| {
    let (status, head_only, is_http11, keep_alive, body, fields) = input;
    // Mostly statuses that can be sent.
    let status = if status % 64 == 0 {
        status
    } else {
        100 + status % 900
    };
    let version = if is_http11 {
        Version::Http11
    } else {
        Version::Http10
    };
    let body = match body {
        Some(Some(length)) => BodyKind::Length(length),
        Some(None) => BodyKind::Chunked,
        None => BodyKind::None,
    };
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let reply = Reply {
        status,
        head_only,
        version,
        keep_alive,
        body,
        date,
    };
    let mut out = Vec::new();
    let Ok(mut head) = HeadWriter::new(&mut out, reply) else {
        return assert!(!(100..=999).contains(&status));
    };
    let taken: Vec<_> = fields
        .into_iter()
        .filter(|(name, value)| head.field(name, value).is_ok())
        .collect();
    let plan = head.finish();

    let mut slots = vec![httparse::EMPTY_HEADER; taken.len() + 4];
    let mut parsed = httparse::Response::new(&mut slots);
    assert_eq!(
        parsed.parse(&out),
        Ok(httparse::Status::Complete(out.len()))
    );
    assert_eq!(parsed.code, Some(status));
    let values = |name: &str| -> Vec<&[u8]> {
        let named = parsed
            .headers
            .iter()
            .filter(|field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.value).collect()
    };
    assert_eq!((values("date").len(), values("server").len()), (1, 1));
    let (lengths, codings) = (values("content-length"), values("transfer-encoding"));
    assert!(lengths.len() + codings.len() <= 1);
    match plan.delivery {
        Delivery::Exactly(length) => assert_eq!(lengths, [length.to_string().as_bytes()]),
        Delivery::Chunks => assert_eq!(codings, [b"chunked"]),
        Delivery::UntilClose => {
            assert!(!plan.keep_alive && lengths.is_empty() && codings.is_empty())
        }
        Delivery::Nothing => {}
    }
    let closes = values("connection") == [b"close"];
    assert_eq!(closes, !plan.keep_alive);

    // The function's own fields, in order; ours stand behind them.
    let mut written = parsed.headers.iter();
    for (name, value) in taken {
        let is_left_out = [
            "te",
            "date",
            "server",
            "trailer",
            "upgrade",
            "connection",
            "keep-alive",
            "content-length",
            "proxy-connection",
            "transfer-encoding",
        ]
        .iter()
        .any(|ours| name.eq_ignore_ascii_case(ours.as_bytes()));
        if !is_left_out {
            let is_same = |field: &httparse::Header<'_>| {
                field.name.as_bytes() == name && field.value == value.trim_ascii()
            };
            assert!(written.any(is_same));
        }
    }
});
