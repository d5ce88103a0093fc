//! What holds in every published cell (`cwt-rules.md` 4.2, statistics 3): a function over cells that returns
//! each place where it does not.

#[cfg(test)]
pub(super) mod tests;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use super::cell::{CategoryName, Cell, CellCounts, CellKey, Figure, by_figure};
use super::cuts::{Activity, Basis, RouteOrStage, TreatmentStage};
use super::halves::Halves;
use crate::assessment::Standard;

/// Which identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// 1: total is within and after.
    WithinAndAfter,
    /// 2: the bands sum to the total.
    Bands,
    /// 3: the providers sum to England.
    Providers,
    /// 4: England is the same on both bases.
    England,
    /// 5 and 6: FDS, 31-day and first-seen figures are whole patients. That others are halves needs no
    /// test, since a [`Halves`] holds nothing else: a reader refuses what is not one.
    Whole,
    /// 7: within is the sum of the bands up to the limit.
    BandsWithin,
    /// 8: stages, routes, types, tumours and modalities sum to all of them.
    Parts,
    /// A commissioner's 62-day total of a tumour is at most its 31-day first treatments.
    FirstTreatments,
}

/// Where an identity does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Which identity.
    pub identity: Identity,
    /// The cell; of sums, the one that should be the sum.
    pub key: CellKey,
    /// Which figure of it.
    pub figure: Figure,
    /// What it is.
    pub found: Halves,
    /// What the identity asks for; of [`Identity::FirstTreatments`] the most.
    pub expected: Halves,
}

type Index<'a> = IndexMap<&'a CellKey, &'a CellCounts, FixedState>;

/// What is summed over.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Over {
    Organisations,
    Parts,
    Types,
    PartsAndTypes,
    Modalities,
}

/// Every exception: those of single cells in the order given, then those of sums, then those between cells.
///
/// Where the documents are silent: a sum is compared where both sides exist, but England without a provider, and
/// providers without England, are exceptions too. Commissioners are not summed to England, since the national file
/// leaves `UNKNOWN` out (statistics 7). Of a key given twice the last cell counts.
#[must_use]
pub fn exceptions(cells: &[Cell]) -> Vec<Exception> {
    let mut index = Index::with_hasher(FixedState::default());
    index.extend(cells.iter().map(|cell| (&cell.key, &cell.counts)));
    let mut found = Vec::new();
    for (key, counts) in &index {
        alone(key, counts, &mut found);
    }
    sums(&index, &mut found);
    for (key, counts) in &index {
        bases(&index, key, counts, &mut found);
        first_treatments(&index, key, counts, &mut found);
    }
    found
}

/// Identities 1, 2, 5, 6 and 7.
fn alone(key: &CellKey, counts: &CellCounts, exceptions: &mut Vec<Exception>) {
    let mut expect = |identity, figure, found, expected| {
        note(identity, key, (figure, found, expected), exceptions);
    };
    let total = counts.total;
    if let (Some(within), Some(after)) = (counts.within, counts.after) {
        expect(
            Identity::WithinAndAfter,
            Figure::Total,
            total,
            within + after,
        );
    }
    expect(
        Identity::Bands,
        Figure::Total,
        total,
        counts.bands.iter().copied().sum(),
    );
    if let (Some(within), Some(bands)) = (counts.within, key.activity.bands_within()) {
        let up_to_limit = counts.bands.iter().take(bands).copied().sum();
        expect(Identity::BandsWithin, Figure::Within, within, up_to_limit);
    }
    if key.activity != Activity::Standard(Standard::SixtyTwoDay) {
        for (figure, count) in counts.figures() {
            let whole = Halves::whole(count.halves().div_euclid(2));
            expect(Identity::Whole, figure, count, whole);
        }
    }
}

/// Identities 3 and 8.
fn sums(index: &Index<'_>, exceptions: &mut Vec<Exception>) {
    let mut sums: IndexMap<(Over, CellKey), CellCounts, FixedState> = IndexMap::default();
    for (key, counts) in index {
        for sum in parts_of(key) {
            sums.entry(sum).or_default().add(counts);
        }
    }
    for ((over, key), parts) in &sums {
        match (index.get(key), over) {
            (Some(whole), Over::Organisations) => {
                differing(Identity::Providers, key, whole, parts, exceptions);
            }
            (None, Over::Organisations) => {
                differing(
                    Identity::Providers,
                    key,
                    &CellCounts::default(),
                    parts,
                    exceptions,
                );
            }
            (Some(whole), _) => differing(Identity::Parts, key, whole, parts, exceptions),
            (None, _) => {}
        }
    }
    for (key, counts) in index {
        let national = key.basis == Basis::Provider && key.is_england();
        if national && !sums.contains_key(&(Over::Organisations, (*key).clone())) {
            differing(
                Identity::Providers,
                key,
                counts,
                &CellCounts::default(),
                exceptions,
            );
        }
    }
}

/// The cells a cell is a part of.
pub(super) fn parts_of(key: &CellKey) -> impl Iterator<Item = (Over, CellKey)> {
    let listed = !key.is_england();
    let part = key.part != RouteOrStage::All;
    let cancer_type = !key.cancer_type.is_all();
    let of = |over, change: fn(&mut CellKey)| {
        let mut whole = key.clone();
        change(&mut whole);
        (over, whole)
    };
    let wholes = [
        (listed && key.basis == Basis::Provider).then(|| (Over::Organisations, key.of_england())),
        part.then(|| of(Over::Parts, |key| key.part = RouteOrStage::All)),
        cancer_type.then(|| of(Over::Types, |key| key.cancer_type = CategoryName::All)),
        // The tidy FDS file has types within routes, and no total of either.
        (part && cancer_type && key.activity == Activity::Standard(Standard::Fds)).then(|| {
            of(Over::PartsAndTypes, |key| {
                key.part = RouteOrStage::All;
                key.cancer_type = CategoryName::All;
            })
        }),
        (!key.modality.is_all())
            .then(|| of(Over::Modalities, |key| key.modality = CategoryName::All)),
    ];
    wholes.into_iter().flatten()
}

/// Identity 4.
fn bases(index: &Index<'_>, key: &CellKey, counts: &CellCounts, exceptions: &mut Vec<Exception>) {
    if key.basis != Basis::Commissioner || !key.is_england() {
        return;
    }
    let mut of_providers = key.clone();
    of_providers.basis = Basis::Provider;
    if let Some(expected) = index.get(&of_providers) {
        differing(Identity::England, key, counts, expected, exceptions);
    }
}

/// No patient is first treated within the 62-day standard without a 31-day first treatment; none at all is zero.
fn first_treatments(
    index: &Index<'_>,
    key: &CellKey,
    counts: &CellCounts,
    exceptions: &mut Vec<Exception>,
) {
    let of_commissioner = key.basis == Basis::Commissioner && key.part == RouteOrStage::All;
    if !of_commissioner
        || key.activity != Activity::Standard(Standard::SixtyTwoDay)
        || !key.modality.is_all()
    {
        return;
    }
    let mut first = key.clone();
    first.activity = Activity::Standard(Standard::ThirtyOneDay);
    first.part = RouteOrStage::Stage(TreatmentStage::First);
    let first = index.get(&first).map_or(Halves::ZERO, |first| first.total);
    if counts.total > first {
        exceptions.push(Exception {
            identity: Identity::FirstTreatments,
            key: key.clone(),
            figure: Figure::Total,
            found: counts.total,
            expected: first,
        });
    }
}

/// Every figure of `whole` that is not that of `expected`; one that only `expected` has is found as zero.
fn differing(
    identity: Identity,
    key: &CellKey,
    whole: &CellCounts,
    expected: &CellCounts,
    exceptions: &mut Vec<Exception>,
) {
    for figure in by_figure(Some(whole), Some(expected)) {
        note(identity, key, figure, exceptions);
    }
}

fn note(
    identity: Identity,
    key: &CellKey,
    (figure, found, expected): (Figure, Halves, Halves),
    exceptions: &mut Vec<Exception>,
) {
    if found != expected {
        exceptions.push(Exception {
            identity,
            key: key.clone(),
            figure,
            found,
            expected,
        });
    }
}
