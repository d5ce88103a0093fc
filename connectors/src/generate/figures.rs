//! The published figures of 2024/25 that everything is drawn from, read as any published file is.

use clockstop_pipeline::statistics::Cell;
use clockstop_schemas::published::{PublishedError, read_published};

/// England's rows on the provider basis, and the providers' totals: taken as they are from the tidy
/// files (`tests/data/SOURCES.md`; NHS England, Cancer Waiting Times, OGL v3).
const FILES: [&str; 4] = [
    include_str!("published_2024_25/fds.csv"),
    include_str!("published_2024_25/t31.csv"),
    include_str!("published_2024_25/t62.csv"),
    include_str!("published_2024_25/first_seen.csv"),
];

/// The published cells.
pub(crate) struct Figures {
    /// England by month, in every published cut.
    pub(crate) england: Vec<Cell>,
    /// Providers by month, all their waits of a standard together.
    pub(crate) providers: Vec<Cell>,
}

impl Figures {
    /// The figures built into the program.
    pub(crate) fn published() -> Result<Self, PublishedError> {
        let mut figures = Self {
            england: Vec::new(),
            providers: Vec::new(),
        };
        for file in FILES {
            let (england, providers): (Vec<_>, Vec<_>) = read_published(file.as_bytes())?
                .into_iter()
                .partition(|cell| cell.key.is_england());
            figures.england.extend(england);
            figures.providers.extend(providers);
        }
        Ok(figures)
    }
}
