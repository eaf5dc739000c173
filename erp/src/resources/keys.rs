//! How are bank accounts kept, under which key, and how does a tenant get a new one?
//!
//! Each tenant has keys of its own, wrapped by the service's master key. An account is sealed under
//! the newest and bound to tenant and customer; a job seals the others again after a rotation. What
//! was sealed under a key that was destroyed is gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::rows::{CUSTOMER, exists};
use crate::contract::{Access, Field, Operation, Schema};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::queue::{Ended, Job, Work, enqueue, record};
use crate::seal::{self, Key};
use crate::service::Service;
use crate::store::{Duty, Lease, Params, Row, Scope};

/// Keys of one tenant that were unwrapped, for the time of one piece of work.
#[derive(Default)]
pub struct Keys(BTreeMap<i64, Option<Key>>);

pub(super) fn routes() -> Vec<Route> {
    let details = Access::Permission(Permission::BankDetails);
    let manage = Access::Permission(Permission::KeyManage);
    let account = Schema::Object(vec![
        Field::new("account", Schema::code(5, 40)).about("As IBAN writes it"),
    ]);
    let rotation = Schema::Object(vec![
        Field::new("keyNumber", Schema::id()),
        Field::new("jobId", Schema::id()).about("The job that seals everything under the new key"),
    ]);
    let key = Schema::Object(vec![
        Field::new("number", Schema::id()),
        Field::new("createdAt", Schema::Moment),
        Field::new("isDestroyed", Schema::Boolean),
        Field::new("accounts", Schema::Integer(0, i64::from(i32::MAX)))
            .about("So many accounts are sealed under it"),
    ]);
    let keys = Schema::Object(vec![Field::new("items", Schema::list(key, 0, 1_000))]);
    let path = "/customers/{customerId}/bank-account";
    let routes = vec![
        Route {
            operation: Operation::new(
                "GET",
                path,
                "getBankAccount",
                "A customer's bank account",
                details,
            )
            .gives(200, "The account", Schema::Named("BankAccount")),
            handler: handler!(get_account),
        },
        Route {
            operation: Operation::new(
                "PUT",
                path,
                "putBankAccount",
                "Set a customer's bank account",
                details,
            )
            .body(account)
            .gives(200, "The account", Schema::Named("BankAccount"))
            .refuses(409, "Somebody else works on the same rows"),
            handler: handler!(put_account),
        },
        Route {
            operation: Operation::new(
                "GET",
                "/keys",
                "listKeys",
                "The tenant's keys, without what is in them",
                manage,
            )
            .gives(200, "The keys", keys),
            handler: handler!(list_keys),
        },
        Route {
            operation: Operation::new(
                "POST",
                "/keys/rotations",
                "rotateKey",
                "Take a new key into use",
                manage,
            )
            .gives(
                202,
                "The new key and the job that seals everything under it",
                rotation,
            )
            .with(&["Location"])
            .refuses(409, "Somebody else works on the same rows"),
            handler: handler!(rotate),
        },
    ];
    let shared = |route: Route| Route {
        operation: route.operation.only(Design::SharedDatabase),
        ..route
    };
    routes.into_iter().map(shared).collect()
}

pub(super) fn shapes() -> Vec<(&'static str, Schema)> {
    let account = Schema::Object(vec![
        Field::new("customerId", Schema::id()),
        Field::new("account", Schema::code(5, 40)),
        Field::new("keyNumber", Schema::id()),
    ]);
    vec![("BankAccount", account)]
}

/// Where an account belongs: nobody else's key or row opens it.
fn place(organisation: Option<i32>, customer: i64) -> String {
    format!(
        "account\u{1f}{}\u{1f}{customer}",
        organisation.unwrap_or_default()
    )
}

fn wrapping(organisation: Option<i32>) -> String {
    format!("key\u{1f}{}", organisation.unwrap_or_default())
}

fn master(service: &Service) -> Key {
    seal::derived(&service.master_key, &["tenants' keys"])
}

impl Keys {
    /// The key with this number; nothing when it was destroyed.
    async fn get(
        &mut self,
        service: &Service,
        lease: &mut Lease,
        number: i64,
    ) -> Result<Option<Key>, Problem> {
        if let Some(known) = self.0.get(&number) {
            return Ok(*known);
        }
        let mut params = Params::new();
        let own = lease.own("k", false, &mut params);
        let wanted = params.bind(number);
        let statement = format!(
            "SELECT k.WrappedKey FROM org.TenantKeys AS k WHERE {own}k.KeyNumber = {wanted};"
        );
        let row = lease.row(&statement, &params).await?;
        let key = row.and_then(|row| unwrapped(service, lease.scope(), &row));
        self.0.insert(number, key);
        Ok(key)
    }

    /// What is sealed in a row of the sealed accounts; nothing when its key was destroyed.
    pub async fn opened(
        &mut self,
        service: &Service,
        lease: &mut Lease,
        row: &Row,
    ) -> Result<Option<String>, Problem> {
        let number = row.integer("KeyNumber").unwrap_or_default();
        let Some(key) = self.get(service, lease, number).await? else {
            return Ok(None);
        };
        let customer = row.integer("CustomerId").unwrap_or_default();
        let place = place(lease.scope().organisation, customer);
        let sealed = row.text("Sealed").and_then(|text| seal::bytes(&text));
        let plain = sealed.and_then(|sealed| seal::open(&key, &place, &sealed));
        Ok(plain.and_then(|plain| String::from_utf8(plain).ok()))
    }
}

fn unwrapped(service: &Service, scope: &Scope, row: &Row) -> Option<Key> {
    let wrapped = seal::bytes(&row.text("WrappedKey")?)?;
    let plain = seal::open(&master(service), &wrapping(scope.organisation), &wrapped)?;
    plain.try_into().ok()
}

/// The newest key, which is made where there is none.
async fn newest(service: &Service, scope: &Scope) -> Result<(i64, Key), Problem> {
    // Keys are the whole organisation's, whichever department needs one.
    let whole = scope.without_department();
    let mut lease = service.store.checkout(&whole, Duty::Application).await?;
    let mut params = Params::new();
    let own = lease.own("k", false, &mut params);
    let statement = format!(
        "SELECT TOP (1) k.KeyNumber, k.WrappedKey FROM org.TenantKeys AS k \
         WHERE {own}k.WrappedKey IS NOT NULL ORDER BY k.KeyNumber DESC;"
    );
    let found = lease.row(&statement, &params).await?;
    let found = found.and_then(|row| {
        let key = unwrapped(service, lease.scope(), &row)?;
        Some((row.integer("KeyNumber")?, key))
    });
    match found {
        Some(found) => Ok(found),
        None => add(service, &mut lease).await,
    }
}

async fn add(service: &Service, lease: &mut Lease) -> Result<(i64, Key), Problem> {
    let key = seal::fresh(&*service.environment);
    let organisation = lease.scope().organisation;
    let place = wrapping(organisation);
    let wrapped = seal::seal(&*service.environment, &master(service), &place, &key);
    let mut params = Params::new();
    let (organisation, wrapped) = (params.bind(organisation), params.bind(wrapped));
    let statement =
        format!("EXEC org.AddTenantKey @OrgId = {organisation}, @WrappedKey = {wrapped};");
    let row = lease.row(&statement, &params).await?;
    let number = row.and_then(|row| row.integer("KeyNumber"));
    let number = number.ok_or_else(|| Problem::new(500, "internal", "The service failed"))?;
    Ok((number, key))
}

async fn sealed_row(lease: &mut Lease, customer: i64) -> Result<Option<Row>, Problem> {
    let mut params = Params::new();
    let own = lease.own("a", true, &mut params);
    let number = params.bind(customer);
    let statement = format!(
        "SELECT a.SealedAccountId, a.CustomerId, a.KeyNumber, a.Sealed FROM org.SealedAccounts AS a \
         WHERE {own}a.CustomerId = {number};"
    );
    Ok(lease.row(&statement, &params).await?)
}

/// The account of a customer of the lease's, if it can be read.
pub async fn account_of(
    service: &Service,
    lease: &mut Lease,
    customer: i64,
) -> Result<Option<(String, i64)>, Problem> {
    let Some(row) = sealed_row(lease, customer).await? else {
        return Ok(None);
    };
    let account = Keys::default().opened(service, lease, &row).await?;
    Ok(account.zip(row.integer("KeyNumber")))
}

async fn get_account(call: Arc<Call>) -> Result<Answer, Problem> {
    let customer = call.id("customerId")?;
    let mut lease = call.lease().await?;
    let found = account_of(&call.service, &mut lease, customer).await?;
    let (account, key) = found.ok_or_else(Problem::not_found)?;
    Ok(Answer::ok(
        json!({"customerId": customer, "account": account, "keyNumber": key}),
    ))
}

async fn put_account(call: Arc<Call>) -> Result<Answer, Problem> {
    let customer = call.id("customerId")?;
    let service = &call.service;
    let account = call.text("account").unwrap_or_default();
    let scope = call.scope()?;
    let mut lease = call.lease().await?;
    if !exists(&mut lease, CUSTOMER, customer).await? {
        return Err(Problem::not_found());
    }
    let shown = |number| json!({"customerId": customer, "account": account, "keyNumber": number});
    if service.switches.near_miss(Fault::ChangeChainUnsigned)
        && let Some((present, number)) = account_of(service, &mut lease, customer).await?
        && present == account
    {
        // Nothing changes, so there is nothing to sign.
        return Ok(Answer::ok(shown(number)));
    }
    let (number, key) = newest(service, scope).await?;
    let place = place(scope.organisation, customer);
    let sealed = seal::seal(&*service.environment, &key, &place, account.as_bytes());
    let mut params = Params::new();
    let organisation = params.bind(scope.organisation);
    let department = params.bind(scope.department);
    let (id, key, sealed) = (
        params.bind(customer),
        params.bind(number),
        params.bind(sealed),
    );
    let statement = format!(
        "EXEC org.SetBankAccount @OrgId = {organisation}, @CustomerId = {id}, @KeyNumber = {key}, \
         @Sealed = {sealed}, @SubOrgId = {department};"
    );
    lease.execute(&statement, &params).await?;
    Ok(Answer::ok(shown(number)))
}

/// Puts what is sealed anew in the place of what was.
async fn replace(lease: &mut Lease, row: &Row, key: i64, sealed: Vec<u8>) -> Result<(), Problem> {
    let mut params = Params::new();
    let own = lease.own("a", true, &mut params);
    let (key, sealed) = (params.bind(key), params.bind(sealed));
    let number = params.bind(row.integer("SealedAccountId"));
    let statement = format!(
        "UPDATE a SET a.KeyNumber = {key}, a.Sealed = {sealed} FROM org.SealedAccounts AS a \
         WHERE {own}a.SealedAccountId = {number};"
    );
    lease.execute(&statement, &params).await?;
    Ok(())
}

async fn list_keys(call: Arc<Call>) -> Result<Answer, Problem> {
    let mut lease = call.lease().await?;
    let mut params = Params::new();
    let own = lease.own("k", false, &mut params);
    let counted = lease.own("a", false, &mut params);
    let own = own.trim_end_matches(" AND ");
    let statement = format!(
        "SELECT TOP (1000) k.KeyNumber, k.CreatedAt, \
         CASE WHEN k.WrappedKey IS NULL THEN 1 ELSE 0 END AS IsDestroyed, \
         (SELECT COUNT(*) FROM org.SealedAccounts AS a \
          WHERE {counted}a.KeyNumber = k.KeyNumber) AS Accounts \
         FROM org.TenantKeys AS k WHERE {own} ORDER BY k.KeyNumber;"
    );
    let rows = lease.rows(&statement, &params).await?;
    let items = rows.iter().map(|row| {
        json!({
            "number": row.get("KeyNumber"),
            "createdAt": row.get("CreatedAt"),
            "isDestroyed": row.flag("IsDestroyed"),
            "accounts": row.get("Accounts"),
        })
    });
    Ok(Answer::ok(json!({"items": items.collect::<Vec<Value>>()})))
}

async fn rotate(call: Arc<Call>) -> Result<Answer, Problem> {
    let service = &call.service;
    let mut lease = call.lease().await?;
    let (number, _) = add(service, &mut lease).await?;
    let job = record(&mut lease, "reseal", "all accounts").await?;
    enqueue(service, Job::new(lease.scope(), Some(job), Work::Reseal));
    let answer = Answer::json(202, json!({"keyNumber": number, "jobId": job}));
    Ok(answer.header("Location", format!("/jobs/{job}")))
}

/// Seals everything that an older key seals under the newest.
pub async fn reseal(service: &Arc<Service>, scope: &Scope) -> Result<Ended, Problem> {
    let (newest, key) = newest(service, scope).await?;
    let mut lease = service.store.checkout(scope, Duty::Application).await?;
    let mut params = Params::new();
    let own = lease.own("a", false, &mut params);
    let number = params.bind(newest);
    let statement = format!(
        "SELECT a.SealedAccountId, a.CustomerId, a.KeyNumber, a.Sealed FROM org.SealedAccounts AS a \
         WHERE {own}a.KeyNumber <> {number} ORDER BY a.SealedAccountId;"
    );
    let rows = lease.rows(&statement, &params).await?;
    let mut keys = Keys::default();
    let mut resealed = 0;
    for row in &rows {
        let Some(account) = keys.opened(service, &mut lease, row).await? else {
            continue;
        };
        let customer = row.integer("CustomerId").unwrap_or_default();
        let place = place(scope.organisation, customer);
        let sealed = seal::seal(&*service.environment, &key, &place, account.as_bytes());
        replace(&mut lease, row, newest, sealed).await?;
        resealed += 1;
    }
    Ok(Ended::Done(format!("{resealed} accounts")))
}
