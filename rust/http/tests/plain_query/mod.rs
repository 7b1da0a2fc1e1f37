//! The plainest reading of a query string, to compare `parse_query` with: everything copied, every
//! name spelled out for comparison, nothing borrowed and nothing skipped. Used by `query.rs` beside
//! it and by the fuzz target.

/// The parameters, in the order in which their names first appear.
pub(crate) fn plain(query: &[u8]) -> Vec<(String, String)> {
    let pairs: Vec<(String, String)> = query
        .split(|byte| *byte == b'&')
        .filter(|pair| pair.contains(&b'='))
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut next = || decoded(halves.next().unwrap_or_default());
            (next(), next())
        })
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let mut params: Vec<(String, String)> = Vec::new();
    for (name, _) in &pairs {
        if params.iter().any(|(known, _)| key(known) == key(name)) {
            continue;
        }
        let values: Vec<&str> = pairs
            .iter()
            .filter(|(other, _)| key(other) == key(name))
            .map(|(_, value)| value.as_str())
            .collect();
        params.push((name.clone(), values.join(",")));
    }
    params
}

fn decoded(text: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        let escape = rest
            .get(1..3)
            .filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(match (first, escape) {
            (b'+', _) => b' ',
            (_, Some(byte)) => byte,
            _ => *first,
        });
        rest = if escape.is_some() { &rest[3..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What is the same for all spellings of a name: each character in its upper case, where that is a
/// single one. Marked, so that the long s is not taken for an s.
fn key(name: &str) -> Vec<(bool, String)> {
    name.chars()
        .map(|character| {
            let upper = character.to_uppercase().collect::<String>();
            let is_single = upper.chars().count() == 1;
            let text = if is_single { upper } else { character.into() };
            (character.is_ascii(), text)
        })
        .collect()
}
