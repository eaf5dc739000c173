//! How is the contract printed as an OpenAPI 3.0 document?

use serde_json::{Map, Value, json};

use super::operation::{Access, Operation, Parameter, Place};
use super::schema::{Field, Schema};
use super::shapes::shapes;
use crate::options::Design;

/// The document of a design.
pub fn document(design: Design, operations: &[Operation]) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        let path = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.method.to_lowercase(), printed(operation));
        }
    }
    let schemas: Map<String, Value> = shapes(design)
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema_of(&schema)))
        .collect();
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": match design {
                Design::DatabasePerTenant => "Reference ERP, one database per tenant",
                Design::SharedDatabase => "Reference ERP, one shared database",
            },
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Customers, products, invoices, periods and stock of many tenants. \
                Rows carry a rowVersion, which is also their ETag: a change names the version that \
                it was made from, in If-Match or in the body. Drafts are saved by PATCH; every \
                transition is a POST on a sub-resource.",
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "operator": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of the installation's operator",
                },
            },
            "headers": headers(),
            "schemas": schemas,
        },
    })
}

fn headers() -> Value {
    json!({
        "ETag": {"schema": {"type": "string"}, "description": "The version of the row"},
        "Location": {"schema": {"type": "string"}, "description": "Path of the new row"},
        "Allow": {"schema": {"type": "string"}, "description": "Methods of this path"},
        "WWW-Authenticate": {"schema": {"type": "string"}, "description": "How to authenticate"},
        "Content-Disposition": {"schema": {"type": "string"}, "description": "Name of the file"},
        "Idempotency-Replayed": {
            "schema": {"type": "string", "enum": ["true"]},
            "description": "The answer is that of the first request with this key",
        },
    })
}

fn printed(operation: &Operation) -> Value {
    let mut object = Map::new();
    object.insert("operationId".into(), json!(operation.id));
    object.insert("summary".into(), json!(operation.summary));
    let tag = operation.path.trim_start_matches('/').split('/').next();
    object.insert("tags".into(), json!([tag.unwrap_or_default()]));
    match operation.access {
        Access::Public => {
            object.insert("security".into(), json!([]));
        }
        Access::Token => {}
        Access::Operator => {
            object.insert("security".into(), json!([{"operator": []}]));
        }
        Access::Permission(permission) => {
            let words = format!("Needs the permission {}.", permission.name());
            object.insert("description".into(), json!(words));
        }
    }
    if !operation.parameters.is_empty() {
        let parameters = operation.parameters.iter().map(parameter);
        object.insert("parameters".into(), parameters.collect());
    }
    if let Some(body) = &operation.body {
        object.insert(
            "requestBody".into(),
            json!({
                "required": true,
                "content": {"application/json": {"schema": schema_of(body)}},
            }),
        );
    }
    object.insert("responses".into(), answers(operation));
    Value::Object(object)
}

fn parameter(parameter: &Parameter) -> Value {
    let mut object = json!({
        "name": parameter.name,
        "in": match parameter.place {
            Place::Path => "path",
            Place::Query => "query",
            Place::Header => "header",
        },
        "required": parameter.required,
        "schema": schema_of(&parameter.schema),
    });
    if !parameter.about.is_empty() {
        object["description"] = json!(parameter.about);
    }
    object
}

fn answers(operation: &Operation) -> Value {
    let mut answers: Vec<(u16, Value)> = Vec::new();
    for answer in &operation.answers {
        let mut object = json!({"description": answer.about});
        if let Some(body) = &answer.body {
            let content_type = answer.content_type.unwrap_or("application/json");
            object["content"] = json!({content_type: {"schema": schema_of(body)}});
        }
        for name in answer.headers {
            object["headers"][*name] = json!({"$ref": format!("#/components/headers/{name}")});
        }
        answers.push((answer.status, object));
    }
    for (status, about) in operation.common_answers() {
        if operation.answers.iter().any(|own| own.status == status) {
            continue;
        }
        let problem = json!({"$ref": "#/components/schemas/Problem"});
        let mut object = json!({
            "description": about,
            "content": {"application/problem+json": {"schema": problem}},
        });
        if status == 401 {
            let header = json!({"$ref": "#/components/headers/WWW-Authenticate"});
            object["headers"] = json!({"WWW-Authenticate": header});
        }
        answers.push((status, object));
    }
    answers.sort_by_key(|(status, _)| *status);
    let answers = answers
        .into_iter()
        .map(|(status, object)| (status.to_string(), object));
    Value::Object(answers.collect())
}

/// A shape as a JSON schema of OpenAPI 3.0.
pub fn schema_of(schema: &Schema) -> Value {
    match schema {
        Schema::Anything => json!({}),
        Schema::Text(text) => {
            let mut object =
                json!({"type": "string", "minLength": text.min, "maxLength": text.max});
            if let Some(pattern) = text.kind.pattern() {
                object["pattern"] = json!(pattern);
            }
            if let Some(format) = text.kind.format() {
                object["format"] = json!(format);
            }
            object
        }
        Schema::Word(words) => json!({"type": "string", "enum": words}),
        Schema::Integer(min, max) => {
            let format = match i32::try_from(*max) {
                Ok(_) => "int32",
                Err(_) => "int64",
            };
            json!({"type": "integer", "format": format, "minimum": min, "maximum": max})
        }
        Schema::Amount(min, max) => {
            json!({"type": "number", "format": "double", "minimum": min, "maximum": max})
        }
        Schema::Boolean => json!({"type": "boolean"}),
        Schema::Date => json!({"type": "string", "format": "date"}),
        Schema::Moment => json!({"type": "string", "format": "date-time"}),
        Schema::List(of, min, max) => {
            json!({"type": "array", "items": schema_of(of), "minItems": min, "maxItems": max})
        }
        Schema::Named(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
        Schema::Object(fields) => object(fields),
    }
}

fn object(fields: &[Field]) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let mut schema = schema_of(&field.schema);
        let is_reference = schema.get("$ref").is_some();
        // Beside a reference nothing else is read, so that it goes into a list of one.
        if is_reference && (field.nullable || !field.about.is_empty()) {
            schema = json!({"allOf": [schema]});
        }
        if field.nullable {
            schema["nullable"] = json!(true);
        }
        if !field.about.is_empty() {
            schema["description"] = json!(field.about);
        }
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<_> = fields
        .iter()
        .filter(|f| f.required)
        .map(|f| f.name)
        .collect();
    let mut object = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    object
}
