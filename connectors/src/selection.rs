//! Which dead letters are meant, and how many of each kind there are.

use crate::letter::Filed;
use clockstop_pipeline::Topic;
use std::collections::BTreeMap;
use std::fmt;

/// The letters that are meant; what is not named does not matter.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// One of these reasons; none named: any.
    pub reasons: Vec<String>,
    /// Sent by this source system.
    pub source: Option<String>,
    /// Refused on this input.
    pub topic: Option<Topic>,
    /// Arrived at this time or later, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Arrived before this time.
    pub until: Option<i64>,
}

impl Selection {
    /// Whether the letter is meant. One whose arrival is not known is in no span of time.
    #[must_use]
    pub fn takes(&self, letter: &Filed) -> bool {
        let within = |limit: Option<i64>, holds: fn(i64, i64) -> bool| {
            limit.is_none_or(|limit| letter.appended_at.is_some_and(|at| holds(at, limit)))
        };
        (self.reasons.is_empty() || self.reasons.contains(&letter.reason))
            && (self.source.is_none() || self.source == letter.source)
            && self
                .topic
                .is_none_or(|topic| topic == letter.position.topic)
            && within(self.since, |at, since| at >= since)
            && within(self.until, |at, until| at < until)
    }
}

/// Letters counted by input, reason and source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(BTreeMap<(&'static str, String, String), u64>);

impl Tally {
    /// Counts these.
    #[must_use]
    pub fn of(letters: &[Filed]) -> Self {
        let mut counts = BTreeMap::new();
        for letter in letters {
            let source = letter.source.clone();
            let kind = (
                letter.position.topic.name(),
                letter.reason.clone(),
                source.unwrap_or_else(|| "not known".to_owned()),
            );
            *counts.entry(kind).or_default() += 1;
        }
        Self(counts)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>9}  {:9}  {:23}  source",
            "letters", "topic", "reason"
        )?;
        for ((topic, reason, source), count) in &self.0 {
            writeln!(f, "{count:>9}  {topic:9}  {reason:23}  {source}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Selection, Tally};
    use crate::letter::{Filed, Position};
    use clockstop_pipeline::Topic;

    fn letter(reason: &str, source: Option<&str>, appended_at: Option<i64>) -> Filed {
        Filed {
            position: Position {
                topic: Topic::Diagnosis,
                partition: 0,
                offset: 4,
            },
            reason: reason.to_owned(),
            source: source.map(str::to_owned),
            appended_at,
        }
    }

    #[test]
    fn takes_what_fits_everything_that_is_named() {
        let letter = letter("key_missing", Some("RXX/epic"), Some(100));
        let reasons = |reasons: &[&str]| reasons.iter().map(|&reason| reason.to_owned()).collect();
        let any = Selection::default;
        for (selection, takes) in [
            (any(), true),
            (
                Selection {
                    reasons: reasons(&["not_framed", "key_missing"]),
                    ..any()
                },
                true,
            ),
            (
                Selection {
                    reasons: reasons(&["not_framed"]),
                    ..any()
                },
                false,
            ),
            (
                Selection {
                    source: Some("RXX/epic".to_owned()),
                    ..any()
                },
                true,
            ),
            (
                Selection {
                    source: Some("RXX".to_owned()),
                    ..any()
                },
                false,
            ),
            (
                Selection {
                    topic: Some(Topic::Diagnosis),
                    ..any()
                },
                true,
            ),
            (
                Selection {
                    topic: Some(Topic::Referral),
                    ..any()
                },
                false,
            ),
            (
                Selection {
                    since: Some(100),
                    until: Some(101),
                    ..any()
                },
                true,
            ),
            (
                Selection {
                    since: Some(101),
                    ..any()
                },
                false,
            ),
            (
                Selection {
                    until: Some(100),
                    ..any()
                },
                false,
            ),
            (
                Selection {
                    reasons: reasons(&["key_missing"]),
                    since: Some(101),
                    ..any()
                },
                false,
            ),
        ] {
            assert_eq!(selection.takes(&letter), takes, "{selection:?}");
        }
    }

    #[test]
    fn what_came_at_no_known_time_is_in_no_span() {
        let letter = letter("key_missing", None, None);
        let any = Selection::default;
        assert!(any().takes(&letter));
        assert!(
            !Selection {
                since: Some(0),
                ..any()
            }
            .takes(&letter)
        );
        assert!(
            !Selection {
                until: Some(i64::MAX),
                ..any()
            }
            .takes(&letter)
        );
    }

    #[test]
    fn counts_by_input_reason_and_source() {
        let epic = letter("key_missing", Some("RXX/epic"), None);
        let letters = [letter("not_framed", None, None), epic.clone(), epic];
        let shown = Tally::of(&letters).to_string();
        let lines: Vec<_> = shown
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let expected = [
            "letters topic reason source",
            "2 diagnosis key_missing RXX/epic",
            "1 diagnosis not_framed not known",
        ];
        assert_eq!(lines, expected);
    }
}
