//! When too many records are bad, reading pauses: a bad deployment of a provider must not eat a day (design 3).

use std::collections::VecDeque;

/// Of so many records
const WINDOW: usize = 1_000;
/// no more than so many may be bad.
const BAD_LIMIT: usize = 200;

/// The outcome of the last records that were not judged before.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    last: VecDeque<bool>,
    bad: usize,
    paused: bool,
    approved_until: Option<i64>,
}

impl Refusals {
    /// A record was learned.
    pub(crate) fn good(&mut self) {
        self.count(false);
    }

    /// A record was refused.
    pub(crate) fn bad(&mut self) {
        self.count(true);
    }

    fn count(&mut self, bad: bool) {
        self.last.push_back(bad);
        self.bad += usize::from(bad);
        if self.last.len() > WINDOW {
            self.bad -= usize::from(self.last.pop_front() == Some(true));
        }
        let full = self.last.len() == WINDOW;
        self.paused |= full && self.bad > BAD_LIMIT && self.approved_until.is_none();
    }

    /// Whether nothing more is to be read until an operator approves.
    pub(crate) fn too_many(&self) -> bool {
        self.paused
    }

    /// An operator lets bad records pass until then, in milliseconds since 1970.
    pub(crate) fn approve(&mut self, until: i64) {
        *self = Self {
            approved_until: Some(until),
            ..Self::default()
        };
    }

    /// Forgets an approval that is over.
    pub(crate) fn expire(&mut self, now: i64) {
        if self.approved_until.is_some_and(|until| until <= now) {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BAD_LIMIT, Refusals, WINDOW};

    #[test]
    fn more_than_a_fifth_of_a_thousand_pauses_until_approved() {
        let mut refusals = Refusals::default();
        for _ in 0..=BAD_LIMIT {
            refusals.bad();
        }
        for _ in BAD_LIMIT + 1..WINDOW - 1 {
            refusals.good();
        }
        assert!(!refusals.too_many(), "not a thousand yet");
        refusals.good();
        assert!(refusals.too_many());
        refusals.approve(5);
        for _ in 0..2 * WINDOW {
            refusals.bad();
        }
        refusals.expire(4);
        assert!(!refusals.too_many());
        refusals.expire(5);
        for _ in 0..WINDOW {
            refusals.bad();
        }
        assert!(refusals.too_many());
    }

    #[test]
    fn a_fifth_of_the_last_thousand_is_let_pass() {
        let mut refusals = Refusals::default();
        for _ in 0..20 * WINDOW / 5 {
            refusals.bad();
            (0..4).for_each(|_| refusals.good());
        }
        assert!(!refusals.too_many());
    }
}
