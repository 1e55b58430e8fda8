//! The command line.

use std::time::Duration;

use crate::sample::Repeat;

/// What `--help` and a mistake print.
pub(crate) const USAGE: &str = "\
graphloom-bench [--rounds N] [--peers a,b] [--workloads x,y] [--json FILE] [--md FILE] [--limit SECONDS] [--merge FILE]
    Measures; names are prefixes. Tables go to the standard output. Rows of another program can be merged into them.
graphloom-bench linear
    Does the time to compile grow with the graph, or faster?
graphloom-bench list
    Lists the peers.
graphloom-bench child PEER WORKLOAD [--builds N] [--reps N] [--build-only]
    One sample in this process, as the above starts it; for profilers. --build-only leaves out the runs.";

/// What to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Measure.
    All(All),
    /// One sample.
    Child(Child),
    /// Compile graphs of growing size.
    Linear,
    /// List the peers.
    List,
}

/// Options of a measurement.
#[derive(Debug)]
pub(crate) struct All {
    pub(crate) rounds: usize,
    /// Prefixes; none: all.
    pub(crate) peers: Vec<String>,
    pub(crate) workloads: Vec<String>,
    pub(crate) json: Option<String>,
    pub(crate) md: Option<String>,
    /// A file of rows that another program measured.
    pub(crate) merge: Option<String>,
    /// How long one process may take.
    pub(crate) limit: Duration,
}

/// Options of one sample.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) peer: String,
    pub(crate) workload: String,
    pub(crate) repeat: Repeat,
}

/// Reads the arguments after the program's name.
pub(crate) fn parse(args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut args = args.peekable();
    match args.peek().map(String::as_str) {
        Some("linear") => Ok(Command::Linear),
        Some("list") => Ok(Command::List),
        Some("child") => child(args.skip(1)),
        _ => all(args),
    }
}

fn all(mut args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut all = All {
        rounds: 5,
        peers: Vec::new(),
        workloads: Vec::new(),
        json: None,
        md: None,
        merge: None,
        limit: Duration::from_secs(30),
    };
    while let Some(flag) = args.next() {
        let value = args
            .next()
            .ok_or_else(|| format!("{flag}: unknown, or it needs a value"))?;
        let list = || value.split(',').map(str::to_owned).collect();
        match flag.as_str() {
            "--rounds" => all.rounds = number(&flag, &value)?.max(1),
            "--peers" => all.peers = list(),
            "--workloads" => all.workloads = list(),
            "--json" => all.json = Some(value),
            "--md" => all.md = Some(value),
            "--merge" => all.merge = Some(value),
            "--limit" => all.limit = Duration::from_secs(number(&flag, &value)? as u64),
            _ => return Err(format!("unknown option {flag}")),
        }
    }
    Ok(Command::All(all))
}

fn child(mut args: impl Iterator<Item = String>) -> Result<Command, String> {
    let (Some(peer), Some(workload)) = (args.next(), args.next()) else {
        return Err("child needs a peer and a workload".to_owned());
    };
    let mut child = Child {
        peer,
        workload,
        repeat: Repeat::default(),
    };
    let repeat = &mut child.repeat;
    while let Some(flag) = args.next() {
        match flag.as_str() {
            "--build-only" => repeat.build_only = true,
            "--reps" | "--builds" => {
                let n = number(&flag, &args.next().unwrap_or_default())?.max(1);
                match flag.as_str() {
                    "--reps" => repeat.reps = Some(n),
                    _ => repeat.builds = n,
                }
            }
            _ => return Err(format!("unknown option {flag}")),
        }
    }
    Ok(Command::Child(child))
}

fn number(flag: &str, value: &str) -> Result<usize, String> {
    value
        .parse()
        .map_err(|_| format!("{flag}: expected a number, found \"{value}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read() {
        let Ok(Command::All(all)) = read("--rounds 3 --peers seq_,tokio --json out.json") else {
            panic!("a measurement");
        };
        assert_eq!((all.rounds, all.peers.len()), (3, 2));
        assert_eq!(all.json.as_deref(), Some("out.json"));
        let Ok(Command::Child(child)) =
            read("child seq_fn chain_1k --reps 4 --builds 2 --build-only")
        else {
            panic!("a sample");
        };
        let repeat = child.repeat;
        assert_eq!((repeat.reps, repeat.builds), (Some(4), 2));
        assert!(repeat.build_only);
    }

    #[test]
    fn mistakes_are_told() {
        for (line, said) in [
            ("--rounds many", "expected a number"),
            ("--round 3", "unknown option"),
            ("--rounds", "needs a value"),
            ("child seq_fn", "needs a peer"),
        ] {
            let message = read(line).unwrap_err();
            assert!(message.contains(said), "{line}: {message}");
        }
    }
}
