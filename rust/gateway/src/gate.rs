//! What stands before routing (spec http.md 1): CORS, a host that is offline or has failed, limits, keys.
//!
//! `dispatch` asks here before it looks for a Function and again before it has one run. All is decided
//! without Python. Where nothing is configured, one look at `is_any` is all it costs.

use std::num::NonZeroU16;
use std::sync::Arc;

use crate::auth::{AuthLevel, Door, Guard, Keys};
use crate::client::{Client, Request};
use crate::config::{GatewayError, Rules};
use crate::console::Level;
use crate::cors::{Asked, preflight_fields};
use crate::decorate::{Decoration, Wanted};
use crate::host::Event;
use crate::reactor::Reactor;
use crate::report::Served;
use crate::throttle::Throttle;

pub(crate) struct Gates {
    /// Whether a request has to be looked at before it is routed.
    pub(crate) is_any: bool,
    pub(crate) decoration: Decoration,
    pub(crate) throttle: Throttle,
    /// None while keys do not matter.
    guard: Option<Guard>,
    /// The page that answers in the app's place.
    offline: Option<Arc<[u8]>>,
    has_failed: bool,
}

impl Gates {
    pub(crate) fn compile(rules: &Rules) -> Result<Self, GatewayError> {
        let mut gates = Self {
            is_any: false,
            decoration: Decoration::compile(rules)?,
            throttle: Throttle::new(rules.max_concurrent, rules.max_outstanding),
            guard: rules.is_auth_enabled.then(Guard::new),
            offline: None,
            has_failed: false,
        };
        gates.count();
        Ok(gates)
    }

    fn count(&mut self) {
        self.is_any = self.decoration.is_set()
            || self.throttle.is_set()
            || self.offline.is_some()
            || self.has_failed;
    }

    /// Decides how the Functions of a new table are entered.
    pub(crate) fn bind(&mut self, functions: &mut [Served]) {
        for function in &mut *functions {
            let (needed, is_disabled) = (function.auth_level, function.is_disabled);
            function.door = Door::of(needed, is_disabled, self.guard.is_some());
        }
        if let Some(guard) = &mut self.guard {
            guard.bind(names(functions));
        }
    }
}

fn names(functions: &[Served]) -> impl Iterator<Item = &str> {
    functions.iter().map(|function| function.name.as_str())
}

/// The first step of a path.
pub(crate) fn first_step(path: &[u8]) -> &[u8] {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    path.split(|byte| *byte == b'/').next().unwrap_or_default()
}

impl Reactor {
    /// Answers a request that does not come as far as routing. True if it was answered. Decides, the first
    /// time, what its response will want.
    pub(crate) fn is_stopped_at_gates(
        &mut self,
        client: &mut Client,
        request: &mut Request<'_>,
    ) -> bool {
        let wanted = &mut request.manner.wanted;
        if !wanted.is_decided {
            *wanted = Wanted {
                is_decided: true,
                is_inside: true,
                ..Wanted::default()
            };
            if client.stream.is_secure() {
                let host = request.values(b"Host").next().unwrap_or_default();
                request.manner.wanted.is_hsts = self.gates.decoration.is_hsts_for(host);
            }
            if self.is_preflight(client, request) {
                return true;
            }
        }
        if !self.gates.has_failed && self.gates.offline.is_none() {
            return false;
        }
        let (path, _) = request.path_and_query();
        if first_step(path).eq_ignore_ascii_case(b"admin") {
            return false;
        }
        if let Some(page) = self.gates.offline.clone() {
            let mut manner = request.manner;
            manner.wanted = manner.wanted.outside();
            let fields = [(&b"Content-Type"[..], &b"text/html"[..])];
            self.answer_here(client, manner, 503, fields.into_iter(), &page);
        } else {
            self.refuse_unready(client, request.manner);
        }
        true
    }

    /// Does what CORS asks for. True if the request was a preflight, and is answered.
    fn is_preflight(&mut self, client: &mut Client, request: &mut Request<'_>) -> bool {
        let Some(cors) = &mut self.gates.decoration.cors else {
            return false;
        };
        let (allowed, is_preflight) = match cors.judge(request) {
            Asked::Nothing => return false,
            Asked::Answer(allowed) => (allowed, false),
            Asked::Preflight(allowed) => (allowed, true),
        };
        if allowed.is_none()
            && let Some(line) = cors.try_explain(request, self.now)
        {
            self.report.remark(Level::Warning, &line);
        }
        request.manner.wanted.origin = allowed;
        if is_preflight {
            self.answer_preflight(client, request, allowed);
        }
        is_preflight
    }

    fn answer_preflight(
        &mut self,
        client: &mut Client,
        request: &Request<'_>,
        allowed: Option<NonZeroU16>,
    ) {
        let mut manner = request.manner;
        manner.wanted = manner.wanted.outside();
        let fields = match allowed {
            Some(_) => preflight_fields(request),
            None => Vec::new(),
        };
        let fields = fields.iter().map(|(name, value)| (*name, &value[..]));
        self.answer_here(client, manner, 204, fields, b"");
    }

    /// Says 429 to a request that is one too many.
    pub(crate) fn refuse_surplus(&mut self, client: &mut Client, request: &Request<'_>) {
        if let Some(line) = self.gates.throttle.try_explain(self.now) {
            self.report.remark(Level::Warning, &line);
        }
        let fields = [(&b"X-FUNCTION-SCALEOUT"[..], &b"1"[..])];
        self.answer_here(client, request.manner, 429, fields.into_iter(), b"");
    }

    /// The status that answers in a Function's place, if this caller may not have it run.
    pub(crate) fn refusal(&mut self, request: &Request<'_>, row: u16) -> Option<u16> {
        let function = self.table.as_ref()?.functions.get(usize::from(row))?;
        match (function.door, &mut self.gates.guard) {
            (Door::Open, _) => None,
            (Door::Shut, _) => Some(404),
            // Cannot be: doors are locked by a guard alone.
            (Door::Locked, None) => Some(401),
            (Door::Locked, Some(guard)) => {
                let (needed, is_disabled) = (function.auth_level, function.is_disabled);
                let admitted = guard.try_admit(request, row, needed, is_disabled, self.now);
                let refusal = admitted.err()?;
                if refusal.is_news {
                    self.mailbox.tell(Event::UnknownKey);
                }
                Some(refusal.status)
            }
        }
    }

    /// What a request to the host itself proves: its level, and the name of its system key.
    pub(crate) fn prove_to_host(&mut self, request: &Request<'_>) -> (AuthLevel, Option<String>) {
        let Some(guard) = &mut self.gates.guard else {
            return (AuthLevel::Admin, None);
        };
        let proof = guard.prove(request, None);
        if guard.is_news(proof, self.now) {
            self.mailbox.tell(Event::UnknownKey);
        }
        (proof.level, guard.system_key(proof).map(str::to_owned))
    }

    pub(crate) fn set_keys(&mut self, keys: Keys) {
        if let Some(guard) = &mut self.gates.guard {
            let functions = self.table.as_ref().map(|table| &table.functions[..]);
            guard.set_keys(keys, names(functions.unwrap_or_default()));
        }
    }

    pub(crate) fn set_offline(&mut self, page: Option<Vec<u8>>) {
        self.gates.offline = page.map(Into::into);
        self.gates.count();
        self.unpark_all();
    }

    pub(crate) fn set_failed(&mut self, has_failed: bool) {
        self.gates.has_failed = has_failed;
        self.gates.count();
        self.unpark_all();
    }
}
