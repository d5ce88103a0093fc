//! The published figures of 2024/25 that the feed is drawn from.

use super::draw::Draw;
use serde::Deserialize;
use std::collections::BTreeMap;

const PUBLISHED: &str = include_str!("calibration_2024_25.json");

/// Why the built-in figures cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// They are not the JSON that is expected.
    #[error("the built-in calibration does not parse")]
    Json(#[from] serde_json::Error),
    /// The name of a band of waits is not understood.
    #[error("the built-in calibration has a band `{0}` that is not understood")]
    Band(String),
    /// A figure that the feed needs is not there.
    #[error("the built-in calibration has no figures for `{0}`")]
    Missing(String),
}

#[derive(Deserialize)]
struct Published {
    year_total: f64,
    band_share: BTreeMap<String, f64>,
}

type PublishedTable = BTreeMap<String, BTreeMap<String, BTreeMap<String, Published>>>;

#[derive(Deserialize)]
struct File {
    fds: PublishedTable,
    d31: PublishedTable,
    d62: PublishedTable,
    first_seen: PublishedTable,
}

/// The published tables of one standard.
pub(crate) struct Table {
    name: &'static str,
    cuts: BTreeMap<String, BTreeMap<String, BTreeMap<String, Cell>>>,
}

/// Everything the feed takes from the published figures.
pub(crate) struct Calibration {
    /// Waits until told, by route and suspected type.
    pub(crate) told: Table,
    /// Waits until treated since the decision, by stage.
    pub(crate) since_decision: Table,
    /// Waits until first treated since the referral or upgrade, by route.
    pub(crate) since_referral: Table,
    /// Waits until first seen, by route and suspected type.
    pub(crate) seen: Table,
}

impl Calibration {
    /// The figures built into the program.
    pub(crate) fn published() -> Result<Self, Error> {
        let file: File = serde_json::from_str(PUBLISHED)?;
        Ok(Self {
            told: Table::read("fds", &file.fds)?,
            since_decision: Table::read("d31", &file.d31)?,
            since_referral: Table::read("d62", &file.d62)?,
            seen: Table::read("first_seen", &file.first_seen)?,
        })
    }
}

impl Table {
    fn read(name: &'static str, published: &PublishedTable) -> Result<Self, Error> {
        let mut cuts: BTreeMap<String, BTreeMap<String, BTreeMap<String, Cell>>> = BTreeMap::new();
        for (cut, routes) in published {
            for (route, cells) in routes {
                let read = cells.iter().map(|(category, published)| {
                    let waits = Waits::read(&published.band_share)?;
                    let total = published.year_total;
                    Ok((category.clone(), Cell { total, waits }))
                });
                let cells = read.collect::<Result<BTreeMap<_, _>, Error>>()?;
                let routes = cuts.entry(cut.clone()).or_default();
                routes.insert(route.clone(), cells);
            }
        }
        Ok(Self { name, cuts })
    }

    /// All cells of a route or stage, by type, tumour or modality.
    pub(crate) fn cells(&self, cut: &str, route: &str) -> Result<&BTreeMap<String, Cell>, Error> {
        let cells = self.cuts.get(cut).and_then(|routes| routes.get(route));
        cells.ok_or_else(|| Error::Missing(format!("{}/{cut}/{route}", self.name)))
    }

    /// One cell.
    pub(crate) fn cell(&self, cut: &str, route: &str, category: &str) -> Result<&Cell, Error> {
        let missing = || Error::Missing(format!("{}/{cut}/{route}/{category}", self.name));
        self.cells(cut, route)?.get(category).ok_or_else(missing)
    }
}

/// How many waits there were in the year, and how long they were.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// Waits in the year; 62-day waits are shared, so halves occur.
    pub(crate) total: f64,
    /// How long they were.
    pub(crate) waits: Waits,
}

/// The distribution of a wait, in the bands that are published.
#[derive(Clone, Debug)]
pub(crate) struct Waits(Vec<Band>);

#[derive(Clone, Copy, Debug)]
struct Band {
    from: i32,
    /// `None` for the last band, which has no upper edge.
    to: Option<i32>,
    share: f64,
}

/// Waits of the open last band end at most this many days after its edge.
const LONGEST_TAIL_DAYS: i32 = 150;
/// Bands that end at a limit people work towards are fuller just below it.
const WORKED_TOWARDS: [i32; 3] = [14, 28, 62];
const RUSHED: f64 = 0.3;
const RUSH_DAYS: i32 = 3;

impl Waits {
    fn read(shares: &BTreeMap<String, f64>) -> Result<Self, Error> {
        let bands = shares.iter().map(|(name, &share)| {
            let (from, to) = band_edges(name).ok_or_else(|| Error::Band(name.clone()))?;
            Ok(Band { from, to, share })
        });
        let mut bands = bands.collect::<Result<Vec<_>, Error>>()?;
        bands.sort_by_key(|band| band.from);
        Ok(Self(bands))
    }

    /// The wait at a quantile: which band is fixed by the quantile, where inside it by chance.
    pub(crate) fn at(&self, quantile: f64, draw: &mut Draw) -> i32 {
        let mut left = quantile * self.0.iter().map(|band| band.share).sum::<f64>();
        let mut reached = None;
        for band in self.0.iter().filter(|band| band.share > 0.0) {
            reached = Some(band);
            if left < band.share {
                break;
            }
            left -= band.share;
        }
        reached.map_or(0, |band| band.draw(draw))
    }

    /// The share of waits of at most this many days, where that is the edge of a band.
    pub(crate) fn share_to(&self, days: i32) -> f64 {
        let within = |band: &&Band| band.to.is_some_and(|to| to <= days);
        self.0.iter().filter(within).map(|band| band.share).sum()
    }
}

impl Band {
    fn draw(self, draw: &mut Draw) -> i32 {
        let Some(to) = self.to else {
            return self.from + tail(draw);
        };
        if WORKED_TOWARDS.contains(&to) && draw.chance(RUSHED) {
            return draw.between(to - RUSH_DAYS, to).max(self.from);
        }
        draw.between(self.from, to)
    }
}

/// Days beyond the last edge: most are few, some are many. A power, not a logarithm, and of whole
/// numbers, so that every machine draws the same.
fn tail(draw: &mut Draw) -> i32 {
    let drawn = i64::from(draw.between(0, 999));
    let days = i64::from(LONGEST_TAIL_DAYS) * drawn * drawn * drawn / 1_000_000_000;
    i32::try_from(days).unwrap_or(0)
}

fn band_edges(name: &str) -> Option<(i32, Option<i32>)> {
    let (from, to) = name.strip_prefix('d')?.split_once('_')?;
    let to = match to {
        "plus" => None,
        edge => Some(edge.parse().ok()?),
    };
    Some((from.parse().ok()?, to))
}

#[cfg(test)]
mod tests {
    use super::{Calibration, Waits, band_edges};
    use crate::generate::draw::Draw;

    #[test]
    fn the_built_in_figures_parse() {
        let calibration = Calibration::published().expect("it parses");
        let all = calibration
            .told
            .cell("all_routes", "ALL ROUTES", "ALL")
            .expect("it is there");
        assert!((all.total - 3_247_716.0).abs() < 0.5);
        assert!((all.waits.share_to(28) - 0.7643).abs() < 1e-9);
    }

    #[test]
    fn a_quantile_fixes_the_band() {
        let shares = [("d0_14", 0.5), ("d15_28", 0.25), ("d63_plus", 0.25)];
        let shares = shares.map(|(name, share)| (name.to_owned(), share));
        let waits = Waits::read(&shares.into()).expect("known bands");
        let mut draw = Draw::stream(1, 0);
        for _ in 0..1_000 {
            assert!((0..=14).contains(&waits.at(0.49, &mut draw)));
            assert!((15..=28).contains(&waits.at(0.51, &mut draw)));
            assert!((63..213).contains(&waits.at(0.99, &mut draw)));
        }
    }

    #[test]
    fn band_names_say_their_edges() {
        assert_eq!(band_edges("d15_28"), Some((15, Some(28))));
        assert_eq!(band_edges("d105_plus"), Some((105, None)));
        assert_eq!(band_edges("15_28"), None);
    }
}
