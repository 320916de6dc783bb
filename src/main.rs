//! The program. Everything it does is in [`ackademy::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    ackademy::cli::main()
}
