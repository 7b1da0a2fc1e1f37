//! Query strings as Functions see them (spec http.md 4): names grouped ignoring case, values of one name
//! joined with a comma, parameters without a value dropped.

use std::borrow::Cow;

fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

/// Decodes `+` and `%xx`. An escape that is none stays as it is; bytes that are no UTF-8 are replaced.
fn decode(text: &[u8]) -> Cow<'_, str> {
    if memchr::memchr2(b'%', b'+', text).is_none() {
        return String::from_utf8_lossy(text);
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

/// The parameters of a query string, in the order in which their names first appear.
pub(crate) fn parse(query: &[u8]) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let mut params: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    for pair in query.split(|byte| *byte == b'&') {
        let Some(equals) = memchr::memchr(b'=', pair) else {
            continue;
        };
        let (name, value) = (decode(&pair[..equals]), decode(&pair[equals + 1..]));
        if value.is_empty() {
            continue;
        }
        match params
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(&name))
        {
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
