//! The plainest reading of a raw path, to compare `path` with: all of it decoded, then all of it cut,
//! then dots resolved. What it gives holds no more escapes to decode, and fits `scan`.

/// The path's text, or nothing if it fits no route.
pub fn plain_path(raw: &[u8]) -> Option<String> {
    let raw = std::str::from_utf8(raw).ok()?;
    let decoded = decoded(raw.strip_prefix('/')?);
    if raw.contains("%00") {
        return None;
    }
    let all: Vec<&str> = decoded.split('/').collect();
    let mut kept = Vec::new();
    for (index, segment) in all.iter().enumerate() {
        let is_dots = matches!(*segment, "." | "..");
        if *segment == ".." {
            kept.pop();
        }
        if !is_dots {
            kept.push(*segment);
        } else if index + 1 == all.len() {
            // What stood before is a folder.
            kept.push("");
        }
    }
    Some(format!("/{}", kept.join("/")))
}

fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let escape = (1..=4).find_map(|count| Some((escaped(rest, count)?, 3 * count)));
        let (character, length) = match escape {
            Some((character, length)) if character != '/' => (character, length),
            _ => (first, first.len_utf8()),
        };
        out.push(character);
        rest = &rest[length..];
    }
    out
}

/// The one character that the first `count` escapes stand for.
fn escaped(text: &str, count: usize) -> Option<char> {
    let bytes: Option<Vec<u8>> = (0..count)
        .map(|index| {
            let escape = text.as_bytes().get(3 * index..3 * index + 3)?;
            let digits = std::str::from_utf8(escape).ok()?.strip_prefix('%')?;
            let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            is_hex.then(|| u8::from_str_radix(digits, 16).ok())?
        })
        .collect();
    let text = String::from_utf8(bytes?).ok()?;
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}
