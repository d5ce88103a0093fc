//! The published year 2024-25 as if it had been counted here: a root with a snapshot of it and the release of its last month.

use clockstop_pipeline::Month;
use clockstop_pipeline::statistics::{
    Activity, Basis, Category, CategoryName, Cell, Halves, ModalityGroup, Performance, Period,
    PeriodKind, SuspectedType, Tables, TumourGroup,
};
use clockstop_schemas::published::read_published;
use clockstop_schemas::tables::{PERFORMANCE, TableBuilder, write_performance};
use flate2::read::GzDecoder;
use parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::support::cache::workspace;

pub(crate) const MARCH: Month = Month {
    year: 2025,
    month: 3,
};
pub(crate) const AS_OF: &str = "2025-06-12T23:00:00Z";

/// The tidy files of the year.
pub(crate) static FILES: LazyLock<Vec<PathBuf>> = LazyLock::new(|| {
    let files = ["fds", "first_seen", "t31", "t62"];
    let named = |file| format!("tests/data/published/cwt_{file}_2024_25.csv.gz");
    files.map(|file| workspace().join(named(file))).to_vec()
});

/// Every published cell of the year.
pub(crate) static PUBLISHED: LazyLock<Vec<Cell>> = LazyLock::new(|| {
    let read = |file: &PathBuf| {
        let mut bytes = Vec::new();
        let mut file = GzDecoder::new(File::open(file).unwrap());
        file.read_to_end(&mut bytes).unwrap();
        read_published(&bytes).unwrap()
    };
    FILES.iter().flat_map(read).collect()
});

/// A root whose `current` holds the whole year, and `releases/2025-03/final` its March.
pub(crate) static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("year-2024-25");
    if root.exists() {
        fs::remove_dir_all(&root).unwrap();
    }
    let cells = counted(&PUBLISHED);
    publish(
        &root,
        &[cells.as_slice(), &unpublished(&cells)].concat(),
        "final",
    );
    let march = cells
        .iter()
        .filter(|cell| cell.period.last_month() == MARCH);
    let march: Vec<Performance> = march.cloned().collect();
    release(&root, "2025-03/final", &march);
    root
});

/// What a snapshot has beside: years and alliances are in no published file.
fn unpublished(cells: &[Performance]) -> Vec<Performance> {
    let mut year = cells[0].clone();
    year.period = Period::of(PeriodKind::Year, MARCH);
    let mut alliance = cells[0].clone();
    (alliance.basis, alliance.organisation) = (Basis::Alliance, "E56000001".into());
    vec![year, alliance]
}

/// Published cells as what was counted, England once.
pub(crate) fn counted(cells: &[Cell]) -> Vec<Performance> {
    let somebody = cells.iter().filter(|cell| cell.counts.total > Halves::ZERO);
    somebody.filter_map(performance).collect()
}

fn performance(Cell { key, counts, .. }: &Cell) -> Option<Performance> {
    let basis = match (key.is_england(), key.basis) {
        (true, Basis::Commissioner) => return None,
        (true, _) => Basis::England,
        (false, basis) => basis,
    };
    let treated = matches!(key.activity.name(), "31D" | "62D");
    let category = match (&key.cancer_type, &key.modality) {
        (CategoryName::All, CategoryName::All) => Some(Category::All),
        (CategoryName::All, CategoryName::Named(name)) => {
            ModalityGroup::from_name(name).map(Category::Modality)
        }
        (CategoryName::Named(name), _) if treated => {
            TumourGroup::from_name(name).map(Category::Tumour)
        }
        (CategoryName::Named(name), _) => SuspectedType::from_name(name).map(Category::Suspected),
    };
    let period = Period::of(PeriodKind::Month, key.month);
    let (organisation, category) = (key.organisation.clone(), category.unwrap());
    let activity: Activity = key.activity;
    let cell = Performance::with_counts(
        period,
        activity,
        basis,
        organisation,
        key.part,
        category,
        counts,
    );
    Some(cell.unwrap_or_else(|| panic!("no cell: {key:?} {counts:?}")))
}

/// Writes a snapshot as the service does and points `current` at it.
pub(crate) fn publish(root: &Path, cells: &[Performance], release: &str) -> PathBuf {
    let snapshot = root.join("snapshots/2025-06-12T230000.000000Z-5e0c1f7a");
    table(&snapshot, cells, release);
    fs::write(snapshot.join("_snapshot.json"), manifest().to_string()).unwrap();
    symlink(
        "snapshots/2025-06-12T230000.000000Z-5e0c1f7a",
        root.join("current"),
    )
    .unwrap();
    snapshot
}

/// Writes a release as it is frozen.
pub(crate) fn release(root: &Path, name: &str, cells: &[Performance]) -> PathBuf {
    let folder = root.join("releases").join(name);
    table(&folder, cells, name.split('/').nth(1).unwrap());
    fs::write(folder.join("_snapshot.json"), manifest().to_string()).unwrap();
    folder
}

pub(crate) fn manifest() -> Value {
    json!({
        "tables_version": "1",
        "plane": "analyst",
        "as_of": AS_OF,
        "tables": {"performance": [{"file": "performance/part-0000.parquet", "rows": 0}]},
        "partitions": [],
        "partitions_missing": [],
    })
}

fn table(folder: &Path, cells: &[Performance], release: &str) {
    let tables = Tables::default();
    let mut rows = TableBuilder::new(&PERFORMANCE);
    for cell in cells {
        write_performance(cell, Some(release), &tables, &mut rows);
    }
    let rows = PERFORMANCE.sorted(&rows.finish().unwrap()).unwrap();
    fs::create_dir_all(folder.join("performance")).unwrap();
    let file = File::create(folder.join("performance/part-0000.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, PERFORMANCE.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
