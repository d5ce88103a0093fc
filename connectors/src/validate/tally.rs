//! A count with its first examples.

use std::collections::BTreeSet;

/// How many there are, and the first of them in the order of their places.
#[derive(Debug)]
pub(super) struct Tally<T> {
    count: u64,
    examples: BTreeSet<T>,
}

impl<T> Default for Tally<T> {
    fn default() -> Self {
        Self {
            count: 0,
            examples: BTreeSet::new(),
        }
    }
}

impl<T: Ord> Tally<T> {
    /// One more; kept as an example while it is among the first so many.
    pub(super) fn note(&mut self, example: T, most: usize) {
        self.count += 1;
        self.examples.insert(example);
        if self.examples.len() > most {
            self.examples.pop_last();
        }
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn examples(&self) -> impl Iterator<Item = &T> {
        self.examples.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn all_are_counted_and_the_first_are_kept() {
        let mut tally = Tally::default();
        for example in [5, 3, 9, 1, 4] {
            tally.note(example, 3);
        }
        assert_eq!(tally.count(), 5);
        assert!(tally.examples().eq(&[1, 3, 4]));
        let mut bare = Tally::default();
        bare.note(0, 0);
        assert_eq!((bare.count(), bare.examples().count()), (1, 0));
    }
}
