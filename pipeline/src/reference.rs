//! What the guidance leaves unsure, as data: limits, lead times, exclusions, scope.

/// The reference tables, with a version that goes into every output.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    /// The version of the tables.
    pub version: String,
}
