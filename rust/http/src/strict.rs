//! The grammar of one line, spelt out. Used for trailer fields, and to say what exactly is wrong
//! with a head that the fast parser refused; never on the road of a good request.

use crate::{Error, token};

/// What is wrong with a refused head, which ends with a blank line and has no bare LF.
pub(crate) fn diagnose(head: &[u8]) -> Option<Error> {
    let mut lines = lines(head);
    lines
        .next()
        .and_then(|line| request_line(line).err())
        .or_else(|| lines.find_map(|line| field_line(line).err()))
}

/// The lines of a section, without their CRLF and without the blank line that ends it.
pub(crate) fn lines(section: &[u8]) -> impl Iterator<Item = &[u8]> {
    section
        .split_inclusive(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r\n").unwrap_or(line))
        .take_while(|line| !line.is_empty())
}

/// RFC 9112 3: `request-line = method SP request-target SP HTTP-version`.
pub(crate) fn request_line(line: &[u8]) -> Result<(), Error> {
    if line.contains(&b'\r') {
        return Err(Error::BareCr);
    }
    let mut parts = line.splitn(2, |&byte| byte == b' ');
    let (method, rest) = (parts.next().unwrap_or_default(), parts.next());
    if !token::is_token(method) {
        return Err(Error::Method);
    }
    let mut parts = rest.ok_or(Error::Target)?.rsplitn(2, |&byte| byte == b' ');
    let (version, target) = (parts.next().unwrap_or_default(), parts.next());
    let target = target.ok_or(Error::Version)?;
    match version {
        b"HTTP/1.0" | b"HTTP/1.1" => {}
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            return Err(Error::VersionUnsupported);
        }
        _ => return Err(Error::Version),
    }
    if target.is_empty() || !target.iter().all(u8::is_ascii_graphic) {
        return Err(Error::Target);
    }
    Ok(())
}

/// RFC 9112 5: `field-line = field-name ":" OWS field-value OWS`. Gives name and value.
pub(crate) fn field_line(line: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    if line.contains(&b'\r') {
        return Err(Error::BareCr);
    }
    if matches!(line, [b' ' | b'\t', ..]) {
        return Err(Error::Folding);
    }
    let mut parts = line.splitn(2, |&byte| byte == b':');
    let name = parts.next().unwrap_or_default();
    let value = parts.next().ok_or(Error::FieldName)?;
    if matches!(name, [.., b' ' | b'\t']) {
        return Err(Error::SpaceBeforeColon);
    }
    if !token::is_token(name) {
        return Err(Error::FieldName);
    }
    if !token::is_field_value(value) {
        return Err(Error::FieldValue);
    }
    Ok((name, value.trim_ascii()))
}
