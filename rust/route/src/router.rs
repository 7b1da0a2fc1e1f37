//! The door: routes are added in the host's order, built once, and searched for every request.
//! Joins the tree's search with what only a route knows: its methods, its constraints, the names
//! of its parameters. A `Router` is immutable and may be shared; each caller brings its `Params`.

use crate::complex::Hole;
use crate::error::TemplateError;
use crate::parameter::Parameter;
use crate::params::{Params, Scratch};
use crate::path::Segments;
use crate::template::{self, Segment};
use crate::tree::{Order, Tree};

/// Collects routes in the order in which they are to win.
#[derive(Debug)]
pub struct RouterBuilder<T> {
    routes: Vec<Route<T>>,
    tree: Tree,
}

/// All routes of an app, ready to be searched.
#[derive(Debug)]
pub struct Router<T> {
    routes: Vec<Route<T>>,
    tree: Tree,
}

#[derive(Debug)]
struct Route<T> {
    /// The segments that have parameters, each with its place in the path.
    segments: Box<[(usize, Segment)]>,
    /// `None`: every method. Empty: none at all.
    methods: Option<Box<[Box<str>]>>,
    is_constrained: bool,
    value: T,
}

impl<T> Default for RouterBuilder<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> RouterBuilder<T> {
    /// Without routes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            routes: Vec::new(),
            tree: Tree::new(),
        }
    }

    /// Adds a route after all others. `template` is the effective one, prefix included. `methods`
    /// are compared ignoring case; `None` stands for every method, an empty list for none.
    pub fn add(
        &mut self,
        template: &str,
        methods: Option<&[String]>,
        value: T,
    ) -> Result<(), TemplateError> {
        let segments = template::parse(template)?;
        self.tree.insert(&segments, self.routes.len() as Order);
        let is_constrained = segments
            .iter()
            .flat_map(Segment::parameters)
            .any(Parameter::is_constrained);
        let methods =
            methods.map(|list| list.iter().map(|method| method.as_str().into()).collect());
        let segments = segments
            .into_iter()
            .enumerate()
            .filter(|(_, segment)| !segment.parameters().is_empty())
            .collect();
        self.routes.push(Route {
            segments,
            methods,
            is_constrained,
            value,
        });
        Ok(())
    }

    /// Ends the adding.
    #[must_use]
    pub fn build(self) -> Router<T> {
        Router {
            routes: self.routes,
            tree: self.tree,
        }
    }
}

impl<T> Router<T> {
    /// The value of the first added route that matches, its parameters in `params`.
    ///
    /// `path` is the raw path of the request line, without the query. If nothing matches, `params`
    /// is left empty.
    pub fn find<'r>(&'r self, method: &[u8], path: &[u8], params: &mut Params) -> Option<&'r T> {
        let Params {
            values,
            scratch: Scratch {
                path: buffers,
                search,
            },
        } = params;
        values.clear();
        let segments = buffers.read(path)?;
        let order = self.tree.find(segments, search, |order, holes| {
            let route = &self.routes[order as usize];
            route.allows(method) && route.accepts(segments, holes)
        })?;
        let route = &self.routes[order as usize];
        route.visit(segments, &mut search.holes, |parameter, text| {
            if let Some(value) = text.or(parameter.default.as_deref()) {
                values.push(&parameter.name, value);
            }
            true
        });
        Some(&route.value)
    }

    /// How many routes were added.
    #[must_use]
    pub fn len(&self) -> usize {
        self.routes.len()
    }

    /// Whether no route was added, so that nothing is ever found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }
}

impl<T> Route<T> {
    fn allows(&self, method: &[u8]) -> bool {
        self.methods.as_deref().is_none_or(|allowed| {
            allowed
                .iter()
                .any(|known| known.as_bytes().eq_ignore_ascii_case(method))
        })
    }

    fn accepts(&self, segments: Segments<'_>, holes: &mut Vec<Hole>) -> bool {
        !self.is_constrained || self.visit(segments, holes, Parameter::accepts)
    }

    /// Shows each parameter with its text in a path that fits, until `look` says no.
    fn visit<'r>(
        &'r self,
        path: Segments<'_>,
        holes: &mut Vec<Hole>,
        mut look: impl FnMut(&'r Parameter, Option<&str>) -> bool,
    ) -> bool {
        for &(index, ref segment) in &self.segments {
            let goes_on = match segment {
                Segment::Literal(_) => true,
                Segment::Parameter(parameter) => {
                    look(parameter, path.get(index).map(|(text, _)| text))
                }
                Segment::CatchAll(parameter) => look(parameter, path.rest(index)),
                Segment::Complex(shape, parameters) => match path.get(index) {
                    Some((text, _)) if shape.read(text, holes) => parameters
                        .iter()
                        .zip(holes.iter())
                        .all(|(parameter, hole)| {
                            look(parameter, hole.map(|(start, end)| &text[start..end]))
                        }),
                    _ => false,
                },
            };
            if !goes_on {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Router, RouterBuilder};
    use crate::Params;

    #[test]
    fn a_router_may_be_shared_and_sent() {
        fn is_shareable<T: Send + Sync>(_: &T) {}
        let empty: Router<u32> = RouterBuilder::default().build();
        is_shareable(&empty);
        assert!(empty.is_empty());
        assert_eq!(empty.find(b"GET", b"/", &mut Params::new()), None);
    }

    #[test]
    fn params_hold_the_last_match_only() {
        let mut builder = RouterBuilder::new();
        builder
            .add("{First}/{second?}", None, ())
            .expect("a valid template");
        let router = builder.build();
        let mut params = Params::new();
        assert!(router.find(b"GET", b"/a/b", &mut params).is_some());
        assert_eq!((params.len(), params.iter().len()), (2, 2));
        assert_eq!(
            (params.get("FIRST"), params.get("second"), params.get("x")),
            (Some("a"), Some("b"), None)
        );
        assert!(router.find(b"GET", b"/c", &mut params).is_some());
        assert_eq!((&params).into_iter().collect::<Vec<_>>(), [("First", "c")]);
        assert!(router.find(b"GET", b"/a/b/c", &mut params).is_none());
        assert!(params.is_empty());
    }
}
