//! The synthetic feed: plausible cancer pathways as the events that providers would send.
//!
//! Routes, suspected types, waits, conversion, tumours and treatments follow the figures NHS England
//! published for 2024/25; missed appointments, transfers, closures and the rates of mess are invented,
//! for nothing is published of them. Everything but the producer is a function of the plan: no clock, no
//! other chance.

mod calibration;
mod chart;
mod course;
mod draw;
mod event;
mod feed;
#[cfg(test)]
mod feed_tests;
mod figures;
mod fit;
mod fold;
mod lines;
mod mess;
mod patients;
mod producer;
#[cfg(test)]
mod producer_tests;
mod providers;
mod records;
mod scribe;
mod suspicion;
mod treated;
mod tumour;
mod waits;
mod year;

pub use calibration::Error as CalibrationError;
pub use event::{Damage, Event};
pub use feed::{Error, Feed, Plan};
pub use fit::{Fit, FitCell, ProviderFit, Targets};
pub use fold::{Fold, FoldError};
pub use lines::write_line;
pub use mess::{Rates, Share};
pub use producer::{Ends, Error as ProducerError, FeedProducer};
pub use records::{Record, SchemaIds};
pub use year::{Arrivals, Scale, Year, YearPlan};
