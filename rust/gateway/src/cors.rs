//! Cross-origin requests (spec http.md 12): which origins are allowed, and which fields tell the browser so.
//!
//! Origins are compared byte for byte; Python has made them what browsers send. A request without `Origin`
//! is none of this module's business, and one that is refused still runs: CORS protects the caller, not us.

use std::num::NonZeroU16;

use ferrofunc_http::{BadLine, HeadWriter, Lines};

use crate::client::Request;
use crate::config::CorsRules;
use crate::seldom::{Seldom, and_more};

const ALLOW_ORIGIN: &[u8] = b"Access-Control-Allow-Origin";
/// Characters of a stranger's `Origin` that go into a log line.
const SHOWN: usize = 200;
const MINUTE_NS: u64 = 60_000_000_000;

/// What a request wants to know. The number stands for an allowed origin; None is a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It names no origin.
    Nothing,
    /// Whether the origin may read the answer.
    Answer(Option<NonZeroU16>),
    /// Whether the origin may send such a request at all: it is answered here.
    Preflight(Option<NonZeroU16>),
}

/// One allowed origin and the fields that say so.
struct Allowed {
    origin: Box<[u8]>,
    lines: Lines,
}

pub(crate) struct Cors {
    allowed: Vec<Allowed>,
    /// `*` is the only one: every origin is allowed, and told so without being named.
    is_any: bool,
    /// For caches, where the answer depends on who asks; empty otherwise.
    vary: Lines,
    refusals: Seldom,
}

impl Cors {
    pub(crate) fn compile(rules: &CorsRules) -> Result<Self, BadLine> {
        let mut allowed = Vec::new();
        for origin in &rules.origins {
            let mut lines = Lines::new();
            lines.push(ALLOW_ORIGIN, origin.as_bytes())?;
            if rules.has_credentials {
                lines.push(b"Access-Control-Allow-Credentials", b"true")?;
            }
            allowed.push(Allowed {
                origin: origin.as_bytes().into(),
                lines,
            });
        }
        let mut vary = Lines::new();
        if allowed.len() > 1 {
            vary.push(b"Vary", b"Origin")?;
        }
        Ok(Self {
            is_any: matches!(&rules.origins[..], [only] if only == "*"),
            allowed,
            vary,
            refusals: Seldom::new(10, MINUTE_NS),
        })
    }

    /// What the request asks, and the answer.
    pub(crate) fn judge(&self, request: &Request<'_>) -> Asked {
        let mut origins = request.values(b"Origin");
        let Some(origin) = origins.next() else {
            return Asked::Nothing;
        };
        let allowed = if origins.next().is_some() {
            None
        } else {
            self.find(origin)
        };
        let is_preflight = request.method().eq_ignore_ascii_case(b"OPTIONS")
            && request
                .values(b"Access-Control-Request-Method")
                .next()
                .is_some();
        if is_preflight {
            Asked::Preflight(allowed)
        } else {
            Asked::Answer(allowed)
        }
    }

    fn find(&self, origin: &[u8]) -> Option<NonZeroU16> {
        if origin.is_empty() {
            return None;
        }
        let place = self
            .allowed
            .iter()
            .position(|allowed| self.is_any || *allowed.origin == *origin)?;
        NonZeroU16::new(u16::try_from(place + 1).ok()?)
    }

    /// Tells the browser that the origin is allowed, unless the function has told it something itself.
    pub(crate) fn decorate(&self, head: &mut HeadWriter<'_>, origin: NonZeroU16) {
        let place = usize::from(origin.get()) - 1;
        if let Some(allowed) = self.allowed.get(place)
            && !head.has(ALLOW_ORIGIN)
        {
            head.fill(&allowed.lines);
            head.append(&self.vary);
        }
    }

    /// Why a request was refused, unless that was said too often of late.
    pub(crate) fn try_explain(&mut self, request: &Request<'_>, now_ns: u64) -> Option<String> {
        let unsaid = self.refusals.try_speak(now_ns)?;
        let mut seen = Vec::new();
        for (place, value) in request.values(b"Origin").enumerate() {
            seen.extend_from_slice(if place == 0 { b"" } else { b"', '" });
            seen.extend_from_slice(value);
        }
        let seen = String::from_utf8_lossy(&seen);
        let seen: String = seen.escape_debug().take(SHOWN).collect();
        let allowed: Vec<_> = self
            .allowed
            .iter()
            .map(|allowed| String::from_utf8_lossy(&allowed.origin))
            .collect();
        Some(format!(
            "CORS: a request of origin '{seen}' gets no CORS headers, so browsers keep the answer from it. \
             Allowed: {}. To allow it, add it to Host.CORS in local.settings.json, or to --cors.{}",
            allowed.join(", "),
            and_more(unsaid)
        ))
    }
}

/// The fields by which an allowed preflight gets what it asked for, echoed: every method, every header.
pub(crate) fn preflight_fields(request: &Request<'_>) -> Vec<(&'static [u8], Vec<u8>)> {
    const ECHOES: [(&[u8], &[u8]); 2] = [
        (
            b"Access-Control-Request-Headers",
            b"Access-Control-Allow-Headers",
        ),
        (
            b"Access-Control-Request-Method",
            b"Access-Control-Allow-Methods",
        ),
    ];
    let mut fields = Vec::new();
    for (asked, allowed) in ECHOES {
        let values: Vec<_> = request.values(asked).filter(|v| !v.is_empty()).collect();
        if !values.is_empty() {
            fields.push((allowed, values.join(&b","[..])));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Kept;
    use crate::client::testing::request;

    fn cors(origins: &[&str], has_credentials: bool) -> Cors {
        let origins = origins.iter().map(ToString::to_string).collect();
        Cors::compile(&CorsRules {
            origins,
            has_credentials,
        })
        .expect("origins that can be sent")
    }

    fn from(origin: &str) -> Kept {
        request("GET /api/x HTTP/1.1", &[("origin", origin)])
    }

    fn number(place: u16) -> Option<NonZeroU16> {
        NonZeroU16::new(place)
    }

    #[test]
    fn an_origin_is_compared_exactly() {
        let cors = cors(&["https://a.example", "http://b.example:8080"], false);
        for (origin, expected) in [
            ("https://a.example", 1),
            ("http://b.example:8080", 2),
            ("http://a.example", 0),
            ("https://a.example:443", 0),
            ("https://A.example", 0),
            ("https://a.example/", 0),
            ("http://b.example", 0),
            ("https://a.example.evil", 0),
            ("null", 0),
            ("*", 0),
            ("", 0),
        ] {
            let kept = from(origin);
            assert_eq!(
                cors.judge(&kept.request()),
                Asked::Answer(number(expected)),
                "{origin}"
            );
        }
    }

    #[test]
    fn no_origin_asks_nothing_and_two_are_refused() {
        let cors = cors(&["*"], false);
        let none = request("GET / HTTP/1.1", &[("origins", "https://a")]);
        assert_eq!(cors.judge(&none.request()), Asked::Nothing);
        let two = request("GET / HTTP/1.1", &[("Origin", "a"), ("Origin", "a")]);
        assert_eq!(cors.judge(&two.request()), Asked::Answer(None));
    }

    #[test]
    fn a_star_alone_allows_everybody_and_beside_others_nobody() {
        let kept = from("https://anybody");
        let alone = cors(&["*"], false).judge(&kept.request());
        assert_eq!(alone, Asked::Answer(number(1)));
        let beside = cors(&["*", "https://a"], false).judge(&kept.request());
        assert_eq!(beside, Asked::Answer(None));
    }

    #[test]
    fn a_preflight_has_a_method_a_request_method_and_an_origin() {
        let cors = cors(&["*"], false);
        let asks =
            |line: &str, fields: &[(&str, &str)]| cors.judge(&request(line, fields).request());
        let (origin, method) = (("Origin", "o"), ("Access-Control-Request-Method", "PUT"));
        let options = "OPTIONS /anything HTTP/1.1";
        assert_eq!(
            asks(options, &[origin, method]),
            Asked::Preflight(number(1))
        );
        assert_eq!(asks(options, &[origin]), Asked::Answer(number(1)));
        assert_eq!(asks(options, &[method]), Asked::Nothing);
        assert_eq!(
            asks("GET / HTTP/1.1", &[origin, method]),
            Asked::Answer(number(1))
        );
    }

    #[test]
    fn what_a_preflight_asks_for_is_echoed() {
        let kept = request(
            "OPTIONS / HTTP/1.1",
            &[
                ("access-control-request-headers", "X-A, x-b"),
                ("Access-Control-Request-Method", "PATCH"),
                ("Access-Control-Request-Headers", "x-c"),
            ],
        );
        let fields = preflight_fields(&kept.request());
        assert_eq!(
            fields,
            [
                (
                    &b"Access-Control-Allow-Headers"[..],
                    b"X-A, x-b,x-c".to_vec()
                ),
                (&b"Access-Control-Allow-Methods"[..], b"PATCH".to_vec()),
            ]
        );
    }

    #[test]
    fn a_refusal_says_what_was_seen_and_what_is_allowed_and_then_falls_silent() {
        let mut cors = cors(&["https://a", "https://b"], false);
        let kept = from("https://evil'\"");
        let line = cors.try_explain(&kept.request(), 1).expect("a first line");
        assert!(line.contains(r#"origin 'https://evil\'\"'"#), "{line}");
        assert!(line.contains("Allowed: https://a, https://b."), "{line}");
        let again = (0..100)
            .filter(|_| cors.try_explain(&kept.request(), 2).is_some())
            .count();
        assert_eq!(again, 9);
        let later = cors.try_explain(&kept.request(), 2 * MINUTE_NS);
        assert!(later.expect("a line").contains("(91 more like this"));
    }
}
