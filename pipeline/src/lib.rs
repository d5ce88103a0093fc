//! What is reported, what follows from it, and what to say.
//!
//! Sources send [`Report`]s. A pathway keeps the greatest version of each fact and nothing else;
//! [`Engine::learn`] is commutative, associative and idempotent. [`Assessment`] is what follows from
//! the facts on a day, and [`Engine::reconcile`] compares the alerts that should stand with those that
//! have been said. Nothing here reads a clock, a file or a network: today is always an argument.

extern crate alloc;

mod alert;
mod allocation;
mod assessment;
mod code_lists;
mod codes;
mod day;
mod engine;
mod fact;
mod findings;
mod kept;
mod names;
mod packed;
mod pathway;
mod patients;
mod reference;
mod register;
mod report;
mod row;
mod rule_set;
mod rules;
mod said;
mod settled;
mod sound;
mod speaker;
mod standing;
pub mod statistics;
mod text;
mod titles;
mod view;

pub use alert::{Alert, AlertId, AlertKey, Because, Cause, Content, Level, Notice, Transition};
pub use allocation::{Allocation, Method, Share};
pub use assessment::{
    Assessment, Clock, Counting, Ended, Reason, Route, Running, Standard, State, Stopped, Wait,
};
pub use code_lists::is_listed;
pub use day::{Day, Month};
pub use engine::{Engine, History, Restoring};
pub use fact::{
    ConsultantUpgrade, DecisionToTreat, DiagnosisRecorded, EventType, Fact, FieldVisitor,
    FirstSeen, MilestoneRecorded, OutcomeCommunicated, PathwayClosed, PathwayErased,
    ReferralReceived, Topic, Transfer, TreatmentAdjustment, TreatmentStarted,
};
pub use findings::{Finding, FindingEffect, FindingLevel, Findings, Severity};
pub use kept::{FOLD_VERSION, Kept};
pub use patients::{PatientPart, complete_patient_findings};
pub use reference::{IcdRange, Limits, Reference};
pub use register::Learned;
pub use report::{EventId, Instant, NhsNumber, ONLY_ITEM, Report, SentNumber, Version};
pub use row::{Row, SaidAlert};
pub use rule_set::RuleSet;
pub use settled::{Settled, judged_by};
pub use standing::Standing;
pub use text::{Spelling, Text, Texts};
pub use view::{Item, Known, Treatment, View};
