//! What is told now of the waits that a release froze: their full outer join (statistics 3).
//!
//! A national year has millions of frozen waits, so they are kept as hashes while pathways pass by, and read again a
//! month at a time.

use super::PublishError;
use super::reading;
use super::release;
use super::row_tables::{Filled, Told, sorted};
use super::snapshot::Root;
use clockstop_pipeline::statistics::release::Release;
use clockstop_pipeline::statistics::{Activity, Reported, Restatement, restatements};
use clockstop_pipeline::{Clock, Month, Standard};
use clockstop_schemas::Plane;
use clockstop_schemas::tables::{RESTATEMENTS, TableBuilder, shown_causes, write_restatement};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// A wait's pathway, activity and item as a plane shows them, hashed.
type Id = [u8; 16];

/// What was reported of a wait, hashed.
type Content = [u8; 16];

/// What no wait says.
const NOTHING: Content = [0; 16];

/// One plane's frozen waits, and what differs from them.
#[derive(Debug)]
pub(super) struct Restating {
    plane: Plane,
    /// The pathways whose patients' records were erased, as the plane shows them: nothing of them is shown any more.
    erased: HashSet<String>,
    /// The last release of each released month.
    months: BTreeMap<Month, (Release, PathBuf)>,
    /// What each frozen wait said, hashed.
    frozen: HashMap<Id, Content>,
    /// Frozen waits that say something else now.
    differ: HashSet<Id>,
    now: Vec<Reported>,
    causes: HashMap<Id, String>,
}

impl Restating {
    /// Nothing was released.
    pub(super) fn nothing(root: &Root) -> Self {
        Self {
            plane: root.plane,
            erased: HashSet::new(),
            months: BTreeMap::new(),
            frozen: HashMap::new(),
            differ: HashSet::new(),
            now: Vec::new(),
            causes: HashMap::new(),
        }
    }

    /// What was released on a plane, without the pathways that are erased since.
    pub(super) fn read(root: &Root, erased: &HashSet<String>) -> Result<Self, PublishError> {
        let erased = erased.iter().map(|pathway| root.plane.pathway(pathway));
        let mut restating = Self {
            erased: erased.collect(),
            months: release::last_of_each_month(&root.path)?,
            ..Self::nothing(root)
        };
        let mut frozen = HashMap::new();
        for (_, folder) in restating.months.values() {
            for wait in restating.released(folder)? {
                let of_two = frozen.insert(id_of(&wait), content(&wait));
                // In one month at its release and in another at that month's: in one of them it is no more.
                if of_two.is_some() {
                    frozen.insert(id_of(&wait), NOTHING);
                }
            }
        }
        restating.frozen = frozen;
        Ok(restating)
    }

    fn released(&self, folder: &Path) -> Result<Vec<Reported>, PublishError> {
        let mut waits = reading::released(folder)?;
        waits.retain(|wait| !self.erased.contains(&*wait.pathway));
        Ok(waits)
    }

    /// Compares what a pathway contributes with what was frozen of it.
    pub(super) fn note(&mut self, told: &Told<'_>) {
        if self.months.is_empty() {
            return;
        }
        for wait in &told.counted.waits {
            let now = shown(Reported::from(wait), &self.plane);
            let id = id_of(&now);
            match self.frozen.remove(&id) {
                Some(then) if then == content(&now) => continue,
                Some(_) => drop(self.differ.insert(id)),
                None if self.months.contains_key(&now.month) => {}
                None => continue,
            }
            self.now.push(now);
            self.explain(told, id);
        }
        // A clock whose wait was frozen and counts no more.
        for clock in &told.row.assessment.clocks {
            let id = of_clock(told, clock, &self.plane);
            if self.frozen.contains_key(&id) {
                self.explain(told, id);
            }
        }
    }

    /// Keeps the reports that a clock rests on; first-seen activity has no clock.
    fn explain(&mut self, told: &Told<'_>, id: Id) {
        let mut clocks = told.row.assessment.clocks.iter();
        if let Some(clock) = clocks.find(|clock| of_clock(told, clock, &self.plane) == id) {
            let causes = told.row.causes(clock).into_iter().map(|(cause, _)| cause);
            let causes: Vec<_> = causes.collect();
            self.causes.insert(id, shown_causes(&causes));
        }
    }

    /// The rows, a month at a time: what is as it was, what differs, what is gone and what has come. At least one table,
    /// though an empty one.
    pub(super) fn finish(
        self,
        mut write: impl FnMut(&Filled) -> Result<(), PublishError>,
    ) -> Result<(), PublishError> {
        if self.months.is_empty() {
            let nothing = TableBuilder::new(&RESTATEMENTS);
            return write(&(&RESTATEMENTS, sorted(&RESTATEMENTS, nothing)?));
        }
        for (&month, (release, folder)) in &self.months {
            let mut out = TableBuilder::new(&RESTATEMENTS);
            for row in self.of_month(month, self.released(folder)?) {
                let id = id(&row.pathway, row.activity, row.item.as_deref());
                let causes = self.causes.get(&id).filter(|_| row.is_changed());
                write_restatement(&row, *release, causes.map(String::as_str), &mut out);
            }
            write(&(&RESTATEMENTS, sorted(&RESTATEMENTS, out)?))?;
        }
        Ok(())
    }

    fn of_month(&self, month: Month, frozen: Vec<Reported>) -> Vec<Restatement> {
        let ids: HashSet<Id> = frozen.iter().map(id_of).collect();
        let of_month = |wait: &&Reported| wait.month == month || ids.contains(&id_of(wait));
        let mut now: Vec<_> = self.now.iter().filter(of_month).cloned().collect();
        now.extend(
            frozen
                .iter()
                .filter(|wait| self.is_as_it_was(wait))
                .cloned(),
        );
        restatements(month, frozen, now)
    }

    fn is_as_it_was(&self, wait: &Reported) -> bool {
        let id = id_of(wait);
        !self.differ.contains(&id) && !self.frozen.contains_key(&id)
    }
}

/// A wait with the ids that a plane shows.
fn shown(wait: Reported, plane: &Plane) -> Reported {
    let Reported { pathway, item, .. } = &wait;
    Reported {
        item: item.as_ref().map(|item| plane.item(pathway, item).into()),
        pathway: plane.pathway(pathway).into(),
        ..wait
    }
}

fn id_of(wait: &Reported) -> Id {
    id(&wait.pathway, wait.activity, wait.item.as_deref())
}

/// The id of the wait that a clock is when it counts.
fn of_clock(told: &Told<'_>, clock: &Clock, plane: &Plane) -> Id {
    let pathway = told.row.pathway;
    let item = match clock.standard {
        Standard::Fds => None,
        Standard::SixtyTwoDay | Standard::ThirtyOneDay => clock.item(),
    };
    let item = item.map(|item| plane.item(pathway, told.row.texts().read(item).as_str()));
    let activity = Activity::Standard(clock.standard);
    id(&plane.pathway(pathway), activity, item.as_deref())
}

fn id(pathway: &str, activity: Activity, item: Option<&str>) -> Id {
    hash(&[pathway, activity.name(), item.unwrap_or_default()])
}

fn content(wait: &Reported) -> Content {
    let parts = wait.parts.iter().map(|part| {
        let within = part.half_within.map_or(-1, i32::from);
        format!("{}/{}/{within}", part.organisation, part.half_patients)
    });
    let parts: Vec<_> = [wait.month.to_string()].into_iter().chain(parts).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    hash(&parts)
}

/// BLAKE3-128 of texts, each with its length before it.
fn hash(parts: &[&str]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    bytes
}
