//! actions.md §3.19, §3.20: `setdest` and `closecon` over UDP.

use rsipp::engine::Verdict;
use rsipp::stats::Failure;

use super::pair::{Pair, Setup, address, steps};
use super::peer::{Answers, Silent};
use super::text::{nop, recv, recv_acting, request, request_acting};

fn setdest(host: &str, port: &str, protocol: &str) -> String {
    format!("<setdest host='{host}' port='{port}' protocol='{protocol}'/>")
}

fn ran(setup: Setup) -> Pair {
    let mut pair = Pair::new(setup, Answers([("OPTIONS", 5, "200 OK")]));
    pair.run();
    pair
}

fn ports(pair: &Pair) -> Vec<u16> {
    pair.sent().map(|sent| sent.to.port()).collect()
}

/// Later sends of this call go to the new address; `[remote_port]` keeps its value.
#[test]
fn later_messages_of_the_call_go_to_the_new_address() {
    let pair = ran(steps(&[
        &request("OPTIONS", ""),
        &recv_acting("response='200'", &setdest("10.0.0.9", "7070", "udp")),
        &request("INFO", ""),
        &nop("", "<log message='[remote_ip]:[remote_port]'/>"),
    ]));
    let to: Vec<_> = pair.sent().map(|sent| sent.to.to_string()).collect();
    assert_eq!(to, ["127.0.0.1:5060", "10.0.0.9:7070"]);
    assert!(pair.texts("INFO")[0].starts_with("INFO sip:b@127.0.0.1:5060 "));
    assert_eq!(
        (pair.a().logs.clone(), pair.verdicts()),
        (vec!["127.0.0.1:5060".to_owned()], vec![Verdict::Successful])
    );
}

/// Works in nop and send; other calls are unaffected; resends of a message sent afterwards follow.
#[test]
fn other_calls_keep_their_address_and_resends_follow() {
    let odd = nop("condexec='odd'", &setdest("127.0.0.1", "7000", "UDP"));
    let pair = ran(steps(&[
        "<Global variables='n'/>",
        &request("ONE", ""),
        &nop(
            "",
            "<add assign_to='n' value='1'/><test assign_to='odd' variable='n' compare='equal' value='1'/>",
        ),
        &odd,
        &request("TWO", ""),
    ])
    .calls(2));
    assert_eq!(ports(&pair), [5060, 7000, 5060, 5060]);

    let scenario = steps(&[
        &request_acting("ONE", "", &setdest("127.0.0.1", "7000", "udp")),
        &request("TWO", "retrans='100'"),
        &recv("response='200' timeout='250'"),
    ]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run_until(1_000);
    assert_eq!(pair.sent().take(3).map(|sent| sent.to.port()).collect::<Vec<_>>(), [5060, 7000, 7000]);
}

/// The texts are templates; a port may have a fraction, which is cut; `[transport]` is a valid protocol.
#[test]
fn host_port_and_protocol_are_rendered_and_a_fraction_of_the_port_is_cut() {
    let pair = ran(steps(&[
        &request("OPTIONS", ""),
        &recv("response='200'"),
        &nop(
            "",
            &("<assign assign_to='p' value='7001.9'/>".to_owned()
                + &setdest("[local_ip]", "[$p]", "[transport]")),
        ),
        &request("INFO", ""),
    ]));
    assert_eq!(pair.sent().last().map(|sent| sent.to), Some(address(7001)));
}

/// A name is resolved by the shell.
#[test]
fn a_host_name_is_resolved() {
    let resolve: fn(&str) -> Option<std::net::IpAddr> =
        |name| (name == "proxy").then(|| [10, 1, 2, 3].into());
    let scenario =
        steps(&[&request("ONE", ""), &nop("", &setdest("proxy", "5070", "udp")), &request("TWO", "")]);
    let pair = ran(scenario.with(|settings| settings.resolve = resolve));
    assert_eq!(pair.sent().last().map(|sent| sent.to.to_string()), Some("10.1.2.3:5070".to_owned()));
}

/// spec/README.md rule 4: an unknown host, a bad port and a wrong protocol may come from the network: they fail the call with SIPp's
/// words, not the run.
#[test]
fn what_setdest_can_not_do_fails_the_call_and_not_the_run() {
    for (action, warning) in [
        (setdest("nowhere", "5060", "udp"), "Unknown host 'nowhere' for setdest"),
        (setdest("[::1]", "5060", "udp").replace('[', "\\x5b"), "Unknown host '[::1]' for setdest"),
        (setdest("10.0.0.1", "50x", "udp"), "Invalid port for setdest: 50x"),
        (setdest("10.0.0.1", "65536", "udp"), "Invalid port for setdest: 65536"),
        (setdest("10.0.0.1", "5060", "tcp"), "Can not switch protocols during setdest."),
        (setdest("10.0.0.1", "5060", "TLS"), "Can not switch protocols during setdest."),
        (setdest("10.0.0.1", "5060", "Udp"), "Unknown transport for setdest: 'Udp'"),
    ] {
        let scenario =
            steps(&[&request("ONE", ""), &nop("", &(action + "<log message='on'/>")), &request("TWO", "")]);
        let pair = ran(scenario.calls(2));
        assert_eq!(pair.verdicts(), [Verdict::Failed(Failure::CannotSendMessage); 2], "{warning}");
        assert!(pair.warned(warning), "{:?}", pair.a().warnings);
        assert_eq!((pair.sent_at("TWO"), pair.a().logs.len(), &pair.a().run_end), (vec![], 0, &None));
    }
}

/// §3.20, Bug: with a shared socket `closecon` is a no-op; the `setdest` destination is kept.
#[test]
fn closecon_does_nothing_on_a_shared_socket() {
    let pair = ran(steps(&[
        &request("ONE", ""),
        &nop("", &(setdest("127.0.0.1", "7000", "udp") + "<closecon/><log message='on'/>")),
        &request("TWO", ""),
    ]));
    assert_eq!((ports(&pair), pair.a().logs.clone()), (vec![5060, 7000], vec!["on".to_owned()]));
    assert_eq!(pair.verdicts(), [Verdict::Successful]);
}
