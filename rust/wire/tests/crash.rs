//! A second process that is killed while it uses a Region: in the middle of a Frame, between two steps of the
//! Ring's protocol, or while it reads. The survivor sees whole Frames in order, then nothing; it never
//! waits for the dead, and drops the Region afterwards like any other.
//!
//! The second process is this test binary, started again for its ignored test `peer`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::hash::{BuildHasher, RandomState};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, hint, thread};

use ferrofunc_wire::{Bell, Consumer, FrameKind, GatewayEnds, Producer, Region, Sizes, inherited};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{FdFlags, fcntl_setfd, pread};

const CAPACITY: usize = 16 << 10;
const SIZES: Sizes = Sizes {
    sync_ring: CAPACITY as u64,
    async_ring: 4096,
    outcome_ring: CAPACITY as u64,
    arena: 1 << 20,
};

/// Large Frames of all lengths, so that nearly every moment of a writer is in the middle of one, and every
/// tenth a small one, so that they start everywhere.
fn length_of(serial: u64) -> usize {
    let random = (serial.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as usize;
    let longest = if serial.is_multiple_of(10) {
        40
    } else {
        CAPACITY / 2 - 8
    };
    16 + random % (longest - 16)
}

/// Serial number, filling, checksum of both. The filling changes from Frame to Frame everywhere.
fn payload_of(serial: u64) -> Vec<u8> {
    let length = length_of(serial);
    let mut bytes = serial.to_le_bytes().to_vec();
    bytes.extend((0..length - 16).map(|at| (serial as usize * 7 + at * 13) as u8));
    bytes.extend(checksum(&bytes).to_le_bytes());
    bytes
}

fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The serial number of a payload that is whole.
fn serial_of(payload: &[u8]) -> u64 {
    let (rest, sum) = payload.split_last_chunk().unwrap();
    assert_eq!(checksum(rest), u64::from_le_bytes(*sum), "a torn frame");
    let serial = u64::from_le_bytes(*rest.first_chunk().unwrap());
    assert_eq!(payload.len(), length_of(serial));
    serial
}

fn a_while() {
    for _ in 0..20 {
        hint::spin_loop();
    }
}

// ---- the second process

#[test]
#[ignore = "the process that the other tests start and kill"]
fn peer() {
    let number = |name: &str| -> i32 {
        let value = env::var(name).expect("started by the other tests of this file only");
        value.parse().unwrap()
    };
    let region = Region::open(inherited(number("WIRE_REGION")).unwrap()).unwrap();
    let bell = Bell::from_fd(inherited(number("WIRE_BELL")).unwrap());
    let worker = region.into_worker();
    match env::var("WIRE_ROLE").unwrap().as_str() {
        "write" => write_for_ever(worker.outcomes, &bell),
        "read" => read_for_ever(worker.sync, &bell),
        stop => write_and_stop(worker.outcomes, &bell, stop),
    }
}

fn wake(producer: &Producer, bell: &Bell) {
    if producer.is_wake_due() {
        bell.ring();
    }
}

fn write_for_ever(mut producer: Producer, bell: &Bell) -> ! {
    for serial in 0.. {
        let payload = payload_of(serial);
        let mut slot = loop {
            match producer.try_reserve(FrameKind::Outcome, payload.len()) {
                // The borrow checker does not let a loop give away what it borrowed: ask again.
                Some(_) => {
                    break producer
                        .try_reserve(FrameKind::Outcome, payload.len())
                        .unwrap();
                }
                None => thread::yield_now(),
            }
        };
        for (byte, value) in slot.bytes().iter_mut().zip(&payload) {
            *hint::black_box(&mut *byte) = *value;
            a_while();
        }
        slot.commit();
        producer.publish();
        wake(&producer, bell);
    }
    unreachable!("killed before 2^64 frames");
}

fn sleep_for_ever(bell: &Bell) -> ! {
    bell.ring();
    loop {
        thread::park();
    }
}

/// Writes two Frames, and of the third as much as `stop` says.
fn write_and_stop(mut producer: Producer, bell: &Bell, stop: &str) -> ! {
    for serial in 0..2 {
        let payload = payload_of(serial);
        let mut slot = producer
            .try_reserve(FrameKind::Outcome, payload.len())
            .unwrap();
        slot.bytes().copy_from_slice(&payload);
        slot.commit();
        producer.publish();
    }
    let payload = payload_of(2);
    let mut slot = producer
        .try_reserve(FrameKind::Outcome, payload.len())
        .unwrap();
    let part = match stop {
        "reserved" => 0,
        "half" => payload.len() / 2,
        _ => payload.len(),
    };
    slot.bytes()[..part].copy_from_slice(&payload[..part]);
    if matches!(stop, "reserved" | "half" | "filled") {
        sleep_for_ever(bell);
    }
    slot.commit();
    if stop == "committed" {
        sleep_for_ever(bell);
    }
    producer.publish();
    // Published, but not told: whoever sleeps learns it from the death.
    sleep_for_ever(bell);
}

fn read_for_ever(mut consumer: Consumer, bell: &Bell) -> ! {
    let mut expected = 0;
    loop {
        let Some(frame) = consumer.try_peek().unwrap() else {
            sleep(&consumer, bell);
            continue;
        };
        for byte in frame.payload {
            hint::black_box(byte);
            a_while();
        }
        assert_eq!(serial_of(frame.payload), expected);
        let end = frame.end();
        consumer.release(end);
        expected += 1;
    }
}

// ---- the survivor

struct Peer {
    process: Child,
    region: OwnedFd,
    bell: Bell,
    outcomes_at: (u64, u64),
}

/// A copy that the next process started here inherits.
fn passed_on(fd: BorrowedFd<'_>) -> OwnedFd {
    let copy = inherited(fd.as_raw_fd()).unwrap();
    fcntl_setfd(&copy, FdFlags::empty()).unwrap();
    copy
}

fn start(role: &str) -> (Peer, GatewayEnds) {
    let region = Region::create(SIZES).unwrap();
    let bell = Bell::slept_on().unwrap();
    let outcomes_at = region.ring_offsets()[2];
    let fds = [passed_on(region.as_fd()), passed_on(bell.as_fd())];
    let process = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "peer"])
        .env("WIRE_ROLE", role)
        .env("WIRE_REGION", fds[0].as_raw_fd().to_string())
        .env("WIRE_BELL", fds[1].as_raw_fd().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let peer = Peer {
        process,
        region: inherited(region.as_fd().as_raw_fd()).unwrap(),
        bell,
        outcomes_at,
    };
    (peer, region.into_gateway())
}

impl Peer {
    fn kill(&mut self) {
        self.process.kill().unwrap();
        let status = self.process.wait().unwrap();
        assert_eq!(
            std::os::unix::process::ExitStatusExt::signal(&status),
            Some(9),
            "it died of something else: {status}"
        );
    }

    /// Waits until the peer rings for the first time; one that ends before that has failed.
    fn wait_ready(&mut self) {
        let timeout = Timespec {
            tv_sec: 0,
            tv_nsec: 50_000_000,
        };
        while poll(
            &mut [PollFd::new(&self.bell, PollFlags::IN)],
            Some(&timeout),
        ) != Ok(1)
        {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "the peer ended too early: {ended:?}");
        }
    }

    fn another_bell(&self) -> Bell {
        Bell::from_fd(inherited(self.bell.as_raw_fd()).unwrap())
    }

    fn at(&self, offset: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        assert_eq!(pread(&self.region, &mut bytes[..], offset), Ok(length));
        bytes
    }

    /// How much of Frame `serial` was written, if it was begun and not finished. Looks behind the published
    /// tail, where no reader of a Ring looks.
    fn torn(&self, serial: u64) -> Option<usize> {
        let (words, bytes) = self.outcomes_at;
        let tail = u64::from_le_bytes(self.at(words, 8).try_into().unwrap()) as usize;
        let payload = payload_of(serial);
        let offset = tail % CAPACITY;
        let start = if offset + 8 + payload.len() > CAPACITY {
            0
        } else {
            offset
        };
        let prefix = self.at(bytes + start as u64, 8);
        if prefix[..4] != (payload.len() as u32).to_le_bytes() {
            return None;
        }
        let there = self.at(bytes + start as u64 + 8, payload.len());
        let written = there
            .iter()
            .zip(&payload)
            .take_while(|(a, b)| a == b)
            .count();
        (0 < written && written < payload.len()).then_some(written)
    }
}

/// Reads what there is; every Frame must be the next one.
fn drain(consumer: &mut Consumer, next: &mut u64) {
    while let Some(frame) = consumer.try_peek().unwrap() {
        assert_eq!(frame.kind, FrameKind::Outcome);
        assert_eq!(serial_of(frame.payload), *next);
        let end = frame.end();
        consumer.release(end);
        *next += 1;
    }
}

fn sleep(consumer: &Consumer, bell: &Bell) {
    if consumer.declare_asleep() {
        bell.wait();
        consumer.declare_awake();
    }
}

fn random_below(limit: u64) -> u64 {
    RandomState::new().hash_one(0) % limit
}

#[test]
fn a_writer_killed_at_any_moment_leaves_whole_frames() {
    let rounds = 60;
    let mut torn = 0;
    for _ in 0..rounds {
        let (mut peer, mut gateway) = start("write");
        let outcomes = &mut gateway.outcomes;
        let bell = peer.another_bell();
        let mut next = 0;
        if outcomes.declare_asleep() {
            peer.wait_ready();
        }
        let is_dead = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_micros(random_below(3000)));
                peer.kill();
                is_dead.store(true, Ordering::Release);
                // As the gateway's watch on the process does.
                bell.ring();
            });
            while !is_dead.load(Ordering::Acquire) {
                drain(outcomes, &mut next);
                sleep(outcomes, &bell);
            }
        });
        drain(outcomes, &mut next);
        assert!(outcomes.is_empty());
        torn += u32::from(peer.torn(next).is_some());
    }
    assert!(
        torn > rounds / 4,
        "only {torn} of {rounds} writers were killed in the middle of a frame"
    );
}

#[test]
fn a_writer_killed_between_two_steps_leaves_whole_frames() {
    for (stop, whole) in [
        ("reserved", 2),
        ("half", 2),
        ("filled", 2),
        ("committed", 2),
        ("published", 3),
    ] {
        let (mut peer, mut gateway) = start(stop);
        peer.wait_ready();
        peer.kill();
        let mut next = 0;
        drain(&mut gateway.outcomes, &mut next);
        assert_eq!(next, whole, "{stop}");
        assert_eq!(
            peer.torn(next).is_some(),
            stop == "half",
            "{stop}: the test must leave behind what it says"
        );
        assert_eq!(
            gateway.outcomes.try_peek().unwrap().map(|frame| frame.kind),
            None
        );
        assert!(
            gateway.outcomes.declare_asleep(),
            "there is nothing more to come"
        );
    }
}

/// False if the ring is full.
fn put(producer: &mut Producer, bell: &Bell, serial: u64) -> bool {
    let payload = payload_of(serial);
    let slot = producer.try_reserve(FrameKind::Outcome, payload.len());
    let has_room = slot.is_some();
    if let Some(mut slot) = slot {
        slot.bytes().copy_from_slice(&payload);
        slot.commit();
        producer.publish();
    }
    // The dead are rung for as well: it costs nothing and blocks nobody.
    wake(producer, bell);
    has_room
}

#[test]
fn a_killed_reader_leaves_a_ring_that_is_full() {
    for _ in 0..20 {
        let (mut peer, mut gateway) = start("read");
        let producer = &mut gateway.sync;
        let bell = peer.another_bell();
        let moment = random_below(40);
        let mut serial = 0;
        while serial < moment {
            if put(producer, &bell, serial) {
                serial += 1;
            } else {
                thread::yield_now();
            }
        }
        peer.kill();
        let alive = serial;
        while put(producer, &bell, serial) {
            serial += 1;
            let nowhere = serial - alive;
            assert!(
                nowhere <= CAPACITY as u64 / 24,
                "the ring of a dead reader has no end"
            );
        }
        assert!(!put(producer, &bell, serial), "a full ring stays full");
        assert!(producer.backlog() <= CAPACITY);
        assert!(!producer.is_wake_due());
    }
}
