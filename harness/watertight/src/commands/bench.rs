//! `watertight bench`: how fast is this machine, and where does the time go?
//!
//! Figures are wall times of one run on a machine that may be busy; compare ratios, not runs.

use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use campaign::clock::Clock as _;
use campaign::journal::Journal;
use campaign::plan::{Extent, First, Plan};
use domain::event::Summary;
use domain::seed::Seed;
use observers::Watch;
use serde_json::{Value, json};

use crate::args::BenchArguments;
use crate::environment::{MachineClock, peak_memory_kib};
use crate::exit_code::{Exit, Failure};
use crate::output::write_file;
use crate::preparation::{DEMONSTRATIONS, Permissions, Prepared, demonstration, with_tenants};

/// Provisioning is measured at these sizes.
const TENANTS: [u16; 5] = [4, 8, 16, 32, 64];

/// Measures and prints.
pub(crate) async fn bench(arguments: BenchArguments) -> Result<Exit, Failure> {
    let mut text = String::new();
    let mut figures = Vec::new();
    for name in DEMONSTRATIONS {
        let _ = writeln!(text, "{name}\n");
        let attack = attack(name, arguments.budget).await?;
        let _ = writeln!(
            text,
            "judged statements     {:>10.0} per second",
            attack.per_second
        );
        let _ = writeln!(
            text,
            "executing             {:>10.2} s",
            attack.executing.as_secs_f64()
        );
        let _ = writeln!(
            text,
            "judging               {:>10.2} s",
            attack.judging.as_secs_f64()
        );
        let _ = writeln!(text, "judging / executing   {:>10.2}", attack.ratio());
        let mut rows = Vec::new();
        let _ = writeln!(text, "\ntenants   provisioned in   per tenant");
        for tenants in TENANTS {
            let took = provision(name, tenants).await?;
            let each = took.as_secs_f64() * 1000.0 / f64::from(tenants);
            let _ = writeln!(
                text,
                "{tenants:>7} {:>14.2} s {each:>9.1} ms",
                took.as_secs_f64()
            );
            rows.push(json!({ "tenants": tenants, "seconds": took.as_secs_f64() }));
        }
        figures.push(json!({
            "system": name,
            "judged_per_second": attack.per_second,
            "executing_seconds": attack.executing.as_secs_f64(),
            "judging_seconds": attack.judging.as_secs_f64(),
            "judging_per_executing": attack.ratio(),
            "provisioning": rows,
        }));
    }
    let memory = peak_memory_kib();
    if let Some(kib) = memory {
        let _ = writeln!(
            text,
            "\npeak memory           {:>10.0} MiB",
            kib as f64 / 1024.0
        );
    }
    print(&text);
    if let Some(path) = &arguments.json {
        let document: Value = json!({ "systems": figures, "peak_memory_kib": memory });
        write_file(path, &(document.to_string() + "\n")).map_err(Failure::evidence)?;
    }
    Ok(Exit::Held)
}

/// What an attack of a fixed time amounts to.
struct Attack {
    per_second: f64,
    executing: Duration,
    judging: Duration,
}

impl Attack {
    fn ratio(&self) -> f64 {
        self.judging.as_secs_f64() / self.executing.as_secs_f64().max(f64::EPSILON)
    }
}

async fn attack(name: &str, budget: Duration) -> Result<Attack, Failure> {
    let seed = Seed(1);
    let mut silent = |_| {};
    let mut prepared = Prepared::provision(
        with_tenants(demonstration(name)?, 4),
        seed,
        Permissions::default(),
        &mut silent,
    )
    .await?;
    prepared.survey(&mut silent).await?;
    let watch = Watch::new(&prepared.surface, prepared.depth());
    let mut stage = campaign::Live::new(prepared.sessions()?, watch)
        .await
        .map_err(Failure::environment)?;
    let plan = Plan {
        system: &prepared.system,
        world: &prepared.world,
        surface: &prepared.surface,
        target: prepared.name(),
        seed,
        regressions: &[],
        extent: Extent::Budget(budget),
        first: First::default(),
        shrinking: campaign::plan::Shrinking::default(),
        resumed: None,
    };
    let clock = MachineClock::start();
    let never = AtomicBool::new(false);
    let summary: Summary = campaign::run(
        &plan,
        (&mut stage, Vec::new()),
        &mut Journal::none(),
        &clock,
        &mut silent,
        &never,
    )
    .await;
    let took = clock.now();
    prepared.dispose(false).await?;
    Ok(Attack {
        per_second: summary.judged as f64 / took.as_secs_f64().max(f64::EPSILON),
        executing: Duration::from_micros(summary.effort.executing_us),
        judging: Duration::from_micros(summary.effort.judging_us),
    })
}

async fn provision(name: &str, tenants: u16) -> Result<Duration, Failure> {
    let clock = MachineClock::start();
    let mut silent = |_| {};
    let prepared = Prepared::provision(
        with_tenants(demonstration(name)?, tenants),
        Seed(1),
        Permissions::default(),
        &mut silent,
    )
    .await?;
    let took = clock.now();
    prepared.dispose(false).await?;
    Ok(took)
}

#[expect(clippy::print_stdout, reason = "the figures are the command's result")]
fn print(text: &str) {
    print!("{text}");
}
