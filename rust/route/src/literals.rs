//! A node's literal children, found ignoring case by the hash the path already carries. Open
//! addressing, at most half full: one probe nearly always, however many children there are.
//! Filled while the tree is built and never changed after.

use crate::fold;
use crate::tree::NodeId;

#[derive(Debug, Default)]
pub(crate) struct Literals {
    /// A power of two long, or empty.
    slots: Vec<Option<Literal>>,
    used: usize,
}

#[derive(Debug)]
struct Literal {
    hash: u64,
    text: Box<str>,
    child: NodeId,
}

impl Literals {
    pub(crate) fn find(&self, text: &str, hash: u64) -> Option<NodeId> {
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while let Some(literal) = &self.slots[at] {
            if literal.hash == hash && fold::is_equal(&literal.text, text) {
                return Some(literal.child);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// The child for a text, `fresh` if there was none.
    pub(crate) fn find_or_insert(&mut self, text: &str, fresh: NodeId) -> NodeId {
        let hash = fold::hash(text);
        if let Some(child) = self.find(text, hash) {
            return child;
        }
        self.used += 1;
        if self.used * 2 > self.slots.len() {
            let grown = (self.slots.len() * 2).max(4);
            let old = std::mem::take(&mut self.slots);
            self.slots.resize_with(grown, || None);
            for literal in old.into_iter().flatten() {
                self.place(literal);
            }
        }
        self.place(Literal {
            hash,
            text: text.into(),
            child: fresh,
        });
        fresh
    }

    fn place(&mut self, literal: Literal) {
        let mask = self.slots.len() - 1;
        let mut at = literal.hash as usize & mask;
        while self.slots[at].is_some() {
            at = (at + 1) & mask;
        }
        self.slots[at] = Some(literal);
    }
}
