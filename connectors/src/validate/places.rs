//! Where the report lies that counts for each register, so that a finding can be told by its lines.

use crate::letter::Position;
use clockstop_pipeline::statistics::{Ground, Register};
use clockstop_pipeline::{Fact, Learned, Report, SentNumber, Text, Version};
use std::collections::HashMap;

/// Where a record was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A line of a file, from 1.
    Line(u64),
    /// A record of an input.
    Record(Position),
}

/// As many as the pathways have registers.
#[derive(Debug, Default)]
pub(super) struct Places(HashMap<Box<str>, Vec<Noted>>);

/// The report that counts for one register.
#[derive(Debug)]
struct Noted {
    source: Text,
    register: Register,
    version: Version,
    number: Option<SentNumber>,
    place: Place,
}

/// Whether a report says something else than another of the same version (Q19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreement {
    Consistent,
    Contradicts,
}

impl Places {
    /// Notes where a report lies that an engine has learned.
    pub(super) fn note(
        &mut self,
        pathway: &str,
        report: &Report,
        learned: Learned,
        place: Place,
    ) -> Agreement {
        if matches!(report.fact, Fact::PathwayErased(_)) && !report.version.entered_in_error {
            self.0.remove(pathway);
            return Agreement::Consistent;
        }
        if !self.0.contains_key(pathway) {
            self.0.insert(pathway.into(), Vec::new());
        }
        let Some(known) = self.0.get_mut(pathway) else {
            return Agreement::Consistent;
        };
        note_number(known, report, place);
        let new = Noted {
            source: report.source,
            register: Register::Fact(report.fact.event_type(), report.item),
            version: report.version,
            number: None,
            place,
        };
        let Some(noted) = find(known, new.source, new.register) else {
            known.push(new);
            return Agreement::Consistent;
        };
        let same_version = noted.version == new.version;
        if learned == Learned::Changed {
            *noted = new;
        }
        if same_version && learned != Learned::Repeated {
            Agreement::Contradicts
        } else {
            Agreement::Consistent
        }
    }

    /// Where the report lies.
    pub(super) fn of(&self, pathway: &str, ground: &Ground) -> Option<Place> {
        let known = self.0.get(pathway)?;
        let is_it =
            |noted: &&Noted| (noted.source, noted.register) == (ground.source, ground.register);
        known.iter().find(is_it).map(|noted| noted.place)
    }
}

/// The number's own register hears only reports that name a patient (Q29).
fn note_number(known: &mut Vec<Noted>, report: &Report, place: Place) {
    let Some(number) = report.nhs_number else {
        return;
    };
    let new = Noted {
        source: report.source,
        register: Register::NhsNumber,
        version: report.version,
        number: Some(number),
        place,
    };
    match find(known, new.source, new.register) {
        None => known.push(new),
        Some(noted) if (noted.version, noted.number) < (new.version, new.number) => *noted = new,
        Some(_) => {}
    }
}

fn find(known: &mut [Noted], source: Text, register: Register) -> Option<&mut Noted> {
    let mut noted = known.iter_mut();
    noted.find(|noted| (noted.source, noted.register) == (source, register))
}
