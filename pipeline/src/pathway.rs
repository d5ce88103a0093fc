//! A pathway: what was reported of it, and what follows on a date. Nothing derived is stored.

use crate::allocation::Allocation;
use crate::assessment::{Assessment, Standard, State};
use crate::day::Day;
use crate::fact::Fact;
use crate::findings::findings;
use crate::patients::PatientPart;
use crate::register::{Learned, Registers};
use crate::report::{NhsNumber, Report, SentNumber, Version};
use crate::rules::{Case, Clocks, share};
use crate::text::{Text, Texts};
use crate::view::View;
use smallvec::SmallVec;

/// The facts of one pathway.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pathway {
    registers: Registers,
    erased: bool,
}

/// Who the patient is, as far as the sources agree (Q29).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Identity {
    /// The valid number of the greatest version.
    pub(crate) number: Option<NhsNumber>,
    /// The source's own number of the greatest version.
    pub(crate) local: Option<Text>,
    /// A source's latest number fails the check (V01).
    pub(crate) invalid: bool,
    /// Two sources' latest valid numbers differ (V31).
    pub(crate) conflicting: bool,
}

/// A pathway as judged on a date, with all that outputs need.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) assessment: Assessment,
    pub(crate) patient: PatientPart,
}

impl Pathway {
    /// Learns a report (Q17-Q19). After an erasure nothing is learned any more (`domain/events.md`).
    pub(crate) fn learn(&mut self, report: &Report, texts: &Texts) -> Learned {
        // An erasure cannot be withdrawn, so a report that it was an error changes nothing.
        let erases =
            matches!(report.fact, Fact::PathwayErased(_)) && !report.version.entered_in_error;
        match (self.erased, erases) {
            (true, true) => Learned::Repeated,
            (true, false) => Learned::Superseded,
            (false, true) => {
                *self = Self {
                    registers: Registers::default(),
                    erased: true,
                };
                Learned::Changed
            }
            (false, false) => self.registers.learn(report, texts),
        }
    }

    /// A pathway as it was kept.
    pub(crate) const fn restored(registers: Registers, erased: bool) -> Self {
        Self { registers, erased }
    }

    pub(crate) const fn registers(&self) -> &Registers {
        &self.registers
    }

    pub(crate) const fn is_erased(&self) -> bool {
        self.erased
    }

    /// Whether any report has been learned.
    pub(crate) const fn is_known(&self) -> bool {
        self.erased || !self.registers.is_empty()
    }

    /// The facts as seen on a date.
    pub(crate) fn view(&self, today: Day, texts: &Texts) -> View {
        View::on(today, self.registers.entries(), texts)
    }

    pub(crate) fn identity(&self, texts: &Texts) -> Identity {
        let mut identity = Identity::default();
        let mut numbered: Option<(Version, NhsNumber)> = None;
        let mut local: Option<(Version, Text)> = None;
        for entry in self.registers.entries() {
            match entry.sent_number() {
                Some(SentNumber::Invalid) => identity.invalid = true,
                Some(SentNumber::Valid(number)) => {
                    identity.conflicting |= numbered.is_some_and(|(_, other)| other != number);
                    numbered = numbered.max(Some((entry.version, number)));
                }
                None => {}
            }
            if let Some(text) = entry.local_identifier() {
                let greater = local.is_none_or(|(version, other)| {
                    let order = version.cmp(&entry.version);
                    order.then_with(|| texts.compare(other, text)).is_lt()
                });
                if greater {
                    local = Some((entry.version, text));
                }
            }
        }
        identity.number = numbered.map(|(_, number)| number);
        identity.local = local.map(|(_, text)| text);
        identity
    }

    /// Everything that follows on a date.
    pub(crate) fn assess(&self, case: &Case<'_>) -> Judged {
        let clocks = case.clocks();
        let identity = self.identity(case.texts);
        let assessment = Assessment {
            as_of: case.today,
            route: case.route,
            allocation: allocation(case, &clocks),
            findings: findings(case, &clocks, &identity),
            clocks,
        };
        let patient = PatientPart::new(identity.number, case, &assessment);
        Judged {
            assessment,
            patient,
        }
    }
}

/// A part per counted 62-day wait whose treating trust is known (R14).
fn allocation(case: &Case<'_>, clocks: &Clocks) -> Vec<Allocation> {
    clocks
        .iter()
        .filter(|clock| clock.standard == Standard::SixtyTwoDay)
        .filter_map(|clock| {
            let State::Stopped(stopped) = &clock.state else {
                return None;
            };
            let fdt = case
                .view
                .treatments
                .iter()
                .find(|treatment| Some(treatment.id) == clock.treatment_id)?;
            let counts = stopped.counting.counts();
            let (method, shares) = share(case, stopped, fdt).parts.filter(|_| counts)?;
            Some(Allocation {
                primary_id: clock.primary_id?,
                method,
                shares,
            })
        })
        .collect::<SmallVec<[_; 1]>>()
        .into_vec()
}
