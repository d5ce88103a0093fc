//! From a pathway to its counted waits, and to the stops that do not count (statistics 2).

use super::cuts::{Activity, TreatmentStage};
use super::tables::Tables;
use super::wait::Wait;
use crate::assessment::{Clock, Counting, Reason, Route, Standard, State, Stopped};
use crate::codes::Stage;
use crate::day::{Day, Month};
use crate::row::Row;
use crate::rules::{
    deciding_site, first_seen_days, first_seen_days_for_sixty_two, freezing_decision, transferred,
    treating_site, treatment_days,
};
use crate::text::Text;
use crate::view::Treatment;
use compact_str::CompactString;
use smallvec::SmallVec;

/// What a pathway contributes to the statistics.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Its counted waits, in the order of its clocks; first-seen activity last.
    pub waits: SmallVec<[Wait; 3]>,
    /// Its stops that do not count.
    pub uncounted: SmallVec<[Uncounted; 1]>,
}

/// A stop that does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uncounted {
    /// What would have been counted.
    pub activity: Activity,
    /// The month that would have reported it.
    pub month: Month,
    /// Who would have reported it: for 62-day waits, which nobody shares out, the treating provider.
    pub organisation: Option<CompactString>,
    /// Why not.
    pub reason: UncountedReason,
}

/// Why a stop does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UncountedReason {
    /// By the rules of its clock (Q33).
    Clock(Reason),
    /// Nobody is known who reports it (R17, Q26): a counted wait of a standard stands in `waits` all
    /// the same, but in no cell of `performance`; first-seen activity does not.
    OrganisationMissing,
}

impl UncountedReason {
    /// The reason's name in `domain/assessment.md`, or `organisation_missing`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clock(reason) => reason.name(),
            Self::OrganisationMissing => "organisation_missing",
        }
    }
}

impl Counted {
    /// The waits of a pathway as judged on the row's day.
    ///
    /// A stop is a clock in state `stopped`: clocks that ended, though the end of treatment may be
    /// known (R6, R12, R15), never reached theirs, and are not listed as uncounted.
    #[must_use]
    pub fn of(row: &Row<'_>, tables: &Tables) -> Self {
        let mut counted = Self::default();
        let draft = Draft { row, tables };
        for clock in &row.assessment.clocks {
            if let State::Stopped(stopped) = &clock.state {
                counted.take(draft.wait(clock, stopped), stopped.counting);
            }
        }
        if let Some((wait, counting)) = draft.first_seen() {
            counted.take(wait, counting);
        }
        counted
    }

    fn take(&mut self, wait: Wait, counting: Counting) {
        let reason = match counting {
            Counting::Uncounted(reason) => Some(UncountedReason::Clock(reason)),
            Counting::Counted | Counting::CountedAfterLimit => wait
                .shares()
                .is_empty()
                .then_some(UncountedReason::OrganisationMissing),
        };
        if let Some(reason) = reason {
            let organisation = wait.organisation().or_else(|| wait.treated_by());
            self.uncounted.push(Uncounted {
                activity: wait.activity,
                month: wait.month(),
                organisation: organisation.map(|of| of.as_str().into()),
                reason,
            });
        }
        let needs_organisation = wait.activity == Activity::FirstSeen;
        if counting.counts() && !(needs_organisation && reason.is_some()) {
            self.waits.push(wait);
        }
    }
}

/// A row on its way to waits.
struct Draft<'a> {
    row: &'a Row<'a>,
    tables: &'a Tables,
}

impl Draft<'_> {
    fn wait(&self, clock: &Clock, stopped: &Stopped) -> Wait {
        let activity = Activity::Standard(clock.standard);
        let mut wait = self.blank(activity, stopped.wait.start, stopped.stop);
        wait.last_compliant = Some(stopped.last_compliant).into();
        wait.within = Some(stopped.within);
        wait.after_limit = stopped.counting == Counting::CountedAfterLimit;
        match clock.standard {
            Standard::Fds => self.fill_fds(&mut wait),
            Standard::SixtyTwoDay => {
                let treatment = self.treatment(clock);
                self.fill_treatment(&mut wait, treatment);
                self.fill_shared(&mut wait, clock, treatment);
            }
            Standard::ThirtyOneDay => {
                let treatment = self.treatment(clock);
                self.fill_treatment(&mut wait, treatment);
                wait.organisation = wait.treated_by;
                let decision = treatment.and_then(|treatment| treatment.decision);
                wait.delay_reason = self.put(
                    &mut wait,
                    decision.and_then(|known| known.fact.delay_reason_decision_to_treat),
                );
            }
        }
        wait
    }

    /// What the pathway says of all its waits.
    fn blank(&self, activity: Activity, start: Day, stop: Day) -> Wait {
        let mut wait = Wait::new(self.row.pathway, activity, start, stop);
        let view = &self.row.view;
        wait.route = self.row.assessment.route;
        wait.patient = self.row.nhs_number;
        if let Some(referral) = view.referral.map(|known| known.fact) {
            let suspected = referral.two_week_wait_cancer_or_symptomatic_breast_referral_type;
            wait.suspected_type_code = self.put(&mut wait, suspected);
            let spelling = suspected.map(|code| self.row.texts().read(code));
            let code = spelling.as_ref().map(crate::text::Spelling::as_str);
            wait.suspected_type = self.tables.suspected_type(wait.route, code);
            wait.listed_icb = referral.icb.and_then(|icb| {
                let spelling = self.row.texts().read(icb);
                let listed = self.tables.boards.contains_key(spelling.as_str());
                listed.then(|| wait.keep(spelling.as_str()))?
            });
            wait.age_at_referral = referral.age_at_referral;
            wait.deprivation_decile = referral.index_of_multiple_deprivation_decile;
            wait.gender = self.put(&mut wait, referral.person_stated_gender_code);
            wait.ethnic_category = self.put(&mut wait, referral.ethnic_category);
        }
        if let Some(seen) = view.first_seen.map(|known| known.fact) {
            wait.first_seen_on = seen.date_first_seen.into();
            let site = seen.organisation_site_identifier_of_provider_first_seen;
            wait.first_seen_by = self.provider(&mut wait, site);
        }
        if let Some(told) = view.outcome.map(|known| known.fact) {
            wait.told_on = told.cancer_faster_diagnosis_pathway_end_date.into();
            wait.end_reason = self.put(&mut wait, told.cancer_faster_diagnosis_pathway_end_reason);
        }
        wait
    }

    fn fill_fds(&self, wait: &mut Wait) {
        let view = &self.row.view;
        wait.first_seen_adjustment = days(first_seen_days(view));
        wait.decided_on = freezing_decision(view).into();
        if let Some(told) = view.outcome.map(|known| known.fact) {
            let site = told.organisation_site_identifier_faster_diagnosis_pathway_end;
            wait.organisation = self.provider(wait, site);
            wait.delay_reason = self.put(wait, told.delay_reason_outcome_communication);
        }
    }

    fn treatment(&self, clock: &Clock) -> Option<&Treatment> {
        let treatments = &self.row.view.treatments;
        treatments
            .iter()
            .find(|of| Some(of.id) == clock.treatment_id)
    }

    fn fill_treatment(&self, wait: &mut Wait, treatment: Option<&Treatment>) {
        let Some(treatment) = treatment else { return };
        let texts = self.row.texts();
        let primary = treatment.primary_id();
        wait.primary_id = Some(texts.read(primary).as_str().into());
        wait.treatment_id = Some(texts.read(treatment.id).as_str().into());
        wait.treatment_adjustment = days(treatment_days(treatment));
        wait.stage = treatment.stage().map(|stage| match stage {
            Stage::First => TreatmentStage::First,
            Stage::Subsequent | Stage::Recurrent => TreatmentStage::Subsequent,
        });
        wait.decided_on = treatment.decided_on().into();
        wait.event_type = self.put(wait, treatment.event_type());
        wait.modality_code = self.put(wait, treatment.modality());
        wait.treated_by = self.provider(wait, treating_site(treatment));
        wait.decided_by = self.provider(wait, deciding_site(treatment));
        let modality = treatment.modality().map(|code| texts.read(code));
        let modality = modality.as_ref().map(crate::text::Spelling::as_str);
        wait.modality_group = Some(self.tables.modality_group(modality));
        let diagnosis = self.row.view.diagnosis(primary);
        let icd = diagnosis.and_then(|known| known.fact.primary_diagnosis_icd);
        wait.tumour_group = icd.map(|icd| {
            let age = wait.age_at_referral;
            self.tables.tumour_group(texts.read(icd).as_str(), age)
        });
    }

    /// What only a 62-day wait has: how it is shared, and between whom.
    fn fill_shared(&self, wait: &mut Wait, clock: &Clock, treatment: Option<&Treatment>) {
        let view = &self.row.view;
        wait.first_seen_adjustment = days(first_seen_days_for_sixty_two(view, wait.route));
        let transfer = transferred(view, self.row.texts(), wait.start, wait.stop);
        wait.transferred_on = transfer.day().into();
        wait.investigated_by = self.provider(wait, transfer.investigating_site(view));
        let allocation = &self.row.assessment.allocation;
        wait.method = allocation
            .iter()
            .find(|part| Some(part.primary_id) == clock.primary_id)
            .map(|part| part.method);
        let start = treatment.and_then(|treatment| treatment.start);
        let delay = start.and_then(|known| known.fact.delay_reason_referral_to_treatment);
        wait.delay_reason = self.put(wait, delay);
    }

    /// A first appointment on an urgent route (statistics 2). Negative days do not count, and on a
    /// merged pathway nothing does, for the survivor has the patient (Q5).
    fn first_seen(&self) -> Option<(Wait, Counting)> {
        let view = &self.row.view;
        if !matches!(
            self.row.assessment.route,
            Route::Usc | Route::BreastSymptomatic
        ) {
            return None;
        }
        let start = view
            .referral?
            .fact
            .cancer_referral_to_treatment_period_start_date?;
        let seen = view.first_seen?.fact;
        let mut wait = self.blank(Activity::FirstSeen, start, seen.date_first_seen?);
        wait.organisation = wait.first_seen_by;
        wait.delay_reason = self.put(&mut wait, seen.delay_reason_referral_to_first_seen);
        if self.tables.adjusts_first_seen {
            wait.first_seen_adjustment = days(first_seen_days(view));
        }
        let counting = if self.row.is_merged() {
            Counting::Uncounted(Reason::Merged)
        } else if wait.days() < 0 {
            Counting::Uncounted(Reason::NegativeWait)
        } else {
            Counting::Counted
        };
        Some((wait, counting))
    }

    fn put(&self, wait: &mut Wait, text: Option<Text>) -> Option<Text> {
        wait.keep(self.row.texts().read(text?).as_str())
    }

    fn provider(&self, wait: &mut Wait, site: Option<Text>) -> Option<Text> {
        wait.keep(self.tables.provider(self.row.texts().read(site?).as_str()))
    }
}

/// Adjustments are 0 to 999 each (events.md).
fn days(adjustment: i32) -> i16 {
    i16::try_from(adjustment).unwrap_or(i16::MAX)
}

#[cfg(test)]
mod tests {
    use super::Counted;
    use crate::assessment::Standard;
    use crate::statistics::feed_fixture::{Feed, day};
    use crate::statistics::{Activity, Tables, TumourGroup, Wait};
    use crate::{
        DecisionToTreat, DiagnosisRecorded, Method, OutcomeCommunicated, ReferralReceived,
        Transfer, TreatmentStarted,
    };

    fn waits(feed: &Feed, standard: Standard) -> Vec<Wait> {
        let counted = Counted::of(&feed.row("RXX:P", (2026, 6, 1)), &Tables::default());
        let waits = counted.waits.into_iter();
        waits
            .filter(|wait| wait.activity == Activity::Standard(standard))
            .collect()
    }

    fn treated(feed: &mut Feed, id: &str, primary: &str) {
        let diagnosis = DiagnosisRecorded {
            primary_diagnosis_icd: feed.text("C34.1"),
            ..Default::default()
        };
        feed.learn("RXX:P", primary, diagnosis.into());
        let decision = DecisionToTreat {
            primary_id: feed.text(primary),
            cancer_treatment_period_start_date: Some(day((2026, 1, 20))),
            cancer_treatment_event_type: feed.text("01"),
            ..Default::default()
        };
        feed.learn("RXX:P", id, decision.into());
        let start = TreatmentStarted {
            treatment_start_date_cancer: Some(day((2026, 2, 2))),
            primary_id: feed.text(primary),
            organisation_site_identifier_of_provider_treatment_start_date_cancer: feed
                .text("RYY01"),
            ..Default::default()
        };
        feed.learn("RXX:P", id, start.into());
    }

    #[test]
    fn excluded_after_the_limit_is_told_from_another_breach() {
        for (reason, after_limit) in [("03", true), ("01", false)] {
            let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
            let outcome = OutcomeCommunicated {
                cancer_faster_diagnosis_pathway_end_date: Some(day((2026, 2, 10))),
                cancer_faster_diagnosis_pathway_end_reason: feed.text(reason),
                cancer_faster_diagnosis_pathway_exclusion_reason: feed.text("01"),
                ..Default::default()
            };
            feed.learn("RXX:P", "1", outcome.into());
            let found = waits(&feed, Standard::Fds);
            let found: Vec<_> = found.iter().map(|of| (of.within, of.after_limit)).collect();
            assert_eq!(found, [(Some(false), after_limit)], "{reason}");
        }
    }

    #[test]
    fn an_unlisted_board_is_unknown_and_a_child_has_no_tumour_group_of_its_own() {
        for (icb, age, expected) in [
            ("QYG", Some(16), ("QYG", TumourGroup::Lung)),
            ("QYG", None, ("QYG", TumourGroup::Lung)),
            ("QYG", Some(15), ("QYG", TumourGroup::Other)),
            ("QXX", Some(16), ("UNKNOWN", TumourGroup::Lung)),
        ] {
            let mut feed = Feed::default();
            let referral = ReferralReceived {
                icb: feed.text(icb),
                age_at_referral: age,
                ..feed.referral((2026, 1, 5))
            };
            feed.learn("RXX:P", "1", referral.into());
            treated(&mut feed, "T1", "1");
            let found = waits(&feed, Standard::ThirtyOneDay);
            let wait = found.first().expect("counted");
            let found = (wait.icb().as_str().to_owned(), wait.tumour_group);
            assert_eq!(found, (expected.0.to_owned(), Some(expected.1)));
        }
    }

    /// Treated ten days apart: the transfer between the two is the second one's alone.
    #[test]
    fn each_primary_is_shared_by_its_own_method() {
        let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
        treated(&mut feed, "T1", "1");
        treated(&mut feed, "T2", "2");
        let later = TreatmentStarted {
            treatment_start_date_cancer: Some(day((2026, 2, 12))),
            primary_id: feed.text("2"),
            organisation_site_identifier_of_provider_treatment_start_date_cancer: feed
                .text("RYY01"),
            ..Default::default()
        };
        feed.learn("RXX:P", "T2", later.into());
        let transfer = Transfer {
            accountable_investigating_provider: feed.text("RXX"),
            date_of_transfer_to_treatment: Some(day((2026, 2, 10))),
        };
        feed.learn("RXX:P", "1", transfer.into());
        let found = waits(&feed, Standard::SixtyTwoDay);
        let found: Vec<_> = found
            .iter()
            .map(|wait| (wait.primary_id().map(str::to_owned), wait.method))
            .collect();
        let of = |primary: &str, method| (Some(primary.to_owned()), Some(method));
        assert_eq!(found, [of("1", Method::Half), of("2", Method::Scenario(1))]);
    }
}
