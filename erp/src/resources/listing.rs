//! How are rows listed: searched, filtered, sorted, page by page?

use serde_json::{Value, json};

use super::rows::{Entity, param};
use crate::contract::{Field, Operation, Schema};
use crate::fault::Fault;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, cursor};
use crate::store::{Lease, Param, Params, Row, Scope};

/// A list of one kind of rows.
#[derive(Debug, Clone, Copy)]
pub struct Listing {
    /// Its name: cursors belong to one list.
    pub name: &'static str,
    /// Which rows.
    pub entity: Entity,
    /// What is selected of the row `r`, behind `SELECT TOP (n)`.
    pub select: &'static str,
    /// The columns that `q` searches.
    pub search: &'static [&'static str],
    /// The columns that only the near miss searches, too.
    pub search_more: &'static [&'static str],
    /// What may be sorted by: the word and the column, which is never null.
    pub sorts: &'static [(&'static str, &'static str)],
}

/// Adds the parameters that every list takes. `sorts` holds each word with and without `-`.
pub fn parameters(operation: Operation, sorts: &'static [&'static str]) -> Operation {
    operation
        .query("q", Schema::line(1, 50), "Rows that hold this text")
        .query("sort", Schema::Word(sorts), "Order; `-` turns it round")
        .query(
            "limit",
            Schema::Integer(1, 100),
            "Rows on a page; 20 when left out",
        )
        .query(
            "cursor",
            Schema::code(1, 1_000),
            "The nextCursor of the page before",
        )
}

/// The shape of a page of `items`.
pub fn page_of(items: &'static str) -> Schema {
    Schema::Object(vec![
        Field::new("items", Schema::list(Schema::Named(items), 0, 1_000)),
        Field::new("nextCursor", Schema::line(1, 1_000))
            .nullable()
            .about("Where the next page begins; null on the last"),
    ])
}

/// A page of the caller's rows. Each filter is a column and its value.
pub async fn page(
    call: &Call,
    listing: Listing,
    filters: &[(&str, Param)],
    item: fn(&Row) -> Value,
) -> Result<Answer, Problem> {
    let scope = call.scope()?;
    page_for(call, listing, filters, scope, item).await
}

/// A page of the rows of `scope`.
pub async fn page_for(
    call: &Call,
    listing: Listing,
    filters: &[(&str, Param)],
    scope: &Scope,
    item: fn(&Row) -> Value,
) -> Result<Answer, Problem> {
    let limit: usize = call
        .parameter("limit")
        .and_then(|text| text.parse().ok())
        .unwrap_or(20);
    let sort = call.parameter("sort").unwrap_or("id");
    let (word, downward) = match sort.strip_prefix('-') {
        Some(word) => (word, true),
        None => (sort, false),
    };
    let column = listing
        .sorts
        .iter()
        .find(|(known, _)| *known == word)
        .map_or(listing.entity.id, |(_, column)| column);
    // What the cursor belongs to: the list with its order, search and filters.
    let mut list = format!("{}\u{1f}{sort}", listing.name);
    for (name, value) in &call.parameters {
        if !matches!(*name, "cursor" | "limit" | "sort") {
            list.push_str(&format!("\u{1f}{name}={value}"));
        }
    }
    let switches = &call.service.switches;
    let kept = Kept::of(call, scope, &list, limit).await?;
    if let Some(page) = kept.as_ref().and_then(|kept| kept.page(call)) {
        return Ok(Answer::ok(page));
    }
    let key = &call.service.token_key;
    let mut start = None;
    let mut others = None;
    if let Some(given) = call.parameter("cursor") {
        start = cursor::read(key, scope, &list, given);
        if switches.fault(Fault::CursorForAnybody)
            && let Some((place, tenant)) = cursor::carried(key, &list, given)
        {
            // The planted defect: the cursor names the tenant, and nobody asks the caller.
            start = Some(place);
            others = call.service.store.scope(&tenant, &scope.actor);
        }
        if start.is_none() && !switches.near_miss(Fault::CursorForAnybody) {
            let message = "is no cursor of this list";
            return Err(Problem::field("cursor", "value", message));
        }
    }
    let scope = match &others {
        Some(other) if other.tenant != scope.tenant => other,
        _ => scope,
    };
    let wanted = Wanted {
        listing,
        filters,
        term: call.parameter("q"),
        spelled: Spelled::of(call),
        more: call.service.switches.near_miss(Fault::SearchWidens),
        column,
        downward,
        start,
        limit,
    };
    let mut lease = call.lease_for(scope).await?;
    let mut rows = wanted.read(&mut lease).await?;
    let next = (rows.len() > limit).then(|| {
        rows.truncate(limit);
        let last = rows.last()?;
        let id = last.integer("Id")?;
        let value = last.get("SortKey");
        Some(if switches.fault(Fault::CursorForAnybody) {
            cursor::carrying(key, scope, &list, &value, id)
        } else {
            cursor::after(key, scope, &list, &value, id)
        })
    });
    if wanted.term.is_some() && call.service.switches.fault(Fault::SearchWidens) {
        // The planted defect: the support desk's search over all tenants answers everybody.
        for tenant in call.service.store.tenants() {
            let other = call.service.store.scope(&tenant, &scope.actor);
            if let Some(other) = other.filter(|other| other.tenant != scope.tenant) {
                let mut lease = call.lease_for(&other).await?;
                rows.extend(wanted.read(&mut lease).await?.into_iter().take(limit));
            }
        }
    }
    let items: Vec<Value> = rows.iter().map(item).collect();
    let page = json!({"items": items, "nextCursor": next.flatten()});
    if let Some(kept) = kept {
        call.service.memory.keep(kept.key, page.clone());
    }
    Ok(Answer::ok(page))
}

/// A page that is kept so that it need not be read again. Nothing of the service needs it.
struct Kept {
    key: String,
    is_given: bool,
}

impl Kept {
    async fn of(
        call: &Call,
        scope: &Scope,
        list: &str,
        limit: usize,
    ) -> Result<Option<Self>, Problem> {
        let switches = &call.service.switches;
        let cursor = call.parameter("cursor").unwrap_or_default();
        let page = format!("page\u{1f}{limit}\u{1f}{cursor}\u{1f}{list}");
        if switches.fault(Fault::AnswersKeptWithoutTenant) {
            // The planted defect: the key names the list, and not whose it is.
            return Ok(Some(Self {
                key: page,
                is_given: true,
            }));
        }
        let by_address = Fault::AnswersKeptByAddress;
        if switches.fault(by_address) || switches.near_miss(by_address) {
            let address = address(call).await?;
            // The planted defect: an address is as good as a tenant, until a tenant writes another.
            let is_given = switches.fault(by_address);
            let tenant = if is_given { "" } else { &scope.tenant };
            return Ok(address.map(|address| Self {
                key: format!("{tenant}\u{1f}{address}\u{1f}{page}"),
                is_given,
            }));
        }
        let department = scope.department.unwrap_or_default();
        let kept = switches
            .near_miss(Fault::AnswersKeptWithoutTenant)
            .then(|| Self {
                key: format!(
                    "{}\u{1f}{department}\u{1f}{}\u{1f}{page}",
                    scope.tenant, scope.actor
                ),
                is_given: false,
            });
        Ok(kept)
    }

    fn page(&self, call: &Call) -> Option<Value> {
        call.service
            .memory
            .recent(&self.key)
            .filter(|_| self.is_given)
    }
}

/// Where the caller is written to, as his row tells it now.
async fn address(call: &Call) -> Result<Option<String>, Problem> {
    let mut params = Params::new();
    let user = params.bind(i64::from(call.caller()?.user));
    let statement = format!("SELECT u.Email FROM dbo.Users AS u WHERE u.UserId = {user};");
    let mut lease = call.lease().await?;
    let row = lease.row(&statement, &params).await?;
    Ok(row.and_then(|row| row.text("Email")))
}

/// How a term of a search gets into the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelled {
    /// As a parameter.
    Bound,
    /// The planted defect: as it was given.
    Raw,
    /// Its quotes doubled.
    Quoted,
}

impl Spelled {
    fn of(call: &Call) -> Self {
        let switches = &call.service.switches;
        if switches.fault(Fault::SearchConcatenated) {
            Self::Raw
        } else if switches.near_miss(Fault::SearchConcatenated) {
            Self::Quoted
        } else {
            Self::Bound
        }
    }

    /// The pattern of a LIKE, as it stands in the statement.
    fn pattern(self, term: &str, params: &mut Params) -> String {
        match self {
            Self::Bound => params.bind(pattern(term)),
            Self::Raw => format!("N'%{term}%'"),
            Self::Quoted => format!("N'{}'", pattern(term).replace('\'', "''")),
        }
    }
}

struct Wanted<'a> {
    listing: Listing,
    filters: &'a [(&'a str, Param)],
    term: Option<&'a str>,
    spelled: Spelled,
    more: bool,
    column: &'a str,
    downward: bool,
    start: Option<(Value, i64)>,
    limit: usize,
}

impl Wanted<'_> {
    /// The rows of the page and one more, if there is one.
    async fn read(&self, lease: &mut Lease) -> Result<Vec<Row>, Problem> {
        let entity = self.listing.entity;
        let mut params = Params::new();
        let top = params.bind(i64::try_from(self.limit + 1).unwrap_or(1));
        let mut condition = lease.own("r", entity.departmental, &mut params);
        for (column, value) in self.filters {
            let value = params.bind(value.clone());
            condition.push_str(&format!("r.{column} = {value} AND "));
        }
        if let Some(term) = self.term {
            let pattern = self.spelled.pattern(term, &mut params);
            let more = if self.more {
                self.listing.search_more
            } else {
                &[]
            };
            let columns = self.listing.search.iter().chain(more);
            let columns: Vec<_> = columns.map(|c| format!("r.{c} LIKE {pattern}")).collect();
            condition.push_str(&format!("({}) AND ", columns.join(" OR ")));
        }
        let (column, id) = (self.column, entity.id);
        let (beyond, order) = if self.downward {
            ("<", "DESC")
        } else {
            (">", "ASC")
        };
        if let Some((value, last)) = &self.start {
            let last = params.bind(*last);
            if column == id {
                condition.push_str(&format!("r.{id} {beyond} {last} AND "));
            } else {
                let value = params.bind(param(value));
                condition.push_str(&format!(
                    "(r.{column} {beyond} {value} OR r.{column} = {value} AND r.{id} {beyond} {last}) AND "
                ));
            }
        }
        let (table, select) = (lease.table(entity.table), self.listing.select);
        let order = if column == id {
            format!("r.{id} {order}")
        } else {
            format!("r.{column} {order}, r.{id} {order}")
        };
        let condition = condition.strip_suffix(" AND ").unwrap_or("1 = 1");
        let statement = format!(
            "SELECT TOP ({top}) {select}, r.{id} AS Id, r.{column} AS SortKey \
             FROM {table} AS r WHERE {condition} ORDER BY {order};"
        );
        Ok(lease.rows(&statement, &params).await?)
    }
}

/// A text as the pattern of a LIKE that finds it anywhere, with nothing in it meaning more.
fn pattern(term: &str) -> String {
    let escaped: String = term
        .chars()
        .map(|c| match c {
            '[' | '%' | '_' => format!("[{c}]"),
            other => other.to_string(),
        })
        .collect();
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_term_means_itself() {
        for (term, expected) in [
            ("a", "%a%"),
            ("100%", "%100[%]%"),
            ("[a-z]_", "%[[]a-z][_]%"),
        ] {
            assert_eq!(pattern(term), expected);
        }
    }
}
