//! Time and identity: a clock that does not go back, ids that are version 4 UUIDs and never the same twice.

use std::collections::HashSet;

use ferrofunc_wire::{InvocationIds, id_text, now_ns};

#[test]
fn the_clock_does_not_go_back() {
    let mut last = now_ns();
    for _ in 0..10_000 {
        let now = now_ns();
        assert!(now >= last);
        last = now;
    }
}

#[test]
fn invocation_ids_are_random_uuids() {
    let (mut ids, mut others) = (InvocationIds::default(), InvocationIds::default());
    let mut seen = HashSet::new();
    // More than one refill of the pool.
    for _ in 0..1000 {
        for id in [ids.take(), others.take()] {
            assert_eq!((id[6] >> 4, id[8] >> 6), (4, 2));
            assert!(seen.insert(id));
        }
    }
}

#[test]
fn an_id_is_written_as_a_uuid() {
    let id = std::array::from_fn(|index| index as u8 * 0x11);
    assert_eq!(id_text(id), "00112233-4455-6677-8899-aabbccddeeff");
}
