//! The words of published files, and what they name.

use clockstop_pipeline::statistics::{
    Activity, Basis, Category, CategoryName, RouteOrStage, TreatmentStage,
};
use clockstop_pipeline::{Route, Standard};

const ALL_CANCERS: &str = "ALL CANCERS";
const ALL_MODALITIES: &str = "ALL MODALITIES";
const URGENT_SUSPECTED_CANCER: &str = "Urgent Suspected Cancer referral";
const URGENT_BREAST_SYMPTOMATIC: &str = "Urgent Breast Symptomatic referral";
/// What the workbooks, and the tidy files made of them, call what is `Subsequent` in the national file.
const SUBSEQUENT_IN_WORKBOOKS: &str = "Subsequent Treatment";

/// First-seen activity is an item for each of its routes.
pub(super) const fn item_name(activity: Activity, part: RouteOrStage) -> &'static str {
    match (activity, part) {
        (Activity::Standard(standard), _) => standard.name(),
        (Activity::FirstSeen, RouteOrStage::Route(Route::BreastSymptomatic)) => {
            URGENT_BREAST_SYMPTOMATIC
        }
        (Activity::FirstSeen, _) => URGENT_SUSPECTED_CANCER,
    }
}

/// What an item counts, and its route where it has but one.
pub(super) fn item(label: &str) -> Option<(Activity, Option<Route>)> {
    let named = |name: &str| name.eq_ignore_ascii_case(label);
    if named(URGENT_SUSPECTED_CANCER) {
        return Some((Activity::FirstSeen, Some(Route::Usc)));
    }
    if named(URGENT_BREAST_SYMPTOMATIC) {
        return Some((Activity::FirstSeen, Some(Route::BreastSymptomatic)));
    }
    let mut standards = Activity::ALL
        .into_iter()
        .filter(|of| of.standard().is_some());
    let standard = standards.find(|standard| named(standard.name()));
    standard.map(|standard| (standard, None))
}

/// `ENGLAND` and the alliances are no bases of published files.
const BASES: [(Basis, &str); 2] = [
    (Basis::Provider, "Provider"),
    (Basis::Commissioner, "Commissioner"),
];

pub(super) fn basis_name(basis: Basis) -> &'static str {
    let mut named = BASES.into_iter();
    let named = named.find(|(each, _)| *each == basis);
    named.map_or(basis.name(), |(_, name)| name)
}

pub(super) fn basis(label: &str) -> Option<Basis> {
    let mut named = BASES.into_iter();
    let named = named.find(|(_, name)| name.eq_ignore_ascii_case(label));
    named.map(|(basis, _)| basis)
}

/// The route or stage. The route of first-seen activity is that of its item, and not read.
pub(crate) fn part(activity: Activity, label: &str) -> Option<RouteOrStage> {
    let subsequent = RouteOrStage::Stage(TreatmentStage::Subsequent);
    let label = if SUBSEQUENT_IN_WORKBOOKS.eq_ignore_ascii_case(label) {
        subsequent.name(activity)
    } else {
        label
    };
    let routes = [
        Route::Usc,
        Route::BreastSymptomatic,
        Route::Screening,
        Route::Upgrade,
    ];
    let stages = [TreatmentStage::First, TreatmentStage::Subsequent];
    let has_stages = activity == Activity::Standard(Standard::ThirtyOneDay);
    let has_fds = activity == Activity::Standard(Standard::Fds);
    let routes = routes.into_iter();
    let routes = routes.filter(|route| !has_stages && (!has_fds || route.has_fds()));
    let stages = stages.into_iter().filter(|_| has_stages);
    core::iter::once(RouteOrStage::All)
        .chain(routes.map(RouteOrStage::Route))
        .chain(stages.map(RouteOrStage::Stage))
        .find(|part| part.name(activity).eq_ignore_ascii_case(label))
}

pub(super) fn cancer_type_name(category: &CategoryName) -> &str {
    match category {
        CategoryName::All => ALL_CANCERS,
        CategoryName::Named(name) => name,
    }
}

/// FDS and first-seen activity know no modality: the field stays blank.
pub(super) fn modality_name(activity: Activity, category: &CategoryName) -> &str {
    match category {
        CategoryName::Named(name) => name,
        CategoryName::All => Category::All.modality(activity).unwrap_or_default(),
    }
}

/// A cancer type or modality; `ALL`, `ALL CANCERS` and `ALL MODALITIES` are all of them, as blank is.
pub(super) fn category(label: &str) -> CategoryName {
    let all = ["", "ALL", ALL_CANCERS, ALL_MODALITIES];
    if all.iter().any(|all| all.eq_ignore_ascii_case(label)) {
        CategoryName::All
    } else {
        CategoryName::Named(label.into())
    }
}
