//! What is added to responses whatever they say: CORS fields, `Strict-Transport-Security`, customHeaders
//! (spec http.md 10 and 12). `gate` says for each request what it will want; `reply` calls `decorate` on
//! each head it writes. A field that is there already is never touched.

use std::num::NonZeroU16;

use ferrofunc_http::{HeadWriter, Lines};

use crate::config::{GatewayError, HstsRules, Rules};
use crate::cors::Cors;

/// What the response to a request will want. Nothing is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Wanted {
    /// The allowed origin that asked.
    pub(crate) origin: Option<NonZeroU16>,
    /// Whether it came as far as the app's own rules: then customHeaders.
    pub(crate) is_inside: bool,
    /// Whether, inside, it is to be told that this host speaks TLS.
    pub(crate) is_hsts: bool,
    /// Whether all this has been decided.
    pub(crate) is_decided: bool,
}

impl Wanted {
    /// For an answer that comes from before the app's own rules.
    pub(crate) fn outside(self) -> Self {
        Self {
            is_inside: false,
            ..self
        }
    }
}

/// `Strict-Transport-Security`, compiled.
struct Hsts {
    lines: Lines,
    excluded_hosts: Vec<String>,
}

pub(crate) struct Decoration {
    pub(crate) cors: Option<Cors>,
    hsts: Option<Hsts>,
    custom: Lines,
}

impl Decoration {
    pub(crate) fn compile(rules: &Rules) -> Result<Self, GatewayError> {
        let refuse = |what: &str| {
            let what = what.to_owned();
            move |source| GatewayError::Header { what, source }
        };
        let cors = rules.cors.as_ref().map(Cors::compile).transpose();
        let mut custom = Lines::new();
        for (name, value) in &rules.custom_headers {
            custom
                .push(name.as_bytes(), value.as_bytes())
                .map_err(refuse(&format!("customHeaders: '{name}'")))?;
        }
        let hsts = rules.hsts.as_ref().map(Hsts::compile).transpose();
        Ok(Self {
            cors: cors.map_err(refuse("CORS"))?,
            hsts: hsts.map_err(refuse("hsts"))?,
            custom,
        })
    }

    /// Whether anything may ever be added.
    pub(crate) fn is_set(&self) -> bool {
        self.cors.is_some() || self.hsts.is_some() || !self.custom.is_empty()
    }

    /// Whether a secure request to this host (as in its `Host` field) is to be told to stay with TLS.
    pub(crate) fn is_hsts_for(&self, host: &[u8]) -> bool {
        self.hsts.as_ref().is_some_and(|hsts| hsts.is_for(host))
    }

    /// Adds what is wanted to a head that has all its own fields.
    pub(crate) fn decorate(&self, head: &mut HeadWriter<'_>, wanted: Wanted) {
        if let (Some(cors), Some(origin)) = (&self.cors, wanted.origin) {
            cors.decorate(head, origin);
        }
        if !wanted.is_inside {
            return;
        }
        if let (Some(hsts), true) = (&self.hsts, wanted.is_hsts) {
            head.fill(&hsts.lines);
        }
        if !self.custom.is_empty() {
            head.fill(&self.custom);
        }
    }
}

impl Hsts {
    fn compile(rules: &HstsRules) -> Result<Self, ferrofunc_http::BadLine> {
        let mut lines = Lines::new();
        lines.push(b"Strict-Transport-Security", rules.value.as_bytes())?;
        Ok(Self {
            lines,
            excluded_hosts: rules.excluded_hosts.clone(),
        })
    }

    fn is_for(&self, host: &[u8]) -> bool {
        let name = without_port(host);
        !self
            .excluded_hosts
            .iter()
            .any(|excluded| excluded.as_bytes().eq_ignore_ascii_case(name))
    }
}

/// The name in `name:port`; an IPv6 address keeps its brackets.
fn without_port(host: &[u8]) -> &[u8] {
    let end = host.iter().rposition(|byte| *byte == b':');
    match end {
        Some(end) if host[end..].iter().skip(1).all(u8::is_ascii_digit) => &host[..end],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::CorsRules;
    use ferrofunc_http::{BodyKind, Reply, Version};

    fn rules() -> Rules {
        Rules {
            cors: Some(CorsRules {
                origins: vec!["https://a".into(), "https://b".into()],
                has_credentials: true,
            }),
            custom_headers: vec![("X-A".into(), "1".into()), ("Vary".into(), "X".into())],
            hsts: Some(HstsRules {
                value: "max-age=5".into(),
                excluded_hosts: vec!["localhost".into(), "[::1]".into()],
            }),
            ..Rules::default()
        }
    }

    /// What is added to a head with these fields.
    fn added(own: &[(&str, &str)], wanted: Wanted) -> String {
        let decoration = Decoration::compile(&rules()).expect("good rules");
        let mut out = Vec::new();
        let reply = Reply {
            status: 200,
            head_only: false,
            version: Version::Http11,
            keep_alive: true,
            body: BodyKind::None,
            date: "now",
        };
        let mut head = HeadWriter::new(&mut out, reply).expect("a status");
        for (name, value) in own {
            head.field(name.as_bytes(), value.as_bytes())
                .expect("a field");
        }
        decoration.decorate(&mut head, wanted);
        let plan = head.finish();
        assert!(plan.keep_alive);
        let text = String::from_utf8(out).expect("ASCII");
        let (_, fields) = text.split_once("\r\n").expect("a status line");
        let (fields, _) = fields.split_once("Server: ").expect("our fields");
        fields.replace("\r\n", ";")
    }

    const ALL: Wanted = Wanted {
        origin: NonZeroU16::new(2),
        is_inside: true,
        is_hsts: true,
        is_decided: true,
    };

    #[test]
    fn everything_is_added_where_it_is_absent() {
        assert_eq!(
            added(&[("X-Own", "x")], ALL),
            "X-Own: x;Access-Control-Allow-Origin: https://b;Access-Control-Allow-Credentials: true;\
             Vary: Origin;Strict-Transport-Security: max-age=5;X-A: 1;"
        );
    }

    #[test]
    fn what_a_function_says_of_cors_stands_alone() {
        assert_eq!(
            added(&[("access-control-allow-origin", "*"), ("x-a", "own")], ALL),
            "access-control-allow-origin: *;x-a: own;Strict-Transport-Security: max-age=5;Vary: X;"
        );
    }

    #[test]
    fn outside_only_cors_is_added() {
        assert_eq!(
            added(&[], ALL.outside()),
            "Access-Control-Allow-Origin: https://b;Access-Control-Allow-Credentials: true;Vary: Origin;"
        );
    }

    #[test]
    fn nothing_wanted_is_nothing_added() {
        assert_eq!(added(&[], Wanted::default()), "");
    }

    #[test]
    fn hosts_without_hsts() {
        let decoration = Decoration::compile(&rules()).expect("good rules");
        for (host, expected) in [
            ("localhost", false),
            ("LOCALHOST:7071", false),
            ("[::1]", false),
            ("[::1]:443", false),
            ("example.com", true),
            ("example.com:443", true),
            ("localhost.example.com", true),
            ("[::2]:443", true),
            ("", true),
        ] {
            assert_eq!(decoration.is_hsts_for(host.as_bytes()), expected, "{host}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_named() {
        let rules = Rules {
            custom_headers: vec![("Content-Length".into(), "5".into())],
            ..Rules::default()
        };
        let error = Decoration::compile(&rules).err().expect("a bad header");
        assert!(error.to_string().contains("'Content-Length'"), "{error}");
    }
}
