//! Who works here, in which department, and in which roles?

use std::sync::Arc;

use serde_json::{Value, json};

use super::listing::{Listing, page, page_of, parameters};
use super::rows::{self, DEPARTMENT, Entity, audit, committed, referred};
use crate::contract::{Access, Field, Operation, Schema};
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Lease, Params, Row};

const USER: Entity = Entity {
    table: "Users",
    id: "UserId",
    departmental: true,
};
const ROLE: Entity = Entity {
    table: "Roles",
    id: "RoleId",
    departmental: false,
};

const SORTS: &[&str] = &["id", "-id", "name", "-name"];

fn select(design: Design) -> &'static str {
    match design {
        Design::DatabasePerTenant => "r.UserId, r.UserName, r.Email, r.IsActive",
        Design::SharedDatabase => "r.UserId, r.SubOrgId, r.UserName, r.Email, r.IsActive",
    }
}

fn users(design: Design) -> Listing {
    Listing {
        name: "users",
        entity: USER,
        select: select(design),
        search: &["UserName"],
        search_more: &["Email"],
        sorts: &[("id", "UserId"), ("name", "UserName")],
    }
}

const ROLES: Listing = Listing {
    name: "roles",
    entity: ROLE,
    select: "r.RoleId, r.Name, r.Description",
    search: &["Name"],
    search_more: &["Description"],
    sorts: &[("id", "RoleId"), ("name", "Name")],
};

const DEPARTMENTS: Listing = Listing {
    name: "sub-organisations",
    entity: DEPARTMENT,
    select: "r.SubOrgId, r.Name, r.CostCentre",
    search: &["Name"],
    search_more: &["CostCentre"],
    sorts: &[("id", "SubOrgId"), ("name", "Name")],
};

pub(super) fn routes() -> Vec<Route> {
    let read = Access::Permission(Permission::UserRead);
    let manage = Access::Permission(Permission::UserManage);
    let list_users = Operation::new("GET", "/users", "listUsers", "List users", read).gives(
        200,
        "A page of users",
        Schema::Named("UserPage"),
    );
    let list_roles = Operation::new("GET", "/roles", "listRoles", "List roles", read).gives(
        200,
        "A page of roles",
        Schema::Named("RolePage"),
    );
    let departments = "/sub-organisations";
    let list_departments = Operation::new(
        "GET",
        departments,
        "listSubOrganisations",
        "List departments",
        Access::Token,
    )
    .gives(
        200,
        "A page of departments",
        Schema::Named("SubOrganisationPage"),
    )
    .only(Design::SharedDatabase);
    let granted = Schema::Object(vec![Field::new("roleId", Schema::id())]);
    vec![
        Route {
            operation: parameters(list_users, SORTS),
            handler: handler!(list_all_users),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/users/{userId}",
                "getUser",
                "Read a user with the roles",
                read,
            )
            .gives(200, "The user", Schema::Named("User")),
            handler: handler!(get_user),
        },
        Route {
            operation: parameters(list_roles, SORTS),
            handler: handler!(list_all_roles),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/users/{userId}/roles",
                "grantRole",
                "Grant a role",
                manage,
            )
            .body(granted)
            .gives(201, "The user as it is now", Schema::Named("User"))
            .with(&["Location"])
            .refuses(409, "The user has the role"),
            handler: handler!(grant_role),
        },
        Route {
            operation: Operation::new(
                "DELETE",
                "/users/{userId}/roles/{roleId}",
                "revokeRole",
                "Revoke a role",
                manage,
            )
            .gives_nothing(204, "The role is revoked"),
            handler: handler!(revoke_role),
        },
        Route {
            operation: parameters(list_departments, SORTS),
            handler: handler!(list_all_departments),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/sub-organisations/{subOrgId}",
                "getSubOrganisation",
                "Read a department",
                Access::Token,
            )
            .gives(200, "The department", Schema::Named("SubOrganisation"))
            .only(Design::SharedDatabase),
            handler: handler!(get_department),
        },
    ]
}

pub(super) fn shapes(design: Design) -> Vec<(&'static str, Schema)> {
    let summary = || {
        let mut user = vec![Field::new("id", Schema::id())];
        if design == Design::SharedDatabase {
            let about = "The department, for whom it is one's whole world";
            user.push(Field::new("subOrgId", Schema::id()).nullable().about(about));
        }
        user.extend([
            Field::new("name", Schema::line(1, 100)),
            Field::new("email", Schema::line(1, 120)),
            Field::new("isActive", Schema::Boolean),
        ]);
        user
    };
    let mut user = summary();
    user.push(Field::new(
        "roles",
        Schema::list(Schema::Named("Role"), 0, 1_000),
    ));
    let role = Schema::Object(vec![
        Field::new("id", Schema::id()),
        Field::new("name", Schema::line(1, 100)),
        Field::new("description", Schema::line(0, 200)).nullable(),
    ]);
    let mut shapes = vec![
        ("User", Schema::Object(user)),
        ("UserSummary", Schema::Object(summary())),
        ("UserPage", page_of("UserSummary")),
        ("Role", role),
        ("RolePage", page_of("Role")),
    ];
    if design == Design::SharedDatabase {
        let department = Schema::Object(vec![
            Field::new("id", Schema::id()),
            Field::new("name", Schema::line(1, 100)),
            Field::new("costCentre", Schema::line(1, 40)),
        ]);
        shapes.push(("SubOrganisation", department));
        shapes.push(("SubOrganisationPage", page_of("SubOrganisation")));
    }
    shapes
}

fn own_user(row: &Row) -> Value {
    json!({
        "id": row.get("UserId"),
        "name": row.get("UserName"),
        "email": row.get("Email"),
        "isActive": row.flag("IsActive"),
    })
}

fn shared_user(row: &Row) -> Value {
    json!({
        "id": row.get("UserId"),
        "subOrgId": row.get("SubOrgId"),
        "name": row.get("UserName"),
        "email": row.get("Email"),
        "isActive": row.flag("IsActive"),
    })
}

fn user_of(design: Design) -> fn(&Row) -> Value {
    match design {
        Design::DatabasePerTenant => own_user,
        Design::SharedDatabase => shared_user,
    }
}

fn role(row: &Row) -> Value {
    json!({
        "id": row.get("RoleId"),
        "name": row.get("Name"),
        "description": row.get("Description"),
    })
}

fn department(row: &Row) -> Value {
    json!({
        "id": row.get("SubOrgId"),
        "name": row.get("Name"),
        "costCentre": row.get("CostCentre"),
    })
}

async fn list_all_users(call: Arc<Call>) -> Result<Answer, Problem> {
    page(&call, users(call.design()), &[], user_of(call.design())).await
}

async fn list_all_roles(call: Arc<Call>) -> Result<Answer, Problem> {
    page(&call, ROLES, &[], role).await
}

async fn list_all_departments(call: Arc<Call>) -> Result<Answer, Problem> {
    page(&call, DEPARTMENTS, &[], department).await
}

async fn get_department(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("subOrgId")?;
    let mut lease = call.lease().await?;
    let row = rows::find(&mut lease, DEPARTMENT, DEPARTMENTS.select, id, false).await?;
    Ok(Answer::ok(department(&row)))
}

/// A user with the roles that he has.
async fn whole(lease: &mut Lease, id: i64) -> Result<Value, Problem> {
    let design = lease.design();
    let row = rows::find(lease, USER, select(design), id, false).await?;
    let mut params = Params::new();
    let (grants, roles) = (lease.table("UserRoles"), lease.table("Roles"));
    let own = lease.own("g", false, &mut params);
    let same = lease.own("r", false, &mut params);
    let number = params.bind(id);
    let statement = format!(
        "SELECT r.RoleId, r.Name, r.Description FROM {grants} AS g \
         JOIN {roles} AS r ON r.RoleId = g.RoleId \
         WHERE {own}{same}g.UserId = {number} ORDER BY r.RoleId;"
    );
    let found = lease.rows(&statement, &params).await?;
    let mut user = user_of(design)(&row);
    user["roles"] = found.iter().map(role).collect::<Vec<Value>>().into();
    Ok(user)
}

async fn get_user(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("userId")?;
    let mut lease = call.lease().await?;
    Ok(Answer::ok(whole(&mut lease, id).await?))
}

async fn has_role(lease: &mut Lease, user: i64, role: i64) -> Result<bool, Problem> {
    let mut params = Params::new();
    let own = lease.own("g", false, &mut params);
    let (user, role) = (params.bind(user), params.bind(role));
    let table = lease.table("UserRoles");
    let statement = format!(
        "SELECT g.RoleId FROM {table} AS g WHERE {own}g.UserId = {user} AND g.RoleId = {role};"
    );
    Ok(lease.row(&statement, &params).await?.is_some())
}

async fn grant_role(call: Arc<Call>) -> Result<Answer, Problem> {
    let id = call.id("userId")?;
    let role = call.integer("roleId").unwrap_or_default();
    let mut lease = call.lease().await?;
    rows::find(&mut lease, USER, "r.UserId", id, false).await?;
    referred(&call, &mut lease, ROLE, role, "roleId").await?;
    lease.begin().await?;
    if has_role(&mut lease, id, role).await? {
        return Err(Problem::conflict("The user has the role already"));
    }
    let mut params = Params::new();
    let (user, number) = (params.bind(id), params.bind(role));
    let statement = match call.design() {
        Design::DatabasePerTenant => {
            let by = params.bind(lease.scope().actor.clone());
            format!(
                "INSERT INTO dbo.UserRoles (UserId, RoleId, GrantedOn, GrantedBy) \
                 VALUES ({user}, {number}, CONVERT(date, SYSUTCDATETIME()), LEFT({by}, 100));"
            )
        }
        Design::SharedDatabase => {
            let organisation = params.bind(lease.scope().organisation);
            format!(
                "EXEC org.GrantRole @OrgId = {organisation}, @UserId = {user}, @RoleId = {number};"
            )
        }
    };
    lease.execute(&statement, &params).await?;
    let event = rows::event("PermissionGranted", "User", id);
    audit(&call, &mut lease, event).await?;
    let user = whole(&mut lease, id).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::created(format!("/users/{id}"), user))
}

async fn revoke_role(call: Arc<Call>) -> Result<Answer, Problem> {
    let (id, role) = (call.id("userId")?, call.id("roleId")?);
    let mut lease = call.lease().await?;
    rows::find(&mut lease, USER, "r.UserId", id, false).await?;
    lease.begin().await?;
    if !has_role(&mut lease, id, role).await? {
        return Err(Problem::not_found());
    }
    let mut params = Params::new();
    let (user, number) = (params.bind(id), params.bind(role));
    let statement = match call.design() {
        Design::DatabasePerTenant => {
            format!("DELETE FROM dbo.UserRoles WHERE UserId = {user} AND RoleId = {number};")
        }
        Design::SharedDatabase => {
            let organisation = params.bind(lease.scope().organisation);
            format!(
                "EXEC org.RevokeRole @OrgId = {organisation}, @UserId = {user}, @RoleId = {number};"
            )
        }
    };
    lease.execute(&statement, &params).await?;
    let event = rows::event("PermissionRevoked", "User", id);
    audit(&call, &mut lease, event).await?;
    lease.commit().await?;
    committed(&call, lease.scope(), event).await;
    Ok(Answer::nothing())
}
