//! What is planned on a pathway, and what happened last.

use crate::day::Day;
use crate::fact::{EventType, Fact, MilestoneRecorded};
use crate::packed::Entry;
use crate::report::Version;
use crate::row::Row;
use crate::text::Text;
use crate::view::{Known, may_lie_ahead};
use compact_str::CompactString;

/// A step that is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedMilestone {
    /// The day it is planned for.
    pub on: Day,
    /// MILESTONE TYPE as sent: `first_appointment`, `test_requested`, `test_done`, `test_reported`,
    /// `mdt_discussed`, `treatment_planned`.
    pub milestone_type: Option<CompactString>,
    /// The site as sent.
    pub site: Option<CompactString>,
}

/// The latest dated fact of a pathway; planned milestones are no events. An ECAD counts by its date.
/// On one day it is the one recorded last, then the later one in the order of the event types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastEvent {
    /// What was reported.
    pub event_type: EventType,
    /// The type of a milestone, as sent.
    pub milestone_type: Option<CompactString>,
    /// The fact's own date.
    pub on: Day,
}

/// The milestones planned for the row's day or later, in order of date, then of milestone id.
///
/// Plans dated ahead are no facts of the future (Q6), so here they are seen: of each milestone's
/// reports the greatest of any source counts, and only where that one is a plan. A milestone that is
/// dated ahead and is no plan stays hidden and hides no plan.
pub(super) fn planned(row: &Row<'_>) -> Vec<PlannedMilestone> {
    let as_of = row.assessment.as_of;
    let texts = row.texts();
    let mut greatest: Vec<(Entry<'_>, MilestoneRecorded)> = Vec::new();
    for entry in row.registers.entries() {
        let Some((fact, milestone)) = milestone(&entry) else {
            continue;
        };
        if milestone.milestone_date.is_some_and(|on| on > as_of) && !may_lie_ahead(&fact) {
            continue;
        }
        let rank = |entry: &Entry<'_>| (entry.version, texts.read(entry.address.source));
        let item = entry.address.item;
        match greatest
            .iter_mut()
            .find(|(other, _)| other.address.item == item)
        {
            None => greatest.push((entry, milestone)),
            Some(other) => {
                let ((version, source), (others, other_source)) = (rank(&entry), rank(&other.0));
                let order = version.cmp(&others);
                let order = order.then_with(|| source.as_str().cmp(other_source.as_str()));
                if order.is_gt() {
                    *other = (entry, milestone);
                }
            }
        }
    }
    let mut planned: Vec<(Day, Text, MilestoneRecorded)> = greatest
        .into_iter()
        .filter(|(_, milestone)| milestone.planned == Some(true))
        .filter_map(|(entry, milestone)| {
            let on = milestone.milestone_date.filter(|&on| on >= as_of)?;
            Some((on, entry.address.item, milestone))
        })
        .collect();
    planned.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| texts.compare(a.1, b.1)));
    planned
        .into_iter()
        .map(|(on, _, milestone)| PlannedMilestone {
            on,
            milestone_type: milestone.milestone_type.map(|text| row.spell(text)),
            site: milestone.site.map(|text| row.spell(text)),
        })
        .collect()
}

fn milestone(entry: &Entry<'_>) -> Option<(Fact, MilestoneRecorded)> {
    let fact = entry.fact().filter(|_| !entry.version.entered_in_error)?;
    let Fact::MilestoneRecorded(milestone) = fact else {
        return None;
    };
    Some((fact, milestone))
}

/// The fact with the latest date up to the row's day.
pub(super) fn last_event(row: &Row<'_>) -> Option<LastEvent> {
    let view = &row.view;
    let mut last = Latest::default();
    last.hear(view.referral.as_ref(), Fact::ReferralReceived);
    last.hear(view.first_seen.as_ref(), Fact::FirstSeen);
    last.hear(view.upgrade.as_ref(), Fact::ConsultantUpgrade);
    last.hear(view.closure.as_ref(), Fact::PathwayClosed);
    last.hear(view.outcome.as_ref(), Fact::OutcomeCommunicated);
    for item in &view.transfers {
        last.hear(Some(&item.known), Fact::Transfer);
    }
    for item in &view.diagnoses {
        last.hear(Some(&item.known), Fact::DiagnosisRecorded);
    }
    let milestones = view.milestones.iter();
    for item in milestones.filter(|item| item.known.fact.planned != Some(true)) {
        last.hear(Some(&item.known), Fact::MilestoneRecorded);
    }
    for treatment in &view.treatments {
        last.hear(treatment.decision.as_ref(), Fact::DecisionToTreat);
        last.hear(treatment.start.as_ref(), Fact::TreatmentStarted);
    }
    let ((on, _, event_type), fact) = last.0?;
    let milestone_type = match fact {
        Fact::MilestoneRecorded(milestone) => milestone.milestone_type,
        Fact::ReferralReceived(_)
        | Fact::FirstSeen(_)
        | Fact::ConsultantUpgrade(_)
        | Fact::Transfer(_)
        | Fact::PathwayClosed(_)
        | Fact::PathwayErased(_)
        | Fact::OutcomeCommunicated(_)
        | Fact::DiagnosisRecorded(_)
        | Fact::DecisionToTreat(_)
        | Fact::TreatmentStarted(_)
        | Fact::TreatmentAdjustment(_) => None,
    };
    Some(LastEvent {
        event_type,
        milestone_type: milestone_type.map(|text| row.spell(text)),
        on,
    })
}

/// The greatest fact heard so far by date, version and event type.
#[derive(Default)]
struct Latest(Option<((Day, Version, EventType), Fact)>);

impl Latest {
    fn hear<T: Copy>(&mut self, known: Option<&Known<T>>, fact: impl Fn(T) -> Fact) {
        let Some(known) = known else {
            return;
        };
        let fact = fact(known.fact);
        let Some(on) = fact.own_date() else {
            return;
        };
        let rank = (on, known.version, fact.event_type());
        if self.0.as_ref().is_none_or(|(greatest, _)| *greatest < rank) {
            self.0 = Some((rank, fact));
        }
    }
}
