//! The `clockstop` command: one subcommand, one exit code.

mod cli;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::Arguments::parse().command.run() {
        Ok(cli::Outcome::Done) => ExitCode::SUCCESS,
        Ok(cli::Outcome::Failed) => ExitCode::FAILURE,
        Ok(cli::Outcome::Partial) => ExitCode::from(3),
        Err(error) => {
            // Nothing is left to tell it to when standard error is closed.
            drop(writeln!(std::io::stderr(), "clockstop: {}", told(&error)));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes, without those whose words it holds already.
fn told(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |told, cause| {
        let cause = cause.to_string();
        match told.as_str() {
            "" => cause,
            told if told.contains(&cause) => told.to_owned(),
            told => format!("{told}: {cause}"),
        }
    })
}
