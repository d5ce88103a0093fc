//! How long something takes: a histogram of durations with fixed bounds.

use std::time::Duration;

/// The greatest duration of each bucket; a last one, without a bound, takes what is longer.
const BOUNDS: [Duration; 14] = [
    Duration::from_millis(2),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2_500),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(1),
];

/// Durations, counted by bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    within: [u64; BOUNDS.len()],
    longer: u64,
    sum: Duration,
}

impl Latency {
    /// Counts a duration.
    pub fn record(&mut self, took: Duration) {
        let mut buckets = self.within.iter_mut().zip(BOUNDS);
        let bucket = buckets.find(|(_, bound)| took <= *bound);
        *bucket.map_or(&mut self.longer, |(count, _)| count) += 1;
        self.sum = self.sum.saturating_add(took);
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.within.iter().sum::<u64>() + self.longer
    }

    /// All durations together.
    #[must_use]
    pub fn sum(&self) -> Duration {
        self.sum
    }

    /// Each bucket's bound in seconds with the count of this bucket alone, the shortest first.
    #[must_use]
    pub fn buckets(&self) -> Vec<(f64, u64)> {
        let bounded = BOUNDS.map(|bound| bound.as_secs_f64());
        let bounded = bounded.into_iter().zip(self.within);
        bounded.chain([(f64::INFINITY, self.longer)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{BOUNDS, Latency};
    use std::time::Duration;

    fn filled(latency: &Latency) -> Vec<(f64, u64)> {
        let buckets = latency.buckets().into_iter();
        buckets.filter(|&(_, count)| count > 0).collect()
    }

    #[test]
    fn a_bound_lies_in_its_own_bucket() {
        let mut latency = Latency::default();
        latency.record(Duration::ZERO);
        latency.record(Duration::from_millis(100));
        latency.record(Duration::from_nanos(100_000_001));
        assert_eq!(filled(&latency), [(0.002, 1), (0.1, 1), (0.25, 1)]);
    }

    #[test]
    fn what_is_longer_than_every_bound_counts_too() {
        let mut latency = Latency::default();
        latency.record(Duration::from_mins(1));
        latency.record(Duration::from_mins(2));
        latency.record(Duration::MAX);
        assert_eq!(filled(&latency), [(60.0, 1), (f64::INFINITY, 2)]);
        assert_eq!((latency.count(), latency.sum()), (3, Duration::MAX));
    }

    #[test]
    fn the_bounds_rise() {
        assert!(BOUNDS.is_sorted_by(|shorter, longer| shorter < longer));
    }
}
