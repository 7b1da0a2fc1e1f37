//! The Ring against a model of it, on one thread: every Frame that goes in comes out, whole and in order,
//! there is room exactly when there must be, and wrapping shows nowhere. What two threads may see of each
//! other is `loom.rs`; what a spoilt ring answers is `corrupt.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::VecDeque;

use ferrofunc_wire::testing::heap_ring;
use ferrofunc_wire::{Consumer, FrameKind, Producer};
use proptest::prelude::*;

const KINDS: [FrameKind; 6] = [
    FrameKind::Invoke,
    FrameKind::Free,
    FrameKind::Stop,
    FrameKind::Ready,
    FrameKind::Outcome,
    FrameKind::Log,
];

/// Bytes that differ from Frame to Frame and from place to place.
fn payload(serial: u64, length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| {
            (serial
                .wrapping_mul(0x9e37_79b9)
                .wrapping_add(at as u64 * 31)
                >> 3) as u8
        })
        .collect()
}

fn try_put(producer: &mut Producer, kind: FrameKind, bytes: &[u8]) -> bool {
    let Some(mut slot) = producer.try_reserve(kind, bytes.len()) else {
        return false;
    };
    slot.bytes().copy_from_slice(bytes);
    slot.commit();
    true
}

fn try_take(consumer: &mut Consumer) -> Option<(FrameKind, Vec<u8>)> {
    let frame = consumer.try_peek().unwrap()?;
    let (kind, bytes, end) = (frame.kind, frame.payload.to_vec(), frame.end());
    consumer.release(end);
    Some((kind, bytes))
}

/// What is in the ring, kept the simple way.
struct Model {
    capacity: usize,
    tail: usize,
    head: usize,
    /// Kind, payload, end; the first `published` of them may be seen.
    frames: VecDeque<(FrameKind, Vec<u8>, usize)>,
    published: usize,
    /// Where the published Frames end.
    shown: usize,
}

impl Model {
    /// Where a Frame of this length would end, if there is room for it.
    fn end(&self, length: usize) -> Option<usize> {
        let size = (8 + length).next_multiple_of(8);
        let offset = self.tail % self.capacity;
        let skip = if offset + size > self.capacity {
            self.capacity - offset
        } else {
            0
        };
        let end = self.tail + skip + size;
        (length <= self.capacity / 2 - 8 && end - self.head <= self.capacity).then_some(end)
    }
}

#[derive(Debug, Clone)]
enum Step {
    Put { kind: usize, length: usize },
    Abandon { length: usize },
    Publish,
    Peek,
    Release,
    Drain,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let length = prop_oneof![4 => 0..64_usize, 2 => 0..300_usize, 1 => Just(0_usize)];
    let step = prop_oneof![
        6 => (0..KINDS.len(), length.clone()).prop_map(|(kind, length)| Step::Put { kind, length }),
        1 => length.prop_map(|length| Step::Abandon { length }),
        4 => Just(Step::Publish),
        2 => Just(Step::Peek),
        4 => Just(Step::Release),
        1 => Just(Step::Drain),
    ];
    prop::collection::vec(step, 1..200)
}

fn release_one(model: &mut Model, consumer: &mut Consumer) -> bool {
    let taken = try_take(consumer);
    if model.published == 0 {
        assert_eq!(taken, None);
        return false;
    }
    model.published -= 1;
    let (kind, bytes, end) = model.frames.pop_front().unwrap();
    assert_eq!(taken, Some((kind, bytes)));
    model.head = end;
    true
}

proptest! {
    #[test]
    fn a_ring_is_a_queue(power in 6..11_u32, steps in steps()) {
        let capacity = 1 << power;
        let (mut producer, mut consumer) = heap_ring(capacity);
        let mut model = Model {
            capacity,
            tail: 0,
            head: 0,
            frames: VecDeque::new(),
            published: 0,
            shown: 0,
        };
        for (serial, step) in steps.into_iter().enumerate() {
            match step {
                Step::Put { kind, length } => {
                    let bytes = payload(serial as u64, length);
                    let end = model.end(length);
                    prop_assert_eq!(try_put(&mut producer, KINDS[kind], &bytes), end.is_some());
                    if let Some(end) = end {
                        model.tail = end;
                        model.frames.push_back((KINDS[kind], bytes, end));
                    }
                }
                Step::Abandon { length } => {
                    let slot = producer.try_reserve(FrameKind::Invoke, length);
                    prop_assert_eq!(slot.is_some(), model.end(length).is_some());
                    if let Some(mut slot) = slot {
                        slot.bytes().fill(0xee);
                    }
                }
                Step::Publish => {
                    producer.publish();
                    model.published = model.frames.len();
                    model.shown = model.tail;
                }
                Step::Peek => {
                    // Looking twice shows the same, and changes nothing.
                    for _ in 0..2 {
                        let frame = consumer.try_peek().unwrap();
                        let seen = frame.map(|frame| (frame.kind, frame.payload.to_vec()));
                        let expected = model.frames.front().filter(|_| model.published > 0);
                        prop_assert_eq!(seen, expected.map(|(kind, bytes, _)| (*kind, bytes.clone())));
                    }
                }
                Step::Release => {
                    release_one(&mut model, &mut consumer);
                }
                Step::Drain => while release_one(&mut model, &mut consumer) {},
            }
            prop_assert_eq!(producer.backlog(), model.shown - model.head);
            prop_assert_eq!(consumer.is_empty(), model.published == 0);
        }
    }
}

/// A ring whose next Frame starts at `offset`.
fn ring_at(capacity: usize, offset: usize) -> (Producer, Consumer) {
    let (mut producer, mut consumer) = heap_ring(capacity);
    for _ in 0..offset / 8 {
        assert!(try_put(&mut producer, FrameKind::Stop, b""));
        producer.publish();
        assert!(try_take(&mut consumer).is_some());
    }
    (producer, consumer)
}

#[test]
fn every_length_passes_at_every_offset() {
    for capacity in [64, 128, 256] {
        for offset in (0..capacity).step_by(8) {
            for length in 0..=capacity / 2 - 8 {
                let (mut producer, mut consumer) = ring_at(capacity, offset);
                assert_eq!(producer.max_payload(), capacity / 2 - 8);
                let (first, second) = (payload(1, length), payload(2, length));
                assert!(
                    try_put(&mut producer, FrameKind::Invoke, &first),
                    "an empty ring of {capacity} has room for {length} at {offset}"
                );
                producer.publish();
                let follows = try_put(&mut producer, FrameKind::Log, &second);
                producer.publish();
                assert_eq!(try_take(&mut consumer), Some((FrameKind::Invoke, first)));
                if follows {
                    assert_eq!(try_take(&mut consumer), Some((FrameKind::Log, second)));
                }
                assert_eq!(try_take(&mut consumer), None);
                assert_eq!(producer.backlog(), 0);
            }
        }
    }
}

#[test]
fn a_frame_longer_than_half_the_ring_never_gets_room() {
    let (mut producer, _consumer) = heap_ring(4096);
    let longest = producer.max_payload();
    assert!(producer.try_reserve(FrameKind::Invoke, longest).is_some());
    for length in [longest + 1, 4096, usize::MAX - 7, usize::MAX] {
        assert!(producer.try_reserve(FrameKind::Invoke, length).is_none());
    }
}

#[test]
fn frames_outlive_the_producer() {
    let (mut producer, mut consumer) = heap_ring(64);
    assert!(try_put(&mut producer, FrameKind::Outcome, b"last words"));
    producer.publish();
    assert!(try_put(&mut producer, FrameKind::Outcome, b"unsaid"));
    drop(producer);
    assert_eq!(
        try_take(&mut consumer),
        Some((FrameKind::Outcome, b"last words".to_vec()))
    );
    assert_eq!(try_take(&mut consumer), None);
}

#[test]
fn a_dead_consumer_leaves_a_full_ring() {
    let (mut producer, consumer) = heap_ring(64);
    drop(consumer);
    let mut taken = 0;
    while try_put(&mut producer, FrameKind::Invoke, &[0; 8]) {
        taken += 1;
        producer.publish();
    }
    assert_eq!(taken, 4);
    assert_eq!(producer.backlog(), 64);
    assert!(!producer.is_wake_due());
}

/// `release` is a promise about bytes: a position that no Frame ended at would let the producer write what
/// is still to be read.
#[test]
fn only_the_end_of_a_peeked_frame_can_be_released() {
    for wrong in [0, 8, 12, 32, u64::MAX, u64::MAX - 7] {
        let (mut producer, mut consumer) = heap_ring(64);
        assert!(try_put(&mut producer, FrameKind::Invoke, b"12345678"));
        producer.publish();
        let end = consumer.try_peek().unwrap().unwrap().end();
        assert_eq!(end, 16);
        consumer.release(end);
        assert!(try_put(&mut producer, FrameKind::Invoke, b""));
        producer.publish();
        assert_eq!(consumer.try_peek().unwrap().unwrap().end(), 24);
        let released = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            consumer.release(wrong);
        }));
        assert!(
            released.is_err(),
            "{wrong} was taken for the end of a frame"
        );
    }
}

#[test]
fn a_capacity_that_positions_cannot_be_folded_into_is_refused() {
    for capacity in [0, 8, 32, 72, 100, 1000] {
        assert!(
            std::panic::catch_unwind(|| heap_ring(capacity)).is_err(),
            "{capacity}"
        );
    }
}

#[test]
fn a_sleeper_is_rung_for_once() {
    let (mut producer, mut consumer) = heap_ring(64);
    assert!(!producer.is_wake_due(), "nobody sleeps");
    assert!(consumer.declare_asleep());
    assert!(try_put(&mut producer, FrameKind::Stop, b""));
    producer.publish();
    assert!(producer.is_wake_due());
    assert!(!producer.is_wake_due(), "it was rung for already");
    assert!(!consumer.declare_asleep(), "a Frame is here");
    assert!(!producer.is_wake_due(), "it never lay down");
    assert!(try_take(&mut consumer).is_some());
    assert!(consumer.declare_asleep());
    consumer.declare_awake();
    assert!(!producer.is_wake_due(), "it got up by itself");
}
