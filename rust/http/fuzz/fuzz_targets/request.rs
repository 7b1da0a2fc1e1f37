//! Arbitrary bytes, arbitrarily cut: the same transcript as whole, and nothing unclean accepted.
#![no_main]

#[path = "../../tests/replay/mod.rs"]
mod replay;

use ferrofunc_http::Limits;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (Vec<u8>, &[u8])| {
    let (lengths, bytes) = input;
    let pieces = replay::cut(bytes, &lengths);
    let whole = replay::whole(Limits::default(), bytes);
    assert_eq!(
        replay::replay(Limits::default(), pieces).events,
        whole.events
    );
});
