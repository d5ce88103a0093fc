//! The board as `OpenMetrics`, put together at each scrape.

use crate::board::{Board, Partition};
use crate::partition::State;
use clockstop_pipeline::{Level, Standard, Topic, Transition};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use std::collections::BTreeMap;
use std::fmt::{Error, Result};
use std::sync::Arc;

/// The text of `/metrics`.
///
/// # Errors
/// Never: writing to a text does not fail.
pub(crate) fn text(board: &Arc<Board>) -> std::result::Result<String, Error> {
    let mut registry = Registry::with_prefix("clockstop");
    registry.register_collector(Box::new(OfBoard(board.clone())));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct OfBoard(Arc<Board>);

#[derive(Clone, Debug, EncodeLabelSet)]
struct Of {
    partition: i32,
    of: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet)]
struct InPart {
    partition: i32,
}

#[derive(Clone, Debug, EncodeLabelSet)]
struct At {
    standard: &'static str,
    level: &'static str,
}

impl Collector for OfBoard {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result {
        let partitions = self.0.partitions();
        let ready = encoder.encode_descriptor(
            "ready",
            "Whether /readyz answers 200",
            None,
            MetricType::Gauge,
        )?;
        ConstGauge::new(i64::from(self.0.ready())).encode(ready)?;
        let mut out = Out(&mut encoder);
        states(&mut out, &partitions)?;
        records(&mut out, &partitions)?;
        offsets(&mut out, &partitions)?;
        pathways(&mut out, &partitions)?;
        alerts(&mut out, &partitions)
    }
}

type Partitions = BTreeMap<i32, Partition>;

struct Out<'a, 'e>(&'a mut DescriptorEncoder<'e>);

impl Out<'_, '_> {
    fn gauge<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (L, u64)>,
    ) -> Result {
        let mut family = self
            .0
            .encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in values {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn counter<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (L, u64)>,
    ) -> Result {
        let mut family = self
            .0
            .encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in values {
            ConstCounter::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}

fn states(out: &mut Out<'_, '_>, partitions: &Partitions) -> Result {
    let values = partitions.iter().flat_map(|(&partition, shown)| {
        let holds = |of| u64::from(shown.state.name() == of);
        State::SHOWN.map(|of| (Of { partition, of }, holds(of)))
    });
    out.gauge(
        "partition_state",
        "1 for the state a partition is in",
        values,
    )
}

fn records(out: &mut Out<'_, '_>, partitions: &Partitions) -> Result {
    let outcomes = partitions.iter().flat_map(|(&partition, shown)| {
        let counts = &shown.counts;
        let dead = counts.dead_lettered.values().sum();
        [
            ("changed", counts.changed),
            ("repeated", counts.repeated),
            ("superseded", counts.superseded),
            ("dead_lettered", dead),
        ]
        .map(|(of, count)| (Of { partition, of }, count))
    });
    out.counter(
        "records",
        "Records by what became of them, since the last replay",
        outcomes,
    )?;
    let reasons = partitions.iter().flat_map(|(&partition, shown)| {
        let reasons = shown.counts.dead_lettered.iter();
        reasons.map(move |(&of, &count)| (Of { partition, of }, count))
    });
    out.counter(
        "refused_records",
        "Refused records by reason, since the last replay",
        reasons,
    )?;
    let waiting = partitions.iter().map(|(&partition, shown)| {
        let waiting = u64::try_from(shown.waiting_letters).unwrap_or(u64::MAX);
        (InPart { partition }, waiting)
    });
    out.gauge(
        "waiting_dead_letters",
        "Dead letters whose commit is not known",
        waiting,
    )?;
    let blocked = partitions.iter().map(|(&partition, shown)| {
        let waits = u64::from(shown.waits_for_schema.is_some());
        (InPart { partition }, waits)
    });
    out.gauge(
        "waits_for_schema",
        "1 while a partition waits for a schema",
        blocked,
    )
}

fn offsets(out: &mut Out<'_, '_>, partitions: &Partitions) -> Result {
    let of_each = |offsets: fn(&Partition) -> [i64; 3]| {
        partitions.iter().flat_map(move |(&partition, shown)| {
            let named = Topic::ALL.map(Topic::name).into_iter().zip(offsets(shown));
            named.map(move |(of, at)| (Of { partition, of }, u64::try_from(at).unwrap_or(0)))
        })
    };
    out.gauge(
        "learned_offset",
        "The next offset to be learned",
        of_each(|p| p.learned),
    )?;
    out.gauge(
        "committed_offset",
        "The next offset not yet spoken for",
        of_each(|p| p.committed),
    )
}

fn pathways(out: &mut Out<'_, '_>, partitions: &Partitions) -> Result {
    let of_each = |count: fn(&Partition) -> usize| {
        partitions.iter().map(move |(&partition, shown)| {
            let count = u64::try_from(count(shown)).unwrap_or(u64::MAX);
            (InPart { partition }, count)
        })
    };
    out.gauge(
        "pathways",
        "Pathways of which a fact is known",
        of_each(|p| p.pathways),
    )?;
    out.gauge(
        "open_pathways",
        "Pathways with a running clock",
        of_each(|p| p.open_pathways),
    )
}

fn alerts(out: &mut Out<'_, '_>, partitions: &Partitions) -> Result {
    let standing = Standard::ALL.into_iter().flat_map(|standard| {
        Level::ALL.map(|level| {
            let at = At {
                standard: standard.name(),
                level: level.name(),
            };
            let shown = partitions.values();
            (at, shown.map(|p| p.standing.at(standard, level)).sum())
        })
    });
    out.gauge("standing_alerts", "Alerts that stand", standing)?;
    let transitions = partitions.iter().flat_map(|(&partition, shown)| {
        let named = Transition::ALL.map(Transition::name).into_iter();
        let counts = named.zip(shown.transitions);
        counts.map(move |(of, count)| (Of { partition, of }, count))
    });
    out.counter(
        "transitions",
        "Transitions that were committed, since the last replay",
        transitions,
    )
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::board::Board;
    use std::sync::Arc;

    #[test]
    fn an_empty_board_is_open_metrics() {
        let text = text(&Arc::new(Board::new(1))).expect("written");
        assert!(text.contains("clockstop_ready 1\n"), "{text}");
        assert!(text.contains("clockstop_standing_alerts{standard=\"62D\",level=\"long_wait\"} 0"));
        assert!(text.ends_with("# EOF\n"), "{text}");
    }
}
