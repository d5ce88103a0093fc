//! Whose return of a month is a pathway in (R17)?

use crate::assessment::{Standard, State};
use crate::day::{Day, Month};
use crate::row::Row;
use crate::rules::{deciding_site, investigating_site, treating_site};
use crate::statistics::tables::Tables;
use compact_str::CompactString;
use std::collections::BTreeSet;

impl Row<'_> {
    /// The providers that report something of the pathway in this month, in order: who told the patient on a
    /// day of it, who began a treatment on one, and who shares a 62-day wait that stopped on one (R14, R17).
    ///
    /// The dates decide and not the clocks, for a finding can be what keeps a clock from stopping (V10, V11)
    /// or a stop from counting (V16, V27). Where nobody is named, it is the trust that would answer for the
    /// clock.
    #[must_use]
    pub fn reported_by(&self, month: Month, tables: &Tables) -> BTreeSet<CompactString> {
        let case = self.case();
        let within = |day: Option<Day>| day.is_some_and(|day| day.month() == month);
        let mut sites = Vec::new();
        if let Some(told) = self.view.outcome.map(|known| known.fact)
            && within(told.cancer_faster_diagnosis_pathway_end_date)
        {
            let site = told.organisation_site_identifier_faster_diagnosis_pathway_end;
            sites.push(site.unwrap_or_else(|| investigating_site(&case)));
        }
        for treatment in &self.view.treatments {
            if within(treatment.started_on()) {
                let site = treating_site(treatment).or_else(|| deciding_site(treatment));
                sites.push(site.unwrap_or_else(|| investigating_site(&case)));
            }
        }
        let stopped = self.assessment.clocks.iter().filter(|clock| {
            let stop = match &clock.state {
                State::Stopped(stopped) => Some(stopped.stop),
                State::NotStarted | State::Running(_) | State::Ended(_) => None,
            };
            clock.standard == Standard::SixtyTwoDay && within(stop)
        });
        for clock in stopped {
            let shared = self.assessment.allocation.iter();
            let shared = shared.filter(|shared| Some(shared.primary_id) == clock.primary_id);
            sites
                .extend(shared.flat_map(|shared| shared.shares.iter().map(|own| own.organisation)));
        }
        sites
            .into_iter()
            .map(|site| self.provider(site, tables))
            .collect()
    }
}
