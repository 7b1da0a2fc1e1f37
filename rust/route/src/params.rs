//! What a match leaves behind: the route parameters' names and values. One `Params` belongs to one
//! caller and is handed to every search in turn; its buffers are kept, so that after the first few
//! requests a search allocates nothing. Written by the router only.

use crate::path::Path;

/// The parameters of the route found last, in the order of its template, and the search's buffers.
#[derive(Debug, Default)]
pub struct Params {
    pub(crate) values: Values,
    pub(crate) scratch: Scratch,
}

/// Names and values one after another in one buffer.
#[derive(Debug, Default)]
pub(crate) struct Values {
    text: String,
    /// Where each name ends and each value ends; a name starts where the value before it ended.
    ends: Vec<(usize, usize)>,
}

/// What a search needs besides its result.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) path: Path,
    pub(crate) search: crate::tree::Search,
}

impl Values {
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let name_end = self.text.len();
        self.text.push_str(value);
        self.ends.push((name_end, self.text.len()));
    }
}

impl Params {
    /// Empty, without buffers yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many parameters have a value. Omitted optional ones and empty catch-alls have none.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.ends.len()
    }

    /// Whether no parameter has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.ends.is_empty()
    }

    /// The value of a parameter, its name compared ignoring case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(found, _)| crate::fold::is_equal(found, name))
            .map(|(_, value)| value)
    }

    /// Names as the template spells them, with their decoded values.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter {
            values: &self.values,
            index: 0,
            start: 0,
        }
    }
}

impl<'p> IntoIterator for &'p Params {
    type Item = (&'p str, &'p str);
    type IntoIter = Iter<'p>;

    fn into_iter(self) -> Iter<'p> {
        self.iter()
    }
}

/// Names and values of [`Params`].
#[derive(Debug, Clone)]
pub struct Iter<'p> {
    values: &'p Values,
    index: usize,
    start: usize,
}

impl<'p> Iterator for Iter<'p> {
    type Item = (&'p str, &'p str);

    fn next(&mut self) -> Option<Self::Item> {
        let &(name_end, value_end) = self.values.ends.get(self.index)?;
        let name = &self.values.text[self.start..name_end];
        let value = &self.values.text[name_end..value_end];
        self.index += 1;
        self.start = value_end;
        Some((name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.values.ends.len() - self.index;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}
