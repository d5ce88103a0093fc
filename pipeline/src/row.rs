//! One pathway as outputs need it: its facts, what follows, and what has been said.

use crate::alert::{AlertId, AlertKey, Cause, Content, Transition};
use crate::assessment::{Assessment, Clock, Standard};
use crate::day::Day;
use crate::fact::EventType;
use crate::patients::PatientPart;
use crate::reference::Reference;
use crate::register::Registers;
use crate::report::NhsNumber;
use crate::rules::{Case, causes, is_merged};
use crate::said::{Said, clock_id, said_id};
use crate::statistics::Tables;
use crate::text::{Spelling, Text, Texts};
use crate::view::View;
use compact_str::CompactString;

/// One pathway as outputs need it; borrowed from its engine.
#[derive(Debug)]
pub struct Row<'a> {
    /// `<issuer>:<identifier>`.
    pub pathway: &'a str,
    /// The facts as seen on the day.
    pub view: View,
    /// What follows from them.
    pub assessment: Assessment,
    /// What it contributes to the findings of its patient.
    pub patient: PatientPart,
    /// The patient's NHS number, where valid; for direct care only.
    pub nhs_number: Option<NhsNumber>,
    /// The source's own number for the patient; for direct care only.
    pub local_patient_identifier: Option<Text>,
    pub(crate) issuer: Text,
    pub(crate) registers: &'a Registers,
    pub(crate) reference: &'a Reference,
    pub(crate) said: &'a [Said],
    pub(crate) key: &'a AlertKey,
    pub(crate) texts: &'a Texts,
}

/// The last thing said of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidAlert {
    /// Which alert.
    pub alert_id: AlertId,
    /// The standard of its clock.
    pub standard: Standard,
    /// Its primary (62-day) or treatment (31-day).
    pub item: Option<String>,
    /// What happened last.
    pub transition: Transition,
    /// How often it was spoken of.
    pub revision: u32,
    /// What was said.
    pub content: Content,
    /// When it was decided.
    pub decided_on: Day,
}

impl Row<'_> {
    /// The texts of the row.
    #[must_use]
    pub const fn texts(&self) -> &Texts {
        self.texts
    }

    /// Whether the pathway was merged into another (Q5).
    pub(crate) fn is_merged(&self) -> bool {
        is_merged(&self.view, self.texts)
    }

    /// What the rules are asked of, on the day of the assessment.
    pub(crate) fn case(&self) -> Case<'_> {
        let today = self.assessment.as_of;
        Case::new(&self.view, today, self.reference, self.texts, self.issuer)
    }

    /// A text that stands without its engine.
    pub(crate) fn spell(&self, text: Text) -> CompactString {
        CompactString::new(self.texts.read(text).as_str())
    }

    /// The provider of a site as published (statistics 1), as a text that stands without its engine.
    pub(crate) fn provider(&self, site: Text, tables: &Tables) -> CompactString {
        CompactString::new(tables.provider(self.texts.read(site).as_str()))
    }

    /// The commissioner of the referral: its ICB where that is listed, else `UNKNOWN` (statistics 1).
    pub(crate) fn commissioner(&self, tables: &Tables) -> CompactString {
        let icb = self.view.referral.and_then(|known| known.fact.icb);
        let icb = icb.map(|icb| self.texts.read(icb));
        CompactString::new(tables.commissioner(icb.as_ref().map(Spelling::as_str)))
    }

    /// The alerts that were ever spoken of, with the last thing said.
    pub fn said(&self) -> impl Iterator<Item = SaidAlert> + '_ {
        self.said.iter().map(|said| SaidAlert {
            alert_id: said_id(self.key, self.pathway, said, self.texts),
            standard: said.standard,
            item: said
                .item
                .map(|item| self.texts.read(item).as_str().to_owned()),
            transition: said.transition,
            revision: said.revision,
            content: said.content.spell(self.texts),
            decided_on: said.decided_on,
        })
    }

    /// The reports a clock rests on, with what they report.
    #[must_use]
    pub fn causes(&self, clock: &Clock) -> Vec<(Cause, EventType)> {
        causes(&self.view, clock, self.texts)
    }

    /// The id of a clock's alert.
    #[must_use]
    pub fn alert_id(&self, clock: &Clock) -> AlertId {
        clock_id(
            self.key,
            self.pathway,
            clock.standard,
            clock.item(),
            self.texts,
        )
    }
}
