//! The icons, of variation and of assurance, in every direction a measure can have.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]

use super::tests::{charted, monthly, swinging};
use super::{Assurance, Baseline, Direction, PointType, Settings, Variation, chart};

/// A series whose last point is above or below its limits, and what it means.
#[test]
fn the_last_point_makes_the_icon_of_variation() {
    for (last, direction, point_type, variation) in [
        (
            90.0,
            Direction::Increase,
            PointType::Improvement,
            Variation::ImprovementHigh,
        ),
        (
            90.0,
            Direction::Decrease,
            PointType::Concern,
            Variation::ConcernHigh,
        ),
        (
            90.0,
            Direction::Neutral,
            PointType::NeutralHigh,
            Variation::NeutralHigh,
        ),
        (
            -90.0,
            Direction::Increase,
            PointType::Concern,
            Variation::ConcernLow,
        ),
        (
            -90.0,
            Direction::Decrease,
            PointType::Improvement,
            Variation::ImprovementLow,
        ),
        (
            -90.0,
            Direction::Neutral,
            PointType::NeutralLow,
            Variation::NeutralLow,
        ),
        (
            2.0,
            Direction::Increase,
            PointType::CommonCause,
            Variation::CommonCause,
        ),
    ] {
        let mut values = swinging(20);
        values.push(last);
        let mut settings = Settings::new(direction);
        settings.baseline = Baseline::First(20);
        let found = chart(&monthly(&values), &settings);
        assert_eq!(found.points[20].point_type, point_type);
        assert_eq!(found.variation, Some(variation));
        values.push(2.0);
        let past = chart(&monthly(&values), &settings);
        assert_eq!(past.variation, Some(Variation::CommonCause));
    }
}

#[test]
fn assurance_compares_the_target_with_the_limits() {
    let (lower, upper): (f64, f64) = (2.0 - 2.66 * 2.0, 2.0 + 2.66 * 2.0);
    for (target, increase, decrease) in [
        (
            upper.next_up(),
            Assurance::ConsistentFail,
            Assurance::ConsistentPass,
        ),
        (upper, Assurance::Inconsistent, Assurance::Inconsistent),
        (2.0, Assurance::Inconsistent, Assurance::Inconsistent),
        (lower, Assurance::Inconsistent, Assurance::Inconsistent),
        (
            lower.next_down(),
            Assurance::ConsistentPass,
            Assurance::ConsistentFail,
        ),
    ] {
        for (direction, expected) in [
            (Direction::Increase, increase),
            (Direction::Decrease, decrease),
            (Direction::Neutral, Assurance::NoTarget),
        ] {
            let mut settings = Settings::new(direction);
            settings.target = Some(target);
            let found = chart(&monthly(&swinging(14)), &settings);
            assert_eq!(found.assurance, Some(expected), "{target} {direction:?}");
        }
    }
    let untargeted = charted(&swinging(14));
    assert_eq!(untargeted.assurance, Some(Assurance::NoTarget));
}
