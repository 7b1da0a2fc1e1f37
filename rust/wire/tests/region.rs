//! A Region between its two sides, and every reason to refuse one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrofunc_wire::{
    FrameKind, Producer, Region, RegionError, Sizes, bodies_create, bodies_open, inherited,
};
use rustix::fs::{MemfdFlags, OFlags, fcntl_getfl, ftruncate, memfd_create};
use rustix::io::pwrite;

const SMALL: Sizes = Sizes {
    sync_ring: 4096,
    async_ring: 8192,
    outcome_ring: 4096,
    arena: 1 << 20,
};

fn duplicate(region: &Region) -> OwnedFd {
    inherited(region.as_fd().as_raw_fd()).unwrap()
}

fn put(producer: &mut Producer, bytes: &[u8]) {
    let mut slot = producer
        .try_reserve(FrameKind::Invoke, bytes.len())
        .unwrap();
    slot.bytes().copy_from_slice(bytes);
    slot.commit();
    producer.publish();
}

#[test]
fn both_sides_meet_in_the_same_memory() {
    let region = Region::create(SMALL).unwrap();
    let other = duplicate(&region);
    let mut gateway = region.into_gateway();
    // Frames sent before the worker came wait for it.
    put(&mut gateway.sync, b"sync");
    let mut worker = Region::open(other).unwrap().into_worker();
    put(&mut gateway.asynchronous, b"async");
    put(&mut worker.outcomes, b"outcome");
    for (consumer, expected) in [
        (&mut worker.sync, &b"sync"[..]),
        (&mut worker.asynchronous, b"async"),
        (&mut gateway.outcomes, b"outcome"),
    ] {
        let frame = consumer.try_peek().unwrap().unwrap();
        assert_eq!(frame.payload, expected);
        let end = frame.end();
        consumer.release(end);
        assert!(consumer.is_empty());
    }
    let mut block = worker.bodies.try_alloc(3).unwrap();
    worker.bodies.bytes_mut(&mut block)[..3].copy_from_slice(b"abc");
    let reference = worker.bodies.lend(block);
    assert_eq!(gateway.bodies.bytes(reference), Ok(&b"abc"[..]));
}

#[test]
fn a_region_has_one_gateway_and_one_worker() {
    let region = Region::create(SMALL).unwrap();
    let fds: Vec<OwnedFd> = (0..3).map(|_| duplicate(&region)).collect();
    let _gateway = region.into_gateway();
    let mut regions: Vec<Region> = fds
        .into_iter()
        .map(|fd| Region::open(fd).unwrap())
        .collect();
    let worker = regions.pop().unwrap().into_worker();
    drop(worker);
    let second = regions.pop().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| second.into_worker())).is_err());
    let second = regions.pop().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| second.into_gateway())).is_err());
}

#[test]
fn impossible_sizes_are_refused() {
    for ring in [0, 1, 2048, 5000, 1 << 31, u64::MAX] {
        let sizes = Sizes {
            outcome_ring: ring,
            ..SMALL
        };
        assert!(
            matches!(Region::create(sizes), Err(RegionError::Sizes(found)) if found == sizes),
            "{ring}"
        );
    }
}

#[test]
fn a_system_that_grants_less_gives_a_smaller_arena() {
    let sizes = Sizes {
        // More than a 64-bit address space has.
        arena: 1 << 48,
        ..SMALL
    };
    let mut worker = Region::create(sizes).unwrap().into_worker();
    assert!(worker.bodies.try_alloc(32 << 20).is_some());
}

fn mismatch(fd: OwnedFd) -> String {
    match Region::open(fd) {
        Err(error @ RegionError::Mismatch { .. }) => error.to_string(),
        Err(error) => panic!("expected a mismatch, found {error}"),
        Ok(_) => panic!("expected a mismatch, found a region"),
    }
}

#[test]
fn another_build_is_refused() {
    for (at, found) in [
        (0, "magic 0x"),
        (8, "version "),
        (16, "bytes for Sizes"),
        (40, "bytes for Sizes"),
    ] {
        let region = Region::create(SMALL).unwrap();
        pwrite(&region, &0x0102_0304_u64.to_le_bytes(), at).unwrap();
        let message = mismatch(duplicate(&region));
        assert!(message.contains(found), "{message}");
    }
}

#[test]
fn what_is_not_a_region_is_refused() {
    let unsealed = memfd_create("test", MemfdFlags::CLOEXEC).unwrap();
    ftruncate(&unsealed, 1 << 20).unwrap();
    assert!(mismatch(unsealed).contains("not a sealed memory file"));
    let file = std::fs::File::open("/proc/self/exe").unwrap();
    assert!(mismatch(file.into()).contains("not a sealed memory file"));
    let (bodies, _arena) = bodies_create(4096).unwrap();
    assert!(mismatch(bodies).contains("4096 bytes"));
}

#[test]
fn nobody_can_shrink_or_grow_a_region() {
    let region = Region::create(SMALL).unwrap();
    let length = rustix::fs::fstat(&region).unwrap().st_size;
    for other in [0, length - 1, length + 1] {
        assert!(
            ftruncate(&region, other.cast_unsigned()).is_err(),
            "{other}"
        );
    }
}

#[test]
fn workers_cannot_write_request_bodies() {
    let (fd, mut arena) = bodies_create(1 << 20).unwrap();
    assert_eq!(fcntl_getfl(&fd).unwrap() & OFlags::ACCMODE, OFlags::RDONLY);
    assert!(pwrite(&fd, b"x", 0).is_err());
    let view = bodies_open(&fd).unwrap();
    let mut block = arena.try_alloc(1).unwrap();
    arena.bytes_mut(&mut block)[0] = 9;
    assert_eq!(view.bytes(arena.lend(block)), Ok(&[9][..]));
    let unsealed = memfd_create("test", MemfdFlags::CLOEXEC).unwrap();
    assert!(matches!(
        bodies_open(&unsealed),
        Err(RegionError::Mismatch { .. })
    ));
}

/// The kernel's flags of each mapping of this file.
fn mapping_flags(fd: impl AsFd) -> Vec<String> {
    let inode = rustix::fs::fstat(fd).unwrap().st_ino.to_string();
    let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut is_ours = false;
    let mut flags = Vec::new();
    for line in maps.lines() {
        if line.contains("/memfd:") {
            is_ours = line.split_whitespace().nth(4) == Some(&inode);
        } else if is_ours && line.starts_with("VmFlags:") {
            flags.push(line.to_owned());
            is_ours = false;
        }
    }
    flags
}

/// A child of a worker must not become a second producer, but may read a request it was forked with; and
/// bodies do not belong in a core dump.
#[test]
fn what_can_be_written_is_not_forked_and_nothing_is_dumped() {
    let region = Region::create(SMALL).unwrap();
    let region = mapping_flags(&region);
    assert!(!region.is_empty());
    assert!(
        region
            .iter()
            .all(|flags| flags.contains(" dc") && flags.contains(" dd"))
    );
    let (fd, _arena) = bodies_create(1 << 20).unwrap();
    let _view = bodies_open(&fd).unwrap();
    let (writable, read_only): (Vec<_>, Vec<_>) = mapping_flags(&fd)
        .into_iter()
        .partition(|flags| flags.contains(" wr"));
    assert!(!writable.is_empty() && !read_only.is_empty());
    assert!(
        writable
            .iter()
            .all(|flags| flags.contains(" dc") && flags.contains(" dd"))
    );
    assert!(
        read_only
            .iter()
            .all(|flags| !flags.contains(" dc") && flags.contains(" dd"))
    );
}

#[test]
fn an_inherited_descriptor_is_duplicated_and_closed_on_exec() {
    let region = Region::create(SMALL).unwrap();
    let duplicate = inherited(region.as_fd().as_raw_fd()).unwrap();
    assert_ne!(duplicate.as_raw_fd(), region.as_fd().as_raw_fd());
    let flags = rustix::io::fcntl_getfd(&duplicate).unwrap();
    assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
    for number in [-1, -2, i32::MIN, i32::MAX] {
        assert_eq!(
            inherited(number).unwrap_err().raw_os_error(),
            Some(rustix::io::Errno::BADF.raw_os_error()),
            "{number}"
        );
    }
}
