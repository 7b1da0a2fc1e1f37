//! Two lines of text, a template and a path. The template is a route or a refusal that names it, with
//! a slash before it too; what a match tells are parameters that the template declares, each once.
#![no_main]

use ferrofunc_route::{Params, RouterBuilder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (template, path) = text.split_once('\n').unwrap_or((text, "/"));
    let mut bare = RouterBuilder::new();
    let added = bare.add(template, None, ());
    if let Err(error) = &added {
        assert!(error.to_string().contains(template));
    }
    if template.starts_with(['/', '~']) {
        return;
    }
    let mut slashed = RouterBuilder::new();
    let added_slashed = slashed.add(&format!("/{template}"), None, ());
    assert_eq!(added.is_ok(), added_slashed.is_ok());

    let find = |builder: RouterBuilder<()>| -> Option<Vec<(String, String)>> {
        let mut params = Params::new();
        let found = builder
            .build()
            .find(b"GET", path.as_bytes(), &mut params)
            .is_some();
        let params = params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        found.then(|| params.collect())
    };
    let found = find(bare);
    assert_eq!(found, find(slashed));
    let mut names: Vec<String> = Vec::new();
    for (name, _) in found.unwrap_or_default() {
        let declared = template.replace("{{", "{").replace("}}", "}");
        assert!(declared.contains(&name), "{name} is not in the template");
        let upper = name.to_ascii_uppercase();
        assert!(!names.contains(&upper), "{name} came twice");
        names.push(upper);
    }
});
