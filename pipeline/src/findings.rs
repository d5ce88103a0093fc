//! The findings V01-V31 (`domain/cwt-rules.md` 2.5 and 10): what does not fit, kept and shown.

mod fields;
mod table;

pub use table::{FindingEffect, FindingLevel, Severity};

use crate::assessment::{Clock, Route, Standard, State, Stopped};
use crate::codes::{
    EndReason, MODALITY_SURGERY_RETIRED, Stage, TYPE_BREAST, TYPE_GYNAECOLOGICAL,
    TYPE_LOWER_GASTROINTESTINAL, TYPE_LUNG,
};
use crate::day::Day;
use crate::fact::OutcomeCommunicated;
use crate::pathway::Identity;
use crate::rules::{
    Case, FdsEnd, Scope, Transferred, end_of_fds, first_definitive_treatment, freezing_decision,
    has_screening_priority, is_basal_cell_unsure, is_breast_symptoms, is_first_seen_contradictory,
    is_ruled_out_contradicted, is_screening, is_treatment_contradictory,
    is_upgrade_on_urgent_referral, share, transferred,
};
use crate::view::Treatment;
use core::fmt;

/// One finding, `V01` to `V31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding(u8);

/// A set of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings(u32);

const FINDINGS: u8 = 31;

impl Finding {
    /// Finding number `number`, 1 to 31.
    ///
    /// # Panics
    /// When there is no such finding.
    #[must_use]
    pub const fn v(number: u8) -> Self {
        assert!(number >= 1 && number <= FINDINGS);
        Self(number)
    }
}

impl Finding {
    /// How many there are.
    #[expect(clippy::as_conversions, reason = "from is not const")]
    pub const COUNT: usize = FINDINGS as usize;

    /// Its number, 1 to [`Self::COUNT`].
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V{:02}", self.0)
    }
}

impl Findings {
    /// Adds the finding when it holds.
    pub fn note(&mut self, number: u8, holds: bool) {
        if holds {
            self.0 |= 1 << Finding::v(number).0;
        }
    }

    /// Takes the finding away.
    pub fn clear(&mut self, number: u8) {
        self.0 &= !(1 << Finding::v(number).0);
    }

    /// Whether the finding holds.
    #[must_use]
    pub const fn holds(self, number: u8) -> bool {
        self.0 & (1 << Finding::v(number).0) != 0
    }

    /// Adds those of the other.
    pub(crate) const fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// The findings that hold, in order.
    pub fn iter(self) -> impl Iterator<Item = Finding> {
        (1..=FINDINGS).filter(move |&n| self.holds(n)).map(Finding)
    }
}

/// `V04 V19`, in order; empty where none holds.
impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for finding in self.iter() {
            write!(f, "{separator}{finding}")?;
            separator = " ";
        }
        Ok(())
    }
}

/// Surgery under the old code 01 ended on this day (V13).
const SURGERY_RETIRED_ON: Option<Day> = Day::from_ymd(2020, 10, 1);
/// Days after being told of cancer on a breast-symptoms referral by which treatment is expected (V26).
const UNTREATED_AFTER_DAYS: i32 = 60;
/// More items of one kind than any real pathway has (V30).
pub(crate) const MANY_ITEMS: usize = 64;

/// The findings of one pathway that need no other pathway (Q28, Q30).
pub(crate) fn findings(case: &Case<'_>, clocks: &[Clock], identity: &Identity) -> Findings {
    let mut findings = Findings::default();
    note_identity(&mut findings, identity);
    note_referral(&mut findings, case);
    note_outcome(&mut findings, case);
    for treatment in &case.view.treatments {
        findings.add(treatment_findings(case, treatment));
    }
    for clock in clocks {
        findings.add(clock_findings(case, clock));
    }
    note_whole(&mut findings, case);
    findings
}

fn note_identity(findings: &mut Findings, identity: &Identity) {
    findings.note(1, identity.invalid);
    findings.note(31, identity.conflicting);
}

fn note_referral(findings: &mut Findings, case: &Case<'_>) {
    let upgraded = case
        .view
        .upgrade
        .and_then(|known| known.fact.consultant_upgrade_date);
    let decided = case
        .view
        .treatments
        .iter()
        .filter_map(Treatment::plain_decision)
        .min();
    let after_decision =
        matches!((upgraded, decided), (Some(upgraded), Some(decided)) if upgraded > decided);
    findings.note(8, is_first_seen_contradictory(case.view));
    findings.note(18, after_decision);
    findings.note(19, is_upgrade_on_urgent_referral(case.view));
    let Some(referral) = case.view.referral.map(|known| known.fact) else {
        return;
    };
    let suspected = referral.two_week_wait_cancer_or_symptomatic_breast_referral_type;
    let screened = [
        TYPE_BREAST,
        TYPE_LOWER_GASTROINTESTINAL,
        TYPE_GYNAECOLOGICAL,
        TYPE_LUNG,
    ];
    let listed = suspected.is_some_and(|suspected| screened.contains(&suspected));
    findings.note(
        2,
        is_screening(&referral) && !has_screening_priority(&referral),
    );
    findings.note(3, case.route == Route::Screening && !listed);
    let Some(receipt) = referral.cancer_referral_to_treatment_period_start_date else {
        return;
    };
    findings.note(4, later_dates(case).any(|day| receipt > day));
    findings.note(18, upgraded.is_some_and(|upgraded| upgraded < receipt));
}

/// The dates that no receipt may follow (V04).
fn later_dates(case: &Case<'_>) -> impl Iterator<Item = Day> {
    let seen = case
        .view
        .first_seen
        .and_then(|known| known.fact.date_first_seen);
    let told = case
        .view
        .outcome
        .and_then(|known| known.fact.cancer_faster_diagnosis_pathway_end_date);
    let treatments = case.view.treatments.iter();
    seen.into_iter()
        .chain(told)
        .chain(treatments.flat_map(|treatment| {
            treatment
                .decided_on()
                .into_iter()
                .chain(treatment.started_on())
        }))
}

fn note_outcome(findings: &mut Findings, case: &Case<'_>) {
    let outcome = case
        .view
        .outcome
        .map_or_else(OutcomeCommunicated::default, |known| known.fact);
    let code = outcome.cancer_faster_diagnosis_pathway_end_reason;
    let reason = EndReason::of(code);
    let excluded = reason == Some(EndReason::Excluded);
    let has_exclusion = outcome
        .cancer_faster_diagnosis_pathway_exclusion_reason
        .is_some();
    let told = outcome.cancer_faster_diagnosis_pathway_end_date;
    findings.note(10, code.is_some() && excluded != has_exclusion);
    findings.note(11, told.is_some() && reason.is_none());
    let given = case.view.treatments.iter().any(Treatment::was_given);
    let decided = freezing_decision(case.view).is_some();
    findings.note(
        25,
        case.route.has_fds() && told.is_none() && (given || decided),
    );
    let FdsEnd::Complete { on, reason, .. } = end_of_fds(case.view) else {
        return;
    };
    let untreated = case
        .view
        .treatments
        .iter()
        .all(|treatment| treatment.started_on().is_none());
    let breast_symptoms = case
        .view
        .referral
        .is_some_and(|known| is_breast_symptoms(&known.fact));
    let waited = case.today.since(on) >= UNTREATED_AFTER_DAYS;
    findings.note(
        26,
        reason == EndReason::Diagnosis && breast_symptoms && untreated && waited,
    );
    findings.note(
        28,
        reason == EndReason::RuledOut && is_ruled_out_contradicted(case),
    );
}

/// The findings about one treatment: V05, V09, V12 to V16 and V27.
pub(crate) fn treatment_findings(case: &Case<'_>, treatment: &Treatment) -> Findings {
    let mut findings = Findings::default();
    let started = treatment.started_on();
    let decided = treatment.decided_on();
    let decided_after =
        matches!((decided, started), (Some(decided), Some(started)) if decided > started);
    let given = treatment.was_given();
    let retired = treatment.modality() == Some(MODALITY_SURGERY_RETIRED)
        && matches!((started, SURGERY_RETIRED_ON), (Some(on), Some(from)) if on >= from);
    findings.note(5, decided_after);
    findings.note(9, is_treatment_contradictory(treatment));
    findings.note(
        12,
        treatment.is_declined() && is_primary_treated(case, treatment),
    );
    findings.note(13, retired);
    findings.note(14, is_further_first(case, treatment));
    findings.note(15, lacks_first(case, treatment));
    findings.note(
        16,
        given && case.scope(treatment.primary_id()) == Scope::NotKnown,
    );
    findings.note(27, given && decided.is_none());
    findings
}

fn is_primary_treated(case: &Case<'_>, declined: &Treatment) -> bool {
    case.view
        .treatments
        .iter()
        .any(|other| other.was_given() && other.primary_id() == declined.primary_id())
}

/// A first treatment of a primary that another one has treated first (V14, Q12).
fn is_further_first(case: &Case<'_>, treatment: &Treatment) -> bool {
    treatment.was_given()
        && treatment.stage() == Some(Stage::First)
        && first_definitive_treatment(case.view, treatment.primary_id(), case.texts)
            .is_some_and(|first| first.id != treatment.id)
}

/// A later treatment of a primary that had no first one on this pathway (V15).
fn lacks_first(case: &Case<'_>, treatment: &Treatment) -> bool {
    let begun = |stage| {
        move |other: &Treatment| other.stage() == Some(stage) && other.started_on().is_some()
    };
    begun(Stage::Subsequent)(treatment)
        && !case
            .view
            .treatments
            .iter()
            .any(|other| other.primary_id() == treatment.primary_id() && begun(Stage::First)(other))
}

/// The findings about one clock: V07, V20, V21 and V22.
pub(crate) fn clock_findings(case: &Case<'_>, clock: &Clock) -> Findings {
    let mut findings = Findings::default();
    let State::Stopped(stopped) = &clock.state else {
        return findings;
    };
    findings.note(7, stopped.wait.days() < 0);
    let breach = stopped.counting.counts() && !stopped.within;
    findings.note(22, breach && !has_delay_reason(case, clock));
    if clock.standard == Standard::SixtyTwoDay {
        note_sharing(&mut findings, case, clock, stopped);
    }
    findings
}

fn note_sharing(findings: &mut Findings, case: &Case<'_>, clock: &Clock, stopped: &Stopped) {
    let transfer = transferred(case.view, case.texts, stopped.wait.start, stopped.stop);
    findings.note(21, matches!(transfer, Transferred::Impossible { .. }));
    let fdt = case
        .view
        .treatments
        .iter()
        .find(|treatment| Some(treatment.id) == clock.treatment_id);
    findings.note(
        20,
        fdt.is_some_and(|fdt| share(case, stopped, fdt).lacks_data),
    );
}

/// The reason for the delay that a counted breach owes (V22).
fn has_delay_reason(case: &Case<'_>, clock: &Clock) -> bool {
    let treatment = case
        .view
        .treatments
        .iter()
        .find(|treatment| Some(treatment.id) == clock.treatment_id);
    match clock.standard {
        Standard::Fds => case
            .view
            .outcome
            .and_then(|known| known.fact.delay_reason_outcome_communication),
        Standard::SixtyTwoDay => treatment
            .and_then(|treatment| treatment.start)
            .and_then(|known| known.fact.delay_reason_referral_to_treatment),
        Standard::ThirtyOneDay => treatment
            .and_then(|treatment| treatment.decision)
            .and_then(|known| known.fact.delay_reason_decision_to_treat),
    }
    .is_some()
}

fn note_whole(findings: &mut Findings, case: &Case<'_>) {
    let view = case.view;
    findings.note(6, view.ahead);
    findings.note(
        17,
        view.diagnoses
            .iter()
            .any(|item| is_basal_cell_unsure(&item.known.fact, case.reference, case.texts)),
    );
    findings.note(23, view.disputed);
    findings.note(29, view.any && view.referral.is_none());
    let most = view
        .transfers
        .len()
        .max(view.diagnoses.len())
        .max(view.milestones.len())
        .max(view.treatments.len());
    findings.note(30, most > MANY_ITEMS);
}
