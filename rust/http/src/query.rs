//! Query strings as functions see them (spec http.md 4): names grouped ignoring case, values of one
//! name joined with a comma, parameters without a value dropped.
//!
//! Must never refuse: whatever a client sends is some list of parameters. Called for a request whose
//! parameters are touched for the first time, in the worker.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

type Param<'q> = (Cow<'q, str>, Cow<'q, str>);

/// The parameters of a query string (what follows `?`, without it), in the order in which their
/// names first appear and each under the spelling that came first.
///
/// `+` and `%xx` are decoded. An escape that is none stays as it is, and bytes that are not UTF-8
/// after decoding become U+FFFD.
///
/// ```
/// let params = ferrofunc_http::parse_query(b"name=Ada&tag=a%20b&TAG=c&empty=&flag");
/// assert_eq!(params, [("name".into(), "Ada".into()), ("tag".into(), "a b,c".into())]);
/// ```
#[must_use]
pub fn parse_query(query: &[u8]) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let mut params: Vec<Param<'_>> = Vec::new();
    for pair in query.split(|byte| *byte == b'&') {
        let Some(equals) = memchr(b'=', pair) else {
            continue;
        };
        let (name, value) = (decode(&pair[..equals]), decode(&pair[equals + 1..]));
        if value.is_empty() {
            continue;
        }
        // A scan per name: a request line has room for some thousand of them at most.
        match params.iter_mut().find(|(known, _)| is_same(known, &name)) {
            Some((_, joined)) => {
                let joined = joined.to_mut();
                joined.push(',');
                joined.push_str(&value);
            }
            None => params.push((name, value)),
        }
    }
    params
}

fn decode(text: &[u8]) -> Cow<'_, str> {
    if memchr2(b'%', b'+', text).is_none() {
        // Most are ASCII, which this finds out faster than the lossy way alone.
        return match std::str::from_utf8(text) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(text),
        };
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escaped = match text.get(at..at + 3) {
            Some(&[b'%', high, low]) => hex(high).zip(hex(low)),
            _ => None,
        };
        match (byte, escaped) {
            (b'+', _) => decoded.push(b' '),
            (_, Some((high, low))) => {
                decoded.push(high << 4 | low);
                at += 2;
            }
            _ => decoded.push(byte),
        }
        at += 1;
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Ignoring case as the official host's dictionaries do: character by character, by the simple
/// upper case, and never between an ASCII character and another.
fn is_same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
        || (!left.is_ascii() && left.chars().map(fold).eq(right.chars().map(fold)))
}

fn fold(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => character,
    }
}
