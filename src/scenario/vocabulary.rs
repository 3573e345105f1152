//! Which elements, actions and attributes the language has, and which of them rsipp refuses for now.
//! Spec: scenario.md §4, §5, §12, §15; actions.md §3. A name that SIPp silently ignores is accepted with a warning; a name
//! whose meaning is not built yet is refused by name, so that no scenario runs differently from what it says.

use super::diagnostic::{Diagnostic, Report, nearest};
use super::xml::{Attribute, Element};

/// Children of `<scenario>`.
const ELEMENTS: &str = "send recv nop pause timewait label init DefaultMessage Reference Global User \
                        ResponseTimeRepartition CallLengthRepartition";

/// Children of `<scenario>` that are refused for now.
const ELEMENTS_LATER: &str = "sendCmd recvCmd";

/// Children of `<action>`.
const ACTIONS: &str = "ereg log warning error assign add subtract multiply divide assignstr test strcmp todouble jump \
                       exec sample trim urlencode urldecode index gettimeofday pauserestore lookup insert replace \
                       setdest closecon verifyauth";

/// Children of `<action>` that are refused for now.
const ACTIONS_LATER: &str = "rtp_echo";

/// Attributes of `<exec>` after `command` and `int_cmd`, in the order in which they are tried.
const EXEC_LATER: &str = "play_pcap_audio play_pcap_image play_pcap_video play_dtmf rtp_stream rtp_echo";

/// Attributes of every step.
const COMMON: &str = "rtd repeat_rtd start_rtd counter lost crlf ignoresdp hiderest hide display condexec \
                      condexec_inverse next test chance ontimeout";

/// Attributes that ask for a distribution or are a parameter of one. A `<pause>` also knows the old ones, named after it.
const DISTRIBUTION: &str =
    "distribution min max mean stdev lambda k x_m theta shape scale location n p value";

/// The names in one of the lists above.
fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace()
}

/// Attributes of one element, without the common ones.
fn own_attributes(element: &str) -> &'static str {
    match element {
        "scenario" => "name",
        "send" => "retrans timeout start_txn ack_txn response_txn",
        "recv" => "request response regexp_match optional advance_state timeout rrs auth response_txn",
        "pause" | "timewait" => {
            "milliseconds variable sanity_check normal exponential lognormal weibull pareto gamma"
        }
        "label" | "DefaultMessage" => "id",
        "Reference" | "Global" | "User" => "variables",
        "ResponseTimeRepartition" | "CallLengthRepartition" => "value",
        "ereg" => {
            "regexp assign_to search_in header variable case_indep start_line occurrence occurence check_it \
             check_it_inverse"
        }
        "log" | "warning" | "error" => "message",
        "assign" | "add" | "subtract" | "multiply" | "divide" => "assign_to value variable",
        "assignstr" => "assign_to value",
        "test" => "assign_to variable value variable2 compare check_it check_it_inverse",
        "strcmp" => "assign_to variable value variable2 check_it check_it_inverse",
        "todouble" => "assign_to variable",
        "jump" | "pauserestore" => "value variable",
        "sample" | "trim" | "index" | "gettimeofday" => "assign_to",
        "urlencode" | "urldecode" => "variable",
        "lookup" => "assign_to file key",
        "insert" => "file value",
        "replace" => "file line value",
        "setdest" => "host port protocol",
        "verifyauth" => "assign_to username password realm nonce strict aka_K aka_OP",
        "exec" => {
            "command int_cmd play_pcap_audio play_pcap_image play_pcap_video play_dtmf rtp_stream rtp_echo"
        }
        _ => "",
    }
}

/// Attributes that an element of this name may have.
fn attributes_of(element: &str) -> impl Iterator<Item = &'static str> {
    let is_step = matches!(element, "send" | "recv" | "nop" | "pause" | "timewait");
    let is_random = matches!(element, "pause" | "timewait" | "sample");
    words(own_attributes(element))
        .chain(words(if is_step { COMMON } else { "" }))
        .chain(words(if is_random { DISTRIBUTION } else { "" }))
}

/// Whether a child of `<scenario>` is refused for now.
pub(super) fn is_later_element(name: &str) -> bool {
    words(ELEMENTS_LATER).any(|later| later == name)
}

/// The attribute of an `<exec>` without `command` and `int_cmd` that says what to execute.
pub(super) fn media_command(exec: &Element) -> Option<&Attribute> {
    words(EXEC_LATER).find_map(|name| exec.attribute(name))
}

impl Report {
    /// Warns of attributes that nobody knows.
    pub(super) fn check_attributes(&mut self, element: &Element) {
        let known = || attributes_of(&element.name);
        for attribute in &element.attributes {
            if !known().any(|name| name == attribute.name) {
                let sentence =
                    format!("attribute '{}' of <{}> is unknown: ignored", attribute.name, element.name);
                let warning = Diagnostic::warning("unknown-attribute", sentence);
                let warning = warning.at(attribute.name_span.clone(), "no such attribute");
                self.push(match nearest(&attribute.name, known()) {
                    Some(name) => warning.help(format!("did you mean {name}?")),
                    None => warning,
                });
            }
        }
    }

    /// The error of an unknown child of `<scenario>`.
    pub(super) fn unknown_element(&mut self, element: &Element) {
        let sentence = format!("Unknown element '{}' in xml scenario file", element.name);
        let known = words(ELEMENTS).chain(words(ELEMENTS_LATER));
        self.unknown_name("unknown-element", sentence, element, nearest(&element.name, known));
    }

    /// The error of a child of `<action>` that is unknown or not built yet.
    pub(super) fn unknown_action(&mut self, element: &Element) {
        if words(ACTIONS_LATER).any(|later| later == element.name) {
            return self.not_built_yet(&format!("<{}>", element.name), element.name_span.clone());
        }
        let sentence = format!("Unknown action: {}", element.name);
        let known = words(ACTIONS).chain(words(ACTIONS_LATER));
        self.unknown_name("unknown-action", sentence, element, nearest(&element.name, known));
    }

    fn unknown_name(&mut self, id: &'static str, sentence: String, element: &Element, nearest: Option<&str>) {
        let error = Diagnostic::error(id, sentence).at(element.name_span.clone(), "no such element");
        self.push_hiding(match nearest {
            Some(name) => error.help(format!("did you mean <{name}>?")),
            None => error,
        });
    }
}
