//! A case of the API plane as a POSIX shell script: curl sends, awk reads identifiers out of answers,
//! and the last line says whether it leaks.

use std::fmt::Write as _;

use domain::api::case::{Act, Manner, Must, Stance, Step};
use domain::api::history::History;
use domain::api::request::{Body, Caller, Request, split_at_reference};
use domain::api::service::{Authentication, KeyPlace, Login, Source};
use domain::canary::CanaryKind;
use domain::world::Tenant;
use executors::http::reference;
use serde_json::Value;

use super::quoting::word_of_shell as quoted;
use super::{Exhibit, plain};

/// Reads a value out of a JSON document.
const AWK: &str = include_str!("json.awk");

/// The script.
pub(super) fn script(exhibit: &Exhibit<'_>, history: &History) -> String {
    let writer = Writer { exhibit, history };
    let mut text = String::from("#!/bin/sh\n");
    for line in exhibit.heading() {
        comment(&mut text, &line);
    }
    text.push_str(concat!(
        "#\n",
        "# It needs a POSIX shell, curl and awk, and a service with those tenants. It answers LEAK and\n",
        "# exits with 1, or no leak and 0; with 2 when a step that it needs does not work. What it makes\n",
        "# stays: before a second run, put the service back.\n",
        "#   BASE_URL=http://127.0.0.1:8080 sh this-file\n",
        "set -u\n",
        "BASE_URL=${BASE_URL:-http://127.0.0.1:8080}\n",
        "work=$(mktemp -d) || exit 2\n",
        "trap 'rm -rf \"$work\"' EXIT\n\n",
    ));
    text.push_str(HELPERS_BEFORE);
    let _ = writeln!(
        text,
        "cat >\"$work/json.awk\" <<'END_OF_AWK'\n{AWK}END_OF_AWK\n"
    );
    text.push_str(HELPERS);
    for (number, caller) in writer.callers().iter().enumerate() {
        writer.authenticate(&mut text, number + 1, caller);
    }
    let mut racing: Vec<usize> = Vec::new();
    for (at, step) in history.case.steps.iter().enumerate() {
        text.push('\n');
        comment(&mut text, &writer.purpose(at, step));
        match &step.act {
            Act::Call {
                caller, request, ..
            } => {
                let is_racing = step.manner == Manner::WithNext || !racing.is_empty();
                writer.call(&mut text, at, (caller, request), is_racing, step.manner);
                if is_racing {
                    racing.push(at);
                }
                if step.manner != Manner::WithNext && !racing.is_empty() {
                    text.push_str("wait\n");
                    for raced in racing.drain(..) {
                        let _ = writeln!(text, "told {}", raced + 1);
                    }
                } else if !is_racing {
                    let _ = writeln!(text, "told {}", at + 1);
                }
            }
            Act::Batch { actor, batch, .. } => {
                let who = super::tsql::name(exhibit.world, actor);
                let _ = writeln!(
                    text,
                    "by_hand {} {}",
                    quoted(&who),
                    quoted(&plain_lines(batch))
                );
            }
        }
        if step.stance == Stance::Prepare && matches!(step.act, Act::Call { .. }) {
            let _ = writeln!(text, "needed {}", at + 1);
        }
    }
    text.push('\n');
    for (at, step) in history.case.steps.iter().enumerate() {
        let is_arming = step.stance
            == Stance::Arm {
                attack: exhibit.step,
            };
        if is_arming {
            let _ = writeln!(text, "needed {}", at + 1);
        }
    }
    writer.verdict(&mut text);
    text
}

const HELPERS_BEFORE: &str = r##"lost() {
    printf 'step %s does not work: %s\n' "$1" "$2"
    exit 2
}
"##;

const HELPERS: &str = r##"# pick STEP POINTER: the value there in the step's answer, as JSON writes it.
pick() { awk -v want="$2" -f "$work/json.awk" "$work/$1.body"; }
# What a JSON value says, for a path or a header; what stands between the quotes, for another text.
said() { printf '%s' "$1" | sed -e 's/^"\(.*\)"$/\1/' -e 's,\\/,/,g' -e 's/\\"/"/g' -e 's/\\\\/\\/g'; }
inner() { printf '%s' "$1" | sed -e 's/^"\(.*\)"$/\1/'; }
# header STEP NAME: its value in the step's answer.
header() { tr -d '\r' <"$work/$1.head" | awk -v want="$2" '
    { at = index($0, ":") }
    at && tolower(substr($0, 1, at - 1)) == want { v = substr($0, at + 1); sub(/^[ \t]*/, "", v); print v; exit }'; }
# tail STEP NAME: the last segment of the path in that header.
tail_of() { header "$1" "$2" | sed -e 's/[?#].*//' -e 's,/*$,,' -e 's,.*/,,'; }
# A text as a part of a path or a query.
encoded() { printf '%s' "$1" | od -An -v -tx1 | awk '
    BEGIN { for (i = 0; i < 256; i++) c[sprintf("%02x", i)] = sprintf("%c", i) }
    { for (i = 1; i <= NF; i++) if (c[$i] ~ /^[A-Za-z0-9._~-]$/) printf "%s", c[$i]; else printf "%%%s", toupper($i) }'; }
# send STEP METHOD TARGET [curl options]: the answer lies in $work afterwards.
send() {
    step=$1 method=$2 target=$3
    shift 3
    curl -sS --path-as-is -X "$method" -o "$work/$step.body" -D "$work/$step.head" -w '%{http_code}' \
        "$@" "$BASE_URL$target" >"$work/$step.status" 2>"$work/$step.error"
    [ -f "$work/$step.body" ] || : >"$work/$step.body"
}
status() { cat "$work/$1.status"; }
told() { printf 'step %s: answered %s\n' "$1" "$(status "$1")"; }
succeeded() { case $(status "$1") in 2??) return 0 ;; *) return 1 ;; esac; }
needed() { succeeded "$1" || lost "$1" "answered $(status "$1") $(head -c 300 "$work/$1.body") $(cat "$work/$1.error")"; }
by_hand() {
    printf 'As %s, run this T-SQL, then press Enter:\n%s\n' "$1" "$2"
    [ -t 0 ] || exit 2
    read -r _
}
leaks() {
    printf 'LEAK: %s\n' "$1"
    exit 1
}
"##;

struct Writer<'a> {
    exhibit: &'a Exhibit<'a>,
    history: &'a History,
}

/// A piece of a request: text, or what a variable holds.
enum Piece {
    Text(String),
    /// The number of a reference.
    Variable(usize),
}

/// References of one request, with what each is read by.
#[derive(Default)]
struct References {
    commands: Vec<String>,
}

impl Writer<'_> {
    /// Everybody who calls, each once.
    fn callers(&self) -> Vec<Caller> {
        let mut callers: Vec<Caller> = Vec::new();
        for caller in self.history.case.steps.iter().filter_map(Step::caller) {
            if caller.tenant.is_some() && !callers.contains(caller) {
                callers.push(caller.clone());
            }
        }
        callers
    }

    fn who(&self, caller: &Caller) -> String {
        match caller.tenant {
            Some(tenant) => {
                let tenant = &self.exhibit.world.tenant(tenant).name;
                plain(&format!("{} of {tenant}", caller.actor))
            }
            None => "somebody without credentials".to_owned(),
        }
    }

    fn purpose(&self, at: usize, step: &Step) -> String {
        let who = match &step.act {
            Act::Call { caller, .. } => self.who(caller),
            Act::Batch { actor, .. } => super::tsql::name(self.exhibit.world, actor),
        };
        let purpose = match &step.stance {
            _ if at == self.exhibit.step => "this is what shows it".to_owned(),
            Stance::Prepare => "it must succeed".to_owned(),
            Stance::Attack(_) => "an attack".to_owned(),
            Stance::Arm { attack } => {
                format!("the rightful does the same as in step {}", attack + 1)
            }
            Stance::Witness { attack } => format!("a look at what step {} is after", attack + 1),
            Stance::Counterpart { attack } => {
                format!("asks like step {} for what never was", attack + 1)
            }
            Stance::Wander => "nothing is expected of it".to_owned(),
        };
        format!("Step {}, {who}: {purpose}.", at + 1)
    }

    /// Variables and functions by which a caller proves who he is: `as_1 send …`.
    fn authenticate(&self, text: &mut String, number: usize, caller: &Caller) {
        let Some(tenant) = caller.tenant else { return };
        let tenant = self.exhibit.world.tenant(tenant);
        let service = self.exhibit.system.service.as_ref();
        let actor = service.and_then(|service| service.actors.get(&caller.actor));
        comment(text, &format!("{} proves who he is:", self.who(caller)));
        let authentication = actor.map_or(&Authentication::None, |actor| &actor.authentication);
        let mut arguments = Vec::new();
        prove(
            text,
            (number, &mut 0),
            (authentication, tenant, &caller.actor),
            &mut arguments,
        );
        let _ = writeln!(
            text,
            "as_{number}() {{ \"$@\" {}; }}\n",
            arguments.join(" ")
        );
    }

    fn call(
        &self,
        text: &mut String,
        at: usize,
        (caller, request): (&Caller, &Request),
        is_racing: bool,
        manner: Manner,
    ) {
        let mut references = References::default();
        let place = (at, caller);
        let target = self.target(request, place, &mut references);
        let mut options: Vec<String> = Vec::new();
        for (name, value) in &request.headers {
            let mut pieces = vec![Piece::Text(format!("{}: ", plain(name)))];
            pieces.extend(self.pieces(value, place, &mut references, Reading::Plain));
            options.push(format!("-H {}", word(&pieces)));
        }
        let has_type = request
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let Some(body) = &request.body {
            let (media_type, pieces) = self.body(body, place, &mut references);
            if !has_type {
                options.push(format!(
                    "-H {}",
                    quoted(&format!("content-type: {media_type}"))
                ));
            }
            let _ = write!(text, "{}", references.written(at));
            references.commands.clear();
            let _ = writeln!(
                text,
                "printf '%s' {} >\"$work/{}.sent\"",
                word(&pieces),
                at + 1
            );
            options.push(format!("--data-binary @\"$work/{}.sent\"", at + 1));
        }
        let _ = write!(text, "{}", references.written(at));
        if manner == Manner::Abandoned {
            options.push("--max-time 0.05".to_owned());
        }
        let by = self.callers().iter().position(|own| own == caller);
        let by = by.map_or_else(String::new, |number| format!("as_{} ", number + 1));
        let end = if is_racing { " &" } else { "" };
        let _ = writeln!(
            text,
            "{by}send {} {} {target} {}{end}",
            at + 1,
            quoted(&request.method),
            options.join(" ")
        );
    }

    /// Path and query as one word of the shell.
    fn target(
        &self,
        request: &Request,
        place: (usize, &Caller),
        references: &mut References,
    ) -> String {
        let path = self.pieces(&request.path, place, references, Reading::Encoded);
        let mut target = word(&path);
        for (index, (name, value)) in request.query.iter().enumerate() {
            let joint = if index == 0 && !request.path.contains('?') {
                "?"
            } else {
                "&"
            };
            let name = self.pieces(name, place, references, Reading::Query);
            let value = self.pieces(value, place, references, Reading::Query);
            let _ = write!(
                target,
                "{}{}'='{}",
                quoted(joint),
                word(&name),
                word(&value)
            );
        }
        target
    }

    fn body(
        &self,
        body: &Body,
        place: (usize, &Caller),
        references: &mut References,
    ) -> (String, Vec<Piece>) {
        match body {
            Body::Json { media_type, value } => {
                let mut pieces = Vec::new();
                self.document(value, place, references, &mut pieces);
                (plain(media_type), pieces)
            }
            Body::Text { media_type, text } => (
                plain(media_type),
                self.pieces(text, place, references, Reading::Plain),
            ),
            // What is made of parts is sent as it was.
            Body::Form(_) | Body::Multipart(_) => {
                let sent = self
                    .history
                    .steps
                    .get(place.0)
                    .and_then(|record| match record {
                        domain::api::history::Record::Call { sent, .. } => Some(sent),
                        _ => None,
                    });
                let media_type = sent.and_then(|sent| {
                    let mut headers = sent.headers.iter();
                    headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
                });
                let body = sent.map(|sent| String::from_utf8_lossy(&sent.body).into_owned());
                (
                    media_type.map_or_else(String::new, |(_, value)| plain(value)),
                    vec![Piece::Text(body.unwrap_or_default())],
                )
            }
        }
    }

    /// A JSON document, printed with what variables hold in place.
    fn document(
        &self,
        value: &Value,
        place: (usize, &Caller),
        references: &mut References,
        pieces: &mut Vec<Piece>,
    ) {
        let put = |pieces: &mut Vec<Piece>, text: &str| pieces.push(Piece::Text(text.to_owned()));
        match value {
            Value::String(text) => {
                if let Some(reference) = whole(text)
                    && let Some(number) = self.variable(reference, place, references, Reading::Json)
                {
                    pieces.push(Piece::Variable(number));
                    return;
                }
                put(pieces, "\"");
                for piece in self.pieces(text, place, references, Reading::Inner) {
                    pieces.push(match piece {
                        Piece::Text(text) => {
                            let printed = Value::String(text).to_string();
                            Piece::Text(printed[1..printed.len() - 1].to_owned())
                        }
                        variable @ Piece::Variable(_) => variable,
                    });
                }
                put(pieces, "\"");
            }
            Value::Array(items) => {
                put(pieces, "[");
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        put(pieces, ",");
                    }
                    self.document(item, place, references, pieces);
                }
                put(pieces, "]");
            }
            Value::Object(members) => {
                put(pieces, "{");
                for (index, (name, value)) in members.iter().enumerate() {
                    let comma = if index > 0 { "," } else { "" };
                    put(pieces, &format!("{comma}{}:", Value::String(name.clone())));
                    self.document(value, place, references, pieces);
                }
                put(pieces, "}");
            }
            other => put(pieces, &other.to_string()),
        }
    }

    /// A text in pieces: what stands there, and what references stand for.
    fn pieces(
        &self,
        text: &str,
        place: (usize, &Caller),
        references: &mut References,
        reading: Reading,
    ) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, name, after)) = split_at_reference(rest) {
            let whole = &rest[before.len()..rest.len() - after.len()];
            pieces.push(Piece::Text(literal(before, reading)));
            match self.variable(name, place, references, reading) {
                Some(number) => pieces.push(Piece::Variable(number)),
                None => pieces.push(Piece::Text(literal(
                    &self
                        .as_it_was(whole, place)
                        .unwrap_or_else(|| whole.to_owned()),
                    reading,
                ))),
            }
            rest = after;
        }
        pieces.push(Piece::Text(literal(rest, reading)));
        pieces
    }

    /// What a reference that the script does not read by itself stood for.
    fn as_it_was(&self, reference: &str, (at, caller): (usize, &Caller)) -> Option<String> {
        let scope = reference::Scope {
            world: self.exhibit.world,
            caller,
            earlier: &self.history.steps[..at.min(self.history.steps.len())],
            hook: Some("http://127.0.0.1:9/hook".to_owned()),
        };
        scope.text(reference, &str::to_owned).ok()
    }

    /// A variable that holds what an earlier step was answered.
    fn variable(
        &self,
        name: &str,
        place: (usize, &Caller),
        references: &mut References,
        reading: Reading,
    ) -> Option<usize> {
        let rest = name.strip_prefix("step ")?;
        let (step, what) = rest.split_once(' ')?;
        let step: usize = step
            .parse()
            .ok()
            .filter(|step| (1..=place.0).contains(step))?;
        if what.ends_with(" missing") || what.ends_with(" malformed") {
            return None;
        }
        let told = if let Some(header) = what.strip_prefix("header ") {
            format!("header {step} {}", quoted(&header.to_ascii_lowercase()))
        } else if let Some(header) = what.strip_prefix("tail ") {
            format!("tail_of {step} {}", quoted(&header.to_ascii_lowercase()))
        } else if what.starts_with('/') {
            let picked = format!("pick {step} {}", quoted(what));
            match reading {
                Reading::Json => picked,
                Reading::Inner => format!("inner \"$({picked})\""),
                _ => format!("said \"$({picked})\""),
            }
        } else {
            return None;
        };
        let is_text = !what.starts_with('/') && reading == Reading::Json;
        let told = if is_text {
            // A header is no JSON yet.
            format!("printf '\"%s\"' \"$({told})\"")
        } else {
            told
        };
        let told = match reading {
            Reading::Encoded | Reading::Query => format!("encoded \"$({told})\""),
            _ => told,
        };
        references.commands.push(told);
        Some(references.commands.len())
    }

    /// By what the script knows a leak.
    fn verdict(&self, text: &mut String) {
        let step = self.exhibit.step + 1;
        let told = self
            .exhibit
            .scenario
            .story
            .lines()
            .next()
            .unwrap_or_default();
        let told = quoted(&plain(told));
        let sightings = self
            .exhibit
            .finding
            .map_or(&[][..], |own| &own.sightings[..]);
        // A mark is found again whatever the run; other values only where nothing else surfaced.
        let has_text = sightings.iter().any(|one| one.kind == CanaryKind::Text);
        let mut values: Vec<(&str, String)> = Vec::new();
        for sighting in sightings {
            let tenant = self.exhibit.world.tenant(sighting.tenant);
            let value = match sighting.kind {
                CanaryKind::Text => tenant.mark.text.clone(),
                _ if has_text => continue,
                _ => plain(&sighting.value),
            };
            if !values.iter().any(|(_, own)| *own == value) {
                values.push((&tenant.name, value));
            }
        }
        for (tenant, value) in values {
            comment(
                text,
                &format!("A value of {tenant} in the answer to step {step}:"),
            );
            let _ = writeln!(
                text,
                "cat \"$work/{step}.head\" \"$work/{step}.body\" | grep -qiF -e {} && leaks {told}",
                quoted(&value)
            );
        }
        if !sightings.is_empty() {
            text.push_str("echo 'no leak'\n");
            return;
        }
        let tried = self.history.case.steps.get(self.exhibit.step);
        let must = tried.and_then(Step::attack).map(|attack| &attack.must);
        let answered = self.history.answer(self.exhibit.step);
        let looks: Vec<usize> = self
            .history
            .case
            .steps
            .iter()
            .enumerate()
            .filter(|(_, own)| {
                own.stance
                    == Stance::Witness {
                        attack: self.exhibit.step,
                    }
            })
            .map(|(at, _)| at + 1)
            .collect();
        let was_carried_out = answered.is_some_and(domain::api::history::Answer::is_success);
        let has_failed = answered.is_some_and(|answer| answer.status >= 500);
        match (must, looks.as_slice()) {
            (Some(Must::BeRefused | Must::BeRefusedNaming { .. }), _) if was_carried_out => {
                comment(text, "It must be refused:");
                let _ = writeln!(text, "succeeded {step} && leaks {told}");
            }
            (_, [before, .., after]) => {
                comment(
                    text,
                    "What the owner sees must be the same before and after:",
                );
                let _ = writeln!(
                    text,
                    "cmp -s \"$work/{before}.body\" \"$work/{after}.body\" || leaks {told}"
                );
            }
            _ if has_failed => {
                comment(text, "A service does not fall over what it is sent:");
                let _ = writeln!(text, "case $(status {step}) in 5??) leaks {told} ;; esac");
            }
            _ => {
                text.push_str(
                    "echo 'This finding lies in what changed underneath: compare the answers above with the story.'\n\
                     for body in \"$work\"/*.body; do printf '%s: ' \"${body##*/}\"; head -c 400 \"$body\"; echo; done\n\
                     exit 2\n",
                );
                return;
            }
        }
        text.push_str("echo 'no leak'\n");
    }
}

/// How a value is put in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Percent-encoded; the text around it is already.
    Encoded,
    /// Percent-encoded, and so is the text around it.
    Query,
    /// As it says.
    Plain,
    /// As JSON writes it.
    Json,
    /// As JSON writes it between quotes.
    Inner,
}

impl References {
    /// The lines that fill the variables.
    fn written(&self, at: usize) -> String {
        let mut text = String::new();
        for (index, command) in self.commands.iter().enumerate() {
            let _ = writeln!(
                text,
                "ref_{}=$({command}) && [ -n \"$ref_{0}\" ] || lost {} 'an earlier answer does not hold what it needs'",
                index + 1,
                at + 1
            );
        }
        text
    }
}

/// A text as it stands between references.
fn literal(text: &str, reading: Reading) -> String {
    match reading {
        Reading::Query => reference::encoded(text),
        _ => text.to_owned(),
    }
}

/// Pieces as one word of the shell.
fn word(pieces: &[Piece]) -> String {
    let mut word = String::new();
    let mut plain = String::new();
    let close = |plain: &mut String, word: &mut String| {
        if !plain.is_empty() {
            word.push_str(&quoted(plain));
            plain.clear();
        }
    };
    for piece in pieces {
        match piece {
            Piece::Text(text) => plain.push_str(text),
            Piece::Variable(number) => {
                close(&mut plain, &mut word);
                let _ = write!(word, "\"$ref_{number}\"");
            }
        }
    }
    close(&mut plain, &mut word);
    if word.is_empty() {
        "''".to_owned()
    } else {
        word
    }
}

/// How a caller proves who he is: lines that fill variables, and the options of curl.
fn prove(
    text: &mut String,
    (number, count): (usize, &mut usize),
    (authentication, tenant, actor): (&Authentication, &Tenant, &str),
    arguments: &mut Vec<String>,
) {
    *count += 1;
    let secret = format!("SECRET_{number}_{count}");
    match authentication {
        Authentication::None => {}
        Authentication::Bearer(values) => {
            variable(text, &secret, for_tenant(values, tenant), (tenant, actor));
            arguments.push(format!("-H \"authorization: Bearer ${secret}\""));
        }
        Authentication::Basic { user, password } => {
            variable(text, &secret, for_tenant(password, tenant), (tenant, actor));
            let user = filled(user, tenant, actor);
            arguments.push(format!("-u {}:\"${secret}\"", quoted(&user)));
        }
        Authentication::Key {
            place,
            name,
            prefix,
            value,
        } => {
            variable(text, &secret, for_tenant(value, tenant), (tenant, actor));
            let prefix = quoted(prefix);
            match place {
                KeyPlace::Header => {
                    arguments.push(format!(
                        "-H {}{prefix}\"${secret}\"",
                        quoted(&format!("{name}: "))
                    ));
                }
                KeyPlace::Cookie => {
                    arguments.push(format!(
                        "-b {}{prefix}\"${secret}\"",
                        quoted(&format!("{name}="))
                    ));
                }
                KeyPlace::Query => {
                    comment(
                        text,
                        "This key goes into the query: add it to each target by hand.",
                    );
                }
            }
        }
        Authentication::Login(login) => {
            log_in(text, (number, &secret), (login, tenant, actor), arguments);
        }
        Authentication::All(several) => {
            for one in several {
                prove(text, (number, count), (one, tenant, actor), arguments);
            }
        }
    }
}

fn log_in(
    text: &mut String,
    (number, token): (usize, &str),
    (login, tenant, actor): (&Login, &Tenant, &str),
    arguments: &mut Vec<String>,
) {
    let fields = login
        .fields
        .get(&tenant.name)
        .or_else(|| login.fields.get("*"));
    let is_form = login.media_type.contains("form");
    let mut body = String::new();
    for (index, (name, source)) in fields.into_iter().flatten().enumerate() {
        let field = format!("FIELD_{number}_{}", index + 1);
        variable(text, &field, Some(source), (tenant, actor));
        let joint = match (is_form, index) {
            (true, 0) => String::new(),
            (true, _) => "&".to_owned(),
            (false, 0) => "{".to_owned(),
            (false, _) => ",".to_owned(),
        };
        if is_form {
            let name = quoted(&format!("{joint}{}=", reference::encoded(name)));
            let _ = write!(body, "{name}\"$(encoded \"${field}\")\"");
        } else {
            let name = quoted(&format!("{joint}{}:", Value::String(name.clone())));
            let _ = write!(body, "{name}'\"'\"$(json \"${field}\")\"'\"'");
        }
    }
    if !is_form {
        body.push_str("'}'");
    }
    text.push_str(
        "json() { printf '%s' \"$1\" | sed -e 's/\\\\/\\\\\\\\/g' -e 's/\"/\\\\\"/g'; }\n",
    );
    let _ = writeln!(
        text,
        "send login_{number} {} {} -H {} --data-binary {body}\nneeded login_{number}",
        quoted(&login.method),
        quoted(&login.path),
        quoted(&format!("content-type: {}", login.media_type)),
    );
    let read = if login.token.starts_with('/') {
        format!("said \"$(pick login_{number} {})\"", quoted(&login.token))
    } else if let Some(name) = login.token.strip_prefix("header ") {
        format!(
            "header login_{number} {}",
            quoted(&name.to_ascii_lowercase())
        )
    } else {
        comment(text, "The token is in a cookie: put it in by hand.");
        "echo".to_owned()
    };
    let _ = writeln!(text, "{token}=$({read})");
    let name = quoted(&format!("{}: {}", login.header, login.prefix));
    arguments.push(format!("-H {name}\"${token}\""));
}

fn for_tenant<'s>(
    values: &'s std::collections::BTreeMap<String, Source>,
    tenant: &Tenant,
) -> Option<&'s Source> {
    values.get(&tenant.name).or_else(|| values.get("*"))
}

/// A variable that keeps what is given in the environment. Secrets are never written down.
fn variable(
    text: &mut String,
    name: &str,
    source: Option<&Source>,
    (tenant, actor): (&Tenant, &str),
) {
    let _ = match source {
        Some(Source::Text(value)) => {
            writeln!(text, "{name}={}", quoted(&filled(value, tenant, actor)))
        }
        Some(Source::Secret(_)) | None => {
            writeln!(
                text,
                ": \"${{{name}:?put the secret into the environment}}\""
            )
        }
    };
}

/// A text of the configuration with the tenant's variables in place.
fn filled(text: &str, tenant: &Tenant, actor: &str) -> String {
    tenant.fill(&text.replace("$(Actor)", actor))
}

/// The reference that a text consists of.
fn whole(text: &str) -> Option<&str> {
    match split_at_reference(text)? {
        ("", name, "") => Some(name),
        _ => None,
    }
}

/// Several lines without other control characters.
fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

fn comment(text: &mut String, line: &str) {
    let line = plain(line);
    let _ = writeln!(text, "# {}", line.trim_end());
}
