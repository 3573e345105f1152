//! Which elements, actions and attributes the language has, and which of them rsipp refuses for now.
//! Spec: scenario.md §4, §5, §12, §15; actions.md §3. A name that SIPp silently ignores is accepted with a warning; a name
//! whose meaning is not built yet is refused by name, so that no scenario runs differently from what it says.

use super::diagnostic::{Diagnostic, Report, nearest};
use super::numbers;
use super::xml::{Attribute, Element};

/// Children of `<scenario>`.
pub(super) const ELEMENTS: [&str; 15] = [
    "send", "recv", "nop", "pause", "timewait", "label", "Reference", "Global", "User", "ResponseTimeRepartition",
    "CallLengthRepartition", "init", "sendCmd", "recvCmd", "DefaultMessage",
];

/// Children of `<scenario>` that are refused for now.
pub(super) const ELEMENTS_LATER: [&str; 4] = ["init", "sendCmd", "recvCmd", "DefaultMessage"];

/// Children of `<action>`.
const ACTIONS: [&str; 15] = [
    "ereg", "log", "warning", "error", "assign", "add", "subtract", "multiply", "divide", "assignstr", "test", "strcmp",
    "todouble", "jump", "exec",
];

/// Children of `<action>` that are refused for now.
const ACTIONS_LATER: [&str; 14] = [
    "sample", "trim", "urlencode", "urldecode", "index", "gettimeofday", "pauserestore", "lookup", "insert", "replace",
    "setdest", "closecon", "verifyauth", "rtp_echo",
];

/// Attributes of `<exec>` after `command` and `int_cmd`, in the order in which they are tried.
pub(super) const EXEC_LATER: [&str; 6] =
    ["play_pcap_audio", "play_pcap_image", "play_pcap_video", "play_dtmf", "rtp_stream", "rtp_echo"];

/// Attributes of every step.
const COMMON: [&str; 16] = [
    "rtd", "repeat_rtd", "start_rtd", "counter", "lost", "crlf", "ignoresdp", "hiderest", "hide", "display", "condexec",
    "condexec_inverse", "next", "test", "chance", "ontimeout",
];

/// Attributes that select a distribution for a `<pause>` without `distribution`, in the order in which they are tried.
const OLD_DISTRIBUTIONS: [&str; 8] =
    ["normal", "exponential", "lognormal", "weibull", "pareto", "gamma", "min", "max"];

/// Attributes of one element besides the common ones, and whether it has those.
fn attributes_of(element: &str) -> (&'static [&'static str], bool) {
    match element {
        "scenario" => (&["name"], false),
        "send" => (&["retrans", "timeout", "start_txn", "ack_txn", "response_txn"], true),
        "recv" => (
            &[
                "request", "response", "regexp_match", "optional", "advance_state", "timeout", "rrs", "auth",
                "response_txn",
            ],
            true,
        ),
        "pause" | "timewait" => (
            &[
                "milliseconds", "variable", "sanity_check", "distribution", "normal", "exponential", "lognormal",
                "weibull", "pareto", "gamma", "min", "max", "mean", "stdev", "lambda", "k", "x_m", "theta", "shape",
                "scale", "location", "n", "p", "value",
            ],
            true,
        ),
        "nop" => (&[], true),
        "label" => (&["id"], false),
        "Reference" | "Global" | "User" => (&["variables"], false),
        "ResponseTimeRepartition" | "CallLengthRepartition" => (&["value"], false),
        "ereg" => (
            &[
                "regexp", "assign_to", "search_in", "header", "variable", "case_indep", "start_line", "occurrence",
                "occurence", "check_it", "check_it_inverse",
            ],
            false,
        ),
        "log" | "warning" | "error" => (&["message"], false),
        "assign" | "add" | "subtract" | "multiply" | "divide" => (&["assign_to", "value", "variable"], false),
        "assignstr" => (&["assign_to", "value"], false),
        "test" => {
            (&["assign_to", "variable", "value", "variable2", "compare", "check_it", "check_it_inverse"], false)
        }
        "strcmp" => (&["assign_to", "variable", "value", "variable2", "check_it", "check_it_inverse"], false),
        "todouble" => (&["assign_to", "variable"], false),
        "jump" => (&["value", "variable"], false),
        "exec" => (
            &[
                "command", "int_cmd", "play_pcap_audio", "play_pcap_image", "play_pcap_video", "play_dtmf",
                "rtp_stream", "rtp_echo",
            ],
            false,
        ),
        _ => (&[], false),
    }
}

impl Report {
    /// Refuses attributes that are not built yet and warns of those that nobody knows.
    pub(super) fn check_attributes(&mut self, element: &Element) {
        let (own, common) = attributes_of(&element.name);
        let known = || own.iter().copied().chain(COMMON.into_iter().filter(move |_| common));
        for attribute in &element.attributes {
            if let Some(what) = refused(element, attribute) {
                self.not_built_yet(&what, attribute.name_span.clone());
            } else if !known().any(|name| name == attribute.name) {
                let sentence = format!("attribute '{}' of <{}> is unknown: ignored", attribute.name, element.name);
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
        self.unknown_name("unknown-element", sentence, element, nearest(&element.name, ELEMENTS));
    }

    /// The error of a child of `<action>` that is unknown or not built yet.
    pub(super) fn unknown_action(&mut self, element: &Element) {
        if ACTIONS_LATER.contains(&element.name.as_str()) {
            return self.not_built_yet(&format!("<{}>", element.name), element.name_span.clone());
        }
        let sentence = format!("Unknown action: {}", element.name);
        let known = ACTIONS.into_iter().chain(ACTIONS_LATER);
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

/// What is not built yet about an attribute, if anything: some values ask for nothing that rsipp does not do.
fn refused(element: &Element, attribute: &Attribute) -> Option<String> {
    let value = attribute.value.to_str();
    let name = attribute.name.as_str();
    let is_refused = match (element.name.as_str(), name) {
        ("send" | "recv" | "nop" | "pause" | "timewait", "lost") => true,
        ("send", "start_txn" | "ack_txn" | "response_txn") | ("recv", "response_txn") => true,
        ("recv", "regexp_match") => value == "true",
        ("recv", "advance_state") => numbers::boolean(&value) != Some(true),
        ("recv", "auth") => numbers::boolean(&value) != Some(false),
        ("recv", "optional") if value == "global" => return Some("optional=\"global\"".to_owned()),
        ("pause" | "timewait", name) => distribution(element).is_some_and(|deciding| deciding == name),
        _ => false,
    };
    is_refused.then(|| name.to_owned())
}

/// The attribute that makes a pause random, if one does (scenario.md §5.3).
fn distribution(pause: &Element) -> Option<&'static str> {
    let selects = |name: &&str| pause.attribute(name).is_some();
    if pause.attribute("variable").is_some() {
        return None;
    }
    ["distribution"].into_iter().chain(OLD_DISTRIBUTIONS).find(selects)
}
