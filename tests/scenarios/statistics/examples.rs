//! Worked examples: allocation with every edge of its legs, one month's list, first-seen activity.

use super::{Course, SIXTY_TWO_DAY, THIRTY_ONE_DAY, Treated, day, engine, performance, waits};
use clockstop_pipeline::statistics::{
    Activity, AlreadyDecided, Basis, Category, Counted, Period, PeriodKind, RouteOrStage, Tables,
    Wait,
};
use clockstop_pipeline::{Day, Standard};

fn today() -> Day {
    day(2026, 6, 1)
}

fn sixty_two(waits: &[Wait]) -> &Wait {
    let mut found = waits.iter().filter(|wait| wait.activity == SIXTY_TWO_DAY);
    let wait = found.next().expect("a 62-day wait");
    assert!(found.next().is_none(), "one primary");
    wait
}

/// `method: organisation role patients breaches, ...` in halves.
fn shared(wait: &Wait) -> String {
    let shares = wait.shares();
    let shares = shares.iter().map(|share| {
        let organisation = share.organisation.as_str();
        let breaches = share.half_breaches().expect("a standard");
        let role = share.role.name();
        format!("{organisation} {role} {} {breaches}", share.half_patients)
    });
    let method = wait.method.map_or("none", clockstop_pipeline::Method::name);
    format!("{method}: {}", shares.collect::<Vec<_>>().join(", "))
}

fn transferred(first_leg: i32, second_leg: i32) -> Course {
    let mut course = Course::plain("RXX:1", day(2026, 1, 5));
    course.transfer = Some((Some(first_leg), Some("RXX01")));
    course.treatments = vec![Treated::first(10, first_leg + second_leg, "RYY02")];
    course
}

/// The six scenarios as section 3 has them, and the two that cannot be.
fn scenario(first_leg: i32, second_leg: i32) -> &'static str {
    match (
        first_leg + second_leg <= 62,
        first_leg <= 38,
        second_leg <= 24,
    ) {
        (true, true, true) => "S1: RXX investigating 1 0, RYY treating 1 0",
        (true, true, false) => "S2: RXX investigating 1 0, RYY treating 1 0",
        (true, false, true) => "S3: RYY treating 2 0",
        (false, true, false) => "S4: RYY treating 2 2",
        (false, false, true) => "S5: RXX investigating 2 2",
        (false, false, false) => "S6: RXX investigating 1 1, RYY treating 1 1",
        (true, false, false) | (false, true, true) => "impossible: the legs sum to the days",
    }
}

#[test]
fn every_edge_of_the_legs_gives_the_scenario_of_the_table() {
    for first_leg in [0, 37, 38, 39, 61, 62, 63] {
        for second_leg in [10, 23, 24, 25, 37, 38, 61, 62] {
            let course = transferred(first_leg, second_leg);
            let waits = waits(&[course], today());
            let wait = sixty_two(&waits);
            let expected = scenario(first_leg, second_leg);
            assert_eq!(shared(wait), expected, "{first_leg} + {second_leg}");
            assert_eq!(wait.leg38(), Some(first_leg));
            assert_eq!(wait.leg24(), Some(second_leg));
        }
    }
}

#[test]
fn adjustments_belong_to_their_leg() {
    let mut course = transferred(43, 30);
    course.missed_days = 5;
    course.treatments[0].adjustment = 6;
    let waits = waits(&[course], today());
    let wait = sixty_two(&waits);
    assert_eq!((wait.leg38(), wait.leg24()), (Some(38), Some(24)));
    assert_eq!(wait.days(), 62);
    assert_eq!(shared(wait), "S1: RXX investigating 1 0, RYY treating 1 0");
}

#[test]
fn without_a_transfer_to_rely_on_the_wait_is_halved_or_whole() {
    let halved = "HALF: RXX investigating 1 1, RYY treating 1 1";
    for (transfer, site, told) in [
        (None, Some("RYY02"), halved),
        (Some((None, Some("RXX01"))), Some("RYY02"), halved),
        (Some((Some(20), None)), Some("RYY02"), halved),
        (
            Some((Some(20), Some("RYY09"))),
            Some("RYY02"),
            "SOLO: RYY sole 2 2",
        ),
        (None, Some("RXX02"), "SOLO: RXX sole 2 2"),
        (
            None,
            Some("S3H9L"),
            "HALF: RXX investigating 1 1, S3H9L treating 1 1",
        ),
        (None, None, "none: "),
    ] {
        let mut course = Course::plain("RXX:1", day(2026, 1, 5));
        course.transfer = transfer;
        course.treatments = vec![Treated::first(10, 70, "RYY02")];
        course.treatments[0].site = site;
        let waits = waits(&[course], today());
        assert_eq!(shared(sixty_two(&waits)), told, "{transfer:?} {site:?}");
        assert_eq!(sixty_two(&waits).leg38(), None);
    }
}

#[test]
fn the_list_of_6_1_adds_up_to_england() {
    // G61, G62, G64, G65, G67, G68: transfer, treatment, adjustment; G67 has one trust.
    let list = [
        (Some(30), 62, 0),
        (Some(45), 60, 0),
        (Some(50), 70, 0),
        (Some(50), 80, 0),
        (None, 70, 0),
        (Some(40), 74, 12),
    ];
    let courses = list
        .into_iter()
        .zip(0..)
        .map(|((transfer, treated, adjustment), at)| {
            let mut course = Course::plain(&format!("RXX:{at}"), day(2026, 1, 5));
            let site = if transfer.is_some() { "RYY01" } else { "RXX02" };
            course.transfer = transfer.map(|on| (Some(on), Some("RXX01")));
            course.treatments = vec![Treated::first(40, treated, site)];
            course.treatments[0].adjustment = adjustment;
            course
        });
    let waits = waits(&courses.collect::<Vec<_>>(), today());
    let rows = performance(&waits);
    let mut found = Vec::new();
    for row in &rows {
        let whole = row.part == RouteOrStage::All && row.category == Category::All;
        let year = row.period.kind() == PeriodKind::Year;
        if row.activity == SIXTY_TWO_DAY && whole && year {
            let after = row.after().expect("a standard");
            found.push(format!("{} {} {after}", row.organisation, row.total()));
        }
    }
    assert_eq!(
        found,
        [
            "RXX 3 2.5",
            "RYY 3 0.5",
            "QYG 6 3",
            "E56000005 6 3",
            "ENGLAND 6 3"
        ]
    );
}

#[test]
fn first_seen_activity_is_of_the_day_it_happened() {
    let tables = Tables::default();
    let mut seen = Course::plain("RXX:1", day(2024, 2, 25));
    seen.seen = Some(4);
    seen.first_seen_site = Some("S3H9L");
    for (change, told) in [
        ("none", "2024-02 S3H9L 4 0-14"),
        ("missed", "2024-02 S3H9L 1 0-14"),
        ("upgraded", ""),
        ("merged", "not: merged"),
        ("nobody", "not: organisation_missing"),
        ("early", "not: negative_wait"),
    ] {
        let mut course = seen.clone();
        match change {
            "missed" => course.missed_days = 3,
            "upgraded" => course.upgraded = Some(10),
            "merged" => course.merged = Some(10),
            "nobody" => course.first_seen_site = None,
            "early" => course.seen = Some(-1),
            _ => {}
        }
        let mut engine = engine();
        course.learn(&mut engine);
        let row = engine.row("RXX:1", today()).expect("known");
        let counted = Counted::of(&row, &tables);
        let waits = counted.waits.iter().map(|wait| {
            let provider = wait.organisation();
            let provider = provider.as_ref().map_or("", |of| of.as_str());
            format!(
                "{} {provider} {} {}",
                wait.month(),
                wait.days(),
                wait.band().label
            )
        });
        let stops = counted.uncounted.iter();
        let stops = stops.map(|stop| format!("not: {}", stop.reason.name()));
        let found: Vec<_> = waits.chain(stops).collect();
        assert_eq!(found.join("; "), told, "{change}");
    }
}

#[test]
fn a_counted_wait_that_nobody_reports_is_listed_and_in_no_cell() {
    let mut course = Course::plain("RXX:1", day(2026, 1, 5));
    course.told = Some((20, "02"));
    course.told_by = None;
    course.seen = None;
    let mut engine = engine();
    course.learn(&mut engine);
    let row = engine.row("RXX:1", today()).expect("known");
    let counted = Counted::of(&row, &Tables::default());
    assert_eq!(counted.waits.len(), 1);
    assert_eq!(counted.uncounted.len(), 1);
    assert_eq!(counted.uncounted[0].reason.name(), "organisation_missing");
    assert!(performance(&counted.waits).is_empty());
}

#[test]
fn an_fds_wait_is_reported_in_the_month_the_patient_was_told() {
    let mut course = Course::plain("RXX:1", day(2026, 3, 1));
    course.told = Some((35, "01"));
    course.treatments = vec![Treated::first(20, 50, "RXX01")];
    let waits = waits(&[course], today());
    let fds = waits.iter().find(|wait| wait.end_reason().is_some());
    let fds = fds.expect("an FDS wait");
    // It stopped at the decision to treat (R5) and is reported with the telling (R17).
    assert_eq!((fds.stop, fds.days()), (day(2026, 3, 21), 20));
    assert_eq!(fds.month().to_string(), "2026-04");
    let year = Period::of(PeriodKind::Year, fds.month());
    assert_eq!(year.to_string(), "2026-27");
}

#[test]
fn what_is_decided_already_counts_known_clocks_only() {
    let as_of = day(2026, 3, 16);
    let mut engine = engine();
    let mut add = |at: &str, receipt: i32, change: &dyn Fn(&mut Course)| {
        let mut course = Course::plain(&format!("RXX:{at}"), as_of.plus(-receipt));
        course.seen = Some(1);
        change(&mut course);
        course.learn(&mut engine);
    };
    // FDS: compliant to the end of the month, due in it, the last day today, late since today.
    add("a", 10, &|_| {});
    add("b", 20, &|_| {});
    add("c", 28, &|_| {});
    add("d", 29, &|_| {});
    // Told this month, late; told last month.
    add("e", 40, &|course| course.told = Some((39, "02")));
    add("f", 60, &|course| course.told = Some((10, "02")));
    // Decided on, late for 62 days; of a later type; declined, of a type that is not known.
    add("g", 70, &|course| {
        course.told = Some((10, "01"));
        course.treatments = vec![Treated::first(60, 0, "RXX01")];
        course.treatments[0].started = None;
    });
    add("h", 70, &|course| {
        course.told = Some((10, "01"));
        course.treatments = vec![Treated::first(60, 0, "RXX01")];
        course.treatments[0].started = None;
        course.treatments[0].event_type = Some("02");
    });
    add("i", 70, &|course| {
        course.told = Some((10, "01"));
        course.treatments = vec![Treated::first(60, 0, "RXX01")];
        course.treatments[0].started = None;
        course.treatments[0].event_type = None;
        course.treatments[0].modality = Some("98");
    });
    let mut decided = AlreadyDecided::new(as_of);
    for row in engine.rows(as_of) {
        decided.add(&row, &Tables::default());
    }
    let rows: Vec<_> = decided
        .rows()
        .filter(|row| row.1 == "RXX")
        .map(|(standard, _, of)| {
            let stopped = format!("W{} N{}", of.stopped_within, of.stopped);
            let running = format!("C{} L{} D{}", of.compliant, of.late, of.due);
            format!("{} {stopped} {running}", standard.name())
        })
        .collect();
    assert_eq!(
        rows,
        [
            "FDS W0 N1 C3 L1 D2",
            "62D W0 N0 C0 L1 D0",
            // Both decisions are 10 days old.
            "31D W0 N0 C2 L0 D0",
        ]
    );
    let fds = decided
        .rows()
        .find(|row| row.0 == Standard::Fds && row.1 == "RXX");
    let fds = fds.expect("a row").2;
    assert_eq!((fds.best(), fds.worst()), (Some((3, 4)), Some((0, 4))));
}

#[test]
fn stages_and_routes_bear_their_published_names() {
    let mut course = Course::plain("RXX:1", day(2026, 1, 5));
    course.told = Some((20, "01"));
    course.treatments = vec![
        Treated::first(30, 50, "RXX01"),
        Treated::first(60, 70, "RXX01"),
    ];
    course.treatments[1].event_type = Some("02");
    course.treatments[1].modality = Some("05");
    let rows = performance(&waits(&[course], today()));
    let mut names: Vec<_> = rows
        .iter()
        .filter(|row| row.basis == Basis::England && row.period.kind() == PeriodKind::Year)
        .map(|row| {
            let part = row.part.name(row.activity);
            let cancer = row.category.cancer_type();
            let modality = row.category.modality(row.activity).unwrap_or("-");
            format!("{} | {part} | {cancer} | {modality}", row.activity.name())
        })
        .collect();
    names.sort();
    let oesophagus = "Upper Gastrointestinal - Oesophagus & Stomach";
    let mut expected = vec![
        "FDS | ALL ROUTES | ALL CANCERS | -".to_owned(),
        "FDS | ALL ROUTES | Suspected lower gastrointestinal cancer | -".to_owned(),
        "FDS | URGENT SUSPECTED CANCER | Suspected lower gastrointestinal cancer | -".to_owned(),
        "FIRST_SEEN | URGENT SUSPECTED CANCER | Suspected lower gastrointestinal cancer | -"
            .to_owned(),
    ];
    for (activity, part, modalities) in [
        ("31D", "ALL STAGES", &["Radiotherapy", "Surgery"][..]),
        ("31D", "First Treatment", &["Surgery"]),
        ("31D", "Subsequent", &["Radiotherapy"]),
        ("62D", "ALL ROUTES", &["Surgery"]),
        ("62D", "Urgent Suspected Cancer", &["Surgery"]),
    ] {
        let head = format!("{activity} | {part}");
        expected.push(format!("{head} | ALL CANCERS | ALL MODALITIES"));
        expected.push(format!("{head} | {oesophagus} | ALL MODALITIES"));
        let cut = modalities.iter();
        expected.extend(cut.map(|modality| format!("{head} | ALL CANCERS | {modality}")));
    }
    expected.sort();
    assert_eq!(names, expected);
    assert!(rows.iter().any(|row| row.activity == THIRTY_ONE_DAY));
    assert!(
        rows.iter()
            .all(|row| row.activity != Activity::FirstSeen || row.within().is_none())
    );
}
