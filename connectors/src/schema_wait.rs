//! How long a record waits for a schema that the registry does not know.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Between two questions about one id, at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const QUESTIONS: u32 = 20;

/// The schema ids that were asked for.
#[derive(Debug)]
pub(crate) struct SchemaWait {
    patience: Duration,
    ids: BTreeMap<u32, Wait>,
}

#[derive(Clone, Copy, Debug)]
struct Wait {
    /// When the registry first said that it does not know the id.
    unknown_since: Option<Instant>,
    /// When to ask again; `None` while an answer is awaited.
    ask_at: Option<Instant>,
    given_up: bool,
}

/// What to do with a record of an unknown schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// Ask, and let it wait.
    Ask,
    /// Let it wait; somebody has asked.
    Wait,
    /// Refuse it.
    Refuse,
}

impl SchemaWait {
    /// Waits so long for a schema before its records are refused.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience,
            ids: BTreeMap::new(),
        }
    }

    /// A record of this schema was met.
    pub(crate) fn meet(&mut self, id: u32) -> Meeting {
        let asked = self.ids.contains_key(&id);
        let wait = self.ids.entry(id).or_insert(Wait {
            unknown_since: None,
            ask_at: None,
            given_up: false,
        });
        match (asked, wait.given_up) {
            (false, _) => Meeting::Ask,
            (true, false) => Meeting::Wait,
            (true, true) => Meeting::Refuse,
        }
    }

    /// The registry knows it.
    pub(crate) fn known(&mut self, id: u32) {
        self.ids.remove(&id);
    }

    /// The registry does not know it; whether its records are to be refused from now on.
    pub(crate) fn unknown(&mut self, id: u32, now: Instant) -> bool {
        let pause = (self.patience / QUESTIONS).min(LONGEST_PAUSE);
        let patience = self.patience;
        let Some(wait) = self.ids.get_mut(&id) else {
            return false;
        };
        let since = *wait.unknown_since.get_or_insert(now);
        wait.given_up |= now.saturating_duration_since(since) >= patience;
        let pause = if wait.given_up {
            patience.max(pause)
        } else {
            pause
        };
        wait.ask_at = Some(now + pause);
        wait.given_up
    }

    /// The registry did not answer, which says nothing about the id.
    pub(crate) fn unanswered(&mut self, id: u32, now: Instant) {
        if let Some(wait) = self.ids.get_mut(&id) {
            wait.ask_at = Some(now + LONGEST_PAUSE.min(self.patience));
        }
    }

    /// The ids that are to be asked for again.
    pub(crate) fn due(&mut self, now: Instant) -> Vec<u32> {
        let due = self.ids.iter_mut().filter_map(|(id, wait)| {
            let at = wait.ask_at.filter(|&at| at <= now);
            at.map(|_| {
                wait.ask_at = None;
                *id
            })
        });
        due.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Meeting, SchemaWait};
    use std::time::{Duration, Instant};

    const PATIENCE: Duration = Duration::from_mins(5);

    #[test]
    fn waits_as_long_as_its_patience_and_then_refuses() {
        let start = Instant::now();
        let mut wait = SchemaWait::new(PATIENCE);
        assert_eq!(wait.meet(7), Meeting::Ask);
        assert_eq!(wait.meet(7), Meeting::Wait);
        assert!(!wait.unknown(7, start));
        assert!(wait.due(start + Duration::from_secs(4)).is_empty());
        let mut now = start;
        for _ in 0..59 {
            now += Duration::from_secs(5);
            assert_eq!(wait.due(now), [7]);
            assert!(!wait.unknown(7, now));
            assert_eq!(wait.meet(7), Meeting::Wait);
        }
        assert!(wait.unknown(7, start + PATIENCE));
        assert_eq!(wait.meet(7), Meeting::Refuse);
    }

    #[test]
    fn a_registry_that_is_down_is_waited_for_without_end() {
        let mut now = Instant::now();
        let mut wait = SchemaWait::new(PATIENCE);
        wait.meet(7);
        for _ in 0..1_000 {
            wait.unanswered(7, now);
            now += Duration::from_secs(5);
            assert_eq!(wait.due(now), [7]);
        }
        assert!(!wait.unknown(7, now));
        assert_eq!(wait.meet(7), Meeting::Wait);
    }

    #[test]
    fn what_was_given_up_is_asked_for_again_and_may_come_to_be_known() {
        let start = Instant::now();
        let mut wait = SchemaWait::new(PATIENCE);
        wait.meet(7);
        wait.unknown(7, start);
        wait.unknown(7, start + PATIENCE);
        assert_eq!(wait.due(start + PATIENCE * 2), [7]);
        assert_eq!(wait.meet(7), Meeting::Refuse);
        wait.known(7);
        assert_eq!(wait.meet(7), Meeting::Ask);
    }
}
