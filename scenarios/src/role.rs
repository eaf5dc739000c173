//! Who is who in a case: an attacker, a victim, and those who stand by. And on whose side a database
//! or a principal is.

use std::fmt;

use domain::case::Scope;
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a tenant is in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// He acts.
    Attacker,
    /// He must not be seen or touched.
    Victim,
    /// Another, by his number from 1: `bystander`, `bystander-2` …
    Bystander(usize),
}

impl Role {
    /// The role that is written like this.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "attacker" => Some(Self::Attacker),
            "victim" => Some(Self::Victim),
            "bystander" => Some(Self::Bystander(1)),
            _ => {
                let number = text.strip_prefix("bystander-")?;
                let role = Self::Bystander(number.parse().ok().filter(|number| *number > 1)?);
                (role.to_string() == text).then_some(role)
            }
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attacker => f.write_str("attacker"),
            Self::Victim => f.write_str("victim"),
            Self::Bystander(1) => f.write_str("bystander"),
            Self::Bystander(number) => write!(f, "bystander-{number}"),
        }
    }
}

/// Whose database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A tenant's.
    Tenant(Role),
    /// The first shared database.
    Shared,
    /// The server itself; its administrator works in `master`.
    Server,
}

impl Side {
    /// Every name that a side can have, bystanders beyond the second left out.
    pub(crate) const NAMES: [&str; 6] = [
        "attacker",
        "victim",
        "bystander",
        "bystander-2",
        "shared",
        "server",
    ];
}

impl Serialize for Side {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Tenant(role) => serializer.collect_str(role),
            Self::Shared => serializer.serialize_str("shared"),
            Self::Server => serializer.serialize_str("server"),
        }
    }
}

impl<'de> Deserialize<'de> for Side {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "shared" => Ok(Self::Shared),
            "server" => Ok(Self::Server),
            _ => Role::parse(&text)
                .map(Self::Tenant)
                .ok_or_else(|| de::Error::unknown_variant(&text, &Self::NAMES)),
        }
    }
}

/// A database: a side's own, unless another is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Whose.
    pub side: Side,
    /// Its name, with placeholders, where it is not the side's own.
    pub database: Option<String>,
}

impl Home {
    /// A side's own database.
    pub fn of(side: Side) -> Self {
        Self {
            side,
            database: None,
        }
    }
}

/// Who takes a step: `attacker: app_rw`, `victim: app_rw`, or `administrator: victim` for the
/// administrator in that side's database. Where tenants have a database in common, a principal may
/// act for one of their departments (`department: 0`) or in a session that was checked out for
/// nobody (`checked_out: false`), and `keeper: victim` is the administrator checked out for that
/// side, with the triggers of a table off (`unguarded: dbo.Ledger`): he arms what is refused to all.
/// On the API plane the names are those of the service's actors, and `anonymous: true` is somebody
/// without credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScenarioActor {
    /// A principal of a tenant, or an actor of his service.
    Principal {
        /// Whose.
        role: Role,
        /// His name in the configuration.
        name: String,
        /// For whom the session was checked out, if not for the whole tenant.
        scope: Option<Scope>,
    },
    /// The administrator.
    Administrator(Home),
    /// The administrator with everything out of the way.
    Keeper {
        /// For whom he is checked out, and where he works.
        place: Home,
        /// The table whose triggers are off.
        unguarded: Option<String>,
    },
    /// Somebody without credentials.
    Anonymous,
}

impl ScenarioActor {
    /// Whether it is a tenant's principal.
    pub(crate) fn is_principal(&self) -> bool {
        matches!(self, Self::Principal { .. })
    }

    /// Whether it belongs to this role, or works for it.
    pub(crate) fn is_of(&self, wanted: Role) -> bool {
        match self {
            Self::Principal { role, .. } => *role == wanted,
            Self::Administrator(place) | Self::Keeper { place, .. } => {
                place.side == Side::Tenant(wanted)
            }
            Self::Anonymous => false,
        }
    }
}

const KEYS: &[&str] = &[
    "attacker",
    "victim",
    "bystander",
    "administrator",
    "keeper",
    "anonymous",
    "database",
    "department",
    "checked_out",
    "unguarded",
];

impl Serialize for ScenarioActor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Principal { role, name, scope } => {
                map.serialize_entry(&role.to_string(), name)?;
                match scope {
                    None => {}
                    Some(Scope::Department(department)) => {
                        map.serialize_entry("department", department)?;
                    }
                    Some(Scope::Nobody) => map.serialize_entry("checked_out", &false)?,
                }
            }
            Self::Administrator(place) => {
                map.serialize_entry("administrator", &place.side)?;
                if let Some(database) = &place.database {
                    map.serialize_entry("database", database)?;
                }
            }
            Self::Keeper { place, unguarded } => {
                map.serialize_entry("keeper", &place.side)?;
                if let Some(database) = &place.database {
                    map.serialize_entry("database", database)?;
                }
                if let Some(unguarded) = unguarded {
                    map.serialize_entry("unguarded", unguarded)?;
                }
            }
            Self::Anonymous => map.serialize_entry("anonymous", &true)?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for ScenarioActor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Written)
    }
}

/// Reads an actor; each mistake is told where it stands.
struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = ScenarioActor;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an actor such as `attacker: app_rw` or `administrator: victim`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ScenarioActor, A::Error> {
        const ONE: &str = "an actor is one of `attacker`, `victim`, `bystander`, `administrator`, \
                           `keeper` or `anonymous: true`";
        const SCOPE: &str = "`department` and `checked_out: false` belong to an attacker or a \
                             victim, and exclude each other";
        const GUARD: &str = "`unguarded` belongs to a keeper";
        const PLACE: &str = "`database` belongs to an administrator or a keeper";
        let mut actor = None;
        let (mut database, mut unguarded) = (None, None);
        let (mut department, mut checked_out) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            let read = match key.as_str() {
                "administrator" => Some(ScenarioActor::Administrator(Home::of(map.next_value()?))),
                "keeper" => Some(ScenarioActor::Keeper {
                    place: Home::of(map.next_value()?),
                    unguarded: None,
                }),
                "anonymous" => map
                    .next_value::<bool>()?
                    .then_some(ScenarioActor::Anonymous),
                "database" => {
                    database = Some(map.next_value::<String>()?);
                    continue;
                }
                "department" => {
                    department = Some(map.next_value::<usize>()?);
                    continue;
                }
                "checked_out" => {
                    checked_out = Some(map.next_value::<bool>()?);
                    continue;
                }
                "unguarded" => {
                    unguarded = Some(map.next_value::<String>()?);
                    continue;
                }
                _ => match Role::parse(&key) {
                    Some(role) => Some(ScenarioActor::Principal {
                        role,
                        name: map.next_value()?,
                        scope: None,
                    }),
                    None => return Err(de::Error::unknown_field(&key, KEYS)),
                },
            };
            if actor.is_some() || read.is_none() {
                return Err(de::Error::custom(ONE));
            }
            actor = read;
        }
        let scope = match (department, checked_out) {
            (None, None | Some(true)) => None,
            (Some(department), None | Some(true)) => Some(Scope::Department(department)),
            (None, Some(false)) => Some(Scope::Nobody),
            (Some(_), Some(false)) => return Err(de::Error::custom(SCOPE)),
        };
        let mut actor = actor.ok_or_else(|| de::Error::custom(ONE))?;
        match &mut actor {
            ScenarioActor::Principal { scope: own, .. } => *own = scope,
            _ if scope.is_some() => return Err(de::Error::custom(SCOPE)),
            _ => {}
        }
        match &mut actor {
            ScenarioActor::Administrator(place) => place.database = database,
            ScenarioActor::Keeper { place, .. } => place.database = database,
            _ if database.is_some() => return Err(de::Error::custom(PLACE)),
            _ => {}
        }
        match &mut actor {
            ScenarioActor::Keeper { unguarded: own, .. } => *own = unguarded,
            _ if unguarded.is_some() => return Err(de::Error::custom(GUARD)),
            _ => {}
        }
        Ok(actor)
    }
}
