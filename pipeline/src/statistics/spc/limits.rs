//! The mean of a baseline and the limits around it, from its moving ranges.

use core::cmp::Ordering;

const PROCESS: f64 = 2.66;
const NEAR: f64 = 2.0 * (PROCESS / 3.0);
const SCREEN: f64 = 3.267;

/// Which points of a group make its mean and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// All of them.
    All,
    /// The first so many; later points are measured against those.
    First(usize),
}

/// Are outlying moving ranges left out of the limits?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screening {
    /// Once: every moving range that is not below 3.267 times their mean.
    Once,
    /// Never.
    Off,
}

/// Between which values a point shows nothing but the usual variation. None is clamped to 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProcessLimits {
    /// The mean moving range after screening; greater than zero.
    pub mean_moving_range: f64,
    /// Mean less 2.66 mean moving ranges.
    pub lower: f64,
    /// Mean and 2.66 mean moving ranges.
    pub upper: f64,
    /// Two thirds of the way down to `lower`.
    pub near_lower: f64,
    /// Two thirds of the way up to `upper`.
    pub near_upper: f64,
}

impl ProcessLimits {
    /// `Greater` above the upper limit, `Less` below the lower one; a value on a limit is within.
    pub(super) fn beyond(&self, value: f64) -> Ordering {
        if value > self.upper {
            Ordering::Greater
        } else if value < self.lower {
            Ordering::Less
        } else {
            Ordering::Equal
        }
    }

    /// Beyond a near limit and within the limits.
    pub(super) fn is_close(&self, value: f64) -> bool {
        self.beyond(value).is_eq() && (value < self.near_lower || value > self.near_upper)
    }
}

/// The mean of a group's baseline and its limits. The mean is not taken again after screening.
pub(super) fn of(
    values: &[f64],
    baseline: Baseline,
    screening: Screening,
) -> (f64, Option<ProcessLimits>) {
    let first = match baseline {
        Baseline::All => values.len(),
        Baseline::First(points) => points.min(values.len()),
    };
    let baseline = values.get(..first).unwrap_or(values);
    let mean = mean(baseline).unwrap_or(f64::NAN);
    let limits = mean_moving_range(baseline, screening).map(|range| ProcessLimits {
        mean_moving_range: range,
        lower: mean - PROCESS * range,
        upper: mean + PROCESS * range,
        near_lower: mean - NEAR * range,
        near_upper: mean + NEAR * range,
    });
    (mean, limits)
}

/// Absolute differences of neighbours, screened; `None` where none is left or their mean is zero.
fn mean_moving_range(values: &[f64], screening: Screening) -> Option<f64> {
    let neighbours = values.iter().zip(values.iter().skip(1));
    let mut ranges: Vec<f64> = neighbours.map(|(a, b)| (b - a).abs()).collect();
    if screening == Screening::Once {
        let bound = SCREEN * mean(&ranges)?;
        ranges.retain(|range| *range < bound);
    }
    mean(&ranges).filter(|range| *range > 0.0)
}

/// The mean in order of the values, to the last bit as far as a sum and a remainder can tell, as R has it with
/// its longer doubles. A plain sum over the count can miss the mean of equal values, and a constant series
/// would be a shift.
fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let count = f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX));
    let (sum, aside) = sum(values);
    let mean = sum / count;
    let remainder = mean.mul_add(-count, sum) + aside;
    Some(mean + remainder / count)
}

/// The sum, and the rounding of its additions kept aside (Neumaier).
fn sum(values: &[f64]) -> (f64, f64) {
    let (mut sum, mut aside) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        aside += if sum.abs() >= value.abs() {
            (sum - next) + value
        } else {
            (value - next) + sum
        };
        sum = next;
    }
    (sum, aside)
}
