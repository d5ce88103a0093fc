//! The four rules of special cause, in the order in which they name a point.

use core::cmp::Ordering;

use super::limits::ProcessLimits;

/// Points of a trend, and of a shift.
const RUN: usize = 7;
/// Points among which two are close to a limit.
const WINDOW: usize = 3;
const MIN_CLOSE: usize = 2;

/// Why a point stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialCause {
    /// Above the upper limit.
    AboveLimit,
    /// Below the lower limit.
    BelowLimit,
    /// One of seven points of which each is above the one before.
    TrendIncreasing,
    /// One of seven points of which each is below the one before.
    TrendDecreasing,
    /// Close to the upper limit, as another of three neighbours above the mean is.
    TwoInThreeAbove,
    /// Close to the lower limit, as another of three neighbours below the mean is.
    TwoInThreeBelow,
    /// One of seven neighbours above the mean.
    ShiftAbove,
    /// One of seven neighbours below the mean.
    ShiftBelow,
}

impl SpecialCause {
    /// The name `NHSRplotthedots` gives it; a point without one is `Common Cause`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AboveLimit => "Above UCL",
            Self::BelowLimit => "Below LCL",
            Self::TrendIncreasing => "7 Point Trend (Increasing)",
            Self::TrendDecreasing => "7 Point Trend (Decreasing)",
            Self::TwoInThreeAbove => "2 in 3 Above CL",
            Self::TwoInThreeBelow => "2 in 3 Below CL",
            Self::ShiftAbove => "7 Points Above CL",
            Self::ShiftBelow => "7 Points Below CL",
        }
    }

    /// Upwards?
    #[must_use]
    pub const fn is_high(self) -> bool {
        matches!(
            self,
            Self::AboveLimit | Self::TrendIncreasing | Self::TwoInThreeAbove | Self::ShiftAbove
        )
    }
}

/// Why each value of a group stands out, if it does.
pub(super) fn of(
    values: &[f64],
    mean: f64,
    limits: Option<ProcessLimits>,
) -> Vec<Option<SpecialCause>> {
    use SpecialCause as Cause;
    let outside = values
        .iter()
        .map(|value| limits.map_or(Ordering::Equal, |limits| limits.beyond(*value)))
        .map(|beyond| either(beyond, Cause::AboveLimit, Cause::BelowLimit));
    let trend = trends(values)
        .into_iter()
        .map(|way| either(way, Cause::TrendIncreasing, Cause::TrendDecreasing));
    let sides: Vec<Ordering> = values.iter().map(|value| side(*value, mean)).collect();
    let close: Vec<bool> = values
        .iter()
        .map(|value| limits.is_some_and(|limits| limits.is_close(*value)))
        .collect();
    let two_in_three = two_in_three(&sides, &close)
        .into_iter()
        .map(|side| either(side, Cause::TwoInThreeAbove, Cause::TwoInThreeBelow));
    let shift = in_runs(&sides, RUN)
        .into_iter()
        .map(|side| either(side, Cause::ShiftAbove, Cause::ShiftBelow));
    outside
        .zip(trend)
        .zip(two_in_three.zip(shift))
        .map(|((outside, trend), (near, shift))| outside.or(trend).or(near).or(shift))
        .collect()
}

const fn either(way: Ordering, up: SpecialCause, down: SpecialCause) -> Option<SpecialCause> {
    match way {
        Ordering::Greater => Some(up),
        Ordering::Less => Some(down),
        Ordering::Equal => None,
    }
}

fn side(value: f64, of: f64) -> Ordering {
    value.partial_cmp(&of).unwrap_or(Ordering::Equal)
}

/// The way of each point that is one of seven with six steps one way: that of the step to the next point
/// when that one is flagged too, so that a turning point belongs to what follows it, else of the step before.
///
/// Where the rules are silent: between two trends that meet in a tie there is no step, so the last point
/// of the first keeps the way that led to it.
fn trends(values: &[f64]) -> Vec<Ordering> {
    let neighbours = values.iter().zip(values.iter().skip(1));
    let steps: Vec<Ordering> = neighbours.map(|(a, b)| side(*b, *a)).collect();
    let trending = in_runs(&steps, RUN - 1);
    let at = |steps: &[Ordering], at: Option<usize>| {
        let step = at.and_then(|at| steps.get(at));
        step.copied().unwrap_or(Ordering::Equal)
    };
    let flagged = |point: usize| {
        at(&trending, Some(point)).is_ne() || at(&trending, point.checked_sub(1)).is_ne()
    };
    let way = |point: usize| match (flagged(point), flagged(point + 1)) {
        (false, _) => Ordering::Equal,
        (true, true) => at(&steps, Some(point)).then(at(&steps, point.checked_sub(1))),
        (true, false) => at(&steps, point.checked_sub(1)),
    };
    (0..values.len()).map(way).collect()
}

/// Each element that is one of `length` equal neighbours, none of them `Equal`.
fn in_runs(ways: &[Ordering], length: usize) -> Vec<Ordering> {
    let runs = ways.chunk_by(|a, b| a == b);
    let kept = runs.flat_map(|run| {
        let long = run.len() >= length;
        run.iter()
            .map(move |way| if long { *way } else { Ordering::Equal })
    });
    kept.collect()
}

/// The side of each point that is close to a limit, within three on one side of which two are close.
fn two_in_three(sides: &[Ordering], close: &[bool]) -> Vec<Ordering> {
    let points: Vec<(Ordering, bool)> = sides.iter().copied().zip(close.iter().copied()).collect();
    let mut found = vec![Ordering::Equal; points.len()];
    for (at, window) in points.windows(WINDOW).enumerate() {
        let near = window.iter().filter(|(_, close)| *close).count();
        let one_side = window.windows(2).all(|pair| match pair {
            [a, b] => a.0 == b.0,
            _ => true,
        });
        if near < MIN_CLOSE || !one_side {
            continue;
        }
        for (mark, (side, close)) in found.iter_mut().skip(at).zip(window) {
            if *close {
                *mark = *side;
            }
        }
    }
    found
}
