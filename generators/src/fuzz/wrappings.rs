//! What a statement can be wrapped in without changing what it does.

use domain::feature::Feature;
use domain::intent::Action;

use crate::draw::Draw;
use crate::fuzz::goal::{Draft, Goal};
use crate::literal::{bracketed, text};
use crate::terrain::Need;

/// A wrapping.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrapping {
    /// Its name in claims.
    pub(crate) name: &'static str,
    /// How often it is chosen.
    pub(crate) weight: usize,
    /// Wraps a draft, or nothing when it does not fit.
    pub(crate) wrap: fn(&mut Draw, &Goal<'_>, &Draft) -> Option<Draft>,
}

/// Every wrapping.
pub(crate) const WRAPPINGS: &[Wrapping] = &[
    // EXEC ('…'), one to three levels deep.
    Wrapping {
        name: "dynamic-sql",
        weight: 5,
        wrap: |draw, _, draft| {
            let levels = draw.within(1..4);
            let text = (0..levels).fold(draft.text.clone(), |inner, _| exec(&inner));
            Some(Draft {
                text,
                ..draft.clone()
            })
        },
    },
    // sp_executesql, with and without a parameter.
    Wrapping {
        name: "sp-executesql",
        weight: 4,
        wrap: |draw, _, draft| {
            let statement = text(&draft.text);
            let text = if draw.chance(50) {
                format!("EXEC sp_executesql {statement};")
            } else {
                format!("EXEC sp_executesql {statement}, N'@wt_n int', @wt_n = 1;")
            };
            Some(Draft {
                text,
                ..draft.clone()
            })
        },
    },
    // Put together from pieces, so that no piece says what it does.
    Wrapping {
        name: "assembled-text",
        weight: 4,
        wrap: |draw, _, draft| {
            // A reference to an earlier step must stay in one piece.
            (!draft.text.contains("{{")).then_some(())?;
            let letters: Vec<char> = draft.text.chars().collect();
            let cut = draw.within(1..letters.len().max(2));
            let (head, tail) = letters.split_at(cut.min(letters.len()));
            let text = format!(
                "DECLARE @wt_text nvarchar(max) = {} + {}; EXEC (@wt_text);",
                text(&head.iter().collect::<String>()),
                text(&tail.iter().collect::<String>())
            );
            Some(Draft {
                text,
                ..draft.clone()
            })
        },
    },
    // TRY … CATCH, which hides the refusal.
    Wrapping {
        name: "try-catch",
        weight: 3,
        wrap: |_, _, draft| {
            let text = format!(
                "BEGIN TRY {} END TRY BEGIN CATCH \
                 SELECT ERROR_NUMBER() AS Number, ERROR_MESSAGE() AS Message; END CATCH;",
                block(draft)
            );
            let mut draft = Draft {
                text,
                ..draft.clone()
            };
            draft.traits.opaque = true;
            Some(draft)
        },
    },
    // Only if it is allowed, which hides that it is not.
    Wrapping {
        name: "if-permitted",
        weight: 2,
        wrap: |_, goal, draft| {
            let right = match goal.action {
                Action::Select => "SELECT",
                Action::Insert => "INSERT",
                Action::Update => "UPDATE",
                Action::Delete => "DELETE",
                _ => return None,
            };
            let name = format!("{}.{}", bracketed(&goal.target.name), goal.two_part()?);
            let text = format!(
                "IF HAS_PERMS_BY_NAME({}, N'OBJECT', N'{right}') = 1 BEGIN {} END;",
                text(&name),
                block(draft)
            );
            let mut draft = Draft {
                text,
                ..draft.clone()
            };
            draft.traits.opaque = true;
            Some(draft)
        },
    },
    // A transaction that is committed.
    Wrapping {
        name: "committed-transaction",
        weight: 2,
        wrap: |_, _, draft| transaction(draft, "COMMIT TRANSACTION;"),
    },
    // A transaction that is taken back: nothing must remain, and nothing must have been allowed.
    Wrapping {
        name: "rolled-back-transaction",
        weight: 3,
        wrap: |_, _, draft| transaction(draft, "ROLLBACK TRANSACTION;"),
    },
    // A transaction that is taken back to a point within.
    Wrapping {
        name: "savepoint",
        weight: 1,
        wrap: |_, _, draft| {
            let saved = format!("SAVE TRANSACTION wt_point; {}", block(draft));
            let inner = Draft {
                text: saved,
                ..draft.clone()
            };
            let end = "ROLLBACK TRANSACTION wt_point; COMMIT TRANSACTION;";
            transaction(&inner, end)
        },
    },
    // A loop.
    Wrapping {
        name: "while-loop",
        weight: 2,
        wrap: |_, goal, draft| {
            let again = matches!(
                goal.action,
                Action::Select | Action::Update | Action::Delete
            );
            (again && !draft.text.contains("wt_detour") && !draft.text.contains("INSERT INTO"))
                .then_some(())?;
            // A second DECLARE of the same name in one batch is an error, not an attack.
            (!draft.text.contains("@wt_i ")).then_some(())?;
            let text = format!(
                "DECLARE @wt_i int = 0; WHILE @wt_i < 2 BEGIN {} SET @wt_i = @wt_i + 1; END;",
                exec(&draft.text)
            );
            Some(Draft {
                text,
                ..draft.clone()
            })
        },
    },
    // After something honest.
    Wrapping {
        name: "honest-first",
        weight: 3,
        wrap: |draw, _, draft| {
            // Once is enough, and a name cannot be declared twice.
            (!draft.families.contains(&"honest-first")).then_some(())?;
            let first = [
                "SELECT DB_NAME() AS Here;",
                "DECLARE @wt_own int = 1; SELECT @wt_own AS One;",
                "PRINT N'hello';",
                "SELECT COUNT(*) AS Many FROM [sys].[objects];",
            ];
            let first = draw.pick(&first)?;
            Some(Draft {
                text: format!("{first} {}", block(draft)),
                ..draft.clone()
            })
        },
    },
    // Under session options that hold as long as the EXEC.
    Wrapping {
        name: "session-options",
        weight: 3,
        wrap: |draw, _, draft| {
            let options = [
                "SET XACT_ABORT ON;",
                "SET LOCK_TIMEOUT 1000;",
                "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;",
                "SET ANSI_WARNINGS ON;",
                "SET ROWCOUNT 0;",
            ];
            let option = draw.pick(&options)?;
            let text = exec(&format!("{option} {}", block(draft)));
            Some(Draft {
                text,
                ..draft.clone()
            })
        },
    },
    // As the owner of the own database, or as a colleague who may.
    Wrapping {
        name: "execute-as-user",
        weight: 3,
        wrap: |draw, goal, draft| {
            (goal.is_at_home() && goal.action != Action::Impersonate).then_some(())?;
            let entitled = goal
                .terrain
                .attackers_of(goal.attacker.tenant)
                .into_iter()
                .find(|one| *one != goal.attacker && goal.terrain.allows(*one, &draft.needs));
            let user = match entitled {
                Some(colleague) if draw.chance(50) => colleague.principal,
                _ => "dbo",
            };
            Some(impersonating(draft, &format!("USER = {}", text(user))))
        },
    },
    // As somebody of the other tenant.
    Wrapping {
        name: "execute-as-login",
        weight: 3,
        wrap: |_, goal, draft| {
            (!goal.is_at_home() && goal.action != Action::Impersonate).then_some(())?;
            (!draft.at_home).then_some(())?;
            let owner = goal.target.tenant?;
            let entitled = goal
                .terrain
                .attackers_of(owner)
                .into_iter()
                .find(|one| goal.terrain.allows(*one, &draft.needs))?;
            let login = text(&goal.terrain.login(entitled));
            // From master, where every login may be: EXECUTE AS LOGIN refuses a login that cannot
            // enter the current database. The EXEC takes identity and database back.
            let text = exec(&format!(
                "USE [master]; EXECUTE AS LOGIN = {login}; USE {}; {}",
                bracketed(&goal.target.name),
                block(draft)
            ));
            Some(Draft {
                text,
                by_administrator: true,
                ..draft.clone()
            })
        },
    },
    // In a procedure of one's own, which belongs to whoever owns the schema.
    Wrapping {
        name: "own-module",
        weight: 2,
        wrap: |draw, goal, draft| {
            (!draft.text.contains("wt_detour") && !draft.traits.changes_session).then_some(())?;
            (!draft.text.contains("ALTER DATABASE") && !draft.text.contains("{{")).then_some(())?;
            // As its owner it has no login, and with it no other database.
            let owner = goal.is_at_home() && draw.chance(50);
            let clause = if owner { "WITH EXECUTE AS OWNER " } else { "" };
            let create = format!(
                "CREATE PROCEDURE [dbo].[wt_detour_module] {clause}AS {}",
                exec(&draft.text)
            );
            let text = format!("{} EXEC [dbo].[wt_detour_module];", exec(&create));
            let mut wrapped = Draft {
                text,
                by_administrator: true,
                ..draft.clone()
            };
            wrapped.traits.writes = true;
            // The refusal that counts may be that of the procedure.
            wrapped.needs.push(Need::new(goal.home, "", Action::Create));
            Some(wrapped)
        },
    },
    // As a role with a password that nobody but the attacker knows.
    Wrapping {
        name: "application-role",
        weight: 1,
        wrap: |_, goal, draft| {
            goal.has(Feature::ApplicationRoles).then_some(())?;
            let right = match goal.action {
                Action::Select => "SELECT",
                Action::Insert => "SELECT, INSERT",
                Action::Update => "SELECT, UPDATE",
                Action::Delete => "SELECT, DELETE",
                _ => return None,
            };
            (goal.is_at_home() && !draft.at_home && !draft.traits.changes_session).then_some(())?;
            (!draft.text.contains("wt_detour") && !draft.by_administrator).then_some(())?;
            let text = format!(
                "CREATE APPLICATION ROLE [wt_detour_role] WITH PASSWORD = N'Wt-role-1-Wt'; \
                 GRANT {right} ON OBJECT::{} TO [wt_detour_role]; \
                 EXEC sp_setapprole N'wt_detour_role', N'Wt-role-1-Wt'; {}",
                goal.two_part()?,
                block(draft)
            );
            let mut wrapped = Draft {
                text,
                by_administrator: true,
                ..draft.clone()
            };
            wrapped.traits.changes_session = true;
            wrapped.traits.writes = true;
            Some(wrapped)
        },
    },
    // With keys in the session that a careless guard would believe.
    Wrapping {
        name: "session-keys",
        weight: 1,
        wrap: |_, goal, draft| {
            (goal.has(Feature::SessionContext) && goal.has(Feature::ContextInfo)).then_some(())?;
            let text = format!(
                "EXEC sys.sp_set_session_context N'user', N'dbo'; \
                 EXEC sys.sp_set_session_context N'maintenance', 1; \
                 SET CONTEXT_INFO 0x6D61696E74656E616E6365; {}",
                block(draft)
            );
            let mut wrapped = Draft {
                text,
                ..draft.clone()
            };
            wrapped.traits.changes_session = true;
            Some(wrapped)
        },
    },
    // Between comments and odd blanks.
    Wrapping {
        name: "comments-around",
        weight: 2,
        wrap: |draw, _, draft| {
            // Behind a comment nobody would see any more that the statement must come first.
            (!draft.must_begin()).then_some(())?;
            let before = ["/* ; */", "-- '\n", "\n\t\n", "/* /* */ */"];
            let after = ["-- '\n", "/* ' */", "\n"];
            let text = format!(
                "{} {} {}",
                draw.pick(&before)?,
                draft.text,
                draw.pick(&after)?
            );
            Some(Draft {
                text,
                ..draft.clone()
            })
        },
    },
];

fn exec(statement: &str) -> String {
    format!("EXEC ({});", text(statement))
}

/// The statement as it can stand after others.
fn block(draft: &Draft) -> String {
    if draft.must_begin() {
        exec(&draft.text)
    } else {
        draft.text.clone()
    }
}

/// Not around another transaction: a ROLLBACK within ends both. Nor around ALTER DATABASE, which
/// the server refuses there.
fn transaction(draft: &Draft, end: &str) -> Option<Draft> {
    let outside = ["ALTER DATABASE", "BACKUP DATABASE"];
    if draft.traits.controls_transactions || outside.iter().any(|head| draft.text.contains(head)) {
        return None;
    }
    let text = format!("BEGIN TRANSACTION; {} {end}", block(draft));
    let mut draft = Draft {
        text,
        ..draft.clone()
    };
    // A refusal may end the batch before its end, and leave the transaction to the session.
    draft.traits.controls_transactions = true;
    Some(draft)
}

/// In an EXEC of its own: the identity ends with it, whatever happens in between.
fn impersonating(draft: &Draft, whom: &str) -> Draft {
    let text = exec(&format!("EXECUTE AS {whom}; {} REVERT;", block(draft)));
    Draft {
        text,
        by_administrator: true,
        ..draft.clone()
    }
}
