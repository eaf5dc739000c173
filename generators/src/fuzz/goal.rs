//! What one step is after, and the draft of its batch.

use domain::case::BatchTraits;
use domain::feature::Feature;
use domain::intent::{Action, Intent};
use domain::surface::{Column, Database, Module, Table};

use crate::draw::Draw;
use crate::frozen;
use crate::fuzz::spellings::{LEAVES_SCHEMA_OUT, Spelled, Spelling};
use crate::literal::{bracketed, text};
use crate::rows;
use crate::statements::Standpoint;
use crate::terrain::{Attacker, Need, Terrain};

/// A statement family: one way of doing some actions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    /// Its name in claims.
    pub(crate) name: &'static str,
    /// What it can do.
    pub(crate) actions: &'static [Action],
    /// How often it is chosen among those that can.
    pub(crate) weight: usize,
    /// Makes the statement, or nothing when it does not fit the goal.
    pub(crate) build: fn(&mut Draw, &Goal<'_>) -> Option<Draft>,
}

impl Family {
    /// Whether it can do `action`.
    pub(crate) fn does(&self, action: Action) -> bool {
        self.actions.contains(&action)
    }
}

/// What a step is after.
#[derive(Debug, Clone)]
pub(crate) struct Goal<'a> {
    pub(crate) terrain: &'a Terrain<'a>,
    pub(crate) attacker: Attacker<'a>,
    /// The attacker's own database.
    pub(crate) home: &'a Database,
    /// The database that is attacked.
    pub(crate) target: &'a Database,
    pub(crate) securable: Securable<'a>,
    /// `schema.object`, or empty for the database.
    pub(crate) object: String,
    pub(crate) action: Action,
    /// Makes fresh rows and values of this step differ from those of others.
    pub(crate) n: usize,
    /// How the securable's name is written in the batch.
    pub(crate) spelled: Spelled,
    /// The earlier step of the case, from 1, that made a row of this table and answered with it.
    pub(crate) made_by: Option<usize>,
    /// It goes for rows that nobody may change any more.
    pub(crate) frozen: bool,
}

/// What is attacked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Securable<'a> {
    Table(&'a Table),
    Module(&'a Module),
    Database,
}

/// A batch in the making.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) text: String,
    /// The rights that it takes, the one that it is about first.
    pub(crate) needs: Vec<Need>,
    pub(crate) traits: BatchTraits,
    /// The families that made it.
    pub(crate) families: Vec<&'static str>,
    /// It says names of the attacker's own database without saying which.
    pub(crate) at_home: bool,
    /// Only the administrator can arm it.
    pub(crate) by_administrator: bool,
}

impl Draft {
    /// Whether T-SQL wants it to begin its batch or block.
    pub(crate) fn must_begin(&self) -> bool {
        [
            "WITH ",
            "CREATE VIEW",
            "CREATE PROCEDURE",
            "CREATE SCHEMA",
            "CREATE TRIGGER",
        ]
        .iter()
        .any(|head| self.text.starts_with(head))
    }
}

impl<'a> Goal<'a> {
    /// Something to do `action` to in `target`.
    pub(crate) fn draw(
        draw: &mut Draw,
        terrain: &'a Terrain<'a>,
        attacker: Attacker<'a>,
        home: &'a Database,
        target: &'a Database,
        action: Action,
    ) -> Option<Self> {
        let tables: Vec<&Table> = target.tables.values().collect();
        // Append-only tables are what the promises are about.
        let guarded = |table: &&Table| {
            if terrain.system.intent.is_append_only(&table.object()) {
                4
            } else {
                1
            }
        };
        let modules = |kinds: &[&str]| -> Vec<&Module> {
            let of_kind = |module: &&Module| kinds.contains(&module.kind.as_str());
            target.modules.values().filter(of_kind).collect()
        };
        let securable = match action {
            Action::Execute => Securable::Module(draw.pick(&modules(&["P", "FN"])).copied()?),
            Action::Create | Action::Connect | Action::Impersonate | Action::Backup => {
                Securable::Database
            }
            Action::Grant | Action::Alter if draw.chance(20) => Securable::Database,
            Action::Select if draw.chance(10) => {
                Securable::Module(draw.pick(&modules(&["V"])).copied()?)
            }
            Action::Drop | Action::Grant if draw.chance(20) => Securable::Module(
                draw.pick(&modules(&["V", "P", "FN", "IF", "TF"]))
                    .copied()?,
            ),
            _ => Securable::Table(draw.weighted(&tables, guarded).copied()?),
        };
        Some(Self::on(
            draw,
            terrain,
            attacker,
            (home, target),
            securable,
            action,
        ))
    }

    /// This securable of the target, seen from home.
    pub(crate) fn on(
        draw: &mut Draw,
        terrain: &'a Terrain<'a>,
        attacker: Attacker<'a>,
        (home, target): (&'a Database, &'a Database),
        securable: Securable<'a>,
        action: Action,
    ) -> Self {
        let object = match securable {
            Securable::Table(table) => table.object(),
            Securable::Module(module) => format!("{}.{}", module.schema, module.name),
            Securable::Database => String::new(),
        };
        let n = draw.within(1..100_000);
        let spelled = Spelled::default();
        let made_by = None;
        Self {
            terrain,
            attacker,
            home,
            target,
            securable,
            object,
            action,
            n,
            spelled,
            made_by,
            frozen: false,
        }
    }

    /// Frozen rows of the attacker's own tenant, to be changed or removed.
    pub(crate) fn on_frozen(
        draw: &mut Draw,
        terrain: &'a Terrain<'a>,
        attacker: Attacker<'a>,
        home: &'a Database,
    ) -> Option<Self> {
        let intent = &terrain.system.intent;
        let tables: Vec<&Table> = home
            .tables
            .values()
            .filter(|table| !frozen::rows(intent, home, table).is_empty())
            .collect();
        let table = *draw.pick(&tables)?;
        let action = if draw.chance(60) {
            Action::Update
        } else {
            Action::Delete
        };
        let place = (home, home);
        let mut goal = Self::on(
            draw,
            terrain,
            attacker,
            place,
            Securable::Table(table),
            action,
        );
        goal.object = Intent::frozen_rows(&goal.object);
        goal.frozen = true;
        Some(goal)
    }

    /// Positions of the rows that the goal is about: the frozen ones, or those that are not.
    pub(crate) fn rows(&self) -> Vec<usize> {
        let Some(table) = self.table() else {
            return Vec::new();
        };
        let intent = &self.terrain.system.intent;
        if self.frozen {
            frozen::rows(intent, self.target, table)
        } else {
            frozen::open_rows(intent, self.target, table)
        }
    }

    /// The same without those that other rows refer to.
    pub(crate) fn unreferenced(&self) -> Vec<usize> {
        let Some(table) = self.table() else {
            return Vec::new();
        };
        let unreferenced = rows::unreferenced(self.target, table);
        let mut rows = self.rows();
        rows.retain(|row| unreferenced.contains(row));
        rows
    }

    /// Whether a statement over all rows stays among those that the goal is about.
    fn is_about_all(&self) -> bool {
        self.frozen
            || self
                .table()
                .is_some_and(|table| self.rows().len() == table.rows.len())
    }

    /// The same goal with its name written by `spelling`.
    pub(crate) fn spelled(mut self, draw: &mut Draw, spelling: Option<&Spelling>) -> Self {
        let (schema, name) = match self.securable {
            Securable::Table(table) => (table.schema.as_str(), table.name.as_str()),
            Securable::Module(module) => (module.schema.as_str(), module.name.as_str()),
            Securable::Database => return self,
        };
        let parts = [self.target.name.as_str(), schema, name];
        let spelled = spelling.and_then(|spelling| {
            let mut spelled = (spelling.spell)(draw, &parts, self.is_at_home())?;
            if spelling.name == LEAVES_SCHEMA_OUT && self.has_namesake(schema, name) {
                return None;
            }
            spelled.family = Some(spelling.name);
            Some(spelled)
        });
        self.spelled = spelled.unwrap_or_else(|| Spelled::plain(&parts, self.is_at_home()));
        self
    }

    /// Whether another schema of the target has something of the same name: whoever has that schema
    /// for a default would mean the other.
    fn has_namesake(&self, schema: &str, name: &str) -> bool {
        let tables = self.target.tables.values();
        let modules = self.target.modules.values();
        tables
            .map(|table| (&table.schema, &table.name))
            .chain(modules.map(|module| (&module.schema, &module.name)))
            .any(|(own, object)| {
                object.eq_ignore_ascii_case(name) && !own.eq_ignore_ascii_case(schema)
            })
    }

    /// Whether the attacker attacks within its own database.
    pub(crate) fn is_at_home(&self) -> bool {
        self.home.name == self.target.name
    }

    /// The securable's name, as spelled.
    pub(crate) fn name(&self) -> &str {
        &self.spelled.name
    }

    /// The table, when it is one.
    pub(crate) fn table(&self) -> Option<&'a Table> {
        match self.securable {
            Securable::Table(table) => Some(table),
            _ => None,
        }
    }

    /// A draft that takes the goal's action and `also` on the securable.
    pub(crate) fn draft(&self, text: String, also: &[Action]) -> Draft {
        let need = |action| Need::new(self.target, &self.object, action);
        let writes = !matches!(
            self.action,
            Action::Select | Action::Connect | Action::Backup
        );
        Draft {
            text,
            needs: std::iter::once(self.action)
                .chain(also.iter().copied())
                .map(need)
                .collect(),
            traits: BatchTraits {
                writes,
                ..BatchTraits::default()
            },
            families: self.spelled.family.into_iter().collect(),
            at_home: false,
            by_administrator: false,
        }
    }

    /// Adds what the spelling asks for around the statement.
    pub(crate) fn finish(&self, mut draft: Draft) -> Draft {
        if draft.at_home {
            // It names its target itself, from where the attacker is.
            return draft;
        }
        if let Some(family) = self.spelled.family
            && !draft.text.contains(self.name())
        {
            // The statement did without the name (it took its own).
            draft.families.retain(|own| *own != family);
            return draft;
        }
        if let Some(prefix) = &self.spelled.prefix {
            let statement = if draft.must_begin() && !draft.text.starts_with("WITH ") {
                format!("EXEC ({});", text(&draft.text))
            } else {
                draft.text.clone()
            };
            let batch = format!("{prefix} {statement}");
            draft.text = if self.spelled.enclosed {
                format!("EXEC ({});", text(&batch))
            } else {
                batch
            };
            draft.traits.changes_session |= !self.spelled.enclosed;
        }
        draft
    }

    /// A column whose values are text, or any column when there is none.
    pub(crate) fn telling_column(&self, draw: &mut Draw) -> Option<&'a Column> {
        let columns = &self.table()?.columns;
        let text: Vec<&Column> = columns.iter().filter(|column| is_text(column)).collect();
        if text.is_empty() {
            let all: Vec<&Column> = columns.iter().collect();
            draw.pick(&all).copied()
        } else {
            draw.pick(&text).copied()
        }
    }

    /// A column whose values are text.
    pub(crate) fn text_column(&self, draw: &mut Draw) -> Option<&'a Column> {
        self.telling_column(draw).filter(|column| is_text(column))
    }

    /// A row that nothing references, as a predicate over the key.
    pub(crate) fn victim(&self, draw: &mut Draw, alias: &str) -> Option<String> {
        let table = self.table()?;
        if let Some(made) = self.made(alias) {
            return Some(made);
        }
        let row = *draw.pick(&self.unreferenced())?;
        rows::key_predicate(table, row, alias)
    }

    /// Any row, as a predicate over the key.
    pub(crate) fn row(&self, draw: &mut Draw, alias: &str) -> Option<String> {
        let table = self.table()?;
        if let Some(made) = self.made(alias) {
            return Some(made);
        }
        let row = *draw.pick(&self.rows())?;
        rows::key_predicate(table, row, alias)
    }

    /// The row that an earlier step made, by its key as that step answered it.
    fn made(&self, alias: &str) -> Option<String> {
        let step = self.made_by?;
        let table = self.table()?;
        let terms: Vec<String> = table
            .primary_key
            .iter()
            .map(|key| {
                format!(
                    "{alias}{} = {{{{step {step} column {key}}}}}",
                    bracketed(key)
                )
            })
            .collect();
        (!terms.is_empty()).then(|| terms.join(" AND "))
    }

    /// Whether the table's key is of whole numbers: their literals need no quotes, so a reference to
    /// them can stand at any depth of dynamic SQL.
    pub(crate) fn has_whole_number_key(&self) -> bool {
        self.table().is_some_and(|table| {
            !table.primary_key.is_empty()
                && table.primary_key.iter().all(|key| {
                    table
                        .columns
                        .iter()
                        .any(|column| column.name == *key && column.data_type.ends_with("int"))
                })
        })
    }

    /// Whether every row can be deleted.
    pub(crate) fn can_be_emptied(&self) -> bool {
        self.is_about_all()
            && self.table().is_some_and(|table| {
                !table.rows.is_empty()
                    && rows::unreferenced(self.target, table).len() == table.rows.len()
            })
    }

    /// Whether a statement may answer with OUTPUT: not from a table that has triggers (334).
    pub(crate) fn may_answer(&self) -> bool {
        self.table().is_some_and(|table| table.triggers.is_empty())
    }

    /// A column and a value that it can take in every row.
    pub(crate) fn assignment(&self) -> Option<(String, String)> {
        rows::assignment(self.table()?, self.terrain.world, self.n)
    }

    /// The same for a statement over all rows.
    pub(crate) fn assignment_to_all(&self) -> Option<(String, String)> {
        self.is_about_all().then_some(())?;
        self.assignment()
    }

    /// A row that can be inserted.
    pub(crate) fn fresh(&self) -> Option<rows::FreshRow> {
        frozen::fresh(self.terrain, self.target, self.table()?, self.n)
            .filter(|row| !row.columns.is_empty())
    }

    /// Whether the target offers this.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.terrain.surface.features.contains(&feature)
    }

    /// A statement about the target that can only be said inside its database.
    pub(crate) fn inside(&self, statement: &str) -> String {
        let point = if self.is_at_home() {
            Standpoint::Inside
        } else {
            Standpoint::Outside
        };
        point.inside(self.target, statement)
    }

    /// Whether the table keeps its history: the server lets nobody drop, truncate or switch such a
    /// table, not even who could arm the attempt.
    pub(crate) fn keeps_history(&self) -> bool {
        self.terrain.system.intent.is_system_versioned(&self.object)
    }

    /// Whether rows of other tables refer to the table.
    pub(crate) fn is_referenced(&self) -> bool {
        self.table()
            .is_some_and(|table| rows::is_referenced(self.target, table))
    }

    /// A column of text that no key, reference or default binds.
    pub(crate) fn free_text_column(&self) -> Option<&'a Column> {
        let table = self.table()?;
        let bound = |name: &String| {
            table.primary_key.contains(name)
                || table.unique.iter().any(|set| set.contains(name))
                || table
                    .foreign_keys
                    .iter()
                    .any(|key| key.columns.contains(name))
        };
        table.columns.iter().find(|column| {
            is_text(column) && !column.has_default && !column.generated && !bound(&column.name)
        })
    }

    /// Another principal of the attacker's tenant.
    pub(crate) fn colleague(&self, draw: &mut Draw) -> Option<&'a str> {
        let colleagues: Vec<&str> = self
            .terrain
            .attackers_of(self.attacker.tenant)
            .into_iter()
            .map(|one| one.principal)
            .filter(|name| *name != self.attacker.principal)
            .collect();
        draw.pick(&colleagues).copied()
    }

    /// The securable's two-part name, for use inside its database.
    pub(crate) fn two_part(&self) -> Option<String> {
        let (schema, name) = Intent::object_of_rows(&self.object).split_once('.')?;
        Some(format!("{}.{}", bracketed(schema), bracketed(name)))
    }
}

fn is_text(column: &Column) -> bool {
    matches!(
        column.data_type.as_str(),
        "char" | "varchar" | "nchar" | "nvarchar"
    )
}
