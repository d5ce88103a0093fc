//! The rows of one partition, as its worker hands them over.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use clockstop_pipeline::{Day, Engine, Findings, PatientPart};
use clockstop_schemas::Plane;
use clockstop_schemas::tables::{
    ALERTS, CLOCKS, PATHWAYS, Table, TableBuilder, write_alerts, write_clocks, write_pathway,
};

/// The tables of a snapshot, in the order in which [`PlaneRows`] holds them.
pub(super) static TABLES: [&Table; 3] = [&PATHWAYS, &CLOCKS, &ALERTS];

/// One partition's rows on one plane.
#[derive(Clone, Debug)]
pub(super) struct PlaneRows {
    pub(super) pathways: RecordBatch,
    pub(super) clocks: RecordBatch,
    pub(super) alerts: RecordBatch,
}

/// One partition's rows, once per plane, and what the findings of its patients need.
#[derive(Clone, Debug)]
pub struct PartitionRows {
    pub(super) partition: i32,
    pub(super) offsets: [i64; 3],
    pub(super) planes: Vec<PlaneRows>,
    pub(super) patients: Vec<PatientPart>,
    pub(super) findings: Vec<Findings>,
}

impl PartitionRows {
    /// The partition they are of.
    #[must_use]
    pub fn partition(&self) -> i32 {
        self.partition
    }
}

/// Collects the rows of a partition on a day, one set per plane. `offsets` are the positions of the
/// referral, diagnosis and treatment input up to which they were folded.
///
/// # Errors
/// Arrow's, when a table and its writer disagree.
pub fn collect(
    engine: &Engine,
    today: Day,
    partition: i32,
    offsets: [i64; 3],
    planes: &[Plane],
) -> Result<PartitionRows, ArrowError> {
    let mut builders: Vec<_> = planes
        .iter()
        .map(|plane| (plane, TABLES.map(TableBuilder::new)))
        .collect();
    let (mut patients, mut findings) = (Vec::new(), Vec::new());
    for row in engine.rows(today) {
        for (plane, [pathways, clocks, alerts]) in &mut builders {
            write_pathway(&row, plane, pathways);
            write_clocks(&row, plane, clocks);
            write_alerts(&row, plane, alerts);
        }
        findings.push(row.assessment.findings);
        patients.push(row.patient);
    }
    let planes = builders.into_iter().map(|(_, [pathways, clocks, alerts])| {
        Ok(PlaneRows {
            pathways: pathways.finish()?,
            clocks: clocks.finish()?,
            alerts: alerts.finish()?,
        })
    });
    Ok(PartitionRows {
        partition,
        offsets,
        planes: planes.collect::<Result<_, ArrowError>>()?,
        patients,
        findings,
    })
}
