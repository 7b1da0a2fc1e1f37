//! Lines of text: the last is a path, those before it are templates. Nothing may panic, and the
//! tree of all templates must answer as the templates do one by one, in order.

#![no_main]

use ferrofunc_route::{Params, RouterBuilder};
use libfuzzer_sys::fuzz_target;

/// Enough for routes to share nodes, few enough to be fast.
const MAX_TEMPLATES: usize = 6;

fuzz_target!(|data: &[u8]| {
    let (templates, path) = match data.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &b"/"[..]),
    };
    let templates = String::from_utf8_lossy(templates);
    let mut all = RouterBuilder::new();
    let mut expected = None;
    for (index, template) in templates.lines().take(MAX_TEMPLATES).enumerate() {
        let mut one = RouterBuilder::new();
        match one.add(template, None, index) {
            Ok(()) => all.add(template, None, index).expect("accepted alone"),
            Err(error) => {
                assert!(error.to_string().contains(template));
                continue;
            }
        }
        let mut params = Params::new();
        if expected.is_none() && one.build().find(b"GET", path, &mut params).is_some() {
            expected = Some((index, params));
        }
    }
    let mut params = Params::new();
    let found = all.build().find(b"GET", path, &mut params).copied();
    assert_eq!(found, expected.as_ref().map(|(index, _)| *index));
    let values = expected
        .as_ref()
        .map_or_else(Vec::new, |(_, params)| params.iter().collect());
    assert_eq!(params.iter().collect::<Vec<_>>(), values);
});
