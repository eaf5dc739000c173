//! The keys that sign modules, and what they signed. Columns that tell of a real certificate (its
//! issuer, its validity, the bits of a signature) do not exist: there is no certificate to tell of.

use std::sync::Arc;

use values::{SqlType as T, Value};

use super::{SYSNAME, SystemView, ViewContext, bit, col, int, null, nvarchar, text, varbinary};
use crate::errors::Errors;
use crate::permission::{Permission, Securable};
use crate::security::sid_text;
use crate::signing::SigningKey;

type Rows = Result<Vec<Vec<Value>>, Errors>;

pub(super) const VIEWS: &[SystemView] = &[
    SystemView {
        schema: "sys",
        name: "certificates",
        columns: &[
            col("name", SYSNAME),
            col("certificate_id", T::Int),
            null("principal_id", T::Int),
            col("pvt_key_encryption_type", T::Char(2)),
            null("pvt_key_encryption_type_desc", nvarchar(60)),
            null("is_active_for_begin_dialog", T::Bit),
            null("sid", varbinary(85)),
            null("string_sid", nvarchar(128)),
            col("thumbprint", varbinary(32)),
        ],
        rows: |context| {
            Ok(keys(context, false)
                .map(|key| {
                    let mut row = vec![
                        Value::Text(Arc::clone(&key.name)),
                        int(key.id.0),
                        int(key.owner.0),
                    ];
                    row.extend(protection(key));
                    row.push(bit(true));
                    row.extend(identity(key));
                    row.push(thumbprint(key));
                    row
                })
                .collect())
        },
    },
    SystemView {
        schema: "sys",
        name: "asymmetric_keys",
        columns: &[
            col("name", SYSNAME),
            null("principal_id", T::Int),
            col("asymmetric_key_id", T::Int),
            col("pvt_key_encryption_type", T::Char(2)),
            null("pvt_key_encryption_type_desc", nvarchar(60)),
            col("thumbprint", varbinary(32)),
            null("sid", varbinary(85)),
            null("string_sid", nvarchar(128)),
        ],
        rows: |context| {
            Ok(keys(context, true)
                .map(|key| {
                    let mut row = vec![
                        Value::Text(Arc::clone(&key.name)),
                        int(key.owner.0),
                        int(key.id.0),
                    ];
                    row.extend(protection(key));
                    row.push(thumbprint(key));
                    row.extend(identity(key));
                    row
                })
                .collect())
        },
    },
    SystemView {
        schema: "sys",
        name: "crypt_properties",
        columns: &[
            col("class", T::TinyInt),
            null("class_desc", nvarchar(60)),
            col("major_id", T::Int),
            col("thumbprint", varbinary(32)),
            col("crypt_type", T::Char(4)),
            null("crypt_type_desc", nvarchar(60)),
        ],
        rows: crypt_properties,
    },
];

/// The keys of one sort that the caller knows of: the owner's, and all for who may read or change
/// them. A key can be granted to nobody.
fn keys<'a>(
    context: &ViewContext<'a>,
    asymmetric: bool,
) -> impl Iterator<Item = &'a Arc<SigningKey>> {
    let alter = if asymmetric {
        Permission::ALTER_ANY_ASYMMETRIC_KEY
    } else {
        Permission::ALTER_ANY_CERTIFICATE
    };
    let token = context.token;
    let all = [Permission::VIEW_DEFINITION, alter]
        .into_iter()
        .any(|permission| {
            context
                .instance
                .has_permission(token, Securable::Database, permission)
        });
    context
        .database()
        .signing_keys()
        .filter(move |key| key.asymmetric == asymmetric && (all || token.is(key.owner)))
}

fn protection(key: &SigningKey) -> [Value; 2] {
    if key.password.is_some() {
        [text("PW"), text("ENCRYPTED_BY_PASSWORD")]
    } else {
        [text("MK"), text("ENCRYPTED_BY_MASTER_KEY")]
    }
}

fn identity(key: &SigningKey) -> [Value; 2] {
    [
        Value::Binary(Arc::clone(&key.sid.0)),
        text(&sid_text(&key.sid)),
    ]
}

/// What the SID is made of, after its head.
fn thumbprint(key: &SigningKey) -> Value {
    Value::Binary(key.sid.0.get(12..).unwrap_or_default().into())
}

fn crypt_properties(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    let mut rows = Vec::new();
    for object in context.objects() {
        let Some(module) = object.as_module() else {
            continue;
        };
        for key in &module.signatures {
            let Some(key) = database.signing_keys().find(|it| it.id == *key) else {
                continue;
            };
            let (code, words) = if key.asymmetric {
                ("SPVA", "SIGNATURE BY ASYMMETRIC KEY")
            } else {
                ("SPVC", "SIGNATURE BY CERTIFICATE")
            };
            rows.push(vec![
                Value::TinyInt(1),
                text("OBJECT_OR_COLUMN"),
                int(object.id.0),
                thumbprint(key),
                text(code),
                text(words),
            ]);
        }
    }
    Ok(rows)
}
