//! Equity, stages, charts and restatements as their tables show them; every cell by hand.

use super::{cells, day, known, learned, rows, table};
use clockstop_pipeline::statistics::release::Release;
use clockstop_pipeline::statistics::{
    Activity, Basis, CancerStage, Counted, DiagnosedPrimary, EarlyDiagnosis, Equity, EquityPart,
    Halves, Part, Person, PtlWeekly, Restatement, SeriesItem, Side, Tables, Tally, TrackingEntry,
    UncountedCounts, spc_series, weekly_spc_series,
};
use clockstop_pipeline::{Month, Standard};
use clockstop_schemas::tables::{
    EARLY_DIAGNOSIS, EQUITY, RESTATEMENTS, SPC, UNCOUNTED, write_early_diagnosis, write_equity,
    write_restatement, write_spc, write_uncounted,
};

const MARCH: Month = Month {
    year: 2026,
    month: 3,
};

#[test]
fn equity_counts_shares_of_providers_in_halves_and_commissioners_whole() {
    let (engine, tables) = (learned(), Tables::default());
    let row = engine.row("RXX:P1", day(2026, 3, 20)).expect("known");
    let counted = Counted::of(&row, &tables);
    let mut equity = Equity::default();
    for part in counted.waits.iter().flat_map(EquityPart::of) {
        equity.note(&part);
    }
    let batch = table(&EQUITY, |out| write_equity(&equity, &tables, out));
    let gender: Vec<_> = rows(&batch)
        .into_iter()
        .filter(|row| row.contains("|gender|"))
        .collect();
    let icb = "NHS CHESHIRE AND MERSEYSIDE INTEGRATED CARE BOARD|North West";
    let rxx = "SURREY AND BORDERS PARTNERSHIP NHS FOUNDATION TRUST|-";
    // The 62-day wait is late and shared; FDS is nobody's, first-seen activity has no standard.
    assert_eq!(
        gender,
        [
            "2026-03|31D|ENGLAND|ENGLAND|-|-|gender|X|Not known|1.0|1.0|0.0|1.0".to_owned(),
            "2026-03|62D|ENGLAND|ENGLAND|-|-|gender|X|Not known|1.0|0.0|1.0|0.0".to_owned(),
            format!("2026-03|31D|COMMISSIONER|QYG|{icb}|gender|X|Not known|1.0|1.0|0.0|1.0"),
            format!("2026-03|62D|COMMISSIONER|QYG|{icb}|gender|X|Not known|1.0|0.0|1.0|0.0"),
            format!("2026-03|62D|PROVIDER|RXX|{rxx}|gender|X|Not known|0.5|0.0|0.5|0.0"),
            "2026-03|31D|PROVIDER|RYY|-|-|gender|X|Not known|1.0|1.0|0.0|1.0".to_owned(),
            "2026-03|62D|PROVIDER|RYY|-|-|gender|X|Not known|0.5|0.0|0.5|0.0".to_owned(),
        ]
    );
    assert_eq!(batch.num_rows(), 7 * 5, "one dimension at a time");
    let (dimensions, names) = (cells(&batch, "dimension"), cells(&batch, "group_name"));
    for (dimension, name) in dimensions.iter().zip(&names) {
        let says_itself = ["age_band", "deprivation_decile"].contains(&dimension.as_str());
        assert_eq!(name.is_empty(), says_itself, "{dimension}");
    }
}

#[test]
fn every_code_of_an_equity_group_has_its_words() {
    let mut equity = Equity::default();
    for code in "A B C D E F G H J K L M N P R S Z 99".split(' ') {
        equity.note(&EquityPart {
            month: MARCH,
            standard: Standard::Fds,
            basis: Basis::Commissioner,
            organisation: "QYG".into(),
            patients: Halves::whole(1),
            within: Halves::ZERO,
            person: Person::new(None, Some("9"), Some(code), None),
        });
    }
    let tables = Tables::default();
    let batch = table(&EQUITY, |out| write_equity(&equity, &tables, out));
    assert_eq!(batch.num_rows(), 18 + 6 + 1 + 2);
    let names = cells(&batch, "group_name");
    let unnamed = names.iter().filter(|name| name.is_empty()).count();
    assert_eq!(unnamed, 2, "an age and a decile that are not known");
    let words: Vec<_> = cells(&batch, "group").into_iter().zip(names).collect();
    for (group, name) in [
        ("9", "Indeterminate"),
        ("J", "Asian or Asian British - Pakistani"),
        ("M-P", "Black or Black British"),
        ("99", "Not known"),
    ] {
        assert!(
            words.contains(&(group.to_owned(), name.to_owned())),
            "{group}"
        );
    }
}

#[test]
fn early_diagnosis_has_numerators_denominators_and_the_next_aim() {
    let primary = |stage| DiagnosedPrimary {
        month: MARCH,
        provider: "RXX".into(),
        icb: "UNKNOWN".into(),
        stage,
    };
    let mut stages = EarlyDiagnosis::default();
    for (stage, count) in [
        (CancerStage::Zero, 9),
        (CancerStage::One, 3),
        (CancerStage::Two, 4),
        (CancerStage::Three, 1),
        (CancerStage::Four, 2),
        (CancerStage::Unstageable, 4),
        (CancerStage::Missing, 6),
    ] {
        for _ in 0..count {
            stages.note(&primary(stage));
        }
    }
    stages.note(&DiagnosedPrimary {
        month: Month {
            year: 2026,
            month: 4,
        },
        ..primary(CancerStage::Zero)
    });
    let late = DiagnosedPrimary {
        month: Month {
            year: 2026,
            month: 5,
        },
        provider: "RYY".into(),
        ..primary(CancerStage::Four)
    };
    let mut other = EarlyDiagnosis::default();
    other.note(&late);
    let tables = Tables::default();
    let batch = table(&EARLY_DIAGNOSIS, |out| {
        write_early_diagnosis(&stages, &tables, out);
    });
    let missed = table(&EARLY_DIAGNOSIS, |out| {
        write_early_diagnosis(&other, &tables, out);
    });
    let row = format!(
        "0|0|0|0|1|0|0|0|1|1|0.0|1.0||{}|0.62|-",
        tables.stage_aims[0].name
    );
    assert!(
        rows(&missed)[0].ends_with(&row),
        "the lesser aim comes first"
    );
    // Seven of ten staged are early, ten of twenty are staged.
    let founding = "founding aims of the cancer alliances";
    let counts = "9|3|4|1|2|4|6|7|10|20|0.7|0.5";
    let aims = format!("{founding}|national ambition|0.75|2028-12");
    let rxx = "SURREY AND BORDERS PARTNERSHIP NHS FOUNDATION TRUST|-";
    let nothing = "1|0|0|0|0|0|0|0|0|0|-|-|-|-|-|-";
    assert_eq!(
        rows(&batch),
        [
            format!("2026-03|ENGLAND|ENGLAND|-|-|{counts}|{aims}"),
            format!("2026-04|ENGLAND|ENGLAND|-|-|{nothing}"),
            format!("2026-03|PROVIDER|RXX|{rxx}|{counts}|{aims}"),
            format!("2026-04|PROVIDER|RXX|{rxx}|{nothing}"),
            format!("2026-03|COMMISSIONER|UNKNOWN|-|-|{counts}|{aims}"),
            format!("2026-04|COMMISSIONER|UNKNOWN|-|-|{nothing}"),
        ]
    );
}

#[test]
fn headline_rates_are_charted_by_month_against_the_threshold_of_the_last() {
    let (engine, tables) = (learned(), Tables::default());
    let row = engine.row("RXX:P1", day(2026, 3, 20)).expect("known");
    let mut tally = Tally::default();
    for wait in &Counted::of(&row, &tables).waits {
        tally.add(wait);
    }
    let series = spc_series(&tally.performance(&tables), &tables);
    let batch = table(&SPC, |out| {
        for series in &series {
            write_spc(series, out);
        }
    });
    assert_eq!(
        cells(&batch, "organisation"),
        ["ENGLAND", "ENGLAND", "QYG", "QYG", "RXX", "RYY", "RYY"]
    );
    assert_eq!(
        cells(&batch, "item"),
        ["31D", "62D", "31D", "62D", "62D", "31D", "62D"]
    );
    // One point has no moving range, no icons and no cause.
    assert_eq!(
        rows(&batch)[4],
        "62D|month|PROVIDER|RXX|2026-03|2026-03-01|0.0|0.5|0.0|0.0|-|-|-|-|-|-|common_cause|-|-|true|0.85|nhsr-0.2.2"
    );
    assert_eq!(
        rows(&batch)[0],
        "31D|month|ENGLAND|ENGLAND|2026-03|2026-03-01|1.0|1.0|1.0|1.0|-|-|-|-|-|-|common_cause|-|-|true|0.96|nhsr-0.2.2"
    );
}

#[test]
fn weekly_counts_are_charted_without_a_target_and_less_is_better() {
    let sunday = day(2026, 1, 4);
    // Twelve weeks of 10 and 12 in turn, then 40: 172 / 13. Moving ranges: eleven of 2, and one of 28, which
    // 3.267 * 50 / 12 screens out. The limits are 2.66 * 2 away, the near ones two thirds of it.
    let counts = (0..13).map(|week| {
        let count = match week {
            12 => 40,
            even if even % 2 == 0 => 10,
            _ => 12,
        };
        (sunday.plus(7 * week), "RXX".into(), count)
    });
    let england = core::iter::once((sunday, "ENGLAND".into(), 5));
    let series = weekly_spc_series(SeriesItem::Over62, counts.chain(england));
    let batch = table(&SPC, |out| {
        for series in &series {
            write_spc(series, out);
        }
    });
    assert_eq!(batch.num_rows(), 14);
    assert_eq!(
        rows(&batch)[0],
        "over_62|week|ENGLAND|ENGLAND|2026-01-04|2026-01-04|-|-|5.0|5.0|-|-|-|-|-|-|common_cause|-|-|true|-|nhsr-0.2.2"
    );
    let last = known(&batch, 13);
    let number = |name: &str| -> f64 {
        let cell = last.iter().find_map(|cell| cell.strip_prefix(name));
        cell.and_then(|cell| cell.trim().parse().ok())
            .expect("a number")
    };
    let mean = 172.0 / 13.0;
    for (name, expected) in [
        ("value ", 40.0),
        ("mean ", mean),
        ("mean_moving_range ", 2.0),
        ("lower_limit ", mean - 5.32),
        ("upper_limit ", mean + 5.32),
        ("near_lower_limit ", mean - 5.32 * 2.0 / 3.0),
        ("near_upper_limit ", mean + 5.32 * 2.0 / 3.0),
    ] {
        assert!((number(name) - expected).abs() < 1e-9, "{name}");
    }
    for cell in [
        "period 2026-03-29",
        "special_cause Above UCL",
        "point_type special_cause_concern",
        "variation concern_high",
        "assurance none",
        "short false",
    ] {
        assert!(last.iter().any(|known| known == cell), "{cell}: {last:?}");
    }
}

#[test]
fn a_sunday_counts_long_waits_of_everybody_who_has_a_clock() {
    let (engine, tables) = (learned(), Tables::default());
    let sunday = day(2026, 3, 8);
    let row = engine.row("RXX:P1", sunday).expect("known");
    let entries = TrackingEntry::of(&row, &tables);
    let mut weekly = PtlWeekly::new(sunday);
    let mut long = entries
        .iter()
        .find(|entry| entry.standard == Standard::SixtyTwoDay)
        .expect("open")
        .clone();
    weekly.note_entry(&long);
    long.organisation = Some("RYY".into());
    for raw_days in [63, 104, 105] {
        long.clock.wait.raw_days = raw_days;
        weekly.note_entry(&long);
    }
    let of = |item| -> Vec<String> {
        let counts = weekly.long_waits(item).into_iter();
        counts
            .map(|(on, organisation, count)| format!("{on} {organisation} {count}"))
            .collect()
    };
    let england = |count: u32| format!("2026-03-08 ENGLAND {count}");
    let over_62 = [
        england(3),
        "2026-03-08 RXX 0".to_owned(),
        "2026-03-08 RYY 3".to_owned(),
    ];
    let over_104 = [
        england(1),
        "2026-03-08 RXX 0".to_owned(),
        "2026-03-08 RYY 1".to_owned(),
    ];
    assert_eq!(of(SeriesItem::Over62), over_62);
    assert_eq!(of(SeriesItem::Over104), over_104);
    assert!(of(SeriesItem::Rate(Standard::Fds)).is_empty());
}

#[test]
fn a_restatement_says_then_and_now() {
    let side = |month, part: Option<(&str, u8, Option<u8>)>| Side {
        month,
        part: part.map(|(organisation, half_patients, half_within)| Part {
            organisation: organisation.into(),
            half_patients,
            half_within,
        }),
    };
    let april = Month {
        year: 2026,
        month: 4,
    };
    let row = |pathway: &str, old, new| Restatement {
        pathway: pathway.into(),
        activity: Activity::Standard(Standard::SixtyTwoDay),
        item: Some("1".into()),
        old,
        new,
    };
    let moved = row(
        "a",
        Some(side(MARCH, Some(("RXX", 1, Some(1))))),
        Some(side(april, Some(("RXX", 2, Some(0))))),
    );
    let gone = row("b", Some(side(MARCH, Some(("RXX", 2, Some(2))))), None);
    let came = Restatement {
        activity: Activity::FirstSeen,
        item: None,
        ..row("c", None, Some(side(MARCH, Some(("RYY", 2, None)))))
    };
    let nobody = row("d", Some(side(MARCH, None)), Some(side(MARCH, None)));
    let batch = table(&RESTATEMENTS, |out| {
        write_restatement(
            &moved,
            Release::Provisional,
            Some("RXX 2026-05-01T00:00:00Z"),
            out,
        );
        for row in [&gone, &came, &nobody] {
            write_restatement(row, Release::Provisional, None, out);
        }
    });
    assert_eq!(
        rows(&batch),
        [
            "2026-03|provisional|a/62D/1|a|62D|2026-03|RXX|0.5|0.5|2026-04|RXX|1.0|0.0|true|RXX 2026-05-01T00:00:00Z",
            "2026-03|provisional|b/62D/1|b|62D|2026-03|RXX|1.0|1.0|-|-|-|-|true|-",
            "2026-03|provisional|d/62D/1|d|62D|2026-03|-|-|-|2026-03|-|-|-|false|-",
            "2026-03|provisional|c/FIRST_SEEN|c|FIRST_SEEN|-|-|-|-|2026-03|RYY|1.0|-|true|-",
        ]
    );
}

#[test]
fn stops_that_do_not_count_are_rows() {
    let (engine, tables) = (learned(), Tables::default());
    let row = engine.row("RXX:P1", day(2026, 3, 20)).expect("known");
    let mut counts = UncountedCounts::default();
    for _ in 0..2 {
        for stop in &Counted::of(&row, &tables).uncounted {
            counts.note(stop);
        }
    }
    let batch = table(&UNCOUNTED, |out| {
        for (stop, count) in counts.rows() {
            write_uncounted(stop, *count, out);
        }
    });
    assert_eq!(rows(&batch), ["FDS|-|2026-01|organisation_missing|2"]);
}
