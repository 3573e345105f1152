//! Tests of keywords.md, one for each rule, in a file for each section.

mod addresses;
mod aka;
mod authentication;
mod automatic;
mod cleanup;
mod first_line;
mod keywords;
mod last_message;
mod lengths;
mod line_removal;
mod properties;
mod syntax;
mod worked_example;

use std::collections::HashMap;

use super::{
    DefaultCredentials, DynamicIds, Facts, Names, RenderError, Scene, Signer, Template, TemplateError,
};
use crate::auth::Challenges;
use crate::clock::{Tick, WallClock};
use crate::engine::circuits::CircuitName;
use crate::engine::variable::{Value, Variables};
use crate::inject::{FileIx, FileOption, FileSpec, Files, Lines};
use crate::scenario::plan::{Method, VarIx};

/// A scenario's names: variables get slots in order of mention.
#[derive(Default)]
pub(super) struct Scenario {
    pub variables: Vec<String>,
    pub mentions: Vec<String>,
    pub keys: HashMap<String, String>,
    pub file: Option<FileIx>,
}

impl Names for Scenario {
    fn variable(&mut self, name: &str) -> VarIx {
        self.mentions.push(name.to_owned());
        let known = self.variables.iter().position(|variable| variable == name);
        let slot = known.unwrap_or_else(|| {
            self.variables.push(name.to_owned());
            self.variables.len() - 1
        });
        VarIx::Call(u16::try_from(slot).unwrap())
    }

    fn has_variable(&self, name: &str) -> bool {
        self.variables.iter().any(|variable| variable == name)
    }

    fn key(&self, name: &str) -> Option<&str> {
        self.keys.get(name).map(String::as_str)
    }

    fn file(&self, name: Option<&str>) -> Option<FileIx> {
        self.file.filter(|_| name.is_none_or(|name| name == "u.csv"))
    }
}

/// What a [`Scene`] borrows from.
pub(super) struct World {
    pub facts: Facts,
    pub own_index: Option<i32>,
    pub call_number: u64,
    pub call_id: Vec<u8>,
    pub cseq: u32,
    pub user_id: u32,
    pub users: i64,
    pub message_index: i32,
    pub branch_index: i32,
    pub peer_tag: Vec<u8>,
    pub last: Option<Vec<u8>>,
    pub routes: Vec<u8>,
    pub target: Option<Vec<u8>>,
    pub values: Vec<Value>,
    pub now: Tick,
    pub wall: WallClock,
    pub dynamic: DynamicIds,
    pub circuit: Option<CircuitName>,
    pub files: Files,
    pub lines: Lines,
    pub scenario: Scenario,
    /// Method of the request, when the text is one.
    pub method: Option<&'static str>,
    pub challenges: Option<Challenges>,
    pub defaults: DefaultCredentials,
    pub digest_uri: String,
    pub cnonce: u32,
}

impl Default for World {
    /// The call of the worked example, keywords.md §11.
    fn default() -> World {
        World {
            facts: Facts {
                remote_host: "sut.example".into(),
                remote_ip: "127.0.0.1".into(),
                remote_port: 23202,
                local_ip: "127.0.0.1".into(),
                local_ip_type: 4,
                local_port: Some(23200),
                server_ip: "0.0.0.0".into(),
                transport: Some("UDP"),
                media_ip: "127.0.0.1".into(),
                media_ip_type: 4,
                media_port: 6000,
                service: "service".into(),
                pid: 21734,
                rfc3339: false,
                version: "0.1.0".into(),
            },
            own_index: Some(0),
            call_number: 1,
            call_id: b"1-21734@127.0.0.1".to_vec(),
            cseq: 1,
            user_id: 0,
            users: -1,
            message_index: -1,
            branch_index: -1,
            peer_tag: Vec::new(),
            last: None,
            routes: Vec::new(),
            target: None,
            values: Vec::new(),
            now: Tick::ZERO,
            wall: WallClock::default(),
            dynamic: DynamicIds::default(),
            circuit: None,
            files: Files::empty(),
            lines: Lines::default(),
            scenario: Scenario::default(),
            method: None,
            challenges: None,
            defaults: DefaultCredentials::default(),
            digest_uri: "sip:127.0.0.1:23502".into(),
            cnonce: 0x6b8b_4567,
        }
    }
}

impl World {
    /// A world in which this message was the last received.
    pub fn after(last: &str) -> World {
        World { last: Some(last.replace('\n', "\r\n").into_bytes()), ..World::default() }
    }

    /// A world with the injection file `u.csv`, of which the call drew the first line.
    pub fn with_file(text: &str) -> World {
        let spec = FileSpec { path: "dir/u.csv".into(), option: FileOption::Inf };
        let mut files = Files::from_bytes(&[(spec, text.as_bytes())], &[]).unwrap();
        let lines = files.draw(None, &mut rand::rng()).unwrap();
        let scenario = Scenario { file: files.default_file(), ..Scenario::default() };
        World { files, lines, scenario, ..World::default() }
    }

    /// Parses and binds an action text.
    pub fn parse(&mut self, text: &str) -> Result<Template, TemplateError> {
        let mut template = Template::parse(text.as_bytes(), &mut self.scenario)?;
        template.bind(&self.facts, self.own_index);
        Ok(template)
    }

    /// Renders a template behind some bytes that are already in the buffer.
    pub fn try_render(&mut self, template: &Template) -> Result<(Vec<u8>, Vec<String>), RenderError> {
        let mut out = b"earlier\r\n".to_vec();
        let mut warnings = Vec::new();
        self.defaults.bind(&self.facts);
        let method = self.method.map(Method::from_text);
        let signer = match &method {
            None => None,
            Some(method) => Some(Signer {
                method,
                uri: &self.digest_uri,
                challenges: self.challenges.as_mut(),
                defaults: &self.defaults,
                cnonce: self.cnonce,
            }),
        };
        let mut scene = Scene {
            transport: "UDP",
            signer,
            call_number: self.call_number,
            local_port: 5062,
            call_id: &self.call_id,
            cseq: self.cseq,
            user_id: self.user_id,
            users: self.users,
            message_index: self.message_index,
            branch_index: self.branch_index,
            peer_tag: &self.peer_tag,
            last: self.last.as_deref(),
            routes: &self.routes,
            target: self.target.as_deref(),
            variables: Variables { call: &self.values, user: &[], global: &[] },
            files: &self.files,
            lines: &self.lines,
            now: self.now,
            wall: self.wall,
            read_file: |path| std::fs::read(path),
            dynamic: &mut self.dynamic,
            circuit: self.circuit,
        };
        template.render(&mut scene, &mut out, &mut warnings)?;
        assert!(out.starts_with(b"earlier\r\n"), "a message is appended");
        Ok((out.split_off(9), warnings))
    }

    /// Text of a template that must render.
    pub fn render(&mut self, template: &Template) -> String {
        let (bytes, warnings) = self.try_render(template).unwrap();
        assert_eq!(warnings, Vec::<String>::new());
        String::from_utf8(bytes).unwrap()
    }

    /// Parses and renders an action text.
    pub fn expand(&mut self, text: &str) -> String {
        let template = self.parse(text).unwrap();
        self.render(&template)
    }

    /// Parses and renders the CDATA of a send.
    pub fn send(&mut self, cdata: &str) -> String {
        let (mut template, _) = Template::parse_send(cdata.as_bytes(), &mut self.scenario).unwrap();
        template.bind(&self.facts, self.own_index);
        self.render(&template)
    }

    /// Gives the variable a value, by name.
    pub fn set(&mut self, name: &str, value: Value) {
        let VarIx::Call(slot) = self.scenario.variable(name) else { unreachable!() };
        let slot = usize::from(slot);
        if self.values.len() <= slot {
            self.values.resize(slot + 1, Value::Unset);
        }
        self.values[slot] = value;
    }
}

/// Expands a text in the default world.
pub(super) fn expand(text: &str) -> String {
    World::default().expand(text)
}

/// The sentence with which a text is refused.
#[track_caller]
pub(super) fn refusal(text: &str) -> String {
    World::default().parse(text).expect_err("refused").message
}
