//! Arbitrary bytes as a chunked body, under a small limit: the same transcript however cut, and an
//! accepted body comes back the same after we have encoded it.
#![no_main]

#[path = "../../tests/replay/mod.rs"]
mod replay;

use ferrofunc_http::{Limits, last_chunk, write_chunk};
use libfuzzer_sys::fuzz_target;
use replay::Event;

const HEAD: &[u8] = b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

fuzz_target!(|input: (Vec<u8>, &[u8])| {
    let (lengths, body) = input;
    let limits = Limits {
        body: 50,
        ..Limits::default()
    };
    let bytes = [HEAD, body].concat();
    let whole = replay::whole(limits, &bytes);
    let pieces = std::iter::once(HEAD).chain(replay::cut(body, &lengths));
    assert_eq!(replay::replay(limits, pieces).events, whole.events);

    if let [_, Event::Body(body), Event::End, ..] = &whole.events[..] {
        assert!(body.len() <= 50);
        let mut again = HEAD.to_vec();
        write_chunk(&mut again, body);
        last_chunk(&mut again);
        assert_eq!(replay::whole(limits, &again).events, whole.events[..3]);
    }
});
