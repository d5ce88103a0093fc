//! The rules of special cause a second time, as the package states them: windows over padded vectors.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]

use proptest::prelude::*;

use super::special_cause::SpecialCause;
use super::tests::{charted, monthly};
use super::{Chart, Direction, Settings, chart};

proptest! {
    /// The series are made of runs, since chance alone hardly ever makes a trend.
    #[test]
    fn agrees_with_windows_over_padded_vectors(
        runs in proptest::collection::vec((-2_i8..=2, 1_usize..9), 0..8),
        noise in proptest::collection::vec(0_i8..3, 64),
        noisy in proptest::bool::ANY,
    ) {
        let steps = runs.into_iter().flat_map(|(step, times)| core::iter::repeat_n(step, times));
        let mut value = 0.0;
        let values: Vec<f64> = steps
            .zip(noise)
            .map(|(step, noise)| {
                value += f64::from(step);
                if noisy { value * 0.3 + f64::from(noise) } else { value }
            })
            .collect();
        let found = charted(&values);
        for (at, point) in found.points.iter().enumerate() {
            prop_assert_eq!(point.special_cause, stated(&found, &values, at), "{} of {:?}", at, values);
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(values in proptest::collection::vec(0.0_f64..1.0, 0..30)) {
        let series = monthly(&values);
        let mut turned = series.clone();
        turned.reverse();
        let settings = Settings::new(Direction::Increase);
        prop_assert_eq!(chart(&series, &settings), chart(&turned, &settings));
    }
}

fn stated(chart: &Chart, values: &[f64], at: usize) -> Option<SpecialCause> {
    let mean = chart.points[0].mean;
    let value = |at: usize| values.get(at).copied();
    let rtm = |at: usize| value(at).map_or(0, |value| sign(value - mean));
    let bounds = chart.points[0].limits;
    let outside = |at: usize| {
        let value = value(at)?;
        let bounds = bounds?;
        (value > bounds.upper || value < bounds.lower).then(|| sign(value - mean))
    };
    let close = |at: usize| {
        value(at).zip(bounds).is_some_and(|(value, bounds)| {
            outside(at).is_none() && (value < bounds.near_lower || value > bounds.near_upper)
        })
    };
    let sevens = || (at.saturating_sub(6)..=at).filter(|from| from + 7 <= values.len());
    let step = |at: usize| sign(values[at + 1] - values[at]);
    let trending = |at: usize| {
        let windows = (at.saturating_sub(6)..=at).filter(|from| from + 7 <= values.len());
        windows
            .into_iter()
            .any(|from| step(from) != 0 && (from..from + 6).all(|each| step(each) == step(from)))
    };
    let trend = trending(at).then(|| {
        if at + 1 < values.len() && trending(at + 1) && step(at) != 0 {
            step(at)
        } else {
            step(at - 1)
        }
    });
    let threes = || (at.saturating_sub(2)..=at).filter(|from| from + 3 <= values.len());
    let near = close(at)
        && threes().any(|from| {
            let window = from..from + 3;
            window.clone().map(rtm).sum::<i32>().abs() == 3
                && window.filter(|at| close(*at)).count() >= 2
        });
    let shift =
        sevens().any(|from| (from..from + 7).all(|each| rtm(each) == rtm(at)) && rtm(at) != 0);
    let named = |sign: i32, up, down| if sign > 0 { up } else { down };
    if let Some(sign) = outside(at) {
        Some(named(
            sign,
            SpecialCause::AboveLimit,
            SpecialCause::BelowLimit,
        ))
    } else if let Some(sign) = trend {
        Some(named(
            sign,
            SpecialCause::TrendIncreasing,
            SpecialCause::TrendDecreasing,
        ))
    } else if near {
        Some(named(
            rtm(at),
            SpecialCause::TwoInThreeAbove,
            SpecialCause::TwoInThreeBelow,
        ))
    } else if shift {
        Some(named(
            rtm(at),
            SpecialCause::ShiftAbove,
            SpecialCause::ShiftBelow,
        ))
    } else {
        None
    }
}

fn sign(value: f64) -> i32 {
    i32::from(value > 0.0) - i32::from(value < 0.0)
}
