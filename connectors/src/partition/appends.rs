//! When each source last reported each kind of event, for the table `feeds`.

use clockstop_pipeline::{EventType, Text, Texts};
use clockstop_schemas::checkpoint::LastAppend;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// The greatest append time by source and kind, in milliseconds since 1970.
#[derive(Clone, Debug, Default)]
pub(crate) struct Appends(HashMap<(Text, EventType), i64, FixedState>);

impl Appends {
    pub(crate) fn note(&mut self, source: Text, event_type: EventType, appended_at: i64) {
        let last = self.0.entry((source, event_type)).or_insert(appended_at);
        *last = appended_at.max(*last);
    }

    /// In the order of source and kind; the texts are those of its engine.
    pub(crate) fn spelled(&self, texts: &Texts) -> Vec<LastAppend> {
        let spelled = self
            .0
            .iter()
            .map(|(&(source, kind), &appended_at)| LastAppend {
                source: texts.read(source).as_str().to_owned(),
                event_type: kind.name().to_owned(),
                appended_at,
            });
        let mut spelled: Vec<_> = spelled.collect();
        spelled
            .sort_unstable_by(|a, b| (&a.source, &a.event_type).cmp(&(&b.source, &b.event_type)));
        spelled
    }

    /// Takes in what was [spelled](Self::spelled); a kind that this software does not know is passed over.
    pub(crate) fn recall(&mut self, spelled: &[LastAppend], texts: &mut Texts) {
        for last in spelled {
            let source = texts.keep(&last.source);
            if let Some((source, kind)) = source.zip(EventType::from_name(&last.event_type)) {
                self.note(source, kind, last.appended_at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Appends;
    use clockstop_pipeline::{EventType, Texts};

    #[test]
    fn the_latest_of_each_stream_comes_back_in_another_engine() {
        let (mut texts, mut others) = (Texts::default(), Texts::default());
        others.keep("something that came first");
        let mut appends = Appends::default();
        let source = |name: &str, texts: &mut Texts| texts.keep(name).expect("a text");
        for (name, kind, at) in [
            ("RXX/epic", EventType::ReferralReceived, 5),
            ("RXX/epic", EventType::ReferralReceived, 3),
            ("RAB/careflow", EventType::ReferralReceived, 4),
            ("RXX/epic", EventType::TreatmentStarted, 1),
        ] {
            appends.note(source(name, &mut texts), kind, at);
        }
        let spelled = appends.spelled(&texts);
        let told: Vec<_> = spelled
            .iter()
            .map(|last| (&*last.source, &*last.event_type, last.appended_at))
            .collect();
        assert_eq!(
            told,
            [
                ("RAB/careflow", "referral_received", 4),
                ("RXX/epic", "referral_received", 5),
                ("RXX/epic", "treatment_started", 1),
            ]
        );
        let mut again = Appends::default();
        again.recall(&spelled, &mut others);
        assert_eq!(again.spelled(&others), spelled);
    }
}
