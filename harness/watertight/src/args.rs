//! The options as the user writes them; `commands` give them meaning.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Attacks multi-tenant software on SQL Server the way its own tenants could, and says what held.
#[derive(Debug, Parser)]
#[command(
    name = "watertight",
    version,
    about,
    after_help = "Exit codes: 0 every selected control held, waived and known violations apart · 1 violated · \
                  2 inconclusive · 3 usage or configuration · 4 environment or internal · 5 evidence could not be written"
)]
pub(crate) struct Arguments {
    /// When to colour the output.
    #[arg(long, global = true, value_enum, default_value_t = When::Auto)]
    pub(crate) color: When,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When to do something that depends on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal only.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Provision tenants, attack them, and write the verdicts.
    Run(RunArguments),
    /// Play one case file from nothing: does it still show what was found?
    Replay(crate::commands::replay::ReplayArguments),
    /// Judge a recorded history again, without any target.
    Judge(crate::commands::judge::JudgeArguments),
    /// Show what can be tested, without touching a target.
    List(ListArguments),
    /// Plant known faults, one at a time, and see each found: what would a run find, and how soon?
    Selftest(crate::commands::selftest::SelftestArguments),
    /// Make a key for sealing records.
    Keygen(crate::commands::keygen::KeygenArguments),
    /// Work a run's verdict out again from its cases, and sign its record.
    Seal(crate::commands::seal::SealArguments),
    /// Check a record offline: every byte, the seal, and what it says against what its cases show.
    Verify(crate::commands::verify::VerifyArguments),
    /// Prove one case of a record without showing the others.
    Prove(crate::commands::prove::ProveArguments),
    /// Derive a view again from a record: HTML, JUnit, SARIF, OSCAL, CSV, Markdown.
    Report(crate::commands::report::ReportArguments),
    /// Make a customer's technical review package from a record that verifies.
    Package(crate::commands::package::PackageArguments),
    /// Start the embedded server with the demonstration's tenants, for sqlcmd and other clients.
    Serve(ServeArguments),
    /// Measure this machine: judged statements per second, provisioning, memory.
    Bench(BenchArguments),
    /// Print the JSON Schema of watertight.yaml, of scenarios, or of case files.
    Schema(SchemaArguments),
}

/// Which system is under test.
#[derive(Debug, Clone, Args)]
pub(crate) struct SystemArguments {
    /// The description of your system. Without it, the built-in demonstration is tested.
    #[arg(long, value_name = "watertight.yaml")]
    pub(crate) config: Option<PathBuf>,
    /// One design of the demonstration instead of both, one after the other. With a patch, and for
    /// `serve`, it is database-per-tenant when left out.
    #[arg(long, value_enum, conflicts_with = "config")]
    pub(crate) design: Option<DesignArgument>,
    /// The number of tenants; the configuration's own names come first.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=1000))]
    pub(crate) tenants: Option<u16>,
    /// The seed: the same seed tries the same things.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// The designs of the demonstration, in the order in which `run` tests them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DesignArgument {
    /// A database for each tenant.
    DatabasePerTenant,
    /// One database, rows owned by an organisation.
    SharedDatabase,
}

/// Where a system is attacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaneArgument {
    /// With T-SQL, as its principals.
    Sql,
    /// With requests, as the callers of its service.
    Api,
    /// Both, one after the other.
    Both,
}

/// `watertight run`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight run                                   both designs of the demonstration, 3 minutes
  watertight run --design shared-database          one of them
  watertight run --budget 20s --seed 7 --tenants 6 --out out --junit out/junit.xml
  watertight run --plane api                       through its API alone
  watertight run --jobs 1                          one server for each system: less memory
  watertight run --patch my-change.sql             what if this T-SQL had been applied to every tenant?
  watertight run --fault temporal-missing          would this run find a planted fault?
  watertight run --config watertight.yaml          your own system
  watertight run --write-baseline known.yaml       today's causes, as a file to review
  watertight run --baseline known.yaml             fail on new causes alone
  watertight run --resume --out out                go on where a killed run stopped")]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) system: SystemArguments,
    /// How long to attack, for example 20s, 5m or 1h. Baseline and sweep always run to their end
    /// or to this limit; random cases fill the rest.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) budget: Option<Duration>,
    /// Stop after this many random cases instead of after a time: makes two runs comparable
    /// byte by byte.
    #[arg(long, value_name = "N", conflicts_with = "budget")]
    pub(crate) cases: Option<u64>,
    /// On how many servers that are alike the cases of one system are played, side by side. What is seen does not
    /// depend on it, only how soon. Without it: as many as there are processors for, and no more than 4. A system that
    /// is not started by the run is always attacked alone.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) jobs: Option<u16>,
    /// Where the system is attacked. Without it: wherever it is described; with planted faults,
    /// where they lie.
    #[arg(long, value_name = "PLANE")]
    pub(crate) plane: Option<PlaneArgument>,
    #[command(flatten)]
    pub(crate) planted: PlantArguments,
    /// Where the record is written, the bundle of evidence. An earlier run's folder is kept as
    /// `<DIR>.old`.
    #[arg(long, value_name = "DIR", default_value = "watertight.out")]
    pub(crate) out: PathBuf,
    /// What `watertight selftest --json` wrote about this version: which planted faults it finds. It goes
    /// into the record; without it the record says nothing about sensitivity.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) selftest: Option<PathBuf>,
    /// Also write a JUnit report here.
    #[arg(long, value_name = "FILE.xml")]
    pub(crate) junit: Option<PathBuf>,
    /// Which reader the JUnit report is for.
    #[arg(long, value_enum, default_value_t = JunitDialect::Jenkins)]
    pub(crate) junit_dialect: JunitDialect,
    /// Fail on causes alone that are not in this file. A known cause that breaks more promises than the
    /// file says, or has become more severe, counts as new.
    #[arg(long, value_name = "FILE.yaml")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the causes of this run, waived ones apart, to a file for --baseline.
    #[arg(long, value_name = "FILE.yaml")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Go on with the run in --out that was killed; everything else must be as it was.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Print the closing report only.
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Attack an external server even though it holds databases that are not of this run.
    #[arg(long)]
    pub(crate) i_know_this_server_holds_other_databases: bool,
    /// Leave databases and logins on an external server when the run is over.
    #[arg(long)]
    pub(crate) keep: bool,
}

/// What is applied before anything is attacked.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PlantArguments {
    /// T-SQL that is run as administrator after provisioning. Repeatable.
    #[arg(long, value_name = "FILE.sql")]
    pub(crate) patch: Vec<PathBuf>,
    /// Apply the patches to this tenant only.
    #[arg(long, value_name = "NAME", requires = "patch")]
    pub(crate) patch_tenant: Option<String>,
    /// Apply the patches to this shared database (such as `registry`) instead of the tenants'.
    #[arg(
        long,
        value_name = "KEY",
        requires = "patch",
        conflicts_with = "patch_tenant"
    )]
    pub(crate) patch_db: Option<String>,
    /// Plant a fault of the catalogue (`watertight list faults`). Repeatable.
    #[arg(long, value_name = "ID")]
    pub(crate) fault: Vec<String>,
    /// Make the legitimate variant that is nearest to a fault. Repeatable.
    #[arg(long, value_name = "ID")]
    pub(crate) near_miss: Vec<String>,
}

/// Readers of JUnit that contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum JunitDialect {
    /// Jenkins, GitLab, Azure DevOps, GitHub actions.
    Jenkins,
    /// Apache Ant.
    Ant,
    /// Maven Surefire.
    Surefire,
}

impl From<JunitDialect> for reports::Dialect {
    fn from(dialect: JunitDialect) -> Self {
        match dialect {
            JunitDialect::Jenkins => Self::Jenkins,
            JunitDialect::Ant => Self::Ant,
            JunitDialect::Surefire => Self::Surefire,
        }
    }
}

/// `watertight list`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListArguments {
    /// What to list.
    #[arg(value_enum)]
    pub(crate) what: Listed,
    #[command(flatten)]
    pub(crate) system: SystemArguments,
    /// Only the scenarios that attack this control, such as D03.
    #[arg(long, value_name = "ID")]
    pub(crate) control: Option<String>,
}

/// `watertight schema`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SchemaArguments {
    /// The schema of the files below `scenarios/`.
    #[arg(long)]
    pub(crate) scenario: bool,
    /// The schema of case files: scenarios, and what `run` writes below `cases/`.
    #[arg(long, conflicts_with = "scenario")]
    pub(crate) case: bool,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listed {
    /// The promises, and how far each is attacked.
    Controls,
    /// The hand-written attacks, by control, and whether they apply to the target.
    Scenarios,
    /// The catalogue of known attacks and leaks, and which scenario covers each.
    Attacks,
    /// The planted faults of the catalogue, and the promises that each breaks.
    Faults,
    /// What the demonstration or the configured system offers to attack: databases, objects,
    /// principals, declared rights.
    Surface,
    /// The statements of a shared database, and for each whether the tenant was applied.
    Statements,
}

/// `watertight serve`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  watertight serve
  watertight serve --port 1433 --tls
  watertight serve --design shared-database
  sqlcmd -S 127.0.0.1,1433 -U sa -P <printed password>
  tsql -H 127.0.0.1 -p 1433 -U wt_acme_app_rw -P <printed password>")]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) system: SystemArguments,
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// Offer TLS 1.2 with a certificate made for this run.
    #[arg(long)]
    pub(crate) tls: bool,
    /// Start empty: no demonstration, only `sa`.
    #[arg(long)]
    pub(crate) empty: bool,
    /// Also write address and logins to this file, as JSON, for scripts. Readable by you only.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) write_logins: Option<PathBuf>,
}

/// `watertight bench`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BenchArguments {
    /// How long to attack while measuring.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "10s")]
    pub(crate) budget: Duration,
    /// Also write the figures as JSON.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) json: Option<PathBuf>,
}

/// A duration as configurations write it.
fn duration(text: &str) -> Result<Duration, configuration::InvalidDuration> {
    configuration::parse_duration(text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
