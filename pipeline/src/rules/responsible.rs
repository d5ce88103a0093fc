//! Which site has to act on a running clock, and which answers for it afterwards? (design 5, R17)

use super::Case;
use crate::assessment::{Route, State};
use crate::text::Text;
use crate::view::Treatment;

/// FDS: the provider that ended it; before that the first-seen provider.
pub(super) fn fds(case: &Case<'_>, state: &State) -> Option<Text> {
    let told = case.view.outcome.and_then(|known| {
        known
            .fact
            .organisation_site_identifier_faster_diagnosis_pathway_end
    });
    match state {
        State::Stopped(_) => told,
        State::NotStarted | State::Running(_) | State::Ended(_) => None,
    }
    .or_else(|| Some(investigating_site(case)))
}

/// 62-day: the treating provider once treated; before that the upgrading or first-seen provider, and
/// from a transfer on the deciding one where it is known.
pub(super) fn sixty_two(
    case: &Case<'_>,
    primary: Text,
    fdt: Option<&Treatment>,
    state: &State,
) -> Option<Text> {
    let treating = match state {
        State::Stopped(_) => fdt.and_then(treating_site),
        State::NotStarted | State::Running(_) | State::Ended(_) => None,
    };
    let transferred = case
        .view
        .transfers
        .iter()
        .any(|item| item.known.fact.date_of_transfer_to_treatment.is_some());
    let deciding = || {
        case.view
            .treatments
            .iter()
            .filter(|treatment| treatment.primary_id() == primary && !treatment.is_declined())
            .filter(|treatment| transferred && treatment.decided_on().is_some())
            .min_by_key(|treatment| treatment.decided_on())
            .and_then(deciding_site)
    };
    treating
        .or_else(deciding)
        .or_else(|| upgrading_site(case))
        .or_else(|| Some(investigating_site(case)))
}

/// 31-day: the treating provider once treated, before that the deciding one.
pub(super) fn thirty_one(case: &Case<'_>, treatment: &Treatment, state: &State) -> Option<Text> {
    let treating = match state {
        State::Stopped(_) => treating_site(treatment),
        State::NotStarted | State::Running(_) | State::Ended(_) => None,
    };
    treating
        .or_else(|| deciding_site(treatment))
        .or_else(|| Some(investigating_site(case)))
}

pub(super) fn treating(case: &Case<'_>, treatment: &Treatment) -> Option<Text> {
    treating_site(treatment).map(|site| case.texts.trust(site))
}

/// Where a treatment was given.
pub(crate) fn treating_site(treatment: &Treatment) -> Option<Text> {
    treatment
        .start?
        .fact
        .organisation_site_identifier_of_provider_treatment_start_date_cancer
}

/// Where a treatment was decided on.
pub(crate) fn deciding_site(treatment: &Treatment) -> Option<Text> {
    treatment
        .decision?
        .fact
        .organisation_site_identifier_of_provider_cancer_decision_to_treat
}

/// Where the patient was upgraded, on route UPGRADE.
pub(crate) fn upgrading_site(case: &Case<'_>) -> Option<Text> {
    let upgrade = case.view.upgrade.filter(|_| case.route == Route::Upgrade)?;
    upgrade
        .fact
        .organisation_site_identifier_of_provider_consultant_upgrade
}

/// The first-seen provider, else the referral's site, else the issuer of the pathway identifier.
pub(crate) fn investigating_site(case: &Case<'_>) -> Text {
    let seen = || {
        case.view
            .first_seen?
            .fact
            .organisation_site_identifier_of_provider_first_seen
    };
    let referred = || case.view.referral?.fact.organisation_site_identifier;
    seen().or_else(referred).unwrap_or(case.issuer)
}
