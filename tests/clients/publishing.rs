//! A reader that looks again and again while snapshots are published sees whole ones only.

use crate::support::clients::python;
use crate::{engines, publish_at};
use clockstop::publish::Root;
use clockstop_schemas::{Plane, PseudonymKey};
use serde_json::Value;

const SNAPSHOTS: i64 = 12;

#[test]
fn a_reader_never_sees_half_a_snapshot() {
    let engines = engines();
    let folder = tempfile::tempdir().unwrap();
    let stop = folder.path().join("stop");
    let roots = [Root {
        plane: Plane::Analyst(PseudonymKey([5; 32])),
        path: folder.path().join("analyst"),
    }];
    let arguments = [roots[0].path.to_str().unwrap(), stop.to_str().unwrap()];
    let told = std::thread::scope(|scope| {
        let reader = scope.spawn(|| python("keep_reading.py", &arguments, &[]));
        for second in 0..SNAPSHOTS {
            publish_at(&engines, &roots, second);
        }
        std::fs::write(&stop, "").unwrap();
        reader.join().unwrap().expect_code(0)
    });
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["wrong"], serde_json::json!([]));
    assert!(told["rounds"].as_u64() >= Some(5), "{told}");
    assert!(told["seen"].as_u64() >= Some(3), "{told}");
}
