//! The text of `spc/rules.json`, sentence by sentence.
#![expect(
    clippy::float_cmp,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the same steps give the same bits, and a test that cannot go on fails there"
)]

use super::special_cause::SpecialCause;
use super::{Assurance, Baseline, Chart, Direction, Point, Screening, Settings, Variation, chart};
use crate::day::Day;

pub(super) fn monthly(values: &[f64]) -> Vec<Point> {
    let days = (0..).map(|month| Day::from_epoch_days(20_000 + 30 * month));
    days.zip(values)
        .map(|(day, value)| Point { day, value: *value })
        .collect()
}

pub(super) fn charted(values: &[f64]) -> Chart {
    chart(&monthly(values), &Settings::new(Direction::Increase))
}

fn limits(chart: &Chart) -> [f64; 6] {
    let point = chart.points[0];
    let limits = point.limits.unwrap();
    [
        point.mean,
        limits.mean_moving_range,
        limits.lower,
        limits.upper,
        limits.near_lower,
        limits.near_upper,
    ]
}

/// One letter a point: `A`/`B` above/below a limit, `I`/`D` trend, `t`/`u` two in three above/below,
/// `s`/`z` shift above/below, `.` common cause.
fn causes(chart: &Chart) -> String {
    let letter = |cause: Option<SpecialCause>| match cause {
        Some(SpecialCause::AboveLimit) => 'A',
        Some(SpecialCause::BelowLimit) => 'B',
        Some(SpecialCause::TrendIncreasing) => 'I',
        Some(SpecialCause::TrendDecreasing) => 'D',
        Some(SpecialCause::TwoInThreeAbove) => 't',
        Some(SpecialCause::TwoInThreeBelow) => 'u',
        Some(SpecialCause::ShiftAbove) => 's',
        Some(SpecialCause::ShiftBelow) => 'z',
        None => '.',
    };
    let points = chart.points.iter();
    points.map(|point| letter(point.special_cause)).collect()
}

/// 1, 3, 1, 3, ...: mean 2, every moving range 2.
pub(super) fn swinging(points: usize) -> Vec<f64> {
    [1.0, 3.0].into_iter().cycle().take(points).collect()
}

/// Limits from the first 14 points, a swing of 1 to 3 (lower -3.32, near -1.55, near 5.55, upper 7.32), and
/// then the given values.
fn after_a_swing(values: &[f64]) -> String {
    let mut series = swinging(14);
    series.extend(values);
    let mut settings = Settings::new(Direction::Increase);
    settings.baseline = Baseline::First(14);
    causes(&chart(&monthly(&series), &settings))[14..].to_owned()
}

#[test]
fn limits_are_the_mean_and_multiples_of_the_mean_moving_range() {
    let near = 2.0 * (2.66 / 3.0) * 2.0;
    let expected = [
        2.0,
        2.0,
        2.0 - 2.66 * 2.0,
        2.0 + 2.66 * 2.0,
        2.0 - near,
        2.0 + near,
    ];
    assert_eq!(limits(&charted(&swinging(14))), expected);
}

#[test]
fn limits_are_not_clamped_to_what_a_rate_can_be() {
    let found = limits(&charted(&[0.1, 0.9, 0.1, 0.9]));
    assert!(found[2] < 0.0 && found[3] > 1.0);
}

#[test]
fn an_outlying_moving_range_is_dropped_once_and_the_mean_stays() {
    // Ranges: 11 of 1, then 20 and 20: mean 51 / 13 = 3.92, bound 12.8.
    let mut values: Vec<f64> = [4.0, 5.0].into_iter().cycle().take(12).collect();
    values.extend([25.0, 5.0]);
    let screened = limits(&charted(&values));
    assert_eq!(screened[1], 1.0);
    assert_eq!(screened[0], 84.0 / 14.0);

    let mut settings = Settings::new(Direction::Increase);
    settings.screening = Screening::Off;
    assert_eq!(limits(&chart(&monthly(&values), &settings))[1], 51.0 / 13.0);
}

#[test]
fn screening_is_not_repeated() {
    // Ranges 1 x 12, 10, 100: mean 8.71, bound 28.5 drops 100; a second pass (bound 5.5) would drop 10.
    let mut values: Vec<f64> = [0.0, 1.0].into_iter().cycle().take(13).collect();
    values.extend([10.0, 110.0]);
    assert_eq!(limits(&charted(&values))[1], 22.0 / 13.0);
}

#[test]
fn a_moving_range_on_the_screening_bound_is_dropped() {
    // Ranges 3267, 0, 0, 733: their mean is 1000, the bound 3267, and a range of 3267 is not strictly below.
    let found = limits(&charted(&[0.0, 3267.0, 3267.0, 3267.0, 2534.0]));
    assert_eq!(found[1], 733.0 / 3.0);
}

#[test]
fn a_constant_series_has_no_limits_and_no_cause() {
    for value in [0.1, 1.0 / 3.0, 0.7, 0.789_667_126_992_347, 2_628.0, 0.0] {
        for points in [1, 2, 7, 13, 24, 60] {
            let mut settings = Settings::new(Direction::Increase);
            settings.target = Some(0.75);
            let series = vec![value; points];
            let chart = chart(&monthly(&series), &settings);
            assert_eq!(causes(&chart), ".".repeat(points), "{value} x {points}");
            assert!(chart.points.iter().all(|point| point.mean == value));
            assert!(chart.points.iter().all(|point| point.limits.is_none()));
            let assured = (points >= 13).then_some(Assurance::Inconsistent);
            assert_eq!(chart.assurance, assured);
        }
    }
}

#[test]
fn a_value_on_the_mean_is_on_it_in_tenths_too() {
    for (values, mean) in [
        ([0.7, 0.8, 0.9], 0.8),
        ([0.1, 0.2, 0.3], 0.2),
        ([0.75, 0.76, 0.77], 0.76),
    ] {
        assert_eq!(charted(&values).points[0].mean, mean);
    }
}

#[test]
fn without_limits_a_shift_and_a_trend_still_show() {
    let mut values = vec![1.0; 14];
    values.extend([2.0; 7]);
    let mut settings = Settings::new(Direction::Increase);
    settings.baseline = Baseline::First(14);
    let found = chart(&monthly(&values), &settings);
    assert_eq!(causes(&found), format!("{}sssssss", ".".repeat(14)));
    assert!(found.points.iter().all(|point| point.limits.is_none()));
    // Moving ranges 0 x 13 and one other: it alone is screened out, and zero is left.
    let mut step = vec![5.0; 13];
    step.push(9.0);
    assert!(charted(&step).points[0].limits.is_none());
}

#[test]
fn outside_is_strictly_beyond_a_limit() {
    let upper = 2.0 + 2.66 * 2.0;
    let lower = 2.0 - 2.66 * 2.0;
    assert_eq!(after_a_swing(&[upper, upper.next_up()]), ".A");
    assert_eq!(after_a_swing(&[lower, lower.next_down()]), ".B");
}

#[test]
fn two_of_three_on_one_side_must_be_close_and_only_those_are_flagged() {
    for (values, expected) in [
        (&[6.0, 6.0, 3.0][..], "tt."),
        (&[6.0, 3.0, 6.0], "t.t"),
        (&[6.0, 6.0, 6.0], "ttt"),
        (&[-2.0, 1.0, -2.0], "u.u"),
        // The third on the mean, or on the other side.
        (&[2.0, 6.0, 2.0, 6.0, 2.0], "....."),
        (&[2.0, 6.0, 6.0, 1.0], "...."),
        (&[6.0, -2.0, 6.0], "..."),
        // A point outside the limits is not close, but is on its side.
        (&[2.0, 8.0, 6.0, 2.0], ".A.."),
        (&[2.0, 6.0, 8.0, 6.0, 2.0], ".tAt."),
        // A near limit is not beyond itself.
        (&[2.0 + 2.0 * (2.66 / 3.0) * 2.0, 6.0, 3.0], "..."),
        (&[6.0, 3.0, 3.0, 6.0], "...."),
    ] {
        let padded: Vec<f64> = [&[1.0][..], values].concat();
        let sign = if values[0] < 0.0 { 3.0 } else { 1.0 };
        let padded: Vec<f64> = [&[sign][..], &padded[1..]].concat();
        assert_eq!(after_a_swing(&padded)[1..], *expected, "{values:?}");
    }
}

#[test]
fn windows_at_the_ends_are_never_complete() {
    // Two close points at the very end after one on the other side.
    assert_eq!(after_a_swing(&[1.0, 6.0, 6.0]), "...");
    assert_eq!(after_a_swing(&[3.0, 6.0, 6.0]), ".tt");
}

#[test]
fn seven_on_one_side_are_a_shift_and_a_value_on_the_mean_breaks_it() {
    // The swing ends on 3, above the mean: a value on the mean first.
    assert_eq!(
        after_a_swing(&[2.0, 3.0, 4.0, 3.0, 4.0, 3.0, 4.0]),
        "......."
    );
    assert_eq!(
        after_a_swing(&[2.0, 3.0, 4.0, 3.0, 4.0, 3.0, 4.0, 3.0]),
        ".sssssss"
    );
    assert_eq!(
        after_a_swing(&[2.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 3.0]),
        ".zzzzzzzz."
    );
    assert_eq!(
        after_a_swing(&[2.0, 3.0, 4.0, 3.0, 2.0, 3.0, 4.0, 3.0]),
        "........"
    );
}

#[test]
fn six_steps_one_way_are_a_trend_of_seven_and_a_tie_breaks_it() {
    let rising = [0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 3.5];
    assert_eq!(after_a_swing(&rising), "IIIIIII");
    let tied = [0.0, 0.5, 1.0, 1.0, 1.5, 2.5, 3.0];
    assert_eq!(after_a_swing(&tied), ".......");
    let six = [0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 2.5];
    assert_eq!(after_a_swing(&six), ".......");
    // The swing's 3 belongs to the fall that follows it.
    assert_eq!(after_a_swing(&[2.5, 2.3, 1.5, 1.0, 0.5, 0.0]), "DDDDDD");
}

#[test]
fn a_turning_point_takes_the_later_direction() {
    let up_and_down = [
        0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 3.5, 3.2, 2.9, 2.5, 1.5, 1.0, 0.5,
    ];
    assert_eq!(after_a_swing(&up_and_down), "IIIIIIDDDDDDD");
    // Two rises with one step down between them: the step to the next flagged point names the last of the first.
    let saw = [
        0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 3.5, 0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 3.5,
    ];
    assert_eq!(after_a_swing(&saw), "IIIIIIDIIIIIII");
    // Two that meet in a tie.
    let tie = [
        0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 3.5, 3.5, 3.6, 3.7, 3.8, 3.9, 4.0, 4.1,
    ];
    assert_eq!(after_a_swing(&tie), "IIIIIIIIIIIIII");
}

#[test]
fn the_first_rule_that_holds_names_the_point() {
    // A rise through the upper limit: outside before trend; trend before two in three and shift.
    let rise = [0.0, 1.0, 3.0, 5.0, 6.0, 7.0, 8.0];
    assert_eq!(after_a_swing(&rise), "IIIIIIA");
    // Two in three before shift.
    let shift = [3.0, 4.0, 3.0, 6.0, 6.0, 3.0, 4.0];
    assert_eq!(after_a_swing(&shift), "sssttss");
}

#[test]
fn an_absent_month_is_no_point_and_its_neighbours_are_adjacent() {
    let mut whole = swinging(20);
    let with_gap = {
        let mut series = monthly(&whole);
        series[7].value = f64::NAN;
        series[8].value = f64::INFINITY;
        chart(&series, &Settings::new(Direction::Increase))
    };
    whole.drain(7..9);
    let closed = charted(&whole);
    assert_eq!(limits(&with_gap), limits(&closed));
    assert_eq!(with_gap.points.len(), 18);
}

#[test]
fn fewer_than_thirteen_points_are_short() {
    for (points, short) in [(0, true), (1, true), (12, true), (13, false), (14, false)] {
        let mut settings = Settings::new(Direction::Increase);
        settings.target = Some(2.0);
        let chart = chart(&monthly(&swinging(points)), &settings);
        assert_eq!(chart.short, short, "{points}");
        assert_eq!(chart.variation, (!short).then_some(Variation::CommonCause));
        assert_eq!(chart.assurance, (!short).then_some(Assurance::Inconsistent));
    }
}

#[test]
fn a_rebase_day_starts_a_group_of_its_own() {
    let mut values = swinging(14);
    values.extend(swinging(14).iter().map(|value| value + 100.0));
    let series = monthly(&values);
    let mut settings = Settings::new(Direction::Increase);
    settings.rebases = vec![series[14].day];
    let found = chart(&series, &settings);
    assert_eq!(found.points[13].mean, 2.0);
    assert_eq!(found.points[14].mean, 102.0);
    assert_eq!(causes(&found), ".".repeat(28));
    assert!(!found.short);
    settings.rebases = vec![series[16].day];
    assert!(chart(&series, &settings).short, "the last group has 12");
    // Between two points: the next one begins the group.
    settings.rebases = vec![series[13].day.plus(1)];
    assert_eq!(chart(&series, &settings).points[14].mean, 102.0);
}

#[test]
fn later_points_are_measured_against_the_first_when_the_baseline_is_fixed() {
    let mut values = swinging(14);
    values.extend([50.0; 3]);
    let mut settings = Settings::new(Direction::Increase);
    settings.baseline = Baseline::First(14);
    let found = chart(&monthly(&values), &settings);
    assert_eq!(found.points[16].mean, 2.0);
    assert_eq!(causes(&found)[14..], *"AAA");
}
