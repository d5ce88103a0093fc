//! What keeps the whole process from being ready, part by part.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What is wrong is logged again while it lasts.
const LOGGED_EVERY: Duration = Duration::from_mins(1);

/// What keeps the whole process from being ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// No broker answers.
    Broker,
    /// The schema registry does not answer, and a record waits for it.
    Registry,
    /// A topic is missing or its partitions are not those of the others.
    Topics,
    /// The store of the checkpoints does not answer, and a partition waits for it.
    Store,
    /// A snapshot cannot be written.
    Snapshots,
    /// The process has just started, and the group has not given it any partition yet.
    Group,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 6] = [
        Self::Broker,
        Self::Registry,
        Self::Topics,
        Self::Store,
        Self::Snapshots,
        Self::Group,
    ];

    /// The name in `/readyz`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Registry => "registry",
            Self::Topics => "topics",
            Self::Store => "store",
            Self::Snapshots => "snapshots",
            Self::Group => "group",
        }
    }
}

/// What is wrong with a part.
#[derive(Debug)]
struct Trouble {
    reason: String,
    logged_at: Instant,
}

/// What is wrong with every part that is not well.
#[derive(Debug, Default)]
pub(crate) struct Troubles(Mutex<BTreeMap<Part, Trouble>>);

impl Troubles {
    /// Says what is wrong with a part, or that it is well; logged when that changes, and while it lasts.
    pub(crate) fn report(&self, part: Part, trouble: Option<String>) {
        let mut troubles = self.lock();
        let Some(reason) = trouble else {
            if troubles.remove(&part).is_some() {
                tracing::info!(part = part.name(), "is well again");
            }
            return;
        };
        let logged_at = match troubles.get(&part) {
            Some(known) if known.logged_at.elapsed() < LOGGED_EVERY => known.logged_at,
            Some(_) | None => {
                tracing::error!(part = part.name(), %reason, "not ready");
                Instant::now()
            }
        };
        troubles.insert(part, Trouble { reason, logged_at });
    }

    /// What is wrong, by part.
    pub(crate) fn told(&self) -> BTreeMap<Part, String> {
        let troubles = self.lock();
        let told = troubles
            .iter()
            .map(|(part, trouble)| (*part, trouble.reason.clone()));
        told.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Part, Trouble>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
