//! Puts into words what is due on one pathway.

use crate::alert::{Alert, AlertKey, Because, Notice, Transition};
use crate::assessment::{Clock, Standard, State};
use crate::engine::History;
use crate::rules::{Case, Clocks, causes};
use crate::said::{Due, Said, clock_id};
use crate::text::Text;

/// What every notice about one pathway needs.
pub(crate) struct Speaker<'a> {
    pub(crate) key: &'a AlertKey,
    pub(crate) software: &'a str,
    pub(crate) pathway: &'a str,
    pub(crate) case: &'a Case<'a>,
    pub(crate) history: History,
    pub(crate) because: Because,
}

impl Speaker<'_> {
    /// Adds what is to be said of every clock, and of clocks that are not listed any more.
    pub(crate) fn speak(&self, clocks: &Clocks, said: &[Said], notices: &mut Vec<Notice>) {
        for clock in clocks {
            let last = said
                .iter()
                .find(|said| said.is_of(clock.standard, clock.item()));
            self.say(clock.standard, clock.item(), Some(clock), last, notices);
        }
        // Clocks that are not listed any more, because the route or a treatment is gone.
        for said in said {
            let listed = |clock: &Clock| said.is_of(clock.standard, clock.item());
            if !clocks.iter().any(listed) {
                self.say(said.standard, said.item, None, Some(said), notices);
            }
        }
    }

    fn say(
        &self,
        standard: Standard,
        item: Option<Text>,
        clock: Option<&Clock>,
        last: Option<&Said>,
        notices: &mut Vec<Notice>,
    ) {
        let due = Due::of(clock);
        let Some(transition) = due.after(last) else {
            return;
        };
        if transition == Transition::Withdrawn && self.history == History::Short {
            return;
        }
        let texts = self.case.texts;
        let spell = |text: Text| texts.read(text).as_str().to_owned();
        let item_of = |of: Standard| item.filter(|_| standard == of).map(spell);
        let days = clock.and_then(|clock| match clock.state {
            State::Running(running) => Some(running.wait.days()),
            State::Stopped(stopped) => Some(stopped.wait.days()),
            State::NotStarted | State::Ended(_) => None,
        });
        let referral = self.case.view.referral;
        notices.push(Notice::Alert(Box::new(Alert {
            alert_id: clock_id(self.key, self.pathway, standard, item, texts),
            pathway: self.pathway.to_owned(),
            standard,
            primary_id: item_of(Standard::SixtyTwoDay),
            treatment_id: item_of(Standard::ThirtyOneDay),
            transition,
            revision: last.map_or(1, |said| said.revision + 1),
            content: due.content().spell(texts),
            days,
            route: self.case.route,
            suspected_type: referral
                .and_then(|known| {
                    known
                        .fact
                        .two_week_wait_cancer_or_symptomatic_breast_referral_type
                })
                .map(spell),
            rules: clock.map(|clock| clock.rules).unwrap_or_default(),
            causes: clock.map_or_else(Vec::new, |clock| {
                let causes = causes(self.case.view, clock, texts);
                causes.into_iter().map(|(cause, _)| cause).collect()
            }),
            because: self.because,
            reference_version: self.case.reference.version.clone(),
            software_version: self.software.to_owned(),
            decided_on: self.case.today,
        })));
    }
}
