//! The waiting-time rules, a file per question; every function names the rules it carries out.

mod adjustment;
mod allocation;
mod causes;
mod closure;
mod fds;
mod level;
mod responsible;
mod route;
mod scope;
mod sixty_two;
mod thirty_one;
mod treatment;

pub(crate) use adjustment::{
    first_seen_days, first_seen_days_for_sixty_two, is_first_seen_contradictory,
    is_treatment_contradictory, treatment_days,
};
pub(crate) use allocation::{Transferred, share, transferred};
pub(crate) use causes::causes;
pub(crate) use closure::is_merged;
pub(crate) use fds::{FdsEnd, end_of_fds, freezing_decision};
pub(crate) use level::next_level_change;
pub(crate) use responsible::{deciding_site, investigating_site, treating_site, upgrading_site};
pub(crate) use route::{
    has_screening_priority, is_breast_symptoms, is_screening, is_upgrade_on_urgent_referral,
};
pub(crate) use scope::{Scope, icd_category, is_basal_cell_unsure, scope};
pub(crate) use sixty_two::{first_definitive_treatment, is_ruled_out_contradicted, untreated_days};

use crate::assessment::{Clock, Ended, Reason, Route, State};
use crate::day::Day;
use crate::reference::Reference;
use crate::report::ONLY_ITEM;
use crate::text::{Text, Texts};
use crate::view::View;
use closure::Closure;
use smallvec::SmallVec;

/// A pathway's facts on a day, with what every rule asks of them.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) view: &'a View,
    pub(crate) today: Day,
    pub(crate) reference: &'a Reference,
    pub(crate) texts: &'a Texts,
    pub(crate) issuer: Text,
    pub(crate) route: Route,
    pub(crate) primaries: SmallVec<[Text; 2]>,
    pub(crate) closure: Option<Closure>,
}

pub(crate) type Clocks = SmallVec<[Clock; 4]>;

impl<'a> Case<'a> {
    pub(crate) fn new(
        view: &'a View,
        today: Day,
        reference: &'a Reference,
        texts: &'a Texts,
        issuer: Text,
    ) -> Self {
        Self {
            view,
            today,
            reference,
            texts,
            issuer,
            route: route::route(view),
            primaries: primaries(view, texts),
            closure: closure::closure(view, texts),
        }
    }

    pub(crate) fn scope(&self, primary: Text) -> Scope {
        scope(self.view, primary, self.reference, self.texts)
    }

    /// The clocks by standard, then by primary or treatment.
    pub(crate) fn clocks(&self) -> Clocks {
        let mut clocks = Clocks::new();
        clocks.extend(fds::clock(self));
        clocks.extend(sixty_two::clocks(self));
        clocks.extend(thirty_one::clocks(self));
        clocks
    }
}

/// The primaries that a diagnosis or a treatment names, in order; with none there is primary `1` (Q12).
fn primaries(view: &View, texts: &Texts) -> SmallVec<[Text; 2]> {
    let diagnosed = view.diagnoses.iter().map(|item| item.id);
    let treated = view
        .treatments
        .iter()
        .filter(|treatment| treatment.start.is_some() || treatment.decision.is_some())
        .map(crate::view::Treatment::primary_id);
    let mut primaries = SmallVec::new();
    for primary in diagnosed.chain(treated) {
        if !primaries.contains(&primary) {
            primaries.push(primary);
        }
    }
    if primaries.is_empty() {
        primaries.push(ONLY_ITEM);
    }
    if primaries.len() > 1 {
        primaries.sort_by(|a, b| texts.compare(*a, *b));
    }
    primaries
}

/// Of several things that end one clock the earliest; on one date the first of the reasons' order (Q33).
fn earliest(ends: impl Iterator<Item = (Option<Day>, Reason)>) -> Option<Reason> {
    ends.min_by_key(|&(on, reason)| (on.is_none(), on, reason))
        .map(|(_, reason)| reason)
}

const fn ended(start: Day, reason: Reason) -> State {
    State::Ended(Ended {
        start,
        reason,
        stop: None,
    })
}
