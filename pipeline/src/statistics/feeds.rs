//! `feeds`: how long each source has been silent, and how late it reports (statistics 4).

use crate::day::Day;
use crate::fact::EventType;
use crate::report::Instant;
use crate::row::Row;
use crate::view::may_lie_ahead;
use compact_str::CompactString;
use std::collections::BTreeMap;

/// One stream of reports.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeedKey {
    /// The `source_system`, as sent.
    pub source: CompactString,
    /// What is reported.
    pub event_type: EventType,
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Whose reports of what.
    pub key: FeedKey,
    /// When the broker appended the last of them; `None` where the shell has not seen one.
    pub last_append: Option<Instant>,
    /// `as_of` minus `last_append` in microseconds.
    pub silent_for_micros: Option<i64>,
    /// Reports that have a lag.
    pub reports: u64,
    /// The median of the lags, in days.
    pub lag_p50: Option<i32>,
    /// The 90th percentile of the lags, in days.
    pub lag_p90: Option<i32>,
}

/// The reports of every source, as far as a table of feeds asks for them.
///
/// **Append times** are not kept by an engine: it keeps what was said, not when it arrived. Whoever polls
/// the log passes them in with [`Self::note_append`], of every record that was taken, repeated and
/// superseded ones too; refused ones have no trustworthy source.
///
/// **Lags** come from the reports that an engine keeps: per fact and source the greatest version. The
/// `recorded_at` of an earlier version is gone, so a corrected fact has the lag of its correction, and one
/// that was withdrawn has none. A lag is the date in London on which the report was recorded minus the
/// fact's own date, in whole days; it is negative where it was recorded before. Facts without a date of
/// their own, facts dated after the day of the rows, planned milestones and ECADs have no lag: a plan is
/// always recorded early.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Feeds {
    streams: BTreeMap<FeedKey, Stream>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stream {
    last_append: Option<Instant>,
    /// How many reports have each lag.
    lags: BTreeMap<i32, u64>,
}

impl Feeds {
    /// Notes the kept reports of a pathway; `london_date` is the civil date of an instant in London.
    pub fn note_row(&mut self, row: &Row<'_>, london_date: impl Fn(Instant) -> Day) {
        for entry in row.registers.entries() {
            let Some(fact) = entry.fact().filter(|_| !entry.version.entered_in_error) else {
                continue;
            };
            let key = FeedKey {
                source: row.spell(entry.address.source),
                event_type: fact.event_type(),
            };
            let stream = self.streams.entry(key).or_default();
            let dated = fact.own_date().filter(|&on| on <= row.assessment.as_of);
            if let Some(on) = dated.filter(|_| !may_lie_ahead(&fact)) {
                let lag = london_date(entry.version.recorded_at).since(on);
                *stream.lags.entry(lag).or_default() += 1;
            }
        }
    }

    /// Notes that the broker appended a report; the latest stays.
    pub fn note_append(&mut self, source: &str, event_type: EventType, appended_at: Instant) {
        let key = FeedKey {
            source: source.into(),
            event_type,
        };
        let stream = self.streams.entry(key).or_default();
        stream.last_append = stream.last_append.max(Some(appended_at));
    }

    /// Adds what another partition knows.
    pub fn absorb(&mut self, other: &Self) {
        for (key, theirs) in &other.streams {
            let stream = self.streams.entry(key.clone()).or_default();
            stream.last_append = stream.last_append.max(theirs.last_append);
            for (lag, count) in &theirs.lags {
                *stream.lags.entry(*lag).or_default() += count;
            }
        }
    }

    /// The rows in order of source and event type, as they stand at an instant.
    pub fn rows(&self, as_of: Instant) -> impl Iterator<Item = FeedRow> + '_ {
        self.streams.iter().map(move |(key, stream)| FeedRow {
            key: key.clone(),
            last_append: stream.last_append,
            silent_for_micros: stream
                .last_append
                .map(|appended_at| as_of.0.saturating_sub(appended_at.0)),
            reports: stream.lags.values().sum(),
            lag_p50: nearest_rank(&stream.lags, 50),
            lag_p90: nearest_rank(&stream.lags, 90),
        })
    }
}

/// The percentile by nearest rank: of `n` values in order the one at place `ceil(percent * n / 100)`,
/// the first place being 1. It is always one of the values; `None` of none.
fn nearest_rank(counts: &BTreeMap<i32, u64>, percent: u64) -> Option<i32> {
    let total: u64 = counts.values().sum();
    let rank = (percent * total).div_ceil(100).max(1);
    let mut place = 0;
    counts.iter().find_map(|(value, count)| {
        place += count;
        (place >= rank).then_some(*value)
    })
}

#[cfg(test)]
mod tests {
    use super::{FeedKey, FeedRow, Feeds, nearest_rank};
    use crate::day::Day;
    use crate::fact::EventType;
    use crate::report::Instant;
    use crate::statistics::feed_fixture::{Feed, day};
    use crate::{DecisionToTreat, MilestoneRecorded, TreatmentAdjustment};
    use std::collections::BTreeMap;

    const MICROS_PER_DAY: i64 = 86_400_000_000;

    /// Here every day begins at its midnight in UTC.
    fn date(instant: Instant) -> Day {
        let days = instant.0.div_euclid(MICROS_PER_DAY);
        Day::from_epoch_days(i32::try_from(days).expect("a day"))
    }

    fn instant(on: (i32, i32, i32)) -> i64 {
        i64::from(day(on).epoch_days()) * MICROS_PER_DAY
    }

    fn rows(feed: &Feed) -> Vec<FeedRow> {
        let mut feeds = Feeds::default();
        feeds.note_row(&feed.row("RXX:P", (2026, 2, 1)), date);
        feeds.rows(Instant(0)).collect()
    }

    #[test]
    fn a_percentile_is_the_value_at_its_rank() {
        let counts = |values: &[i32]| {
            let mut counts = BTreeMap::new();
            for value in values {
                *counts.entry(*value).or_default() += 1;
            }
            counts
        };
        for (values, p50, p90) in [
            (&[][..], None, None),
            (&[7], Some(7), Some(7)),
            (&[1, 2], Some(1), Some(2)),
            (&[1, 2, 3], Some(2), Some(3)),
            (&[4, 4, 4, 9], Some(4), Some(9)),
            (&[-3, 0, 0, 1, 2, 3, 4, 5, 6, 50], Some(2), Some(6)),
            (&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], Some(5), Some(9)),
        ] {
            let counts = counts(values);
            let found = (nearest_rank(&counts, 50), nearest_rank(&counts, 90));
            assert_eq!(found, (p50, p90), "{values:?}");
        }
    }

    #[test]
    fn a_lag_is_recorded_minus_clinical_date_of_the_kept_report() {
        let mut feed = Feed::default();
        let referral = feed.referral((2026, 1, 5)).into();
        feed.learn_at(instant((2026, 1, 9)), "RXX:P", "1", referral);
        let only = |feed: &Feed| {
            let [row] = &rows(feed)[..] else {
                panic!("one source and one kind of event");
            };
            assert_eq!((row.key.source.as_str(), row.reports), ("RXX/epic", 1));
            (row.lag_p50, row.lag_p90)
        };
        assert_eq!(only(&feed), (Some(4), Some(4)));
        // The last microsecond of a day is still that day.
        feed.learn_at(instant((2026, 1, 12)) - 1, "RXX:P", "1", referral);
        assert_eq!(only(&feed), (Some(6), Some(6)), "the correction's");
        feed.learn_at(instant((2026, 1, 7)), "RXX:P", "1", referral);
        assert_eq!(only(&feed), (Some(6), Some(6)), "superseded");
    }

    #[test]
    fn a_fact_of_the_day_has_a_lag_and_one_that_was_withdrawn_has_none() {
        let mut feed = Feed::default();
        let referral = feed.referral((2026, 2, 1)).into();
        feed.learn_at(instant((2026, 2, 1)), "RXX:P", "1", referral);
        let found = rows(&feed);
        let [row] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((row.reports, row.lag_p50), (1, Some(0)));
        feed.withdraw("RXX:P", "1", referral);
        assert_eq!(rows(&feed), []);
    }

    #[test]
    fn the_half_and_nine_tenths_of_a_hundred_lags_are_told() {
        let mut feed = Feed::default();
        let mut feeds = Feeds::default();
        for lag in 1..=100 {
            let pathway = format!("RXX:{lag}");
            let referral = feed.referral((2026, 2, 1)).into();
            let recorded_at = instant((2026, 2, 1)) + lag * MICROS_PER_DAY;
            feed.learn_at(recorded_at, &pathway, "1", referral);
            feeds.note_row(&feed.row(&pathway, (2026, 2, 1)), date);
        }
        let found = feeds.rows(Instant(0)).next().expect("a row");
        assert_eq!((found.lag_p50, found.lag_p90), (Some(50), Some(90)));
    }

    #[test]
    fn plans_ecads_and_undated_facts_have_no_lag() {
        let mut feed = Feed::default();
        let on = Some(day((2026, 1, 5)));
        let plan = MilestoneRecorded {
            milestone_date: on,
            planned: Some(true),
            ..Default::default()
        };
        feed.learn("RXX:P", "1", plan.into());
        let ecad = DecisionToTreat {
            cancer_treatment_period_start_date: on,
            is_earliest_clinically_appropriate_date: Some(true),
            ..Default::default()
        };
        feed.learn("RXX:P", "1", ecad.into());
        feed.learn("RXX:P", "1", TreatmentAdjustment::default().into());
        let ahead = feed.referral((2026, 2, 2)).into();
        feed.learn("RXX:P", "1", ahead);
        let found = rows(&feed);
        assert_eq!(found.len(), 4, "they are feeds all the same");
        assert!(
            found
                .iter()
                .all(|row| row.reports == 0 && row.lag_p50.is_none())
        );
    }

    #[test]
    fn silence_is_counted_from_the_last_append_over_all_partitions() {
        let (mut one, mut two) = (Feeds::default(), Feeds::default());
        one.note_append("RXX/epic", EventType::FirstSeen, Instant(30));
        one.note_append("RXX/epic", EventType::FirstSeen, Instant(20));
        two.note_append("RXX/epic", EventType::FirstSeen, Instant(40));
        two.note_append("RXX/epic", EventType::FirstSeen, Instant(10));
        two.note_append("RYY", EventType::ReferralReceived, Instant(1));
        one.absorb(&two);
        let silent: Vec<_> = one
            .rows(Instant(100))
            .map(|row| (row.key, row.last_append, row.silent_for_micros))
            .collect();
        let key = |source: &str, event_type| FeedKey {
            source: source.into(),
            event_type,
        };
        assert_eq!(
            silent,
            [
                (
                    key("RXX/epic", EventType::FirstSeen),
                    Some(Instant(40)),
                    Some(60)
                ),
                (
                    key("RYY", EventType::ReferralReceived),
                    Some(Instant(1)),
                    Some(99)
                ),
            ]
        );
        assert_eq!(Feeds::default().rows(Instant(0)).count(), 0);
    }

    #[test]
    fn lags_of_several_partitions_are_one_distribution() {
        let mut feed = Feed::default();
        let mut whole = Feeds::default();
        for (recorded, lag) in [((2026, 1, 6), 1), ((2026, 1, 15), 10)] {
            let mut part = Feeds::default();
            let referral = feed.referral((2026, 1, 5)).into();
            feed.learn_at(instant(recorded), "RXX:P", "1", referral);
            part.note_row(&feed.row("RXX:P", (2026, 2, 1)), date);
            assert_eq!(
                part.rows(Instant(0)).next().and_then(|row| row.lag_p50),
                Some(lag)
            );
            whole.absorb(&part);
        }
        let row = whole.rows(Instant(0)).next().expect("a row");
        assert_eq!(
            (row.reports, row.lag_p50, row.lag_p90),
            (2, Some(1), Some(10))
        );
        assert_eq!((row.last_append, row.silent_for_micros), (None, None));
    }
}
