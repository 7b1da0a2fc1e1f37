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

#[cfg(test)]
mod tests {
    use super::Literals;
    use crate::fold;

    #[test]
    fn equal_hashes_are_not_equal_texts() {
        let mut literals = Literals::default();
        // These two hash alike by design: the hash ignores the bit that tells cases apart.
        assert_eq!(fold::hash("a@"), fold::hash("a`"));
        assert_eq!(literals.find_or_insert("a@", 1), 1);
        assert_eq!(literals.find_or_insert("a`", 2), 2);
        assert_eq!(literals.find("A@", fold::hash("A@")), Some(1));
        assert_eq!(literals.find("a`", fold::hash("a`")), Some(2));
        assert_eq!(literals.find("b@", fold::hash("a@")), None);
    }

    #[test]
    fn all_are_found_however_many() {
        let mut literals = Literals::default();
        assert_eq!(literals.find("x", fold::hash("x")), None);
        for child in 0..1000 {
            assert_eq!(
                literals.find_or_insert(&format!("Item{child}"), child),
                child
            );
        }
        for child in 0..1000 {
            let text = format!("iTEM{child}");
            assert_eq!(literals.find(&text, fold::hash(&text)), Some(child));
            assert_eq!(literals.find_or_insert(&text, 5000), child);
        }
    }
}
