//! The arena against a model of it: no two blocks overlap, what is written stays, everything coalesces back,
//! what is freed beyond the warm mark is given back to the system, and a block of another arena is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ferrofunc_wire::{Arena, ArenaView, Block, BlockRef, Corrupt, bodies_create, bodies_open};
use proptest::prelude::*;

const MIB: usize = 1 << 20;
/// The allocator's own mark: what lies below keeps its memory.
const WARM: usize = 64 * MIB;

fn arena(size: usize) -> (OwnedFd, Arena, ArenaView) {
    let (fd, arena) = bodies_create(size as u64).unwrap();
    let view = bodies_open(&fd).unwrap();
    (fd, arena, view)
}

/// Memory the system has put behind the arena.
fn resident(fd: &OwnedFd) -> usize {
    usize::try_from(rustix::fs::fstat(fd).unwrap().st_blocks).unwrap() * 512
}

/// Marks both ends of a block, so that a neighbour that overlaps is seen.
fn mark(arena: &Arena, block: &mut Block, serial: u64) {
    let bytes = arena.bytes_mut(block);
    let end = bytes.len() - 8;
    bytes[..8].copy_from_slice(&serial.to_le_bytes());
    bytes[end..].copy_from_slice(&serial.to_le_bytes());
}

fn is_marked(bytes: &[u8], serial: u64) -> bool {
    bytes.starts_with(&serial.to_le_bytes()) && bytes.ends_with(&serial.to_le_bytes())
}

#[derive(Debug, Clone)]
enum Step {
    Alloc(usize),
    Free(usize),
    Lend(usize),
    Reclaim(usize),
    ReclaimWrong(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let length = prop_oneof![
        3 => 0..MIB,
        1 => MIB..8 * MIB,
        1 => Just(0_usize),
        1 => Just(usize::MAX),
    ];
    let step = prop_oneof![
        5 => length.prop_map(Step::Alloc),
        2 => any::<usize>().prop_map(Step::Free),
        2 => any::<usize>().prop_map(Step::Lend),
        2 => any::<usize>().prop_map(Step::Reclaim),
        1 => any::<u64>().prop_map(Step::ReclaimWrong),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    #[test]
    fn blocks_never_overlap_and_everything_comes_back(steps in steps()) {
        let size = 16 * MIB;
        let (_fd, mut arena, view) = arena(size);
        let mut held: Vec<(u64, Block)> = Vec::new();
        let mut lent: Vec<(u64, BlockRef)> = Vec::new();
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        for (serial, step) in steps.into_iter().enumerate() {
            let serial = serial as u64;
            match step {
                Step::Alloc(length) => {
                    let Some(mut block) = arena.try_alloc(length) else {
                        // Refused only if no hole is long enough.
                        let ends = taken.iter().map(|(start, length)| start + length);
                        let starts = taken.keys().copied().chain([size]);
                        let widest = std::iter::once(0).chain(ends).zip(starts).map(|(end, start)| start - end).max();
                        prop_assert!(widest.unwrap() < length.max(1).checked_next_multiple_of(64 << 10).unwrap_or(usize::MAX));
                        continue;
                    };
                    prop_assert!(block.capacity() >= length);
                    prop_assert_eq!(block.length, length);
                    let start = usize::try_from(block.reference().offset).unwrap();
                    let end = start + block.capacity();
                    prop_assert!(end <= size);
                    let before = taken.range(..end).next_back();
                    prop_assert!(before.is_none_or(|(other, length)| other + length <= start));
                    taken.insert(start, block.capacity());
                    mark(&arena, &mut block, serial);
                    block.length = block.capacity();
                    held.push((serial, block));
                }
                Step::Free(pick) if !held.is_empty() => {
                    let (serial, block) = held.swap_remove(pick % held.len());
                    prop_assert!(is_marked(arena.bytes(&block), serial));
                    taken.remove(&usize::try_from(block.reference().offset).unwrap());
                    arena.free(block);
                }
                Step::Lend(pick) if !held.is_empty() => {
                    let (serial, block) = held.swap_remove(pick % held.len());
                    lent.push((serial, arena.lend(block)));
                }
                Step::Reclaim(pick) if !lent.is_empty() => {
                    let (serial, reference) = lent.swap_remove(pick % lent.len());
                    prop_assert!(is_marked(view.bytes(reference).unwrap(), serial));
                    taken.remove(&usize::try_from(reference.offset).unwrap());
                    prop_assert_eq!(arena.reclaim_lent(reference.offset), Ok(()));
                    prop_assert_eq!(arena.reclaim_lent(reference.offset), Err(Corrupt::Block));
                }
                Step::ReclaimWrong(offset) => {
                    let is_lent = lent.iter().any(|(_, reference)| reference.offset == offset);
                    prop_assume!(!is_lent);
                    prop_assert_eq!(arena.reclaim_lent(offset), Err(Corrupt::Block));
                }
                Step::Free(_) | Step::Lend(_) | Step::Reclaim(_) => {}
            }
            for (serial, block) in &held {
                prop_assert!(is_marked(arena.bytes(block), *serial));
            }
            for (serial, reference) in &lent {
                prop_assert!(is_marked(view.bytes(*reference).unwrap(), *serial));
            }
            prop_assert_eq!(arena.is_unused(), taken.is_empty());
        }
        for (_, block) in held {
            arena.free(block);
        }
        for (_, reference) in lent {
            arena.reclaim_lent(reference.offset).unwrap();
        }
        prop_assert!(arena.is_unused());
        // One stretch again, not crumbs that add up.
        let all = arena.try_alloc(size).unwrap();
        prop_assert_eq!(all.capacity(), size);
    }
}

#[test]
fn memory_beyond_the_warm_mark_is_given_back() {
    let (fd, mut arena, _view) = arena(512 * MIB);
    let mut blocks: Vec<Block> = (0..3).map(|_| arena.try_alloc(40 * MIB).unwrap()).collect();
    for block in &mut blocks {
        arena.bytes_mut(block).fill(7);
    }
    assert_eq!(resident(&fd), 120 * MIB);
    // From the last to the first: 80 to 120, then the one across the mark, then 0 to 40.
    arena.free(blocks.pop().unwrap());
    assert_eq!(resident(&fd), 80 * MIB);
    arena.free(blocks.pop().unwrap());
    assert_eq!(resident(&fd), WARM);
    arena.free(blocks.pop().unwrap());
    assert_eq!(resident(&fd), WARM, "what is warm stays");
    assert!(arena.is_unused());
}

#[test]
fn giving_back_leaves_the_neighbours_alone() {
    let (fd, mut arena, _view) = arena(512 * MIB);
    let below = arena.try_alloc(WARM).unwrap();
    let mut blocks: Vec<Block> = (0..3)
        .map(|_| arena.try_alloc(100 << 10).unwrap())
        .collect();
    for (serial, block) in blocks.iter_mut().enumerate() {
        arena.bytes_mut(block).fill(serial as u8 + 1);
    }
    let before = resident(&fd);
    arena.free(blocks.remove(1));
    assert!(resident(&fd) < before);
    for (block, value) in blocks.iter_mut().zip([1, 3]) {
        assert!(arena.bytes_mut(block).iter().all(|byte| *byte == value));
    }
    arena.free(below);
}

#[test]
fn the_lowest_room_is_taken_first() {
    let (fd, mut arena, _view) = arena(64 * MIB);
    for _ in 0..100 {
        let mut block = arena.try_alloc(MIB).unwrap();
        assert_eq!(block.reference().offset, 0);
        arena.bytes_mut(&mut block).fill(1);
        arena.free(block);
    }
    assert_eq!(
        resident(&fd),
        MIB,
        "a hundred bodies, one after the other, in the same memory"
    );
}

#[test]
fn a_full_arena_says_so_and_recovers() {
    let (_fd, mut arena, _view) = arena(4 * MIB);
    let blocks: Vec<Block> = std::iter::from_fn(|| arena.try_alloc(MIB)).collect();
    assert_eq!(blocks.len(), 4);
    assert!(arena.try_alloc(0).is_none());
    for block in blocks {
        arena.free(block);
    }
    assert!(arena.try_alloc(4 * MIB).is_some());
}

#[test]
fn two_blocks_can_be_worked_on_at_once() {
    let (_fd, mut arena, _view) = arena(4 * MIB);
    let mut small = arena.try_alloc(100).unwrap();
    let mut large = arena.try_alloc(MIB).unwrap();
    arena.bytes_mut(&mut small)[..100].fill(9);
    arena.bytes_mut(&mut large)[..100].copy_from_slice(arena.bytes(&small));
    assert!(arena.bytes(&large)[..100].iter().all(|byte| *byte == 9));
}

#[test]
fn a_length_beyond_the_capacity_reaches_nothing() {
    let (_fd, mut arena, view) = arena(4 * MIB);
    let mut block = arena.try_alloc(10).unwrap();
    block.length = usize::MAX;
    assert_eq!(arena.bytes(&block).len(), block.capacity());
    assert_eq!(block.reference().length, block.capacity() as u64);
    let reference = arena.lend(block);
    assert!(view.bytes(reference).is_ok());
}

#[test]
fn a_block_of_another_arena_is_refused() {
    let (_fd, mut one, _view) = arena(4 * MIB);
    let (_fd, mut other, _view) = arena(4 * MIB);
    let refuses = |act: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(act)).is_err();
    let mut block = one.try_alloc(MIB).unwrap();
    assert!(refuses(&mut || other.bytes_mut(&mut block).fill(0)));
    assert!(refuses(&mut || assert!(other.bytes(&block).is_empty())));
    let mut blocks = vec![block];
    assert!(refuses(&mut || other.free(blocks.pop().unwrap())));
    blocks.extend(one.try_alloc(MIB));
    assert!(refuses(&mut || {
        other.lend(blocks.pop().unwrap());
    }));
    assert!(other.is_unused());
    drop(one);
    // An arena at the same address is still another arena.
    let (_fd, mut heir, _view) = arena(4 * MIB);
    assert!(heir.try_alloc(MIB).is_some());
}

#[test]
fn a_view_reads_nothing_outside_the_arena() {
    let (_fd, mut arena, view) = arena(4 * MIB);
    let mut block = arena.try_alloc(5).unwrap();
    arena.bytes_mut(&mut block)[..5].copy_from_slice(b"hello");
    let reference = arena.lend(block);
    assert_eq!(view.bytes(reference), Ok(&b"hello"[..]));
    let end = 4 * MIB as u64;
    for (offset, length) in [
        (0, end + 1),
        (end, 1),
        (end + 1, 0),
        (1, u64::MAX),
        (u64::MAX, 1),
        (u64::MAX, u64::MAX),
    ] {
        assert_eq!(
            view.bytes(BlockRef { offset, length }),
            Err(Corrupt::Block),
            "{length} bytes at {offset}"
        );
    }
    assert!(
        view.bytes(BlockRef {
            offset: end,
            length: 0
        })
        .is_ok()
    );
}
