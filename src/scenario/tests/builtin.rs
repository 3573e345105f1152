//! The embedded scenarios.

use super::*;
use crate::inject::{FileOption, FileSpec};
use crate::scenario::builtin;
use crate::scenario::plan::{Check, Expected, Goto, Method, Outgoing, PauseLength, Presence, Role};

fn embedded(name: &str) -> Plan {
    // The sample that ships for `invite_cancel`; the others read no field of it.
    let csv = include_bytes!("../../../csv/invite_cancel.csv");
    let spec = FileSpec { path: "invite_cancel.csv".into(), option: FileOption::Inf };
    let files = Files::from_bytes(&[(spec, csv)], &[]).unwrap();
    let context = LoadContext { keys: &[], files: &files, credentials: Default::default() };
    let source = builtin::text(name).unwrap().as_bytes();
    let loaded = load(source, "builtin.xml", &context, &mut Scopes::default()).unwrap();
    assert_eq!(loaded.warnings, []);
    loaded.plan
}

/// A step in one word, to compare with the tables of scenario.md §17.2.
fn in_short(plan: &Plan, step: &Step) -> String {
    let kind = match &step.kind {
        StepKind::Send(send) => {
            let what = match &send.what {
                Outgoing::Request(method) => method.as_str().to_owned(),
                Outgoing::Response(code) => code.to_string(),
            };
            format!("send {what}{}", if send.retrans.is_some() { " retrans" } else { "" })
        }
        StepKind::Recv(recv) => {
            let optional = if recv.presence == Presence::Optional { " optional" } else { "" };
            format!("recv {}{optional}", recv.expects.as_str())
        }
        StepKind::Pause(PauseLength::Default) => "pause -d".to_owned(),
        StepKind::Pause(PauseLength::Fixed(span)) => format!("pause {}", span.millis()),
        StepKind::TimeWait(PauseLength::Fixed(span)) => format!("timewait {}", span.millis()),
        other => format!("{other:?}"),
    };
    let start = if step.marks.start.is_some() { " start_rtd" } else { "" };
    let rtd = if step.marks.stop.is_some() { " rtd" } else { "" };
    let crlf = if step.display.blank_line_after { " crlf" } else { "" };
    format!("{kind}{start}{rtd}{crlf}{}", next(plan, step))
}

fn next(plan: &Plan, step: &Step) -> String {
    let Some(branch) = step.next else { return String::new() };
    let Goto::Step(to) = branch.to else { return " next end".to_owned() };
    let test = branch.test.map(|var| format!(" test {}", plan.variables.name(var)));
    format!(" next {}{}", to.number(), test.unwrap_or_default())
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| in_short(plan, step)).collect()
}

/// scenario.md §17.2, `uac`.
#[test]
fn uac_calls_pauses_and_hangs_up() {
    let plan = embedded("uac");
    assert_eq!((plan.name.as_str(), plan.role), ("Basic Sipstone UAC", Role::Client));
    assert_eq!(
        steps(&plan),
        [
            "send INVITE retrans",
            "recv 100 optional",
            "recv 180 optional",
            "recv 183 optional",
            "recv 200 rtd",
            "send ACK",
            "pause -d",
            "send BYE retrans",
            "recv 200 crlf"
        ]
    );
}

/// scenario.md §17.2, `uas`.
#[test]
fn uas_rings_answers_and_waits_for_bye() {
    let plan = embedded("uas");
    assert_eq!((plan.name.as_str(), plan.role), ("Basic UAS responder", Role::Server));
    assert_eq!(
        steps(&plan),
        [
            "recv INVITE crlf",
            "send 180",
            "send 200 retrans",
            "recv ACK optional rtd crlf",
            "recv BYE",
            "send 200",
            "timewait 4000"
        ]
    );
}

/// scenario.md §17.2, `regexp`.
#[test]
fn regexp_checks_three_expressions_and_shows_what_they_found() {
    let plan = embedded("regexp");
    assert_eq!((plan.name.as_str(), plan.role), ("Client with regexp scenario", Role::Client));
    assert_eq!(
        steps(&plan),
        [
            "send INVITE retrans",
            "recv 100 optional",
            "recv 180 optional",
            "recv 183 optional",
            "recv 200 start_rtd",
            "send ACK",
            "pause 1000",
            "send BYE retrans",
            "recv 200 rtd crlf"
        ]
    );
    let targets = plan.steps[4].actions.iter().map(|action| match action {
        Action::Ereg(ereg) if ereg.check == Some(Check::MustHold) => {
            ereg.to.iter().map(|var| plan.variables.name(*var)).collect::<Vec<_>>().join(",")
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(targets.collect::<Vec<_>>(), ["1", "6", "3,4,5,8"]);
    assert_eq!(*plan.rtds[0].borders, [1000, 1040, 1080, 1120, 1160, 1200]);
    assert_eq!(*plan.call_length_borders, [1000, 1100, 1200, 1300, 1400]);
}

/// scenario.md §17.2, `branchc`.
#[test]
fn branchc_registers_and_branches_on_the_answers() {
    let plan = embedded("branchc");
    assert_eq!((plan.name.as_str(), plan.role), ("branch_client", Role::Client));
    assert_eq!(
        steps(&plan),
        [
            "send REGISTER retrans",
            "recv 200 rtd next 3",
            "recv 200",
            "send INVITE retrans",
            "recv 100 optional",
            "recv 180 optional",
            "recv 183 optional",
            "recv 403 optional next 11",
            "recv 200",
            "send ACK next 11 test 8",
            "pause 5000",
            "send BYE retrans",
            "recv 200 crlf",
            "pause 4000"
        ]
    );
}

/// scenario.md §17.2, `branchs`.
#[test]
fn branchs_accepts_the_call_or_not() {
    let plan = embedded("branchs");
    assert_eq!((plan.name.as_str(), plan.role), ("branch_server", Role::Server));
    assert_eq!(
        steps(&plan),
        [
            "recv REGISTER",
            "send 200",
            "recv INVITE crlf",
            "send 180 next 5 test 3",
            "send 403 next 8",
            "send 100",
            "send 200 retrans",
            "recv ACK optional rtd crlf",
            "recv BYE",
            "send 200",
            "timewait 4000"
        ]
    );
}

/// scenario.md §17.2, `ooc_default` and `ooc_dummy`.
#[test]
fn the_out_of_call_scenarios_answer_anything_or_nothing() {
    let plan = embedded("ooc_default");
    assert_eq!((plan.name.as_str(), plan.role), ("Out-of-call UAS", Role::Server));
    assert_eq!(steps(&plan), ["recv .*", "send 200", "timewait 4000"]);
    assert!(matches!(&recv(&plan.steps[0]).expects, Expected::RequestMatching { .. }));
    let plan = embedded("ooc_dummy");
    assert_eq!((plan.name.as_str(), plan.role), ("Out-of-call UAS", Role::Server));
    assert_eq!(steps(&plan), ["recv DUMMY"]);
}

/// scenario.md §17.1, "std".
#[test]
fn the_embedded_scenarios_have_the_standard_tables() {
    for name in ["uac", "uas", "branchc", "branchs"] {
        let plan = embedded(name);
        assert_eq!(*plan.rtds[0].borders, [10, 20, 30, 40, 50, 100, 150, 200]);
        assert_eq!(*plan.call_length_borders, [10, 50, 100, 500, 1000, 5000, 10000]);
    }
}

/// scenario.md §17.1, §18: the newest `uas` copies Record-Route into its 200 to the INVITE only.
#[test]
fn uas_copies_record_route_once() {
    let text = builtin::text("uas").unwrap();
    assert_eq!(text.matches("[last_Record-Route:]").count(), 1);
    let answer = text.find("SIP/2.0 200 OK").unwrap();
    assert!(text[answer..].find("[last_Via:]") < text[answer..].find("[last_Record-Route:]"));
}

/// scenario.md §17.1.
#[test]
fn every_embedded_scenario_loads() {
    let mut count = 0;
    for name in builtin::names() {
        assert!(!embedded(name).steps.is_empty(), "{name}");
        count += 1;
    }
    assert_eq!(count, 8);
}

/// scenario.md §1, §17.
#[test]
fn a_name_that_is_not_embedded_is_told_apart_from_one_that_will_be() {
    for name in ["3pcc-C-A", "3pcc-C-B", "3pcc-A", "3pcc-B", "uac_pcap"] {
        let error = builtin::find("-sn", name).unwrap_err();
        assert_eq!(error.to_string(), format!("not supported yet: -sn {name}"));
    }
    assert_eq!(builtin::find("-sn", "foo").unwrap_err().to_string(), "Invalid default scenario name 'foo'");
    assert_eq!(builtin::find("-sd", "uac"), Ok(builtin::text("uac").unwrap()));
}

/// scenario.md §17.2: responses are matched by code only, requests by method.
#[test]
fn the_invite_of_uac_is_known_to_the_recvs_below_it() {
    let plan = embedded("uac");
    assert_eq!(send(&plan.steps[0]).what, Outgoing::Request(Method::Invite));
    assert_eq!(recv(&plan.steps[8]).methods_above.as_deref(), Some(b"INVITEACKBYE".as_slice()));
    assert!(matches!(recv(&plan.steps[8]).expects, Expected::Response { code: 200, .. }));
}
