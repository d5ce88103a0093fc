//! Both shapes against the files of 2024-25, and the identities over all of them.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there"
)]

use std::io::Read as _;
use std::sync::LazyLock;

use clockstop_pipeline::statistics::identities::{Identity, exceptions};
use clockstop_pipeline::statistics::suppression::{
    Shown, SuppressedCell, SuppressionRule, suppress_cells,
};
use clockstop_pipeline::statistics::{
    Activity, Basis, Cell, CellKey, Halves, RouteOrStage, TreatmentStage,
};
use clockstop_pipeline::{Month, Route, Standard};
use flate2::read::GzDecoder;

use super::{NATIONAL_COLUMNS, PublishedError, read_published, write_national, write_suppressed};

const FDS: &[u8] = include_bytes!("../../../tests/data/published/cwt_fds_2024_25.csv.gz");
const FIRST_SEEN: &[u8] =
    include_bytes!("../../../tests/data/published/cwt_first_seen_2024_25.csv.gz");
const THIRTY_ONE: &[u8] = include_bytes!("../../../tests/data/published/cwt_t31_2024_25.csv.gz");
const SIXTY_TWO: &[u8] = include_bytes!("../../../tests/data/published/cwt_t62_2024_25.csv.gz");
const ENGLAND: &str = include_str!("../../../tests/data/published/england_monthly_2024_25.csv");

const FDS_WAITS: Activity = Activity::Standard(Standard::Fds);
const THIRTY_ONE_DAY: Activity = Activity::Standard(Standard::ThirtyOneDay);
const SIXTY_TWO_DAY: Activity = Activity::Standard(Standard::SixtyTwoDay);
const SUSPECTED: RouteOrStage = RouteOrStage::Route(Route::Usc);
const SYMPTOMATIC: RouteOrStage = RouteOrStage::Route(Route::BreastSymptomatic);

static PUBLISHED: LazyLock<Vec<Cell>> = LazyLock::new(|| {
    let files = [FDS, FIRST_SEEN, THIRTY_ONE, SIXTY_TWO];
    let cells = files.map(|file| read_published(&unpacked(file)).unwrap());
    cells.concat()
});

fn unpacked(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn every_row_of_the_year_is_read() {
    let rows = |activity| {
        let cells = PUBLISHED.iter();
        let cells = cells.filter(|cell| cell.key.activity == activity);
        cells.count()
    };
    let first_seen = |part| {
        let cells = PUBLISHED.iter().filter(|cell| is_first_seen(cell, part));
        cells.count()
    };
    assert_eq!(PUBLISHED.len(), 295_243);
    assert_eq!(rows(FDS_WAITS), 37_871);
    assert_eq!(rows(THIRTY_ONE_DAY), 102_319);
    assert_eq!(rows(SIXTY_TWO_DAY), 126_114);
    assert_eq!(first_seen(SUSPECTED), 27_059);
    assert_eq!(first_seen(SYMPTOMATIC), 1_880);
}

fn is_first_seen(cell: &Cell, part: RouteOrStage) -> bool {
    cell.key.activity == Activity::FirstSeen && cell.key.part == part
}

/// The figures of England by month come from the same workbooks by another hand.
#[test]
fn england_is_what_it_is_known_to_be() {
    for line in ENGLAND.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        for (activity, at) in [(FDS_WAITS, 1), (THIRTY_ONE_DAY, 4), (SIXTY_TWO_DAY, 7)] {
            let counts = &england(fields[0], activity).counts;
            assert_eq!(counts.total.to_string(), fields[at], "{line}");
            assert_eq!(counts.within.unwrap().to_string(), fields[at + 1], "{line}");
        }
        let over_104 = england(fields[0], SIXTY_TWO_DAY).counts.bands[7];
        assert_eq!(over_104.to_string(), fields[10], "{line}");
    }
}

fn england(month: &str, activity: Activity) -> &'static Cell {
    let mut cells = PUBLISHED.iter().filter(|cell| {
        let key = &cell.key;
        key.activity == activity
            && key.month.to_string() == month
            && key.basis == Basis::Provider
            && key.is_england()
            && key.part == RouteOrStage::All
    });
    let found = cells.find(|cell| cell.key.cancer_type.is_all() && cell.key.modality.is_all());
    found.unwrap()
}

#[test]
fn the_identities_hold_in_every_row() {
    assert_eq!(exceptions(&PUBLISHED), []);
}

/// One figure of one row changed breaks every identity it has a part in.
#[test]
fn one_patient_more_is_noticed() {
    let mut cells = PUBLISHED.clone();
    let listed = |cell: &&mut Cell| cell.key.activity == SIXTY_TWO_DAY && !cell.key.is_england();
    let changed = cells.iter_mut().filter(listed).nth(60_000).unwrap();
    changed.counts.total += Halves::whole(1);
    let mut found: Vec<Identity> = exceptions(&cells)
        .iter()
        .map(|each| each.identity)
        .collect();
    found.sort_unstable();
    found.dedup();
    assert!(
        found.starts_with(&[Identity::WithinAndAfter, Identity::Bands]),
        "{found:?}"
    );
    assert!(found.contains(&Identity::Parts), "{found:?}");
}

#[test]
fn what_is_written_nationally_is_read_back() {
    let bytes = write_national(&PUBLISHED);
    assert!(read_published(&bytes).unwrap() == *PUBLISHED);
}

#[test]
fn the_national_rows_are_filled_as_the_standard_asks() {
    let of = |activity: Activity, listed: bool| {
        let mut cells = PUBLISHED.iter();
        cells.find(|cell| {
            let england = cell.key.is_england();
            let provider = cell.key.basis == Basis::Provider;
            cell.key.activity == activity && provider && england != listed
        })
    };
    let first_seen = |part| {
        let mut cells = PUBLISHED.iter().filter(|cell| is_first_seen(cell, part));
        let found = cells.find(|cell| cell.key.basis == Basis::Provider && !cell.key.is_england());
        found.unwrap().clone()
    };
    let cells = [
        of(FDS_WAITS, true).unwrap().clone(),
        of(THIRTY_ONE_DAY, true).unwrap().clone(),
        of(SIXTY_TWO_DAY, true).unwrap().clone(),
        england("2025-03", SIXTY_TWO_DAY).clone(),
        first_seen(SUSPECTED),
        first_seen(SYMPTOMATIC),
    ];
    let written = String::from_utf8(write_national(&cells)).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines[0], NATIONAL_COLUMNS.join(","));
    assert_eq!(
        lines[1..].join("\n"),
        include_str!("../../../tests/data/published/national_rows.csv").trim_end()
    );
}

#[test]
fn what_is_hidden_is_blank_and_the_row_says_so() {
    let shown = |patients| Shown::Rounded(Halves::whole(patients));
    let counts = [
        shown(20),
        Shown::Hidden,
        shown(15),
        Shown::Exact(Halves::ZERO),
    ];
    let figures = england("2025-03", SIXTY_TWO_DAY).counts.clone();
    let figures = figures.figures().zip(counts.into_iter().cycle());
    let hidden = SuppressedCell {
        key: CellKey {
            organisation: "RXX".into(),
            ..england("2025-03", SIXTY_TWO_DAY).key.clone()
        },
        name: "A, B".into(),
        region: Some("LONDON".into()),
        figures: figures
            .map(|((figure, _), shown)| (figure, shown))
            .collect(),
        performance: None,
    };
    let mut open = hidden.clone();
    for (_, of) in &mut open.figures {
        *of = shown(10);
    }
    open.performance = Some(0.5);
    let written = String::from_utf8(write_suppressed(&[hidden, open])).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(
        lines[0],
        format!("{},Suppressed", NATIONAL_COLUMNS.join(","))
    );
    let place =
        r#"2025-03-01,Provider,RXX,LONDON,"A, B",62D,ALL CANCERS,ALL ROUTES,ALL MODALITIES"#;
    assert_eq!(
        lines[1..],
        [
            format!("{place},20,,15,,,,,,15,0,20,,15,0,20,,15,,,,,true"),
            format!("{place},10,10,10,0.5,,,,,10,10,10,10,10,10,10,10,10,,,,,false"),
        ]
    );
}

const NATIONAL_ROW: [&str; 30] = [
    "01/04/2025",
    "provider",
    "RXX",
    "LONDON",
    "A, B",
    "31d",
    "ALL CANCERS",
    "Subsequent Treatment",
    "Surgery",
    "3.0",
    "2",
    "1.0",
    "0.67",
    "",
    "",
    "",
    "",
    "1",
    "2",
    "0",
    "0",
    "0",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
];

fn national(row: &[&str]) -> String {
    let quoted: Vec<String> = row.iter().map(|field| format!("\"{field}\"")).collect();
    format!("{}\r\n{}\r\n", NATIONAL_COLUMNS.join(","), quoted.join(","))
}

#[test]
fn a_national_row_may_be_quoted_dated_by_day_and_written_in_floats() {
    let with_mark = format!("\u{feff}{}", national(&NATIONAL_ROW));
    for text in [national(&NATIONAL_ROW), with_mark] {
        let cells = read_published(text.as_bytes()).unwrap();
        let [cell] = cells.as_slice() else {
            panic!("{cells:?}")
        };
        assert_eq!(
            cell.key.month,
            Month {
                year: 2025,
                month: 4
            }
        );
        assert_eq!(
            cell.key.part,
            RouteOrStage::Stage(TreatmentStage::Subsequent)
        );
        assert_eq!(cell.name, "A, B");
        assert_eq!(cell.region.as_deref(), Some("LONDON"));
        assert_eq!(cell.counts.total, Halves::whole(3));
        assert_eq!(
            cell.counts.bands.as_slice(),
            [2, 0, 0, 0, 1].map(Halves::whole)
        );
    }
}

#[test]
fn what_is_no_published_file_is_refused_with_its_place() {
    for (at, value, expected) in [
        (0, "April", "a month"),
        (1, "Alliance", "a basis"),
        (2, "", "an organisation's code"),
        (5, "14D", "a standard or item"),
        (7, "Screening", "a route or stage of the standard"),
        (9, "", "patients, in halves"),
        (10, "0.3", "patients, in halves"),
        (18, "*", "patients, in halves"),
    ] {
        let mut row = NATIONAL_ROW;
        row[at] = value;
        let refused = PublishedError::Field {
            line: 2,
            column: NATIONAL_COLUMNS[at],
            expected,
        };
        assert_eq!(read_published(national(&row).as_bytes()), Err(refused));
    }
    let short = national(&NATIONAL_ROW[..29]);
    let refused = PublishedError::Row {
        line: 2,
        columns: 30,
    };
    assert_eq!(read_published(short.as_bytes()), Err(refused));
    for text in ["", "nhs_number,date\n1,2\n", "period,basis,cut\n"] {
        assert_eq!(
            read_published(text.as_bytes()),
            Err(PublishedError::Columns),
            "{text}"
        );
    }
    let tidy = String::from_utf8(unpacked(SIXTY_TWO)).unwrap();
    let tidy: Vec<&str> = tidy.lines().take(2).collect();
    let other = tidy[1].replace("all_cancers", "all_routes");
    let refused = PublishedError::Field {
        line: 2,
        column: "cut",
        expected: "a cut of this file",
    };
    let text = format!("{}\n{other}\n", tidy[0]);
    assert_eq!(read_published(text.as_bytes()), Err(refused));
}

/// A month of all real figures leaves the building with nothing to be worked out, and England as it is.
#[test]
fn a_published_month_can_be_suppressed() {
    let march = Month {
        year: 2025,
        month: 3,
    };
    let of_march = PUBLISHED.iter().filter(|cell| cell.key.month == march);
    let cells: Vec<Cell> = of_march.cloned().collect();
    let found = suppress_cells(&cells, SuppressionRule::default());
    assert!(
        found.exposed.is_empty(),
        "{} {:?}",
        found.exposed.len(),
        found.exposed.iter().take(4).collect::<Vec<_>>()
    );
    for (cell, shown) in cells.iter().zip(&found.cells) {
        assert_eq!(cell.key, shown.key);
        for ((figure, count), (_, shown)) in cell.counts.figures().zip(&shown.figures) {
            let expected = if cell.key.is_england() {
                Some(Shown::Exact(count))
            } else {
                Some(Shown::Hidden).filter(|_| is_small(count))
            };
            assert!(
                expected.is_none_or(|expected| *shown == expected),
                "{figure:?} of {:?}",
                cell.key
            );
        }
    }
    for (activity, small, most) in [
        (FDS_WAITS, 7_073, 7_150),
        (SIXTY_TWO_DAY, 54_368, 54_600),
        (THIRTY_ONE_DAY, 16_997, 17_100),
        (Activity::FirstSeen, 4_148, 4_200),
    ] {
        let listed = cells.iter().filter(|cell| !cell.key.is_england());
        let figures = listed
            .filter(|cell| cell.key.activity == activity)
            .flat_map(|cell| cell.counts.figures());
        let counted = figures.filter(|(_, count)| is_small(*count)).count();
        assert_eq!(counted, small, "{activity:?}");
        let figures = found
            .cells
            .iter()
            .filter(|cell| cell.key.activity == activity)
            .flat_map(|cell| &cell.figures);
        let hidden = figures.filter(|(_, shown)| *shown == Shown::Hidden);
        let hidden = hidden.count();
        assert!((small..most).contains(&hidden), "{activity:?}: {hidden}");
    }
}

fn is_small(count: Halves) -> bool {
    Halves::ZERO < count && count < Halves::whole(8)
}
