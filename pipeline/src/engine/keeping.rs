//! Sweeping an engine into a checkpoint, and restoring one from it.

use super::{Engine, Slot, issuer_of, touch};
use crate::alert::{AlertKey, Because};
use crate::day::Day;
use crate::kept::{Kept, pack_said, unpack_said};
use crate::pathway::Pathway;
use crate::reference::Reference;
use crate::register::Registers;
use crate::said::Said;
use crate::settled::Settled;
use crate::sound::{is_calendar, registers_are_sound};
use crate::text::Texts;
use alloc::borrow::Cow;

impl Engine {
    /// How many places there are to sweep. A place never moves and none is removed, so a sweep by place
    /// may stop and go on while the engine learns.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// The pathways at `count` places from `from` on, those included of which only alerts are known.
    ///
    /// Their texts are those of [`Texts::kept`], which only grow: the texts taken after the last slice
    /// serve every slice.
    pub fn sweep(&self, from: usize, count: usize) -> impl Iterator<Item = Kept<'_>> {
        let end = from.saturating_add(count).min(self.slots.len());
        let slots = self.slots.get_range(from.min(end)..end);
        let slots = slots.into_iter().flat_map(indexmap::map::Slice::iter);
        slots.filter_map(|(key, slot)| kept(key, &slot.pathway, &slot.said, self.settled(slot)))
    }

    /// How a pathway stands where nothing is left to say of it.
    fn settled(&self, slot: &Slot) -> Option<Settled> {
        let is_settled = self.today.is_some() && slot.touched.is_none() && !slot.parked;
        is_settled.then_some(Settled {
            is_open: slot.open,
            next: slot.next,
        })
    }
}

/// A pathway as it is kept; nothing where neither a fact nor an alert is known.
pub(super) fn kept<'a>(
    key: &'a str,
    pathway: &'a Pathway,
    said: &[Said],
    settled: Option<Settled>,
) -> Option<Kept<'a>> {
    (pathway.is_known() || !said.is_empty()).then(|| Kept {
        pathway: key,
        erased: pathway.is_erased(),
        facts: pathway.registers().as_bytes(),
        said: Cow::Owned(pack_said(said)),
        settled,
    })
}

/// An engine that is being restored from what was swept. Nothing is judged before its first
/// [`Engine::reconcile`], which judges everything, or what was not [settled](Self::settled_on).
#[derive(Debug)]
pub struct Restoring(Engine);

impl Restoring {
    /// Begins with the texts that were kept; makes room for `pathways`.
    #[must_use]
    pub fn new(
        key: AlertKey,
        reference: Reference,
        software: &str,
        texts: Texts,
        pathways: usize,
    ) -> Self {
        let mut engine = Engine::new(key, reference, software);
        engine.texts = texts;
        engine.slots.reserve(pathways);
        Self(engine)
    }

    /// Lets what was settled hold. `decided` is a day that had been decided on before the sweep began, by what judges
    /// here too ([`judged_by`](crate::judged_by)); to be said before anything is put.
    #[must_use]
    pub const fn settled_on(mut self, decided: Day) -> Self {
        self.0.today = Some(decided);
        self
    }

    /// Takes a pathway in. `false`, and nothing taken, where its bytes are not whole, name a text that
    /// was not kept, or the pathway was put before.
    #[must_use]
    pub fn put(&mut self, kept: &Kept<'_>) -> bool {
        let engine = &mut self.0;
        let issuer = issuer_of(kept.pathway);
        let is_sound = (issuer.is_empty() || engine.texts.find(issuer).is_some())
            && (!kept.erased || kept.facts.is_empty())
            && next_day(kept).is_none_or(is_calendar)
            && registers_are_sound(kept.facts, &engine.texts);
        let Some(said) = unpack_said(&kept.said, &engine.texts).filter(|_| is_sound) else {
            return false;
        };
        let indexmap::map::Entry::Vacant(place) = engine.slots.entry(kept.pathway.into()) else {
            return false;
        };
        let pathway = Pathway::restored(Registers::restored(kept.facts), kept.erased);
        engine.known += usize::from(pathway.is_known());
        for said in &said {
            engine.standing.add(said);
        }
        let mut slot = Slot {
            pathway,
            said: said.into_boxed_slice(),
            ..Slot::default()
        };
        // Without a day everything will be judged.
        if engine.today.is_some() {
            if let Some(settled) = kept.settled {
                slot.next = settled.next;
                slot.open = settled.is_open;
                engine.open += usize::from(settled.is_open);
            } else {
                touch(&mut engine.touched, place.index(), &mut slot, Because::Date);
            }
        }
        place.insert(slot);
        true
    }

    /// The engine with all that was put.
    #[must_use]
    pub fn finish(self) -> Engine {
        self.0
    }
}

fn next_day(kept: &Kept<'_>) -> Option<Day> {
    kept.settled.and_then(|settled| settled.next)
}
