//! Watches what lies outside the workers: the broker and its topics, where the inputs end, what is approved.

use crate::board::{Board, Part};
use crate::config::Problem;
use crate::judge::BrokerTime;
use crate::kafka::approvals::Approvals;
use crate::kafka::client::{Clients, Context, Error, Isolation};
use crate::kafka::ends::Ends;
use crate::kafka::layout::Layout;
use crate::kafka::native;
use crate::partition::Refused;
use crate::service::listed;
use crate::worker::Desk;
use clockstop_pipeline::Topic;
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const TOPICS_EVERY: Duration = Duration::from_secs(2);
const TOPICS_LIMIT: Duration = Duration::from_secs(3);
const IDENTITIES_EVERY: Duration = Duration::from_secs(10);
const ENDS_EVERY: Duration = Duration::from_millis(500);
const APPROVALS_EVERY: Duration = Duration::from_millis(500);

/// What is watched, and for whom.
#[derive(Clone, Debug)]
pub(crate) struct Watching {
    pub(crate) clients: Clients,
    pub(crate) board: Arc<Board>,
    pub(crate) partitions: i32,
    pub(crate) broker_time: BrokerTime,
    pub(crate) desks: Vec<Desk>,
}

/// The threads that watch; they end when this is closed.
#[derive(Debug)]
pub(crate) struct Watch {
    stops: Vec<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
}

type Task = fn(&Watching, &Receiver<()>) -> Result<(), Error>;

impl Watch {
    pub(crate) fn start(watching: &Watching) -> std::io::Result<Self> {
        let mut watch = Self {
            stops: Vec::new(),
            threads: Vec::new(),
        };
        let tasks: [(&str, Task); 3] = [
            ("watch-topics", watch_topics),
            ("watch-ends", watch_ends),
            ("watch-approvals", watch_approvals),
        ];
        for (name, task) in tasks {
            let watching = watching.clone();
            let (stop, stopped) = channel();
            let thread = std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || {
                    // Nothing else listens for what it watches, so it is begun again.
                    while let Err(error) = task(&watching, &stopped) {
                        watching.board.report(Part::Broker, Some(error.to_string()));
                        if !goes_on(&stopped, TOPICS_EVERY) {
                            return;
                        }
                    }
                })?;
            watch.stops.push(stop);
            watch.threads.push(thread);
        }
        Ok(watch)
    }

    pub(crate) fn close(self) -> Vec<JoinHandle<()>> {
        drop(self.stops);
        self.threads
    }
}

fn goes_on(stopped: &Receiver<()>, pause: Duration) -> bool {
    stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout)
}

/// Asks the broker for its topics again and again, and tells the board what it hears.
fn watch_topics(watching: &Watching, stopped: &Receiver<()>) -> Result<(), Error> {
    let reader = watching.clients.reader(Isolation::Committed)?;
    let mut identities = Identities::default();
    while goes_on(stopped, TOPICS_EVERY) {
        match watching.clients.metadata(&reader, TOPICS_LIMIT) {
            Ok(metadata) => {
                watching.board.report(Part::Broker, None);
                let layout = Layout::of(&metadata, &watching.clients.settings().topics);
                watching.compare(&layout);
                if watching.broker_time == BrokerTime::Checked {
                    identities.compare(watching, &reader);
                }
            }
            Err(error) => watching.board.report(Part::Broker, Some(error.to_string())),
        }
    }
    Ok(())
}

impl Watching {
    fn compare(&self, layout: &Layout) {
        let mut problems = layout.problems();
        let was = self.partitions;
        let changed = layout.counts().find(|&is| is != was);
        if let Some(is) = changed {
            let message = format!("the topics have {is} partitions and had {was} at the start");
            problems.push(Problem::new("kafka.topics", message));
            self.bar(&Refused::PartitionsChanged { was, is });
        }
        let trouble = Some(listed(&problems)).filter(|_| !problems.is_empty());
        self.board.report(Part::Topics, trouble);
    }

    fn bar(&self, reason: &Refused) {
        for desk in &self.desks {
            desk.tell_barred(reason.clone());
        }
    }
}

/// The topic ids as they were first seen.
#[derive(Default)]
struct Identities {
    first: [Option<String>; 3],
    looked: Option<Instant>,
}

impl Identities {
    fn compare(&mut self, watching: &Watching, reader: &BaseConsumer<Context>) {
        if self
            .looked
            .is_some_and(|at| at.elapsed() < IDENTITIES_EVERY)
        {
            return;
        }
        self.looked = Some(Instant::now());
        let topics = watching.clients.settings().topics.inputs();
        // Every partition says once, when it is run, that ids cannot be read.
        let Ok(ids) = native::topic_ids(reader.client(), &topics, TOPICS_LIMIT) else {
            return;
        };
        for ((topic, first), id) in Topic::ALL.into_iter().zip(&mut self.first).zip(ids) {
            if first.is_some() && id.is_some() && *first != id {
                watching.bar(&Refused::TopicReplaced { topic });
            }
            if first.is_none() {
                *first = id;
            }
        }
    }
}

fn watch_ends(watching: &Watching, stopped: &Receiver<()>) -> Result<(), Error> {
    let mut ends = Ends::new(watching.clients.clone())?;
    while goes_on(stopped, ENDS_EVERY) {
        ends.ask(&watching.board, |partition, ends, asked| {
            for desk in &watching.desks {
                desk.tell_ends(partition, ends, asked);
            }
        });
    }
    Ok(())
}

fn watch_approvals(watching: &Watching, stopped: &Receiver<()>) -> Result<(), Error> {
    let approvals = Approvals::listen(&watching.clients, watching.partitions)?;
    while goes_on(stopped, Duration::ZERO) {
        approvals.hear(APPROVALS_EVERY, |partition, approval| {
            for desk in &watching.desks {
                desk.tell_approval(partition, approval.clone());
            }
        });
    }
    Ok(())
}
