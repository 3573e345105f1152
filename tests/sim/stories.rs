//! The stories of failed calls (ours): what the ladder shows, what was expected, what came, and the hint, for each common cause.

use rsipp::clock::Span;
use rsipp::report::failure::story::{Listeners, Surroundings, tell};
use rsipp::report::failure::{briefing, ladder};
use rsipp::scenario::Part;
use rsipp::stats::story::{Event, FailureStory};

use super::pair::{Pair, Peer, Setup, embedded, steps};
use super::peer::{Answers, Heard, Silent};
use super::text::{ask, nop, pause, recv, recv_acting, request, response};

fn telling(setup: Setup) -> Setup {
    setup.with(|settings| settings.tells_failures = true)
}

fn run(setup: Setup, peer: impl Into<Peer>) -> Pair {
    let mut pair = Pair::new(telling(setup), peer);
    pair.run();
    pair
}

/// As `run` tells them, on a machine that knows nothing of listeners.
fn stories(pair: &Pair) -> Vec<FailureStory> {
    let engine = &pair.a().engine;
    let around = Surroundings {
        plan: engine.plan(),
        local_ip: "127.0.0.1",
        local_port: 5061,
        transport: "UDP",
        was_heard: false,
        default_pause: Span::ZERO,
        listeners: |_, _| Listeners::Unknown,
    };
    engine.failed_calls().iter().map(|call| tell(call, &around)).collect()
}

#[track_caller]
fn only_story(pair: &Pair) -> String {
    match &stories(pair)[..] {
        [story] => ladder::text(story),
        stories => panic!("{} calls failed", stories.len()),
    }
}

fn hint(pair: &Pair) -> String {
    stories(pair).first().and_then(|story| story.hint.clone()).expect("a hint")
}

fn options_and(more: &[&str]) -> Setup {
    steps(&[&[&request("OPTIONS", "")[..]], more].concat())
}

#[test]
fn an_unanswered_invite_shows_its_resends_and_where_to_look() {
    let pair = run(embedded("uac"), Silent);
    insta::assert_snapshot!(only_story(&pair), @r#"
    Call 1 (1-1@127.0.0.1) failed 31.5 s after it was opened: no answer after the last resend
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- INVITE ---------------->|  step 0, line 10
           500.0   |- - - - - - - - INVITE - - - - - - - - >|  again (step 0, line 10)
          1500.0   |- - - - - - - - INVITE - - - - - - - - >|  again (step 0, line 10)
          3500.0   |- - - - - - - - INVITE - - - - - - - - >|  again (step 0, line 10)
          7500.0   |- - - - - - - - INVITE - - - - - - - - >|  again (step 0, line 10)
         15500.0   |- - - - - - - - INVITE - - - - - - - - >|  again (step 0, line 10)
         31500.0   |                                        |  no more resends (step 0, line 10)
         31500.0   X                                        |  failed
      at       step 1, test.xml:33
      expected 200 OK (before it, if at all: 100 Trying, 180 Ringing, 183 Session Progress)
      came     nothing
      hint     Not one answer came from 127.0.0.1:5060 over UDP: is address and port right, does the
               peer run there and listen on UDP (-t t1 is TCP, -t l1 TLS), does a firewall drop the way
               there or back? -i sets the address that the peer answers to.
    "#);
}

#[test]
fn a_busy_answer_shows_the_answer_and_what_was_expected() {
    let busy = |heard: Heard<'_>| match heard.kind() {
        "INVITE" => {
            let reason = "486 Busy Here\r\nReason: Q.850;cause=17;text=\"user busy\"";
            vec![heard.answer(2, "100 Trying"), heard.answer(20, reason)]
        }
        _ => Vec::new(),
    };
    insta::assert_snapshot!(only_story(&run(embedded("uac"), busy)), @r#"
    Call 1 (1-1@127.0.0.1) failed 20.0 ms after it was opened: unexpected message
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- INVITE ---------------->|  step 0, line 10
             2.0   |<--------- 100 Trying (INVITE) ---------|  step 1, line 33
            20.0   |<------- 486 Busy Here (INVITE) --------|  not expected
            20.0   |----------------- ACK ----------------->|  on our own
            20.0   X                                        |  failed
      at       step 2, test.xml:34
      expected 200 OK (before it, if at all: 180 Ringing, 183 Session Progress)
      came     SIP/2.0 486 Busy Here
      details  Reason: Q.850;cause=17;text="user busy"
      hint     The called party is in a call, or its server allows no more at a time: too many calls for
               one number, or none ended. Use more numbers (-inf), or fewer open calls (-l).
    "#);
}

#[test]
fn a_challenge_without_authentication_says_what_the_scenario_lacks() {
    let pair = run(embedded("uac"), Answers([("INVITE", 5, "407 Proxy Authentication Required")]));
    insta::assert_snapshot!(only_story(&pair), @r#"
    Call 1 (1-1@127.0.0.1) failed 5.0 ms after it was opened: unexpected message
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- INVITE ---------------->|  step 0, line 10
             5.0   |<-- 407 Proxy Authentication Required --|  not expected
             5.0   |----------------- ACK ----------------->|  on our own
             5.0   X                                        |  failed
      at       step 1, test.xml:33
      expected 200 OK (before it, if at all: 100 Trying, 180 Ringing, 183 Session Progress)
      came     SIP/2.0 407 Proxy Authentication Required
      hint     The peer asks for a password, and the scenario cannot answer: take the 407 with <recv
               response="407" auth="true"/> and send the request again with [authentication]; user and
               password by -au and -ap. scenarios/uac_auth.xml and register.xml do that.
    "#);
}

#[test]
fn refused_credentials_are_told_apart_from_missing_ones() {
    let scenario = steps(&[
        &request("REGISTER", ""),
        &recv("response='401' auth='true'"),
        &request("REGISTER", "").replace("Content-Length", "[authentication]\nContent-Length"),
        &recv("response='200'"),
    ]);
    let asks = |heard: Heard<'_>| {
        let status = "401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"";
        vec![heard.answer(1, &format!("{status}{}", heard.nth))]
    };
    assert!(hint(&run(scenario, asks)).starts_with("The peer refused the credentials"));
}

#[test]
fn a_challenge_that_cannot_be_answered_shows_why() {
    let scenario = options_and(&[&recv("response='401' auth='true'")]);
    let pair = run(scenario, Answers([("OPTIONS", 1, "401 Unauthorized")]));
    insta::assert_snapshot!(only_story(&pair), @r#"
    Call 1 (1-1@127.0.0.1) failed 1.0 ms after it was opened: unexpected message
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- OPTIONS --------------->|  step 0, line 1
             1.0   |<----- 401 Unauthorized (OPTIONS) ------|  step 1, line 11
             1.0   |----------------- BYE ----------------->|  on our own
             1.0   X                                        |  failed
      at       step 1, test.xml:11
      expected 401 Unauthorized
      came     SIP/2.0 401 Unauthorized
      details  Couldn't find 'Proxy-Authenticate' or 'WWW-Authenticate' in 401 or 407!
      hint     The 401 has no challenge that rsipp can answer: see the details.
    "#);
}

#[test]
fn ringing_without_an_answer_is_told_apart_from_silence() {
    let setup = embedded("uac").with(|settings| settings.recv_timeout = Some(Span::from_millis(3_000)));
    let rings = |heard: Heard<'_>| match heard.kind() {
        "INVITE" => vec![heard.answer(1, "100 Trying"), heard.answer(30, "180 Ringing")],
        "CANCEL" => vec![heard.answer(1, "200 OK")],
        _ => Vec::new(),
    };
    insta::assert_snapshot!(only_story(&run(setup, rings)), @r#"
    Call 1 (1-1@127.0.0.1) failed 3030.0 ms after it was opened: receive timeout
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- INVITE ---------------->|  step 0, line 10
             1.0   |<--------- 100 Trying (INVITE) ---------|  step 1, line 33
            30.0   |<-------- 180 Ringing (INVITE) ---------|  step 2, line 34
          3030.0   |                                        |  timeout (step 3, line 35)
          3030.0   |--------------- CANCEL ---------------->|  on our own
          3030.0   X                                        |  failed
          3031.0   |<----------- 200 OK (CANCEL) -----------|  too late
      at       step 3, test.xml:35
      expected 200 OK (before it, if at all: 183 Session Progress)
      came     nothing
      hint     It rang, and nobody answered in time: a longer timeout of the <recv> (or -recv_timeout),
               or a called party that answers.
    "#);
}

#[test]
fn an_answer_after_the_timeout_is_shown_and_says_so() {
    let scenario = options_and(&[&recv("response='200' timeout='1000'")]);
    insta::assert_snapshot!(only_story(&run(scenario, Answers([("OPTIONS", 1_500, "200 OK")]))), @r#"
    Call 1 (1-1@127.0.0.1) failed 1000.0 ms after it was opened: receive timeout
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- OPTIONS --------------->|  step 0, line 1
          1000.0   |                                        |  timeout (step 1, line 11)
          1000.0   X                                        |  failed
          1500.0   |<---------- 200 OK (OPTIONS) -----------|  too late
      at       step 1, test.xml:11
      expected 200 OK
      came     nothing
      hint     The 200 OK came 500 ms after the call had been given up: a longer timeout of the <recv>
               (or -recv_timeout), or more resends, would have caught it.
    "#);
}

#[test]
fn a_bye_in_a_pause_says_that_the_peer_hung_up() {
    let scenario = options_and(&[&recv("response='200'"), &pause(5_000), &request("BYE", "")]);
    let mut pair = Pair::new(telling(scenario), Answers([("OPTIONS", 1, "200 OK")]));
    pair.says(700, ask("BYE", "1-1@127.0.0.1", 7));
    pair.run();
    insta::assert_snapshot!(only_story(&pair), @r#"
    Call 1 (1-1@127.0.0.1) failed 700.0 ms after it was opened: unexpected message
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- OPTIONS --------------->|  step 0, line 1
             1.0   |<---------- 200 OK (OPTIONS) -----------|  step 1, line 11
           700.0   |<----------------- BYE -----------------|  not expected
           700.0   |------------ 200 OK (BYE) ------------->|  on our own
           700.0   X                                        |  failed
      at       step 2, test.xml:11
      expected nothing: the call was in a pause of 5000 ms
      came     BYE sip:x@127.0.0.1 SIP/2.0
      hint     The peer hung up while the scenario was in a pause: its pause (-d) is longer than the
               peer lets a call last, or the peer misses media or a session refresh. A scenario that is
               to be hung up on needs <recv request="BYE"/>.
    "#);
}

#[test]
fn an_expression_that_found_nothing_says_where_it_looked_and_what_posix_lacks() {
    let ereg = r"<ereg regexp='tag=(\d+)' search_in='hdr' header='To:' check_it='true' assign_to='m,n'/>";
    let scenario = options_and(&[
        &recv_acting("response='200'", ereg),
        &nop("", "<log message='[$m][$n]'/>"),
        &pause(100),
    ]);
    insta::assert_snapshot!(only_story(&run(scenario, Answers([("OPTIONS", 1, "200 OK")]))), @r#"
    Call 1 (1-1@127.0.0.1) failed 101.0 ms after it was opened: ereg found nothing
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- OPTIONS --------------->|  step 0, line 1
             1.0   |<---------- 200 OK (OPTIONS) -----------|  step 1, line 11
           101.0   X                                        |  failed
      at       step 1, test.xml:11
      expected 200 OK
      came     a check of the scenario failed; the call went on to its end
      details  Failed regexp match: looking in ' <sip:b@127.0.0.1:5060>;tag=pt', with regexp 'tag=(\d+)'
      hint     'tag=(\d+)' was looked for in what follows 'To:' and not found. POSIX expressions have no
               \d: write [0-9].
    "#);
}

#[test]
fn a_header_that_is_not_there_is_named() {
    let ereg = "<ereg regexp='.*' search_in='hdr' header='X-Id:' check_it='true' assign_to='m'/>";
    let scenario = options_and(&[&recv_acting("response='200'", ereg), &nop("", "<log message='[$m]'/>")]);
    let pair = run(scenario, Answers([("OPTIONS", 1, "200 OK")]));
    assert!(hint(&pair).starts_with("The message has no 'X-Id:', or nothing behind it."), "{}", hint(&pair));
}

#[test]
fn an_unknown_dialog_says_what_the_peer_compares() {
    let scenario = options_and(&[&recv("response='200'"), &request("BYE", ""), &recv("response='200'")]);
    let pair =
        run(scenario, Answers([("OPTIONS", 1, "200 OK"), ("BYE", 1, "481 Call/Transaction Does Not Exist")]));
    assert!(hint(&pair).contains("[peer_tag_param]"), "{}", hint(&pair));
}

#[test]
fn a_mandatory_provisional_that_is_skipped_says_how_to_make_it_optional() {
    let scenario = options_and(&[&recv("response='180'"), &recv("response='200'")]);
    let pair = run(scenario, Answers([("OPTIONS", 1, "200 OK")]));
    assert_eq!(
        hint(&pair),
        "The 180 Ringing that the scenario insists on need not come: make that <recv> optional=\"true\"."
    );
}

#[test]
fn a_caller_that_never_acknowledges_points_to_contact_and_via() {
    let scenario =
        steps(&[&recv("request='INVITE'"), &response("200 OK", "retrans='500'"), &recv("request='ACK'")]);
    let mut pair = Pair::new(telling(scenario).resends(2, 2), Silent);
    pair.says(0, ask("INVITE", "call@there", 1));
    pair.says(700, ask("INVITE", "call@there", 1));
    pair.run();
    insta::assert_snapshot!(only_story(&pair), @r#"
    Call 1 (call@there) failed 3500.0 ms after it was opened: no answer after the last resend
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |<--------------- INVITE ----------------|  step 0, line 1
             0.0   |--------------- 200 OK ---------------->|  step 1, line 1
           500.0   |- - - - - - - - 200 OK - - - - - - - - >|  again (step 1, line 1)
           700.0   |<--------------- INVITE ----------------|  again, recognised
           700.0   |- - - - - - - - 200 OK - - - - - - - - >|  again (step 1, line 1)
          1500.0   |- - - - - - - - 200 OK - - - - - - - - >|  again (step 1, line 1)
          3500.0   |                                        |  no more resends (step 1, line 1)
          3500.0   X                                        |  failed
      at       step 2, test.xml:11
      expected ACK
      came     nothing
      hint     The caller did not acknowledge the final response: either that did not reach it (is the
               Via right, is there a NAT in between?), or its ACK went elsewhere (does Contact in the
               200 have an address that it can reach, are all Record-Route headers in it?).
    "#);
}

#[test]
fn what_was_lost_on_purpose_shows_as_lost() {
    let scenario = steps(&[&request("OPTIONS", "lost='100' retrans='500'"), &recv("response='200'")]);
    insta::assert_snapshot!(only_story(&run(scenario.resends(2, 2), Silent)), @r#"
    Call 1 (1-1@127.0.0.1) failed 3500.0 ms after it was opened: no answer after the last resend
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- OPTIONS -------x        |  lost on purpose (step 0, line 1)
           500.0   |--------------- OPTIONS -------x        |  lost on purpose (step 0, line 1)
          1500.0   |--------------- OPTIONS -------x        |  lost on purpose (step 0, line 1)
          3500.0   |                                        |  no more resends (step 0, line 1)
          3500.0   X                                        |  failed
      at       step 1, test.xml:11
      expected 200 OK
      came     nothing
      hint     rsipp dropped messages of this call on purpose (-lost, or lost="…" of a step).
    "#);
}

#[test]
fn many_resends_in_a_row_are_drawn_as_one() {
    let scenario = steps(&[&request("OPTIONS", "retrans='500'"), &recv("response='200'")]);
    insta::assert_snapshot!(only_story(&run(scenario, Silent)), @r#"
    Call 1 (1-1@127.0.0.1) failed 31.5 s after it was opened: no answer after the last resend
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- OPTIONS --------------->|  step 0, line 1
           500.0   |- - - - - - - - OPTIONS - - - - - - - ->|  again (step 0, line 1)
                   :                                        :  again 7 times
         27500.0   |- - - - - - - - OPTIONS - - - - - - - ->|  again (step 0, line 1)
         31500.0   |                                        |  no more resends (step 0, line 1)
         31500.0   X                                        |  failed
      at       step 1, test.xml:11
      expected 200 OK
      came     nothing
      hint     Not one answer came from 127.0.0.1:5060 over UDP: is address and port right, does the
               peer run there and listen on UDP (-t t1 is TCP, -t l1 TLS), does a firewall drop the way
               there or back? -i sets the address that the peer answers to.
    "#);
}

#[test]
fn a_message_that_cannot_be_sent_says_what_the_system_said() {
    let mut pair = Pair::new(telling(options_and(&[&recv("response='200'")])), Silent);
    pair.refuse("OPTIONS");
    pair.run();
    insta::assert_snapshot!(only_story(&pair), @r#"
    Call 1 (1-1@127.0.0.1) failed 0.0 ms after it was opened: message could not be sent
                rsipp 127.0.0.1:5061                127.0.0.1:5060
             0.0   |--------------- OPTIONS --------------->|  step 0, line 1
             0.0   X                                        |  failed
      at       step 1, test.xml:11
      expected 200 OK
      came     the message could not be sent
      details  Unable to send UDP message: Operation not permitted
      hint     The system forbids to send there: a firewall of this machine, most often.
    "#);
}

#[test]
fn a_long_call_shows_its_beginning_and_its_end() {
    let scenario =
        steps(&["<label id='again'/>", &request("OPTIONS", ""), &recv("response='200' next='again'")]);
    let mut count = 0;
    let peer = move |heard: Heard<'_>| {
        count += 1;
        vec![heard.answer(1, if count < 100 { "200 OK" } else { "503 Service Unavailable" })]
    };
    let pair = run(scenario, peer);
    let story = &stories(&pair)[0];
    assert_eq!(story.left_out.map(|gap| (gap.after, gap.rungs)), Some((24, 137)));
    assert_eq!((story.ladder.len(), story.ladder[0].at_ms), (65, 0.0));
    assert_eq!(story.ladder[62].message, "503 Service Unavailable (OPTIONS)");
    assert!(ladder::text(story).contains("… 137 more …"));
}

/// The first of each cause only, and a kind is drawn once.
#[test]
fn twenty_calls_of_a_cause_are_told_and_stderr_gets_one_ladder_of_a_kind() {
    let mut nth = 0;
    let busy_then_not_found = move |heard: Heard<'_>| match heard.kind() {
        "INVITE" => {
            nth += 1;
            vec![heard.answer(1, if nth == 2 { "404 Not Found" } else { "486 Busy Here" })]
        }
        _ => Vec::new(),
    };
    let pair = run(embedded("uac").calls(30), busy_then_not_found);
    let stories = stories(&pair);
    assert_eq!((stories.len(), stories[0].call_number, stories[19].call_number), (20, 1, 20));
    let text = briefing::text(&stories, pair.stats().failed);
    let lines = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!((lines("Call "), lines("  18 more calls failed like this")), (2, 1), "{text}");
    assert!(text.contains("\n10 more calls failed, some of them in other ways\n"), "{text}");
    assert_eq!(briefing::text(&stories[..1], 30).matches("29 more calls failed like this").count(), 1);
}

#[test]
fn nothing_is_noted_when_nobody_wants_to_know() {
    let mut pair = Pair::new(embedded("uac"), Silent);
    pair.run();
    assert_eq!((pair.stats().failed, pair.a().engine.failed_calls().len()), (1, 0));
}

#[test]
fn a_repeat_is_shown_with_the_answer_that_goes_out_again() {
    let scenario =
        steps(&[&recv("request='INVITE'"), &response("200 OK", ""), &recv("request='ACK' timeout='900'")]);
    let mut pair = Pair::new(telling(scenario), Silent);
    pair.says(0, ask("INVITE", "call@there", 1));
    pair.says(500, ask("INVITE", "call@there", 1));
    pair.run();
    let events: Vec<Event> = stories(&pair)[0].ladder.iter().map(|rung| rung.event).collect();
    let expected = [Event::Received, Event::Sent, Event::Repeated, Event::SentAgain, Event::TimedOut];
    assert_eq!(events, expected);
}

#[test]
fn what_the_network_says_cannot_steer_a_terminal() {
    let pair = run(embedded("uac"), |heard: Heard<'_>| vec![heard.answer(1, "486 \u{1b}[2J\u{7}Busy")]);
    let story = only_story(&pair);
    assert!(!story.contains(['\u{1b}', '\u{7}']), "{story:?}");
    assert!(story.contains("SIP/2.0 486 ?[2J?Busy"), "{story}");
}

#[test]
fn calls_of_the_out_of_call_scenario_are_told_as_its_own() {
    let main = steps(&[&pause(2_000), &request("OPTIONS", ""), &recv("response='200'")]);
    let called =
        steps(&[&recv("request='INVITE'"), &response("200 OK", ""), &recv("request='ACK' timeout='100'")]);
    let mut pair = Pair::new(telling(main.out_of_call(called)), Answers([("OPTIONS", 1, "200 OK")]));
    pair.says(10, ask("INVITE", "other@there", 1));
    pair.run();
    let [failed] = pair.a().engine.failed_calls() else { panic!("one call fails") };
    assert_eq!((failed.part, &failed.id[..]), (Part::OutOfCall, &b"other@there"[..]));
}
