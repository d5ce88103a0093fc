//! Providers, boards, groups and thresholds as the definitions say.

use super::{Succession, Tables, Threshold, ThresholdKind, UNKNOWN_ICB, UNMAPPED_ALLIANCE};
use crate::assessment::{Route, Standard};
use crate::day::{Day, Month};
use crate::statistics::{ModalityGroup, SuspectedType, TumourGroup};

#[test]
fn a_provider_is_a_listed_code_or_three_characters() {
    let tables = Tables::default();
    for (site, provider) in [
        ("S3H9L", "S3H9L"),
        ("S3H01", "S3H"),
        ("RRV03", "RRV"),
        ("RRV", "RRV"),
        ("7A1C4", "7A1"),
        ("X", "X"),
    ] {
        assert_eq!(tables.provider(site), provider);
    }
}

#[test]
fn a_board_leads_to_alliance_and_region_and_a_hub_to_neither() {
    let tables = Tables::default();
    for (sent, icb, alliance, region) in [
        (Some("QNQ"), "QNQ", "E56000034", Some("South East")),
        (Some("13Q"), "13Q", UNMAPPED_ALLIANCE, None),
        (Some("00L"), UNKNOWN_ICB, UNMAPPED_ALLIANCE, None),
        (None, UNKNOWN_ICB, UNMAPPED_ALLIANCE, None),
    ] {
        let found = tables.commissioner(sent);
        assert_eq!(found, icb);
        assert_eq!(tables.alliance(found), alliance);
        assert_eq!(tables.region(found), region);
    }
    // Harrogate: its board lies in another alliance than itself.
    let harrogate = tables.organisations.get("RCD").expect("published");
    assert_eq!(harrogate.icb.as_deref(), Some("QOQ"));
    assert_eq!(harrogate.alliance.as_deref(), Some("E56000030"));
}

#[test]
fn a_board_is_followed_through_mergers_from_their_day_on() {
    let day = |day| Day::from_ymd(2026, 4, day).expect("a day");
    let merger = |icb: &str, successor: &str, from| Succession {
        icb: icb.into(),
        successor: successor.into(),
        from: day(from),
    };
    let tables = Tables {
        successions: vec![
            merger("QH8", "QX1", 1),
            merger("QX1", "QX2", 10),
            merger("QA1", "QA2", 1),
            merger("QA2", "QA1", 1),
        ],
        ..Tables::default()
    };
    let march = Day::from_ymd(2026, 3, 31).expect("a day");
    for (today, current) in [(march, "QH8"), (day(1), "QX1"), (day(10), "QX2")] {
        assert_eq!(tables.commissioner_on("QH8", today), current);
    }
    assert_eq!(tables.commissioner_on("QYG", day(30)), "QYG");
    assert_eq!(tables.commissioner_on("QA1", day(30)), "QA1", "a circle");
}

#[test]
fn groups_follow_the_published_footnotes() {
    let tables = Tables::default();
    for (icd, age, group) in [
        ("C17.0", None, TumourGroup::LowerGastrointestinal),
        ("c50", Some(16), TumourGroup::Breast),
        ("C504", Some(15), TumourGroup::Other),
        ("D05.1", Some(60), TumourGroup::Breast),
        ("C26.9", None, TumourGroup::Other),
        ("C61", None, TumourGroup::Prostate),
        ("C62.9", None, TumourGroup::UrologicalOther),
        ("C87", None, TumourGroup::Other),
        ("nonsense", None, TumourGroup::Other),
    ] {
        assert_eq!(tables.tumour_group(icd, age), group, "{icd} {age:?}");
    }
    for (code, group) in [
        (Some("01"), ModalityGroup::Surgery),
        (Some("15"), ModalityGroup::Drugs),
        (Some("13"), ModalityGroup::Radiotherapy),
        (Some("19"), ModalityGroup::Other),
        (Some("ZZ"), ModalityGroup::Other),
        (None, ModalityGroup::Other),
    ] {
        assert_eq!(tables.modality_group(code), group, "{code:?}");
    }
}

#[test]
fn a_type_that_is_not_listed_is_missing_or_invalid() {
    let tables = Tables::default();
    for (route, code, suspected) in [
        (Route::Usc, Some("07"), SuspectedType::LowerGastrointestinal),
        (Route::Usc, Some("18"), SuspectedType::MissingOrInvalid),
        (Route::Usc, None, SuspectedType::MissingOrInvalid),
        (Route::Screening, Some("03"), SuspectedType::Lung),
        (
            Route::Screening,
            Some("08"),
            SuspectedType::MissingOrInvalid,
        ),
        (
            Route::BreastSymptomatic,
            Some("16"),
            SuspectedType::BreastSymptoms,
        ),
    ] {
        assert_eq!(tables.suspected_type(route, code), suspected);
    }
}

#[test]
fn thresholds_apply_by_month() {
    let tables = Tables::default();
    let month = |year, month| Month { year, month };
    let of = |standard, kind, month| tables.threshold(standard, kind, month);
    let (standard, plan) = (ThresholdKind::Standard, ThresholdKind::Plan);
    for (which, kind, month, value) in [
        (Standard::Fds, standard, month(2023, 9), None),
        (Standard::Fds, standard, month(2026, 2), Some(7_500)),
        (Standard::Fds, standard, month(2026, 3), Some(8_000)),
        (Standard::Fds, plan, month(2025, 3), Some(7_700)),
        (Standard::Fds, plan, month(2025, 4), Some(8_000)),
        (Standard::Fds, plan, month(2026, 4), None),
        (
            Standard::ThirtyOneDay,
            standard,
            month(2024, 4),
            Some(9_600),
        ),
        (Standard::SixtyTwoDay, plan, month(2024, 6), Some(7_000)),
    ] {
        assert_eq!(of(which, kind, month), value.map(Threshold), "{month}");
    }
}
