//! The character classes of RFC 9110 section 5.6 and its comma-separated lists. Used wherever bytes
//! from a peer, or from user code, are judged; it decides nothing itself.

use crate::BadField;

/// RFC 9110 5.6.2: "any VCHAR, except delimiters".
const fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// What a Host may hold outside brackets. Narrower than RFC 3986: no percent-encoding, and none of
/// `*+,;=`, since a comma there is more likely two Host lines joined by a proxy than a name.
const fn is_host_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')'
        )
}

/// A character class as a table: hosts are checked on each request and names on each reply, byte by
/// byte.
macro_rules! table {
    ($class:ident) => {{
        let mut table = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = $class(byte as u8);
            byte += 1;
        }
        table
    }};
}

static TCHAR: [bool; 256] = table!(is_tchar);
static HOST_CHAR: [bool; 256] = table!(is_host_char);

/// True if all bytes of `bytes` are in the class, without a branch per byte.
fn is_all(class: &[bool; 256], bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(true, |good, &byte| good & class[usize::from(byte)])
}

pub(crate) fn is_host_name(bytes: &[u8]) -> bool {
    is_all(&HOST_CHAR, bytes)
}

pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && is_all(&TCHAR, bytes)
}

/// Whether a field can be sent.
pub(crate) fn judge(name: &[u8], value: &[u8]) -> Result<(), BadField> {
    if !is_token(name) {
        return Err(BadField::Name);
    }
    if !is_field_value(value) {
        return Err(BadField::Value);
    }
    Ok(())
}

/// True if no byte is a control other than HTAB.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch per byte this becomes vector code"
)]
pub(crate) fn is_field_value(bytes: &[u8]) -> bool {
    !bytes.iter().fold(false, |bad, &byte| {
        bad | ((byte < b' ') & (byte != b'\t')) | (byte == 0x7f)
    })
}

/// The elements of a comma-separated list, empty ones included, without the space around them.
pub(crate) fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}
