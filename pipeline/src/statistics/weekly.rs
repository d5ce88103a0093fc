//! `ptl_weekly`: the 62-day list at a Sunday's close, and what came onto it in the week (statistics 4).

use super::course::{Course, Outcome};
use super::interval::Interval;
use super::tables::Tables;
use super::tracking_list::{TrackingBand, TrackingEntry};
use crate::assessment::{Route, Standard};
use crate::day::Day;
use crate::row::Row;
use crate::rules::{investigating_site, upgrading_site};
use compact_str::CompactString;
use std::collections::BTreeMap;

/// What a number of the weekly list counts. Rows of different items are never added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WeeklyItem {
    /// 62-day clocks that run, by band and decision to treat.
    Running,
    /// Of those, the ones whose day count is 29 to 35: they passed day 28 in the last seven days.
    Passed28,
    /// 62-day clocks that passed day 28 in the seven days and then reached their stop.
    Passed28Stopped,
    /// 62-day clocks that passed day 28 in the seven days and then ended otherwise.
    Passed28Ended,
    /// Urgent referrals received in the seven days.
    NewReferral,
    /// Consultant upgrades dated in the seven days.
    Upgrade,
    /// First appointments dated in the seven days.
    FirstSeen,
}

impl WeeklyItem {
    /// The name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Passed28 => "passed_28",
            Self::Passed28Stopped => "passed_28_stopped",
            Self::Passed28Ended => "passed_28_ended",
            Self::NewReferral => "new_referral",
            Self::Upgrade => "upgrade",
            Self::FirstSeen => "first_seen",
        }
    }
}

/// One row of the weekly list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WeeklyKey {
    /// Clocks: the responsible organisation; arrivals: the provider of [`Arrival`].
    pub organisation: Option<CompactString>,
    /// The pathway's route.
    pub route: Route,
    /// What is counted.
    pub item: WeeklyItem,
    /// The band of adjusted days; `Running` only.
    pub band: Option<TrackingBand>,
    /// A decision to treat or ECAD is dated up to Sunday and is not of modality 98; `Running` only.
    pub is_decided: Option<bool>,
}

/// The dates on which a pathway came onto the 62-day list, for routes that have that standard.
///
/// Silent in statistics 4, so ours: a new referral is one on a route that is urgent by itself (USC,
/// breast symptomatic, screening); what was upgraded came by its upgrade; being first seen counts on all
/// four routes. Later closures take nothing back, as they take no clock's opening back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The pathway's route.
    pub route: Route,
    /// The first-seen provider, else that of the referral's site, else the issuer.
    pub provider: CompactString,
    /// The provider that upgraded, where known.
    pub upgrading: Option<CompactString>,
    /// Receipt of the referral, where the route is urgent by itself.
    pub referred_on: Option<Day>,
    /// The upgrade, on route UPGRADE.
    pub upgraded_on: Option<Day>,
    /// The first appointment.
    pub seen_on: Option<Day>,
}

impl Arrival {
    /// The arrival of a pathway; `None` where its route has no 62-day standard.
    #[must_use]
    pub fn of(row: &Row<'_>, tables: &Tables) -> Option<Self> {
        let route = row.assessment.route;
        if !route.has_sixty_two() {
            return None;
        }
        let case = row.case();
        let view = &row.view;
        let referral = view.referral.filter(|_| route.has_fds());
        let upgrade = view.upgrade.filter(|_| route == Route::Upgrade);
        Some(Self {
            route,
            provider: row.provider(investigating_site(&case), tables),
            upgrading: upgrading_site(&case).map(|site| row.provider(site, tables)),
            referred_on: referral
                .and_then(|known| known.fact.cancer_referral_to_treatment_period_start_date),
            upgraded_on: upgrade.and_then(|known| known.fact.consultant_upgrade_date),
            seen_on: view.first_seen.and_then(|known| known.fact.date_first_seen),
        })
    }
}

/// The weekly list of one Sunday's close, 24:00 London: every part is judged on that Sunday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PtlWeekly {
    week: Interval,
    rows: BTreeMap<WeeklyKey, u64>,
}

/// The last day that has not passed day 28.
const LAST_BEFORE: i32 = 28;

impl PtlWeekly {
    /// The list of a Sunday with nothing on it.
    #[must_use]
    pub const fn new(sunday: Day) -> Self {
        Self {
            week: Interval::week_ending(sunday),
            rows: BTreeMap::new(),
        }
    }

    /// Its seven days.
    #[must_use]
    pub const fn week(&self) -> Interval {
        self.week
    }

    /// The rows in order, none of them zero.
    #[must_use]
    pub const fn rows(&self) -> &BTreeMap<WeeklyKey, u64> {
        &self.rows
    }

    /// Counts an open clock of the tracking list of that Sunday; only 62-day clocks count.
    pub fn note_entry(&mut self, entry: &TrackingEntry) {
        if entry.standard != Standard::SixtyTwoDay {
            return;
        }
        let key = WeeklyKey {
            organisation: entry.organisation.clone(),
            route: entry.route,
            item: WeeklyItem::Running,
            band: Some(entry.band()),
            is_decided: Some(entry.is_decided),
        };
        self.count(key);
        let passed = entry.as_of.plus(LAST_BEFORE + 1 - entry.days());
        if self.week.holds(passed) {
            let organisation = entry.organisation.clone();
            self.count_item(organisation, entry.route, WeeklyItem::Passed28);
        }
    }

    /// Counts a 62-day clock that is over, where it passed day 28 in the seven days before it was left.
    pub fn note_course(&mut self, course: &Course) {
        let item = match course.outcome {
            Outcome::Running => return,
            Outcome::Stopped { .. } => WeeklyItem::Passed28Stopped,
            Outcome::Ended { .. } => WeeklyItem::Passed28Ended,
        };
        let first_past = LAST_BEFORE + 1;
        let passed = self.week.holds(course.reaches(first_past)) && course.got_to(first_past);
        if course.standard == Standard::SixtyTwoDay && passed {
            self.count_item(course.organisation.clone(), course.route, item);
        }
    }

    /// Counts what brought a pathway onto the list in the seven days.
    pub fn note_arrival(&mut self, arrival: &Arrival) {
        let provider = Some(arrival.provider.clone());
        let upgrading = arrival.upgrading.clone().or_else(|| provider.clone());
        for (on, item, organisation) in [
            (
                arrival.referred_on,
                WeeklyItem::NewReferral,
                provider.clone(),
            ),
            (arrival.upgraded_on, WeeklyItem::Upgrade, upgrading),
            (arrival.seen_on, WeeklyItem::FirstSeen, provider),
        ] {
            if on.is_some_and(|on| self.week.holds(on)) {
                self.count_item(organisation, arrival.route, item);
            }
        }
    }

    /// Adds the list of other pathways of the same Sunday.
    pub fn absorb(&mut self, other: &Self) {
        for (key, count) in &other.rows {
            *self.rows.entry(key.clone()).or_default() += count;
        }
    }

    fn count_item(&mut self, organisation: Option<CompactString>, route: Route, item: WeeklyItem) {
        self.count(WeeklyKey {
            organisation,
            route,
            item,
            band: None,
            is_decided: None,
        });
    }

    fn count(&mut self, key: WeeklyKey) {
        *self.rows.entry(key).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrival, PtlWeekly, WeeklyItem, WeeklyKey};
    use crate::assessment::Route;
    use crate::statistics::feed_fixture::{Feed, Ymd, day};
    use crate::statistics::{Course, Tables, TrackingBand, TrackingEntry};
    use crate::{ConsultantUpgrade, DecisionToTreat, FirstSeen, TreatmentStarted};

    const P: &str = "RXX:P";
    const SUNDAY: Ymd = (2024, 3, 3);

    fn weekly(feed: &Feed) -> PtlWeekly {
        let row = feed.row(P, SUNDAY);
        let tables = Tables::default();
        let mut weekly = PtlWeekly::new(day(SUNDAY));
        for entry in &TrackingEntry::of(&row, &tables) {
            weekly.note_entry(entry);
        }
        for course in &Course::of(&row, &tables) {
            weekly.note_course(course);
        }
        if let Some(arrival) = &Arrival::of(&row, &tables) {
            weekly.note_arrival(arrival);
        }
        weekly
    }

    fn counted(feed: &Feed) -> Vec<WeeklyItem> {
        weekly(feed).rows.into_keys().map(|key| key.item).collect()
    }

    /// A date so many days before Sunday.
    fn before(days: i32) -> Ymd {
        day(SUNDAY).plus(-days).ymd()
    }

    #[test]
    fn running_clocks_stand_by_band_and_decision() {
        let mut feed = Feed::with_referral(P, before(63));
        let row = |is_decided| WeeklyKey {
            organisation: Some("RXX".into()),
            route: Route::Usc,
            item: WeeklyItem::Running,
            band: Some(TrackingBand::UpTo104),
            is_decided: Some(is_decided),
        };
        assert_eq!(
            weekly(&feed).rows.into_iter().collect::<Vec<_>>(),
            [(row(false), 1)]
        );
        let decision = DecisionToTreat {
            cancer_treatment_period_start_date: Some(day(SUNDAY)),
            ..Default::default()
        };
        feed.learn(P, "T1", decision.into());
        let decided = weekly(&feed);
        assert_eq!(decided.rows.iter().collect::<Vec<_>>(), [(&row(true), &1)]);
        let mut twice = decided.clone();
        twice.absorb(&decided);
        assert_eq!(twice.rows.into_values().collect::<Vec<_>>(), [2]);
        assert!(PtlWeekly::new(day(SUNDAY)).rows.is_empty());
    }

    #[test]
    fn a_count_of_29_to_35_has_passed_28_in_the_week() {
        for (days, passed) in [(28, false), (29, true), (35, true), (36, false)] {
            let feed = Feed::with_referral(P, before(days));
            let items = counted(&feed);
            assert_eq!(items.contains(&WeeklyItem::Passed28), passed, "{days}");
            assert!(items.contains(&WeeklyItem::Running));
        }
    }

    #[test]
    fn clocks_left_after_passing_28_stand_apart() {
        for (days, left, passed) in [
            (33, 5, false),
            (33, 4, true),
            (33, 0, true),
            (28, 0, false),
            (36, 0, false),
        ] {
            let mut feed = Feed::with_referral(P, before(days));
            feed.told(P, before(left), "02");
            let expected = if passed {
                vec![WeeklyItem::Passed28Ended]
            } else {
                vec![]
            };
            assert_eq!(counted(&feed), expected, "{days} ended {left}");
            let mut feed = Feed::with_referral(P, before(days));
            let start = TreatmentStarted {
                treatment_start_date_cancer: Some(day(before(left))),
                cancer_treatment_event_type: feed.text("01"),
                ..Default::default()
            };
            feed.learn(P, "T1", start.into());
            let expected = if passed {
                vec![WeeklyItem::Passed28Stopped]
            } else {
                vec![]
            };
            assert_eq!(counted(&feed), expected, "{days} stopped {left}");
        }
    }

    #[test]
    fn arrivals_are_those_of_the_seven_days() {
        for (days, arrived) in [(0, true), (6, true), (7, false)] {
            let feed = Feed::with_referral(P, before(days));
            let items = counted(&feed);
            assert_eq!(items.contains(&WeeklyItem::NewReferral), arrived, "{days}");
            let mut feed = Feed::with_referral(P, before(20));
            let seen = FirstSeen {
                date_first_seen: Some(day(before(days))),
                organisation_site_identifier_of_provider_first_seen: feed.text("RYY01"),
                ..Default::default()
            };
            feed.learn(P, "1", seen.into());
            let items = counted(&feed);
            assert_eq!(items.contains(&WeeklyItem::FirstSeen), arrived, "{days}");
            assert!(!items.contains(&WeeklyItem::NewReferral));
        }
    }

    #[test]
    fn an_upgrade_arrives_by_its_upgrade_at_the_trust_that_upgraded() {
        let mut feed = Feed::with_referral(P, before(3));
        let upgrade = ConsultantUpgrade {
            consultant_upgrade_date: Some(day(before(1))),
            organisation_site_identifier_of_provider_consultant_upgrade: feed.text("RZZ01"),
        };
        feed.learn(P, "1", upgrade.into());
        let weekly = weekly(&feed);
        let arrivals: Vec<_> = weekly
            .rows
            .keys()
            .filter(|key| key.item != WeeklyItem::Running)
            .map(|key| (key.item, key.route, key.organisation.as_deref()))
            .collect();
        assert_eq!(
            arrivals,
            [(WeeklyItem::Upgrade, Route::Upgrade, Some("RZZ"))]
        );
        let closed = Feed::default_closed(P);
        let row = closed.row(P, SUNDAY);
        assert_eq!(Arrival::of(&row, &Tables::default()), None);
    }
}
