//! Writes families of samples: each is named once, with what it says and how its samples are found.

use crate::board::Latency;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeGaugeValue, EncodeMetric, GaugeValueEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use std::fmt::Result;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The name of a family without its prefix, and what it says.
pub(super) type Named = (&'static str, &'static str);

/// What tells the samples of a family apart; every value comes from a closed list, or is a partition's number.
pub(super) type Labels = Vec<(&'static str, String)>;

/// What a gauge shows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    Whole(i64),
    Real(f64),
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Whole(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        Self::Whole(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Whole(value)
    }
}

impl From<bool> for Value {
    fn from(holds: bool) -> Self {
        Self::Whole(i64::from(holds))
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::Real(duration.as_secs_f64())
    }
}

impl From<SystemTime> for Value {
    /// Seconds since 1970.
    fn from(time: SystemTime) -> Self {
        time.duration_since(UNIX_EPOCH).unwrap_or_default().into()
    }
}

impl Value {
    /// Milliseconds, of either sign, in seconds.
    pub(super) fn of_millis(millis: i64) -> Self {
        let seconds = Duration::from_millis(millis.unsigned_abs()).as_secs_f64();
        Self::Real(if millis < 0 { -seconds } else { seconds })
    }
}

impl EncodeGaugeValue for Value {
    fn encode(&self, encoder: &mut GaugeValueEncoder<'_>) -> Result {
        match self {
            Self::Whole(value) => value.encode(encoder),
            Self::Real(value) => value.encode(encoder),
        }
    }
}

/// Where families are written.
pub(super) struct Out<'e>(pub(super) DescriptorEncoder<'e>);

impl Out<'_> {
    pub(super) fn gauge(&mut self, named: Named, value: impl Into<Value>) -> Result {
        let (name, help) = named;
        let family = self
            .0
            .encode_descriptor(name, help, None, MetricType::Gauge)?;
        ConstGauge::new(value.into()).encode(family)
    }

    pub(super) fn gauges(
        &mut self,
        named: Named,
        samples: impl Iterator<Item = (Labels, Value)>,
    ) -> Result {
        self.family(named, MetricType::Gauge, samples.map(gauge))
    }

    pub(super) fn counters(
        &mut self,
        named: Named,
        samples: impl Iterator<Item = (Labels, u64)>,
    ) -> Result {
        let counter = |(labels, count)| (labels, ConstCounter::new(count));
        self.family(named, MetricType::Counter, samples.map(counter))
    }

    pub(super) fn histograms<'l>(
        &mut self,
        (name, help): Named,
        samples: impl Iterator<Item = (Labels, &'l Latency)>,
    ) -> Result {
        let mut family = self
            .0
            .encode_descriptor(name, help, None, MetricType::Histogram)?;
        for (labels, latency) in samples {
            let labels = labels.as_slice();
            family
                .encode_family(&labels)?
                .encode_histogram::<NoLabelSet>(
                    latency.sum().as_secs_f64(),
                    latency.count(),
                    &latency.buckets(),
                    None,
                )?;
        }
        Ok(())
    }

    fn family(
        &mut self,
        (name, help): Named,
        kind: MetricType,
        samples: impl Iterator<Item = (Labels, impl EncodeMetric)>,
    ) -> Result {
        let mut family = self.0.encode_descriptor(name, help, None, kind)?;
        for (labels, sample) in samples {
            sample.encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

fn gauge((labels, value): (Labels, Value)) -> (Labels, ConstGauge<Value>) {
    (labels, ConstGauge::new(value))
}
