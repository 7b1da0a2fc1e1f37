//! Which request targets and hosts are accepted. Called by `parse` once per head.
//!
//! Nothing here decodes: the path stays percent-encoded for the router.

use memchr::memchr;

use crate::{Error, token};

/// The parts of an accepted target, as offsets into it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parts<'b> {
    /// Only in absolute-form.
    pub(crate) authority: Option<Authority<'b>>,
    /// Where the path begins.
    pub(crate) path: usize,
    /// Where the path ends: at the first `?` or at the end of the target.
    pub(crate) path_end: usize,
}

/// `host` or `host:port` of an absolute-form target.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authority<'b> {
    name: &'b [u8],
    /// What its scheme allows to be left out: `:80` or `:443`.
    default_port: &'static [u8],
}

/// Accepts origin-form, absolute-form of http and https, and `*` for OPTIONS (RFC 9112 3.2).
#[inline]
pub(crate) fn split<'b>(method: &[u8], target: &'b [u8]) -> Result<Parts<'b>, Error> {
    if method == b"CONNECT" {
        return Err(Error::Connect);
    }
    // A fragment is never sent; one that is would reach some routers and not others.
    if !target.is_ascii() || memchr(b'#', target).is_some() {
        return Err(Error::Target);
    }
    let (authority, path) = match target {
        [b'/', ..] => (None, 0),
        b"*" if method == b"OPTIONS" => (None, 0),
        _ => {
            let (authority, path) = absolute(target)?;
            (Some(authority), path)
        }
    };
    let path_end = memchr(b'?', &target[path..]).map_or(target.len(), |ahead| path + ahead);
    Ok(Parts {
        authority,
        path,
        path_end,
    })
}

/// Authority and start of the path of an absolute-form target.
fn absolute(target: &[u8]) -> Result<(Authority<'_>, usize), Error> {
    let has_scheme = |scheme: &[u8]| {
        target
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let (start, default_port) = if has_scheme(b"http://") {
        (7, b":80" as &[u8])
    } else if has_scheme(b"https://") {
        (8, b":443" as &[u8])
    } else {
        return Err(Error::Target);
    };
    let length = target[start..]
        .iter()
        .position(|&byte| matches!(byte, b'/' | b'?'))
        .unwrap_or(target.len() - start);
    let name = &target[start..start + length];
    // RFC 9110 4.2.1: a URI with an empty host is invalid, and 4.2.4 has userinfo refused; `@` is
    // no host character.
    if name.is_empty() || !is_host(name) {
        return Err(Error::Target);
    }
    Ok((Authority { name, default_port }, start + length))
}

impl Authority<'_> {
    /// RFC 9112 3.2.2 lets an absolute-form target override Host. A request in which the two
    /// disagree has been put together by two parties with different aims, so it is refused instead.
    pub(crate) fn is_same_as(&self, host: &[u8]) -> bool {
        let without_port = |name: &[u8]| name.strip_suffix(self.default_port).unwrap_or(name).len();
        self.name[..without_port(self.name)].eq_ignore_ascii_case(&host[..without_port(host)])
    }
}

/// `host` or `host:port`, or nothing at all, which RFC 9112 3.2 prescribes for a target without an
/// authority.
#[inline]
pub(crate) fn is_host(host: &[u8]) -> bool {
    let (name_ok, port) = if host.first() == Some(&b'[') {
        let Some(close) = memchr(b']', host) else {
            return false;
        };
        (is_ip_literal(&host[1..close]), &host[close + 1..])
    } else {
        let end = memchr(b':', host).unwrap_or(host.len());
        (
            (end > 0 || host.is_empty()) && token::is_host_name(&host[..end]),
            &host[end..],
        )
    };
    let port_ok = match port {
        [] => true,
        [b':', digits @ ..] => {
            (1..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    name_ok && port_ok
}

fn is_ip_literal(inside: &[u8]) -> bool {
    !inside.is_empty()
        && inside
            .iter()
            .all(|&byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'))
}
