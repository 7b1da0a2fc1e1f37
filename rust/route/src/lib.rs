//! Route templates in, matches out: which function answers `METHOD /path`.
//!
//! The language is the one function authors already write (`items/{id:int?}`, `files/{*path}`):
//! the route templates of the official host. Two laws hold everywhere in this crate:
//!
//! 1. **The first added route that matches wins.** There is no ranking by specificity; the caller
//!    adds routes in its own order and the tree only finds the winner sooner than a scan would.
//! 2. **No input panics.** Templates come from users and paths from the network: a bad template is
//!    a [`TemplateError`], a strange path is simply no match.
//!
//! Nothing here reads a clock, a file or a socket. The gateway calls [`Router::find`] once per
//! request; whoever indexes functions calls [`RouterBuilder::add`] once per route.
//!
//! Read in this order: `template` (text to segments), `constraint` (what a value
//! must look like), `path` (bytes to segments), `tree` (the search), `router` (the door).

#![forbid(unsafe_code)]

mod complex;
mod constraint;
mod error;
mod fold;
mod literals;
mod parameter;
mod params;
mod path;
mod router;
mod template;
mod tree;

pub use error::{ConstraintFault, SyntaxFault, TemplateError};
pub use params::{Iter, Params};
pub use router::{Router, RouterBuilder};

/// Whether a function's route collides with the built-in ones and must not be mapped: its text,
/// without surrounding slashes and ignoring case, starts with `admin` or `runtime`. A plain prefix
/// test, so `administrators` is refused as well, and asked of the route before the prefix is added.
#[must_use]
pub fn is_reserved(template: &str) -> bool {
    let text = template.trim_matches('/').as_bytes();
    [b"admin".as_slice(), b"runtime"].iter().any(|prefix| {
        text.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    })
}
