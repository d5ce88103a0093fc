//! A scrape of the service's metrics, and what is read from it.

use crate::service::Service;
use std::collections::BTreeMap;
use std::fmt;

/// The samples of one scrape, by name and labels.
pub(crate) struct Metrics(BTreeMap<String, f64>);

/// A histogram between two scrapes, all of its labels together: counts by upper bound, in seconds.
pub(crate) struct Histogram(Vec<(f64, f64)>);

impl Metrics {
    pub(crate) fn of(service: &Service) -> Self {
        let mut answer = ureq::get(format!("{}/metrics", service.url))
            .call()
            .unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let samples = lines.filter_map(|line| line.rsplit_once(' '));
        Self(
            samples
                .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
                .collect(),
        )
    }

    fn family(&self, name: &str) -> impl Iterator<Item = (&str, f64)> {
        let samples = self.0.iter();
        samples.filter_map(move |(sample, &value)| {
            let labels = sample.strip_prefix(name)?;
            (labels.is_empty() || labels.starts_with('{')).then_some((labels, value))
        })
    }

    pub(crate) fn sum(&self, name: &str) -> f64 {
        self.family(name).map(|(_, value)| value).sum()
    }

    pub(crate) fn greatest(&self, name: &str) -> f64 {
        self.family(name)
            .map(|(_, value)| value)
            .fold(0.0, f64::max)
    }

    pub(crate) fn all(&self, name: &str) -> Vec<f64> {
        self.family(name).map(|(_, value)| value).collect()
    }

    /// The longest time that any partition spent in each phase of its last recovery.
    pub(crate) fn phases(&self) -> String {
        let mut phases: BTreeMap<&str, f64> = BTreeMap::new();
        for (labels, value) in self.family("clockstop_recovery_seconds") {
            let phase = labels.split("phase=\"").nth(1).unwrap();
            let phase = phase.split('"').next().unwrap();
            let longest = phases.entry(phase).or_default();
            *longest = longest.max(value);
        }
        let phases = phases
            .iter()
            .map(|(phase, took)| format!("{phase} {took:.2}"));
        format!("at most {} s", phases.collect::<Vec<_>>().join(", "))
    }

    /// What a histogram counted since an earlier scrape.
    pub(crate) fn since(&self, earlier: &Self, name: &str) -> Histogram {
        let family = format!("{name}_bucket");
        let mut bounds: Vec<(f64, f64)> = Vec::new();
        for (labels, count) in self.family(&family) {
            let before = earlier.0.get(&format!("{family}{labels}")).copied();
            let bound = labels.split("le=\"").nth(1).unwrap();
            let bound = bound.split('"').next().unwrap().replace("+Inf", "inf");
            let bound: f64 = bound.parse().unwrap();
            let count = count - before.unwrap_or(0.0);
            match bounds
                .iter_mut()
                .find(|(known, _)| known.total_cmp(&bound).is_eq())
            {
                Some((_, sum)) => *sum += count,
                None => bounds.push((bound, count)),
            }
        }
        bounds.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        Histogram(bounds)
    }
}

impl Histogram {
    /// The bound below which this share of the samples lies.
    fn below(&self, share: f64) -> f64 {
        let all = self.0.last().map_or(0.0, |(_, count)| *count);
        let enough = self.0.iter().find(|(_, count)| *count >= all * share);
        enough.map_or(f64::INFINITY, |(bound, _)| *bound)
    }
}

impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.last().map_or(0.0, |(_, count)| *count);
        let [half, most, nearly] = [0.5, 0.99, 0.999].map(|share| self.below(share) * 1e3);
        write!(
            f,
            "p50 <= {half} ms, p99 <= {most} ms, p99.9 <= {nearly} ms of {all}"
        )
    }
}
