//! The command line as written. What it means is told by [`commands`](crate::commands).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Runs, checks and repairs graphs of blocks.
#[derive(Debug, Parser)]
#[command(
    name = "graphloom",
    disable_version_flag = true,
    arg_required_else_help = true,
    after_help = "Answers go to stdout, as JSON where it is not a terminal; everything else goes to stderr.\n\
                  Example: graphloom run greet.json --input who=Ada"
)]
pub(crate) struct Cli {
    /// Print the answer as JSON, on a terminal too
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print the version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// A command line that cannot be read, or one that asks for help.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: clap::Error,
    pub(crate) json: bool,
}

impl Cli {
    /// Reads the process's own command line.
    pub(crate) fn read() -> Result<Self, Refused> {
        Self::try_parse().map_err(|error| Refused {
            error,
            json: std::env::args_os().any(|arg| arg == "--json"),
        })
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a graph and print what it gives
    Run(RunArgs),
    /// Look at, check, repair and convert graphs; nothing runs
    #[command(subcommand)]
    Graph(GraphCommand),
    /// Find, show, run and test blocks
    #[command(subcommand)]
    Blocks(BlocksCommand),
    /// Print the form of what this program reads and writes
    #[command(after_help = "Example: graphloom schema graph --json")]
    Schema {
        /// Of what
        topic: Topic,
    },
    /// Say what an error code means and how to mend it
    #[command(after_help = "Example: graphloom explain GRAPH_LINK_TYPE")]
    Explain {
        /// The code, e.g. GRAPH_LINK_TYPE
        code: String,
    },
    /// Print a completion script for a shell
    #[command(
        after_help = "Example: graphloom completions bash > ~/.local/share/bash-completion/completions/graphloom"
    )]
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    graphloom run greet.json --input who=Ada --input times:=3\n  \
    graphloom run greet.json --inputs values.json --set fill.format='Hi {{name}}' --events\n  \
    cat greet.json | graphloom run -")]
pub(crate) struct RunArgs {
    /// The graph: a file, or - for standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) given: GivenArgs,
    /// Replace what an input pin has or receives: NODE.PIN=TEXT or NODE.PIN:=JSON
    #[arg(long, value_name = "NODE.PIN=TEXT|:=JSON")]
    pub(crate) set: Vec<String>,
    /// Print every event as a line of JSON, then the result
    #[arg(long)]
    pub(crate) events: bool,
    /// Let blocks that reach outside answer from their declared examples
    #[arg(long)]
    pub(crate) mock: bool,
    /// What random numbers follow from
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The time zone of whoever the run is for, by its IANA name: Europe/Paris
    #[arg(long, value_name = "NAME", default_value = "UTC")]
    pub(crate) time_zone: String,
    /// How long the run may take, in milliseconds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout_ms: Option<u64>,
    /// How many firings may be at work at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) max_parallel: Option<u32>,
    /// The run's id, in place of a new UUID
    #[arg(long, value_name = "ID", value_parser = run_id)]
    pub(crate) run_id: Option<String>,
    /// Where values are kept that outlive the run; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    pub(crate) kv: Option<PathBuf>,
    /// Take results of pure blocks from this folder, and put new ones there; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// Say of each firing where its result came from, and why the block was called where it was
    #[arg(long, requires = "cache")]
    pub(crate) explain_cache: bool,
}

/// Values given to a run or a block.
#[derive(Debug, Args)]
pub(crate) struct GivenArgs {
    /// Give an input: NAME=TEXT or NAME:=JSON; wins over --inputs
    #[arg(long = "input", short = 'i', value_name = "NAME=TEXT|:=JSON")]
    pub(crate) input: Vec<String>,
    /// Give inputs from a JSON map: a file, or - for standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) inputs: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GraphCommand {
    /// Say everything that is wrong with a graph, and how to mend it
    #[command(after_help = "Example: graphloom graph validate greet.json --json")]
    Validate {
        #[command(flatten)]
        graph: GraphFile,
        /// Print at most so many errors
        #[arg(long, value_name = "N", default_value_t = 100)]
        max_errors: usize,
    },
    /// Show what would run: nodes, blocks, effects, inputs and outputs
    #[command(after_help = "Example: graphloom graph plan greet.json")]
    Plan(GraphFile),
    /// Write a graph in its canonical form
    #[command(after_help = "Example: graphloom graph fmt greet.json --write")]
    Fmt {
        #[command(flatten)]
        graph: GraphFile,
        /// Replace the file
        #[arg(long)]
        write: bool,
        /// Print nothing; exit with 3 unless the file has the canonical form
        #[arg(long, conflicts_with = "write")]
        check: bool,
    },
    /// Print a graph's two hashes: of what it means, and of all that it says
    #[command(after_help = "Example: graphloom graph hash greet.json")]
    Hash(GraphFile),
    /// Write an AutoGPT export in format 1
    #[command(after_help = "Example: graphloom graph convert my-agent.json > my-agent.graph.json")]
    Convert(GraphFile),
    /// Draw a graph
    #[command(after_help = "Example: graphloom graph render greet.json --to svg > greet.svg")]
    Render {
        #[command(flatten)]
        graph: GraphFile,
        /// As what
        #[arg(long, value_enum, default_value_t = DrawAs::Mermaid)]
        to: DrawAs,
    },
    /// Apply a JSON Patch, or the repairs that the errors offer
    #[command(
        after_help = "Examples:\n  graphloom graph patch greet.json --fix --write\n  \
                            graphloom graph patch greet.json --patch change.json > changed.json"
    )]
    Patch(PatchArgs),
    /// Show what differs between two graphs, as a JSON Patch from the first to the second
    #[command(after_help = "Example: graphloom graph diff old.json new.json")]
    Diff {
        /// The first graph: a file, or - for standard input
        #[arg(value_name = "FILE|-")]
        from: PathBuf,
        /// The second
        #[arg(value_name = "FILE|-")]
        to: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct GraphFile {
    /// The graph: a file, or - for standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct PatchArgs {
    #[command(flatten)]
    pub(crate) graph: GraphFile,
    /// Apply the repairs that the errors offer, as long as they make it better
    #[arg(long, required_unless_present = "patch")]
    pub(crate) fix: bool,
    /// Apply a JSON Patch (RFC 6902): a file, or - for standard input; before --fix
    #[arg(long, value_name = "FILE|-")]
    pub(crate) patch: Option<PathBuf>,
    /// Replace the file in place of printing the document
    #[arg(long)]
    pub(crate) write: bool,
    /// Print the operations in place of the document; replace nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DrawAs {
    /// A Mermaid flowchart
    Mermaid,
    /// A picture
    Svg,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BlocksCommand {
    /// List the blocks
    #[command(after_help = "Example: graphloom blocks list --category text")]
    List {
        /// Only this category
        #[arg(long, value_name = "CATEGORY")]
        category: Option<String>,
    },
    /// Find blocks by words, best first
    #[command(after_help = "Example: graphloom blocks search split text")]
    Search {
        /// All of them must be in the id, the description or the AutoGPT name
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Show a block: pins, types, defaults, examples
    #[command(after_help = "Example: graphloom blocks show text.split")]
    Show {
        /// Its id, AutoGPT UUID or AutoGPT class name
        block: String,
    },
    /// Run one block once
    #[command(
        after_help = "Example: graphloom blocks run text.split --input text=a,b --input separator=,"
    )]
    Run(BlockRunArgs),
    /// Run the declared examples of a block, or of all, and compare
    #[command(after_help = "Example: graphloom blocks test text.split")]
    Test {
        /// Its id, AutoGPT UUID or AutoGPT class name; all blocks without it
        block: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct BlockRunArgs {
    /// Its id, AutoGPT UUID or AutoGPT class name
    pub(crate) block: String,
    #[command(flatten)]
    pub(crate) given: GivenArgs,
    /// How inputs are made to fit: without loss, or by AutoGPT's table
    #[arg(long, value_enum, default_value_t = CoercionArg::Strict)]
    pub(crate) coercion: CoercionArg,
    /// What random numbers follow from
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// How long the block may take, in milliseconds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout_ms: Option<u64>,
    /// Where values are kept that outlive the run; it is made if it is not there
    #[arg(long, value_name = "FILE")]
    pub(crate) kv: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoercionArg {
    /// Without loss
    Strict,
    /// As AutoGPT does
    Lenient,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Topic {
    /// Graph files, format 1
    Graph,
    /// What `blocks show --json` prints
    Block,
    /// Every error code
    Errors,
    /// The lines of `run --events`
    Events,
    /// The exit codes
    ExitCodes,
    /// This command line
    Cli,
}

/// Reads a run's id: what can stand in a file name, an address and a log.
fn run_id(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if (1..=128).contains(&text.len()) && text.chars().all(fits) {
        return Ok(text.to_owned());
    }
    Err("an id is 1 to 128 letters, digits, `-`, `_`, `.` and `:`".to_owned())
}
