//! Looks around: metadata of other databases and of the server. Some are forbidden outright, the
//! others are judged by what comes back.

use domain::feature::Feature;
use domain::intent::Action;

use crate::draw::Draw;
use crate::fuzz::goal::{Family, Goal};
use crate::literal::{bracketed, text};

/// Probes that only who may enter the database can make.
pub(crate) const FAMILIES: &[Family] = &[
    // The catalog of another database.
    Family {
        name: "catalog-probe",
        actions: &[Action::Connect],
        weight: 5,
        build: |draw, goal| {
            if goal.is_at_home() {
                return None;
            }
            let views = [
                "[sys].[objects]",
                "[sys].[columns]",
                "[sys].[database_principals]",
                "[sys].[database_permissions]",
                "[INFORMATION_SCHEMA].[TABLES]",
                "[INFORMATION_SCHEMA].[COLUMNS]",
            ];
            let view = draw.pick(&views)?;
            let text = format!("SELECT * FROM {}.{view};", bracketed(&goal.target.name));
            Some(goal.draft(text, &[]))
        },
    },
];

/// A question that anybody may ask.
pub(crate) fn look_around(draw: &mut Draw, goal: &Goal<'_>) -> Option<String> {
    let database = text(&goal.target.name);
    let object = goal.two_part().unwrap_or_else(|| "[sys].[objects]".into());
    let full = text(&format!("{}.{object}", bracketed(&goal.target.name)));
    let number = draw.within(1..40);
    let mut questions = vec![
        format!("SELECT OBJECT_ID({full}) AS Id;"),
        format!("SELECT HAS_DBACCESS({database}) AS Access;"),
        format!("SELECT HAS_PERMS_BY_NAME({full}, N'OBJECT', N'SELECT') AS Allowed;"),
        format!("SELECT DB_ID({database}) AS Id;"),
        format!("SELECT DB_NAME({number}) AS Name, DB_NAME() AS Here;"),
        format!("SELECT SUSER_NAME({number}) AS Login, SUSER_ID() AS Me;"),
        format!("SELECT DATABASE_PRINCIPAL_ID(N'app_rw') AS Id, USER_NAME({number}) AS Name;"),
        "SELECT [name] FROM [sys].[databases];".into(),
        "SELECT [name] FROM [sys].[server_principals];".into(),
        "SELECT [name], [type] FROM [sys].[objects];".into(),
        "SELECT [permission_name], [state_desc] FROM [sys].[database_permissions];".into(),
        "SELECT * FROM fn_my_permissions(NULL, N'DATABASE');".into(),
        "SELECT SUSER_SNAME() AS Login, USER_NAME() AS Me, ORIGINAL_LOGIN() AS Origin;".into(),
        "SELECT TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS;".into(),
        "SELECT IS_SRVROLEMEMBER(N'sysadmin') AS Admin, IS_MEMBER(N'db_owner') AS Owner;".into(),
        "SELECT @@IDENTITY AS Last, SCOPE_IDENTITY() AS Own;".into(),
    ];
    // What lies around in places that all share, where the target has them.
    for (feature, question) in [
        (
            Feature::CurrentIdentity,
            format!("SELECT IDENT_CURRENT({full}) AS Theirs;"),
        ),
        (
            Feature::SessionViews,
            "SELECT [login_name], [host_name], [program_name] FROM [sys].[dm_exec_sessions];"
                .into(),
        ),
        (
            Feature::LegacyProcessView,
            "SELECT [spid], [loginame] FROM [sys].[sysprocesses];".into(),
        ),
        (
            Feature::PlanCache,
            "SELECT t.[text] FROM [sys].[dm_exec_query_stats] AS s \
             CROSS APPLY [sys].[dm_exec_sql_text](s.[sql_handle]) AS t;"
                .into(),
        ),
        (
            Feature::GlobalTemporaryTables,
            "DECLARE @wt_text nvarchar(max) = N''; SELECT @wt_text = @wt_text + \
             N'SELECT * FROM ' + QUOTENAME([name]) + N';' FROM [tempdb].[sys].[tables] \
             WHERE [name] LIKE N'##%'; EXEC (@wt_text);"
                .into(),
        ),
        (
            Feature::SessionContext,
            "SELECT SESSION_CONTEXT(N'OrgId') AS Organisation, SESSION_CONTEXT(N'user') AS Caller;"
                .into(),
        ),
        (
            Feature::ContextInfo,
            "SELECT CONTEXT_INFO() AS Info;".into(),
        ),
        (Feature::WhoProcedure, "EXEC sp_who;".into()),
    ] {
        if goal.has(feature) {
            questions.push(question);
        }
    }
    draw.pick(&questions).cloned()
}
