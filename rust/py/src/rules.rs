//! What Python says of all requests, as the gateway takes it: CORS, headers, limits, keys. Checks nothing
//! but types; `settings` has judged the values.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use ferrofunc_gateway::{CorsRules, HstsRules, Keys, Rules, Secret};
use pyo3::prelude::*;

/// A dictionary with these keys; each may be None or empty, which asks for nothing.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Given {
    cors_origins: Vec<String>,
    has_cors_credentials: bool,
    custom_headers: Vec<(String, String)>,
    hsts: Option<String>,
    hsts_excluded_hosts: Vec<String>,
    max_concurrent: Option<NonZeroUsize>,
    max_outstanding: Option<NonZeroUsize>,
    is_auth_enabled: bool,
}

impl From<Given> for Rules {
    fn from(given: Given) -> Self {
        Self {
            cors: (!given.cors_origins.is_empty()).then_some(CorsRules {
                origins: given.cors_origins,
                has_credentials: given.has_cors_credentials,
            }),
            custom_headers: given.custom_headers,
            hsts: given.hsts.map(|value| HstsRules {
                value,
                excluded_hosts: given.hsts_excluded_hosts,
            }),
            max_concurrent: given.max_concurrent,
            max_outstanding: given.max_outstanding,
            is_auth_enabled: given.is_auth_enabled,
        }
    }
}

fn secrets(texts: &[String]) -> Vec<Secret> {
    texts.iter().map(|text| Secret::new(text)).collect()
}

pub(crate) fn keys(
    master: &str,
    host: &[String],
    system: HashMap<String, String>,
    functions: HashMap<String, Vec<String>>,
) -> Keys {
    Keys {
        master: Secret::new(master),
        host: secrets(host),
        system: system
            .into_iter()
            .map(|(name, text)| (name, Secret::new(&text)))
            .collect(),
        functions: functions
            .into_iter()
            .map(|(name, texts)| (name, secrets(&texts)))
            .collect(),
    }
}
