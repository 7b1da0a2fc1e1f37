//! GUIDs in the five spellings .NET reads: 32 digits (N), with hyphens (D), in braces (B), in
//! parentheses (P), and the nested hexadecimal list (X). Surrounding white space is allowed.

pub(super) fn is_guid(text: &str) -> bool {
    let text = text.trim();
    match text.as_bytes() {
        [b'(', inner @ .., b')'] => is_hyphenated(inner),
        [b'{', inner @ .., b'}'] if text.contains('-') => is_hyphenated(inner),
        [b'{', ..] => is_list(text),
        bytes if text.contains('-') => is_hyphenated(bytes),
        bytes => bytes.len() == 32 && bytes.iter().all(u8::is_ascii_hexdigit),
    }
}

fn is_hyphenated(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `{0xddd,0xdd,0xdd,{0xd,0xd,0xd,0xd,0xd,0xd,0xd,0xd}}`, white space anywhere, each number of as
/// many digits as fit its width.
fn is_list(text: &str) -> bool {
    let compact: String = text
        .chars()
        .filter(|found| !found.is_whitespace())
        .collect();
    let Some((fields, bytes)) = compact
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix("}}"))
        .and_then(|rest| rest.split_once(",{"))
    else {
        return false;
    };
    let fields = fields
        .split(',')
        .map(hexadecimal)
        .collect::<Option<Vec<_>>>();
    let bytes = bytes
        .split(',')
        .map(hexadecimal)
        .collect::<Option<Vec<_>>>();
    let is_short = |value: &u32| u16::try_from(*value).is_ok();
    let is_byte = |value: &u32| u8::try_from(*value).is_ok();
    matches!(fields.as_deref(), Some([_, second, third]) if is_short(second) && is_short(third))
        && matches!(bytes.as_deref(), Some(list) if list.len() == 8 && list.iter().all(is_byte))
}

fn hexadecimal(text: &str) -> Option<u32> {
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))?;
    // A sign is no digit, though the number parser would take one.
    if digits.starts_with('+') {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::is_guid;

    #[test]
    fn the_five_spellings() {
        for text in [
            "00112233445566778899aabbCCDDEEFF",
            "00112233-4455-6677-8899-aabbccddeeff",
            "{00112233-4455-6677-8899-aabbccddeeff}",
            "(00112233-4455-6677-8899-aabbccddeeff)",
            " 00112233-4455-6677-8899-aabbccddeeff ",
            "{0x00112233,0x4455,0x6677,{0x88,0x99,0xaa,0xbb,0xcc,0xdd,0xee,0xff}}",
            "{0x1, 0X2, 0x3, {0x4,0x5,0x6,0x7,0x8,0x9,0xa,0x0b}}",
        ] {
            assert!(is_guid(text), "{text}");
        }
    }

    #[test]
    fn near_misses() {
        for text in [
            "",
            "{",
            "()",
            "00112233445566778899aabbccddeef",
            "00112233445566778899aabbccddeeffa",
            "00112233-4455-6677-8899-aabbccddeefg",
            "001122334-455-6677-8899-aabbccddeeff",
            "{00112233-4455-6677-8899-aabbccddeeff)",
            "(00112233445566778899aabbccddeeff)",
            "{00112233445566778899aabbccddeeff}",
            "{0x1,0x10000,0x3,{0x4,0x5,0x6,0x7,0x8,0x9,0xa,0xb}}",
            "{0x1,0x2,0x3,{0x4,0x5,0x6,0x7,0x8,0x9,0xa}}",
            "{0x1,0x2,0x3,{0x4,0x5,0x6,0x7,0x8,0x9,0xa,0x100}}",
            "{0x1,0x2,0x3,{0x4,0x5,0x6,0x7,0x8,0x9,0xa,0x+1}}",
            "{1,2,3,{4,5,6,7,8,9,10,11}}",
        ] {
            assert!(!is_guid(text), "{text}");
        }
    }
}
