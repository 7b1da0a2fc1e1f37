//! All templates as one tree over segments, searched for the route added first. A node has at most
//! one child per literal, found by hash, one child for any text, and one per kind of mixed segment;
//! constraints are judged only where a route ends, so routes differing in nothing else share nodes.
//! Each node knows the first route below it and is skipped once an earlier one is found: the search
//! visits few nodes however many routes there are, and no node twice. Called by the router only.

use crate::complex::{Hole, Shape};
use crate::literals::Literals;
use crate::path::Segments;
use crate::template::Segment;

/// A route's place in the order of adding.
pub(crate) type Order = u32;
pub(crate) type NodeId = usize;

const NONE: Order = Order::MAX;
const ROOT: NodeId = 0;

#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    shapes: Vec<Shape>,
}

#[derive(Debug)]
struct Node {
    /// The first route that ends here or below.
    first: Order,
    literals: Literals,
    parameter: Option<NodeId>,
    /// Indices into the tree's shapes, with the child for each.
    complex: Vec<(usize, NodeId)>,
    /// Routes that may end here, earliest first.
    ends: Vec<Order>,
    /// Routes whose catch-all starts here, earliest first.
    catch_alls: Vec<Order>,
}

/// A search's buffers.
#[derive(Debug, Default)]
pub(crate) struct Search {
    pending: Vec<(NodeId, usize)>,
    pub(crate) holes: Vec<Hole>,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Self {
            nodes: vec![Node::new(NONE)],
            shapes: Vec::new(),
        }
    }

    /// Routes must come in order: `order` greater than any before.
    pub(crate) fn insert(&mut self, segments: &[Segment], order: Order) {
        let omittable = segments
            .iter()
            .rev()
            .take_while(|segment| segment.is_omittable())
            .count();
        let required = segments.len() - omittable;
        let mut node = ROOT;
        self.nodes[ROOT].first = self.nodes[ROOT].first.min(order);
        for (index, segment) in segments.iter().enumerate() {
            if matches!(segment, Segment::CatchAll(_)) {
                self.nodes[node].catch_alls.push(order);
                return;
            }
            if index >= required {
                self.nodes[node].ends.push(order);
            }
            node = self.child(node, segment, order);
        }
        self.nodes[node].ends.push(order);
    }

    fn child(&mut self, parent: NodeId, segment: &Segment, order: Order) -> NodeId {
        let fresh = self.nodes.len();
        let node = &mut self.nodes[parent];
        let child = match segment {
            Segment::Literal(text) => node.literals.find_or_insert(text, fresh),
            Segment::Parameter(_) | Segment::CatchAll(_) => *node.parameter.get_or_insert(fresh),
            Segment::Complex(shape, _) => {
                let index = self
                    .shapes
                    .iter()
                    .position(|known| known == shape)
                    .unwrap_or_else(|| {
                        self.shapes.push(shape.clone());
                        self.shapes.len() - 1
                    });
                let known = node.complex.iter().find(|(known, _)| *known == index);
                if let Some(&(_, child)) = known {
                    child
                } else {
                    node.complex.push((index, fresh));
                    fresh
                }
            }
        };
        if child == fresh {
            self.nodes.push(Node::new(order));
        }
        child
    }

    /// The earliest route whose segments fit and that `accepts` takes. `accepts` is asked in no
    /// particular order, but never about a route later than one it took.
    pub(crate) fn find(
        &self,
        segments: Segments<'_>,
        search: &mut Search,
        mut accepts: impl FnMut(Order, &mut Vec<Hole>) -> bool,
    ) -> Option<Order> {
        let Search { pending, holes } = search;
        let mut best = NONE;
        pending.clear();
        let mut next = Some((ROOT, 0));
        while let Some((node, depth)) = next.take().or_else(|| pending.pop()) {
            let node = &self.nodes[node];
            if node.first >= best {
                continue;
            }
            let mut consider = |routes: &[Order], holes: &mut Vec<Hole>| {
                let mut earlier = routes.iter().take_while(|&&order| order < best);
                if let Some(&order) = earlier.find(|&&order| accepts(order, holes)) {
                    best = order;
                }
            };
            let Some((text, hash)) = segments.get(depth) else {
                consider(&node.ends, holes);
                consider(&node.catch_alls, holes);
                continue;
            };
            if text.is_empty() {
                continue;
            }
            consider(&node.catch_alls, holes);
            for &(shape, child) in &node.complex {
                if self.nodes[child].first < best && self.shapes[shape].read(text, holes) {
                    pending.push((child, depth + 1));
                }
            }
            // A literal is looked at before a parameter: it is the likelier winner, and a winner
            // found early spares the rest.
            next = node.parameter.map(|child| (child, depth + 1));
            if let Some(child) = node.literals.find(text, hash) {
                pending.extend(next);
                next = Some((child, depth + 1));
            }
        }
        (best != NONE).then_some(best)
    }
}

impl Node {
    fn new(first: Order) -> Self {
        Self {
            first,
            literals: Literals::default(),
            parameter: None,
            complex: Vec::new(),
            ends: Vec::new(),
            catch_alls: Vec::new(),
        }
    }
}
