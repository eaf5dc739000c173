//! Which stored rows does a changing statement change: of a table, a table variable, or behind a
//! view, a CTE or a derived table?
//!
//! A relation that is changed through hands out, besides its columns, the number of the stored
//! row that each of its rows comes from. That is a hidden last column, so views over views,
//! joins and window functions in between make no difference.

use std::sync::Arc;

use catalog::{ChainLink, ColumnId, Object, UserToken};
use values::{SqlError, SqlType, Value};

use crate::binder::{Binder, ScopeColumn};
use crate::permissions::Breadth;
use crate::plan::{CollationLabel, ColumnRef, Expr, ExprKind, OutputColumn, Source, TableRef};

/// What is behind a relation that can be changed through.
#[derive(Debug, Clone)]
pub(crate) struct Updatable {
    pub(crate) bases: Vec<Base>,
    /// For each column of the relation: which base, and which of its columns.
    pub(crate) columns: Vec<Option<(usize, usize)>>,
    /// Whose permission is asked, outermost first.
    pub(crate) layers: Vec<Layer>,
    /// Why nothing can be changed through it, when that is so.
    pub(crate) refused: Option<&'static str>,
    /// Views WITH CHECK OPTION on the way.
    pub(crate) check_options: Vec<ViewRef>,
}

/// A view with its database.
#[derive(Debug, Clone)]
pub(crate) struct ViewRef {
    pub(crate) database: catalog::DatabaseId,
    pub(crate) object: Arc<Object>,
}

/// Stored rows.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    pub(crate) rows: Stored,
    /// The number of the stored row, as an expression over the tuple.
    pub(crate) row_id: Expr,
}

/// Where rows are stored.
#[derive(Debug, Clone)]
pub(crate) enum Stored {
    Table(TableRef, Arc<Object>),
    Variable(Arc<str>),
}

/// One object whose permission is asked for the change.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) token: UserToken,
    pub(crate) link: Option<ChainLink>,
    pub(crate) object: Arc<Object>,
    /// Its column behind each column of the relation.
    pub(crate) ids: Vec<Option<ColumnId>>,
    /// `None` for a view: it stands before all of its bases.
    pub(crate) base: Option<usize>,
}

/// The relation that a statement changes.
#[derive(Debug, Clone)]
pub(crate) struct BoundTarget {
    pub(crate) slot: u16,
    pub(crate) name: Arc<str>,
    pub(crate) columns: Vec<ScopeColumn>,
    pub(crate) updatable: Updatable,
    /// The permission to read it.
    pub(crate) requirement: Option<usize>,
    /// The object that was named.
    pub(crate) object: Option<(catalog::DatabaseId, Arc<Object>)>,
}

/// The hidden column of a row number.
pub(crate) fn row_id_column() -> OutputColumn {
    OutputColumn {
        name: Arc::from(""),
        data_type: SqlType::BigInt,
        nullable: true,
        collation: Default::default(),
        identity: None,
        relation: None,
        mask: None,
    }
}

pub(crate) fn big_int(kind: ExprKind) -> Expr {
    Expr {
        kind,
        data_type: SqlType::BigInt,
        collation: CollationLabel::Coercible(Default::default()),
        nullable: true,
    }
}

impl Binder<'_, '_> {
    /// Binds the relation that the statement changes. Reading it needs a permission only if some
    /// column of it is named.
    pub(crate) fn target_relation(
        &mut self,
        bind: impl FnOnce(&mut Self) -> Result<Source, SqlError>,
    ) -> Result<Source, SqlError> {
        let before = std::mem::replace(&mut self.updatable, true);
        let source = bind(self);
        self.updatable = before;
        let source = source?;
        let relation = self.frame().relations.last().cloned();
        let Some(relation) = relation else {
            return Err(SqlError::unsupported("this kind of target"));
        };
        if let Some(requirement) = relation.requirement {
            self.requirements[requirement].scope = Breadth::ReadIfNamed;
        }
        let object = relation.requirement.map(|requirement| {
            let requirement = &self.requirements[requirement];
            (requirement.token.database, requirement.object.clone())
        });
        let updatable = relation
            .updatable
            .unwrap_or_else(|| Self::not_updatable("derived"));
        self.target = Some(BoundTarget {
            slot: relation.slot,
            name: relation.name,
            columns: relation.columns,
            updatable,
            requirement: relation.requirement,
            object,
        });
        Ok(source)
    }

    /// What changing a table in the given slot means.
    pub(crate) fn updatable_table(
        slot: u16,
        rows: Stored,
        width: usize,
        layers: Vec<Layer>,
    ) -> Updatable {
        Updatable {
            bases: vec![Base {
                rows,
                row_id: big_int(ExprKind::RowId(slot)),
            }],
            columns: (0..width).map(|ordinal| Some((0, ordinal))).collect(),
            layers,
            refused: None,
            check_options: Vec::new(),
        }
    }

    /// What changing through the SELECT of the innermost frame means, given its projection. The
    /// numbers of the stored rows are appended to the projection.
    pub(crate) fn updatable_select(
        &mut self,
        projection: &mut Vec<Expr>,
        columns: &mut Vec<OutputColumn>,
    ) -> Updatable {
        let relations = self.frame().relations.clone();
        let width = projection.len();
        let mut result = Updatable {
            bases: Vec::new(),
            columns: vec![None; width],
            layers: Vec::new(),
            refused: None,
            check_options: Vec::new(),
        };
        for relation in &relations {
            let Some(inner) = &relation.updatable else {
                continue;
            };
            if inner.refused.is_some() {
                continue;
            }
            let first = result.bases.len();
            for base in &inner.bases {
                projection.push(base.row_id.clone());
                columns.push(row_id_column());
                result.bases.push(Base {
                    rows: base.rows.clone(),
                    row_id: base.row_id.clone(),
                });
            }
            // Which of the projection's columns come from this relation, and from which column.
            let mut ordinals: Vec<Option<usize>> = vec![None; width];
            for (place, expr) in projection[..width].iter().enumerate() {
                if let ExprKind::Column(ColumnRef {
                    level: 0,
                    slot,
                    ordinal,
                }) = expr.kind
                    && slot == relation.slot
                {
                    let ordinal = usize::from(ordinal);
                    ordinals[place] = Some(ordinal);
                    result.columns[place] = inner
                        .columns
                        .get(ordinal)
                        .copied()
                        .flatten()
                        .map(|(base, column)| (first + base, column));
                }
            }
            for layer in &inner.layers {
                result.layers.push(Layer {
                    ids: ordinals
                        .iter()
                        .map(|ordinal| {
                            ordinal.and_then(|ordinal| layer.ids.get(ordinal).copied().flatten())
                        })
                        .collect(),
                    // A view inside stands before all its bases; the first one names them.
                    base: Some(first + layer.base.unwrap_or(0)),
                    ..layer.clone()
                });
            }
            result
                .check_options
                .extend(inner.check_options.iter().cloned());
        }
        result
    }

    /// The same information for the relation that shows the query: row numbers are read from its
    /// hidden columns.
    pub(crate) fn seen_from_outside(
        mut updatable: Updatable,
        slot: u16,
        width: usize,
    ) -> Updatable {
        for (place, base) in updatable.bases.iter_mut().enumerate() {
            base.row_id = big_int(ExprKind::Column(ColumnRef {
                level: 0,
                slot,
                ordinal: (width + place) as u16,
            }));
        }
        updatable.columns.truncate(width);
        updatable
    }

    /// Nothing can be changed through this.
    pub(crate) fn not_updatable(why: &'static str) -> Updatable {
        Updatable {
            bases: Vec::new(),
            columns: Vec::new(),
            layers: Vec::new(),
            refused: Some(why),
            check_options: Vec::new(),
        }
    }
}

/// The row number that an expression of [`Base::row_id`] gave.
pub(crate) fn row_id(value: &Value) -> Option<catalog::RowId> {
    match value {
        Value::BigInt(id) => u64::try_from(*id).ok().map(catalog::RowId),
        _ => None,
    }
}
