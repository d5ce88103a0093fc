//! The organisations that report: who refers, who treats, and which system speaks for them.

use super::draw::{Draw, Weighted};
use super::figures::Figures;
use clockstop_pipeline::statistics::{Activity, Tables};
use clockstop_pipeline::{Standard, Text, Texts};
use std::collections::{BTreeMap, BTreeSet};

const SITES: usize = 2;
const SYSTEMS: [&str; 5] = ["epic", "cerner", "careflow", "meditech", "somerset"];
/// An organisation whose code is longer reports under it, as published; others by their sites.
const TRUST_CODE: usize = 3;

/// One published provider.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    /// As published, mostly three characters.
    pub(crate) code: Text,
    /// Who says what it reports.
    pub(crate) source: Text,
    /// The integrated care board of its patients; 35 published providers have none.
    pub(crate) icb: Option<Text>,
    sites: [Text; SITES],
    alliance: Option<String>,
}

/// All providers of the year, sorted by code, as often as they are met.
pub(crate) struct Providers {
    all: Vec<Provider>,
    codes: Vec<String>,
    by_told: Option<Weighted<usize>>,
    by_treated: BTreeMap<String, Weighted<usize>>,
    /// Stands where no other is known.
    nobody: Provider,
}

impl Provider {
    /// One of its sites.
    pub(crate) fn site(&self, draw: &mut Draw) -> Text {
        let [main, other] = self.sites;
        draw.usually(main, &[(other, 0.3)])
    }
}

impl Providers {
    /// The providers of the published year; board and alliance are those of the organisations table.
    pub(crate) fn of(figures: &Figures, texts: &mut Texts) -> Self {
        let tables = Tables::default();
        let (told, treated) = (
            volumes(figures, Standard::Fds),
            volumes(figures, Standard::ThirtyOneDay),
        );
        let codes: BTreeSet<&String> = told.keys().chain(treated.keys()).collect();
        let codes: Vec<String> = codes.into_iter().cloned().collect();
        let all = codes.iter().enumerate();
        let all: Vec<_> = all
            .map(|(index, code)| provider(code, index, &tables, texts))
            .collect();
        let volume = |of: &BTreeMap<String, f64>, index: usize| {
            codes
                .get(index)
                .and_then(|code| of.get(code))
                .copied()
                .unwrap_or(0.0)
        };
        let mut alliances: BTreeMap<String, Vec<(usize, f64)>> = BTreeMap::new();
        for (index, provider) in all.iter().enumerate() {
            if let Some(alliance) = &provider.alliance {
                let members = alliances.entry(alliance.clone()).or_default();
                members.push((index, volume(&treated, index)));
            }
        }
        let by_treated = alliances.into_iter();
        Self {
            by_told: Weighted::new((0..all.len()).map(|index| (index, volume(&told, index)))),
            by_treated: by_treated
                .filter_map(|(alliance, members)| Some((alliance, Weighted::new(members)?)))
                .collect(),
            nobody: provider("", 0, &tables, texts),
            all,
            codes,
        }
    }

    /// Their codes as published, sorted.
    pub(crate) fn codes(&self) -> &[String] {
        &self.codes
    }

    /// The provider at a place of [`Self::codes`].
    pub(crate) fn at(&self, index: usize) -> &Provider {
        self.all.get(index).unwrap_or(&self.nobody)
    }

    /// Whether two of them are in one alliance.
    pub(crate) fn are_near(&self, one: usize, other: usize) -> bool {
        let alliance = &self.at(one).alliance;
        one == other || (alliance.is_some() && *alliance == self.at(other).alliance)
    }

    /// A provider that investigates.
    pub(crate) fn investigating(&self, draw: &mut Draw) -> usize {
        self.by_told.as_ref().map_or(0, |all| *all.pick(draw))
    }

    /// A provider of the same alliance that treats; it may be the same one.
    pub(crate) fn treating(&self, near: usize, draw: &mut Draw) -> usize {
        let alliance = self.at(near).alliance.as_ref();
        let members = alliance.and_then(|alliance| self.by_treated.get(alliance));
        members.map_or(near, |members| *members.pick(draw))
    }
}

/// Patients of the year by provider.
fn volumes(figures: &Figures, standard: Standard) -> BTreeMap<String, f64> {
    let mut volumes = BTreeMap::new();
    for cell in &figures.providers {
        if cell.key.activity == Activity::Standard(standard) {
            let halves = i32::try_from(cell.counts.total.halves()).unwrap_or(i32::MAX);
            *volumes
                .entry(cell.key.organisation.to_string())
                .or_default() += f64::from(halves);
        }
    }
    volumes
}

fn provider(code: &str, index: usize, tables: &Tables, texts: &mut Texts) -> Provider {
    let mut keep = |text: &str| texts.keep(text).unwrap_or(Text::code("?"));
    let listed = tables.organisations.get(code);
    let system = SYSTEMS
        .get(index % SYSTEMS.len())
        .copied()
        .unwrap_or_default();
    let sites = ["01", "02"].map(|site| {
        let of_trust = code.len() <= TRUST_CODE;
        keep(&if of_trust {
            format!("{code}{site}")
        } else {
            code.to_owned()
        })
    });
    Provider {
        code: keep(code),
        source: keep(&format!("{code}/{system}")),
        icb: listed.and_then(|of| of.icb.as_deref()).map(&mut keep),
        sites,
        alliance: listed
            .and_then(|of| of.alliance.as_deref())
            .map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::Providers;
    use crate::generate::draw::Draw;
    use crate::generate::figures::Figures;
    use clockstop_pipeline::Texts;
    use clockstop_pipeline::statistics::Tables;

    #[test]
    fn patients_are_treated_within_their_alliance() {
        let mut texts = Texts::default();
        let figures = Figures::published().expect("it parses");
        let providers = Providers::of(&figures, &mut texts);
        let mut draw = Draw::stream(1, 0);
        for _ in 0..1_000 {
            let from = providers.investigating(&mut draw);
            let to = providers.treating(from, &mut draw);
            assert!(providers.are_near(from, to));
        }
    }

    #[test]
    fn a_site_is_published_as_its_provider() {
        let mut texts = Texts::default();
        let figures = Figures::published().expect("it parses");
        let providers = Providers::of(&figures, &mut texts);
        let tables = Tables::default();
        let mut draw = Draw::stream(1, 0);
        for (index, code) in providers.codes().iter().enumerate() {
            let site = providers.at(index).site(&mut draw);
            assert_eq!(tables.provider(texts.read(site).as_str()), code);
        }
    }
}
