//! The `ticketloom` program.
#![recursion_limit = "256"] // matrix-sdk's futures nest deeper than the default of 128

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    // Its limits are a process's, so it has no other threads.
    if let Some(limits) = arguments.reads_mails() {
        return match ticketloom::mail::reader::serve(limits) {
            Ok(()) => ExitCode::SUCCESS,
            // Whoever asked is gone.
            Err(_) => ExitCode::FAILURE,
        };
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::failed(&error.into()),
    };
    let result = runtime.block_on(cli::run(arguments));
    // What still waits for a mail's reader must not keep the process.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(error) => cli::failed(&error),
    }
}
