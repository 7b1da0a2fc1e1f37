//! A request path as sent, made ready for matching: percent-decoded, without `.` and `..`
//! segments, cut at slashes. Follows what the official host's HTTP server does before its router
//! sees a path:
//!
//! - `%2F` stays as sent, in either case; so does an escape that is malformed (`%4`, `%zz`) or not
//!   part of a well-formed UTF-8 sequence (`%FF`). A value is therefore always valid UTF-8 and
//!   nothing is ever replaced by a substitute character.
//! - `.` and `..` are resolved after decoding, so `%2e%2e` climbs as well and no catch-all value
//!   ever holds a `..` segment.
//! - One trailing slash ends no segment. Any other empty segment is kept, and matches nothing.
//!
//! A path that does not start with `/`, is not UTF-8 as sent, or holds `%00` fits no route.

use memchr::memchr;

use crate::fold;

/// The segments of one path; its buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct Path {
    decoded: String,
    segments: Vec<Cut>,
}

/// Where a segment lies in the path's text, and its hash ignoring case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) hash: u64,
}

/// A path's text with its segments marked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segments<'p> {
    pub(crate) text: &'p str,
    cuts: &'p [Cut],
}

impl<'p> Segments<'p> {
    /// The text and the hash of a segment, or nothing past the last.
    pub(crate) fn get(&self, index: usize) -> Option<(&'p str, u64)> {
        let cut = self.cuts.get(index)?;
        Some((&self.text[cut.start..cut.end], cut.hash))
    }

    /// Everything from a segment on, slashes included.
    pub(crate) fn rest(&self, index: usize) -> Option<&'p str> {
        self.cuts.get(index).map(|cut| &self.text[cut.start..])
    }
}

impl Path {
    pub(crate) fn read<'p>(&'p mut self, raw: &'p [u8]) -> Option<Segments<'p>> {
        let raw = std::str::from_utf8(raw)
            .ok()
            .filter(|text| text.starts_with('/'))?;
        let is_plain = memchr(b'%', raw.as_bytes()).is_none();
        let text = if is_plain && !cut(raw, &mut self.segments) {
            raw
        } else {
            decode(raw, &mut self.decoded)?;
            cut(&self.decoded, &mut self.segments);
            &self.decoded
        };
        Some(Segments {
            text,
            cuts: &self.segments,
        })
    }
}

/// Marks the segments. Says whether one of them starts with a dot, and so may be a dot segment.
fn cut(text: &str, segments: &mut Vec<Cut>) -> bool {
    segments.clear();
    if text.len() <= 1 {
        return false;
    }
    let end = text.len() - usize::from(text.ends_with('/'));
    let mut has_dot = false;
    let mut start = 1;
    let mut push = |stop: usize| {
        let segment = &text[start..stop];
        has_dot |= segment.starts_with('.');
        let hash = fold::hash(segment);
        segments.push(Cut {
            start,
            end: stop,
            hash,
        });
        start = stop + 1;
    };
    // Paths are short and so are their segments: a plain loop beats a vectorised search here.
    for (index, byte) in text.as_bytes()[1..end].iter().enumerate() {
        if *byte == b'/' {
            push(index + 1);
        }
    }
    push(end);
    has_dot
}

fn decode(raw: &str, out: &mut String) -> Option<()> {
    out.clear();
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'%', b'/', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('/') {
            resolve_dots(out);
            out.push('/');
            rest = &rest[1..];
            continue;
        }
        match escaped(rest.as_bytes()) {
            Some(('\0', _)) => return None,
            Some((character, length)) => {
                out.push(character);
                rest = &rest[length..];
            }
            None => {
                out.push('%');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    if resolve_dots(out) {
        out.push('/');
    }
    Some(())
}

/// Removes the last segment of a path being built if it is `.`, and its parent too if it is `..`.
fn resolve_dots(out: &mut String) -> bool {
    let Some(slash) = out.rfind('/') else {
        return false;
    };
    match &out[slash + 1..] {
        "." => out.truncate(slash),
        ".." => {
            out.truncate(slash);
            let parent = out.rfind('/').unwrap_or(0);
            out.truncate(parent);
        }
        _ => return false,
    }
    true
}

/// The character escaped at the start of `bytes` and the length of its escapes; nothing if it is a
/// slash or not an escape at all.
fn escaped(bytes: &[u8]) -> Option<(char, usize)> {
    let first = escaped_byte(bytes)?;
    let width = match first {
        b'/' => return None,
        0x00..=0x7f => return Some((char::from(first), 3)),
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let mut encoded = [first, 0, 0, 0];
    for (index, byte) in encoded[..width].iter_mut().enumerate().skip(1) {
        *byte = escaped_byte(bytes.get(index * 3..)?)?;
    }
    let text = std::str::from_utf8(&encoded[..width]).ok()?;
    Some((text.chars().next()?, width * 3))
}

fn escaped_byte(bytes: &[u8]) -> Option<u8> {
    let &[b'%', high, low, ..] = bytes else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::Path;

    fn segments(raw: &[u8]) -> Option<Vec<String>> {
        let mut path = Path::default();
        let found = path.read(raw)?;
        Some(
            (0..)
                .map_while(|at| found.get(at))
                .map(|(text, _)| text.into())
                .collect(),
        )
    }

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn paths_are_cut_at_slashes() {
        let cases: &[(&[u8], &[&str])] = &[
            (b"/", &[]),
            (b"//", &[""]),
            (b"///", &["", ""]),
            (b"/a", &["a"]),
            (b"/a/", &["a"]),
            (b"/a//", &["a", ""]),
            (b"/a//b", &["a", "", "b"]),
            (b"//a", &["", "a"]),
        ];
        for (raw, expected) in cases {
            assert_eq!(segments(raw), Some(owned(expected)), "{raw:?}");
        }
    }

    #[test]
    fn escapes_are_decoded_once() {
        let cases: &[(&[u8], &[&str])] = &[
            (b"/a%20b", &["a b"]),
            (b"/a%2fb%2Fc", &["a%2fb%2Fc"]),
            (b"/%2541", &["%41"]),
            (b"/%C3%A9%e2%82%AC", &["é€"]),
            (b"/%F0%9F%98%80", &["😀"]),
            (b"/%C3x%FF%E2%82", &["%C3x%FF%E2%82"]),
            (b"/%ED%A0%80", &["%ED%A0%80"]),
            (b"/%C0%AF", &["%C0%AF"]),
            (b"/%4/%zz/%", &["%4", "%zz", "%"]),
            ("/é".as_bytes(), &["é"]),
        ];
        for (raw, expected) in cases {
            assert_eq!(segments(raw), Some(owned(expected)), "{raw:?}");
        }
    }

    #[test]
    fn dot_segments_are_resolved_after_decoding() {
        let cases: &[(&[u8], &[&str])] = &[
            (b"/a/./b", &["a", "b"]),
            (b"/a/../b", &["b"]),
            (b"/a/%2e%2E/b", &["b"]),
            (b"/../../b", &["b"]),
            (b"/a/b/..", &["a"]),
            (b"/a/..", &[]),
            (b"/a/.", &["a"]),
            (b"/a//../b", &["a", "b"]),
            (b"/.a/..b/c./...", &[".a", "..b", "c.", "..."]),
            (b"/a%2f../b", &["a%2f..", "b"]),
        ];
        for (raw, expected) in cases {
            assert_eq!(segments(raw), Some(owned(expected)), "{raw:?}");
        }
    }

    #[test]
    fn what_is_no_path_fits_nothing() {
        for raw in [
            b"".as_slice(),
            b"*",
            b"a",
            b"http://h/a",
            b"/\xff",
            b"/a%00b",
        ] {
            assert_eq!(segments(raw), None, "{raw:?}");
        }
    }
}
