//! The program `graphloom-server`.

use std::process::ExitCode;

fn main() -> ExitCode {
    graphloom_server::command::main(std::env::args_os())
}
