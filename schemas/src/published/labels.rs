//! The words of published files, and what they name.

use clockstop_pipeline::statistics::cell::{Basis, Category, Item, Segment};

const ALL_CANCERS: &str = "ALL CANCERS";
const ALL_MODALITIES: &str = "ALL MODALITIES";
/// The route of the breast symptomatic referrals, as the national file has it (B).
const NON_CANCER: &str = "Exhibited (non-cancer) breast symptoms - cancer not initially suspected";

/// The routes and stages of each standard, as the national file writes them: FDS in capitals, 62-day in title
/// case, and `Subsequent` where the workbooks say `Subsequent Treatment`.
const SEGMENTS: [(Item, Segment, &str); 13] = [
    (Item::Fds, Segment::All, "ALL ROUTES"),
    (
        Item::Fds,
        Segment::UrgentSuspectedCancer,
        "URGENT SUSPECTED CANCER",
    ),
    (
        Item::Fds,
        Segment::BreastSymptomatic,
        "BREAST SYMPTOMATIC, CANCER NOT SUSPECTED",
    ),
    (
        Item::Fds,
        Segment::Screening,
        "NATIONAL SCREENING PROGRAMME",
    ),
    (Item::ThirtyOneDay, Segment::All, "ALL STAGES"),
    (Item::ThirtyOneDay, Segment::First, "First Treatment"),
    (Item::ThirtyOneDay, Segment::Subsequent, "Subsequent"),
    (
        Item::ThirtyOneDay,
        Segment::Subsequent,
        "Subsequent Treatment",
    ),
    (Item::SixtyTwoDay, Segment::All, "ALL ROUTES"),
    (
        Item::SixtyTwoDay,
        Segment::UrgentSuspectedCancer,
        "Urgent Suspected Cancer",
    ),
    (
        Item::SixtyTwoDay,
        Segment::BreastSymptomatic,
        "Breast Symptomatic",
    ),
    (Item::SixtyTwoDay, Segment::Screening, "Screening"),
    (
        Item::SixtyTwoDay,
        Segment::ConsultantUpgrade,
        "Consultant Upgrade",
    ),
];

pub(super) const fn item_name(item: Item) -> &'static str {
    match item {
        Item::Fds => "FDS",
        Item::ThirtyOneDay => "31D",
        Item::SixtyTwoDay => "62D",
        Item::UrgentSuspectedCancerReferral => "Urgent Suspected Cancer referral",
        Item::UrgentBreastSymptomaticReferral => "Urgent Breast Symptomatic referral",
    }
}

pub(super) fn item(label: &str) -> Option<Item> {
    Item::ALL
        .into_iter()
        .find(|item| item_name(*item).eq_ignore_ascii_case(label))
}

pub(super) const fn basis_name(basis: Basis) -> &'static str {
    match basis {
        Basis::Provider => "Provider",
        Basis::Commissioner => "Commissioner",
    }
}

pub(super) fn basis(label: &str) -> Option<Basis> {
    [Basis::Provider, Basis::Commissioner]
        .into_iter()
        .find(|basis| basis_name(*basis).eq_ignore_ascii_case(label))
}

/// First-seen activity has one route each, which is the item itself: it is written for the national file and not
/// looked at when read.
pub(super) fn segment_name(item: Item, segment: Segment) -> &'static str {
    match item {
        Item::UrgentSuspectedCancerReferral => "URGENT SUSPECTED CANCER",
        Item::UrgentBreastSymptomaticReferral => NON_CANCER,
        Item::Fds | Item::ThirtyOneDay | Item::SixtyTwoDay => {
            let mut named = SEGMENTS.iter().filter(|(of, _, _)| *of == item);
            let named = named.find(|(_, each, _)| *each == segment);
            named.map_or("", |(_, _, name)| name)
        }
    }
}

pub(super) fn segment(item: Item, label: &str) -> Option<Segment> {
    if item.bands_within().is_none() {
        return Some(Segment::All);
    }
    let mut named = SEGMENTS.iter().filter(|(of, _, _)| *of == item);
    let named = named.find(|(_, _, name)| name.eq_ignore_ascii_case(label));
    named.map(|(_, segment, _)| *segment)
}

pub(super) fn cancer_type_name(category: &Category) -> &str {
    match category {
        Category::All => ALL_CANCERS,
        Category::Named(name) => name,
    }
}

/// FDS and first-seen activity know no modality: the field stays blank.
pub(super) fn modality_name(item: Item, category: &Category) -> &str {
    match (item, category) {
        (_, Category::Named(name)) => name,
        (Item::ThirtyOneDay | Item::SixtyTwoDay, Category::All) => ALL_MODALITIES,
        (_, Category::All) => "",
    }
}

/// A cancer type or modality; `ALL`, `ALL CANCERS` and `ALL MODALITIES` are all of them, as blank is.
pub(super) fn category(label: &str) -> Category {
    let all = ["", "ALL", ALL_CANCERS, ALL_MODALITIES];
    if all.iter().any(|all| all.eq_ignore_ascii_case(label)) {
        Category::All
    } else {
        Category::Named(label.into())
    }
}
