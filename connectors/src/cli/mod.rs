//! The subcommands, one file each.

mod approve;
mod assess;
mod check_config;
mod compare;
mod demo;
mod dictionary;
mod diff;
mod events_file;
mod explain;
mod export;
mod fit;
mod generate;
mod given;
mod progress;
mod publish;
mod published;
mod redrive;
mod reference;
mod run;
mod settings;
mod terminal;
mod topics;
mod validate;
mod year;

use clockstop_pipeline::Day;
use std::io;

/// Watches referral, diagnosis and treatment events for breaches of the NHS cancer waiting times standards.
#[derive(Debug, clap::Parser)]
#[command(name = "clockstop", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Run(run::Arguments),
    Demo(demo::Arguments),
    Generate(generate::Arguments),
    Assess(assess::Arguments),
    Explain(explain::Arguments),
    Publish(publish::Arguments),
    Validate(validate::Arguments),
    Topics(topics::Arguments),
    Redrive(redrive::Arguments),
    Dictionary(dictionary::Arguments),
    Reference(reference::Arguments),
    Diff(diff::Arguments),
    Approve(approve::Arguments),
    Export(export::Arguments),
    Compare(compare::Arguments),
    CheckConfig(check_config::Arguments),
}

/// How a subcommand that ran to its end came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Exit code 0.
    Done,
    /// It has said what is wrong: exit code 1.
    Failed,
    /// Some of its input was refused, is held, differs or is not fit, the rest was done: exit code 3.
    Partial,
}

impl Command {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        match self {
            Self::Run(arguments) => run::run(&arguments),
            Self::Demo(arguments) => demo::run(&arguments),
            Self::Generate(arguments) => generate::run(&arguments),
            Self::Assess(arguments) => assess::run(&arguments),
            Self::Explain(arguments) => explain::run(&arguments),
            Self::Publish(arguments) => publish::run(&arguments),
            Self::Validate(arguments) => validate::run(&arguments),
            Self::Topics(arguments) => topics::run(&arguments),
            Self::Redrive(arguments) => redrive::run(&arguments),
            Self::Dictionary(arguments) => dictionary::run(&arguments),
            Self::Reference(arguments) => reference::run(&arguments),
            Self::Diff(arguments) => diff::run(&arguments),
            Self::Approve(arguments) => approve::run(&arguments),
            Self::Export(arguments) => export::run(&arguments),
            Self::Compare(arguments) => compare::run(&arguments),
            Self::CheckConfig(arguments) => check_config::run(&arguments),
        }
    }
}

/// What printing came to: whoever reads may have seen enough.
fn until_nobody_reads(printed: io::Result<()>) -> io::Result<()> {
    match printed {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => printed,
    }
}

/// Today in London.
fn today() -> anyhow::Result<Day> {
    Ok(clockstop::calendar::Calendar::london()?.today())
}
