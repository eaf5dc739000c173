//! `inventory.json`: everything that the sources name, and for each thing the cells that tried it or the reason
//! why none did. Items in source are items covered and items excluded: what an auditor calls completeness.

use std::collections::BTreeMap;

use domain::event::{CellResult, Summary};
use domain::surface::{Surface, Temporal};
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// [`Inventory::SCHEMA`].
    pub schema: String,
    /// One for each system.
    pub systems: Vec<SystemInventory>,
}

impl Inventory {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/inventory/v1";
}

/// One system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemInventory {
    /// The system's key.
    pub key: String,
    /// Where its items come from.
    pub sources: Vec<Source>,
}

/// Where items come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What was asked, such as `sys.objects of every database`.
    pub origin: String,
    /// Items that it names.
    pub in_source: u64,
    /// Items that at least one attempt was made on.
    pub covered: u64,
    /// Items that nobody tried, each with a reason.
    pub excluded: u64,
    /// The items, in order of names.
    pub items: Vec<Item>,
}

/// One thing that could be attacked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// `schema.object`, or the operation's key.
    pub name: String,
    /// `table`, `history table`, `view`, `procedure`, `function` or `operation`.
    pub kind: String,
    /// Databases that have it; 0 for operations.
    pub databases: u64,
    /// Cells that name it.
    pub cells: u64,
    /// Attempts on it.
    pub attempts: u64,
    /// Why nobody tried it, if so.
    pub excluded: Option<String>,
}

impl SystemInventory {
    /// The population of the system called `key`, counted in its surface and contract and not in what was tried.
    pub fn new(key: &str, surface: &Surface, summary: &Summary) -> Self {
        let mut sources = Vec::new();
        let objects = objects(surface);
        if !objects.is_empty() {
            let items = objects
                .into_iter()
                .map(|((name, kind), databases)| tried(name, kind, databases, summary));
            sources.push(Source::new(
                "sys.objects of every database of the run",
                items.collect(),
            ));
        }
        if !summary.operations.is_empty() {
            let items = summary.operations.iter().map(|operation| Item {
                name: operation.operation.clone(),
                kind: "operation".into(),
                databases: 0,
                cells: 0,
                attempts: operation.requests,
                excluded: (operation.requests == 0).then(|| {
                    let reason = operation.reason.clone();
                    reason.unwrap_or_else(|| NOBODY.to_owned())
                }),
            });
            sources.push(Source::new(
                "operations of the published OpenAPI document",
                items.collect(),
            ));
        }
        Self {
            key: key.to_owned(),
            sources,
        }
    }
}

/// Why an item is excluded that nothing else is known of.
const NOBODY: &str = "no cell of this run names it";

impl Source {
    fn new(origin: &str, items: Vec<Item>) -> Self {
        let excluded = items.iter().filter(|item| item.excluded.is_some()).count();
        Self {
            origin: origin.to_owned(),
            in_source: items.len() as u64,
            covered: (items.len() - excluded) as u64,
            excluded: excluded as u64,
            items,
        }
    }

    /// Whether the totals are what the items say.
    pub fn is_reconciled(&self) -> bool {
        let excluded = self.items.iter().filter(|item| item.excluded.is_some());
        self.in_source == self.items.len() as u64
            && self.excluded == excluded.count() as u64
            && self.in_source == self.covered + self.excluded
    }
}

fn objects(surface: &Surface) -> BTreeMap<(String, &'static str), u64> {
    let mut objects: BTreeMap<(String, &'static str), u64> = BTreeMap::new();
    for database in &surface.databases {
        let tables = database.tables.values().map(|table| {
            let kind = match table.temporal {
                Temporal::History { .. } => "history table",
                _ => "table",
            };
            (table.object(), kind)
        });
        let modules = database.modules.values().map(|module| {
            let kind = match module.kind.trim() {
                "V" => "view",
                "P" => "procedure",
                _ => "function",
            };
            (module.object(), kind)
        });
        for object in tables.chain(modules) {
            *objects.entry(object).or_default() += 1;
        }
    }
    objects
}

/// What the cells that name an object come to.
fn tried(name: String, kind: &str, databases: u64, summary: &Summary) -> Item {
    let mut cells = 0;
    let mut attempts = 0;
    let named = |cell: &&CellResult| cell.at.what.eq_ignore_ascii_case(&name);
    for cell in summary.cells.iter().filter(named) {
        cells += 1;
        attempts += cell.attempts;
    }
    let excluded = match (cells, attempts) {
        (0, _) => Some(NOBODY.to_owned()),
        (_, 0) => Some("its cells were planned, but no attempt was made".to_owned()),
        _ => None,
    };
    Item {
        name,
        kind: kind.to_owned(),
        databases,
        cells,
        attempts,
        excluded,
    }
}

#[cfg(test)]
mod tests {
    use domain::event::{CellResult, CellVerdict, Coordinates, OperationCoverage, Summary};
    use domain::example;

    use super::SystemInventory;

    fn cell(what: &str, attempts: u64) -> CellResult {
        CellResult {
            at: Coordinates {
                what: what.into(),
                ..Coordinates::default()
            },
            name: format!("app_rw select {what} of another tenant"),
            class: "isolation.other.dbo".into(),
            controls: Vec::new(),
            armed: attempts,
            attempts,
            result: CellVerdict::Held,
        }
    }

    #[test]
    fn what_nobody_tried_is_excluded_with_a_reason_and_the_totals_agree() {
        let world = example::world(2, domain::seed::Seed(1));
        let surface = example::surface(&world);
        let table = surface.databases[0]
            .tables
            .values()
            .next()
            .expect("the example has a table");
        let summary = Summary {
            cells: vec![cell(&table.object(), 3)],
            operations: vec![
                OperationCoverage {
                    operation: "GET /invoices".into(),
                    requests: 4,
                    ..OperationCoverage::default()
                },
                OperationCoverage {
                    operation: "DELETE /tenant".into(),
                    reason: Some("left out by the configuration".into()),
                    ..OperationCoverage::default()
                },
            ],
            ..Summary::default()
        };
        let inventory = SystemInventory::new("example", &surface, &summary);
        assert!(inventory.sources.iter().all(super::Source::is_reconciled));
        let [objects, operations] = &inventory.sources[..] else {
            panic!("two sources, not {}", inventory.sources.len());
        };
        assert_eq!(objects.covered, 1);
        assert_eq!((operations.in_source, operations.excluded), (2, 1));
        let mut forged = operations.clone();
        forged.in_source = 3;
        assert!(!forged.is_reconciled());
    }
}
