//! Of several processes one publishes, for all of them.

use crate::LIMIT;
use crate::fleet::Fleet;
use crate::ownership::{await_shared, place};
use crate::support::kafka::shared_broker;
use crate::support::wait;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PATHWAYS: usize = 60;

#[test]
fn the_owner_of_partition_0_publishes_what_every_process_runs() {
    let mut place = place(shared_broker(), "publishing");
    place.set("snapshots.interval_seconds", "1");
    place.set("checkpoints.interval_seconds", "1");
    let mut fleet = Fleet::new(&place);
    fleet.start();
    fleet.await_whole("the first process");
    fleet.start();
    await_shared(&fleet);
    place.refer((0..PATHWAYS).map(|number| format!("P{number}")));
    let root = place.config().snapshots.analyst.folder;
    wait::until("a snapshot of both processes", 4 * LIMIT, || {
        let manifest = std::fs::read_to_string(root.join("current/_snapshot.json"));
        let manifest: Value = serde_json::from_str(&manifest.unwrap_or_default())
            .map_err(|error| error.to_string())?;
        let partitions = manifest["partitions"].as_array().unwrap();
        let from: BTreeSet<_> = partitions.iter().map(|of| of["from"].as_str()).collect();
        let rows = manifest["tables"]["pathways"].as_array().unwrap().iter();
        let rows: u64 = rows.filter_map(|part| part["rows"].as_u64()).sum();
        let is_whole = manifest["partitions_missing"] == json!([])
            && from == BTreeSet::from([Some("live"), Some("checkpoint")])
            && usize::try_from(rows) == Ok(PATHWAYS);
        if is_whole {
            Ok(())
        } else {
            Err(manifest.to_string())
        }
    });
}
