//! What must be known besides a history to judge it again: the declared system, its tenants, its catalog
//! and rows from before the first attack, and the service's contract. Kept beside the histories, so
//! that an auditor needs no server.

use std::path::Path;

use anyhow::Context as _;
use domain::surface::Surface;
use domain::system::{DatabaseTemplate, System};
use domain::world::World;
use serde::{Deserialize, Serialize};

use crate::preparation::Prepared;

/// Name of the file beside the histories.
pub(crate) const FILE: &str = "context.json";
const SCHEMA: &str = "watertight-context-1";

/// What a judge knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Context {
    schema: String,
    /// The version of the tool that wrote it.
    pub(crate) tool: String,
    /// The target's name.
    pub(crate) target: String,
    /// As declared, without the texts of its scripts.
    pub(crate) system: System,
    /// The tenants and their marks.
    pub(crate) world: World,
    /// The catalog and the rows.
    pub(crate) surface: Surface,
    /// The service's OpenAPI document, if there is a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contract: Option<String>,
}

impl Context {
    /// That of a prepared system.
    pub(crate) fn new(prepared: &Prepared, contract: Option<String>) -> Self {
        let mut system = prepared.system.clone();
        let databases = &mut system.databases;
        let own = databases.tenant.iter_mut();
        for template in own.chain(databases.shared.values_mut()) {
            forget_scripts(template);
        }
        Self {
            schema: SCHEMA.to_owned(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            target: prepared.name().to_owned(),
            system,
            world: World::clone(&prepared.world),
            surface: prepared.surface.clone(),
            contract,
        }
    }

    /// As JSON.
    pub(crate) fn printed(&self) -> anyhow::Result<Vec<u8>> {
        let mut text = serde_json::to_vec(self).context("could not print the context")?;
        text.push(b'\n');
        Ok(text)
    }

    /// Reads one.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| {
            format!(
                "could not read {shown}, which says what a judge must know; it lies beside the \
                 histories of a run, or is named with --context"
            )
        })?;
        let context: Self = serde_json::from_str(&text)
            .with_context(|| format!("{shown} is no context of a history"))?;
        anyhow::ensure!(
            context.schema == SCHEMA,
            "{shown} is a {}; this version reads {SCHEMA}",
            context.schema
        );
        Ok(context)
    }
}

/// Scripts are judged by nobody, and are long.
fn forget_scripts(template: &mut DatabaseTemplate) {
    for script in template
        .scripts
        .iter_mut()
        .chain(&mut template.tenant_scripts)
    {
        script.text.clear();
    }
}
