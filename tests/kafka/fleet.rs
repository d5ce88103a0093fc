//! Several processes of one service beside each other, seen from outside.

use crate::LIMIT;
use crate::fold::{Fold, fold};
use crate::oracle::{Verdict, committed, judge};
use crate::service::{Place, Service};
use crate::support::process::Signal;
use crate::support::wait;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::topic_partition_list::TopicPartitionList;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a process may take to answer; a stopped one never does.
const ANSWER: Duration = Duration::from_secs(1);
const DRAIN_LIMIT: Duration = Duration::from_mins(2);
/// The service's own limit of a minute, and how seldom the coordinator looks; then some.
const TRANSACTION_LIMIT: Duration = Duration::from_secs(90);
/// What transactions write to, by their settings.
const OUTPUTS: [&str; 4] = ["alert", "alert_history", "dead_letter", "control"];
/// How much of a log is shown when something fails.
const LOG_SHOWN: usize = 6_000;

/// By partition, the state a process shows it in.
pub(crate) type Shown = BTreeMap<i32, String>;

/// Two processes showed the same partition live at once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shared(pub(crate) Vec<i32>);

/// The running processes, the oldest first.
pub(crate) struct Fleet<'p> {
    pub(crate) place: &'p Place,
    pub(crate) services: Vec<Service>,
}

impl<'p> Fleet<'p> {
    pub(crate) fn new(place: &'p Place) -> Self {
        let services = Vec::new();
        Self { place, services }
    }

    /// Starts one more process, which is the last of the list.
    pub(crate) fn start(&mut self) {
        self.services.push(self.place.run());
    }

    /// Ends a process as a power cut would.
    pub(crate) fn kill(&mut self, number: usize) {
        self.services.remove(number).process.kill();
    }

    /// Asks a process to end and waits until it has, in good order.
    pub(crate) fn leave(&mut self, number: usize) {
        let service = self.services.remove(number);
        service.process.signal(Signal::Term);
        service.process.wait(LIMIT).expect_code(0);
    }

    /// What every process shows; nothing of one that does not answer.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let each = self.services.iter();
        each.map(|service| shown(service).unwrap_or_default())
            .collect()
    }

    /// Every partition is live in one process, and no other shows it at all.
    pub(crate) fn is_whole(&self) -> Result<(), String> {
        let all = self.shown();
        let whole = (0..self.place.partitions).all(|partition| {
            let mut holders = all.iter().filter_map(|shown| shown.get(&partition));
            holders.next().is_some_and(|state| state == "live") && holders.next().is_none()
        });
        if whole {
            Ok(())
        } else {
            Err(format!("{all:?}"))
        }
    }

    /// Waits until every partition is live in one process.
    pub(crate) fn await_whole(&self, what: &str) {
        wait::until(what, DRAIN_LIMIT, || {
            self.is_whole()
                .map_err(|shown| format!("{shown}\n{}", self.logs()))
        });
    }

    /// Partitions that two processes run. Readings take time, so a process counts only when it shows the
    /// partition live both before and after the other does. It holds while every process hears of the
    /// group: one that was frozen, or has lost its broker, shows what it had until it does.
    pub(crate) fn exclusive(&self) -> Result<(), Shared> {
        let [before, between, after] = [(); 3].map(|()| self.shown());
        let live = |all: &[Shown], process: usize, partition| {
            all[process]
                .get(&partition)
                .is_some_and(|state| state == "live")
        };
        let numbers = 0..self.services.len();
        let shared = (0..self.place.partitions).filter(|&partition| {
            let steady = numbers
                .clone()
                .filter(|&n| live(&before, n, partition) && live(&after, n, partition));
            let mut others = steady.flat_map(|one| numbers.clone().filter(move |&n| n != one));
            others.any(|other| live(&between, other, partition))
        });
        let shared: Vec<_> = shared.collect();
        if shared.is_empty() {
            Ok(())
        } else {
            Err(Shared(shared))
        }
    }

    /// The records that the processes have counted.
    fn counted(&self) -> f64 {
        let each = self.services.iter();
        each.filter_map(|service| samples(service, "clockstop_records_total").ok())
            .sum()
    }

    /// Waits until all that the resting feed has sent is learned and committed, then compares.
    pub(crate) fn settle_and_compare(&self) -> Verdict {
        let fold = fold(self.place);
        let settled = wait::within(DRAIN_LIMIT, || self.is_settled(&fold));
        let mut verdict = judge(self.place, fold);
        if let Err(refusal) = settled {
            let told = format!("not settled after {DRAIN_LIMIT:?}: {refusal}");
            // Shown first: everything else may follow from it.
            verdict.wrong.insert(0, told);
        }
        verdict
    }

    fn is_settled(&self, fold: &Fold) -> Result<(), String> {
        self.is_whole()?;
        let committed = committed(self.place);
        for (place, span) in &fold.ends {
            let at = committed.get(place).copied().unwrap_or(0);
            if at < span.behind_last_record {
                return Err(format!(
                    "{place:?}: {at} of {} committed",
                    span.behind_last_record
                ));
            }
        }
        let (counted, records) = (self.counted(), fold.records);
        if counted.to_string() == records.to_string() {
            Ok(())
        } else {
            Err(format!("{counted} of {records} records counted"))
        }
    }

    /// The ends of the logs of all processes.
    pub(crate) fn logs(&self) -> String {
        let each = self.services.iter().map(|service| {
            let text = service.process.stderr().text();
            let from = text.ceil_char_boundary(text.len().saturating_sub(LOG_SHOWN));
            format!("--- process {}\n{}", service.process.pid(), &text[from..])
        });
        each.collect::<Vec<_>>().join("\n")
    }
}

/// Whether the broker has come back with a transaction that it holds for ended and whose marker it never
/// wrote. A single node that is killed between the two was seen to do so (`docs/kafka.md`); whatever was
/// committed there cannot be compared.
pub(crate) fn is_torn(place: &Place) -> bool {
    has_torn_offsets(place) || has_torn_output(place)
}

/// The group's offsets can then be read only by a client that does not wait for stable ones.
fn has_torn_offsets(place: &Place) -> bool {
    let answers = |isolation: &str| {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &place.bootstrap)
            .set("group.id", &place.prefix)
            .set("isolation.level", isolation)
            .create()
            .unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_range(&place.topic("referral"), 0, place.partitions - 1);
        consumer.committed_offsets(list, LIMIT).is_ok()
    };
    answers("read_uncommitted") && !answers("read_committed")
}

/// The last stable offset of an output stands still then, longer than the coordinator lets any transaction
/// stay open.
fn has_torn_output(place: &Place) -> bool {
    let [committed, uncommitted] = ["read_committed", "read_uncommitted"].map(|isolation| {
        let client: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &place.bootstrap)
            .set("isolation.level", isolation)
            .create()
            .unwrap();
        client
    });
    let stable_and_last = |(topic, partition): &(String, i32)| {
        let end = |client: &BaseConsumer| {
            let ends = client.fetch_watermarks(topic, *partition, LIMIT);
            ends.map(|(_, end)| end).map_err(|error| error.to_string())
        };
        Ok::<_, String>((end(&committed)?, end(&uncommitted)?))
    };
    let mut open = BTreeMap::new();
    for output in OUTPUTS {
        for partition in 0..place.partitions {
            let output = (place.topic(output), partition);
            let (stable, last) = stable_and_last(&output).unwrap();
            if stable < last {
                open.insert(output, stable);
            }
        }
    }
    let moved = wait::within(TRANSACTION_LIMIT, || {
        for (output, before) in &open {
            let (stable, last) = stable_and_last(output)?;
            if stable < last && stable == *before {
                return Err(format!("{output:?} is stable up to {stable} of {last}"));
            }
        }
        Ok(())
    });
    moved.inspect_err(|told| println!("torn: {told}")).is_err()
}

fn get(service: &Service, path: &str) -> Result<String, String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(ANSWER))
        .build()
        .into();
    let answered = agent.get(format!("{}{path}", service.url)).call();
    let mut answer = answered.map_err(|error| error.to_string())?;
    let body = answer.body_mut().read_to_string();
    body.map_err(|error| error.to_string())
}

/// The state of every partition that a process shows.
pub(crate) fn shown(service: &Service) -> Result<Shown, String> {
    let body = get(service, "/readyz")?;
    let body: Value = serde_json::from_str(&body).map_err(|error| error.to_string())?;
    let partitions = body["partitions"].as_array().cloned().unwrap_or_default();
    let each = partitions.iter().map(|shown| {
        let number = shown["partition"].as_i64().unwrap();
        let state = shown["state"].as_str().unwrap().to_owned();
        (i32::try_from(number).unwrap(), state)
    });
    Ok(each.collect())
}

/// The sum of all samples of a metric.
pub(crate) fn samples(service: &Service, name: &str) -> Result<f64, String> {
    let text = get(service, "/metrics")?;
    let lines = text.lines().filter(|line| line.starts_with(name));
    Ok(lines
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .sum())
}

/// Sees transactions on the alert topic while they are open.
pub(crate) struct Eye {
    committed: BaseConsumer,
    uncommitted: BaseConsumer,
    topic: String,
    partitions: i32,
}

impl Eye {
    pub(crate) fn open(place: &Place) -> Self {
        let client = |isolation: &str| {
            ClientConfig::new()
                .set("bootstrap.servers", &place.bootstrap)
                .set("isolation.level", isolation)
                .create()
                .unwrap()
        };
        Self {
            committed: client("read_committed"),
            uncommitted: client("read_uncommitted"),
            topic: place.topic("alert"),
            partitions: place.partitions,
        }
    }

    /// The partitions where records lie behind the last stable offset.
    pub(crate) fn open_transactions(&self) -> Vec<i32> {
        let open = (0..self.partitions).filter(|&partition| {
            let end = |client: &BaseConsumer| {
                let ends = client.fetch_watermarks(&self.topic, partition, ANSWER);
                ends.map_or(0, |(_, end)| end)
            };
            // This end first: what is committed in between must not look open.
            let last = end(&self.uncommitted);
            last > 0 && end(&self.committed) < last
        });
        open.collect()
    }

    /// Whether this process has a transaction open, and not one before it that was killed.
    pub(crate) fn sees_open(&self, service: &Service) -> bool {
        let shown = shown(service).unwrap_or_default();
        let is_live = |partition| shown.get(partition).is_some_and(|state| state == "live");
        self.open_transactions().iter().any(is_live)
    }
}
