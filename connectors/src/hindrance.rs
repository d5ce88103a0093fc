//! Why a partition does not go on, and what an operator can do.

use crate::board::Partition;
use crate::partition::State;

/// Why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hindrance {
    pub(crate) reason: String,
    pub(crate) way_out: String,
}

impl Hindrance {
    /// The first thing that stands in a partition's way, if anything does.
    pub(crate) fn of(partition: &Partition) -> Option<Self> {
        if let State::Refused(refused) = &partition.state {
            return Some(Self::new(refused.what(), refused.way_out()));
        }
        if let Some(reason) = &partition.waits_for_store {
            let way_out = "bring the store of the checkpoints back, or put checkpoints.url, its properties or what it permits right; loading is tried again by itself";
            return Some(Self::new(reason.clone(), way_out.to_owned()));
        }
        if let Some(id) = partition.waits_for_schema {
            let reason = format!("waits for schema {id}, which the registry has not given");
            return Some(Self::new(reason, "bring the registry back, or have the sender register its schema there; an id that it does not know is refused after five minutes".to_owned()));
        }
        if partition.too_many_refused {
            return Some(Self::new(
                "pauses, because more than a fifth of the last 1,000 records are bad".to_owned(),
                "look at the dead letters; when the sender is mended, or they may pass: clockstop approve --bad-records, as clockstop diff prints it".to_owned(),
            ));
        }
        if partition.behind {
            return Some(Self::new(
                "is behind its inputs, so that it does not decide".to_owned(),
                "none is needed while lag falls; else look at the broker, or add a process"
                    .to_owned(),
            ));
        }
        None
    }

    fn new(reason: String, way_out: String) -> Self {
        Self { reason, way_out }
    }
}

#[cfg(test)]
mod tests {
    use super::Hindrance;
    use crate::board::Partition;
    use crate::board::tests::partition;
    use crate::partition::{Refused, State};

    fn told(partition: &Partition) -> String {
        let hindrance = Hindrance::of(partition);
        hindrance.map_or_else(String::new, |it| format!("{} / {}", it.reason, it.way_out))
    }

    #[test]
    fn a_live_partition_with_nothing_in_its_way_has_none() {
        assert_eq!(told(&partition(1, State::Live)), "");
        assert_eq!(told(&partition(1, State::Replaying)), "");
    }

    #[test]
    fn a_refusal_says_what_is_wrong_and_apart_from_it_what_to_do() {
        let refused = Refused::ClockOff { seconds: -301 };
        assert_eq!(
            refused.to_string(),
            "this machine's clock is 301 s behind the broker's; set both by NTP"
        );
        assert_eq!(
            told(&partition(1, State::Refused(refused))),
            "this machine's clock is 301 s behind the broker's / set both by NTP"
        );
    }

    #[test]
    fn a_pause_and_a_wait_name_their_way_out() {
        let live = || partition(1, State::Live);
        let paused = Partition {
            too_many_refused: true,
            ..live()
        };
        assert!(
            told(&paused).ends_with("clockstop approve --bad-records, as clockstop diff prints it")
        );
        let waiting = Partition {
            waits_for_schema: Some(7),
            too_many_refused: true,
            ..live()
        };
        assert!(told(&waiting).starts_with("waits for schema 7"));
        let loading = Partition {
            waits_for_store: Some("nobody answers".to_owned()),
            ..partition(1, State::Loading)
        };
        assert!(told(&loading).starts_with("nobody answers / bring the store"));
        let behind = Partition {
            behind: true,
            ..live()
        };
        assert!(told(&behind).starts_with("is behind its inputs"));
    }
}
