//! The trusts that report: who refers, who treats, and which system speaks for them.

use super::draw::{Draw, Weighted};
use clockstop_pipeline::{Text, Texts};
use std::collections::BTreeMap;

/// Code, integrated care board and cancer alliance of the trusts whose place is known, with the
/// patients they told and treated in 2024/25 (NHS England, Cancer Waiting Times, OGL v3).
const TRUSTS: &str = include_str!("providers.csv");
const SITES: usize = 2;
const SYSTEMS: [&str; 5] = ["epic", "cerner", "careflow", "meditech", "somerset"];

/// The built-in list of trusts cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the built-in list of providers does not parse at line {line}")]
pub struct Error {
    /// Counted from 1.
    line: usize,
}

/// One trust.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    /// Three characters.
    pub(crate) code: Text,
    /// Who says what it reports.
    pub(crate) source: Text,
    /// The integrated care board of its patients.
    pub(crate) icb: Text,
    sites: [Text; SITES],
    alliance: String,
    told: f64,
    treated: f64,
}

/// All trusts, as often as they are met.
pub(crate) struct Providers {
    by_told: Weighted<Provider>,
    by_treated: BTreeMap<String, Weighted<Provider>>,
}

impl Provider {
    /// One of its sites.
    pub(crate) fn site(&self, draw: &mut Draw) -> Text {
        let [main, other] = self.sites;
        draw.usually(main, &[(other, 0.3)])
    }
}

impl Providers {
    /// The trusts built into the program.
    pub(crate) fn built_in(texts: &mut Texts) -> Result<Self, Error> {
        let mut all = Vec::new();
        for (index, row) in TRUSTS.lines().enumerate().skip(1) {
            let line = index + 1;
            all.push(read_row(row, index, texts).ok_or(Error { line })?);
        }
        let mut alliances: BTreeMap<String, Vec<Provider>> = BTreeMap::new();
        for provider in &all {
            let members = alliances.entry(provider.alliance.clone()).or_default();
            members.push(provider.clone());
        }
        let by_treated = alliances.into_iter().filter_map(|(alliance, members)| {
            let weighted = members
                .into_iter()
                .map(|p| (p.treated, p))
                .map(|(w, p)| (p, w));
            Some((alliance, Weighted::new(weighted)?))
        });
        Ok(Self {
            by_treated: by_treated.collect(),
            by_told: Weighted::new(all.into_iter().map(|p| (p.told, p)).map(|(w, p)| (p, w)))
                .ok_or(Error { line: 1 })?,
        })
    }

    /// A trust that investigates.
    pub(crate) fn investigating(&self, draw: &mut Draw) -> &Provider {
        self.by_told.pick(draw)
    }

    /// A trust of the same alliance that treats; it may be the same one.
    pub(crate) fn treating<'a>(&'a self, near: &'a Provider, draw: &mut Draw) -> &'a Provider {
        let alliance = self.by_treated.get(&near.alliance);
        alliance.map_or(near, |members| members.pick(draw))
    }
}

fn read_row(row: &str, index: usize, texts: &mut Texts) -> Option<Provider> {
    let mut fields = row.split(',');
    let code = fields.next()?;
    let icb = texts.keep(fields.next()?)?;
    let alliance = fields.next()?.to_owned();
    let told = fields.next()?.parse().ok()?;
    let treated = fields.next()?.parse().ok()?;
    let system = SYSTEMS.get(index % SYSTEMS.len())?;
    Some(Provider {
        code: texts.keep(code)?,
        source: texts.keep(&format!("{code}/{system}"))?,
        icb,
        sites: [
            texts.keep(&format!("{code}01"))?,
            texts.keep(&format!("{code}02"))?,
        ],
        alliance,
        told,
        treated,
    })
}

#[cfg(test)]
mod tests {
    use super::Providers;
    use crate::generate::draw::Draw;
    use clockstop_pipeline::Texts;

    #[test]
    fn patients_are_treated_within_their_alliance() {
        let mut texts = Texts::default();
        let providers = Providers::built_in(&mut texts).expect("it parses");
        let mut draw = Draw::stream(1, 0);
        for _ in 0..1_000 {
            let from = providers.investigating(&mut draw);
            let to = providers.treating(from, &mut draw);
            assert_eq!(from.alliance, to.alliance);
        }
    }
}
