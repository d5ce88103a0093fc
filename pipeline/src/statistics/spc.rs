//! Is the change real? `XmR` charts as the NHS draws them, profile `nhsr-0.2.2` (statistics 6).
//!
//! Every sum is taken in the order of the days, so that one series gives the same bits on every machine.

#[cfg(test)]
mod icon_tests;
mod limits;
mod special_cause;
#[cfg(test)]
mod stated_tests;
#[cfg(test)]
mod tests;

use core::cmp::Ordering;

use crate::day::Day;

pub use limits::{Baseline, ProcessLimits, Screening};
pub use special_cause::SpecialCause;

/// The rules a chart was drawn by, written into every row: those of `NHSRplotthedots` 0.2.2.
pub const PROFILE: &str = "nhsr-0.2.2";

/// A chart of fewer points is short: it has limits, and no icons.
pub const SHORT_BELOW: usize = 13;

/// One value of a series. A month or week that is absent is no point: its neighbours are adjacent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The first day of the month, or the Sunday of the week.
    pub day: Day,
    /// A rate from 0 to 1, or a count. One that is not finite is no point.
    pub value: f64,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More is better: the rates.
    Increase,
    /// Less is better: the counts of long waits.
    Decrease,
    /// Neither.
    Neutral,
}

/// How a series is charted.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Which way is better.
    pub direction: Direction,
    /// What is aimed at, in the unit of the values.
    pub target: Option<f64>,
    /// Which points of a group make its mean and limits.
    pub baseline: Baseline,
    /// Are outlying moving ranges left out of the limits?
    pub screening: Screening,
    /// Days on which a new group begins, with a mean and limits of its own.
    pub rebases: Vec<Day>,
}

impl Settings {
    /// The profile's own: no target, the whole series as baseline, screened, never rebased.
    #[must_use]
    pub const fn new(direction: Direction) -> Self {
        Self {
            direction,
            target: None,
            baseline: Baseline::All,
            screening: Screening::Once,
            rebases: Vec::new(),
        }
    }
}

/// A point with what it is measured against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChartedPoint {
    /// The point.
    pub point: Point,
    /// The mean of its group's baseline.
    pub mean: f64,
    /// Those of its group, not clamped; `None` where no moving range is left or their mean is zero.
    pub limits: Option<ProcessLimits>,
    /// Why it stands out; the first rule that holds.
    pub special_cause: Option<SpecialCause>,
    /// What that means.
    pub point_type: PointType,
}

/// What a point means for those who are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointType {
    /// Nothing but the usual variation.
    CommonCause,
    /// A change for the better.
    Improvement,
    /// A change for the worse.
    Concern,
    /// A change upwards where neither way is better.
    NeutralHigh,
    /// A change downwards where neither way is better.
    NeutralLow,
}

/// The icon of variation, from the last point alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variation {
    /// No special cause.
    CommonCause,
    /// Better, by higher values.
    ImprovementHigh,
    /// Better, by lower values.
    ImprovementLow,
    /// Worse, by higher values.
    ConcernHigh,
    /// Worse, by lower values.
    ConcernLow,
    /// Higher, where neither way is better.
    NeutralHigh,
    /// Lower, where neither way is better.
    NeutralLow,
}

/// The icon of assurance: will the target be met as things are?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assurance {
    /// Always, within the usual variation.
    ConsistentPass,
    /// Never, within the usual variation.
    ConsistentFail,
    /// Sometimes, or there are no limits to tell by.
    Inconsistent,
    /// There is no target, or neither way is better.
    NoTarget,
}

/// A series with its limits, causes and icons.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The points in the order of their days.
    pub points: Vec<ChartedPoint>,
    /// Fewer than [`SHORT_BELOW`] points in the group of the last one.
    pub short: bool,
    /// `None` when short.
    pub variation: Option<Variation>,
    /// `None` when short.
    pub assurance: Option<Assurance>,
}

/// Charts a series. Points may come in any order; of two on one day both stay, as they came.
///
/// Where the rules are silent: a value that is not finite is left out, and a chart is short when the
/// group of its last point is, since that group's limits make the icons.
#[must_use]
pub fn chart(series: &[Point], settings: &Settings) -> Chart {
    let mut points = series.to_vec();
    points.retain(|point| point.value.is_finite());
    points.sort_by_key(|point| point.day);
    let mut charted = Vec::with_capacity(points.len());
    let mut last_group = 0;
    for group in points.chunk_by(|a, b| !rebased_between(settings, a.day, b.day)) {
        last_group = group.len();
        charted.extend(chart_group(group, settings));
    }
    let short = last_group < SHORT_BELOW;
    let last = charted.last().filter(|_| !short);
    Chart {
        variation: last.map(|last| variation(last.point_type, settings.direction)),
        assurance: last.map(|last| assurance(last.limits, settings)),
        short,
        points: charted,
    }
}

/// The rebase day itself begins the new group.
fn rebased_between(settings: &Settings, before: Day, after: Day) -> bool {
    let mut rebases = settings.rebases.iter();
    rebases.any(|rebase| before < *rebase && *rebase <= after)
}

fn chart_group(group: &[Point], settings: &Settings) -> Vec<ChartedPoint> {
    let values: Vec<f64> = group.iter().map(|point| point.value).collect();
    let (mean, limits) = limits::of(&values, settings.baseline, settings.screening);
    let causes = special_cause::of(&values, mean, limits);
    let points = group.iter().zip(causes);
    points
        .map(|(point, special_cause)| ChartedPoint {
            point: *point,
            mean,
            limits,
            special_cause,
            point_type: point_type(special_cause, settings.direction),
        })
        .collect()
}

const fn point_type(cause: Option<SpecialCause>, direction: Direction) -> PointType {
    let Some(cause) = cause else {
        return PointType::CommonCause;
    };
    match (cause.is_high(), direction) {
        (true, Direction::Increase) | (false, Direction::Decrease) => PointType::Improvement,
        (false, Direction::Increase) | (true, Direction::Decrease) => PointType::Concern,
        (true, Direction::Neutral) => PointType::NeutralHigh,
        (false, Direction::Neutral) => PointType::NeutralLow,
    }
}

const fn variation(last: PointType, direction: Direction) -> Variation {
    let rising_is_good = matches!(direction, Direction::Increase);
    match last {
        PointType::CommonCause => Variation::CommonCause,
        PointType::NeutralHigh => Variation::NeutralHigh,
        PointType::NeutralLow => Variation::NeutralLow,
        PointType::Improvement if rising_is_good => Variation::ImprovementHigh,
        PointType::Improvement => Variation::ImprovementLow,
        PointType::Concern if rising_is_good => Variation::ConcernLow,
        PointType::Concern => Variation::ConcernHigh,
    }
}

fn assurance(limits: Option<ProcessLimits>, settings: &Settings) -> Assurance {
    let Some(target) = settings.target else {
        return Assurance::NoTarget;
    };
    let beyond = limits.map_or(Ordering::Equal, |limits| limits.beyond(target));
    match (settings.direction, beyond) {
        (Direction::Neutral, _) => Assurance::NoTarget,
        (_, Ordering::Equal) => Assurance::Inconsistent,
        (Direction::Increase, Ordering::Greater) | (Direction::Decrease, Ordering::Less) => {
            Assurance::ConsistentFail
        }
        (Direction::Increase, Ordering::Less) | (Direction::Decrease, Ordering::Greater) => {
            Assurance::ConsistentPass
        }
    }
}

macro_rules! names {
    ($($named:ident { $($variant:ident => $name:literal),* $(,)? })*) => { $(
        impl $named {
            /// As written into tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    )* };
}

names! {
    PointType {
        CommonCause => "common_cause",
        Improvement => "special_cause_improvement",
        Concern => "special_cause_concern",
        NeutralHigh => "special_cause_neutral_high",
        NeutralLow => "special_cause_neutral_low",
    }
    Variation {
        CommonCause => "common_cause",
        ImprovementHigh => "improvement_high",
        ImprovementLow => "improvement_low",
        ConcernHigh => "concern_high",
        ConcernLow => "concern_low",
        NeutralHigh => "neutral_high",
        NeutralLow => "neutral_low",
    }
    Assurance {
        ConsistentPass => "consistent_pass",
        ConsistentFail => "consistent_fail",
        Inconsistent => "inconsistent",
        NoTarget => "none",
    }
}
