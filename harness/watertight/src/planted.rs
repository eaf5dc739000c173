//! What is applied before the attack: the user's own patches, planted faults of the catalogue and
//! their near misses, each in its own databases.

use std::path::PathBuf;

use anyhow::Context as _;
use domain::system::{Script, System};
use executors::PatchTarget;
use sql_fixtures::{Apply, Fault, faults};

use crate::args::PlantArguments;
use crate::exit_code::Failure;
use crate::reference_erp::Switched;

/// A script and where it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planted {
    /// The script.
    pub(crate) script: Script,
    /// Where it runs.
    pub(crate) target: PatchTarget,
    /// The design that it is made for; a user's own patch is for any.
    pub(crate) design: Option<String>,
}

/// What is switched on in the reference ERP.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PlantedInService {
    /// The switches.
    pub(crate) switched: Switched,
}

impl PlantedInService {
    /// Whether nothing is.
    pub(crate) fn is_empty(&self) -> bool {
        self.switched.faults.is_empty() && self.switched.near_misses.is_empty()
    }

    /// Whether something is that a design has.
    pub(crate) fn is_for(&self, design: &str) -> bool {
        self.all().any(|(_, fault)| {
            fault
                .description()
                .designs
                .iter()
                .any(|own| own.name() == design)
        })
    }

    /// What is, for people.
    pub(crate) fn names(&self) -> Vec<String> {
        self.all()
            .map(|(kind, fault)| format!("{kind} {}", fault.description().id))
            .collect()
    }

    /// The migrations that came with the faults, for systems of a design.
    pub(crate) fn patches(&self, design: &str) -> Vec<Planted> {
        self.switched
            .faults
            .iter()
            .filter_map(|fault| service_patch(*fault, design))
            .collect()
    }

    fn all(&self) -> impl Iterator<Item = (&'static str, erp::Fault)> {
        let faults = self.switched.faults.iter().map(|one| ("fault", *one));
        let near_misses = self.switched.near_misses.iter();
        faults.chain(near_misses.map(|one| ("near miss", *one)))
    }
}

/// What the options ask for: patches first, then faults, then near misses; and what is switched on in
/// the reference ERP.
pub(crate) fn planted(
    arguments: &PlantArguments,
) -> Result<(Vec<Planted>, PlantedInService), Failure> {
    let mut planted = Vec::new();
    let mut in_service = PlantedInService::default();
    for path in &arguments.patch {
        planted.push(patch(arguments, path)?);
    }
    if arguments.fault.is_empty() && arguments.near_miss.is_empty() {
        return Ok((planted, in_service));
    }
    let catalogue = faults();
    for id in &arguments.fault {
        if let Some(fault) = erp::Fault::named(id) {
            in_service.switched.faults.insert(fault);
            continue;
        }
        planted.push(fault(find(&catalogue, id)?)?);
    }
    for id in &arguments.near_miss {
        if let Some(fault) = erp::Fault::named(id) {
            in_service.switched.near_misses.insert(fault);
            continue;
        }
        planted.push(near_miss(find(&catalogue, id)?)?);
    }
    Ok((planted, in_service))
}

/// The T-SQL that plants a fault.
pub(crate) fn fault(fault: &Fault) -> Result<Planted, Failure> {
    Ok(Planted {
        script: script(&format!("fault {}", fault.id), fault.script())?,
        target: target(&fault.apply),
        design: Some(fault.design.clone()),
    })
}

/// The T-SQL that makes a fault's near miss.
pub(crate) fn near_miss(fault: &Fault) -> Result<Planted, Failure> {
    Ok(Planted {
        script: script(&format!("near miss {}", fault.id), fault.near_miss_script())?,
        target: target(fault.near_miss_apply()),
        design: Some(fault.design.clone()),
    })
}

/// The T-SQL that belongs to a fault of the service: without it the database would refuse what the
/// service has forgotten to.
pub(crate) fn service_patch(fault: erp::Fault, design: &str) -> Option<Planted> {
    let own = fault
        .description()
        .designs
        .iter()
        .find(|own| own.name() == design)?;
    Some(Planted {
        script: Script {
            file: format!("migration of {}", fault.description().id),
            text: fault.patch(*own)?.to_owned(),
        },
        target: PatchTarget::Tenants,
        design: Some(design.to_owned()),
    })
}

fn patch(arguments: &PlantArguments, path: &PathBuf) -> Result<Planted, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read the patch {}", path.display()))
        .map_err(Failure::usage)?;
    let target = match (&arguments.patch_tenant, &arguments.patch_db) {
        (Some(tenant), _) => PatchTarget::Tenant(tenant.clone()),
        (None, Some(key)) => PatchTarget::Shared(key.clone()),
        (None, None) => PatchTarget::Tenants,
    };
    Ok(Planted {
        script: Script {
            file: path.display().to_string(),
            text,
        },
        target,
        design: None,
    })
}

fn find<'a>(catalogue: &'a [Fault], id: &str) -> Result<&'a Fault, Failure> {
    if let Some(fault) = catalogue.iter().find(|fault| fault.id == id) {
        return Ok(fault);
    }
    let similar = similar(catalogue, id);
    let hint = if similar.is_empty() {
        "`watertight list faults` shows all".to_owned()
    } else {
        format!("did you mean {}?", similar.join(" or "))
    };
    Err(Failure::usage(anyhow::anyhow!(
        "there is no fault called {id}; {hint}"
    )))
}

/// The names that share most of their words with `id`, the best first.
fn similar(catalogue: &[Fault], id: &str) -> Vec<String> {
    const SHOWN: usize = 3;
    let words: Vec<&str> = id
        .split(['-', '_', ' '])
        .filter(|word| word.len() > 2)
        .collect();
    let alike = |own: &str, word: &str| {
        // One letter more, less or other is a slip.
        own == word || (own.len() > 3 && (own.starts_with(word) || word.starts_with(own)))
    };
    let score = |fault: &Fault| {
        words
            .iter()
            .filter(|word| fault.id.split('-').any(|own| alike(own, word)))
            .count()
    };
    let mut scored: Vec<(usize, &str)> = catalogue
        .iter()
        .map(|fault| (score(fault), fault.id.as_str()))
        .filter(|(score, _)| *score > 0)
        .collect();
    scored.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(right.1)));
    scored
        .into_iter()
        .take(SHOWN)
        .map(|(_, id)| id.to_owned())
        .collect()
}

fn script(name: &str, text: Option<&'static str>) -> Result<Script, Failure> {
    let text = text
        .with_context(|| format!("the {name} has no script in this build"))
        .map_err(Failure::environment)?;
    Ok(Script {
        file: name.to_owned(),
        text: text.to_owned(),
    })
}

fn target(apply: &Apply) -> PatchTarget {
    match apply {
        Apply::Tenants => PatchTarget::Tenants,
        Apply::Tenant(name) => PatchTarget::Tenant(name.clone()),
        Apply::Database(key) => PatchTarget::Shared(key.clone()),
    }
}

impl Planted {
    /// Whether it is made for systems of this design.
    pub(crate) fn is_for(&self, design: &str) -> bool {
        self.design.as_ref().is_none_or(|own| own == design)
    }

    /// A typo is told before anything is provisioned.
    pub(crate) fn check(&self, system: &System) -> Result<(), Failure> {
        let (wanted, known): (&String, Vec<&String>) = match &self.target {
            PatchTarget::Tenants => return Ok(()),
            PatchTarget::Tenant(name) => (name, system.tenants.iter().collect()),
            PatchTarget::Shared(key) => (key, system.databases.shared.keys().collect()),
        };
        if known.iter().any(|name| name.eq_ignore_ascii_case(wanted)) {
            return Ok(());
        }
        let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
        let option = match (&self.design, &self.target) {
            (Some(_), _) => format!("{}, for {wanted}", self.script.file),
            (None, PatchTarget::Shared(_)) => format!("--patch-db {wanted}"),
            (None, _) => format!("--patch-tenant {wanted}"),
        };
        Err(Failure::usage(anyhow::anyhow!(
            "{option}: {} has no such name; known are {}",
            system.name,
            known.join(", ")
        )))
    }
}

#[cfg(test)]
mod tests {
    use sql_fixtures::faults;

    use super::{find, similar};

    #[test]
    fn a_name_that_is_nearly_one_is_answered_with_those_that_are() {
        let catalogue = faults();
        for (id, first) in [
            ("deny-delet-missing", Some("deny-delete-missing")),
            ("purge_not_audited", Some("purge-not-audited")),
            ("temporal", Some("temporal-missing")),
            ("xyzzy", None),
        ] {
            let found = similar(&catalogue, id);
            assert_eq!(found.first().map(String::as_str), first, "{id}");
            let told = find(&catalogue, id).expect_err("no such fault").error;
            assert!(told.to_string().contains(first.unwrap_or("list faults")));
        }
        assert!(find(&catalogue, "temporal-missing").is_ok());
    }
}
