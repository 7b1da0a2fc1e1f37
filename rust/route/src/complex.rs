//! One path segment against several parts (`{name}-v{major}.{ext?}`), matched from the right: the
//! rightmost literal is looked for first and the parameter after it takes what stands there.
//! This is not the leftmost or shortest reading: `{a}-{b}` reads `1-2-3` as `1-2` and `3`, and a
//! literal is never tried at an earlier place once it was found. Called by the tree for choosing
//! and by the router for reading values; it knows no names and no constraints.

use crate::fold;

/// A byte range within the segment; `None` for an omitted optional tail.
pub(crate) type Hole = Option<(usize, usize)>;

/// The literals of a segment and the holes between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Left to right; `None` is a hole. Never two of a kind side by side.
    parts: Box<[Option<Box<str>>]>,
    /// Whether the last two parts, a period and a hole, may be missing together.
    is_tail_optional: bool,
}

impl Shape {
    pub(crate) fn new<'p>(
        parts: impl Iterator<Item = Option<&'p str>>,
        is_tail_optional: bool,
    ) -> Self {
        Self {
            parts: parts.map(|part| part.map(Box::from)).collect(),
            is_tail_optional,
        }
    }

    /// Whether `text` fits; if so `holes` has one entry for each parameter, left to right.
    pub(crate) fn read(&self, text: &str, holes: &mut Vec<Hole>) -> bool {
        if fits(&self.parts, text, holes) {
            return true;
        }
        if !self.is_tail_optional || text.ends_with('.') {
            return false;
        }
        let shorter = &self.parts[..self.parts.len() - 2];
        if shorter.is_empty() || !fits(shorter, text, holes) {
            return false;
        }
        holes.push(None);
        true
    }
}

fn fits(parts: &[Option<Box<str>>], text: &str, holes: &mut Vec<Hole>) -> bool {
    holes.clear();
    let mut end = text.len();
    let mut has_open_hole = false;
    for (index, part) in parts.iter().enumerate().rev() {
        let Some(literal) = part else {
            if index == 0 {
                // The leftmost hole takes all that is left, and that must be something.
                if end == 0 {
                    return false;
                }
                holes.push(Some((0, end)));
                end = 0;
            }
            has_open_hole = true;
            continue;
        };
        let window = if has_open_hole {
            // The open hole needs at least one character, so the literal ends before the last.
            text[..end]
                .char_indices()
                .next_back()
                .map_or(0, |(at, _)| at)
        } else {
            end
        };
        let Some((start, stop)) = fold::rfind(&text[..window], literal) else {
            return false;
        };
        if has_open_hole {
            holes.push(Some((stop, end)));
        } else if stop != text.len() {
            return false;
        }
        has_open_hole = false;
        end = start;
    }
    holes.reverse();
    end == 0
}

#[cfg(test)]
mod tests {
    use super::Shape;

    fn read<'t>(parts: &[&str], is_tail_optional: bool, text: &'t str) -> Option<Vec<&'t str>> {
        let parts = parts.iter().map(|part| (*part != "{}").then_some(*part));
        let mut holes = Vec::new();
        Shape::new(parts, is_tail_optional)
            .read(text, &mut holes)
            .then(|| {
                holes
                    .iter()
                    .map(|hole| hole.map_or("(none)", |(from, to)| &text[from..to]))
                    .collect()
            })
    }

    #[test]
    fn the_rightmost_literal_wins() {
        let parts = ["{}", "-", "{}"];
        assert_eq!(read(&parts, false, "1-2-3"), Some(vec!["1-2", "3"]));
        assert_eq!(read(&parts, false, "1-"), None);
        assert_eq!(read(&parts, false, "-1"), None);
        assert_eq!(read(&parts, false, "--1"), Some(vec!["-", "1"]));
        assert_eq!(read(&parts, false, "1--"), Some(vec!["1", "-"]));
        assert_eq!(read(&parts, false, "1"), None);
    }

    #[test]
    fn outer_literals_reach_the_edges() {
        let parts = ["v", "{}", "-x"];
        assert_eq!(read(&parts, false, "V12-X"), Some(vec!["12"]));
        assert_eq!(read(&parts, false, "av12-x"), None);
        assert_eq!(read(&parts, false, "v12-xy"), None);
        assert_eq!(read(&parts, false, "v-x"), None);
        // The literal is taken at its last place even if only the first would reach the edge.
        assert_eq!(read(&["v", "{}"], false, "v1v2"), None);
    }

    #[test]
    fn the_tail_goes_with_its_period() {
        let parts = ["{}", ".", "{}"];
        assert_eq!(read(&parts, true, "a.b.c"), Some(vec!["a.b", "c"]));
        assert_eq!(read(&parts, true, "a"), Some(vec!["a", "(none)"]));
        assert_eq!(read(&parts, true, "a."), None);
        assert_eq!(read(&[".", "{}"], true, ".x"), Some(vec!["x"]));
        assert_eq!(read(&[".", "{}"], true, "x"), None);
    }

    #[test]
    fn cases_of_different_lengths_are_cut_at_character_boundaries() {
        assert_eq!(
            read(&["{}", "\u{23a}", "{}"], false, "é\u{2c65}ü"),
            Some(vec!["é", "ü"])
        );
    }
}
