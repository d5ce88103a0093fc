//! What each rule and finding is about, in a few words, for people who read a trace.

use crate::findings::Finding;
use crate::rule_set::RuleSet;

const R_TITLES: [&str; 21] = [
    "days are calendar days from the start, day 0",
    "days for a missed first appointment are subtracted",
    "days after declining an offered admission are subtracted",
    "FDS is measured on urgent, breast-symptom and screening referrals",
    "FDS stops when the patient is told, or at an earlier decision to treat",
    "an exclusion ends FDS, or counts as a breach once the limit has passed",
    "62 days from receipt of the referral to the first treatment",
    "the first definitive treatment stops the 62-day clock",
    "after an upgrade the 62-day clock starts on the upgrade date",
    "31 days from the decision to the first treatment",
    "31 days from the decision or the earliest appropriate date to a later treatment",
    "all treatment declined (modality 98)",
    "the patient died",
    "a shared 62-day wait is allocated between providers",
    "the diagnosis is, or is not, one that is measured",
    "event types 01, 07 and 12 are first treatments",
    "the month and organisation that report a wait",
    "private care",
    "active monitoring as a first treatment",
    "recurrence, progression and transformation have no 62-day clock",
    "each primary has its own 62-day clock",
];

const Q_TITLES: [&str; 33] = [
    "FDS days are frozen at the decision to treat until the patient is told",
    "what a contradiction does to a clock",
    "which FDS ends end an untreated 62-day clock",
    "an upgrade on an urgent referral: FDS is watched but does not count",
    "a merged pathway's clocks end",
    "facts dated after today are not there yet",
    "treated without a diagnosis code: not counted",
    "no decision to treat: no 31-day clock, and the 62-day wait does not count",
    "a dated closure ends the clocks that run",
    "while a clock runs, all days that could apply are subtracted",
    "missed-appointment days after an upgrade",
    "several first treatments: the earliest of each primary stops its clock",
    "only a later-type treatment: not a new primary",
    "ruled out, yet cancer was recorded: the clock runs on",
    "which decision to treat stops FDS",
    "modality 98 ends the clock",
    "a retraction removes the same source's reports",
    "a report carries the complete record",
    "ties between versions",
    "no referral yet",
    "negative waits",
    "screening with a priority other than urgent",
    "an incomplete FDS end ends nothing",
    "long wait from 105 adjusted days",
    "basal cell carcinoma is not measured",
    "which transfer is used",
    "a moved ECAD cannot be seen in the state",
    "where a finding is raised",
    "who the patient is",
    "findings look at facts up to today",
    "how an alert ends",
    "the kind of treatment is not known",
    "several reasons: the earliest, then the listed order",
];

const V_TITLES: [&str; 31] = [
    "an NHS number fails its check and is not used",
    "screening referral with a priority other than urgent",
    "screening referral without a breast, lung, lower GI or gynaecological type",
    "the referral was received after a later step",
    "the decision to treat is after the treatment",
    "a fact is dated in the future",
    "an adjusted wait is negative",
    "missed-appointment days and their reason contradict each other",
    "treatment days outside admitted care are ignored",
    "an FDS exclusion without its reason, or a reason without an exclusion",
    "told on a date, but no valid end reason",
    "all treatment declined, yet another treatment of the primary began",
    "surgery under code 01, retired in October 2020",
    "more than one first treatment of a primary",
    "a later treatment, but no first one of the primary",
    "treated without a diagnosis code",
    "skin cancer: basal cell or not is unsure",
    "the upgrade is after the decision to treat or before the referral",
    "an upgrade on an urgent referral takes it out of FDS",
    "providers differ, but who investigated or when it was transferred is not known",
    "the transfer is before the start or after the treatment",
    "a counted breach without its delay reason",
    "two sources give different dates",
    "possibly the same referral twice",
    "treatment was decided or begun, but the patient was never told",
    "told of cancer on a breast-symptom referral and not treated 60 days on",
    "treated without a decision to treat",
    "ruled out, but cancer was recorded",
    "facts, but no referral",
    "more than 64 items of one kind",
    "two NHS numbers on one pathway",
];

impl RuleSet {
    /// The rules with their titles: `R1`, then what it is about.
    pub fn titles(self) -> impl Iterator<Item = (String, &'static str)> {
        let all = (1..=21)
            .map(RuleSet::r)
            .chain((1..=33).map(RuleSet::q))
            .zip(R_TITLES.into_iter().chain(Q_TITLES));
        let held = all.filter(move |(rule, _)| self.contains(*rule));
        held.map(|(rule, title)| (rule.names().collect(), title))
    }
}

impl Finding {
    /// What it is about.
    #[must_use]
    pub fn title(self) -> &'static str {
        V_TITLES
            .get(usize::from(self.number()) - 1)
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use crate::findings::Findings;
    use crate::rule_set::RuleSet;

    #[test]
    fn a_title_stands_beside_its_own_rule() {
        let rules = RuleSet::r(21).and(RuleSet::q(1));
        let mut titles = rules.titles();
        let mut next = || titles.next().expect("a title per rule");
        let (rule, title) = next();
        assert!(rule == "R21" && title.contains("primary"), "{rule} {title}");
        let (rule, title) = next();
        assert!(rule == "Q1" && title.contains("frozen"), "{rule} {title}");
        let mut findings = Findings::default();
        findings.note(31, true);
        let title = findings.iter().next().map(crate::findings::Finding::title);
        assert_eq!(title, Some("two NHS numbers on one pathway"));
    }
}
