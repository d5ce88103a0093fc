//! Which days are subtracted? (R2, R3, R9, Q10, Q11, V08, V09)

use crate::assessment::Route;
use crate::codes::{
    FIRST_SEEN_DID_NOT_ATTEND, SETTING_DAY_CASE, SETTING_ORDINARY_ADMISSION, SETTING_OTHER,
    SETTING_OUTPATIENT,
};
use crate::view::{Treatment, View};

/// The first-seen adjustment: days for a missed first appointment, where the reason says so (R2).
pub(crate) fn first_seen_days(view: &View) -> i32 {
    if is_first_seen_contradictory(view) {
        0
    } else {
        first_seen_reported(view)
    }
}

fn first_seen_reported(view: &View) -> i32 {
    view.first_seen
        .and_then(|known| known.fact.waiting_time_adjustment_first_seen)
        .map_or(0, i32::from)
}

/// Days without reason 3, or reason 3 without days (V08); not given is no days.
pub(crate) fn is_first_seen_contradictory(view: &View) -> bool {
    let did_not_attend = view.first_seen.is_some_and(|known| {
        known.fact.waiting_time_adjustment_reason_first_seen == Some(FIRST_SEEN_DID_NOT_ATTEND)
    });
    did_not_attend != (first_seen_reported(view) > 0)
}

/// The first-seen adjustment of a 62-day clock: after an upgrade only where the upgrade came no later
/// than the first appointment (R9, Q11).
pub(crate) fn first_seen_days_for_sixty_two(view: &View, route: Route) -> i32 {
    if route != Route::Upgrade {
        return first_seen_days(view);
    }
    let upgraded = view
        .upgrade
        .and_then(|known| known.fact.consultant_upgrade_date);
    let seen = view.first_seen.and_then(|known| known.fact.date_first_seen);
    match (upgraded, seen) {
        (Some(upgraded), Some(seen)) if upgraded <= seen => first_seen_days(view),
        _ => 0,
    }
}

/// The treatment adjustment: for admitted care only; while the setting is not known and the treatment
/// has not begun it could apply, so it does (R3, Q10).
pub(crate) fn treatment_days(treatment: &Treatment) -> i32 {
    if is_treatment_contradictory(treatment) {
        0
    } else {
        treatment_reported(treatment)
    }
}

fn treatment_reported(treatment: &Treatment) -> i32 {
    treatment
        .adjustment
        .and_then(|known| known.fact.waiting_time_adjustment_treatment)
        .map_or(0, i32::from)
}

/// Days for a treatment that is not in admitted care (V09).
pub(crate) fn is_treatment_contradictory(treatment: &Treatment) -> bool {
    let setting = treatment.care_setting();
    let admitted = [SETTING_ORDINARY_ADMISSION, SETTING_DAY_CASE];
    let elsewhere = [SETTING_OUTPATIENT, SETTING_OTHER];
    let refused = if treatment.started_on().is_some() {
        !setting.is_some_and(|setting| admitted.contains(&setting))
    } else {
        setting.is_some_and(|setting| elsewhere.contains(&setting))
    };
    refused && treatment_reported(treatment) > 0
}
