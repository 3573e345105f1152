//! What scripts are made of besides their flow: message texts, pauses, nops and action lists.
//! Spec: keywords.md §6, scenario.md §5.3, §15; actions.md §3. In a smooth script nothing here can make a call fail.

use super::script::{Script, Who};

/// Variables of scripts: of the call, of the user, of the process.
pub(super) const VARIABLES: [&str; 6] = ["v1", "v2", "v3", "v4", "u1", "g1"];

/// Lengths that stay far below the timers of smooth scripts.
const SHORT_PAUSES: [&str; 7] = [
    "milliseconds=\"0\"",
    "milliseconds=\"40\"",
    "min=\"1\" max=\"90\"",
    "distribution=\"normal\" mean=\"30\" stdev=\"8\"",
    "distribution=\"exponential\" mean=\"2\"",
    "distribution=\"gamma\" k=\"2\" theta=\"3\"",
    "distribution=\"fixed\" value=\"12.5\"",
];

/// Lengths of all kinds.
const PAUSES: [&str; 13] = [
    "",
    "milliseconds=\"1\"",
    "milliseconds=\"300\"",
    "milliseconds=\"3000\"",
    "milliseconds=\"40000\"",
    "distribution=\"uniform\" min=\"2000\" max=\"10\"",
    "distribution=\"lognormal\" mean=\"4\" stdev=\"1\"",
    "distribution=\"weibull\" lambda=\"200\" k=\"1.5\"",
    "distribution=\"pareto\" k=\"2\" x_m=\"20\"",
    "distribution=\"gpareto\" shape=\"0.2\" scale=\"90\" location=\"5\"",
    "distribution=\"gpareto\" shape=\"0\" scale=\"90\" location=\"5\"",
    "distribution=\"negbin\" n=\"3\" p=\"0.1\"",
    "distribution=\"normal\" mean=\"-50\" stdev=\"100\"",
];

/// Lines that any message may have.
const LINES: [&str; 8] = [
    "X-Time: [clock_tick] [timestamp]",
    "X-Date: [date]",
    "X-Target: [next_url] [last_Request_URI]",
    "[routes]",
    "X-Numbers: [last_cseq_number+1] [last_cseq_number-3] [cseq] [cseq+4294967295]",
    "[last_Contact:]",
    "X-Ids: [dynamic_id] [msg_index] [userid] [users] [call_number] [branch-1]",
    "X-Field: [field0] [field1 line=\"2\"]",
];

impl Script<'_> {
    /// A request of this side.
    pub(super) fn send_request(&mut self, method: &str, attributes: &str) {
        let tag = if self.who == Who::Client { "a" } else { "b" };
        let head = format!(
            "{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0\n\
             Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n\
             From: <sip:{tag}@[local_ip]>;tag={tag}[call_number]\n\
             To: <sip:[service]@[remote_ip]>[peer_tag_param]\n\
             Call-ID: [call_id]\n\
             CSeq: [cseq] {method}\n\
             Contact: <sip:{tag}@[local_ip]:[local_port]>\n"
        );
        self.send(&head, attributes);
    }

    /// A response to the last request; `method`: of the CSeq, when it answers an earlier one.
    pub(super) fn send_response(&mut self, code: u16, attributes: &str, method: Option<&str>) {
        let tag = if self.who == Who::Client { "a" } else { "b" };
        let cseq =
            method.map_or("[last_CSeq:]".to_owned(), |method| format!("CSeq: [last_cseq_number] {method}"));
        let route = if self.spiced() { "Record-Route: <sip:p1;lr>, <sip:p2>\n" } else { "" };
        let head = format!(
            "SIP/2.0 {code} Words\n[last_Via:]\n[last_From:]\n[last_To:];tag={tag}[call_number]\n\
             [last_Call-ID:]\n{cseq}\n{route}Contact: <sip:{tag}@[local_ip]:[local_port]>\n"
        );
        self.send(&head, attributes);
    }

    fn send(&mut self, head: &str, attributes: &str) {
        let mut lines = String::new();
        while self.spiced() {
            lines += &self.header_line();
            lines.push('\n');
        }
        let body = match self.dice.within(0, 9) {
            0 => "Content-Type: text/plain\nContent-Length: [len]\n\nsome words\n",
            1 if self.wild(4) => "Content-Length: [len+2]\n\n[last_message]\n",
            _ => "Content-Length: 0\n",
        };
        let mut more = self.common_attributes();
        if self.wild(8) {
            more += &format!(" ontimeout=\"{}\"", self.way_out());
        }
        let actions = if self.spiced() { self.actions("send") } else { String::new() };
        self.step(&format!(
            "<send{attributes}{more}>\n<![CDATA[\n{head}{lines}{body}\n]]>{actions}</send>",
            attributes = spaced(attributes)
        ));
    }

    fn header_line(&mut self) -> String {
        let name = self.dice.pick(&VARIABLES);
        if self.dice.one_in(3) {
            return match self.dice.within(0, 2) {
                0 if !self.is_smooth => format!("X-Fill: [fill text=\"ab\" variable=\"{name}\"]"),
                1 if !self.is_smooth => format!("X-Line: [field1 line=\"[${name}]\"]"),
                _ => format!("X-Variable: [${name}]"),
            };
        }
        self.dice.pick(&LINES).to_owned()
    }

    /// A pause on the way to an answer that the other side waits for.
    pub(super) fn think(&mut self) {
        if self.dice.one_in(3) {
            self.pause();
        }
    }

    pub(super) fn pause(&mut self) {
        let length = if self.is_smooth || self.dice.chance(0.6) {
            self.dice.pick(&SHORT_PAUSES).to_owned()
        } else if self.dice.one_in(6) {
            // Its value may be anything.
            self.may_dawdle = true;
            let name = self.dice.pick(&VARIABLES);
            format!("variable=\"{name}\"")
        } else {
            self.dice.pick(&PAUSES).to_owned()
        };
        let more = self.common_attributes();
        let actions = if self.spiced() { self.actions("pause") } else { String::new() };
        self.step(&format!("<pause {length}{more}>{actions}</pause>"));
    }

    /// Something without a message that takes no time.
    pub(super) fn small_step(&mut self) {
        match self.dice.within(0, 7) {
            0 => self.skip(),
            1 => self.jump_over(),
            2 if self.wild(20) => self.long_loop(),
            3 => {
                let (name, inverse) = (self.dice.pick(&VARIABLES), self.dice.pick(&["true", "false"]));
                let condition = format!("condexec=\"{name}\" condexec_inverse=\"{inverse}\"");
                let actions = self.actions("nop");
                self.step(&format!("<nop {condition}>{actions}</nop>"));
            }
            _ => {
                let (more, actions) = (self.common_attributes(), self.actions("nop"));
                self.step(&format!("<nop{more}>{actions}</nop>"));
            }
        }
    }

    /// A branch around a nop.
    fn skip(&mut self) {
        let (past, name) = (self.fresh("past"), self.dice.pick(&VARIABLES));
        let condition = match self.dice.within(0, 2) {
            0 => "chance=\"0.5\"".to_owned(),
            1 => format!("test=\"{name}\""),
            _ => format!("test=\"{name}\" chance=\"0.7\""),
        };
        self.step(&format!("<nop next=\"{past}\" {condition}/>"));
        let actions = self.actions("nop");
        self.step(&format!("<nop>{actions}</nop>"));
        self.label(&past);
    }

    /// A `<jump>` to the step after the next.
    fn jump_over(&mut self) {
        let to = self.variable("to");
        self.step(&format!(
            "<nop><action><index assign_to=\"{to}\"/><add assign_to=\"{to}\" value=\"2\"/><jump variable=\"{to}\"/></action></nop>\n<nop/>"
        ));
    }

    /// More steps than a call may take in one turn.
    fn long_loop(&mut self) {
        let (top, count, more) = (self.fresh("top"), self.fresh("count"), self.fresh("more"));
        let (count, more) = (self.variable(&count), self.variable(&more));
        self.label(&top);
        self.step(&format!(
            "<nop next=\"{top}\" test=\"{more}\"><action><add assign_to=\"{count}\" value=\"1\"/>\
             <test assign_to=\"{more}\" variable=\"{count}\" compare=\"less_than\" value=\"2500\"/></action></nop>"
        ));
    }

    /// An action list of a `<recv>`.
    pub(super) fn actions_of_recv(&mut self) -> String {
        self.actions("recv")
    }

    /// An action list for this kind of step.
    fn actions(&mut self, place: &str) -> String {
        let list: String = (0..self.dice.within(1, 3)).map(|_| self.action(place)).collect();
        format!("<action>{list}</action>")
    }

    fn action(&mut self, place: &str) -> String {
        let (a, b) = (self.dice.pick(&VARIABLES), self.dice.pick(&VARIABLES));
        if self.wild(3) {
            return self.check(a);
        }
        if self.wild(14) {
            return self.harsh_action(a);
        }
        match self.dice.within(0, 15) {
            0 => {
                format!("<assign assign_to=\"{a}\" value=\"{}\"/>", self.dice.pick(&["0", "1", "-7", "2.5"]))
            }
            1 => {
                let op = self.dice.pick(&["add", "subtract", "multiply", "divide"]);
                format!("<{op} assign_to=\"{a}\" variable=\"{b}\"/>")
            }
            2 => format!("<assignstr assign_to=\"{a}\" value=\"[call_id] [call_number] [last_CSeq:]\"/>"),
            3 => format!("<todouble assign_to=\"{a}\" variable=\"{b}\"/>"),
            4 => format!(
                "<test assign_to=\"{a}\" variable=\"{b}\" compare=\"{}\" value=\"1\"/>",
                self.dice.pick(&["equal", "greater_than", "less_than_equal"])
            ),
            5 => format!("<strcmp assign_to=\"{a}\" variable=\"{b}\" value=\"x\"/>"),
            6 => format!("<log message=\"[${a}] [last_From:] [branch]\"/>"),
            7 => format!("<warning message=\"[${a}] [last_message]\"/>"),
            8 => format!("<sample assign_to=\"{a}\" distribution=\"uniform\" min=\"0\" max=\"30\"/>"),
            9 => {
                format!("<trim assign_to=\"{a}\"/><urlencode variable=\"{a}\"/><urldecode variable=\"{b}\"/>")
            }
            10 => format!("<gettimeofday assign_to=\"{a},{b}\"/>"),
            11 => format!(
                "<ereg regexp=\"([0-9]+)x*\" search_in=\"var\" variable=\"{a}\" assign_to=\"{b},{a}\"/>"
            ),
            12 if matches!(place, "recv" | "send") => {
                let place = self.dice.pick(&[
                    "hdr\" header=\"CSeq:",
                    "msg",
                    "hdr\" header=\"To:\" start_line=\"true",
                ]);
                format!("<ereg regexp=\"([0-9]+)( |$)\" search_in=\"{place}\" assign_to=\"{a},{b}\"/>")
            }
            13 => format!(
                "<insert file=\"lines.csv\" value=\"k[call_number];x\"/><lookup assign_to=\"{a}\" file=\"lines.csv\" key=\"k2\"/>"
            ),
            14 => "<exec command=\"echo [call_id]\"/>".to_owned(),
            _ => format!("<index assign_to=\"{a}\"/>"),
        }
    }

    /// A check that may fail.
    fn check(&mut self, variable: &str) -> String {
        let check = self.dice.pick(&["check_it=\"true\"", "check_it_inverse=\"true\""]);
        match self.dice.within(0, 4) {
            0 => format!(
                "<ereg regexp=\"a\" search_in=\"hdr\" header=\"X-None:\" {check} assign_to=\"{variable}\"/>"
            ),
            1 => format!("<ereg regexp=\"tag=b\" search_in=\"msg\" {check} assign_to=\"{variable}\"/>"),
            2 => format!(
                "<ereg regexp=\"[0-9]\" search_in=\"var\" variable=\"{variable}\" {check} assign_to=\"v1\"/>"
            ),
            3 => {
                let compare = self.dice.pick(&["equal", "not_equal"]);
                format!("<test variable=\"{variable}\" compare=\"{compare}\" value=\"0\" {check}/>")
            }
            _ => {
                let text = self.dice.pick(&["", "x"]);
                format!("<strcmp variable=\"{variable}\" value=\"{text}\" {check}/>")
            }
        }
    }

    /// Actions that may end the call or the run, or make it do what is not in the story.
    fn harsh_action(&mut self, variable: &str) -> String {
        match self.dice.within(0, 5) {
            0 => "<exec int_cmd=\"stop_call\"/>".to_owned(),
            1 => {
                self.may_stop = true;
                "<exec int_cmd=\"stop_gracefully\"/>".to_owned()
            }
            2 if self.dice.one_in(3) => {
                self.may_stop = true;
                self.dice
                    .pick(&["<exec int_cmd=\"stop_now\"/>", "<error message=\"enough of [call_id]\"/>"])
                    .to_owned()
            }
            3 => "<setdest host=\"[remote_ip]\" port=\"[remote_port]\" protocol=\"udp\"/>".to_owned(),
            4 => "<closecon/>".to_owned(),
            _ => {
                let value = self.dice.pick(&["1e300", "-1e300", "nan", "inf", "4294967296", "70000"]);
                format!("<assign assign_to=\"{variable}\" value=\"{value}\"/>")
            }
        }
    }
}

fn spaced(attributes: &str) -> String {
    if attributes.is_empty() || attributes.starts_with(' ') {
        attributes.to_owned()
    } else {
        format!(" {attributes}")
    }
}
