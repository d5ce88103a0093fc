//! A disk that fills up while a checkpoint is written.

use super::{Error, PARTITION, SOFTWARE, assert_loads, mark, open, write};
use clockstop_pipeline::{Kept, Reference};
use clockstop_schemas::checkpoint::PathwayRows;
use std::path::Path;
use std::process::Command;

const SMALL_DISK: &str = "CLOCKSTOP_TEST_SMALL_DISK";

/// A file system of its own where the kernel allows it; elsewhere no file may grow past the same size.
const ON_A_SMALL_DISK: &str = r#"
if unshare -rm true 2>/dev/null; then
    exec unshare -rm sh -c 'mount -t tmpfs -o size=400k tmpfs "$0" && exec "$@"' "$@"
fi
ulimit -f 800 && trap '' XFSZ && shift && exec "$@"
"#;

#[test]
fn a_full_disk_is_an_error_and_leaves_what_was_there() {
    if let Some(folder) = std::env::var_os(SMALL_DISK) {
        fill(Path::new(&folder));
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let child = Command::new("sh")
        .args(["-c", ON_A_SMALL_DISK, "sh"])
        .arg(folder.path())
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", "--nocapture"])
        .arg("store::tests::full_disk::a_full_disk_is_an_error_and_leaves_what_was_there")
        .env(SMALL_DISK, folder.path())
        .output()
        .expect("run sh");
    let said = String::from_utf8_lossy(&child.stdout);
    let complained = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}\n{complained}");
    assert!(said.contains("1 passed"), "{said}\n{complained}");
}

fn fill(folder: &Path) {
    let store = open(folder);
    write(&store, 3);
    let mut writer = store.writer(PARTITION, mark(20)).expect("a writer");
    let mut rows = PathwayRows::default();
    for number in 0..20_000_u32 {
        let name = blake3::hash(&number.to_le_bytes()).to_hex();
        rows.add(&Kept {
            pathway: &format!("RXX:{name}"),
            erased: true,
            facts: &[],
            said: Vec::new().into(),
            settled: None,
        });
    }
    let added = writer.add(&rows.finish().expect("rows"));
    let finished =
        added.and_then(|()| writer.finish(std::iter::empty(), &Reference::default(), SOFTWARE));
    let error = finished.expect_err("more than the disk holds");
    assert!(
        matches!(
            error,
            Error::Failed {
                action: "write",
                ..
            }
        ),
        "{error}"
    );
    let passed_over = assert_loads(&store, 3);
    assert!(passed_over.len() <= 1, "{passed_over:?}");
    // What is small goes on once there is room.
    write(&store, 4);
    let passed_over = assert_loads(&store, 4);
    assert!(passed_over.len() <= 1, "{passed_over:?}");
}
