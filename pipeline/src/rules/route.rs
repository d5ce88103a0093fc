//! Which route is the patient on? (R4, R9, Q4, Q20, Q22)

use crate::assessment::Route;
use crate::codes::{
    PRIORITY_TWO_WEEK_WAIT, PRIORITY_URGENT, SOURCE_SCREENING, TYPE_BREAST_SYMPTOMS,
};
use crate::fact::ReferralReceived;
use crate::view::View;

/// The route of a pathway.
pub(crate) fn route(view: &View) -> Route {
    let upgraded = view
        .upgrade
        .is_some_and(|upgrade| upgrade.fact.consultant_upgrade_date.is_some());
    let Some(referral) = view.referral.map(|known| known.fact) else {
        return if upgraded {
            Route::Upgrade
        } else {
            Route::Pending
        };
    };
    if is_screening(&referral) {
        if has_screening_priority(&referral) {
            Route::Screening
        } else {
            Route::Unknown
        }
    } else if upgraded {
        Route::Upgrade
    } else if !is_two_week_wait(&referral) {
        Route::Unknown
    } else if is_breast_symptoms(&referral) {
        Route::BreastSymptomatic
    } else {
        Route::Usc
    }
}

pub(crate) fn is_screening(referral: &ReferralReceived) -> bool {
    referral.source_of_referral_for_out_patients == Some(SOURCE_SCREENING)
}

/// Screening with any other priority contradicts itself (Q22, V02).
pub(crate) fn has_screening_priority(referral: &ReferralReceived) -> bool {
    referral.priority_type_code == Some(PRIORITY_URGENT)
}

pub(crate) fn is_breast_symptoms(referral: &ReferralReceived) -> bool {
    referral.two_week_wait_cancer_or_symptomatic_breast_referral_type == Some(TYPE_BREAST_SYMPTOMS)
}

fn is_two_week_wait(referral: &ReferralReceived) -> bool {
    referral.priority_type_code == Some(PRIORITY_TWO_WEEK_WAIT)
}

/// An upgrade on a referral that was urgent already takes the pathway out of FDS (Q4, V19).
pub(crate) fn is_upgrade_on_urgent_referral(view: &View) -> bool {
    route(view) == Route::Upgrade
        && view
            .referral
            .is_some_and(|known| is_two_week_wait(&known.fact))
}
