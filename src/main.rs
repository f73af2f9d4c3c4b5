//! The `ticketloom` program.
#![recursion_limit = "256"] // matrix-sdk's futures nest deeper than the default of 128

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::failed(&error.into()),
    };
    let result = runtime.block_on(cli::run(arguments));
    // A parser that hangs in its own thread must not keep the process.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(error) => cli::failed(&error),
    }
}
