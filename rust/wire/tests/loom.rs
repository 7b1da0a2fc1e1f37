//! Every interleaving, and every value the memory model lets a thread see, of one producer and one consumer:
//! no torn or lost Frame, no sleep through a Frame, nobody woken twice. Run with
//! `RUSTFLAGS="--cfg loom" cargo test --release -p ferrofunc-wire --test loom`.
//!
//! The rings are of the smallest capacity, so that a few Frames wrap, skip and fill them; loom watches the
//! bytes (`ring/watch.rs` in the sources) and reports an access that nothing orders after the last one.

#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use ferrofunc_wire::testing::heap_ring;
use ferrofunc_wire::{Consumer, FrameKind, Producer};
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

const CAPACITY: usize = 64;

/// Enough to find every bug that was planted; without a bound the larger models would not end.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

/// What an eventfd does: a ring before the wait is not lost.
#[derive(Default)]
struct Bell {
    count: Mutex<usize>,
    rung: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.count.lock().unwrap() += 1;
        self.rung.notify_one();
    }

    fn wait(&self) {
        let mut count = self.count.lock().unwrap();
        while *count == 0 {
            count = self.rung.wait(count).unwrap();
        }
        *count = 0;
    }
}

fn try_put(producer: &mut Producer, mark: u8, length: usize) -> bool {
    let Some(mut slot) = producer.try_reserve(FrameKind::Invoke, length) else {
        return false;
    };
    slot.bytes().fill(mark);
    slot.commit();
    true
}

/// The mark of the oldest Frame, if there is one; checks that all of it is there.
fn try_take(consumer: &mut Consumer, length: impl Fn(u8) -> usize) -> Option<u8> {
    let frame = consumer.try_peek().unwrap()?;
    let mark = frame.payload.first().copied().unwrap();
    assert_eq!(frame.payload, vec![mark; length(mark)]);
    let end = frame.end();
    consumer.release(end);
    Some(mark)
}

/// Sends Frames of these lengths one by one, waiting for room; the other thread must see each, in order.
fn carry(lengths: &'static [usize]) {
    let (mut producer, mut consumer) = heap_ring(CAPACITY);
    let sender = thread::spawn(move || {
        for (mark, &length) in lengths.iter().enumerate() {
            while !try_put(&mut producer, mark as u8, length) {
                thread::yield_now();
            }
            producer.publish();
        }
    });
    for expected in 0..lengths.len() {
        loop {
            match try_take(&mut consumer, |mark| lengths[usize::from(mark)]) {
                Some(mark) => {
                    assert_eq!(usize::from(mark), expected);
                    break;
                }
                None => thread::yield_now(),
            }
        }
    }
    sender.join().unwrap();
    assert!(consumer.is_empty());
}

#[test]
fn a_full_ring_takes_frames_again_when_room_is_given_back() {
    // Two fill the ring to the last byte.
    check(3, || carry(&[24, 24, 24, 24]));
}

#[test]
fn frames_wrap_with_a_skip() {
    // 24 + 16 bytes; the third needs 32 and skips 24; the last needs 16 and skips the 8 before the end.
    check(3, || carry(&[16, 8, 24, 16, 8]));
}

#[test]
fn a_batch_appears_at_once_and_an_abandoned_slot_not_at_all() {
    check(3, || {
        let (mut producer, mut consumer) = heap_ring(CAPACITY);
        let sender = thread::spawn(move || {
            assert!(try_put(&mut producer, 1, 8));
            assert!(producer.try_reserve(FrameKind::Stop, 24).is_some());
            assert!(try_put(&mut producer, 2, 8));
            producer.publish();
        });
        let mut seen = Vec::new();
        while seen.len() < 2 {
            if let Some(mark) = try_take(&mut consumer, |_| 8) {
                seen.push(mark);
            } else {
                assert!(seen.is_empty(), "one publish, but the Frames came apart");
                thread::yield_now();
            }
        }
        assert_eq!(seen, [1, 2]);
        sender.join().unwrap();
        assert!(consumer.is_empty());
    });
}

/// A producer that publishes one by one and a consumer that sleeps whenever there is nothing. A lost
/// wake-up is a deadlock, which loom reports. `distraction`: how often the consumer is woken by something
/// else at first, takes its declaration back, and looks again.
fn sleep_and_wake(frames: usize, distraction: usize) {
    let (mut producer, mut consumer) = heap_ring(CAPACITY);
    let bell = Arc::new(Bell::default());
    let rings = Arc::new(AtomicUsize::new(0));
    let sender = thread::spawn({
        let (bell, rings) = (bell.clone(), rings.clone());
        move || {
            for mark in 0..frames {
                assert!(try_put(&mut producer, mark as u8, 8));
                producer.publish();
                if producer.is_wake_due() {
                    rings.fetch_add(1, Ordering::Relaxed);
                    bell.ring();
                }
            }
        }
    });
    let (mut seen, mut declared) = (0, 0);
    loop {
        while let Some(mark) = try_take(&mut consumer, |_| 8) {
            assert_eq!(usize::from(mark), seen);
            seen += 1;
        }
        if seen == frames {
            break;
        }
        declared += 1;
        if !consumer.declare_asleep() {
            continue;
        }
        if declared > distraction {
            bell.wait();
        }
        consumer.declare_awake();
    }
    sender.join().unwrap();
    let rings = rings.load(Ordering::Relaxed);
    assert!(rings <= declared, "{rings} rings for {declared} sleeps");
}

#[test]
fn no_frame_is_slept_through() {
    check(4, || sleep_and_wake(3, 0));
}

#[test]
fn no_frame_is_slept_through_after_another_wake_up() {
    check(4, || sleep_and_wake(2, 1));
    check(2, || sleep_and_wake(3, 2));
}

/// The consumer never takes its declaration back: it is rung for once at most, however much is published.
#[test]
fn one_sleep_is_rung_for_once() {
    check(3, || {
        let (mut producer, consumer) = heap_ring(CAPACITY);
        let sender = thread::spawn(move || {
            let mut rings = 0;
            for mark in 0..3 {
                assert!(try_put(&mut producer, mark, 8));
                producer.publish();
                rings += usize::from(producer.is_wake_due());
            }
            rings
        });
        let is_asleep = consumer.declare_asleep();
        let rings = sender.join().unwrap();
        if is_asleep {
            assert_eq!(rings, 1, "asleep, and Frames came");
        } else {
            assert!(rings <= 1, "rung {rings} times for one declaration");
            assert!(!consumer.is_empty());
        }
    });
}

/// An end belongs to one thread at a time, but not for ever to the same.
#[test]
fn the_consumer_may_move_to_another_thread() {
    check(2, || {
        let (mut producer, mut consumer) = heap_ring(CAPACITY);
        let sender = thread::spawn(move || {
            for mark in 0..2 {
                while !try_put(&mut producer, mark, 24) {
                    thread::yield_now();
                }
                producer.publish();
            }
        });
        let first = try_take(&mut consumer, |_| 24);
        let heir = thread::spawn(move || {
            let mut next = u8::from(first.is_some());
            while next < 2 {
                match try_take(&mut consumer, |_| 24) {
                    Some(mark) => {
                        assert_eq!(mark, next);
                        next += 1;
                    }
                    None => thread::yield_now(),
                }
            }
        });
        heir.join().unwrap();
        sender.join().unwrap();
    });
}
