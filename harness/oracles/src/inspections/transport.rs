//! Transport: a service shakes hands by TLS 1.3 alone, and tells browsers to come by TLS only.
//!
//! A refusal proves something only where the same endpoint shakes hands by TLS 1.3. Whether anything else
//! than the gateway is public cannot be seen from where a caller stands.

use domain::finding::Severity;
use domain::history::ResultSet;
use domain::inspection::{Defect, Facts, Inspected, Item, Topic};

use crate::inspections::rights::text;
use crate::judge::Judge;

const CONTROL: &str = "S13";
const TLS_1_3: u16 = 0x0304;
const HEADER: &str = "Strict-Transport-Security";

pub(crate) fn inspect(_: &Judge<'_>, facts: &Facts) -> Inspected {
    let set = match facts.sets(Topic::Transport, "") {
        Ok([set]) => set,
        Ok(sets) => {
            let reason = format!("{} result sets instead of 1", sets.len());
            return Inspected::Items(vec![Item::unseen(CONTROL, "", "TLS", &reason)]);
        }
        Err(reason) => return Inspected::Items(vec![Item::unseen(CONTROL, "", "TLS", &reason)]),
    };
    let address = answer(set, "address").unwrap_or_default();
    if !address.starts_with("https://") {
        let reason = format!("the service is called by plain HTTP, at {address}: no TLS is spoken");
        return Inspected::NotApplicable { reason };
    }
    let armed = match answer(set, "TLS 1.3") {
        Some(shaken) if version_of(shaken) == Some(TLS_1_3) => Ok(()),
        Some(other) => Err(format!(
            "it does not shake hands by TLS 1.3 either ({other})"
        )),
        None => Err("nobody tried TLS 1.3".to_owned()),
    };
    let mut items = vec![match &armed {
        Ok(()) => Item::passed(CONTROL, "", "TLS 1.3"),
        Err(reason) => Item::unseen(CONTROL, "", "TLS 1.3", reason),
    }];
    for row in &set.rows {
        let (asked, came) = (text(row, 0), text(row, 1));
        if asked.starts_with("TLS 1.") && asked != "TLS 1.3" {
            items.push(older(address, asked, came, &armed));
        }
    }
    items.push(strict(address, answer(set, HEADER), answer(set, "status")));
    Inspected::Items(items)
}

fn answer<'f>(set: &'f ResultSet, asked: &str) -> Option<&'f str> {
    let row = set.rows.iter().find(|row| text(row, 0) == asked)?;
    Some(text(row, 1))
}

/// The version that a server hello names.
fn version_of(came: &str) -> Option<u16> {
    let digits = came.strip_prefix("server hello 0x")?;
    u16::from_str_radix(digits, 16).ok()
}

/// An offer of an older version, and what came of it.
fn older(address: &str, asked: &str, came: &str, armed: &Result<(), String>) -> Item {
    if let Some(version) = version_of(came) {
        let named = match version {
            0x0301 => "TLS 1.0",
            0x0302 => "TLS 1.1",
            0x0303 => "TLS 1.2",
            0x0300 => "SSL 3.0",
            _ => "a version that was not offered",
        };
        let flag = match asked {
            "TLS 1.0" => "-tls1",
            "TLS 1.1" => "-tls1_1",
            _ => "-tls1_2",
        };
        let defect = Defect {
            kind: "an older version is spoken".into(),
            severity: match asked {
                "TLS 1.2" => Severity::Medium,
                _ => Severity::High,
            },
            sentence: format!(
                "{address} goes on with {named} when a client offers {asked} at most; it promises \
                 to speak TLS 1.3 alone"
            ),
            shown_by: format!("openssl s_client -connect {} {flag}", authority(address)),
        };
        return Item::failed(CONTROL, "", asked, defect);
    }
    let refused = came.starts_with("alert ") || came.starts_with("closed");
    match armed {
        Ok(()) if refused => Item::passed(CONTROL, "", asked),
        Ok(()) => Item::unseen(CONTROL, "", asked, came),
        Err(reason) => Item::unseen(CONTROL, "", asked, reason),
    }
}

/// Whether browsers are told to come by TLS only, for some time.
fn strict(address: &str, header: Option<&str>, status: Option<&str>) -> Item {
    let Some(status) = status else {
        return Item::unseen(CONTROL, "", HEADER, "the service did not answer");
    };
    let wrong = match header {
        None => format!("does not say {HEADER}"),
        Some(value) => match lasts(value) {
            Some(1..) => return Item::passed(CONTROL, "", HEADER),
            Some(0) => format!("takes {HEADER} back: {value}"),
            None => format!("says {HEADER} without a time that could be read: {value}"),
        },
    };
    let defect = Defect {
        kind: "not strict".into(),
        severity: Severity::Medium,
        sentence: format!("{address} {wrong}, in an answer of status {status}"),
        shown_by: format!("curl -si {address}"),
    };
    Item::failed(CONTROL, "", HEADER, defect)
}

/// The seconds of `max-age`, whose name is written in any case and whose value may stand in quotes.
fn lasts(value: &str) -> Option<u64> {
    value.split(';').find_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        let is_age = name.trim().eq_ignore_ascii_case("max-age");
        is_age.then(|| seconds.trim().trim_matches('"').parse().ok())?
    })
}

/// Host and port of an address, as tools want them.
fn authority(address: &str) -> String {
    let rest = address.strip_prefix("https://").unwrap_or(address);
    let host = rest.split('/').next().unwrap_or_default();
    let has_port = host.rsplit(']').next().is_some_and(|end| end.contains(':'));
    if has_port {
        host.to_owned()
    } else {
        format!("{host}:443")
    }
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::inspection::{Answer, Fact, Facts, Inspected, Seen, Topic};
    use domain::seed::Seed;

    use super::{authority, inspect};
    use crate::inspections::tests::set;
    use crate::judge::Judge;

    const ADDRESS: [&str; 2] = ["address", "https://shop.example/v1"];
    const SPOKEN: [&str; 2] = ["TLS 1.3", "server hello 0x0304"];
    const STATUS: [&str; 2] = ["status", "HTTP 404"];
    const STRICT: [&str; 2] = ["Strict-Transport-Security", "Max-Age=\"600\"; preload"];

    fn inspected(rows: &[[&str; 2]]) -> Inspected {
        let system = example::system(2);
        let world = example::world(2, Seed(7));
        let surface = example::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let rows: Vec<&[&str]> = rows.iter().map(<[&str; 2]>::as_slice).collect();
        let facts = Facts(vec![Fact {
            topic: Topic::Transport,
            database: String::new(),
            asked: "handshakes".into(),
            answer: Answer::Sets(vec![set(&rows)]),
        }]);
        inspect(&judge, &facts)
    }

    /// Of each thing that was looked at: `+` as promised, `-` not, `?` not seen.
    fn told(rows: &[[&str; 2]]) -> String {
        let Inspected::Items(items) = inspected(rows) else {
            return "not applicable".into();
        };
        let told = items.iter().map(|item| {
            let sign = match &item.seen {
                Seen::Passed => '+',
                Seen::Failed(_) => '-',
                Seen::CouldNotLook { .. } => '?',
            };
            format!("{sign}{}", item.place)
        });
        told.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn only_tls_1_3_is_spoken_and_said_to_be() {
        let offered = |version: &'static str, came: &'static str| [version, came];
        for (older, strict, expected) in [
            (
                vec![offered("TLS 1.0", "alert 70"), offered("TLS 1.2", "closed")],
                vec![STATUS, STRICT],
                "+TLS 1.3, +TLS 1.0, +TLS 1.2, +Strict-Transport-Security",
            ),
            (
                vec![offered("TLS 1.2", "server hello 0x0303")],
                vec![STATUS, STRICT],
                "+TLS 1.3, -TLS 1.2, +Strict-Transport-Security",
            ),
            // It goes on with less than was offered.
            (
                vec![offered("TLS 1.1", "server hello 0x0301")],
                vec![STATUS],
                "+TLS 1.3, -TLS 1.1, -Strict-Transport-Security",
            ),
            (
                vec![offered("TLS 1.1", "no answer")],
                vec![STATUS, ["Strict-Transport-Security", "max-age=0"]],
                "+TLS 1.3, ?TLS 1.1, -Strict-Transport-Security",
            ),
            (
                vec![offered("TLS 1.1", "alert 70")],
                vec![["Strict-Transport-Security", "max-age=600"]],
                "+TLS 1.3, +TLS 1.1, ?Strict-Transport-Security",
            ),
            (
                vec![],
                vec![STATUS, ["Strict-Transport-Security", "includeSubDomains"]],
                "+TLS 1.3, -Strict-Transport-Security",
            ),
        ] {
            let mut rows = vec![ADDRESS, SPOKEN];
            rows.extend(older);
            rows.extend(strict);
            assert_eq!(told(&rows), expected);
        }
    }

    #[test]
    fn refusals_of_an_endpoint_that_speaks_nothing_prove_nothing() {
        let rows = [
            ADDRESS,
            ["TLS 1.3", "failed: invalid peer certificate"],
            ["TLS 1.0", "alert 70"],
            ["TLS 1.2", "server hello 0x0303"],
            STATUS,
            STRICT,
        ];
        assert_eq!(
            told(&rows),
            "?TLS 1.3, ?TLS 1.0, -TLS 1.2, +Strict-Transport-Security"
        );
    }

    #[test]
    fn plain_http_has_no_handshakes() {
        let Inspected::NotApplicable { reason } = inspected(&[["address", "http://[::1]:80"]])
        else {
            panic!("there is nothing to look at");
        };
        assert_eq!(
            reason,
            "the service is called by plain HTTP, at http://[::1]:80: no TLS is spoken"
        );
    }

    #[test]
    fn tools_want_a_port() {
        for (address, expected) in [
            ("https://shop.example/v1", "shop.example:443"),
            ("https://shop.example:8443", "shop.example:8443"),
            ("https://[::1]/x", "[::1]:443"),
            ("https://[::1]:9", "[::1]:9"),
        ] {
            assert_eq!(authority(address), expected);
        }
    }
}
