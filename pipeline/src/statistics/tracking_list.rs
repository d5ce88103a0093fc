//! `patient_tracking_list`: who waits on a day, and what comes next (statistics 4).

mod plans;

use super::tables::Tables;
use crate::alert::Level;
use crate::assessment::{Clock, Route, Running, Standard, State};
use crate::codes::EndReason;
use crate::day::Day;
use crate::fact::EventType;
use crate::findings::Findings;
use crate::report::NhsNumber;
use crate::row::Row;
use crate::rules::{Case, FdsEnd, Scope, end_of_fds, first_seen_days_for_sixty_two};
use crate::text::Text;
use crate::view::Treatment;
use compact_str::CompactString;

pub use plans::{LastEvent, PlannedMilestone};

/// The bands of adjusted days that the lists use, for clocks of every standard (statistics 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrackingBand {
    /// Up to 28 days, negative ones too.
    UpTo28,
    /// 29 to 62.
    UpTo62,
    /// 63 to 104.
    UpTo104,
    /// 105 and more.
    Over104,
}

impl TrackingBand {
    /// The last day of each band but the open one. They are the layout of a list and no limits, so
    /// they stay when a limit changes.
    const LAST_DAYS: [(i32, Self); 3] =
        [(28, Self::UpTo28), (62, Self::UpTo62), (104, Self::UpTo104)];

    /// The band of so many adjusted days.
    #[must_use]
    pub fn of(days: i32) -> Self {
        Self::LAST_DAYS
            .into_iter()
            .find_map(|(last, band)| (days <= last).then_some(band))
            .unwrap_or(Self::Over104)
    }

    /// `0-28`, `29-62`, `63-104` or `>104`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UpTo28 => "0-28",
            Self::UpTo62 => "29-62",
            Self::UpTo104 => "63-104",
            Self::Over104 => ">104",
        }
    }
}

/// One open clock: one that has started and neither stopped nor ended. It stands without its engine.
///
/// Where statistics 4 leaves it open: *site* is the site as sent that gave the responsible organisation;
/// *cancer confirmed* and the milestones are the pathway's, the same on each of its clocks; treatments
/// are those of the clock's primary on a 62-day clock, the clock's own on a 31-day clock, and all of the
/// pathway on a FDS clock.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackingEntry {
    /// The day of the list.
    pub as_of: Day,
    /// `<issuer>:<identifier>`.
    pub pathway: CompactString,
    /// The patient's NHS number, where valid; for direct care only.
    pub nhs_number: Option<NhsNumber>,
    /// The source's own number for the patient; for direct care only.
    pub local_patient_identifier: Option<CompactString>,
    /// The standard of the clock.
    pub standard: Standard,
    /// The primary of a 62-day clock.
    pub primary_id: Option<CompactString>,
    /// The treatment of a 31-day clock.
    pub treatment_id: Option<CompactString>,
    /// The pathway's route.
    pub route: Route,
    /// TWO WEEK WAIT CANCER OR SYMPTOMATIC BREAST REFERRAL TYPE, code as sent.
    pub suspected_type: Option<CompactString>,
    /// The commissioner of the referral, or `UNKNOWN` (statistics 1).
    pub icb: CompactString,
    /// The provider that has to act (design 5), as published.
    pub organisation: Option<CompactString>,
    /// The site, as sent, by which that provider was named; `None` where only the issuer was.
    pub site: Option<CompactString>,
    /// The clock: start, adjustment, raw days, days left, whether it would count, where it is frozen.
    pub clock: Running,
    /// The level of its alert; `None` while nothing warns.
    pub level: Option<Level>,
    /// The earliest milestone planned for the day of the list or later.
    pub next_milestone: Option<PlannedMilestone>,
    /// What happened last, up to the day of the list.
    pub last_event: Option<LastEvent>,
    /// The earliest milestone `treatment_planned` planned for the day of the list or later.
    pub planned_treatment_date: Option<Day>,
    /// The modality of the earliest-decided treatment that has neither begun nor been declined,
    /// undated decisions last, then the lower treatment id (as Q10); code as sent.
    pub planned_modality: Option<CompactString>,
    /// A diagnosis in scope is recorded, or the patient was told of cancer (end reason 01).
    pub cancer_confirmed: bool,
    /// A decision to treat or ECAD is dated up to the day of the list, and is not of modality 98.
    pub is_decided: bool,
    /// The latest date of transfer to treatment up to the day of the list.
    pub transferred_on: Option<Day>,
    /// 62-day clocks not transferred since their start: days from the day of the list to day 38, by
    /// which the investigating trust hands over (start + 38 + first-seen adjustment, section 3 of the
    /// rules); negative once it has passed.
    pub days_to_day_38: Option<i32>,
    /// The reason for delay that a breach of this clock would owe (V22), where it is sent already.
    pub delay_reason: Option<CompactString>,
    /// The pathway's findings. V15 and V24 are complete only once those of all partitions are put here.
    pub findings: Findings,
}

/// The day by which a 62-day pathway is handed over for treatment (section 3 of the rules).
const HANDED_OVER_BY_DAY: i32 = 38;

impl TrackingEntry {
    /// The open clocks of a pathway on its day.
    #[must_use]
    pub fn of(row: &Row<'_>, tables: &Tables) -> Vec<Self> {
        let open = row.assessment.clocks.iter().filter_map(|clock| {
            let State::Running(running) = clock.state else {
                return None;
            };
            Some((clock, running))
        });
        let mut shared = None;
        open.map(|(clock, running)| {
            let shared = shared.get_or_insert_with(|| Shared::of(row, tables));
            entry(row, clock, running, shared)
        })
        .collect()
    }

    /// Days before adjustment, up to the day of the list or to where the clock is frozen (Q1).
    #[must_use]
    pub const fn raw_days(&self) -> i32 {
        self.clock.wait.raw_days
    }

    /// Days after adjustment.
    #[must_use]
    pub const fn days(&self) -> i32 {
        self.clock.wait.days()
    }

    /// The band of the adjusted days.
    #[must_use]
    pub fn band(&self) -> TrackingBand {
        TrackingBand::of(self.days())
    }
}

/// What is the same for all clocks of a pathway.
struct Shared<'a> {
    case: Case<'a>,
    planned: Vec<PlannedMilestone>,
    last_event: Option<LastEvent>,
    cancer_confirmed: bool,
    transferred_on: Option<Day>,
    tables: &'a Tables,
}

impl<'a> Shared<'a> {
    fn of(row: &'a Row<'_>, tables: &'a Tables) -> Self {
        let case = row.case();
        let transfers = row.view.transfers.iter();
        Self {
            planned: plans::planned(row),
            last_event: plans::last_event(row),
            cancer_confirmed: is_cancer_confirmed(&case),
            transferred_on: transfers
                .filter_map(|item| item.known.fact.date_of_transfer_to_treatment)
                .max(),
            case,
            tables,
        }
    }
}

fn is_cancer_confirmed(case: &Case<'_>) -> bool {
    let told = matches!(
        end_of_fds(case.view),
        FdsEnd::Complete {
            reason: EndReason::Diagnosis,
            ..
        }
    );
    let mut diagnoses = case.view.diagnoses.iter();
    told || diagnoses.any(|item| case.scope(item.id) == Scope::In)
}

fn entry(row: &Row<'_>, clock: &Clock, running: Running, shared: &Shared<'_>) -> TrackingEntry {
    let spell = |text: Option<Text>| text.map(|text| row.spell(text));
    let referral = row.view.referral.map(|known| known.fact);
    let referral = referral.unwrap_or_default();
    let mut planned = shared.planned.iter();
    let decided =
        |treatment: &Treatment| treatment.decided_on().is_some() && !treatment.is_declined();
    TrackingEntry {
        as_of: row.assessment.as_of,
        pathway: row.pathway.into(),
        nhs_number: row.nhs_number,
        local_patient_identifier: spell(row.local_patient_identifier),
        standard: clock.standard,
        primary_id: spell(clock.primary_id),
        treatment_id: spell(clock.treatment_id),
        route: row.assessment.route,
        suspected_type: spell(referral.two_week_wait_cancer_or_symptomatic_breast_referral_type),
        icb: row.commissioner(shared.tables),
        organisation: clock
            .responsible_site
            .map(|site| row.provider(site, shared.tables)),
        site: spell(site(row, clock)),
        clock: running,
        level: clock.level,
        next_milestone: shared.planned.first().cloned(),
        last_event: shared.last_event.clone(),
        planned_treatment_date: planned
            .find(|milestone| milestone.is_treatment())
            .map(|milestone| milestone.on),
        planned_modality: spell(planned_treatment(row, clock).and_then(Treatment::modality)),
        cancer_confirmed: shared.cancer_confirmed,
        is_decided: treatments(row, clock).any(decided),
        transferred_on: shared.transferred_on,
        days_to_day_38: days_to_day_38(&shared.case, clock, running, shared.transferred_on),
        delay_reason: spell(delay_reason(row, clock)),
        findings: row.assessment.findings,
    }
}

/// The treatments a clock is about.
fn treatments<'a>(row: &'a Row<'_>, clock: &Clock) -> impl Iterator<Item = &'a Treatment> {
    let clock = *clock;
    row.view
        .treatments
        .iter()
        .filter(move |treatment| match clock.standard {
            Standard::Fds => true,
            Standard::SixtyTwoDay => Some(treatment.primary_id()) == clock.primary_id,
            Standard::ThirtyOneDay => Some(treatment.id) == clock.treatment_id,
        })
}

/// Treatments are in the order of their ids, and the first of several equal ones is taken.
fn planned_treatment<'a>(row: &'a Row<'_>, clock: &Clock) -> Option<&'a Treatment> {
    treatments(row, clock)
        .filter(|treatment| treatment.decision.is_some())
        .filter(|treatment| treatment.started_on().is_none() && !treatment.is_declined())
        .min_by_key(|treatment| (treatment.decided_on().is_none(), treatment.decided_on()))
}

/// The first site, in the order in which the responsible organisation is sought, that belongs to it.
fn site(row: &Row<'_>, clock: &Clock) -> Option<Text> {
    let view = &row.view;
    let deciding = treatments(row, clock)
        .filter(|_| clock.standard != Standard::Fds)
        .filter_map(|treatment| {
            treatment
                .decision?
                .fact
                .organisation_site_identifier_of_provider_cancer_decision_to_treat
        });
    let upgrading = view
        .upgrade
        .filter(|_| clock.standard == Standard::SixtyTwoDay);
    let upgrading = upgrading.and_then(|known| {
        known
            .fact
            .organisation_site_identifier_of_provider_consultant_upgrade
    });
    let seen = view.first_seen.and_then(|known| {
        known
            .fact
            .organisation_site_identifier_of_provider_first_seen
    });
    let referred = view
        .referral
        .and_then(|known| known.fact.organisation_site_identifier);
    deciding
        .chain(upgrading)
        .chain(seen)
        .chain(referred)
        .find(|&site| Some(row.texts().trust(site)) == clock.responsible)
}

/// A transfer before the clock's start is impossible (V21) and hands nothing over.
fn days_to_day_38(
    case: &Case<'_>,
    clock: &Clock,
    running: Running,
    transferred_on: Option<Day>,
) -> Option<i32> {
    let start = running.wait.start;
    let waits = clock.standard == Standard::SixtyTwoDay
        && transferred_on.is_none_or(|transferred| transferred < start);
    let first_seen = first_seen_days_for_sixty_two(case.view, case.route);
    waits.then(|| {
        start
            .plus(HANDED_OVER_BY_DAY + first_seen)
            .since(case.today)
    })
}

fn delay_reason(row: &Row<'_>, clock: &Clock) -> Option<Text> {
    match clock.standard {
        Standard::Fds => row.view.outcome?.fact.delay_reason_outcome_communication,
        Standard::SixtyTwoDay => treatments(row, clock)
            .filter(|treatment| treatment.started_on().is_none())
            .find_map(|treatment| treatment.start?.fact.delay_reason_referral_to_treatment),
        Standard::ThirtyOneDay => treatments(row, clock)
            .find_map(|treatment| treatment.decision?.fact.delay_reason_decision_to_treat),
    }
}

/// The milestone type that plans a treatment.
const TREATMENT_PLANNED: &str = "treatment_planned";

impl PlannedMilestone {
    fn is_treatment(&self) -> bool {
        self.milestone_type.as_deref() == Some(TREATMENT_PLANNED)
    }
}

impl LastEvent {
    /// The symbol of the schemas' `event_type` enum.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        EventType::name(self.event_type)
    }
}

#[cfg(test)]
mod tests;
