//! rsipp: reads the command line, runs the test, ends with its exit status. Spec: cli.md §9.

use std::process::ExitCode;

use rsipp::cli::{self, Ask};
use rsipp::run;

fn main() -> ExitCode {
    match cli::parse(std::env::args_os()) {
        Ok(Ask::Run(options)) => run::test(&options),
        Ok(Ask::Print(text)) => cli::print(&text),
        Ok(Ask::Page(text)) => cli::page(&text),
        Err(refusal) => refusal.show(),
    }
    .into()
}
