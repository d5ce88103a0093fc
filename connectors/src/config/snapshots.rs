//! `[snapshots]`: where the tables of each plane go, how often, and for how long they are kept.

use super::checkpoints::check_scheme;
use super::reader::Reader;
use super::{MAX_INTERVAL_SECONDS, MAX_KEEP};
use crate::apart::are_apart;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DAILY_DAYS: u16 = 400;
const MAX_DAILY_DAYS: u64 = 20_000;

/// `[snapshots]`.
#[derive(Clone)]
pub struct Snapshots {
    /// The plane for analysts.
    pub analyst: Place,
    /// The plane for direct care; not written where unset.
    pub identifiable: Option<Place>,
    /// Settings of the object stores, such as their endpoint and credentials.
    pub properties: BTreeMap<String, String>,
    /// Time between two snapshots.
    pub interval: Duration,
    /// How many snapshots are kept.
    pub keep: usize,
    /// For how many days the tables of closed days are kept.
    pub daily_days: u16,
}

/// The properties may hold credentials, so only their names are shown.
impl std::fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshots")
            .field("analyst", &self.analyst)
            .field("identifiable", &self.identifiable)
            .field("properties", &self.properties.keys())
            .field("interval", &self.interval)
            .field("keep", &self.keep)
            .field("daily_days", &self.daily_days)
            .finish()
    }
}

/// Where the tables of a plane go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The folder in which they are made; they are read there unless they go on to an object store.
    pub folder: PathBuf,
    /// The object store to which they go on.
    pub url: Option<String>,
}

impl Place {
    /// A folder in which the tables are read.
    #[must_use]
    pub const fn in_folder(folder: PathBuf) -> Self {
        Self { folder, url: None }
    }

    fn read(reader: &mut Reader<'_>, setting: &str, text: String, staging: &Path) -> Self {
        check_scheme(reader, setting, &text);
        match text.split_once("://") {
            None => Self::in_folder(text.into()),
            Some(("file", path)) => Self::in_folder(path.into()),
            Some(_) => Self {
                folder: staging.to_owned(),
                url: Some(text),
            },
        }
    }

    /// Why readers of the one would find the other; `None` where they would not.
    fn meets(&self, other: &Self) -> Option<String> {
        let is_beneath =
            |one: &str, other: &str| format!("{one}/").starts_with(&format!("{other}/"));
        if let (Some(one), Some(other)) = (&self.url, &other.url) {
            let [one, other] = [one, other].map(|url| url.trim_end_matches('/'));
            if is_beneath(one, other) || is_beneath(other, one) {
                return Some(NOT_APART.to_owned());
            }
        }
        match are_apart(&self.folder, &other.folder) {
            Ok(true) => None,
            Ok(false) => Some(NOT_APART.to_owned()),
            Err(error) => Some(format!(
                "cannot look at it beside snapshots.analyst: {error}"
            )),
        }
    }
}

/// In one place the identifiers would stand where analysts read.
const NOT_APART: &str =
    "is not apart from snapshots.analyst; give it a place that analysts cannot read";

impl Snapshots {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let seconds = reader.count("snapshots.interval_seconds", 60, 1..=MAX_INTERVAL_SECONDS);
        let staging = PathBuf::from(reader.text("snapshots.staging", "staging"));
        let analyst = reader.text("snapshots.analyst", "snapshots/analyst");
        let analyst = Place::read(
            reader,
            "snapshots.analyst",
            analyst,
            &staging.join("analyst"),
        );
        let setting = "snapshots.identifiable";
        let identifiable = reader.optional_text(setting, "a folder or an address");
        let identifiable = identifiable
            .map(|text| Place::read(reader, setting, text, &staging.join("identifiable")));
        if let Some(message) = identifiable
            .as_ref()
            .and_then(|place| place.meets(&analyst))
        {
            reader.report(setting, message);
        }
        Self {
            analyst,
            identifiable,
            properties: reader.table("snapshots.properties"),
            interval: Duration::from_secs(u64::try_from(seconds).unwrap_or(MAX_INTERVAL_SECONDS)),
            keep: reader.count("snapshots.keep", 5, 1..=MAX_KEEP),
            daily_days: u16::try_from(reader.number(
                "snapshots.daily_days",
                DAILY_DAYS.into(),
                1..=MAX_DAILY_DAYS,
            ))
            .unwrap_or(DAILY_DAYS),
        }
    }

    /// Each plane's place, by the last word of its setting.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&'static str, &Place)> {
        let identifiable = self.identifiable.iter();
        [("analyst", &self.analyst)]
            .into_iter()
            .chain(identifiable.map(|place| ("identifiable", place)))
    }
}
