//! Ignoring case the way the official host does: character by character with the simple upper-case
//! mapping, and never between an ASCII and a non-ASCII character (so `K` is not the Kelvin sign).
//! Used for literals of templates and path segments; never for method names, which are ASCII.

const ODD: u64 = 0x517c_c1b7_2722_0a95;
const LOWER: u64 = 0x2020_2020_2020_2020;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// One representative for all the cases of a character. ASCII goes to lower case and all else to
/// upper, so that the two never meet.
pub(crate) fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => character,
    }
}

pub(crate) fn is_equal(left: &str, right: &str) -> bool {
    left == right
        || left.eq_ignore_ascii_case(right)
        || (!left.is_ascii() && left.chars().map(fold).eq(right.chars().map(fold)))
}

/// The length of the prefix of `text` that equals `prefix`. The two lengths may differ in bytes:
/// a character and its other case need not be encoded in the same number of them.
pub(crate) fn prefix_len(text: &str, prefix: &str) -> Option<usize> {
    let mut rest = text.chars();
    for wanted in prefix.chars() {
        if fold(rest.next()?) != fold(wanted) {
            return None;
        }
    }
    Some(text.len() - rest.as_str().len())
}

/// Where `literal` last occurs in `text`, as a byte range.
pub(crate) fn rfind(text: &str, literal: &str) -> Option<(usize, usize)> {
    if literal.len() == 1 {
        let byte = literal.as_bytes()[0];
        if !byte.is_ascii_alphabetic() {
            return memchr::memrchr(byte, text.as_bytes()).map(|at| (at, at + 1));
        }
    }
    text.char_indices()
        .rev()
        .find_map(|(at, _)| prefix_len(&text[at..], literal).map(|len| (at, at + len)))
}

/// A hash that is equal for texts equal under [`is_equal`]. The stored side is the app's own
/// templates, so it need not withstand chosen collisions; equality is always checked after it.
pub(crate) fn hash(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut state = 0u64;
    let mut seen = 0u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        seen |= word;
        state = mix(state, word | LOWER);
    }
    let tail = rest
        .iter()
        .fold(0, |word, &byte| (word << 8) | u64::from(byte));
    seen |= tail;
    if seen & HIGH == 0 {
        finish(mix(state, tail | LOWER) ^ bytes.len() as u64)
    } else {
        finish(text.chars().map(fold).fold(0, |state, character| {
            mix(state, u64::from(u32::from(character)))
        }))
    }
}

fn mix(state: u64, word: u64) -> u64 {
    (state.rotate_left(5) ^ word).wrapping_mul(ODD)
}

fn finish(state: u64) -> u64 {
    let state = state.wrapping_mul(ODD);
    state ^ (state >> 32)
}

#[cfg(test)]
mod tests {
    use super::{hash, is_equal, rfind};

    #[test]
    fn equal_texts_hash_alike() {
        for (left, right) in [
            ("hello", "HELLO"),
            ("straße-nr", "STRAßE-NR"),
            ("ünï", "ÜNÏ"),
            ("a-long-literal", "A-LONG-Literal"),
            ("\u{23a}x", "\u{2c65}X"),
        ] {
            assert!(is_equal(left, right), "{left} {right}");
            assert_eq!(hash(left), hash(right), "{left} {right}");
        }
    }

    #[test]
    fn ascii_never_equals_non_ascii() {
        assert!(!is_equal("k", "\u{212a}"));
        assert!(!is_equal("s", "\u{17f}"));
        assert!(!is_equal("i", "\u{131}"));
        assert!(!is_equal("ss", "ß"));
    }

    #[test]
    fn last_occurrence_ignores_case() {
        assert_eq!(rfind("abXYabxyz", "XY"), Some((6, 8)));
        assert_eq!(rfind("a-b-c", "-"), Some((3, 4)));
        assert_eq!(rfind("aÜb", "ü"), Some((1, 3)));
        assert_eq!(rfind("abc", "z"), None);
    }
}
