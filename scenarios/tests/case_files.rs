//! Case files are exact: what is written reads back the same, gives the same case in the same world,
//! the equivalent one in another, and names nothing that belongs to a tenant.

use std::collections::BTreeMap;

use domain::api::case::{Act, Attack, Case as ApiCase, Manner, Must, Stance, Step as ApiStep};
use domain::api::request::{Body, Caller, Part, Request};
use domain::api::service::{ApiActor, Authentication, Service};
use domain::case::{Actor, BatchTraits, Case, CaseId, Claim, Phase, Scope, Step};
use domain::cause::AnyCase;
use domain::control::ControlId;
use domain::example;
use domain::finding::{Confidence, Finding, Fingerprint, Severity};
use domain::intent::Action;
use domain::seed::Seed;
use domain::surface::Surface;
use domain::system::System;
use domain::world::{TenantIndex, World};
use proptest::prelude::*;
use proptest::sample::select;
use scenarios::{Origin, expand_any, expected, load, of_case, print};

const TENANTS: usize = 4;

/// A system with a service, its tenants and their rows.
struct Place {
    system: System,
    world: World,
    surface: Surface,
}

impl Place {
    fn own_databases(seed: u64) -> Self {
        let world = example::world(TENANTS, Seed(seed));
        Self::new(example::system(TENANTS), example::surface(&world), world)
    }

    fn common(seed: u64) -> Self {
        let world = example::common::world(TENANTS, Seed(seed));
        let surface = example::common::surface(&world);
        Self::new(example::common::system(TENANTS), surface, world)
    }

    fn new(mut system: System, surface: Surface, world: World) -> Self {
        let actor = ApiActor {
            authentication: Authentication::None,
            department: None,
            may: None,
            tenants: Vec::new(),
        };
        system.service = Some(Service {
            actors: [("clerk".to_owned(), actor)].into(),
            ..Service::default()
        });
        Self {
            system,
            world,
            surface,
        }
    }

    /// The same system after every tenant got another name of the same length.
    fn renamed(mut self) -> Self {
        let turned = |name: &str| -> String {
            let turn = |c: char| match c {
                'a'..='z' => char::from((c as u8 - b'a' + 5) % 26 + b'a'),
                other => other,
            };
            name.chars().map(turn).collect()
        };
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for tenant in &mut self.world.tenants {
            let name = turned(&tenant.name);
            let database = tenant.database.replace(&tenant.name, &name);
            names.insert(tenant.database.clone(), database.clone());
            tenant.database = database;
            tenant.name = name;
        }
        for database in &mut self.surface.databases {
            if let Some(name) = names.get(&database.name) {
                database.name.clone_from(name);
            }
        }
        self
    }

    fn origin(&self) -> Origin<'_> {
        Origin {
            system: &self.system,
            world: &self.world,
            surface: &self.surface,
            target: "embedded server",
            seed: 7,
            tool: "0.1.0",
        }
    }

    fn written(&self, case: &AnyCase, finding: &Finding) -> scenarios::Scenario {
        of_case(
            Some((case, true)),
            finding,
            ("scoping-3f9a1c02", &[]),
            &self.origin(),
        )
    }

    fn played(&self, scenario: &scenarios::Scenario) -> Vec<AnyCase> {
        let place = (&self.system, &self.world, &self.surface);
        expand_any(scenario, place.0, place.1, place.2, (Phase::Regressions, 0)).expect("applies")
    }

    /// Pieces of text in which tenants are named in every way.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for tenant in &self.world.tenants {
            let mark = &tenant.mark;
            let guid: String = mark.guid.iter().map(|byte| format!("{byte:02x}")).collect();
            words.extend([
                tenant.name.clone(),
                tenant.name.to_uppercase(),
                tenant.database.clone(),
                tenant.database.to_uppercase(),
                format!("[{}]", tenant.database),
                mark.text.clone(),
                mark.text.to_uppercase(),
                mark.number.to_string(),
                (mark.number + 2003).to_string(),
                format!("{}.25", mark.number + 5),
                format!("{}-02-03", mark.year),
                format!("{guid}-0000-4000-8000-000000000001"),
                format!("{}-0000-4000-8000-000000000001", guid.to_uppercase()),
                format!("{{{{of {} MarkText}}}}", tenant.name),
                format!("wt_{}_app_rw", tenant.name),
            ]);
            words.extend(tenant.organisation.clone());
            words.extend(tenant.departments.clone());
        }
        for word in [
            "{{",
            "}}",
            "{",
            "}",
            "{{{",
            "}}}",
            "{{step 1 /id}}",
            "{{step 2 column Id}}",
            "{{own row 0 of dbo.Customers column CustomerId}}",
            "{{hook}}",
            "{{ step 1 }}",
            "{{victim.database}}",
            "{{braces}}",
            "{{of nobody MarkText}}",
            "{{of }}",
            " cased xX",
            ".quoted",
            "'",
            "''",
            "\"",
            "\\",
            "\n",
            "\r\n",
            "\t",
            " ",
            "  ",
            ": ",
            "# ",
            "- ",
            "CustomerId = 1",
            "[AuditEventId]=2",
            "@CustomerId = 3",
            "GO\n",
            "$(",
            "|",
            "> ",
            "%",
            "null",
            "~",
            "yes",
            "0x1F",
            "1e3",
            "!tag",
            "&a",
            "*a",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "\u{0}",
            "\u{1b}[31m",
            "é",
            "😀",
            "---\n",
            "...\n",
            "batch-block",
        ] {
            words.push(word.to_owned());
        }
        words
    }
}

fn text(place: &Place) -> impl Strategy<Value = String> + Clone + use<> {
    let piece = prop_oneof![8 => select(place.words()), 1 => any::<String>(), 2 => "[ -~]{0,12}"];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

fn tenant() -> impl Strategy<Value = TenantIndex> + Clone {
    (0..TENANTS).prop_map(TenantIndex)
}

fn database(place: &Place) -> impl Strategy<Value = String> + Clone + use<> {
    let mut names: Vec<String> = place
        .world
        .databases()
        .iter()
        .map(|own| own.0.to_owned())
        .collect();
    names.extend(["master", "tempdb", ""].map(str::to_owned));
    select(names)
}

fn actor(place: &Place) -> impl Strategy<Value = Actor> + Clone + use<> {
    let names: Vec<String> = place.system.principals.keys().cloned().collect();
    let scope = prop_oneof![
        (0..2_usize).prop_map(Scope::Department),
        Just(Scope::Nobody)
    ];
    prop_oneof![
        (tenant(), select(names.clone()))
            .prop_map(|(tenant, principal)| Actor::Principal { tenant, principal }),
        (tenant(), select(names), scope).prop_map(|(tenant, principal, scope)| Actor::Scoped {
            tenant,
            principal,
            scope
        }),
        database(place).prop_map(|database| Actor::Administrator { database }),
        (
            database(place),
            prop::option::of(tenant()),
            prop::option::of(text(place))
        )
            .prop_map(|(database, tenant, unguarded)| Actor::Keeper {
                database,
                tenant,
                unguarded
            }),
    ]
}

fn traits() -> impl Strategy<Value = BatchTraits> + Clone {
    any::<(bool, bool, bool, bool)>().prop_map(|(a, b, c, d)| BatchTraits {
        changes_session: a,
        controls_transactions: b,
        opaque: c,
        writes: d,
    })
}

fn claim(place: &Place) -> impl Strategy<Value = Claim> + Clone + use<> {
    let family = select(vec![
        "direct",
        "use-database+dynamic-sql",
        "sweep+foreign-beside-missing",
        "past",
        "past+missing+other-department",
    ]);
    let objects = select(vec!["", "dbo.Customers", "dbo.AuditEvents", "dbo.wt_x"]);
    let of = (database(place), prop::option::of(tenant()));
    (select(Action::ALL.to_vec()), of, objects, family).prop_map(
        |(action, (database, tenant), object, family)| Claim {
            action,
            database,
            tenant,
            object: object.to_owned(),
            family: family.to_owned(),
        },
    )
}

fn sql_case(place: &Place) -> impl Strategy<Value = AnyCase> + use<> {
    let principal = actor(place).prop_filter("attackers are principals", |actor| {
        actor.principal().is_some()
    });
    let attack = (
        principal,
        text(place),
        claim(place).prop_map(Some),
        prop::option::of(actor(place)),
        traits(),
    );
    let other = (
        actor(place),
        text(place),
        prop::option::of(claim(place)),
        Just(None),
        traits(),
    );
    let step = prop_oneof![attack, other].prop_map(|(actor, batch, claim, twin, traits)| Step {
        actor,
        batch,
        claim,
        twin,
        traits,
    });
    let steps = prop::collection::vec(step, 1..6);
    (text(place), 0..99_u64, steps).prop_map(|(title, index, steps)| {
        let phase = Phase::Fuzz;
        let id = CaseId { phase, index };
        AnyCase::Sql(Case { id, title, steps })
    })
}

fn json(place: &Place) -> impl Strategy<Value = serde_json::Value> + use<> {
    let numbers: Vec<i64> = place
        .world
        .tenants
        .iter()
        .flat_map(|tenant| {
            [
                tenant.mark.number,
                tenant.mark.number + 77,
                -tenant.mark.number,
            ]
        })
        .collect();
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        select(numbers.clone()).prop_map(serde_json::Value::from),
        select(numbers).prop_map(|number| {
            #[expect(clippy::cast_precision_loss, reason = "bands are small")]
            let number = number as f64;
            serde_json::Value::from(number + 0.25)
        }),
        (-1e9..1e9_f64).prop_map(serde_json::Value::from),
        text(place).prop_map(serde_json::Value::from),
    ];
    let text = text(place);
    leaf.prop_recursive(3, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec((text.clone(), inner), 0..4)
                .prop_map(|members| members.into_iter().collect::<serde_json::Value>()),
        ]
    })
}

fn request(place: &Place) -> impl Strategy<Value = Request> + use<> {
    let pairs = || prop::collection::vec((text(place), text(place)), 0..3);
    let part = (
        text(place),
        prop::option::of(text(place)),
        prop::option::of(text(place)),
        text(place),
    )
        .prop_map(|(name, file, media_type, text)| Part {
            name,
            file,
            media_type,
            text,
        });
    let media_type = prop_oneof![Just("application/json".to_owned()), text(place)];
    let body = prop_oneof![
        Just(None),
        (media_type, json(place))
            .prop_map(|(media_type, value)| Some(Body::Json { media_type, value })),
        pairs().prop_map(|fields| Some(Body::Form(fields))),
        prop::collection::vec(part, 0..3).prop_map(|parts| Some(Body::Multipart(parts))),
        (text(place), text(place))
            .prop_map(|(media_type, text)| Some(Body::Text { media_type, text })),
    ];
    let method = select(vec!["GET", "POST", "PATCH"]).prop_map(str::to_owned);
    (method, text(place), pairs(), pairs(), body).prop_map(
        |(method, path, query, headers, body)| Request {
            method,
            path,
            query,
            headers,
            body,
        },
    )
}

fn caller() -> impl Strategy<Value = Caller> + Clone {
    prop_oneof![
        3 => tenant().prop_map(|tenant| Caller::of(tenant, "clerk")),
        1 => Just(Caller::anonymous()),
    ]
}

fn api_case(place: &Place) -> impl Strategy<Value = AnyCase> + use<> {
    let must = prop_oneof![
        Just(Must::BeRefused),
        text(place).prop_map(|field| Must::BeRefusedNaming { field }),
        Just(Must::ShowNothing),
        Just(Must::Repeat { step: 0 }),
        (1..4_usize).prop_map(|count| Must::OneOf { count }),
        Just(Must::Rule),
    ];
    let attack =
        (text(place), prop::option::of(caller()), must).prop_map(|(position, victim, must)| {
            Stance::Attack(Attack {
                controls: vec![ControlId::new("D01")],
                family: "foreign-identifier".into(),
                position,
                victim,
                must,
            })
        });
    let stance = prop_oneof![
        Just(Stance::Prepare),
        Just(Stance::Wander),
        Just(Stance::Arm { attack: 0 }),
        Just(Stance::Witness { attack: 0 }),
        Just(Stance::Counterpart { attack: 0 }),
        attack,
    ];
    let manner = select(vec![Manner::Alone, Manner::WithNext, Manner::Abandoned]);
    let call = (caller(), select(vec!["", "GET /a/{id}"]), request(place)).prop_map(
        |(caller, operation, request)| Act::Call {
            caller,
            operation: operation.to_owned(),
            request,
        },
    );
    let call = call.boxed();
    let batch =
        (actor(place), text(place), traits()).prop_map(|(actor, batch, traits)| Act::Batch {
            actor,
            batch,
            traits,
        });
    let step = (prop_oneof![3 => call.clone(), 1 => batch], stance, manner).prop_map(
        |(act, stance, manner)| ApiStep {
            act,
            stance,
            manner,
        },
    );
    let first = call.prop_map(|act| ApiStep {
        act,
        stance: Stance::Prepare,
        manner: Manner::Alone,
    });
    let steps = (first, prop::collection::vec(step, 0..4)).prop_map(|(first, rest)| {
        let mut steps = vec![first];
        steps.extend(rest);
        steps
    });
    (text(place), 0..99_u64, steps).prop_map(|(title, index, steps)| {
        let phase = Phase::Sequences;
        let id = CaseId { phase, index };
        AnyCase::Api(ApiCase { id, title, steps })
    })
}

fn finding(place: &Place) -> impl Strategy<Value = Finding> + use<> {
    (actor(place), text(place), text(place), 0..3_usize).prop_map(
        |(actor, sentence, place, step)| {
            let plain = plain_finding();
            Finding {
                fingerprint: Fingerprint {
                    place,
                    ..plain.fingerprint
                },
                sentence,
                actor,
                step,
                ..plain
            }
        },
    )
}

fn plain_finding() -> Finding {
    Finding {
        fingerprint: Fingerprint {
            oracle: "containment".into(),
            attacker: "app_rw".into(),
            victim: "other tenant".into(),
            action: "select".into(),
            place: "dbo.Customers".into(),
        },
        controls: vec![ControlId::new("D01")],
        severity: Severity::Critical,
        confidence: Confidence::Seen,
        sentence: String::new(),
        actor: Actor::Administrator {
            database: "master".into(),
        },
        batch: String::new(),
        case: CaseId {
            phase: Phase::Fuzz,
            index: 3,
        },
        step: 0,
        sightings: Vec::new(),
        changes: Vec::new(),
        occurrences: 1,
    }
}

/// What must hold of every case, wherever it was found.
fn check(here: &Place, there: &Place, case: &AnyCase, finding: &Finding) {
    let written = here.written(case, finding);
    let text = print(&written);
    let read = load("case.yaml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(read, written, "{text}");
    assert_eq!(print(&read), text);
    assert_eq!(here.played(&read), std::slice::from_ref(case), "{text}");
    let place = (&here.system, &here.world, &here.surface);
    let found = read.found.as_ref().expect("found");
    let told = expected(found, &read, place).expect("the same tenants");
    assert_eq!(told.fingerprint, finding.fingerprint);
    // The equivalent case of another world is written in the same words.
    let other = there.played(&read).remove(0);
    let again = there.written(&other, &in_world(finding, there, &read));
    assert_eq!(print(&again), text);
}

/// The finding as it would be told in another world.
fn in_world(finding: &Finding, there: &Place, scenario: &scenarios::Scenario) -> Finding {
    let place = (&there.system, &there.world, &there.surface);
    let found = scenario.found.as_ref().expect("found");
    let mut told = finding.clone();
    let found = expected(found, scenario, place).expect("the same tenants");
    told.fingerprint = found.fingerprint;
    // Stories are told once and not translated: tell the one that was printed.
    told.sentence = String::new();
    told
}

#[test]
fn nothing_of_a_tenant_is_named() {
    for place in [Place::own_databases(7), Place::common(7)] {
        let batch = place.words().join(" ");
        let step = Step {
            actor: Actor::Principal {
                tenant: TenantIndex(1),
                principal: place.system.principals.keys().next().expect("one").clone(),
            },
            batch: format!("{batch}\nUPDATE t SET n = 1 WHERE [CustomerId] = 1;"),
            claim: None,
            twin: None,
            traits: BatchTraits::default(),
        };
        let id = CaseId {
            phase: Phase::Fuzz,
            index: 0,
        };
        let title = "acme against beta".to_owned();
        let case = AnyCase::Sql(Case {
            id,
            title,
            steps: vec![step],
        });
        let finding = Finding {
            sentence: "app_rw of acme read dbo.Customers of beta".into(),
            ..plain_finding()
        };
        let printed = print(&place.written(&case, &finding)).to_lowercase();
        for tenant in &place.world.tenants {
            let guid: String = tenant
                .mark
                .guid
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let mut own = vec![tenant.name.clone(), tenant.mark.text.clone(), guid];
            own.push(tenant.mark.number.to_string());
            own.push(format!("{}-", tenant.mark.year));
            own.push(tenant.database.clone());
            for name in own {
                assert!(!printed.contains(&name), "{name} in\n{printed}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_case_in_t_sql_is_written_exactly((case, finding) in {
        let place = Place::own_databases(7);
        (sql_case(&place), finding(&place))
    }) {
        let finding = Finding { sentence: String::new(), ..finding };
        check(&Place::own_databases(7), &Place::own_databases(8).renamed(), &case, &finding);
    }

    #[test]
    fn a_case_in_a_common_database_is_written_exactly((case, finding) in {
        let place = Place::common(7);
        (sql_case(&place), finding(&place))
    }) {
        let finding = Finding { sentence: String::new(), ..finding };
        check(&Place::common(7), &Place::common(8).renamed(), &case, &finding);
    }

    #[test]
    fn a_case_of_a_service_is_written_exactly((case, finding) in {
        let place = Place::own_databases(7);
        (api_case(&place), finding(&place))
    }) {
        let finding = Finding { sentence: String::new(), ..finding };
        check(&Place::own_databases(7), &Place::own_databases(8).renamed(), &case, &finding);
    }

    #[test]
    fn a_story_of_any_words_prints_and_reads(finding in finding(&Place::own_databases(7))) {
        let here = Place::own_databases(7);
        let written = of_case(None, &finding, ("x-1", &["a {{b}} c".to_owned()]), &here.origin());
        let text = print(&written);
        prop_assert_eq!(load("case.yaml", &text).map_err(|error| error.to_string()), Ok(written));
    }
}
