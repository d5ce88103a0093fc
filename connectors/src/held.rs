//! What is held until somebody approves it, as `/held` tells it and `clockstop diff` reads it. It names nobody.

use crate::board::{Board, Partition};
use serde::{Deserialize, Serialize};

/// What one process holds, by partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldAnswer {
    /// Every partition that the process shows, the first first.
    pub partitions: Vec<HeldPartition>,
}

/// What is held on one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPartition {
    /// Its number.
    pub partition: i32,
    /// Where it stands; what it would hold is known only when it is live.
    pub state: String,
    /// Which assignment it is; a later one of the same process replaces it.
    pub tenure: u64,
    /// How many notices are held.
    pub notices: u64,
    /// The version of the reference tables that is the cause of at least some.
    pub by_rules: Option<String>,
    /// Pathways that are set aside: they are learned of and not decided on.
    pub parked: u64,
    /// Alerts that stand.
    pub standing: u64,
    /// Whether it pauses because too many records were refused.
    pub too_many_refused: bool,
    /// What is held, in groups.
    pub groups: Vec<HeldLine>,
}

/// Notices of one kind that are held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldLine {
    /// The standard of the clocks.
    pub standard: String,
    /// What would be said.
    pub transition: String,
    /// The level that would stand; `None` where none would.
    pub level: Option<String>,
    /// The responsible organisation.
    pub organisation: Option<String>,
    /// How many.
    pub count: u64,
}

impl HeldAnswer {
    /// What the board shows.
    #[must_use]
    pub fn of(board: &Board) -> Self {
        let partitions = board.partitions();
        let partitions = partitions.iter().map(HeldPartition::of);
        Self {
            partitions: partitions.collect(),
        }
    }
}

impl HeldPartition {
    fn of((&number, shown): (&i32, &Partition)) -> Self {
        let held = &shown.held;
        let groups = held.groups.iter().map(|(group, &count)| HeldLine {
            standard: group.standard.name().to_owned(),
            transition: group.transition.name().to_owned(),
            level: group.level.map(|level| level.name().to_owned()),
            organisation: group.organisation.clone(),
            count,
        });
        Self {
            partition: number,
            state: shown.state.name().to_owned(),
            tenure: shown.tenure,
            notices: held.notices(),
            by_rules: held.by_rules.clone(),
            parked: u64::try_from(shown.parked).unwrap_or(u64::MAX),
            standing: shown.standing.total(),
            too_many_refused: shown.too_many_refused,
            groups: groups.collect(),
        }
    }
}
