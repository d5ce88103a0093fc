//! The seeded stream of chance that everything in the feed is drawn from.

use clockstop_pipeline::Day;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of chance; the same seed and stream number draw the same values on every machine.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// One of the independent streams of a seed, so that no pathway depends on the one before it.
    pub(crate) fn stream(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// At least 0, below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        f64::from(self.0.next_u32()) / 4_294_967_296.0
    }

    /// Whether something of this probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A whole number from `low` to `high`, both included; `low` where there is nothing between.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u32::try_from(i64::from(high) - i64::from(low) + 1).unwrap_or(1);
        let drawn = (u64::from(self.0.next_u32()) * u64::from(span)) >> 32;
        low.saturating_add(i32::try_from(drawn).unwrap_or(0))
    }

    /// A whole number below this one; 0 where there is none.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let drawn = (u64::from(self.0.next_u32()) * u64::from(end)) >> 32;
        u32::try_from(drawn).unwrap_or(0)
    }

    /// A day from `first` to `last`, both included; `first` where there is nothing between.
    pub(crate) fn day(&mut self, first: Day, last: Day) -> Day {
        first.plus(self.between(0, last.since(first).max(0)))
    }

    /// Usually the first; one of the others with the probability that stands beside it.
    pub(crate) fn usually<T: Copy>(&mut self, usual: T, others: &[(T, f64)]) -> T {
        let mut left = self.unit();
        for &(other, probability) in others {
            if left < probability {
                return other;
            }
            left -= probability;
        }
        usual
    }

    /// The bytes of a version 4 UUID.
    pub(crate) fn uuid(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        *uuid::Builder::from_random_bytes(bytes).as_uuid().as_bytes()
    }
}

/// At least one thing to choose from, each with its weight.
pub(crate) struct Weighted<T> {
    first: T,
    others: Vec<T>,
    /// For each of the others the weight of everything before it.
    before: Vec<f64>,
    total: f64,
}

impl<T> Weighted<T> {
    /// `None` when there is nothing to choose from.
    pub(crate) fn new(items: impl IntoIterator<Item = (T, f64)>) -> Option<Self> {
        let mut items = items.into_iter();
        let (first, mut total) = items.next()?;
        let (mut others, mut before) = (Vec::new(), Vec::new());
        for (item, weight) in items {
            others.push(item);
            before.push(total);
            total += weight;
        }
        Some(Self {
            first,
            others,
            before,
            total,
        })
    }

    /// One of them, each as often as its weight says.
    pub(crate) fn pick(&self, draw: &mut Draw) -> &T {
        let at = draw.unit() * self.total;
        let reached = self.before.partition_point(|&before| before <= at);
        reached
            .checked_sub(1)
            .and_then(|index| self.others.get(index))
            .unwrap_or(&self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::{Draw, Weighted};

    #[test]
    fn a_stream_repeats_itself_and_no_other() {
        let first = |seed, stream| Draw::stream(seed, stream).uuid();
        assert_eq!(first(1, 7), first(1, 7));
        assert_ne!(first(1, 7), first(1, 8));
        assert_ne!(first(1, 7), first(2, 7));
    }

    #[test]
    fn numbers_stay_between_their_bounds_and_reach_them() {
        let mut draw = Draw::stream(1, 0);
        let drawn: Vec<i32> = (0..1_000).map(|_| draw.between(-2, 2)).collect();
        assert_eq!(drawn.iter().min(), Some(&-2));
        assert_eq!(drawn.iter().max(), Some(&2));
        assert_eq!(draw.between(5, 4), 5);
    }

    #[test]
    fn weights_decide_how_often() {
        let mut draw = Draw::stream(1, 0);
        let weighted = Weighted::new([("a", 1.0), ("b", 0.0), ("c", 3.0)]).expect("not empty");
        let drawn: Vec<_> = (0..10_000).map(|_| *weighted.pick(&mut draw)).collect();
        let count = |name| drawn.iter().filter(|&&d| d == name).count();
        assert_eq!(count("b"), 0);
        assert!((2_283..=2_717).contains(&count("a")), "{}", count("a"));
    }
}
