//! How do the errors of queries and row changes read? One constructor per message of SQL Server.

use std::fmt::Display;

use values::SqlError;

fn err(number: i32, severity: u8, state: u8, message: impl Into<String>) -> SqlError {
    SqlError::new(number, severity, state, message)
}

pub(crate) fn syntax_near(text: impl Display) -> SqlError {
    err(102, 15, 1, format!("Incorrect syntax near '{text}'."))
}

pub(crate) fn undeclared_variable(name: &str) -> SqlError {
    err(
        137,
        15,
        2,
        format!("Must declare the scalar variable \"{name}\"."),
    )
}

pub(crate) fn undeclared_table_variable(name: &str) -> SqlError {
    err(
        1087,
        15,
        2,
        format!("Must declare the table variable \"{name}\"."),
    )
}

/// 13536.
pub(crate) fn cannot_insert_generated(table: &str) -> SqlError {
    err(
        13536,
        16,
        1,
        format!(
            "Cannot insert an explicit value into a GENERATED ALWAYS column in table '{table}'. Use INSERT with a column list to exclude the GENERATED ALWAYS column, or insert a DEFAULT into GENERATED ALWAYS column."
        ),
    )
}

/// 13537.
pub(crate) fn cannot_update_generated(table: &str) -> SqlError {
    err(
        13537,
        16,
        1,
        format!("Cannot update GENERATED ALWAYS columns in table '{table}'."),
    )
}

/// 13544.
pub(crate) fn not_versioned(table: impl Display) -> SqlError {
    err(
        13544,
        16,
        1,
        format!(
            "Temporal FOR SYSTEM_TIME clause can only be used with system-versioned tables. '{table}' is not a system-versioned table."
        ),
    )
}

/// 13590.
pub(crate) fn system_time_twice(table: impl Display) -> SqlError {
    err(
        13590,
        16,
        1,
        format!(
            "Temporal FOR SYSTEM_TIME clause can only be set once per temporal table. '{table}' has more than one temporal FOR SYSTEM_TIME clause."
        ),
    )
}

pub(crate) fn invalid_object(name: impl Display) -> SqlError {
    err(208, 16, 1, format!("Invalid object name '{name}'."))
}

pub(crate) fn invalid_column(name: impl Display) -> SqlError {
    err(207, 16, 1, format!("Invalid column name '{name}'."))
}

pub(crate) fn ambiguous_column(name: impl Display) -> SqlError {
    err(209, 16, 1, format!("Ambiguous column name '{name}'."))
}

pub(crate) fn unbound_identifier(name: impl Display) -> SqlError {
    err(
        4104,
        16,
        1,
        format!("The multi-part identifier \"{name}\" could not be bound."),
    )
}

pub(crate) fn unbound_prefix(name: impl Display) -> SqlError {
    err(
        107,
        15,
        1,
        format!(
            "The column prefix '{name}' does not match with a table name or alias name used in the query."
        ),
    )
}

pub(crate) fn not_boolean(near: impl Display) -> SqlError {
    err(
        4145,
        15,
        1,
        format!(
            "An expression of non-boolean type specified in a context where a condition is expected, near '{near}'."
        ),
    )
}

pub(crate) fn subquery_more_than_one() -> SqlError {
    err(
        512,
        16,
        1,
        "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.",
    )
}

pub(crate) fn subquery_one_column() -> SqlError {
    err(
        116,
        16,
        1,
        "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.",
    )
}

pub(crate) fn set_operation_columns() -> SqlError {
    err(
        205,
        16,
        1,
        "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.",
    )
}

pub(crate) fn set_operation_order() -> SqlError {
    err(
        104,
        16,
        1,
        "ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.",
    )
}

pub(crate) fn distinct_order() -> SqlError {
    err(
        145,
        15,
        1,
        "ORDER BY items must appear in the select list if SELECT DISTINCT is specified.",
    )
}

pub(crate) fn order_position(position: impl Display) -> SqlError {
    err(
        108,
        16,
        1,
        format!(
            "The ORDER BY position number {position} is out of range of the number of items in the select list."
        ),
    )
}

pub(crate) fn not_grouped(column: impl Display, clause: &str) -> SqlError {
    let number = if clause == "select list" {
        8120
    } else if clause == "HAVING clause" {
        8121
    } else {
        8127
    };
    if number == 8127 {
        return err(
            8127,
            16,
            1,
            format!(
                "Column \"{column}\" is invalid in the ORDER BY clause because it is not contained in either an aggregate function or the GROUP BY clause."
            ),
        );
    }
    err(
        number,
        16,
        1,
        format!(
            "Column '{column}' is invalid in the {clause} because it is not contained in either an aggregate function or the GROUP BY clause."
        ),
    )
}

pub(crate) fn aggregate_in_where() -> SqlError {
    err(
        147,
        15,
        1,
        "An aggregate may not appear in the WHERE clause unless it is in a subquery contained in a HAVING clause or a select list, and the column being aggregated is an outer reference.",
    )
}

pub(crate) fn aggregate_in_on() -> SqlError {
    err(
        1015,
        15,
        1,
        "An aggregate cannot appear in an ON clause unless it is in a subquery contained in a HAVING clause or select list, and the column being aggregated is an outer reference.",
    )
}

pub(crate) fn aggregate_in_aggregate() -> SqlError {
    err(
        130,
        15,
        1,
        "Cannot perform an aggregate function on an expression containing an aggregate or a subquery.",
    )
}

pub(crate) fn aggregate_in_group_by() -> SqlError {
    err(
        144,
        15,
        1,
        "Cannot use an aggregate or a subquery in an expression used for the group by list of a GROUP BY clause.",
    )
}

pub(crate) fn group_by_without_column() -> SqlError {
    err(
        164,
        15,
        1,
        "Each GROUP BY expression must contain at least one column that is not an outer reference.",
    )
}

pub(crate) fn window_not_allowed() -> SqlError {
    err(
        4108,
        15,
        1,
        "Windowed functions can only appear in the SELECT or ORDER BY clauses.",
    )
}

pub(crate) fn window_needs_order(function: &str) -> SqlError {
    err(
        4112,
        15,
        1,
        format!("The function '{function}' must have an OVER clause with ORDER BY."),
    )
}

pub(crate) fn needs_over(function: &str) -> SqlError {
    err(
        10753,
        15,
        3,
        format!("The function '{function}' must have an OVER clause."),
    )
}

pub(crate) fn duplicate_exposed_name(name: impl Display) -> SqlError {
    err(
        1013,
        16,
        1,
        format!(
            "The objects \"{name}\" and \"{name}\" in the FROM clause have the same exposed names. Use correlation names to distinguish them."
        ),
    )
}

pub(crate) fn duplicate_alias(name: impl Display) -> SqlError {
    err(
        1011,
        16,
        1,
        format!("The correlation name '{name}' is specified multiple times in a FROM clause."),
    )
}

pub(crate) fn unnamed_column(position: usize, name: impl Display) -> SqlError {
    err(
        8155,
        16,
        2,
        format!("No column name was specified for column {position} of '{name}'."),
    )
}

pub(crate) fn duplicate_column(column: impl Display, name: impl Display) -> SqlError {
    err(
        8156,
        16,
        1,
        format!("The column '{column}' was specified multiple times for '{name}'."),
    )
}

pub(crate) fn fewer_columns_than_list(name: impl Display) -> SqlError {
    err(
        8158,
        16,
        1,
        format!("'{name}' has more columns than were specified in the column list."),
    )
}

pub(crate) fn more_columns_than_list(name: impl Display) -> SqlError {
    err(
        8159,
        16,
        1,
        format!("'{name}' has fewer columns than were specified in the column list."),
    )
}

pub(crate) fn order_by_in_view() -> SqlError {
    err(
        1033,
        15,
        1,
        "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.",
    )
}

pub(crate) fn unknown_function(name: impl Display) -> SqlError {
    err(
        195,
        15,
        10,
        format!("'{name}' is not a recognized built-in function name."),
    )
}

pub(crate) fn unknown_user_function(schema: impl Display, name: impl Display) -> SqlError {
    err(
        4121,
        16,
        1,
        format!(
            "Cannot find either column \"{schema}\" or the user-defined function or aggregate \"{schema}.{name}\", or the name is ambiguous."
        ),
    )
}

pub(crate) fn argument_count(function: impl Display, wanted: usize) -> SqlError {
    err(
        174,
        15,
        1,
        format!("The {function} function requires {wanted} argument(s)."),
    )
}

pub(crate) fn collation_conflict(a: &str, b: &str, operator: &str) -> SqlError {
    err(
        468,
        16,
        9,
        format!(
            "Cannot resolve the collation conflict between \"{a}\" and \"{b}\" in the {operator} operation."
        ),
    )
}

pub(crate) fn invalid_collation(name: impl Display) -> SqlError {
    err(448, 16, 1, format!("Invalid collation '{name}'."))
}

pub(crate) fn recursion_exhausted(limit: u32) -> SqlError {
    err(
        530,
        16,
        1,
        format!(
            "The statement terminated. The maximum recursion {limit} has been exhausted before statement completion."
        ),
    )
}

pub(crate) fn recursive_types(column: impl Display, name: impl Display) -> SqlError {
    err(
        240,
        16,
        1,
        format!(
            "Types don't match between the anchor and the recursive part in column \"{column}\" of recursive query \"{name}\"."
        ),
    )
}

pub(crate) fn offset_negative() -> SqlError {
    err(
        10742,
        15,
        1,
        "The offset specified in a OFFSET clause may not be negative.",
    )
}

pub(crate) fn fetch_not_positive() -> SqlError {
    err(
        10744,
        15,
        1,
        "The number of rows provided for a FETCH clause must be greater then zero.",
    )
}

pub(crate) fn top_negative() -> SqlError {
    err(
        127,
        15,
        1,
        "A TOP N or FETCH rowcount value may not be negative.",
    )
}

pub(crate) fn top_percent_range() -> SqlError {
    err(1031, 15, 1, "Percent values must be between 0 and 100.")
}

pub(crate) fn with_ties_needs_order() -> SqlError {
    err(
        1062,
        15,
        1,
        "The TOP N WITH TIES clause is not allowed without a corresponding ORDER BY clause.",
    )
}

pub(crate) fn too_many_insert_columns() -> SqlError {
    err(
        110,
        15,
        1,
        "There are fewer columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.",
    )
}

pub(crate) fn too_few_insert_values() -> SqlError {
    err(
        109,
        15,
        1,
        "There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.",
    )
}

pub(crate) fn select_list_too_short() -> SqlError {
    err(
        120,
        15,
        1,
        "The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns.",
    )
}

pub(crate) fn select_list_too_long() -> SqlError {
    err(
        121,
        15,
        1,
        "The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns.",
    )
}

pub(crate) fn insert_value_count() -> SqlError {
    err(
        213,
        16,
        1,
        "Column name or number of supplied values does not match table definition.",
    )
}

pub(crate) fn insert_column_twice(column: impl Display) -> SqlError {
    err(
        264,
        16,
        1,
        format!(
            "The column name '{column}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code."
        ),
    )
}

pub(crate) fn computed_column(column: impl Display) -> SqlError {
    err(
        271,
        16,
        1,
        format!(
            "The column \"{column}\" cannot be modified because it is either a computed column or is the result of a UNION operator."
        ),
    )
}

pub(crate) fn cannot_update_timestamp() -> SqlError {
    err(272, 16, 1, "Cannot update a timestamp column.")
}

pub(crate) fn cannot_insert_timestamp() -> SqlError {
    err(
        273,
        16,
        1,
        "Cannot insert an explicit value into a timestamp column. Use INSERT with a column list to exclude the timestamp column, or insert a DEFAULT into the timestamp column.",
    )
}

pub(crate) fn null_not_allowed(column: &str, table: &str, statement: &str) -> SqlError {
    err(
        515,
        16,
        2,
        format!(
            "Cannot insert the value NULL into column '{column}', table '{table}'; column does not allow nulls. {statement} fails."
        ),
    )
}

pub(crate) fn identity_insert_off(table: impl Display) -> SqlError {
    err(
        544,
        16,
        1,
        format!(
            "Cannot insert explicit value for identity column in table '{table}' when IDENTITY_INSERT is set to OFF."
        ),
    )
}

pub(crate) fn identity_value_missing(table: impl Display) -> SqlError {
    err(
        545,
        16,
        1,
        format!(
            "Explicit value must be specified for identity column in table '{table}' either when IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR REPLICATION identity column."
        ),
    )
}

pub(crate) fn identity_needs_column_list(table: impl Display) -> SqlError {
    err(
        8101,
        16,
        1,
        format!(
            "An explicit value for the identity column in table '{table}' can only be specified when a column list is used and IDENTITY_INSERT is ON."
        ),
    )
}

pub(crate) fn cannot_update_identity(column: impl Display) -> SqlError {
    err(
        8102,
        16,
        1,
        format!("Cannot update identity column '{column}'."),
    )
}

pub(crate) fn constraint_conflict(
    statement: &str,
    kind: &str,
    constraint: &str,
    database: &str,
    table: &str,
    column: Option<&str>,
) -> SqlError {
    let column = column
        .map(|name| format!(", column '{name}'"))
        .unwrap_or_default();
    err(
        547,
        16,
        0,
        format!(
            "The {statement} statement conflicted with the {kind} constraint \"{constraint}\". The conflict occurred in database \"{database}\", table \"{table}\"{column}."
        ),
    )
}

/// 33504; the caller learns the table's name even behind a view.
pub(crate) fn block_predicate(table: &str) -> SqlError {
    SqlError::new(
        33504,
        16,
        1,
        format!(
            "The attempted operation failed because the target object '{table}' has a block predicate that conflicts with this operation. If the operation is performed on a view, the block predicate might be enforced on the underlying table. Modify the operation to target only the rows that are allowed by the block predicate."
        ),
    )
}

pub(crate) fn check_option() -> SqlError {
    err(
        550,
        16,
        1,
        "The attempted insert or update failed because the target view either specifies WITH CHECK OPTION or spans a view that specifies WITH CHECK OPTION and one or more rows resulting from the operation did not qualify under the CHECK OPTION constraint.",
    )
}

pub(crate) fn view_several_tables(view: impl Display) -> SqlError {
    err(
        4405,
        16,
        1,
        format!(
            "View or function '{view}' is not updatable because the modification affects multiple base tables."
        ),
    )
}

pub(crate) fn view_derived_field(view: impl Display) -> SqlError {
    err(
        4406,
        16,
        1,
        format!(
            "Update or insert of view or function '{view}' failed because it contains a derived or constant field."
        ),
    )
}

pub(crate) fn view_not_updatable(view: impl Display, why: &str) -> SqlError {
    match why {
        "aggregate" => err(
            4403,
            16,
            1,
            format!(
                "Cannot update the view or function '{view}' because it contains aggregates, or a DISTINCT or GROUP BY clause, or PIVOT or UNPIVOT operator."
            ),
        ),
        "top" => err(
            4427,
            16,
            1,
            format!(
                "Cannot update the view \"{view}\" because it or a view it references was created with WITH CHECK OPTION and its definition contains a TOP or OFFSET clause."
            ),
        ),
        _ => err(
            4426,
            16,
            1,
            format!(
                "View '{view}' is not updatable because the definition contains a UNION operator."
            ),
        ),
    }
}

pub(crate) fn merge_twice() -> SqlError {
    err(
        8672,
        16,
        1,
        "The MERGE statement attempted to UPDATE or DELETE the same row more than once. This happens when a target row matches more than one source row. A MERGE statement cannot UPDATE/DELETE the same row of the target table multiple times. Refine the ON clause to ensure a target row matches at most one source row, or use the GROUP BY clause to group the source rows.",
    )
}

pub(crate) fn ambiguous_target(name: impl Display) -> SqlError {
    err(8154, 15, 1, format!("The table '{name}' is ambiguous."))
}

pub(crate) fn not_a_table(name: impl Display) -> SqlError {
    err(4401, 16, 1, format!("Object '{name}' cannot be modified."))
}

pub(crate) fn output_with_triggers(table: impl Display) -> SqlError {
    err(
        334,
        16,
        1,
        format!(
            "The target table '{table}' of the DML statement cannot have any enabled triggers if the statement contains an OUTPUT clause without INTO clause."
        ),
    )
}

pub(crate) fn nesting_level() -> SqlError {
    err(
        217,
        16,
        1,
        "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).",
    )
}

pub(crate) fn too_many_tables(limit: usize) -> SqlError {
    err(
        106,
        15,
        1,
        format!("Too many table names in the query. The maximum allowable is {limit}."),
    )
}
