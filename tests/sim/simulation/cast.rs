//! Which two scenarios a seed runs: embedded ones, a generated story, or one of each. Seeds share their scenarios in groups, so
//! that each is compiled once.

use std::net::SocketAddr;
use std::sync::Arc;

use rsipp::inject::{FileOption, FileSpec, Files, IndexSpec};
use rsipp::message::Facts;
use rsipp::scenario::plan::{Plan, Role};
use rsipp::scenario::{self, LoadContext, Scopes, builtin};

use super::dice::Dice;
use super::story::{self, Traits};
use crate::pair::address;

/// Where A and B are.
pub const PORTS: [u16; 2] = [5061, 5060];

/// Of all scenarios: enough fields for `invite_cancel`, and an index for `<lookup>`.
const LINES: &[u8] = b"SEQUENTIAL\nk1;alice;\"A\";h1;answered\nk2;bob;\"B\";h2;\nk3;carol;\"C\";h3;no\n";

/// Two compiled scenarios.
#[derive(Debug)]
pub struct Cast {
    pub plans: [Arc<Plan>; 2],
    pub xml: [String; 2],
    pub traits: Traits,
    pub title: String,
}

impl Cast {
    /// That of a group of seeds.
    pub fn of(group: u64) -> Cast {
        let dice = &mut Dice::of("cast", group);
        match group % 8 {
            0 => embedded(dice),
            1 => crossed(dice),
            2 => told("a mismatch", story::mismatching(dice)),
            _ => told("a story", story::matching(dice)),
        }
    }
}

fn told(title: &str, story: story::Story) -> Cast {
    let title = if story.traits.is_smooth { format!("{title}, smooth") } else { title.to_owned() };
    let story::Story { client, server, traits } = story;
    cast(title, [client, server], traits)
}

/// Two embedded scenarios: often two that belong together.
fn embedded(dice: &mut Dice) -> Cast {
    let (client, server) = match dice.within(0, 3) {
        0 => ("uac", "uas"),
        1 => ("branchc", "branchs"),
        2 => ("regexp", "uas"),
        _ => (any_embedded(dice), any_embedded(dice)),
    };
    let xml = [client, server].map(|name| builtin::text(name).expect("an embedded scenario").to_owned());
    let is_smooth = matches!((client, server), ("uac" | "regexp", "uas"));
    cast(format!("{client} and {server}"), xml, Traits { is_smooth, ..Traits::default() })
}

fn any_embedded(dice: &mut Dice) -> &'static str {
    let names: Vec<_> = builtin::names().collect();
    dice.pick(&names)
}

/// An embedded scenario against one side of a story.
fn crossed(dice: &mut Dice) -> Cast {
    let (name, story) = (any_embedded(dice), story::matching(dice));
    let known = builtin::text(name).expect("an embedded scenario").to_owned();
    let xml = if dice.chance(0.5) { [known, story.server] } else { [story.client, known] };
    cast(format!("{name} and a stranger"), xml, Traits { is_smooth: false, ..story.traits })
}

fn cast(title: String, xml: [String; 2], traits: Traits) -> Cast {
    let plans = [0, 1].map(|side| Arc::new(compiled(&xml[side], PORTS[side], PORTS[1 - side])));
    Cast { plans, xml, traits, title }
}

/// A scenario that the loader refuses is a failure of its own.
fn compiled(xml: &str, port: u16, remote: u16) -> Plan {
    let files = lines();
    let context = LoadContext { keys: &[], files: &files, credentials: Default::default() };
    let mut plan = match scenario::load(xml.as_bytes(), "random.xml", &context, &mut Scopes::default()) {
        Ok(loaded) => loaded.plan,
        Err(failure) => {
            let show = |text: &scenario::Diagnostic| text.render(xml.as_bytes(), "random.xml", false);
            panic!("{xml}\n{}", failure.diagnostics.iter().map(show).collect::<String>());
        }
    };
    plan.bind(&facts(port, remote));
    plan
}

/// The injection file that every scenario may use.
pub fn lines() -> Files {
    let spec = FileSpec { path: "lines.csv".into(), option: FileOption::Inf };
    let index = IndexSpec { file: "lines.csv".to_owned(), field: "0".to_owned() };
    Files::from_bytes(&[(spec, LINES)], &[index]).expect("an injection file")
}

/// Where a side is.
pub fn place(side: usize) -> SocketAddr {
    address(PORTS[side])
}

/// Whether a side opens calls.
pub fn is_client(plan: &Plan) -> bool {
    plan.role == Role::Client
}

fn facts(port: u16, remote: u16) -> Facts {
    let ip = "127.0.0.1".to_owned();
    Facts {
        remote_host: ip.clone(),
        remote_ip: ip.clone(),
        remote_port: remote,
        local_ip: ip.clone(),
        local_ip_type: 4,
        local_port: Some(port),
        server_ip: ip.clone(),
        transport: Some("UDP"),
        media_ip: ip,
        media_ip_type: 4,
        media_port: 6000,
        service: "service".to_owned(),
        pid: 1,
        version: "test".to_owned(),
        rfc3339: false,
    }
}
