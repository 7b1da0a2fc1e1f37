//! A Region in which somebody else has written: garbage in a ring's words, prefixes and payloads, put there
//! through the memory file. The answer is `Corrupt`, a full ring, or a Frame that says something else;
//! never a panic, never an access outside the ring.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use ferrofunc_wire::{
    Body, Consumer, Corrupt, FrameKind, InvokeHead, LogLine, OutcomeView, Producer, Region, Sizes,
    inherited,
};
use proptest::prelude::*;
use rustix::io::pwrite;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

const CAPACITY: usize = 4096;
const SIZES: Sizes = Sizes {
    sync_ring: CAPACITY as u64,
    async_ring: CAPACITY as u64,
    outcome_ring: CAPACITY as u64,
    arena: 1 << 16,
};
/// Offsets of a ring's words from its start.
const TAIL: u64 = 0;
const HEAD: u64 = 128;
const ASLEEP: u64 = 256;

/// A ring in a Region, and the door through which it is spoilt.
struct Victim {
    fd: OwnedFd,
    words: u64,
    bytes: u64,
    producer: Producer,
    consumer: Consumer,
}

impl Victim {
    fn new() -> Self {
        let region = Region::create(SIZES).unwrap();
        let (words, bytes) = region.ring_offsets()[0];
        let fd = inherited(region.as_fd().as_raw_fd()).unwrap();
        let other = inherited(region.as_fd().as_raw_fd()).unwrap();
        Self {
            fd,
            words,
            bytes,
            producer: region.into_gateway().sync,
            consumer: Region::open(other).unwrap().into_worker().sync,
        }
    }

    fn set_word(&self, word: u64, value: u64) {
        assert_eq!(
            pwrite(&self.fd, &value.to_le_bytes(), self.words + word),
            Ok(8)
        );
    }

    fn spoil(&self, offset: usize, garbage: &[u8]) {
        let garbage = &garbage[..garbage.len().min(CAPACITY - offset)];
        let written = pwrite(&self.fd, garbage, self.bytes + offset as u64);
        assert_eq!(written, Ok(garbage.len()));
    }

    fn put(&mut self, bytes: &[u8]) -> bool {
        let Some(mut slot) = self.producer.try_reserve(FrameKind::Invoke, bytes.len()) else {
            return false;
        };
        slot.bytes().copy_from_slice(bytes);
        slot.commit();
        self.producer.publish();
        true
    }

    /// Takes what can be taken. Whatever the ring holds, that ends: each Frame is at least a prefix.
    fn drain(&mut self) -> Result<usize, Corrupt> {
        let mut count = 0;
        while let Some(frame) = self.consumer.try_peek()? {
            if let Ok(head) = InvokeHead::decode(frame.payload) {
                let _ = (head.method(frame.payload), head.body(frame.payload));
            }
            let _ = OutcomeView::decode(frame.payload).map(|view| view.fields().count());
            let _ = LogLine::decode(frame.payload);
            let _ = Body::decode_alone(frame.payload);
            let end = frame.end();
            self.consumer.release(end);
            count += 1;
            assert!(
                count <= CAPACITY / 8,
                "more frames than the ring has room for"
            );
        }
        Ok(count)
    }
}

fn word() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        0..3 * CAPACITY as u64,
        (0..CAPACITY as u64).prop_map(|distance| u64::MAX - distance),
        (0..64_u64).prop_map(|power| 1 << power),
    ]
}

proptest! {
    #[test]
    fn garbage_in_the_bytes_is_survived(
        lengths in prop::collection::vec(0..600_usize, 1..12),
        garbage in prop::collection::vec((0..CAPACITY, prop::collection::vec(any::<u8>(), 1..64)), 1..8),
    ) {
        let mut victim = Victim::new();
        for length in lengths {
            victim.put(&vec![1; length]);
        }
        for (offset, bytes) in garbage {
            victim.spoil(offset, &bytes);
        }
        let drained = victim.drain();
        // The same again: what is corrupt stays so.
        prop_assert_eq!(victim.drain().is_err(), drained.is_err());
    }

    #[test]
    fn garbage_for_a_prefix_is_survived(prefix in any::<u64>(), length in 0..64_u32, kind in 0..20_u32) {
        for prefix in [prefix, u64::from(length) | u64::from(kind) << 32, u64::from(u32::MAX)] {
            let mut victim = Victim::new();
            assert!(victim.put(b"0123456789"));
            victim.spoil(0, &prefix.to_le_bytes());
            let _anything_but_a_panic = victim.drain();
        }
    }

    #[test]
    fn garbage_for_the_tail_is_survived(frames in 0..5_usize, tail in word()) {
        let mut victim = Victim::new();
        for _ in 0..frames {
            victim.put(b"0123456789");
        }
        let sound = frames as u64 * 24;
        victim.set_word(TAIL, tail);
        let drained = victim.drain();
        if tail > CAPACITY as u64 || tail % 8 != 0 {
            prop_assert_eq!(drained, Err(Corrupt::Positions));
        } else if tail <= sound && tail % 24 == 0 {
            prop_assert_eq!(drained, Ok(usize::try_from(tail).unwrap() / 24));
        } else {
            prop_assert!(drained.is_err(), "frames out of nothing: {drained:?}");
        }
    }

    #[test]
    fn garbage_for_the_head_is_a_full_ring_at_worst(
        frames in 0..5_usize,
        head in word(),
        lengths in prop::collection::vec(0..2100_usize, 1..20),
    ) {
        let mut victim = Victim::new();
        for _ in 0..frames {
            victim.put(b"0123456789");
        }
        victim.set_word(HEAD, head);
        for length in lengths {
            victim.put(&vec![2; length]);
            prop_assert!(victim.producer.backlog() <= CAPACITY);
        }
        let _anything_but_a_panic = victim.drain();
    }

    #[test]
    fn garbage_for_asleep_wakes_nobody_but_by_a_one(asleep in word()) {
        let victim = Victim::new();
        victim.set_word(ASLEEP, asleep);
        prop_assert_eq!(victim.producer.is_wake_due(), asleep as u32 == 1);
        prop_assert!(!victim.producer.is_wake_due());
    }
}

#[test]
fn what_is_wrong_is_said() {
    let prefix = |length: u32, kind: u32| (u64::from(length) | u64::from(kind) << 32).to_le_bytes();
    for (prefix, expected) in [
        (prefix(11, 1), None),
        (prefix(17, 1), Some(Corrupt::Length(17))),
        (
            prefix(u32::MAX - 1, 1),
            Some(Corrupt::Length(u32::MAX as usize - 1)),
        ),
        (prefix(10, 99), Some(Corrupt::Kind(99))),
        (prefix(u32::MAX, 0), Some(Corrupt::Positions)),
    ] {
        let mut victim = Victim::new();
        assert!(victim.put(b"0123456789"));
        victim.spoil(0, &prefix);
        assert_eq!(victim.drain().err(), expected);
    }
}

/// A frame published up to the ring's last byte, whose length says that it goes on beyond.
#[test]
fn a_frame_beyond_the_end_is_corrupt() {
    let mut victim = Victim::new();
    let longest = victim.producer.max_payload();
    assert!(victim.put(&vec![0; longest]));
    assert_eq!(victim.drain(), Ok(1));
    assert!(victim.put(&vec![0; longest]));
    assert!(victim.put(b"at the start again"));
    let offset = CAPACITY / 2;
    victim.spoil(offset, &(longest as u32 + 8).to_le_bytes());
    assert_eq!(victim.drain(), Err(Corrupt::Length(longest + 8)));
}

/// A skip with nothing behind it would send the reader round and round.
#[test]
fn a_skip_that_leads_nowhere_is_corrupt() {
    let mut victim = Victim::new();
    for offset in (0..CAPACITY).step_by(8) {
        victim.spoil(offset, &u64::from(u32::MAX).to_le_bytes());
    }
    victim.set_word(TAIL, CAPACITY as u64);
    assert_eq!(victim.drain(), Err(Corrupt::Positions));
    let mut victim = Victim::new();
    for _ in 0..3 {
        assert!(victim.put(&[0; 1000]));
    }
    assert_eq!(victim.drain(), Ok(3));
    assert!(victim.put(&[0; 2000]), "skips to the start");
    victim.spoil(0, &u64::from(u32::MAX).to_le_bytes());
    assert!(victim.drain().is_err());
}
