//! Which reports does a clock rest on?

use crate::alert::Cause;
use crate::assessment::{Clock, Standard};
use crate::fact::EventType;
use crate::text::{Text, Texts};
use crate::view::{Known, Treatment, View};

/// The reports behind a clock with what they report, in order of source and version, each once.
pub(crate) fn causes(view: &View, clock: &Clock, texts: &Texts) -> Vec<(Cause, EventType)> {
    let mut causes = Causes {
        texts,
        list: Vec::new(),
    };
    causes.add(view.referral.as_ref(), EventType::ReferralReceived);
    causes.add(view.first_seen.as_ref(), EventType::FirstSeen);
    causes.add(view.upgrade.as_ref(), EventType::ConsultantUpgrade);
    causes.add(view.closure.as_ref(), EventType::PathwayClosed);
    let concerns = |treatment: &&Treatment| match clock.standard {
        Standard::Fds => treatment.decision.is_some(),
        Standard::SixtyTwoDay => Some(treatment.primary_id()) == clock.primary_id,
        Standard::ThirtyOneDay => Some(treatment.id) == clock.treatment_id,
    };
    if clock.standard != Standard::ThirtyOneDay {
        causes.add(view.outcome.as_ref(), EventType::OutcomeCommunicated);
    }
    for treatment in view.treatments.iter().filter(concerns) {
        causes.add(treatment.decision.as_ref(), EventType::DecisionToTreat);
        causes.add(treatment.start.as_ref(), EventType::TreatmentStarted);
        causes.add(
            treatment.adjustment.as_ref(),
            EventType::TreatmentAdjustment,
        );
        if clock.standard == Standard::ThirtyOneDay {
            causes.add(
                view.diagnosis(treatment.primary_id()),
                EventType::DiagnosisRecorded,
            );
        }
    }
    if let Some(primary) = clock.primary_id {
        causes.add(view.diagnosis(primary), EventType::DiagnosisRecorded);
    }
    causes.list.sort();
    causes.list.dedup();
    causes.list
}

struct Causes<'a> {
    texts: &'a Texts,
    list: Vec<(Cause, EventType)>,
}

impl Causes<'_> {
    fn add<T>(&mut self, known: Option<&Known<T>>, event_type: EventType) {
        if let Some(known) = known {
            let cause = Cause {
                source: self.spell(known.source),
                version: known.version,
            };
            self.list.push((cause, event_type));
        }
    }

    fn spell(&self, text: Text) -> String {
        self.texts.read(text).as_str().to_owned()
    }
}
