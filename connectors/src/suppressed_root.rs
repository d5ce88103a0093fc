//! Released months on their way out of the building: with small numbers hidden, in a root of their own (statistics 8).

use crate::apart::resolved;
use crate::published_folder::{Figures, PublishedFolder, ReleaseName};
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::statistics::release::Release;
use clockstop_pipeline::statistics::suppression::{
    LeftOut, Shown, SuppressedCell, SuppressionRule, suppress_or_leave_out,
};
use clockstop_schemas::parse_month;
use clockstop_schemas::published::write_suppressed;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

const FILE: &str = "cwt.csv";
const STATEMENT: &str = "_suppression.json";
const UNFINISHED: &str = ".unfinished-";

/// Why nothing left.
#[derive(Debug, thiserror::Error)]
pub enum LeavingError {
    /// A snapshot's figures change with every report.
    #[error(
        "{path} is no release: only a released month leaves the building, such as --release 2025-03/final"
    )]
    NotReleased {
        /// The folder.
        path: PathBuf,
    },
    /// The folder of a release has rows that say they run.
    #[error(
        "the figures in {path} say that {month} is still running: only a released month leaves the building"
    )]
    Running {
        /// The folder.
        path: PathBuf,
        /// The month.
        month: String,
    },
    /// The folder of a release has no figures of its month.
    #[error("{path} has no figures of {month}")]
    Empty {
        /// The folder.
        path: PathBuf,
        /// The month.
        month: String,
    },
    /// The root is that of unsuppressed figures, lies in it, or has it inside.
    #[error("{root} is not apart from {from}: what leaves the building needs a root of its own")]
    NotApart {
        /// The root.
        root: PathBuf,
        /// The root of the figures.
        from: PathBuf,
    },
    /// The root holds what no suppressed export wrote.
    #[error(
        "{root} holds {name}: what leaves the building needs a root of its own, so name an empty folder"
    )]
    NotItsOwn {
        /// The root.
        root: PathBuf,
        /// What it holds.
        name: String,
    },
    /// This release has left already.
    #[error(
        "{path} is there already: the same figures under another rule would tell what this one hides, so remove it first"
    )]
    There {
        /// The folder.
        path: PathBuf,
    },
    /// Too few organisations share the patients of the month.
    #[error(
        "nothing of {release} can leave: whatever is hidden could be worked out, for too few organisations share its patients"
    )]
    Exposed {
        /// The release.
        release: ReleaseName,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The folder with the file and the statement of what was done to it.
    pub folder: PathBuf,
    /// Rows of the file.
    pub rows: usize,
    /// Counts that are hidden.
    pub hidden: usize,
    /// Counts that are shown, rounded or exact.
    pub shown: usize,
    /// Cuts of which no hiding protects every count, in words.
    pub left_out: Vec<String>,
}

/// Writes the released month as `<root>/<month>/<release>/cwt.csv`, small numbers hidden, and beside it what was done.
///
/// # Errors
/// When the folder is not that of a released month, the root is not one of its own, the release is there already, or nothing
/// could be protected. Nothing is written then.
pub fn leave(
    folder: &PublishedFolder,
    figures: Figures,
    tables: &Tables,
    rule: SuppressionRule,
    root: &Path,
) -> Result<Left, LeavingError> {
    let release = released(folder, &figures)?;
    let root = apart(root, folder.root())?;
    let to = root.join(release.to_string());
    if to.exists() {
        return Err(LeavingError::There { path: to });
    }
    let cells = figures.published(tables, |month| month == release.month);
    let (mut suppressed, left_out) = suppress_or_leave_out(cells, rule);
    if suppressed.cells.is_empty() {
        return Err(LeavingError::Exposed { release });
    }
    // In their order, for rows of nobody that were added stand last and would be known by it.
    suppressed.cells.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let counts = Counts::of(&suppressed.cells);
    let left_out: Vec<String> = left_out.iter().map(LeftOut::to_string).collect();
    let statement = statement(folder, rule, &suppressed.cells, counts, &left_out);
    let statement = format!("{statement:#}\n").into_bytes();
    let csv = write_suppressed(&suppressed.cells);
    write(&root, &to, [(FILE, csv), (STATEMENT, statement)])?;
    Ok(Left {
        folder: to,
        rows: suppressed.cells.len(),
        hidden: counts.hidden,
        shown: counts.rounded + counts.exact,
        left_out,
    })
}

/// The release that the folder and its rows agree on.
fn released(folder: &PublishedFolder, figures: &Figures) -> Result<ReleaseName, LeavingError> {
    let path = || folder.path().to_owned();
    let Some(release) = folder.release() else {
        return Err(LeavingError::NotReleased { path: path() });
    };
    let month = release.month.to_string();
    match figures.months().get(&release.month) {
        None => Err(LeavingError::Empty {
            path: path(),
            month,
        }),
        Some(Some(Release::Running)) => Err(LeavingError::Running {
            path: path(),
            month,
        }),
        Some(Some(Release::Provisional | Release::Final) | None) => Ok(release),
    }
}

/// The root without links, once it is known to hold nothing but what left before.
fn apart(root: &Path, from: &Path) -> Result<PathBuf, LeavingError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| LeavingError::Write { path, source }
    };
    // Looked at before anything is made.
    let root = resolved(root).map_err(failed(root))?;
    let check = |root: &Path| {
        let within = root.starts_with(from) || from.starts_with(root);
        let not_apart = within.then(|| LeavingError::NotApart {
            root: root.to_owned(),
            from: from.to_owned(),
        });
        not_apart.map_or(Ok(()), Err)
    };
    check(&root)?;
    fs::create_dir_all(&root).map_err(failed(&root))?;
    // The part that was not there may have led back.
    let root = fs::canonicalize(&root).map_err(failed(&root))?;
    check(&root)?;
    for entry in fs::read_dir(&root).map_err(failed(&root))? {
        let name = entry.map_err(failed(&root))?.file_name();
        let name = name.to_string_lossy();
        if parse_month(&name).is_none() && !name.starts_with(UNFINISHED) {
            let name = name.into_owned();
            return Err(LeavingError::NotItsOwn { root, name });
        }
    }
    Ok(root)
}

#[derive(Clone, Copy, Default)]
struct Counts {
    hidden: usize,
    rounded: usize,
    exact: usize,
}

impl Counts {
    fn of(cells: &[SuppressedCell]) -> Self {
        let mut counts = Self::default();
        for (_, shown) in cells.iter().flat_map(|cell| &cell.figures) {
            match shown {
                Shown::Hidden => counts.hidden += 1,
                Shown::Rounded(_) => counts.rounded += 1,
                Shown::Exact(_) => counts.exact += 1,
            }
        }
        counts
    }
}

fn statement(
    folder: &PublishedFolder,
    rule: SuppressionRule,
    cells: &[SuppressedCell],
    Counts {
        hidden,
        rounded,
        exact,
    }: Counts,
    left_out: &[String],
) -> Value {
    let is_hidden = |cell: &&SuppressedCell| {
        let mut figures = cell.figures.iter();
        figures.any(|(_, shown)| *shown == Shown::Hidden)
    };
    let threshold = rule.threshold.saturating_sub(1);
    json!({
        "file": FILE,
        "release": folder.release().map(|release| release.to_string()),
        "as_of": folder.as_of(),
        "software_version": env!("CARGO_PKG_VERSION"),
        "rule": {
            "threshold": threshold,
            "rounding": rule.rounding,
            "hidden": format!("counts from 1 to {threshold}, and as many others as keep them from being worked out: a hidden count can be 0 or greater too"),
            "shown": format!("0 and England's figures as they are, all else to the nearest {}, totals on their own", rule.rounding),
            "performance": "of the figures as shown; blank where one is hidden",
        },
        "left_out": left_out,
        "rows": cells.len(),
        "rows_suppressed": cells.iter().filter(is_hidden).count(),
        "counts": {"hidden": hidden, "rounded": rounded, "exact": exact},
        "tested": "no sum of the file, England's included, bounds a hidden count to one value",
    })
}

/// All of it, or nothing: written aside, then renamed.
fn write<const N: usize>(
    root: &Path,
    to: &Path,
    files: [(&str, Vec<u8>); N],
) -> Result<(), LeavingError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| LeavingError::Write { path, source }
    };
    let aside = tempfile::Builder::new()
        .prefix(UNFINISHED)
        .tempdir_in(root)
        .map_err(failed(root))?;
    let made = aside.path().join("release");
    fs::create_dir(&made).map_err(failed(&made))?;
    for (name, bytes) in files {
        let path = made.join(name);
        let mut file = File::create(&path).map_err(failed(&path))?;
        let written = file.write_all(&bytes).and_then(|()| file.sync_all());
        written.map_err(failed(&path))?;
    }
    let month = to.parent().unwrap_or(root);
    fs::create_dir_all(month).map_err(failed(month))?;
    fs::rename(&made, to).map_err(failed(to))
}
