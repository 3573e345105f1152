//! `-peer_sn`, `-peer_sf`: both sides of a test in one process, no server needed.

use crate::program::rsipp;
use crate::xml;

#[test]
fn a_complete_test_needs_no_server() {
    let ended = rsipp("-sn uac -peer_sn uas -r 1000 -m 1000").run().exits(0);
    assert_eq!(ended.calls(), (1_000, 1_000, 0));
    assert_eq!(ended.counter("Outgoing calls created"), 1_000);
}

#[test]
fn the_main_side_may_be_the_server() {
    let ended = rsipp("-sn uas -peer_sn uac -r 200 -m 100").run().exits(0);
    assert_eq!(ended.calls(), (100, 100, 0));
    assert_eq!(ended.counter("Incoming calls created"), 100);
}

/// The peer's calls run to their end, and only there fail by the check.
#[test]
fn a_peer_whose_calls_fail_ends_the_test_with_1() {
    let server = xml::scenario(&[
        "<recv request=\"OPTIONS\"><action><ereg regexp=\"never there\" search_in=\"msg\" check_it=\"true\" \
         assign_to=\"1\"/></action></recv>"
            .into(),
        xml::response("200 OK", ""),
        "<Reference variables=\"1\"/>".into(),
    ]);
    let ended = rsipp("-m 5 -peer_sf server.xml")
        .scenario(&xml::options_with("X-Test: yes"))
        .file("server.xml", server)
        .run()
        .exits(1);
    assert_eq!(ended.calls(), (5, 5, 0), "the main side saw nothing wrong");
    assert!(ended.stdout.contains("5 failed"), "the other side's verdict");
}

#[test]
fn two_sides_that_both_wait_are_refused() {
    rsipp("-sn uas -peer_sn uas").run().exits(1);
    rsipp("-sn uac -peer_sn uac -m 1").run().exits(1);
}

#[test]
fn a_peer_scenario_that_cannot_be_loaded_is_refused() {
    rsipp("-sn uac -m 1 -peer_sf missing.xml").run().exits(1).complains("'missing.xml'");
}
