//! Which columns and variables does a name in an expression see?

use std::sync::Arc;

use catalog::{ColumnId, Identity, Object, same_name};
use tsql::sql;
use values::{Collation, SqlError, SqlType};

use crate::binder::Binder;
use crate::binder::targets::Updatable;
use crate::messages;
use crate::plan::{CollationLabel, ColumnRef, Expr, ExprKind};

/// One level of names.
#[derive(Debug)]
pub(crate) enum Frame {
    /// The FROM clause of one SELECT.
    Select(SelectFrame),
    /// The parameters of an inline function.
    Parameters(Vec<(Arc<str>, SqlType, Collation)>),
}

#[derive(Debug, Default)]
pub(crate) struct SelectFrame {
    pub(crate) relations: Vec<ScopeRelation>,
    /// Off while a derived table of the same FROM clause is bound: it does not see its siblings.
    pub(crate) visible: bool,
    pub(crate) slots: u16,
}

/// One relation of a FROM clause.
#[derive(Debug, Clone)]
pub(crate) struct ScopeRelation {
    pub(crate) slot: u16,
    /// The alias, or the name as written.
    pub(crate) name: Arc<str>,
    /// No alias was given: database and schema may stand in front of the name.
    pub(crate) qualified: Option<(Arc<str>, Arc<str>)>,
    pub(crate) columns: Vec<ScopeColumn>,
    /// The permission that reading its columns needs.
    pub(crate) requirement: Option<usize>,
    /// What it is, when it is a stored table: for indexes.
    pub(crate) table: Option<TableShape>,
    /// On the empty side of an outer join.
    pub(crate) nullable: bool,
    /// What is changed through it, where that is asked for.
    pub(crate) updatable: Option<Updatable>,
}

#[derive(Debug, Clone)]
pub(crate) enum TableShape {
    Object(Arc<Object>),
    Variable(Arc<str>),
}

#[derive(Debug, Clone)]
pub(crate) struct ScopeColumn {
    pub(crate) name: Arc<str>,
    pub(crate) data_type: SqlType,
    pub(crate) nullable: bool,
    pub(crate) collation: Collation,
    pub(crate) hidden: bool,
    pub(crate) id: Option<ColumnId>,
    pub(crate) identity: Option<Identity>,
    /// How its values are shown to this caller, who may not see them unmasked.
    pub(crate) mask: Option<Arc<catalog::Mask>>,
    /// What it stands for, when it is a column of a view that is changed through.
    pub(crate) expr: Option<Box<Expr>>,
}

impl ScopeColumn {
    pub(crate) fn of(column: &catalog::Column) -> Self {
        Self {
            name: column.name.clone(),
            data_type: column.data_type,
            nullable: column.nullable,
            collation: column.collation,
            hidden: column.hidden,
            id: Some(column.id),
            identity: column.identity,
            mask: None,
            expr: None,
        }
    }
}

impl ScopeRelation {
    fn answers_to(&self, qualifier: &[sql::Ident]) -> bool {
        let Some((last, rest)) = qualifier.split_last() else {
            return false;
        };
        if !same_name(&self.name, &last.value) {
            return false;
        }
        match (rest, &self.qualified) {
            ([], _) => true,
            ([schema], Some((_, of))) => same_name(&schema.value, of),
            ([database, schema], Some((in_database, of))) => {
                same_name(&database.value, in_database)
                    && (schema.value.is_empty() || same_name(&schema.value, of))
            }
            _ => false,
        }
    }
}

impl Binder<'_, '_> {
    pub(crate) fn frame(&mut self) -> &mut SelectFrame {
        match self.frames.last_mut() {
            Some(Frame::Select(frame)) => frame,
            _ => unreachable!("a FROM clause is bound inside of its SELECT's frame"),
        }
    }

    /// `name` as a column, innermost SELECT first.
    pub(crate) fn column(&mut self, name: &sql::Ident) -> Result<Expr, SqlError> {
        let mut found = None;
        for (level, frame) in self.frames.iter().rev().enumerate() {
            let Frame::Select(frame) = frame else {
                continue;
            };
            if !frame.visible {
                continue;
            }
            for (place, relation) in frame.relations.iter().enumerate() {
                for (ordinal, column) in relation.columns.iter().enumerate() {
                    if same_name(&column.name, &name.value) {
                        if found.is_some() {
                            return Err(messages::ambiguous_column(&name.value));
                        }
                        found = Some((level, place, ordinal));
                    }
                }
            }
            if found.is_some() {
                break;
            }
        }
        match found {
            Some((level, place, ordinal)) => Ok(self.read(level, place, ordinal)),
            None => Err(messages::invalid_column(&name.value)),
        }
    }

    /// `qualifier.name` as a column.
    pub(crate) fn qualified_column(&mut self, parts: &[sql::Ident]) -> Result<Expr, SqlError> {
        let (name, qualifier) = parts.split_last().expect("a compound name has parts");
        let mut found = None;
        'frames: for (level, frame) in self.frames.iter().rev().enumerate() {
            let Frame::Select(frame) = frame else {
                continue;
            };
            if !frame.visible {
                continue;
            }
            for (place, relation) in frame.relations.iter().enumerate() {
                if relation.answers_to(qualifier) {
                    found = Some((level, place));
                    break 'frames;
                }
            }
        }
        let Some((level, place)) = found else {
            let text: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
            return Err(messages::unbound_identifier(text.join(".")));
        };
        let relation = self.relation_at(level, place);
        let mut ordinals = relation
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| same_name(&column.name, &name.value))
            .map(|(ordinal, _)| ordinal);
        match (ordinals.next(), ordinals.next()) {
            (Some(ordinal), None) => Ok(self.read(level, place, ordinal)),
            (Some(_), Some(_)) => Err(messages::ambiguous_column(&name.value)),
            (None, _) => Err(messages::invalid_column(&name.value)),
        }
    }

    fn relation_at(&self, level: usize, place: usize) -> &ScopeRelation {
        match &self.frames[self.frames.len() - 1 - level] {
            Frame::Select(frame) => &frame.relations[place],
            Frame::Parameters(_) => unreachable!("relations stand in FROM clauses"),
        }
    }

    /// The column as an expression; notes that it is read.
    pub(crate) fn read(&mut self, level: usize, place: usize, ordinal: usize) -> Expr {
        let relation = self.relation_at(level, place);
        let column = &relation.columns[ordinal];
        let (requirement, id) = (relation.requirement, column.id);
        let expr = match &column.expr {
            Some(expr) => {
                let mut expr = Expr::clone(expr);
                if level > 0 {
                    raise(&mut expr, level as u16);
                }
                expr
            }
            None => Expr {
                kind: ExprKind::Column(ColumnRef {
                    level: level as u16,
                    slot: relation.slot,
                    ordinal: ordinal as u16,
                }),
                data_type: column.data_type,
                collation: CollationLabel::Implicit(column.collation),
                nullable: column.nullable || relation.nullable,
            },
        };
        if let (Some(requirement), Some(id)) = (requirement, id) {
            self.requirements[requirement].columns.insert(id);
        }
        expr
    }

    /// The relations of the innermost SELECT that a `*` (or `t.*`) stands for.
    pub(crate) fn wildcard(
        &mut self,
        qualifier: Option<&[sql::Ident]>,
    ) -> Result<Vec<usize>, SqlError> {
        let relations: Vec<usize> = self
            .frame()
            .relations
            .iter()
            .enumerate()
            .filter(|(_, relation)| qualifier.is_none_or(|q| relation.answers_to(q)))
            .map(|(place, _)| place)
            .collect();
        match qualifier {
            Some(parts) if relations.is_empty() => {
                let text: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
                Err(messages::unbound_prefix(text.join(".")))
            }
            _ => Ok(relations),
        }
    }

    /// `@name` as a parameter of the inline function being bound.
    pub(crate) fn parameter(&self, name: &str) -> Option<Expr> {
        self.frames
            .iter()
            .rev()
            .enumerate()
            .find_map(|(level, frame)| {
                let Frame::Parameters(parameters) = frame else {
                    return None;
                };
                let ordinal = parameters
                    .iter()
                    .position(|(known, ..)| same_name(known, name))?;
                let (_, data_type, collation) = &parameters[ordinal];
                Some(Expr {
                    kind: ExprKind::Column(ColumnRef {
                        level: level as u16,
                        slot: 0,
                        ordinal: ordinal as u16,
                    }),
                    data_type: *data_type,
                    collation: CollationLabel::Coercible(*collation),
                    nullable: true,
                })
            })
    }

    /// Whether parameters hide the session's variables: inside an inline function they do.
    pub(crate) fn in_function(&self) -> bool {
        self.frames
            .iter()
            .any(|frame| matches!(frame, Frame::Parameters(_)))
    }

    /// The name of a column for a message: `t.a`.
    pub(crate) fn column_name(&self, column: ColumnRef) -> String {
        let index = self.frames.len().checked_sub(1 + usize::from(column.level));
        let frame = index.and_then(|index| self.frames.get(index));
        if let Some(Frame::Select(frame)) = frame
            && let Some(relation) = frame.relations.iter().find(|it| it.slot == column.slot)
            && let Some(found) = relation.columns.get(usize::from(column.ordinal))
        {
            return if relation.name.is_empty() {
                found.name.to_string()
            } else {
                format!("{}.{}", relation.name, found.name)
            };
        }
        String::new()
    }
}

/// Moves an expression that was bound in a SELECT to a query `by` levels inside of it.
fn raise(expr: &mut Expr, by: u16) {
    let result = crate::visit::rewrite(expr, 0, &mut |expr, depth| {
        if let ExprKind::Column(column) = &mut expr.kind
            && column.level >= depth
        {
            column.level += by;
        }
        Ok(crate::visit::Visit::Descend)
    });
    debug_assert!(result.is_ok(), "moving columns cannot fail");
}
