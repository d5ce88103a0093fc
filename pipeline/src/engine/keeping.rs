//! Sweeping an engine into a checkpoint, and restoring one from it.

use super::{Engine, Slot, issuer_of};
use crate::alert::AlertKey;
use crate::kept::{Kept, pack_said, unpack_said};
use crate::pathway::Pathway;
use crate::reference::Reference;
use crate::register::Registers;
use crate::said::Said;
use crate::sound::registers_are_sound;
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
        slots.filter_map(|(key, slot)| kept(key, &slot.pathway, &slot.said))
    }
}

/// A pathway as it is kept; nothing where neither a fact nor an alert is known.
pub(super) fn kept<'a>(key: &'a str, pathway: &'a Pathway, said: &[Said]) -> Option<Kept<'a>> {
    (pathway.is_known() || !said.is_empty()).then(|| Kept {
        pathway: key,
        erased: pathway.is_erased(),
        facts: pathway.registers().as_bytes(),
        said: Cow::Owned(pack_said(said)),
    })
}

/// An engine that is being restored from what was swept. Nothing is judged before its first
/// [`Engine::reconcile`], which judges everything.
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

    /// Takes a pathway in. `false`, and nothing taken, where its bytes are not whole, name a text that
    /// was not kept, or the pathway was put before.
    #[must_use]
    pub fn put(&mut self, kept: &Kept<'_>) -> bool {
        let engine = &mut self.0;
        let issuer = issuer_of(kept.pathway);
        let is_sound = (issuer.is_empty() || engine.texts.find(issuer).is_some())
            && (!kept.erased || kept.facts.is_empty())
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
        place.insert(Slot {
            pathway,
            said: said.into_boxed_slice(),
            ..Slot::default()
        });
        true
    }

    /// The engine with all that was put.
    #[must_use]
    pub fn finish(self) -> Engine {
        self.0
    }
}
