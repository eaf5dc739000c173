//! Which ways of a step were nobody's to go? A view or a procedure that no declared right gives to anybody
//! may be all that a hole consists of.

use std::collections::BTreeSet;

use domain::case::Step;
use domain::intent::Action;
use domain::surface::{Module, Surface};
use domain::system::System;

/// What a view is read and written by, and what a procedure or a function is run by.
const USES: [Action; 5] = [
    Action::Select,
    Action::Insert,
    Action::Update,
    Action::Delete,
    Action::Execute,
];

/// The views, procedures and functions that a step names and that nobody may use, as `schema.name`.
pub(crate) fn of_nobody(step: &Step, surface: &Surface, system: &System) -> Vec<String> {
    let is_given = |object: &str| {
        let mut uses = USES.iter();
        uses.any(|action| !system.intent.rightful(*action, object).is_empty())
    };
    let claimed = step.claim.as_ref().map(|claim| claim.object.as_str());
    let is_named = |object: &str, module: &Module| {
        claimed.is_some_and(|claimed| claimed.eq_ignore_ascii_case(object))
            || names(&step.batch, &module.name)
    };
    let modules = surface.databases.iter().flat_map(|one| &one.modules);
    let ways: BTreeSet<&String> = modules
        .filter(|(object, module)| is_named(object, module) && !is_given(object))
        .map(|(object, _)| object)
        .collect();
    ways.into_iter().cloned().collect()
}

/// Whether a batch says a name as a word of its own, quoted or not.
fn names(batch: &str, name: &str) -> bool {
    let (batch, name) = (batch.to_lowercase(), name.to_lowercase());
    let goes_on = |c: char| c.is_alphanumeric() || "_@#$".contains(c);
    !name.is_empty()
        && batch.match_indices(&name).any(|(at, _)| {
            let before = batch[..at].chars().next_back();
            let after = batch[at + name.len()..].chars().next();
            !before.is_some_and(goes_on) && !after.is_some_and(goes_on)
        })
}

#[cfg(test)]
mod tests {
    use domain::case::{Actor, BatchTraits, Claim, Step};
    use domain::example;
    use domain::intent::{Action, Rule};
    use domain::seed::Seed;
    use domain::surface::Module;

    use super::of_nobody;

    #[test]
    fn a_way_is_what_is_named_and_given_to_nobody() {
        let mut system = example::system(2);
        let world = example::world(2, Seed(7));
        let mut surface = example::surface(&world);
        for (schema, name, kind) in [
            ("dbo", "AllCustomers", "V"),
            ("dbo", "OwnCustomers", "V"),
            ("dbo", "TidyUp", "P"),
        ] {
            let module = Module {
                schema: schema.into(),
                name: name.into(),
                kind: kind.into(),
                parameters: Vec::new(),
                outputs: Vec::new(),
                columns: Vec::new(),
                updatable: Vec::new(),
                past: false,
            };
            for database in &mut surface.databases {
                let object = format!("{schema}.{name}");
                database.modules.insert(object, module.clone());
            }
        }
        system.intent.rules = vec![Rule {
            principals: vec!["app_rw".into()],
            actions: vec![Action::Select],
            on: vec!["dbo.OwnCustomers".into()],
            except: Vec::new(),
        }];
        for (batch, object, expected) in [
            (
                "SELECT * FROM dbo.AllCustomers;",
                "dbo.AllCustomers",
                &["dbo.AllCustomers"][..],
            ),
            (
                "SELECT * FROM [dbo].[allcustomers]",
                "",
                &["dbo.AllCustomers"],
            ),
            (
                "EXEC TidyUp; SELECT * FROM dbo.AllCustomers",
                "",
                &["dbo.AllCustomers", "dbo.TidyUp"],
            ),
            // It is claimed, and spelled in pieces.
            (
                "EXEC (N'SELECT * FROM dbo.All' + N'Customers')",
                "dbo.AllCustomers",
                &["dbo.AllCustomers"],
            ),
            // Somebody may, or it is another name, or a table.
            ("SELECT * FROM dbo.OwnCustomers", "dbo.OwnCustomers", &[]),
            (
                "SELECT * FROM dbo.AllCustomersOfOld, dbo.NotAllCustomers",
                "",
                &[],
            ),
            ("SELECT * FROM dbo.Customers", "dbo.Customers", &[]),
        ] {
            let step = Step {
                actor: Actor::Administrator {
                    database: "wt_acme".into(),
                },
                batch: batch.into(),
                claim: (!object.is_empty()).then(|| Claim {
                    action: Action::Select,
                    database: "wt_acme".into(),
                    tenant: None,
                    object: object.into(),
                    family: "direct".into(),
                }),
                twin: None,
                traits: BatchTraits::default(),
            };
            assert_eq!(of_nobody(&step, &surface, &system), expected, "{batch}");
        }
    }
}
