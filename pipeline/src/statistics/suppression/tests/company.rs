//! Which count is company for another, and which is known without any.

use super::super::bounds::{self, Sums};
use super::super::{Margin, Precision, SuppressionRule, suppress};
use super::{EIGHT_AND_FIVE, counted, england, text, whole};

fn sums(margins: &[(usize, &[usize])]) -> Vec<Margin> {
    let margin = |(total, parts): &(usize, &[usize])| Margin {
        total: *total,
        parts: parts.to_vec(),
    };
    margins.iter().map(margin).collect()
}

#[test]
fn company_is_what_the_fewest_sums_give_away_and_no_zero_where_another_can_be() {
    let unrounded = SuppressionRule {
        threshold: 8,
        rounding: 0,
    };
    let (three, none) = (whole(3), whole(0));
    for (rule, counts, margins, expected) in [
        // The first 0 is a sum of zeros, which would give it away.
        (
            EIGHT_AND_FIVE,
            vec![england(3), three, none, none, none, none],
            sums(&[(0, &[1, 2, 3]), (2, &[4, 5])]),
            "3 - 0 - 0 0",
        ),
        // It is in another sum, but one that is rounded and gives nothing away.
        (
            EIGHT_AND_FIVE,
            vec![england(3), three, none, none, whole(20), whole(20)],
            sums(&[(0, &[1, 2, 3]), (4, &[2, 5])]),
            "3 - - 0 20 20",
        ),
        (
            unrounded,
            vec![england(23), three, none, whole(20)],
            sums(&[(0, &[1, 2, 3])]),
            "23 - 0 -",
        ),
        // One that is in two sums is company in both.
        (
            EIGHT_AND_FIVE,
            vec![england(3), three, none, none, england(2), whole(2)],
            sums(&[(0, &[1, 3]), (4, &[5, 2, 3])]),
            "3 - 0 - 2 -",
        ),
    ] {
        let found = suppress(&counts, &margins, rule);
        assert_eq!((text(&found), found.exposed), (expected.to_owned(), vec![]));
    }
}

#[test]
fn a_count_that_only_one_value_looks_like_is_known() {
    for (threshold, rounding, precision, halves, known) in [
        (8, 0, Precision::Whole, 22, true),
        (8, 0, Precision::Halved, 16, true),
        (8, 0, Precision::Halved, 18, false),
        // 9, 10 and 11 would be 8, 12 and 12.
        (9, 4, Precision::Whole, 18, true),
        (9, 4, Precision::Halved, 18, false),
    ] {
        let rule = SuppressionRule {
            threshold,
            rounding,
        };
        let counts = [counted(precision, halves)];
        let shown = suppress(&counts, &[], rule).shown;
        let read = bounds::read(&counts, &shown, &Sums::new(vec![], 1), rule);
        let found = bounds::is_one_value(&read, 0);
        assert_eq!(found, known, "{precision:?} {halves} of {rule:?}");
    }
}
