//! `early_diagnosis`: how many cancers are found early, and is stage known? (statistics 5)

use super::common::{ORGANISATION_NAME, REGION};
use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::{
    CancerStage, EarlyDiagnosis, StageAim, StageCounts, Tables, Threshold,
};

/// One row per month of diagnosis and organisation; not the registry's definition.
pub static EARLY_DIAGNOSIS: Table = Table {
    name: "early_diagnosis",
    rows: "One row per month of diagnosis and organisation; not the registry's definition",
    columns: COLUMNS,
    sorted_by: &["organisation", "diagnosis_month", "basis"],
};

const fn stage(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Whole, meaning)
        .by("statistics 5")
        .in_unit("primaries")
}

const COLUMNS: &[Column] = &[
    column(
        "diagnosis_month",
        Kind::Text,
        "YYYY-MM of the date of diagnosis",
    )
    .by("statistics 5"),
    column(
        "basis",
        Kind::Text,
        "PROVIDER, COMMISSIONER, ENGLAND; never sum over it",
    )
    .by("statistics 1"),
    column(
        "organisation",
        Kind::Text,
        "provider first seen, referred to or issuer; commissioner or UNKNOWN; ENGLAND",
    )
    .by("statistics 5"),
    ORGANISATION_NAME,
    REGION,
    stage("stage_0", "primaries in situ; in no share"),
    stage("stage_1", "primaries of stage 1"),
    stage("stage_2", "primaries of stage 2"),
    stage("stage_3", "primaries of stage 3"),
    stage("stage_4", "primaries of stage 4"),
    stage("stage_unstageable", "primaries that cannot be staged (U)"),
    stage(
        "stage_missing",
        "primaries without a stage, or with a code on no list",
    ),
    stage("early", "stages 1 and 2: numerator of early_share"),
    stage(
        "staged",
        "stages 1 to 4: its denominator, and numerator of completeness",
    ),
    stage(
        "to_be_staged",
        "stages 1 to 4, U and missing: denominator of completeness",
    ),
    column("early_share", Kind::Rate, "early / staged, unrounded")
        .by("statistics 5")
        .null("nothing is staged"),
    column(
        "completeness",
        Kind::Rate,
        "staged / to_be_staged, unrounded",
    )
    .by("statistics 5")
    .null("nothing is to be staged"),
    column(
        "aims_reached",
        Kind::Text,
        "the configured aims that early_share reaches, exactly; separated by `; `, empty: none",
    )
    .by("statistics 5")
    .null("nothing is staged"),
    column(
        "next_aim",
        Kind::Text,
        "the least aim that it does not reach",
    )
    .by("statistics 5")
    .null("it reaches all, or nothing is staged"),
    column(
        "next_aim_share",
        Kind::Rate,
        "the early share that aim asks for",
    )
    .by("statistics 5")
    .null("as next_aim"),
    column(
        "next_aim_by",
        Kind::Text,
        "YYYY-MM, the month by which it should be reached",
    )
    .by("statistics 5")
    .null("as next_aim, or no date is known"),
];

const STAGES: [CancerStage; 7] = [
    CancerStage::Zero,
    CancerStage::One,
    CancerStage::Two,
    CancerStage::Three,
    CancerStage::Four,
    CancerStage::Unstageable,
    CancerStage::Missing,
];

/// Appends the stages of all organisations.
pub fn write_early_diagnosis(stages: &EarlyDiagnosis, tables: &Tables, out: &mut TableBuilder) {
    for (key, counts) in stages.rows() {
        let organisation = key.organisation.as_str();
        out.text(Some(key.month.to_string()));
        out.text(Some(key.basis.name()));
        out.text(Some(organisation));
        out.text(tables.name(key.basis, organisation));
        out.text(tables.region_on(key.basis, organisation));
        for stage in STAGES {
            out.count(counts.of(stage));
        }
        out.count(counts.early());
        out.count(counts.staged());
        out.count(counts.to_be_staged());
        out.share(counts.early(), counts.staged());
        out.share(counts.staged(), counts.to_be_staged());
        write_aims(counts, &tables.stage_aims, out);
    }
}

fn write_aims(counts: &StageCounts, aims: &[StageAim], out: &mut TableBuilder) {
    let is_staged = counts.staged() > 0;
    let (reached, missed): (Vec<&StageAim>, Vec<_>) =
        aims.iter().partition(|aim| aim.is_reached(counts));
    let reached: Vec<&str> = reached.iter().map(|aim| aim.name.as_str()).collect();
    let next = missed.into_iter().min_by_key(|aim| aim.share);
    let next = next.filter(|_| is_staged);
    out.text(is_staged.then(|| reached.join("; ")));
    out.text(next.map(|aim| &aim.name));
    out.number(next.map(|aim| f64::from(aim.share) / f64::from(Threshold::WHOLE)));
    out.text(next.and_then(|aim| aim.by).map(|month| month.to_string()));
}
