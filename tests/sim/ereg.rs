//! actions.md §3.1: what an `ereg` searches, what it assigns and what its checks count.

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, steps};
use super::peer::{Heard, Silent};
use super::text::{answer_with, nop, recv_acting, request};

/// A client whose 200 has these more headers and this body, and these actions for it.
fn talk(headers: &str, body: &str, actions: &str) -> Pair {
    let (headers, body) = (headers.to_owned(), body.to_owned());
    meet(actions, move |request| answer_with(request, "200 OK", &headers) + &body)
}

fn meet(actions: &str, answer: impl Fn(&str) -> String + 'static) -> Pair {
    let used = nop("", "<log message='[$v][$w][$x]'/>");
    let mention = "<Reference variables='v,w,x'/>";
    let scenario = steps(&[&request("OPTIONS", ""), &recv_acting("response='200'", actions), &used, mention]);
    let mut pair = Pair::new(scenario, move |heard: Heard<'_>| vec![(0, answer(heard.text))]);
    pair.run();
    pair
}

/// What an expression finds behind a header.
fn behind(headers: &str, attributes: &str) -> String {
    let actions = format!("<ereg search_in='hdr' {attributes} assign_to='v'/>");
    talk(headers, "", &actions).a().logs.join("")
}

fn verdict_of(headers: &str, attributes: &str) -> Verdict {
    let actions = format!("<ereg search_in='hdr' {attributes} assign_to='v'/>");
    talk(headers, "", &actions).verdict().1
}

const NOT_FOUND: Verdict = Verdict::Failed(Failure::RegexpHdrNotFound);

/// "Header search": plain text, anywhere in a line, the first line too; without its colon the text starts with the colon.
#[test]
fn a_header_is_any_text_in_any_line() {
    assert_eq!(behind("Record-Route: <sip:p;lr>\r\n", "regexp='.*' header='Route:'"), " <sip:p;lr>");
    assert_eq!(behind("", "regexp='.*' header='SIP/2.0'"), " 200 OK");
    assert!(behind("", "regexp='.*' header='To'").starts_with(": <sip:b@"));
    assert_eq!(behind("X[1]: v\r\n", "regexp='.*' header='X[1]:'"), " v", "no keyword");
    assert_eq!(behind("i: x\r\n", "regexp='.*' header='Allow-Events:'"), "", "no compact form");
}

/// "up to, not including, the first CR or LF": folded lines are not joined.
#[test]
fn a_folded_line_is_not_joined() {
    assert_eq!(behind("Subject: one\r\n two\r\n", "regexp='.*' header='Subject:'"), " one");
}

/// "cut to 2048 bytes".
#[test]
fn a_header_text_is_cut_at_2048_bytes() {
    let long = format!("X-Long:{}\r\n", "a".repeat(3_000));
    assert_eq!(behind(&long, "regexp='a*' header='X-Long:'").len(), 2_048);
}

/// `case_indep` "has no effect on `regexp`".
#[test]
fn case_indep_is_for_the_header_name_only() {
    let found = |regexp: &str| {
        behind("X-Word: Yes\r\n", &format!("regexp='{regexp}' header='x-wORD:' case_indep='true'"))
    };
    assert_eq!((found("Yes"), found("yes")), ("Yes".to_owned(), String::new()));
}

/// Surprise: with `check_it` an empty remainder fails before matching; a single blank is not empty.
#[test]
fn a_checked_search_fails_without_a_header_text() {
    let header = "regexp='.*' header='X-E:' check_it='true'";
    assert_eq!(verdict_of("", header), NOT_FOUND);
    assert_eq!(verdict_of("X-E:\r\n", header), NOT_FOUND);
    assert_eq!(verdict_of("X-E: \r\n", header), Verdict::Successful);
}

/// Surprise: an absent header is the empty text, which `.*` matches; `check_it_inverse` then fails the call.
#[test]
fn an_absent_header_matches_what_may_be_empty() {
    assert_eq!(verdict_of("", "regexp='.*' header='X-E:'"), Verdict::Successful);
    let should_not = Verdict::Failed(Failure::RegexpShouldntMatch);
    assert_eq!(verdict_of("", "regexp='.*' header='X-E:' check_it_inverse='true'"), should_not);
    assert_eq!(verdict_of("", "regexp='.+' header='X-E:' check_it_inverse='true'"), Verdict::Successful);
}

/// `search_in="body"`: everything after the first empty line.
#[test]
fn the_body_begins_behind_the_first_empty_line() {
    let pair = talk("", "one\r\n\r\ntwo", "<ereg regexp='.*' search_in='body' assign_to='v'/>");
    assert_eq!(pair.a().logs, ["one\r\n\r\ntwo"]);
}

/// An empty body is an empty text; a message without an empty line has none, which only a check minds.
#[test]
fn a_body_that_is_not_there_fails_a_check_and_an_empty_one_does_not() {
    let checked = "<ereg regexp='.*' search_in='body' check_it='true' assign_to='v'/>";
    assert_eq!(talk("", "", checked).verdict().1, Verdict::Successful);

    let cut = |request: &str| answer_with(request, "200 OK", "").trim_end().to_owned() + "\r\n";
    let pair = meet(checked, cut);
    assert_eq!(pair.verdict().1, NOT_FOUND);
    assert!(pair.warned("Failed regexp match: body not found in message\nSIP/2.0 200 OK"));
    let unchecked = meet("<ereg regexp='^$' search_in='body' assign_to='v'/><log message='on'/>", cut);
    assert_eq!((unchecked.verdict().1, &unchecked.a().logs[0][..]), (Verdict::Successful, "on"));
}

/// "names beyond the number of groups are untouched. On no match nothing is assigned" (§2.3: "`ereg` never clears variables").
#[test]
fn no_match_and_no_group_leave_a_variable_as_it_was() {
    let keep = "<assignstr assign_to='v' value='1'/><assignstr assign_to='w' value='2'/><assignstr assign_to='x' value='3'/>";
    let matching = talk("", "", &format!("{keep}<ereg regexp='SIP/(2)' assign_to='v,w,x'/>"));
    assert_eq!(matching.a().logs, ["SIP/223"]);
    let not_matching = talk("", "", &format!("{keep}<ereg regexp='nowhere(.*)' assign_to='v,w,x'/>"));
    assert_eq!(not_matching.a().logs, ["123"]);
}

/// The target list may contain the searched variable: "Work on a copy".
#[test]
fn the_searched_variable_may_be_a_target() {
    let actions = "<ereg regexp='SIP/2.0 200' assign_to='v'/>\
        <ereg regexp='(S)IP/([0-9])' search_in='var' variable='v' assign_to='v,w,x'/>";
    assert_eq!(talk("", "", actions).a().logs, ["SIP/2S2"]);
}

/// "Warnings on failed checks".
#[test]
fn each_failed_check_says_what_it_looked_at() {
    let header = |attributes: &str| {
        talk("X-A: one\r\n", "", &format!("<ereg search_in='hdr' {attributes} assign_to='v'/>"))
    };
    let pair = header("regexp='two' header='X-A:' check_it='true'");
    assert!(pair.warned("Failed regexp match: looking in ' one', with regexp 'two'"));
    let pair = header("regexp='o.e' header='X-A:' check_it_inverse='true'");
    assert!(pair.warned("Regexp matched but should not: looking in ' one', with regexp 'o.e'"));
    let pair = header("regexp='x' header='X-No:' check_it='true'");
    assert!(pair.warned("Failed regexp match: header X-No: not found in message\nSIP/2.0 200 OK"));
}

/// §1.2, Bug: a nop has no current message; there is no match, also for a check.
#[test]
fn without_a_message_nothing_matches() {
    for search in ["search_in='msg'", "search_in='hdr' header='To:'", "search_in='body'"] {
        let verdict = |check: &str| {
            let nop = nop("", &format!("<ereg regexp='.*' {search} {check} assign_to='_'/>"));
            let mut pair = Pair::new(steps(&[&request("OPTIONS", ""), &nop]), Silent);
            pair.run();
            pair.verdict().1
        };
        let failed = Verdict::Failed(Failure::RegexpDoesntMatch);
        assert_eq!(verdict("check_it='true'"), failed, "{search}");
        assert_eq!(verdict("check_it_inverse='true'"), Verdict::Successful, "{search}");
    }
}
