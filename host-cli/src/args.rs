//! The command line as written. What it means is told by [`commands`](crate::commands).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use graphloom::host::HostPattern;

use crate::credentials::{CredentialArgs, KeyArgs};
use crate::problem::{HostCode, HostError, Problem};

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
    /// Know the block that this file describes too: docs/formats/preset.md
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) preset: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// The names of the arguments that were typed, in place of having a default or coming from a variable.
    #[arg(skip)]
    pub(crate) typed: Vec<String>,
}

/// The server that does what is asked, where one does.
#[derive(Debug, Default, Args)]
pub(crate) struct ServerArgs {
    /// Have a server do it, in place of this process: https://graphloom.example.com, http://127.0.0.1:7331. Its token comes
    /// from GRAPHLOOM_TOKEN or --token-file
    #[arg(
        long,
        global = true,
        help_heading = "On a server",
        value_name = "URL",
        env = "GRAPHLOOM_SERVER"
    )]
    pub(crate) server: Option<String>,
    /// Read the server's token from this file, which nobody else may read
    #[arg(long, global = true, help_heading = "On a server", value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
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
        let matches = Self::command().try_get_matches();
        let read = matches.and_then(|matches| {
            let mut cli = Self::from_arg_matches(&matches)?;
            cli.typed = typed(&matches);
            Ok(cli)
        });
        read.map_err(|error| Refused {
            error,
            json: std::env::args_os().any(|arg| arg == "--json"),
        })
    }
}

/// Returns the names of the arguments that were typed.
fn typed(matches: &ArgMatches) -> Vec<String> {
    let is_typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let ids = matches
        .ids()
        .map(clap::Id::as_str)
        .filter(|id| is_typed(id));
    let mut typed: Vec<String> = ids.map(str::to_owned).collect();
    if let Some((_, below)) = matches.subcommand() {
        typed.extend(self::typed(below));
    }
    typed
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a graph and print what it gives
    Run(RunArgs),
    /// Look at kept runs, and go on with them
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Answer what a kept run asks
    #[command(
        after_help = "Examples:\n  graphloom answer 01a1… review yes --store runs\n  \
                            graphloom answer 01a1… pay:0 repeat --store runs --resume"
    )]
    Answer(AnswerArgs),
    /// Run an exported run again from what it recorded, and compare every event
    #[command(
        after_help = "Example: graphloom runs export 01a1… > run.jsonl; graphloom replay run.jsonl"
    )]
    Replay {
        /// The export: a file, or - for standard input
        #[arg(value_name = "FILE|-")]
        file: PathBuf,
    },
    /// Look for damage in a store, and say what to do about it
    #[command(after_help = "Example: graphloom doctor --store runs")]
    Doctor {
        #[command(flatten)]
        store: StoreArg,
        /// Copy the store to this folder, while runs go on, in place of looking
        #[arg(long, value_name = "DIR")]
        backup: Option<PathBuf>,
    },
    /// Look at, check, repair and convert graphs; nothing runs
    #[command(subcommand)]
    Graph(GraphCommand),
    /// Find, show, run and test blocks
    #[command(subcommand)]
    Blocks(BlocksCommand),
    /// Keep secrets for services, encrypted; none is ever taken from the command line
    #[command(subcommand)]
    Credentials(CredentialsCommand),
    /// Run the server: the same as `graphloom-server`, where this program was built with it
    #[command(
        disable_help_flag = true,
        after_help = "Example: graphloom serve --data graphloom-data"
    )]
    Serve {
        /// What `graphloom-server` takes; --help tells it
        #[arg(
            value_name = "ARGUMENTS",
            trailing_var_arg = true,
            allow_hyphen_values = true
        )]
        args: Vec<OsString>,
    },
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
    /// The graph: a file, or - for standard input; with --server also one that is kept there, as graph:ID or
    /// graph:ID@VERSION
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) given: GivenArgs,
    #[command(flatten)]
    pub(crate) outside: OutsideArgs,
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
    /// Keep the run in this folder, so that it outlives this process; it is made if it is not there. A run with --mock is a
    /// rehearsal and not kept
    #[arg(long, value_name = "DIR", env = "GRAPHLOOM_STORE")]
    pub(crate) store: Option<PathBuf>,
    /// What a kept run must outlive before anything depends on it
    #[arg(long, value_enum, default_value_t = DurabilityArg::Barrier)]
    pub(crate) durability: DurabilityArg,
    /// Take what is still right from this run of the store, in place of running it again
    #[arg(long, value_name = "RUN")]
    pub(crate) reuse: Option<String>,
    /// Run this node and all that follows from it anew, and take everything else from --reuse
    #[arg(long, value_name = "NODE", requires = "reuse")]
    pub(crate) from: Option<String>,
    /// Take results of pure blocks from this folder, and put new ones there; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
    /// Say of each firing where its result came from, and why the block was called where it was
    #[arg(long)]
    pub(crate) explain_cache: bool,
}

impl RunArgs {
    /// Returns where the run is kept, if it is: what was only rehearsed must not be gone on with for real.
    pub(crate) fn kept_in(&self) -> Option<&Path> {
        self.store.as_deref().filter(|_| !self.mock)
    }
}

/// The folder that runs are kept in.
#[derive(Debug, Args)]
pub(crate) struct StoreArg {
    /// The folder that runs are kept in
    #[arg(id = "store", long, value_name = "DIR", env = "GRAPHLOOM_STORE")]
    dir: Option<PathBuf>,
}

impl StoreArg {
    /// Returns the folder.
    pub(crate) fn dir(&self) -> Result<&Path, Problem> {
        self.dir.as_deref().ok_or_else(|| {
            HostError::new(HostCode::Usage, "it is not said where the runs are kept")
                .expected("--store DIR, or --server URL")
                .into()
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DurabilityArg {
    /// The process, killed at any moment
    Relaxed,
    /// A power cut, where an effect, an answer or the end depends on it
    Barrier,
    /// A power cut, with every event
    Every,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List the runs, the latest first
    #[command(after_help = "Example: graphloom runs list --status waiting --store runs")]
    List {
        #[command(flatten)]
        store: StoreArg,
        /// Only those with this status: queued, running, waiting, completed, failed, cancelled
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
        /// Go on behind this run
        #[arg(long, value_name = "RUN")]
        after: Option<String>,
    },
    /// Show where a run stands, or stood after so many events
    #[command(after_help = "Example: graphloom runs show 01a1… --at 40 --store runs")]
    Show {
        #[command(flatten)]
        run: RunArg,
        /// After so many events
        #[arg(long, value_name = "SEQ")]
        at: Option<u64>,
    },
    /// Say where a value came from, or why there is none
    #[command(after_help = "Example: graphloom runs why 01a1… greet.output --store runs")]
    Why {
        #[command(flatten)]
        run: RunArg,
        /// NODE, NODE.PIN or NODE:FIRING; with / between a call and what is inside it
        #[arg(value_name = "NODE")]
        node: String,
    },
    /// Print the events of a run, a line of JSON each
    #[command(after_help = "Example: graphloom runs events 01a1… --store runs")]
    Events {
        #[command(flatten)]
        run: RunArg,
        /// From this event on
        #[arg(long, value_name = "SEQ", default_value_t = 0)]
        from: u64,
    },
    /// Show how two runs differ: the first node that gave something else, outputs, costs
    #[command(after_help = "Example: graphloom runs diff 01a1… 01a2… --store runs")]
    Diff {
        #[command(flatten)]
        run: RunArg,
        /// The other run
        other: String,
    },
    /// Ask a run to stop, in whichever process it is
    #[command(after_help = "Example: graphloom runs cancel 01a1… --store runs")]
    Cancel {
        #[command(flatten)]
        run: RunArg,
    },
    /// Go on with a run that was cut off, or that waited
    #[command(after_help = "Example: graphloom runs resume 01a1… --store runs")]
    Resume(Box<ResumeArgs>),
    /// Write a run as lines of JSON, to be replayed elsewhere
    #[command(after_help = "Example: graphloom runs export 01a1… --store runs > run.jsonl")]
    Export {
        #[command(flatten)]
        run: RunArg,
    },
    /// Forget runs that have ended
    #[command(after_help = "Example: graphloom runs prune --older-than-days 30 --store runs")]
    Prune {
        #[command(flatten)]
        store: StoreArg,
        /// Only those that ended so many days ago
        #[arg(long, value_name = "N", default_value_t = 0)]
        older_than_days: u32,
        /// Keep the latest so many, however old
        #[arg(long, value_name = "N", default_value_t = 0)]
        keep: usize,
        /// Only say which
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunArg {
    /// The run's id
    #[arg(value_name = "RUN")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) store: StoreArg,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    pub(crate) run: RunArg,
    /// Print every event from here on as a line of JSON, then the result
    #[arg(long)]
    pub(crate) events: bool,
    #[command(flatten)]
    pub(crate) going: GoingArgs,
}

/// What a run has that is gone on with.
#[derive(Debug, Default, Args)]
pub(crate) struct GoingArgs {
    /// Where values are kept that outlive the run
    #[arg(long, value_name = "FILE")]
    pub(crate) kv: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) outside: OutsideArgs,
}

/// How far what runs may reach outside. A host is a name as api.example.com or *.example.com, and a port behind a colon
/// unless it is 80 or 443 (`:*` for all).
#[derive(Debug, Default, Args)]
pub(crate) struct OutsideArgs {
    /// Let this host be on this machine or in a private network; may be given several times
    #[arg(long, help_heading = "Reaching outside", value_name = "HOST[:PORT]", value_parser = HostPattern::parse)]
    pub(crate) allow_host: Vec<HostPattern>,
    /// Let only this host be reached; may be given several times
    #[arg(long, help_heading = "Reaching outside", value_name = "HOST[:PORT]", value_parser = HostPattern::parse)]
    pub(crate) only_host: Vec<HostPattern>,
    /// Let this host not be reached; may be given several times
    #[arg(long, help_heading = "Reaching outside", value_name = "HOST[:PORT]", value_parser = HostPattern::parse)]
    pub(crate) deny_host: Vec<HostPattern>,
    /// Begin nothing that costs once so much is spent, as usd=0.5 or tokens=10000; may be given several times
    #[arg(long, help_heading = "Reaching outside", value_name = "UNIT=AMOUNT", value_parser = cost)]
    pub(crate) max_cost: Vec<(String, f64)>,
    /// More providers and models, or other addresses of known ones: a JSON file, see docs/guides/language-models.md
    #[arg(
        long,
        help_heading = "Reaching outside",
        value_name = "FILE",
        env = "GRAPHLOOM_MODELS"
    )]
    pub(crate) models: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) credentials: CredentialArgs,
}

/// Reads `usd=0.5`.
fn cost(text: &str) -> Result<(String, f64), String> {
    let wrong = || "expected a unit and an amount, as usd=0.5".to_owned();
    let (unit, amount) = text.split_once('=').ok_or_else(wrong)?;
    match amount.parse::<f64>() {
        Ok(amount) if !unit.is_empty() && amount.is_finite() && amount >= 0.0 => {
            Ok((unit.to_owned(), amount))
        }
        _ => Err(wrong()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    #[command(flatten)]
    pub(crate) run: RunArg,
    /// The node that asks; NODE:FIRING names one firing, CALL/NODE one inside a call
    #[arg(value_name = "NODE")]
    pub(crate) node: String,
    /// The answer; JSON behind :=
    #[arg(value_name = "TEXT|:=JSON", allow_hyphen_values = true)]
    pub(crate) answer: String,
    /// What it waits for, where a node waits for several things
    #[arg(long, value_name = "NAME")]
    pub(crate) signal: Option<String>,
    /// Go on with the run at once; what follows is for that
    #[arg(long)]
    pub(crate) resume: bool,
    #[command(flatten)]
    pub(crate) going: GoingArgs,
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
    /// Keep a graph on a server: a new one, or a new version of one that is there
    #[command(
        after_help = "Examples:\n  graphloom graph push greet.json --server https://graphloom.example.com\n  \
                            graphloom graph push greet.json --id 01a1… --if-match sha256:5c…"
    )]
    Push {
        #[command(flatten)]
        graph: GraphFile,
        /// The id that it has there, or is to have; a new one where nothing is said
        #[arg(long, value_name = "ID")]
        id: Option<String>,
        /// Put it in the place of the version with this tag, as `graph pull` tells it; * for whichever it is
        #[arg(long, value_name = "ETAG", requires = "id")]
        if_match: Option<String>,
    },
    /// Write a graph that is kept on a server
    #[command(after_help = "Example: graphloom graph pull 01a1… > greet.json")]
    Pull {
        /// Its id; ID@VERSION for one version
        #[arg(value_name = "ID")]
        id: String,
    },
    /// List the graphs that are kept on a server, the latest made first
    #[command(after_help = "Example: graphloom graph list --server https://graphloom.example.com")]
    List {
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
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
        after_help = "Example: graphloom blocks run text.split --input text=a,b --input delimiter=,"
    )]
    Run(Box<BlockRunArgs>),
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
    #[command(flatten)]
    pub(crate) outside: OutsideArgs,
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

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialsCommand {
    /// Add a credential; its secret comes from a variable, a file, or standard input
    #[command(after_help = "Examples:\n  \
        graphloom credentials add openai --from-env OPENAI_API_KEY\n  \
        graphloom credentials add intranet --kind host_scoped --header x-api-key --host api.example.com < key.txt")]
    Add(AddCredentialArgs),
    /// List the credentials, without their secrets
    #[command(after_help = "Example: graphloom credentials list --json")]
    List(KeptArgs),
    /// Remove a credential
    #[command(after_help = "Example: graphloom credentials remove openai")]
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        kept: KeptArgs,
    },
    /// Make a new key, and seal everything with it
    #[command(after_help = "Example: graphloom credentials rotate")]
    Rotate(KeptArgs),
}

/// Where credentials are kept.
#[derive(Debug, Args)]
pub(crate) struct KeptArgs {
    /// The file that they are kept in; graphloom/credentials.json in the user's data folder where nothing is said
    #[arg(long, value_name = "FILE", env = "GRAPHLOOM_CREDENTIALS")]
    pub(crate) credentials: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct AddCredentialArgs {
    /// What it is called, which is how a graph asks for it
    pub(crate) name: String,
    /// Whose it is, as openai; its name where nothing is said
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) provider: Option<String>,
    /// What it consists of
    #[arg(long, value_enum, default_value_t = CredentialKindArg::ApiKey)]
    pub(crate) kind: CredentialKindArg,
    /// Where it may go, in place of its provider's hosts: api.example.com, *.example.com, localhost:8080; may be given several
    /// times
    #[arg(long, value_name = "HOST[:PORT]", value_parser = HostPattern::parse)]
    pub(crate) host: Vec<HostPattern>,
    /// The name that goes with the password
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// The header line that the secret stands in
    #[arg(long, value_name = "NAME")]
    pub(crate) header: Option<String>,
    /// Read the secret from this variable
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) from_env: Option<String>,
    /// Read the secret from this file
    #[arg(long, value_name = "FILE", conflicts_with = "from_env")]
    pub(crate) from_file: Option<PathBuf>,
    /// Take the place of one of the same name
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) kept: KeptArgs,
    /// Taken only to be refused without being shown.
    #[arg(hide = true, allow_hyphen_values = true)]
    pub(crate) extra: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum CredentialKindArg {
    /// One secret
    ApiKey,
    /// A name and a password
    UserPassword,
    /// A header line
    HostScoped,
    /// An access token that is not renewed
    Oauth2,
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
