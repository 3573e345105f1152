//! What a script sees in `$?`: cli.md §9, each row from outside.

use std::net::UdpSocket;

use crate::peer::Peer;
use crate::program::rsipp;
use crate::xml;

#[test]
fn a_call_that_succeeds_ends_with_0() {
    let peer = Peer::answering();
    let ended = rsipp(&format!("{} -m 1", peer.addr)).run().exits(0);
    assert_eq!(ended.calls(), (1, 1, 0));
}

#[test]
fn a_call_that_fails_ends_with_1() {
    let peer = Peer::saying(&[("INVITE", "486 Busy Here")]);
    let ended = rsipp(&format!("{} -m 1", peer.addr)).run().exits(1);
    assert_eq!(ended.calls(), (1, 0, 1));
}

/// cli.md §4.7: none is asked for, so none fails.
#[test]
fn no_call_at_all_ends_with_0() {
    let peer = Peer::answering();
    rsipp(&format!("{} -m 0", peer.addr)).run().exits(0);
    assert!(peer.heard().is_empty());
}

/// cli.md §2, §9: and nothing is sent.
#[test]
fn a_refused_command_line_ends_with_1_and_says_why() {
    let peer = Peer::answering();
    let refused = |arguments: &str, why: &str| {
        rsipp(&format!("{} -m 1 {arguments}", peer.addr)).run().exits(1).complains(why);
    };
    refused("-foo", "Invalid argument: '-foo'.");
    refused("-r fast", "-r, \"fast\" is not a floating point number!");
    refused("-d 5q", "-d, \"5q\" is not a valid time!");
    refused("-s", "Missing argument for param '-s'.");
    refused("-sn nobody", "Invalid default scenario name 'nobody'");
    refused("-set x 1", "Can not set the global variable x, because it does not exist.");
    refused("-sn uac -sn uac", "Internal error, main_scenario already set");
    assert!(peer.heard().is_empty());
}

/// cli.md §4.1, §9.
#[test]
fn a_scenario_that_cannot_be_loaded_ends_with_1_and_says_why() {
    let peer = Peer::answering();
    let refused = |text: &str, why: &str| {
        rsipp(&format!("{} -m 1", peer.addr)).scenario(text).run().exits(1).complains(why);
    };
    refused("<scenario><send>", "scenario.xml");
    refused(&xml::options_with("X: [nonsense]"), "Unsupported keyword 'nonsense' in xml scenario file");
    refused(
        &xml::scenario(&["<recv response=\"200\" next=\"nowhere\"/>".to_owned()]),
        "The label 'nowhere' was not defined",
    );
    rsipp(&format!("{} -m 1 -sf missing.xml", peer.addr))
        .run()
        .exits(1)
        .complains("Unable to load or parse 'missing.xml' xml scenario file");
    assert!(peer.heard().is_empty());
}

/// actions.md §4.1, §4.2.
#[test]
fn an_injection_file_that_cannot_be_loaded_ends_with_1_and_says_why() {
    let peer = Peer::answering();
    let program = || rsipp(&format!("{} -m 1 -inf users.csv", peer.addr));
    program().run().exits(1).complains("Unable to open file users.csv");
    program().file("users.csv", "alice;secret\n").run().exits(1).complains("Unknown file type");
    program()
        .file("users.csv", "SEQUENTIAL\n")
        .run()
        .exits(1)
        .complains("Input file has zero lines: users.csv");
    assert!(peer.heard().is_empty());
}

/// cli.md §4.11: before anything is sent.
#[test]
fn a_trace_file_that_cannot_be_created_ends_with_1() {
    let peer = Peer::answering();
    rsipp(&format!("{} -m 1 -trace_msg -message_file no/such/folder", peer.addr))
        .run()
        .exits(1)
        .complains("Unable to create 'no/such/folder'");
    assert!(peer.heard().is_empty());
}

/// cli.md §8.4: an idle server.
#[test]
fn a_timeout_without_any_call_ends_with_97() {
    let ended = rsipp("-sn uas -i 127.0.0.1 -timeout 1").run().exits(97);
    assert_eq!(ended.calls(), (0, 0, 0));
    assert!((0.95..3.0).contains(&ended.took.as_secs_f64()), "{:?}", ended.took);
}

/// cli.md §9: the open call is aborted, which is a failure.
#[test]
fn a_timeout_with_a_call_open_ends_with_1() {
    let peer = Peer::silent();
    let ended = rsipp(&format!("{} -m 1 -timeout 1", peer.addr)).run().exits(1);
    assert_eq!(ended.calls(), (1, 0, 1));
}

/// cli.md §9.
#[test]
fn a_timeout_after_a_success_ends_with_0() {
    let peer = Peer::silent();
    let xml = xml::scenario(&[xml::await_request("OPTIONS"), xml::response("200 OK", "")]);
    let server = rsipp("-i 127.0.0.1 -timeout 1").scenario(&xml).start();
    peer.say_to_port(server.listens_on(), xml::wire_request("OPTIONS", "a", 1));
    assert_eq!(server.wait().exits(0).calls(), (1, 1, 0));
}

/// cli.md §8.4.
#[test]
fn timeout_error_makes_the_timeout_fatal() {
    let peer = Peer::silent();
    let ended = rsipp(&format!("{} -m 1 -timeout 1 -timeout_error", peer.addr)).run().exits(255);
    let ended = ended.complains("uac timed out after '1.");
    assert_eq!(peer.heard_of("BYE").len() + peer.heard_of("CANCEL").len(), 0, "{ended}");
}

/// cli.md §8.5.
#[test]
fn stop_now_ends_with_97_at_once() {
    let peer = Peer::silent();
    let xml = xml::scenario(&[
        xml::request("OPTIONS", ""),
        xml::nop("<exec int_cmd=\"stop_now\"/>"),
        xml::request("BYE", ""),
    ]);
    rsipp(&format!("{} -m 1", peer.addr)).scenario(&xml).run().exits(97);
    assert!(peer.heard_of("BYE").is_empty());
}

/// cli.md §1.3: on stdout, nothing on stderr.
#[test]
fn whoever_asks_for_information_gets_it_and_99() {
    for (arguments, shown) in [
        ("-h", "-sf"),
        ("-help", "-sf"),
        ("", "-sf"),
        ("-v", " v"),
        ("-sd uac", "<scenario"),
        ("-h -foo", "-sf"),
    ] {
        let ended = rsipp(arguments).run().exits(99);
        assert!(ended.stdout.contains(shown), "{arguments}: no {shown}");
        assert_eq!(ended.stderr, "");
    }
}

/// cli.md §1.3: nothing else, so that it can be saved, changed and run.
#[test]
fn a_dumped_scenario_runs() {
    let peer = Peer::answering();
    let dump = rsipp("-sd uac").run().exits(99).stdout.clone();
    rsipp(&format!("{} -m 1", peer.addr)).scenario(&dump).run().exits(0);
}

/// cli.md §4.2: no search when a port was given.
#[test]
fn a_port_that_is_taken_ends_with_254() {
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    rsipp(&format!("-sn uas -i 127.0.0.1 -p {port}"))
        .run()
        .exits(254)
        .complains("Unable to bind main socket, errno = 98 (Address already in use)");
}

/// cli.md §3.
#[test]
fn a_client_without_a_host_ends_with_255() {
    rsipp("-sn uac").run().exits(255).complains("Missing remote host parameter. This scenario requires it");
}

/// cli.md §3: two dots in a row are not a name, so no name server is asked.
#[test]
fn a_host_that_cannot_be_resolved_ends_with_255() {
    let ended = rsipp("no..such..host").run().exits(255).complains("Unknown remote host 'no..such..host'");
    assert!(ended.stderr.contains("Resolving remote host 'no..such..host'... "));
}

/// cli.md §4.2, local address rules.
#[test]
fn an_address_that_is_not_ours_ends_with_255() {
    rsipp("-sn uas -i 192.0.2.1").run().exits(255).complains("Unable to bind main socket, errno = 99");
}

/// actions.md §3, cli.md §9.
#[test]
fn an_error_action_ends_with_255_and_its_text() {
    let peer = Peer::silent();
    let xml = xml::scenario(&[
        xml::request("OPTIONS", ""),
        xml::nop("<error message=\"call [call_number] went wrong\"/>"),
        xml::expect("200"),
    ]);
    rsipp(&format!("{} -m 1", peer.addr)).scenario(&xml).run().exits(255).complains("call 1 went wrong");
}

/// cli.md §1.1: a missing value is met in pass 0, in argument order.
#[test]
fn the_first_of_help_and_mistake_wins() {
    rsipp("-foo -h").run().exits(1).complains("Invalid argument: '-foo'.");
    rsipp("-h -foo").run().exits(99);
}
