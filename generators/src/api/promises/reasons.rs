//! Reverse transitions need a reason that says something (D07).

use domain::api::case::{Must, Stance};
use serde_json::{Value, json};

use super::{Maker, attack, put};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(service) = &maker.system.service else {
        return;
    };
    for promise in &service.promises.reasons {
        let Some(operation) = maker.operation(&promise.operation) else {
            continue;
        };
        for caller in maker.callers(&operation) {
            for (what, reason) in too_short(promise.length_min) {
                let title = format!("{operation} with {what} for a reason");
                maker.case(title, |draft| {
                    let good = draft.prepare(&operation, &caller)?;
                    let mut bad = good.clone();
                    put(&mut bad, &promise.field, reason);
                    let number = draft.next();
                    let stance = attack(&["D07"], "short-reason", what, None, Must::BeRefused);
                    draft.take(&caller, &operation, bad, stance);
                    let stance = Stance::Arm { attack: number };
                    draft.take(&caller, &operation, good, stance);
                    Ok(())
                });
            }
            for (what, reason) in long_enough(promise.length_min) {
                let title = format!("{operation} keeps {what} as its reason");
                maker.case(title, |draft| {
                    let mut request = draft.prepare(&operation, &caller)?;
                    put(&mut request, &promise.field, Some(json!(reason)));
                    let number = draft.next();
                    let about = request.clone();
                    let stance = attack(&["D07"], "stored-reason", what, None, Must::Rule);
                    draft.take(&caller, &operation, request, stance);
                    draft.look(&operation, &about, &caller, number);
                    Ok(())
                });
            }
        }
    }
}

/// Reasons that say too little, and what each is.
fn too_short(length_min: usize) -> Vec<(&'static str, Option<Value>)> {
    let short = length_min.saturating_sub(1);
    let text = |text: String| Some(Value::String(text));
    vec![
        ("nothing", None),
        ("an empty text", text(String::new())),
        ("one character too few", text("x".repeat(short))),
        ("blanks", text(" ".repeat(length_min + 5))),
        (
            "blanks around too few characters",
            text(format!("{}{}", "x".repeat(short), " ".repeat(length_min))),
        ),
        ("tabs and line ends", text("\t\r\n".repeat(length_min))),
        ("no-break spaces", text("\u{a0}".repeat(length_min + 5))),
        ("zero-width spaces", text("\u{200b}".repeat(length_min + 5))),
        (
            "one letter with combining marks",
            text(format!("a{}", "\u{301}".repeat(length_min + 5))),
        ),
        ("a number", Some(json!(1234))),
        ("null", Some(Value::Null)),
    ]
}

/// Reasons that say enough, and what each is.
fn long_enough(length_min: usize) -> Vec<(&'static str, String)> {
    vec![
        (
            "exactly enough characters",
            "agreed with customer".repeat(1 + length_min / 20)[..length_min.max(1)].to_owned(),
        ),
        (
            "letters of other scripts",
            "Vereinbarung mit Jörg: Storno für Großhändler 株式会社".to_owned(),
        ),
    ]
}
