//! Bugs of the engine that the simulation found, each as small as it gets, with the seed that showed it first.

use rsipp::engine::Verdict;

use super::pair::{Pair, steps};
use super::peer::Answers;
use super::text::{ask, nop, recv, request, response};

/// runtime.md §10.2, Surprise: with `-aa` a server answers a new call itself only if the scenario's first `<recv>` does not take
/// the request; nops may stand before that (§2.1). Seed 134: such a scenario never got a call.
#[test]
fn with_aa_a_server_that_begins_with_a_nop_gets_the_requests_it_waits_for() {
    let server = steps(&[&nop("", ""), &recv("request=\"OPTIONS\""), &response("202 Accepted", "")]);
    let setup = server.with(|settings| settings.auto_answer = true);
    let mut pair = Pair::new(setup, Answers([]));
    pair.says(0, ask("OPTIONS", "x", 1));
    pair.says(10, ask("INFO", "y", 1));
    pair.run_until(20);
    assert_eq!(pair.trace(), [(0, "202".to_owned()), (10, "200".to_owned())]);
    assert_eq!((pair.verdicts(), pair.stats().auto_answered), (vec![Verdict::Successful], 1));
}

/// runtime.md §2.2: of several live calls with one Call-ID only the first is reachable. Seed 1338: which one it was depended on
/// where the hash, which differs from run to run, had put them.
#[test]
fn of_calls_with_one_call_id_the_first_gets_the_messages() {
    for _ in 0..20 {
        let client = steps(&[&request("MESSAGE", ""), &recv("response=\"200\""), &request("INFO", "")]);
        let setup = client.calls(9).rate(1_000.0, 1_000).limit(None);
        let setup = setup.with(|settings| settings.call_id_format = "same".to_owned());
        let mut pair = Pair::new(setup, Answers([("MESSAGE", 20, "200 OK")]));
        pair.run_until(30);
        let [info] = &pair.texts("INFO")[..] else { panic!("one call goes on") };
        assert!(info.contains("From: <sip:a@127.0.0.1:5061>;tag=a1\r\n"), "{info}");
    }
}
