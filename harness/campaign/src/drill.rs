//! The restore drill: each tenant's database is backed up, goes on, and is restored to a point in
//! time while another tenant works. What everything hashed to is recorded; what it means is decided
//! by [`oracles`].

use domain::case::{Actor, BatchTraits, Step};
use domain::history::{Fingerprints, Response, ResultSet};
use domain::inspection::{Answer, Fact, Topic};
use domain::intent::Action;
use domain::surface::Cell;
use domain::world::TenantIndex;
use generators::Terrain;

use crate::plan::Plan;
use crate::stage::{Stage, StageError};

const TRAITS: BatchTraits = BatchTraits {
    changes_session: true,
    controls_transactions: false,
    opaque: false,
    writes: true,
};

/// A drill for each tenant, on a stage that can be put back. A step that the target refuses ends the tenant's drill with its reason.
pub(crate) async fn facts<S: Stage>(
    stage: &mut S,
    plan: &Plan<'_>,
) -> Result<Vec<Fact>, StageError> {
    let terrain = Terrain::new(plan.system, plan.world, plan.surface);
    let honest: Vec<Step> = generators::baseline(&terrain)
        .into_iter()
        .flat_map(|case| case.steps)
        .filter(|step| {
            step.claim
                .as_ref()
                .is_some_and(|claim| claim.action == Action::Insert)
        })
        .collect();
    let tenants = plan.world.tenants.len();
    let mut facts = Vec::new();
    for index in plan.world.indexes() {
        let database = plan.world.tenant(index).database.clone();
        let neighbour = TenantIndex((index.0 + 1) % tenants);
        stage.restore().await?;
        let answer = Drill {
            stage: &mut *stage,
            database: &database,
            device: format!("{database}_drill"),
            rows: Vec::new(),
        }
        .run(&writes_of(&honest, index), &writes_of(&honest, neighbour))
        .await?;
        stage.restore().await?;
        facts.push(Fact {
            topic: Topic::Restore,
            asked: format!("RESTORE DATABASE [{database}] … WITH STOPAT"),
            database,
            answer: match answer {
                Ok(set) => Answer::Sets(vec![set]),
                Err(reason) => Answer::None { reason },
            },
        });
    }
    Ok(facts)
}

/// What a tenant's principals may add, in the order of the baseline.
fn writes_of(honest: &[Step], tenant: TenantIndex) -> Vec<Step> {
    honest
        .iter()
        .filter(|step| step.actor.tenant() == Some(tenant))
        .cloned()
        .collect()
}

struct Drill<'a, S> {
    stage: &'a mut S,
    database: &'a str,
    device: String,
    /// Moment, name, and what it hashed to.
    rows: Vec<Vec<Cell>>,
}

impl<S: Stage> Drill<'_, S> {
    async fn run(
        mut self,
        own: &[Step],
        neighbours: &[Step],
    ) -> Result<Result<ResultSet, String>, StageError> {
        let ([first, second, ..], [before, during, ..]) = (own, neighbours) else {
            return Ok(Err("no two things that a principal may add".into()));
        };
        let name = format!("[{}]", self.database.replace(']', "]]"));
        let device = self.device.replace('\'', "''");
        let whole = format!("BACKUP DATABASE {name} TO DISK = N'{device}.bak' WITH INIT, FORMAT;");
        if let Err(reason) = self.administer(&whole).await {
            return Ok(Err(reason));
        }
        for step in [first, before] {
            if let Err(reason) = self.write(step).await {
                return Ok(Err(reason));
            }
        }
        let moment = match self
            .administer("SELECT CONVERT(nvarchar(40), SYSDATETIME(), 126) AS Now;")
            .await
        {
            Err(reason) => return Ok(Err(reason)),
            Ok(response) => response,
        };
        let moment = moment
            .results
            .first()
            .and_then(|set| set.rows.first()?.first());
        let Some(Cell::Text(moment)) = moment else {
            return Ok(Err("the target does not tell the time".into()));
        };
        let moment = moment.clone();
        self.record("at the point").await?;
        if let Err(reason) = self.write(second).await {
            return Ok(Err(reason));
        }
        self.record("later").await?;
        // Whoever is still connected would keep the database from being replaced.
        self.stage.close_sessions();
        for batch in [
            format!(
                "ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; \
                 BACKUP LOG {name} TO DISK = N'{device}.trn' WITH INIT, FORMAT, NORECOVERY;"
            ),
            format!(
                "RESTORE DATABASE {name} FROM DISK = N'{device}.bak' WITH NORECOVERY, REPLACE;"
            ),
        ] {
            if let Err(reason) = self.administer(&batch).await {
                return Ok(Err(reason));
            }
        }
        // The other tenant works while this one is away.
        let work = self.write(during).await.err().unwrap_or_default();
        self.rows.push(vec![
            Cell::Text("work".into()),
            Cell::Text(work),
            Cell::Text(String::new()),
        ]);
        self.record("away").await?;
        let recover = format!(
            "RESTORE LOG {name} FROM DISK = N'{device}.trn' WITH STOPAT = N'{moment}', RECOVERY;"
        );
        if let Err(reason) = self.administer(&recover).await {
            return Ok(Err(reason));
        }
        self.record("restored").await?;
        Ok(Ok(ResultSet {
            columns: ["Moment", "Name", "Hash"].map(str::to_owned).to_vec(),
            rows: self.rows,
            rows_dropped: 0,
        }))
    }

    async fn administer(&mut self, batch: &str) -> Result<Response, String> {
        let actor = Actor::Administrator {
            database: "master".into(),
        };
        let response = self.stage.run(&actor, batch, TRAITS).await;
        check(response, batch)
    }

    async fn write(&mut self, step: &Step) -> Result<Response, String> {
        let traits = BatchTraits {
            changes_session: true,
            ..step.traits
        };
        let response = self.stage.run(&step.actor, &step.batch, traits).await;
        check(response, &step.batch)
    }

    async fn record(&mut self, moment: &str) -> Result<(), StageError> {
        let taken: Fingerprints = self.stage.fingerprints().await?;
        for (name, hash) in taken {
            self.rows.push(vec![
                Cell::Text(moment.into()),
                Cell::Text(name),
                Cell::Text(hash),
            ]);
        }
        Ok(())
    }
}

fn check(response: Response, batch: &str) -> Result<Response, String> {
    if response.lost.is_some() {
        return Err(format!("the connection was lost at {batch}"));
    }
    match response.first_error() {
        Some(error) => Err(format!("error {}: {} at {batch}", error.number, error.text)),
        None => Ok(response),
    }
}
