//! One side's scenario of a story: its steps, labels, variables and what stands behind the main flow.
//! Spec: scenario.md §4-§7, §9-§12. In: the acts of a story. Out: XML. What it writes is always valid: no optional `<recv>` before
//! anything but a `<recv>`, every variable mentioned twice, every timer stopped, every loop with an end.

use std::collections::BTreeSet;

use super::dice::Dice;
use super::story::{Act, Exchange};
use super::wording::VARIABLES;

/// Whose side it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Client,
    Server,
}

/// A finished script.
pub struct Told {
    pub xml: String,
    pub may_stop: bool,
    pub may_dawdle: bool,
}

/// A scenario being written.
pub struct Script<'d> {
    pub(super) dice: &'d mut Dice,
    pub(super) who: Who,
    pub(super) is_smooth: bool,
    pub(super) may_stop: bool,
    pub(super) may_dawdle: bool,
    /// T1 of its requests and final responses, if they have a timer.
    pub(super) t1: Option<u64>,
    /// How much stands in it besides messages: 0 to 1.
    pub(super) spice: f64,
    pub(super) steps: String,
    /// Sections behind the main flow, reached by labels only.
    tail: String,
    names: u64,
    pub(super) variables: BTreeSet<String>,
    timers: BTreeSet<String>,
    /// Steps to be put before its next `<recv>`.
    before_recv: String,
    in_trouble: bool,
}

impl<'d> Script<'d> {
    /// The scenario of one side.
    pub fn tell(dice: &'d mut Dice, who: Who, acts: &[Act], is_smooth: bool) -> Told {
        let t1 = match (is_smooth, dice.within(0, 4)) {
            (_, 0) => None,
            (true, _) => Some(dice.pick(&[500, 700, 1_000])),
            (false, _) => Some(dice.pick(&[1, 20, 100, 200, 500, 500, 2_000])),
        };
        let spice = dice.pick(&[0.0, 0.1, 0.3, 0.6]);
        let mut script = Script {
            dice,
            who,
            is_smooth,
            may_stop: false,
            may_dawdle: false,
            t1,
            spice,
            steps: String::new(),
            tail: String::new(),
            names: 0,
            variables: BTreeSet::new(),
            timers: BTreeSet::new(),
            before_recv: String::new(),
            in_trouble: false,
        };
        let hears_asides = |act: &Act| matches!(act.exchange, Exchange::Aside { by } if by != who);
        if acts.iter().any(hears_asides) {
            script.before_recv =
                "<recv request=\"PUBLISH\" optional=\"global\" advance_state=\"false\"/>\n".to_owned();
        }
        script.opening();
        for act in acts {
            script.act(act);
        }
        if !script.before_recv.is_empty() {
            script.recv("request=\"DONE\" timeout=\"400\"");
        }
        script.finish()
    }

    /// A server may begin with nops, a client with pauses too.
    fn opening(&mut self) {
        if self.spiced() {
            self.small_step();
        }
        if self.who == Who::Client && self.spiced() {
            self.pause();
        }
    }

    /// True in the share of throws in which something extra is put in.
    pub(super) fn spiced(&mut self) -> bool {
        let share = self.spice;
        self.dice.chance(share)
    }

    /// True rarely, and never in a smooth story.
    pub(super) fn wild(&mut self, throws: u64) -> bool {
        !self.is_smooth && self.dice.one_in(throws)
    }

    /// A name that is not used yet.
    pub(super) fn fresh(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    /// A variable besides the usual ones.
    pub(super) fn variable(&mut self, name: &str) -> String {
        self.variables.insert(name.to_owned());
        name.to_owned()
    }

    pub(super) fn step(&mut self, text: &str) {
        self.variables
            .extend(VARIABLES.iter().filter(|name| text.contains(**name)).map(|name| (*name).to_owned()));
        self.steps.push_str(text);
        self.steps.push('\n');
    }

    pub(super) fn label(&mut self, id: &str) {
        self.step(&format!("<label id=\"{id}\"/>"));
    }

    fn act(&mut self, act: &Act) {
        // Nobody waits for an aside: who pauses before one may miss what the other side begins.
        let is_aside = matches!(act.exchange, Exchange::Aside { .. });
        let begins = act.exchange.begun_by() == self.who && !(is_aside && self.is_smooth);
        if begins && self.dice.one_in(5) {
            self.step("<pause milliseconds=\"700\"/>");
        }
        while self.spiced() {
            if begins && self.dice.chance(0.5) { self.pause() } else { self.small_step() }
        }
        if let Some(method) = act.perhaps {
            self.perhaps(method);
        }
        match &act.exchange {
            Exchange::Invite { ringing, code } => self.invite(ringing, *code),
            Exchange::Canceled => self.canceled(),
            Exchange::Request { by, method, trying, code, times } => {
                self.times(*times, |script| script.request(*by, method, *trying, *code));
            }
            Exchange::Aside { by } if *by == self.who => {
                self.send_request("PUBLISH", "");
            }
            Exchange::Aside { .. } => {}
            Exchange::Bye { by } => self.request(*by, "BYE", false, 200),
        }
    }

    /// The client asks or does not; the server waits for both, and comes back to the same place.
    fn perhaps(&mut self, method: &str) {
        let (again, answer) = (self.fresh("again"), self.fresh("answer"));
        if self.who == Who::Client {
            let chance = self.dice.pick(&["0", "0.3", "0.5", "1"]);
            self.step(&format!("<nop next=\"{answer}\" chance=\"{chance}\"/>"));
            self.request(Who::Client, method, false, 200);
            return self.label(&answer);
        }
        self.label(&again);
        self.recv(&format!("request=\"{method}\" optional=\"true\" next=\"{answer}\""));
        self.section(|script| {
            script.label(&answer);
            script.send_response(200, "", None);
            script.step(&format!("<nop next=\"{again}\"/>"));
        });
    }

    /// A loop with an end.
    fn times(&mut self, times: u64, body: impl FnOnce(&mut Self)) {
        if times <= 1 {
            return body(self);
        }
        let (top, count, more) = (self.fresh("top"), self.fresh("count"), self.fresh("more"));
        let (count, more) = (self.variable(&count), self.variable(&more));
        self.step(&format!("<nop><action><assign assign_to=\"{count}\" value=\"0\"/></action></nop>"));
        self.label(&top);
        body(self);
        self.step(&format!(
            "<nop next=\"{top}\" test=\"{more}\"><action><add assign_to=\"{count}\" value=\"1\"/>\
             <test assign_to=\"{more}\" variable=\"{count}\" compare=\"less_than\" value=\"{times}\"/></action></nop>"
        ));
    }

    fn invite(&mut self, ringing: &[u16], code: u16) {
        if self.who == Who::Server {
            self.recv("request=\"INVITE\"");
            for code in ringing {
                self.think();
                self.send_response(*code, "", None);
            }
            self.think();
            let retrans = self.retrans();
            self.send_response(code, &retrans, None);
            return self.recv("request=\"ACK\"");
        }
        let txn = (self.dice.one_in(3)).then(|| self.fresh("txn"));
        let attribute = |name: &str| txn.as_ref().map_or(String::new(), |txn| format!(" {name}=\"{txn}\""));
        let (starts, answers, acks) =
            (attribute("start_txn"), attribute("response_txn"), attribute("ack_txn"));
        let retrans = self.retrans();
        self.send_request("INVITE", &(retrans + &starts));
        for code in [100, 180, 183] {
            self.recv(&format!("response=\"{code}\" optional=\"true\"{answers}"));
        }
        if self.wild(4) {
            self.recv(&format!("response=\"486\" optional=\"true\" next=\"trouble\"{answers}"));
        }
        self.recv(&format!("response=\"{code}\"{answers}"));
        self.send_request("ACK", &acks);
    }

    fn canceled(&mut self) {
        if self.who == Who::Server {
            self.recv("request=\"INVITE\"");
            self.think();
            self.send_response(180, "", None);
            self.recv("request=\"CANCEL\"");
            self.send_response(200, "", None);
            let retrans = self.retrans();
            self.send_response(487, &retrans, Some("INVITE"));
            return self.recv("request=\"ACK\"");
        }
        let retrans = self.retrans();
        self.send_request("INVITE", &retrans);
        self.recv("response=\"100\" optional=\"true\"");
        self.recv("response=\"180\"");
        self.pause();
        let retrans = self.retrans();
        self.send_request("CANCEL", &retrans);
        self.recv("response=\"200\"");
        self.recv("response=\"487\"");
        self.send_request("ACK", "");
    }

    fn request(&mut self, by: Who, method: &str, trying: bool, code: u16) {
        if by == self.who {
            let retrans = self.retrans();
            self.send_request(method, &retrans);
            if trying || self.dice.one_in(3) {
                self.recv("response=\"100\" optional=\"true\"");
            }
            if self.wild(6) {
                return self.recv("response=\"[1-6].*\" regexp_match=\"true\"");
            }
            return self.recv(&format!("response=\"{code}\""));
        }
        if self.wild(8) {
            self.recv(&format!("request=\"{method}|X-NONE\" regexp_match=\"true\""));
        } else {
            self.recv(&format!("request=\"{method}\""));
        }
        if trying {
            self.send_response(100, "", None);
        }
        self.think();
        let retrans = if self.wild(6) { self.retrans() } else { String::new() };
        self.send_response(code, &retrans, None);
    }

    fn retrans(&mut self) -> String {
        match self.t1 {
            Some(t1) if self.is_smooth || self.dice.chance(0.8) => format!(" retrans=\"{t1}\""),
            _ => String::new(),
        }
    }

    /// `<recv>` with these attributes.
    fn recv(&mut self, attributes: &str) {
        let before = std::mem::take(&mut self.before_recv);
        self.steps.push_str(&before);
        let more = self.recv_attributes(attributes.contains("next="));
        let actions = if self.spiced() { self.actions_of_recv() } else { String::new() };
        self.step(&format!("<recv {attributes}{more}>{actions}</recv>"));
    }

    fn recv_attributes(&mut self, has_next: bool) -> String {
        let mut more = self.common_attributes();
        if self.spiced() {
            more += " rrs=\"true\"";
        }
        if self.is_smooth {
            return more;
        }
        if self.dice.one_in(12) {
            let timeout = self.dice.pick(&[1, 50, 300, 1_000, 4_000, 4_000, 20_000, 20_000]);
            more += &format!(" timeout=\"{timeout}\"");
        }
        if self.dice.one_in(6) {
            more += &format!(" ontimeout=\"{}\"", self.way_out());
        }
        if !has_next && self.wild(30) {
            more += &format!(" next=\"{}\"", self.way_out());
        }
        more
    }

    /// Where to go when the story cannot go on: never round in circles.
    pub(super) fn way_out(&mut self) -> &'static str {
        if self.in_trouble { "over" } else { self.dice.pick(&["trouble", "trouble", "over"]) }
    }

    /// Attributes that every step may have.
    pub(super) fn common_attributes(&mut self) -> String {
        let mut more = String::new();
        if self.spiced() {
            more += &format!(" counter=\"{}\"", self.dice.pick(&["c1", "c2"]));
        }
        if self.spiced() {
            let timer = self.dice.pick(&["r1", "r2"]);
            self.timers.insert(timer.to_owned());
            more += &match self.dice.within(0, 2) {
                0 => format!(" start_rtd=\"{timer}\""),
                1 => format!(" rtd=\"{timer}\""),
                _ => format!(" rtd=\"{timer}\" repeat_rtd=\"true\""),
            };
        }
        if self.wild(30) {
            more += &format!(" lost=\"{}\"", self.dice.pick(&["0", "10", "50", "100"]));
        }
        if self.spiced() {
            more += self.dice.pick(&[" hide=\"true\"", " crlf=\"true\"", " display=\"x\""]);
        }
        more
    }

    /// Writes a part that stands behind the main flow.
    fn section(&mut self, body: impl FnOnce(&mut Self)) {
        let main = std::mem::take(&mut self.steps);
        body(self);
        self.tail.push_str(&self.steps);
        self.steps = main;
    }

    /// Where things go that went wrong.
    fn trouble(&mut self) {
        self.in_trouble = true;
        self.section(|script| {
            script.label("trouble");
            if script.dice.one_in(3) {
                script.recv("request=\"HELP\" timeout=\"300\" ontimeout=\"over\"");
            } else {
                script.small_step();
            }
            if script.dice.one_in(3) {
                let retrans = script.retrans();
                script.send_request("BYE", &retrans);
                script.recv("response=\".*\" regexp_match=\"true\" timeout=\"700\"");
            }
            script.step("<nop next=\"over\"/>");
        });
        self.in_trouble = false;
    }

    /// The scenario's own handler of unexpected messages: it comes back to where the call was, or ends the call.
    fn handler(&mut self) {
        let returns = self.dice.chance(0.6);
        self.section(|script| {
            script.label("_unexp.main");
            let wants = script.dice.pick(&["request=\".*\" regexp_match=\"true\"", "request=\"INFO\""]);
            script.step(&format!("<recv {wants} timeout=\"900\" ontimeout=\"trouble\"/>"));
            script.send_response(200, "", None);
            if !returns {
                return script.step("<nop next=\"over\"/>");
            }
            let back = script.variable("back");
            script.step(&format!(
                "<nop><action><assign assign_to=\"{back}\" variable=\"_unexp.retaddr\"/>\
                 <assign assign_to=\"_unexp.retaddr\" value=\"0\"/>\
                 <pauserestore variable=\"_unexp.pausedaddr\"/><jump variable=\"{back}\"/></action></nop>"
            ));
        });
    }

    fn finish(mut self) -> Told {
        self.trouble();
        if self.wild(6) {
            self.handler();
        }
        let mut xml = "<scenario name=\"random\">\n".to_owned();
        let globals: Vec<_> =
            ["g1", "u1"].into_iter().filter(|name| self.variables.contains(*name)).collect();
        for name in &globals {
            let scope = if *name == "g1" { "Global" } else { "User" };
            xml += &format!("<{scope} variables=\"{name}\"/>\n");
        }
        if globals.contains(&"g1") && self.dice.chance(0.5) {
            xml += "<init><nop><action><assign assign_to=\"g1\" value=\"3\"/></action></nop></init>\n";
        }
        xml += &self.steps;
        xml += "<nop next=\"over\"/>\n";
        xml += &self.tail;
        xml += "<label id=\"over\"/>\n";
        for timer in &self.timers {
            xml += &format!("<nop rtd=\"{timer}\"/>\n");
        }
        xml +=
            self.dice.pick(&["", "", "<pause/>\n", "<timewait milliseconds=\"2000\"/>\n", "<timewait/>\n"]);
        if !self.variables.is_empty() {
            let names: Vec<_> = self.variables.iter().map(String::as_str).collect();
            xml += &format!("<Reference variables=\"{}\"/>\n", names.join(","));
        }
        xml += self.dice.pick(&[
            "",
            "<ResponseTimeRepartition value=\"10, 100\"/>\n<CallLengthRepartition value=\"5\"/>\n",
        ]);
        Told { xml: xml + "</scenario>\n", may_stop: self.may_stop, may_dawdle: self.may_dawdle }
    }
}
