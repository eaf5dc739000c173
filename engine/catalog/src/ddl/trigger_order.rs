//! sp_settriggerorder: which AFTER trigger of a table fires first, and which last?
//!
//! <https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-settriggerorder-transact-sql>

use std::sync::Arc;

use tsql::{ModuleBody, Name, TriggerEvent};

use super::Ddl;
use crate::errors::{Errors, err};
use crate::names::display;
use crate::object::{FiringOrder, Object, ObjectKind};
use crate::permission::Permission;
use crate::undo::Change;

impl Ddl<'_> {
    /// Gives a trigger its place for one event; `None` takes it away. Altering the trigger does
    /// that, too.
    ///
    /// # Errors
    /// 15165 for what is missing or whose table may not be altered, 15125 when the trigger is not
    /// for the event, 15130 when another one has the place.
    pub fn order_trigger(
        &mut self,
        name: &Name,
        event: TriggerEvent,
        order: Option<FiringOrder>,
    ) -> Result<(), Errors> {
        let shown = display(name);
        let missing = || {
            err(
                15165,
                16,
                1,
                format!("Could not find object '{shown}' or you do not have permission."),
            )
        };
        let (token, trigger) = self.find(name)?.ok_or_else(missing)?;
        let database = Arc::clone(self.instance.entered(token.database));
        let parent = trigger
            .parent
            .and_then(|parent| database.object(parent).cloned())
            .ok_or_else(missing)?;
        if !self.holds(&token, &parent, Permission::ALTER) {
            return Err(missing().into());
        }
        let word = match event {
            TriggerEvent::Insert => "INSERT",
            TriggerEvent::Update => "UPDATE",
            TriggerEvent::Delete => "DELETE",
        };
        if !fires_after(&trigger, event) {
            let text = format!("Trigger '{shown}' is not a trigger for '{word}'.");
            return Err(err(15125, 16, 1, text).into());
        }
        let taken = order.is_some_and(|order| {
            database.children_of(parent.id).any(|other| {
                other.id != trigger.id
                    && other
                        .as_module()
                        .is_some_and(|module| module.firing_order.get(&event) == Some(&order))
            })
        });
        if taken {
            let place = match order {
                Some(FiringOrder::Last) => "last",
                _ => "first",
            };
            let text = format!("There already exists a '{place}' trigger for '{word}'.");
            return Err(err(15130, 16, 1, text).into());
        }
        let mut changed = Object::clone(&trigger);
        changed.modified = self.now;
        if let ObjectKind::Module(module) = &mut changed.kind {
            match order {
                Some(order) => module.firing_order.insert(event, order),
                None => module.firing_order.remove(&event),
            };
        }
        self.instance.apply(
            Change::Object(token.database, trigger.id, Some(Arc::new(changed))),
            self.undo,
        );
        Ok(())
    }
}

fn fires_after(trigger: &Object, event: TriggerEvent) -> bool {
    trigger.as_module().is_some_and(|module| {
        matches!(
            &module.definition.body,
            ModuleBody::Trigger { instead_of: false, events, .. } if events.contains(&event)
        )
    })
}
