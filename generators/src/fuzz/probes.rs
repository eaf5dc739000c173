//! Looks around: metadata of other databases and of the server. Some are forbidden outright, the
//! others are judged by what comes back.

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
    let questions = [
        format!("SELECT OBJECT_ID({full}) AS Id;"),
        format!("SELECT HAS_DBACCESS({database}) AS Access;"),
        format!("SELECT HAS_PERMS_BY_NAME({full}, N'OBJECT', N'SELECT') AS Allowed;"),
        format!("SELECT DB_ID({database}) AS Id;"),
        "SELECT [name] FROM [sys].[databases];".into(),
        "SELECT [name] FROM [sys].[server_principals];".into(),
        "SELECT [name], [type] FROM [sys].[objects];".into(),
        "SELECT [permission_name], [state_desc] FROM [sys].[database_permissions];".into(),
        "SELECT * FROM fn_my_permissions(NULL, N'DATABASE');".into(),
        "SELECT SUSER_SNAME() AS Login, USER_NAME() AS Me, ORIGINAL_LOGIN() AS Origin;".into(),
        "SELECT TABLE_NAME, COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS;".into(),
        "SELECT IS_SRVROLEMEMBER(N'sysadmin') AS Admin, IS_MEMBER(N'db_owner') AS Owner;".into(),
    ];
    draw.pick(&questions).cloned()
}
