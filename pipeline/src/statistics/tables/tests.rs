//! Providers, boards, groups and thresholds as the definitions say.

use super::{
    Succession, TableFile, Tables, TablesRead, Threshold, ThresholdKind, UNKNOWN_ICB,
    UNMAPPED_ALLIANCE,
};
use crate::assessment::{Route, Standard};
use crate::day::{Day, Month};
use crate::statistics::{ModalityGroup, SuspectedType, TumourGroup};
use alloc::collections::BTreeMap;

#[test]
fn every_line_of_every_file_is_read() {
    let given = TableFile::ALL.map(|file| (file, file.built_in()));
    for given in [BTreeMap::new(), given.into()] {
        let read = Tables::of_files("statistics-1", &given);
        assert_eq!(read, TablesRead::Whole(Box::default()));
    }
    let tables = Tables::default();
    let read = |file| match file {
        TableFile::Alliances => tables.alliances.len(),
        TableFile::Boards => tables.boards.len(),
        TableFile::Organisations => tables.organisations.len(),
        TableFile::Successions => tables.successions.len(),
        // Each group has at least one range.
        TableFile::TumourGroups => TumourGroup::ALL.len(),
        // 98 is no treatment.
        TableFile::Modalities => tables.modalities.len() + 1,
        TableFile::SuspectedTypes => tables.suspected_types.len(),
        TableFile::Thresholds => tables.thresholds.len(),
        TableFile::StageAims => tables.stage_aims.len(),
        TableFile::BankHolidays => tables.holidays.len(),
    };
    for file in TableFile::ALL {
        let lines = file
            .built_in()
            .lines()
            .filter(|line| !line.starts_with('#'));
        assert_eq!(read(file), lines.count() - 1, "{}", file.name());
        assert_eq!(TableFile::from_name(file.name()), Some(file));
    }
    assert_eq!(tables.tumours.len(), 30);
}

#[test]
fn every_category_is_reached_and_every_code_leads_somewhere() {
    let tables = Tables::default();
    for group in TumourGroup::ALL {
        let reached = tables.tumours.iter().any(|row| row.group == *group);
        assert!(reached, "{group:?}");
    }
    for suspected in SuspectedType::ALL {
        let reached = tables.suspected_types.values().any(|of| of == suspected);
        let is_listed = *suspected != SuspectedType::MissingOrInvalid;
        assert_eq!(reached, is_listed, "{suspected:?}");
    }
    let mapped = tables.organisations.values().filter(|of| of.icb.is_some());
    assert_eq!(mapped.count(), 185 - 48);
}

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
