//! Names, taken apart: which word of `customerId`, `customer_id` and `/customers` is the thing.

/// The words of a name in lower case, however they are joined.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let characters: Vec<char> = name.chars().collect();
    for (index, &c) in characters.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        let before = index.checked_sub(1).and_then(|at| characters.get(at));
        let after = characters.get(index + 1);
        // `orgID` is org, id; `OAuthToken` is o, auth, token; `IDs` is ids.
        let begins = c.is_uppercase()
            && (before.is_some_and(|before| before.is_lowercase() || before.is_numeric())
                || (before.is_some_and(|before| before.is_uppercase())
                    && after.is_some_and(|after| after.is_lowercase())
                    && !(after == Some(&'s') && index + 2 == characters.len())));
        if begins && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(c.to_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A name as one lower-case word, so that ways to write it are the same.
pub(crate) fn plain(name: &str) -> String {
    words(name).concat()
}

/// A noun in the singular.
pub(crate) fn singular(noun: &str) -> String {
    const KEPT: [&str; 10] = [
        "status", "address", "access", "process", "business", "series", "news", "analysis",
        "basis", "bus",
    ];
    if KEPT.contains(&noun) || noun.len() < 3 {
        return noun.to_owned();
    }
    if let Some(stem) = noun.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes", "zes", "uses"] {
        if noun.ends_with(ending) {
            return noun[..noun.len() - 2].to_owned();
        }
    }
    match noun.strip_suffix('s') {
        Some(stem) if !noun.ends_with("ss") => stem.to_owned(),
        _ => noun.to_owned(),
    }
}

/// What the items of a collection are, such as `stockmovement` of `stock-movements`.
pub(crate) fn item_of(collection: &str) -> String {
    let mut words = words(collection);
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    words.concat()
}

/// What a name identifies when its last word says that it does: `["from", "account"]` of
/// `fromAccountId`, nothing at all of `id`.
pub(crate) fn identified(name: &str) -> Option<Vec<String>> {
    let mut words = words(name);
    let last = words.pop()?;
    let is_suffix = matches!(
        last.as_str(),
        "id" | "ids" | "uuid" | "uuids" | "guid" | "guids" | "ref" | "refs" | "identifier" | "pk"
    );
    if is_suffix {
        return Some(words);
    }
    // `customerid`: nobody writes a noun so, except for the few that end with it.
    const NOUNS: [&str; 9] = [
        "paid", "void", "valid", "bid", "grid", "guid", "uuid", "solid", "liquid",
    ];
    let stem = last
        .strip_suffix("id")
        .or_else(|| last.strip_suffix("ids"))?;
    if stem.len() < 3 || NOUNS.iter().any(|noun| last.ends_with(noun)) {
        return None;
    }
    words.push(stem.to_owned());
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::{identified, item_of, words};

    #[test]
    fn names_fall_into_words() {
        for (name, expected) in [
            ("customerId", "customer id"),
            ("customer_id", "customer id"),
            ("Customer-ID", "customer id"),
            ("orgID", "org id"),
            ("productIDs", "product ids"),
            ("HTTPServer", "http server"),
            ("line2Text", "line2 text"),
            ("", ""),
            ("__", ""),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn names_say_what_they_identify() {
        for (name, expected) in [
            ("customerId", Some("customer")),
            ("customerid", Some("customer")),
            ("fromAccountId", Some("from account")),
            ("id", Some("")),
            ("uuid", Some("")),
            ("productIds", Some("product")),
            ("paid", None),
            ("valid", None),
            ("name", None),
        ] {
            let found = identified(name).map(|words| words.join(" "));
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn collections_have_items() {
        for (collection, item) in [
            ("customers", "customer"),
            ("stock-movements", "stockmovement"),
            ("companies", "company"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("status", "status"),
            ("journalEntries", "journalentry"),
            ("data", "data"),
        ] {
            assert_eq!(item_of(collection), item, "{collection}");
        }
    }
}
