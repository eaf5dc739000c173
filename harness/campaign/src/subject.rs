//! What a row of the books is about: a cell of the attackers' matrix, or a thing that was looked
//! at.

use domain::control::ControlId;
use domain::event::Coordinates;
use domain::inspection::{INSPECTOR, Item};
use domain::system::System;
use oracles::api::ApiCell;
use oracles::matrix::Cell;

/// What is counted together.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// Attacks by one principal, of one kind, on one object.
    Attacked(Cell),
    /// Attacks through the API by one caller, of one kind, at one place of one operation.
    Called(ApiCell),
    /// Looks at one thing in every tenant.
    Inspected {
        inspection: String,
        control: ControlId,
        place: String,
    },
}

impl Subject {
    /// What an item of an inspection is about.
    pub(crate) fn of_item(inspection: &str, item: &Item) -> Self {
        Self::Inspected {
            inspection: inspection.into(),
            control: item.control.clone(),
            place: item.place.clone(),
        }
    }

    /// Unique and stable, for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Attacked(cell) => cell.name(),
            Self::Called(cell) => cell.name.clone(),
            Self::Inspected {
                inspection,
                control,
                place,
            } => format!("{inspection} of {place} for {control}"),
        }
    }

    /// `isolation.<relation>.<object>` or `inspection.<name>`.
    pub(crate) fn class(&self) -> String {
        match self {
            Self::Attacked(cell) => cell.class(),
            Self::Called(cell) => cell.class.clone(),
            Self::Inspected { inspection, .. } => format!("{INSPECTOR}.{inspection}"),
        }
    }

    /// Where it lies in the matrix.
    pub(crate) fn coordinates(&self) -> Coordinates {
        match self {
            Self::Attacked(cell) => cell.coordinates(),
            Self::Called(cell) => cell.at.clone(),
            Self::Inspected {
                inspection, place, ..
            } => Coordinates {
                what: place.clone(),
                how: inspection.clone(),
                ..Coordinates::default()
            },
        }
    }

    /// The promises that it counts for.
    pub(crate) fn controls(&self, system: &System) -> Vec<ControlId> {
        match self {
            Self::Attacked(cell) => cell.controls(system),
            Self::Called(cell) => cell.controls.clone(),
            Self::Inspected { control, .. } => vec![control.clone()],
        }
    }
}
