//! Which reports does a clock rest on?

use crate::alert::Cause;
use crate::assessment::{Clock, Standard};
use crate::text::{Text, Texts};
use crate::view::{Known, Treatment, View};

/// The reports behind a clock, in order of source and version, each once.
pub(crate) fn causes(view: &View, clock: &Clock, texts: &Texts) -> Vec<Cause> {
    let mut causes = Causes {
        texts,
        list: Vec::new(),
    };
    causes.add(view.referral.as_ref());
    causes.add(view.first_seen.as_ref());
    causes.add(view.upgrade.as_ref());
    causes.add(view.closure.as_ref());
    let concerns = |treatment: &&Treatment| match clock.standard {
        Standard::Fds => treatment.decision.is_some(),
        Standard::SixtyTwoDay => Some(treatment.primary_id()) == clock.primary_id,
        Standard::ThirtyOneDay => Some(treatment.id) == clock.treatment_id,
    };
    if clock.standard != Standard::ThirtyOneDay {
        causes.add(view.outcome.as_ref());
    }
    for treatment in view.treatments.iter().filter(concerns) {
        causes.add(treatment.decision.as_ref());
        causes.add(treatment.start.as_ref());
        causes.add(treatment.adjustment.as_ref());
        if clock.standard == Standard::ThirtyOneDay {
            causes.add(view.diagnosis(treatment.primary_id()));
        }
    }
    if let Some(primary) = clock.primary_id {
        causes.add(view.diagnosis(primary));
    }
    causes.list.sort();
    causes.list.dedup();
    causes.list
}

struct Causes<'a> {
    texts: &'a Texts,
    list: Vec<Cause>,
}

impl Causes<'_> {
    fn add<T>(&mut self, known: Option<&Known<T>>) {
        if let Some(known) = known {
            self.list.push(Cause {
                source: self.spell(known.source),
                version: known.version,
            });
        }
    }

    fn spell(&self, text: Text) -> String {
        self.texts.read(text).as_str().to_owned()
    }
}
