//! Swagger 2.0, as OpenAPI was called before 2017: rewritten as OpenAPI 3.0, which is all that the rest of
//! the reader knows. What is not as Swagger says stays as it is, so that the reader warns of it.

use serde_json::{Map, Value, json};

use super::document::{Warnings, child, text_of};

/// What describes a parameter or header itself; all else describes its values.
const OF_THE_PARAMETER: [&str; 7] = [
    "name",
    "in",
    "description",
    "required",
    "deprecated",
    "allowEmptyValue",
    "$ref",
];
/// Where things of a kind lie in Swagger 2.0, and where in OpenAPI 3.0.
const MOVED: [(&str, &str); 4] = [
    ("definitions", "schemas"),
    ("parameters", "parameters"),
    ("responses", "responses"),
    ("securityDefinitions", "securitySchemes"),
];
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];
const FORMS: [&str; 2] = ["multipart/form-data", "application/x-www-form-urlencoded"];
const JSON: &str = "application/json";

/// Rewrites a document of Swagger 2.0 in place.
pub(super) fn to_openapi(root: &mut Value, warnings: &mut Warnings) {
    let text = "Swagger 2.0 is read as OpenAPI 3.0, and places are named as they are there";
    warnings.add("/swagger", text);
    let Some(map) = root.as_object_mut() else {
        return;
    };
    map.remove("swagger");
    map.insert("openapi".into(), "3.0.3".into());
    let servers = servers(map);
    map.insert("servers".into(), servers);
    let of_all = Shared {
        consumes: texts(map.remove("consumes").as_ref()),
        produces: texts(map.remove("produces").as_ref()),
        parameters: map.get("parameters").cloned().unwrap_or_default(),
    };
    for (path, item) in entries(map.get_mut("paths")) {
        of_all.path_item(item, &child("/paths", path), warnings);
    }
    for (_, response) in entries(map.get_mut("responses")) {
        respond(response, &of_all.produces);
    }
    for (name, parameter) in entries(map.get_mut("parameters")) {
        let place = child("/components/parameters", name);
        describe(parameter, &place, warnings);
    }
    for (_, scheme) in entries(map.get_mut("securityDefinitions")) {
        secure(scheme);
    }
    let mut components = Map::new();
    for (old, new) in MOVED {
        if let Some(moved) = map.remove(old) {
            components.insert(new.into(), moved);
        }
    }
    map.insert("components".into(), components.into());
    refer(root);
}

/// What the document says of all operations.
struct Shared {
    consumes: Vec<String>,
    produces: Vec<String>,
    parameters: Value,
}

/// The parameters that are sent as the body.
#[derive(Default, Clone)]
struct Sent {
    /// The one that is the whole body.
    whole: Option<Value>,
    /// Fields of a form.
    fields: Vec<Value>,
}

impl Shared {
    fn path_item(&self, item: &mut Value, place: &str, warnings: &mut Warnings) {
        let of_path = self.take_sent(item, place, warnings);
        for method in METHODS {
            let Some(operation) = item.get_mut(method).filter(|one| one.is_object()) else {
                continue;
            };
            let place = child(place, method);
            let mut sent = self.take_sent(operation, &place, warnings);
            if sent.whole.is_none() && sent.fields.is_empty() {
                sent.clone_from(&of_path);
            }
            let own = |key: &str, all: &[String]| match operation.get(key) {
                Some(list) => texts(Some(list)),
                None => all.to_vec(),
            };
            let consumes = own("consumes", &self.consumes);
            let produces = own("produces", &self.produces);
            if let Some(body) = sent.into_body(&consumes) {
                operation["requestBody"] = body;
            }
            for (_, response) in entries(operation.get_mut("responses")) {
                respond(response, &produces);
            }
            if let Some(operation) = operation.as_object_mut() {
                operation.remove("consumes");
                operation.remove("produces");
                operation.remove("schemes");
            }
        }
    }

    /// Takes what is sent as the body out of a list of parameters, and describes the others anew.
    fn take_sent(&self, owner: &mut Value, place: &str, warnings: &mut Warnings) -> Sent {
        let mut sent = Sent::default();
        let Some(list) = owner.get_mut("parameters").and_then(Value::as_array_mut) else {
            return sent;
        };
        let mut others = Vec::with_capacity(list.len());
        for (index, mut parameter) in std::mem::take(list).into_iter().enumerate() {
            let meant = self.meant(&parameter);
            match meant.get("in").and_then(Value::as_str) {
                Some("body") => sent.whole = Some(meant.clone()),
                Some("formData") => sent.fields.push(meant.clone()),
                _ => {
                    let place = child(&child(place, "parameters"), &index.to_string());
                    describe(&mut parameter, &place, warnings);
                    others.push(parameter);
                }
            }
        }
        *list = others;
        sent
    }

    /// The parameter itself, or the shared one that it refers to.
    fn meant<'v>(&'v self, parameter: &'v Value) -> &'v Value {
        let name = parameter.get("$ref").and_then(Value::as_str);
        let name = name.and_then(|reference| reference.strip_prefix("#/parameters/"));
        let shared = name.and_then(|name| self.parameters.get(unescaped(name)));
        shared.unwrap_or(parameter)
    }
}

impl Sent {
    fn into_body(self, consumes: &[String]) -> Option<Value> {
        let of_kind = |is_form: bool| {
            let fits = |media: &&String| FORMS.contains(&media.as_str()) == is_form;
            consumes.iter().filter(fits).cloned().collect::<Vec<_>>()
        };
        if let Some(body) = self.whole {
            let schema = body.get("schema").cloned().unwrap_or_else(|| json!({}));
            let required = body.get("required") == Some(&Value::Bool(true));
            let media = of_kind(false);
            let content = content(&media, &schema, JSON);
            return Some(json!({ "required": required, "content": content }));
        }
        if self.fields.is_empty() {
            return None;
        }
        let (mut properties, mut required) = (Map::new(), Vec::new());
        let mut has_files = false;
        for field in &self.fields {
            let name = field.get("name").map(text_of).unwrap_or_default();
            has_files |= field.get("type").is_some_and(|kind| kind == "file");
            if field.get("required") == Some(&Value::Bool(true)) {
                required.push(Value::from(name.clone()));
            }
            properties.insert(name, schema_of(field));
        }
        let is_required = !required.is_empty();
        let mut schema = json!({ "type": "object", "properties": properties });
        if is_required {
            schema["required"] = required.into();
        }
        let usual = if has_files { FORMS[0] } else { FORMS[1] };
        let content = content(&of_kind(true), &schema, usual);
        Some(json!({ "required": is_required, "content": content }))
    }
}

/// The same schema for every media type.
fn content(media: &[String], schema: &Value, usual: &str) -> Value {
    let one = json!({ "schema": schema });
    if media.is_empty() {
        return json!({ usual: one });
    }
    let each = media.iter().map(|media| (media.clone(), one.clone()));
    Value::Object(each.collect())
}

/// A parameter or header whose values are described by a schema of their own.
fn describe(parameter: &mut Value, place: &str, warnings: &mut Warnings) {
    let Some(map) = parameter.as_object() else {
        return;
    };
    if map.contains_key("$ref") || map.contains_key("schema") || !map.contains_key("type") {
        return;
    }
    let schema = schema_of(parameter);
    let format = map.get("collectionFormat").and_then(Value::as_str);
    let is_list = map.get("type").is_some_and(|kind| kind == "array");
    let in_query = map.get("in").is_some_and(|place| place == "query");
    let style = match format {
        _ if !is_list => None,
        Some("ssv") if in_query => Some(("spaceDelimited", false)),
        Some("pipes") if in_query => Some(("pipeDelimited", false)),
        Some("multi") if in_query => Some(("form", true)),
        None | Some("csv") if in_query => Some(("form", false)),
        None | Some("csv") => None,
        Some(other) => {
            let text = format!("the collectionFormat {other:?} is none here; commas are used");
            warnings.add(place, text);
            in_query.then_some(("form", false))
        }
    };
    let kept = map.iter().filter(|(key, _)| is_of_the_parameter(key));
    let mut described: Map<String, Value> = kept
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    described.insert("schema".into(), schema);
    if let Some((style, explode)) = style {
        described.insert("style".into(), style.into());
        described.insert("explode".into(), explode.into());
    }
    *parameter = described.into();
}

fn is_of_the_parameter(key: &str) -> bool {
    OF_THE_PARAMETER.contains(&key) || (key.starts_with("x-") && key != "x-nullable")
}

fn schema_of(parameter: &Value) -> Value {
    let map = parameter.as_object().into_iter().flatten();
    let of_values = map.filter(|(key, _)| !is_of_the_parameter(key) && *key != "collectionFormat");
    let entries = of_values.map(|(key, value)| (key.clone(), value.clone()));
    Value::Object(entries.collect())
}

fn respond(response: &mut Value, produces: &[String]) {
    for (_, header) in entries(response.get_mut("headers")) {
        // Whatever a header's list is separated by, it is only read.
        describe(header, "", &mut Warnings::default());
    }
    let Some(map) = response.as_object_mut() else {
        return;
    };
    map.remove("examples");
    if let Some(schema) = map.remove("schema") {
        let content = content(produces, &schema, JSON);
        map.insert("content".into(), content);
    }
}

fn secure(scheme: &mut Value) {
    match scheme.get("type").and_then(Value::as_str) {
        Some("basic") => *scheme = json!({ "type": "http", "scheme": "basic" }),
        Some("oauth2") => {
            let flow = match scheme.get("flow").and_then(Value::as_str) {
                Some("application") => "clientCredentials",
                Some("accessCode") => "authorizationCode",
                Some(same) => same,
                None => return,
            };
            let details = scheme.clone();
            *scheme = json!({ "type": "oauth2", "flows": { flow: details } });
        }
        _ => {}
    }
}

/// Where the service is: a URL for every scheme, or the path alone.
fn servers(map: &mut Map<String, Value>) -> Value {
    let mut text = |key: &str| {
        let value = map.remove(key);
        value.as_ref().map(text_of).unwrap_or_default()
    };
    let (host, base) = (text("host"), text("basePath"));
    let schemes = texts(map.remove("schemes").as_ref());
    if host.is_empty() {
        let base = if base.is_empty() { "/".into() } else { base };
        return json!([{ "url": base }]);
    }
    if schemes.is_empty() {
        return json!([{ "url": format!("//{host}{base}") }]);
    }
    let urls = schemes.iter();
    urls.map(|scheme| json!({ "url": format!("{scheme}://{host}{base}") }))
        .collect()
}

/// What is said differently everywhere: references, files, discriminators, null.
fn refer(root: &mut Value) {
    let mut left = vec![root];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(list) => left.extend(list),
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get_mut("$ref") {
                    let moved = MOVED.iter().find_map(|(old, new)| {
                        let name = reference.strip_prefix(&format!("#/{old}/"))?;
                        Some(format!("#/components/{new}/{name}"))
                    });
                    if let Some(moved) = moved {
                        *reference = moved;
                    }
                }
                if map.get("type").is_some_and(|kind| kind == "file") {
                    map.insert("type".into(), "string".into());
                    map.insert("format".into(), "binary".into());
                }
                if let Some(Value::String(property)) = map.get("discriminator") {
                    let property = json!({ "propertyName": property });
                    map.insert("discriminator".into(), property);
                }
                if let Some(nullable) = map.remove("x-nullable") {
                    map.insert("nullable".into(), nullable);
                }
                left.extend(map.values_mut());
            }
            _ => {}
        }
    }
}

fn entries(value: Option<&mut Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    value
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::iter_mut)
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|one| one.as_str().map(str::to_owned))
        .collect()
}

/// A part of a JSON pointer as it was before it was escaped.
fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}
