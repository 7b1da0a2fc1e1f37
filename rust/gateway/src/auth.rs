//! Keys (spec http.md 8): what a request's key proves, and whether that is enough for a Function.
//!
//! The keys come from Python, which keeps them in files; they are compared here, in a time that does not
//! depend on what is right in them, and never shown. Without `--enableAuth` there is no `Guard`, and every
//! caller is Admin.

use std::fmt;

use subtle::ConstantTimeEq;

use crate::client::Request;
use crate::seldom::Seldom;

const HEADER: &[u8] = b"x-functions-key";
const PARAMETER: &[u8] = b"code";
/// How often at most Python is told of an unknown key, so that it may look for new ones.
const PAUSE_NS: u64 = 60_000_000_000;

/// What a Function asks for, and what a key proves; the official host's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthLevel {
    /// Nothing.
    Anonymous,
    /// A user who has signed in. Nobody can here: only the master key proves as much.
    User,
    /// A key of the Function itself or of all Functions.
    Function,
    /// A key of an extension.
    System,
    /// The master key.
    Admin,
}

impl AuthLevel {
    /// From its name in lower case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "anonymous" => Self::Anonymous,
            "user" => Self::User,
            "function" => Self::Function,
            "system" => Self::System,
            "admin" => Self::Admin,
            _ => return None,
        })
    }

    /// Its name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User => "user",
            Self::Function => "function",
            Self::System => "system",
            Self::Admin => "admin",
        }
    }

    /// Whether a key that proves this opens what needs `needed`. Levels are no ladder: a system key does
    /// not open a Function.
    fn opens(self, needed: Self) -> bool {
        needed == Self::Anonymous || self == Self::Admin || self == needed
    }
}

/// A key. Shown nowhere, not even for debugging.
#[derive(Clone)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Of its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().into())
    }

    /// Whether it is this key. An empty text is none.
    fn is(&self, presented: &[u8]) -> bool {
        if self.0.is_empty() || self.0.len() != presented.len() {
            return false;
        }
        // All bytes count, whichever differ; the one decision is taken at the end.
        let (own, own_rest) = self.0.as_chunks::<8>();
        let (other, other_rest) = presented.as_chunks::<8>();
        let mut difference = 0;
        for (own, other) in own.iter().zip(other) {
            difference |= u64::from_ne_bytes(*own) ^ u64::from_ne_bytes(*other);
        }
        for (own, other) in own_rest.iter().zip(other_rest) {
            difference |= u64::from(own ^ other);
        }
        difference.ct_eq(&0).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// All keys of the app. Names are not secret; those of Functions are in lower case.
#[derive(Debug)]
pub struct Keys {
    /// Opens everything.
    pub master: Secret,
    /// Open every Function.
    pub host: Vec<Secret>,
    /// Open what an extension serves, by name.
    pub system: Vec<(String, Secret)>,
    /// Open one Function, by its name.
    pub functions: Vec<(String, Vec<Secret>)>,
}

/// What a request's key proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) level: AuthLevel,
    /// The place of the system key.
    system: Option<usize>,
    /// There is a key, and nobody knows it.
    is_unknown: bool,
}

impl Proof {
    const fn of(level: AuthLevel) -> Self {
        Self {
            level,
            system: None,
            is_unknown: false,
        }
    }
}

/// How a Function is entered; decided when it is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Open,
    /// It is disabled: 404 for everybody.
    Shut,
    /// It takes a key.
    Locked,
}

impl Door {
    /// A disabled Function runs for Admin alone; whoever calls an anonymous one is nobody (http.md 8.1).
    pub(crate) fn of(needed: AuthLevel, is_disabled: bool, is_auth_enabled: bool) -> Self {
        match (needed, is_auth_enabled) {
            (AuthLevel::Anonymous, _) if is_disabled => Self::Shut,
            (AuthLevel::Anonymous, _) | (_, false) => Self::Open,
            (_, true) => Self::Locked,
        }
    }
}

/// Why a caller may not have a Function run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// Whether Python should look for new keys.
    pub(crate) is_news: bool,
}

pub(crate) struct Guard {
    keys: Option<Keys>,
    /// Places in `keys.functions`, by row of the Function table.
    rows: Vec<Option<usize>>,
    /// The key of the request at hand, decoded.
    presented: Vec<u8>,
    unknown: Seldom,
}

impl Guard {
    /// Without keys: nothing can be proved yet.
    pub(crate) fn new() -> Self {
        Self {
            keys: None,
            rows: Vec::new(),
            presented: Vec::new(),
            unknown: Seldom::new(1, PAUSE_NS),
        }
    }

    /// Puts keys into force, and no others.
    pub(crate) fn set_keys<'n>(&mut self, keys: Keys, names: impl Iterator<Item = &'n str>) {
        self.keys = Some(keys);
        self.bind(names);
    }

    /// Learns which row is which Function.
    pub(crate) fn bind<'n>(&mut self, names: impl Iterator<Item = &'n str>) {
        let Some(keys) = &self.keys else {
            return;
        };
        self.rows = names
            .map(|name| {
                let name = name.to_lowercase();
                keys.functions.iter().position(|(own, _)| *own == name)
            })
            .collect();
    }

    /// Whether a Function that takes a key may run, and why not.
    pub(crate) fn try_admit(
        &mut self,
        request: &Request<'_>,
        row: u16,
        needed: AuthLevel,
        is_disabled: bool,
        now_ns: u64,
    ) -> Result<(), Refusal> {
        let proof = self.prove(request, Some(row));
        if !proof.level.opens(needed) {
            return Err(Refusal {
                status: 401,
                is_news: self.is_news(proof, now_ns),
            });
        }
        if is_disabled && proof.level != AuthLevel::Admin {
            return Err(Refusal {
                status: 404,
                is_news: false,
            });
        }
        Ok(())
    }

    /// Whether Python should be told of this key now.
    pub(crate) fn is_news(&mut self, proof: Proof, now_ns: u64) -> bool {
        proof.is_unknown && self.unknown.try_speak(now_ns).is_some()
    }

    /// What the request's key proves to a Function; to the host itself, if there is no row: then a key of
    /// any Function counts.
    pub(crate) fn prove(&mut self, request: &Request<'_>, row: Option<u16>) -> Proof {
        let mut presented = std::mem::take(&mut self.presented);
        presented.clear();
        present(request, &mut presented);
        let proof = if presented.is_empty() {
            Proof::of(AuthLevel::Anonymous)
        } else {
            self.look_up(&presented, row)
        };
        self.presented = presented;
        proof
    }

    fn look_up(&self, presented: &[u8], row: Option<u16>) -> Proof {
        let unknown = Proof {
            is_unknown: true,
            ..Proof::of(AuthLevel::Anonymous)
        };
        let Some(keys) = &self.keys else {
            return unknown;
        };
        if keys.master.is(presented) {
            return Proof::of(AuthLevel::Admin);
        }
        if let Some(place) = keys.system.iter().position(|(_, key)| key.is(presented)) {
            return Proof {
                system: Some(place),
                ..Proof::of(AuthLevel::System)
            };
        }
        let knows = |own: &[Secret]| own.iter().any(|key| key.is(presented));
        let is_of_function = match row {
            None => keys.functions.iter().any(|(_, own)| knows(own)),
            Some(row) => self
                .rows
                .get(usize::from(row))
                .copied()
                .flatten()
                .and_then(|place| keys.functions.get(place))
                .is_some_and(|(_, own)| knows(own)),
        };
        if is_of_function || knows(&keys.host) {
            return Proof::of(AuthLevel::Function);
        }
        unknown
    }

    /// The name of the system key that was presented.
    pub(crate) fn system_key(&self, proof: Proof) -> Option<&str> {
        let (name, _) = self.keys.as_ref()?.system.get(proof.system?)?;
        Some(name)
    }
}

/// Finds the request's key: the header's, even if it is empty, else that of the query.
fn present(request: &Request<'_>, key: &mut Vec<u8>) {
    if let Some(value) = request.values(HEADER).next() {
        key.extend_from_slice(value);
        return;
    }
    let (_, query) = request.path_and_query();
    for pair in query.split(|byte| *byte == b'&') {
        let end = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = end.map_or((pair, &b""[..]), |end| (&pair[..end], &pair[end + 1..]));
        if decoded(name)
            .map(|byte| byte.to_ascii_lowercase())
            .eq(PARAMETER.iter().copied())
        {
            key.extend(decoded(value));
            return;
        }
    }
}

/// Query text without its escapes; one that is broken stays as it is.
fn decoded(text: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (byte, length) = match rest {
            [] => return None,
            [b'%', high, low, ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, 3),
                _ => (b'%', 1),
            },
            [b'+', ..] => (b' ', 1),
            [byte, ..] => (*byte, 1),
        };
        rest = &rest[length..];
        Some(byte)
    })
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Kept;
    use crate::client::testing::request;
    use AuthLevel::{Admin, Anonymous, Function, System, User};

    const NAMES: [&str; 2] = ["Orders", "Invoices"];

    fn secrets(texts: &[&str]) -> Vec<Secret> {
        texts.iter().map(|text| Secret::new(text)).collect()
    }

    fn guard() -> Guard {
        let mut guard = Guard::new();
        guard.bind(NAMES.into_iter());
        guard.set_keys(
            Keys {
                master: Secret::new("the-master"),
                host: secrets(&["host-one==", "host two"]),
                system: vec![("durabletask_extension".into(), Secret::new("the-system"))],
                functions: vec![
                    ("orders".into(), secrets(&["of-orders", ""])),
                    ("invoices".into(), secrets(&["of-invoices"])),
                ],
            },
            NAMES.into_iter(),
        );
        guard
    }

    fn with_header(key: &str) -> Kept {
        request("GET /api/orders HTTP/1.1", &[("X-Functions-Key", key)])
    }

    fn with_query(query: &str) -> Kept {
        request(&format!("GET /api/orders?{query} HTTP/1.1"), &[])
    }

    #[test]
    fn which_key_proves_what() {
        for (key, orders, host) in [
            ("the-master", Admin, Admin),
            ("the-system", System, System),
            ("host-one==", Function, Function),
            ("host two", Function, Function),
            ("of-orders", Function, Function),
            ("of-invoices", Anonymous, Function),
            ("nobody's", Anonymous, Anonymous),
            ("", Anonymous, Anonymous),
            ("the-maste", Anonymous, Anonymous),
            ("THE-MASTER", Anonymous, Anonymous),
        ] {
            let (mut guard, kept) = (guard(), with_header(key));
            assert_eq!(guard.prove(&kept.request(), Some(0)).level, orders, "{key}");
            assert_eq!(guard.prove(&kept.request(), None).level, host, "{key}");
        }
    }

    #[test]
    fn which_level_opens_what() {
        let all = [Anonymous, User, Function, System, Admin];
        for (needed, opened_by) in [
            (Anonymous, &all[..]),
            (User, &[User, Admin]),
            (Function, &[Function, Admin]),
            (System, &[System, Admin]),
            (Admin, &[Admin]),
        ] {
            for level in all {
                assert_eq!(level.opens(needed), opened_by.contains(&level), "{level:?}");
            }
        }
    }

    #[test]
    fn where_a_key_is_looked_for() {
        for (query, expected) in [
            ("code=of-orders", Function),
            ("a=b&CODE=of-orders", Function),
            ("code=host-one==", Function),
            ("code=host+two", Function),
            ("code=host%20two", Function),
            ("c%6Fde=of%2Dorders", Function),
            ("code=of-orders&code=the-master", Function),
            ("code=&code=the-master", Anonymous),
            ("code&code=the-master", Anonymous),
            ("xcode=the-master", Anonymous),
            ("code=the%2master", Anonymous),
            ("the-master", Anonymous),
            ("", Anonymous),
        ] {
            let (mut guard, kept) = (guard(), with_query(query));
            let proof = guard.prove(&kept.request(), Some(0));
            assert_eq!(proof.level, expected, "{query}");
        }
    }

    #[test]
    fn a_header_hides_the_query_even_if_it_is_empty() {
        let line = "GET /api/orders?code=the-master HTTP/1.1";
        for key in ["", "wrong"] {
            let kept = request(line, &[("x-functions-key", key)]);
            assert_eq!(guard().prove(&kept.request(), Some(0)).level, Anonymous);
        }
        let two = request(
            line,
            &[
                ("x-functions-key", "of-orders"),
                ("x-functions-key", "the-master"),
            ],
        );
        assert_eq!(guard().prove(&two.request(), Some(0)).level, Function);
    }

    #[test]
    fn before_the_first_keys_nothing_is_proved() {
        let mut guard = Guard::new();
        let kept = with_header("the-master");
        let refusal = guard.try_admit(&kept.request(), 0, Function, false, 1);
        assert_eq!(refusal.map_err(|refusal| refusal.status), Err(401));
    }

    #[test]
    fn new_keys_replace_the_old() {
        let mut guard = guard();
        guard.set_keys(
            Keys {
                master: Secret::new("renewed"),
                host: Vec::new(),
                system: Vec::new(),
                functions: Vec::new(),
            },
            NAMES.into_iter(),
        );
        for (key, expected) in [("renewed", Admin), ("the-master", Anonymous)] {
            let kept = with_header(key);
            assert_eq!(guard.prove(&kept.request(), None).level, expected);
        }
    }

    #[test]
    fn a_disabled_function_runs_for_the_master_alone() {
        for (key, expected) in [
            ("the-master", Ok(())),
            ("of-orders", Err(404)),
            ("wrong", Err(401)),
        ] {
            let kept = with_header(key);
            let admitted = guard().try_admit(&kept.request(), 0, Function, true, 1);
            assert_eq!(admitted.map_err(|refusal| refusal.status), expected);
        }
    }

    #[test]
    fn doors() {
        for (needed, is_disabled, is_auth_enabled, expected) in [
            (Anonymous, false, false, Door::Open),
            (Anonymous, false, true, Door::Open),
            (Anonymous, true, false, Door::Shut),
            (Anonymous, true, true, Door::Shut),
            (Function, false, false, Door::Open),
            (Function, true, false, Door::Open),
            (Function, false, true, Door::Locked),
            (Function, true, true, Door::Locked),
            (Admin, false, true, Door::Locked),
        ] {
            assert_eq!(Door::of(needed, is_disabled, is_auth_enabled), expected);
        }
    }

    #[test]
    fn an_unknown_key_is_news_once_a_minute() {
        let mut guard = guard();
        let kept = with_header("wrong");
        let news = [1, 2, PAUSE_NS, PAUSE_NS + 1, 2 * PAUSE_NS + 1].map(|now| {
            let refused = guard.try_admit(&kept.request(), 0, Function, false, now);
            refused.expect_err("a wrong key").is_news
        });
        assert_eq!(news, [true, false, false, true, true]);
        let none = request("GET /api/orders HTTP/1.1", &[]);
        let refused = guard.try_admit(&none.request(), 0, Function, false, 9 * PAUSE_NS);
        assert!(!refused.expect_err("no key").is_news);
    }

    #[test]
    fn the_system_key_has_a_name() {
        let mut guard = guard();
        let kept = with_header("the-system");
        let proof = guard.prove(&kept.request(), None);
        assert_eq!(guard.system_key(proof), Some("durabletask_extension"));
        let kept = with_header("the-master");
        let proof = guard.prove(&kept.request(), None);
        assert_eq!(guard.system_key(proof), None);
    }

    #[test]
    fn a_key_is_never_shown() {
        assert_eq!(format!("{:?}", Secret::new("the-master")), "Secret");
    }
}
