//! Which treatments there are in a month, by everything at once. Published are only the margins: 62-day waits
//! by route and tumour and by route and modality, 31-day waits by stage and tumour and by stage and modality.
//! A first treatment on a 62-day route is in all four, so they are drawn from one table that has them all.

use super::counts::{Counts, apportion, fitted};
use super::targets::{
    BANDS, LONG_BANDS, MODALITIES, Margins, MonthTargets, TREATED, TUMOURS, row_sum,
};
use crate::generate::tumour::{Modality, Tumour};
use clockstop_pipeline::Standard;
use clockstop_pipeline::statistics::Activity;
use core::ops::Range;

/// A route and a band of the 62-day wait are a stratum; the last one is of those who have no 62-day wait.
pub(super) const STRATA: usize = TREATED.len() * LONG_BANDS + 1;
pub(super) const ELSEWHERE: usize = STRATA - 1;

/// First treatments by stratum, tumour, modality and band of the 31-day wait.
pub(super) type First = Counts<4>;
/// Later treatments by tumour, modality and band of the 31-day wait.
pub(super) type Subsequent = Counts<3>;

/// The first and last day of a band of a standard.
pub(super) fn edges(activity: Activity, band: usize) -> (i32, Option<i32>) {
    let bands = activity.bands();
    let before = band.checked_sub(1).and_then(|before| bands.get(before));
    let from = before.and_then(|before| before.to).map_or(0, |to| to + 1);
    (from, bands.get(band).and_then(|band| band.to))
}

/// Whether a 31-day wait of this band can lie within the 62-day wait of a stratum.
pub(super) fn fits(stratum: usize, band: usize) -> bool {
    let long = edges(
        Activity::Standard(Standard::SixtyTwoDay),
        stratum % LONG_BANDS,
    )
    .1;
    let (short, _) = edges(Activity::Standard(Standard::ThirtyOneDay), band);
    stratum == ELSEWHERE || long.is_none_or(|to| to >= short)
}

/// Whoever is treated for the first time in the month.
pub(super) fn first(targets: &MonthTargets) -> First {
    let mut joint = Counts::new([STRATA, TUMOURS, MODALITIES, BANDS]);
    let mut rest = Margins {
        tumours: Counts::new([TUMOURS, 1]),
        modalities: Counts::new([MODALITIES, 1]),
    };
    for row in 0..TUMOURS {
        rest.tumours
            .set([row, 0], row_sum(&targets.first.tumours, row));
    }
    for row in 0..MODALITIES {
        rest.modalities
            .set([row, 0], row_sum(&targets.first.modalities, row));
    }
    for (route, margins) in targets.routes.iter().enumerate() {
        for band in 0..LONG_BANDS {
            let pairs = pairs(margins, band);
            for ([tumour, modality], count) in pairs.places() {
                joint.set([route * LONG_BANDS + band, tumour, modality, 0], count);
                let left = rest.tumours.get([tumour, 0]).saturating_sub(count);
                rest.tumours.set([tumour, 0], left);
                let left = rest.modalities.get([modality, 0]).saturating_sub(count);
                rest.modalities.set([modality, 0], left);
            }
        }
    }
    for ([tumour, modality], count) in pairs(&rest, 0).places() {
        joint.set([ELSEWHERE, tumour, modality, 0], count);
    }
    for band in (1..BANDS).rev() {
        for tumour in 0..TUMOURS {
            let wanted = targets.first.tumours.get([tumour, band]);
            let left = delay(&mut joint, tumour, band, wanted, true);
            delay(&mut joint, tumour, band, left, false);
        }
    }
    for band in (1..BANDS).rev() {
        exchange(&mut joint, &targets.first.modalities, band);
    }
    joint
}

/// Whoever is treated again in the month.
pub(super) fn subsequent(targets: &MonthTargets) -> Subsequent {
    let mut joint = Counts::new([TUMOURS, MODALITIES, BANDS]);
    for band in 0..BANDS {
        for ([tumour, modality], count) in pairs(&targets.subsequent, band).places() {
            joint.set([tumour, modality, band], count);
        }
    }
    joint
}

/// Tumours and modalities of a band, joined. How is not published: evenly, but where nobody would cut.
fn pairs(margins: &Margins, band: usize) -> Counts<2> {
    let tumours: Vec<u32> = (0..TUMOURS)
        .map(|row| margins.tumours.get([row, band]))
        .collect();
    let modalities = (0..MODALITIES).map(|row| margins.modalities.get([row, band]));
    fitted(
        &tumours,
        &modalities.collect::<Vec<_>>(),
        |tumour, modality| {
            let suits = |tumour: &Tumour| {
                Modality::ALL
                    .get(modality)
                    .is_some_and(|modality| modality.suits(*tumour))
            };
            u32::from(Tumour::ALL.get(tumour).is_some_and(suits))
        },
    )
}

/// Makes so many of a tumour wait for a band of the 31-day standard; returns for how many there was no room.
fn delay(joint: &mut First, tumour: usize, band: usize, wanted: u32, fitting: bool) -> u32 {
    let places: Vec<_> = joint
        .places()
        .filter(|([stratum, of, _, at], _)| {
            (*of, *at) == (tumour, 0) && fits(*stratum, band) == fitting
        })
        .collect();
    let there: Vec<u32> = places.iter().map(|(_, count)| *count).collect();
    let taken = wanted.min(there.iter().sum());
    let shares = apportion(&there, taken, Some(&there));
    for (([stratum, tumour, modality, _], count), share) in places.into_iter().zip(shares) {
        joint.set([stratum, tumour, modality, 0], count - share);
        joint.add([stratum, tumour, modality, band], share);
    }
    wanted - taken
}

/// Tumours are as they should be; so that modalities are, patients exchange what changes none of the other
/// margins. Only with those of shorter bands, for the longer ones are done.
fn exchange(joint: &mut First, wanted: &Counts<2>, band: usize) {
    // Each exchange brings a modality nearer by one or, over a third modality, two of them by one.
    for _ in 0..=wanted.total() {
        let excess = |modality: usize| {
            let here = joint
                .places()
                .filter(|([_, _, of, at], _)| (*of, *at) == (modality, band));
            let here: u32 = here.map(|(_, count)| count).sum();
            i64::from(here) - i64::from(wanted.get([modality, band]))
        };
        let excess: Vec<i64> = (0..MODALITIES).map(excess).collect();
        let over = excess.iter().position(|&excess| excess > 0);
        let under = excess.iter().position(|&excess| excess < 0);
        let (Some(over), Some(under)) = (over, under) else {
            return;
        };
        let at = |place: usize| excess.get(place).map_or(0, |excess| excess.unsigned_abs());
        let most = u32::try_from(at(over).min(at(under))).unwrap_or(1);
        if swap(joint, band, (over, under), most) {
            continue;
        }
        let between = (0..MODALITIES).any(|third| {
            let mut tried = joint.clone();
            let found = swap(&mut tried, band, (over, third), 1)
                && swap(&mut tried, band, (third, under), 1);
            if found {
                *joint = tried;
            }
            found
        });
        let between = between || prepare(joint, band, (over, under));
        if !between {
            return;
        }
    }
}

/// One modality less in this band, and another more, by as many patients as asked for at most: those of one
/// stratum exchange modalities, or those with one tumour exchange waits, in the last resort without regard to
/// their 62-day waits (they were decided on before they were referred).
fn swap(joint: &mut First, band: usize, change: (usize, usize), most: u32) -> bool {
    let found = modalities(joint, band, change)
        .or_else(|| waits(joint, band, change, true))
        .or_else(|| waits(joint, band, change, false));
    let Some(moves) = found.filter(|_| change.0 != change.1) else {
        return false;
    };
    let count = moves
        .iter()
        .map(|(from, _)| joint.get(*from))
        .fold(most, u32::min);
    for (from, to) in moves {
        joint.set(from, joint.get(from) - count);
        joint.add(to, count);
    }
    true
}

/// Where nobody can exchange: one who waits less long, with a tumour that has to give, first gets the modality
/// from another of the same stratum; then those two of one tumour exchange waits.
fn prepare(joint: &mut First, band: usize, (give, get): (usize, usize)) -> bool {
    let shorter =
        || (0..band).flat_map(|band| (0..MODALITIES).map(move |modality| (modality, band)));
    let found = (0..TUMOURS).find_map(|tumour| {
        (0..STRATA).find(|&stratum| joint.get([stratum, tumour, give, band]) > 0)?;
        (0..STRATA).find_map(|stratum| {
            let mut own = shorter().map(|(modality, band)| [stratum, tumour, modality, band]);
            let own = own.find(|&at| joint.get(at) > 0)?;
            let mut others =
                (0..band).flat_map(|band| (0..TUMOURS).map(move |of| [stratum, of, get, band]));
            let other = others.find(|&at| at != own && joint.get(at) > 0)?;
            Some((own, other))
        })
    });
    let Some((own, other)) = found else {
        return false;
    };
    for (from, modality) in [(own, get), (other, own[2])] {
        joint.take(from);
        let [stratum, tumour, _, band] = from;
        joint.add([stratum, tumour, modality, band], 1);
    }
    swap(joint, band, (give, get), 1)
}

/// From where to where two patients move.
type Moves = [([usize; 4], [usize; 4]); 2];

fn modalities(joint: &First, band: usize, (give, get): (usize, usize)) -> Option<Moves> {
    (0..STRATA).find_map(|stratum| {
        let with = |modality: usize, bands: Range<usize>| {
            let mut places = bands
                .flat_map(|band| (0..TUMOURS).map(move |tumour| [stratum, tumour, modality, band]));
            places.find(|&at| joint.get(at) > 0)
        };
        let (giver, taker) = (with(give, band..band + 1)?, with(get, 0..band)?);
        let to =
            |[stratum, tumour, _, band]: [usize; 4], modality| [stratum, tumour, modality, band];
        Some([(giver, to(giver, get)), (taker, to(taker, give))])
    })
}

fn waits(joint: &First, band: usize, (give, get): (usize, usize), fitting: bool) -> Option<Moves> {
    (0..TUMOURS).find_map(|tumour| {
        let with = |modality: usize, bands: Range<usize>, to: &dyn Fn(usize) -> bool| {
            let mut places = bands
                .flat_map(|band| (0..STRATA).map(move |stratum| [stratum, tumour, modality, band]));
            places.find(|&at| joint.get(at) > 0 && to(at[0]))
        };
        let taker = with(get, 0..band, &|stratum| !fitting || fits(stratum, band))?;
        let shorter = taker[3];
        let giver = with(give, band..band + 1, &|stratum| {
            !fitting || fits(stratum, shorter)
        })?;
        let to =
            |[stratum, tumour, modality, _]: [usize; 4], band| [stratum, tumour, modality, band];
        Some([(giver, to(giver, shorter)), (taker, to(taker, band))])
    })
}
