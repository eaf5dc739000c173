//! Which shapes have a name in the contract? Every resource adds its own.

use super::schema::{Field, Schema};
use crate::options::Design;

/// All named shapes of a design, in order of their names.
pub fn shapes(design: Design) -> Vec<(&'static str, Schema)> {
    let mut shapes = vec![("Problem", problem()), ("FieldError", field_error())];
    shapes.extend(crate::resources::shapes(design));
    shapes.sort_by_key(|(name, _)| *name);
    shapes
}

/// The shape with this name.
pub fn find(design: Design, name: &str) -> Option<Schema> {
    shapes(design)
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, schema)| schema)
}

/// Problem details as RFC 9457 has them.
fn problem() -> Schema {
    Schema::Object(vec![
        Field::new("type", Schema::line(1, 200)).about("Which kind of problem this is"),
        Field::new("title", Schema::line(1, 200)),
        Field::new("status", Schema::Integer(400, 599)),
        Field::new("detail", Schema::line(0, 2000)).optional(),
        Field::new("errors", Schema::list(Schema::Named("FieldError"), 0, 1000))
            .optional()
            .about("What is wrong, field by field"),
    ])
}

fn field_error() -> Schema {
    Schema::Object(vec![
        Field::new("field", Schema::line(0, 300)),
        Field::new("code", Schema::line(1, 40)),
        Field::new("message", Schema::line(1, 400)),
    ])
}
