//! Query strings as Functions see them (spec http.md 4): names grouped ignoring case, values of one name
//! joined with a comma, parameters without a value dropped.

use std::borrow::Cow;

fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}

/// Decodes `+` and `%xx`. An escape that is none stays as it is; bytes that are no UTF-8 are replaced.
fn decode(text: &[u8]) -> Cow<'_, str> {
    if memchr::memchr2(b'%', b'+', text).is_none() {
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

/// Gives each parameter of a query string to `put`, in the order in which their names first appear.
pub(crate) fn parse<E>(
    query: &[u8],
    mut put: impl FnMut(&str, &str) -> Result<(), E>,
) -> Result<(), E> {
    if memchr::memchr(b'&', query).is_none() {
        // Nothing to join it with.
        return pair(query).map_or(Ok(()), |(name, value)| put(&name, &value));
    }
    let mut params: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    for (name, value) in query.split(|byte| *byte == b'&').filter_map(pair) {
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
    params.iter().try_for_each(|(name, value)| put(name, value))
}

fn pair(text: &[u8]) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let equals = memchr::memchr(b'=', text)?;
    let value = decode(&text[equals + 1..]);
    (!value.is_empty()).then(|| (decode(&text[..equals]), value))
}
