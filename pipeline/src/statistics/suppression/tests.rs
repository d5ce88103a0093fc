//! The rule, and what a reader can work out of small tables, by trying every table there could be.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails there"
)]

mod company;

use proptest::prelude::*;

use super::bounds::{self, Sums};
use super::{Count, Margin, Precision, Shown, Suppressed, SuppressionRule, rate, suppress};
use crate::statistics::Halves;

const EIGHT_AND_FIVE: SuppressionRule = SuppressionRule {
    threshold: 8,
    rounding: 5,
};

fn counted(precision: Precision, halves: i64) -> Count {
    Count {
        value: Halves::new(halves),
        precision,
    }
}

fn england(patients: i64) -> Count {
    counted(Precision::Exact, 2 * patients)
}

fn whole(patients: i64) -> Count {
    counted(Precision::Whole, 2 * patients)
}

/// What is shown of counts without any sum: the number, or `-`.
fn alone(precision: Precision, halves: i64, rule: SuppressionRule) -> String {
    text(&suppress(&[counted(precision, halves)], &[], rule))
}

fn text(suppressed: &Suppressed) -> String {
    let texts = suppressed.shown.iter().map(|shown| match shown.value() {
        Some(value) => value.to_string(),
        None => "-".to_owned(),
    });
    texts.collect::<Vec<_>>().join(" ")
}

#[test]
fn small_counts_are_hidden_and_others_rounded() {
    for (patients, expected) in [
        (0, "0"),
        (1, "-"),
        (7, "-"),
        (8, "10"),
        (10, "10"),
        (12, "10"),
        (13, "15"),
        (17, "15"),
        (18, "20"),
        (772, "770"),
        (773, "775"),
    ] {
        assert_eq!(
            alone(Precision::Whole, 2 * patients, EIGHT_AND_FIVE),
            expected,
            "{patients}"
        );
        assert_eq!(
            alone(Precision::Exact, 2 * patients, EIGHT_AND_FIVE),
            patients.to_string()
        );
    }
    for (halves, expected) in [
        (1, "-"),
        (15, "-"),
        (16, "10"),
        (24, "10"),
        (25, "15"),
        (34, "15"),
        (35, "20"),
    ] {
        assert_eq!(
            alone(Precision::Halved, halves, EIGHT_AND_FIVE),
            expected,
            "{halves} halves"
        );
    }
    assert_eq!(SuppressionRule::default(), EIGHT_AND_FIVE);
}

#[test]
fn threshold_and_rounding_can_be_set() {
    let rule = SuppressionRule {
        threshold: 5,
        rounding: 3,
    };
    for (patients, expected) in [(4, "-"), (5, "6"), (7, "6"), (8, "9")] {
        assert_eq!(alone(Precision::Whole, 2 * patients, rule), expected);
    }
    let unrounded = SuppressionRule {
        threshold: 8,
        rounding: 0,
    };
    assert_eq!(alone(Precision::Whole, 2 * 11, unrounded), "11");
}

#[test]
fn totals_are_rounded_on_their_own_and_rates_are_of_rounded_parts() {
    // 8 and 8 are shown as 10 and 10, their sum of 16 as 15.
    let margin = Margin {
        total: 0,
        parts: vec![1, 2],
    };
    let found = suppress(&[whole(16), whole(8), whole(8)], &[margin], EIGHT_AND_FIVE);
    assert_eq!(text(&found), "15 10 10");
    assert_eq!(rate(found.shown[1], found.shown[0]), Some(10.0 / 15.0));
    assert_eq!(rate(Shown::Hidden, found.shown[0]), None);
    assert_eq!(rate(found.shown[0], Shown::Hidden), None);
    assert_eq!(
        rate(Shown::Exact(Halves::ZERO), Shown::Exact(Halves::ZERO)),
        None
    );
}

/// England and its organisations.
fn nation(organisations: &[i64]) -> Suppressed {
    let total = england(organisations.iter().sum());
    let mut counts = vec![total];
    counts.extend(organisations.iter().map(|patients| whole(*patients)));
    let parts = (1..counts.len()).collect();
    suppress(&counts, &[Margin { total: 0, parts }], EIGHT_AND_FIVE)
}

#[test]
fn what_the_rule_alone_would_give_away_has_company() {
    for (organisations, expected) in [
        // Nothing to be had by subtraction: the others are rounded.
        (&[3, 20, 21][..], "44 - 20 20"),
        // The only one of England's: a 0 is hidden beside it.
        (&[2, 0, 0, 0], "2 - - 0 0"),
        (&[3, 0, 0], "3 - - 0"),
        // Were both small, each would be 1, or each 7; but one of them may be company.
        (&[1, 1, 0, 0], "2 - - 0 0"),
        (&[7, 7, 0], "14 - - 0"),
        // 12 rounded down: the hidden one is within four of what is left.
        (&[5, 12], "17 - 10"),
        // Rounded up from the threshold itself, which is the least that is shown: 0 or 1.
        (&[1, 8, 0], "9 - 10 0"),
    ] {
        let found = nation(organisations);
        assert_eq!(
            (text(&found), found.exposed),
            (expected.to_owned(), vec![]),
            "{organisations:?}"
        );
    }
}

#[test]
fn halves_have_an_edge_of_their_own() {
    let halved = |halves| counted(Precision::Halved, halves);
    let margin = |parts| [Margin { total: 0, parts }];
    // 8 is the least that is shown as 10: of 8.5 a half is left, or nothing.
    let counts = [counted(Precision::Exact, 17), halved(1), halved(16)];
    let found = suppress(&counts, &margin(vec![1, 2]), EIGHT_AND_FIVE);
    assert_eq!(text(&found), "8.5 - 10");
    // Whole patients cannot be a half: 8 of 8 leave one nothing.
    let counts = [counted(Precision::Exact, 16), whole(0), whole(8)];
    let mut hidden = suppress(&counts, &margin(vec![1, 2]), EIGHT_AND_FIVE);
    assert_eq!(text(&hidden), "8 0 10");
    hidden.shown[1] = Shown::Hidden;
    let sums = Sums::new(vec![], 3);
    let read = bounds::read(&counts, &hidden.shown, &sums, EIGHT_AND_FIVE);
    assert!(
        !bounds::is_one_value(&read, 1),
        "nothing known without a sum"
    );
    let margins = margin(vec![1, 2]);
    let sums = Sums::new(margins.iter().collect(), 3);
    let read = bounds::read(&counts, &hidden.shown, &sums, EIGHT_AND_FIVE);
    assert!(bounds::is_one_value(&read, 1) && bounds::is_one_value(&read, 2));
}

#[test]
fn what_is_shown_gives_way_where_no_zero_can() {
    // Unrounded, 20 would give the 3 away.
    let unrounded = SuppressionRule {
        threshold: 8,
        rounding: 0,
    };
    let counts = [england(23), whole(3), whole(20)];
    let margins = [Margin {
        total: 0,
        parts: vec![1, 2],
    }];
    assert_eq!(text(&suppress(&counts, &margins, unrounded)), "23 - -");
}

#[test]
fn what_cannot_be_hidden_is_named() {
    let found = nation(&[3]);
    assert_eq!((text(&found), found.exposed), ("3 -".to_owned(), vec![1]));
    let found = nation(&[1, 1]);
    assert_eq!((text(&found), found.exposed), ("2 - -".to_owned(), vec![]));
}

#[test]
fn a_zero_that_england_tells_is_not_hidden_for_nothing() {
    // Total, within and after of England and of its one organisation.
    let counts = [
        england(3),
        england(3),
        england(0),
        whole(3),
        whole(3),
        whole(0),
    ];
    let sum = |total, parts: &[usize]| Margin {
        total,
        parts: parts.to_vec(),
    };
    let margins = [
        sum(0, &[1, 2]),
        sum(3, &[4, 5]),
        sum(0, &[3]),
        sum(1, &[4]),
        sum(2, &[5]),
    ];
    let found = suppress(&counts, &margins, EIGHT_AND_FIVE);
    assert_eq!(
        (text(&found), found.exposed),
        ("3 3 0 - - 0".to_owned(), vec![3, 4])
    );
}

#[test]
fn a_sum_that_does_not_hold_says_nothing() {
    let counts = [england(3), whole(2)];
    for parts in [vec![1], vec![1, 9]] {
        let found = suppress(&counts, &[Margin { total: 0, parts }], EIGHT_AND_FIVE);
        assert_eq!((text(&found), found.exposed), ("3 -".to_owned(), vec![]));
    }
}

/// Two types in some organisations, with totals of both kinds, England's exact.
fn table(cells: &[[i64; 2]]) -> (Vec<Count>, Vec<Margin>) {
    let mut counts = Vec::new();
    let mut margins = Vec::new();
    let sums = [0, 1].map(|column| cells.iter().map(|row| row[column]).sum::<i64>());
    counts.extend([
        england(sums[0] + sums[1]),
        england(sums[0]),
        england(sums[1]),
    ]);
    for row in cells {
        counts.extend([whole(row[0] + row[1]), whole(row[0]), whole(row[1])]);
    }
    let rows = cells.len() + 1;
    for row in 0..rows {
        margins.push(Margin {
            total: 3 * row,
            parts: vec![3 * row + 1, 3 * row + 2],
        });
    }
    for column in 0..3 {
        let parts = (1..rows).map(|row| 3 * row + column).collect();
        margins.push(Margin {
            total: column,
            parts,
        });
    }
    (counts, margins)
}

fn shown_as(precision: Precision, patients: i64) -> String {
    alone(precision, 2 * patients, EIGHT_AND_FIVE)
}

/// Every table that looks like this one, with hidden counts from 0 up.
fn lookalikes(found: &Suppressed, rows: usize) -> Vec<Vec<i64>> {
    let shown: Vec<Option<String>> = found
        .shown
        .iter()
        .map(|shown| shown.value().map(|value| value.to_string()))
        .collect();
    let fits = |place: usize, patients: i64| match &shown[place] {
        None => true,
        Some(shown) if place < 3 => *shown == patients.to_string(),
        Some(shown) => *shown == shown_as(Precision::Whole, patients),
    };
    let sums: Vec<i64> = shown[1..3]
        .iter()
        .map(|sum| sum.as_ref().unwrap().parse().unwrap())
        .collect();
    let mut partial: Vec<Vec<i64>> = vec![sums.clone()];
    for row in 1..=rows {
        let mut longer = Vec::new();
        for table in partial {
            for a in (0..=table[0]).filter(|a| fits(3 * row + 1, *a)) {
                for b in (0..=table[1]).filter(|b| fits(3 * row + 2, *b)) {
                    if fits(3 * row, a + b) {
                        let mut table = table.clone();
                        table[0] -= a;
                        table[1] -= b;
                        table.extend([a + b, a, b]);
                        longer.push(table);
                    }
                }
            }
        }
        partial = longer;
    }
    partial.retain(|table| table[..2] == [0, 0]);
    partial
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The bound test of statistics 8, by trying every table: whoever knows that a hidden count can be any finds two
    /// values for each.
    #[test]
    fn no_hidden_count_of_a_small_table_has_one_value(
        cells in proptest::collection::vec(
            [prop_oneof![4 => 0_i64..4, 1 => 0_i64..14], prop_oneof![4 => 0_i64..4, 1 => 0_i64..14]],
            2..4,
        ),
    ) {
        let (counts, margins) = table(&cells);
        let found = suppress(&counts, &margins, EIGHT_AND_FIVE);
        let tables = lookalikes(&found, cells.len());
        prop_assert!(!tables.is_empty());
        for place in (3..counts.len()).filter(|place| found.shown[*place] == Shown::Hidden) {
            let mut values: Vec<i64> = tables.iter().map(|table| table[place - 1]).collect();
            values.sort_unstable();
            values.dedup();
            prop_assert!(
                values.len() > 1 || found.exposed.contains(&place),
                "{} is {:?} in {:?}, shown as {}", place, values, cells, text(&found)
            );
        }
    }

    #[test]
    fn the_same_counts_are_hidden_every_time_and_england_never(
        cells in proptest::collection::vec([0_i64..20, 0_i64..20], 1..8),
    ) {
        let (counts, margins) = table(&cells);
        let found = suppress(&counts, &margins, EIGHT_AND_FIVE);
        prop_assert_eq!(&found, &suppress(&counts, &margins, EIGHT_AND_FIVE));
        for (count, shown) in counts.iter().zip(&found.shown) {
            if count.precision == Precision::Exact {
                prop_assert_eq!(*shown, Shown::Exact(count.value));
            }
            let small = (1..8).contains(&(count.value.halves() / 2));
            prop_assert!(!small || count.precision == Precision::Exact || *shown == Shown::Hidden);
        }
    }
}
