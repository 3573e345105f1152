//! The screens of real runs: built-in `uac` and `uas` against each other with sipp 3.6.1, in the form of 3.7 (index before
//! each row) and with the figures that SIPp gets wrong put right.

use super::*;
use crate::inject::FileIx;
use crate::message::{Automatic, Template};
use crate::scenario::plan::{
    CounterIx, Display, Expected, Keeps, Marks, Method, Outgoing, PauseLength, Presence, Recv, Role, Rtd,
    RtdIx, Send, Step, StepKind, Stop, VarIx, VariableNames,
};
use crate::stats::StepCounts;

struct NoNames;

impl crate::message::Names for NoNames {
    fn variable(&mut self, _: &str) -> VarIx {
        VarIx::Call(0)
    }
    fn has_variable(&self, _: &str) -> bool {
        false
    }
    fn key(&self, _: &str) -> Option<&str> {
        None
    }
    fn file(&self, _: Option<&str>) -> Option<FileIx> {
        None
    }
}

fn step(kind: StepKind) -> Step {
    Step {
        kind,
        line: 1,
        condexec: None,
        next: None,
        on_timeout: None,
        marks: Marks::default(),
        lost: None,
        actions: Box::default(),
        display: Display::default(),
    }
}

fn send(what: Outgoing, retrans_ms: Option<u64>) -> Step {
    let template = Template::parse(b"", &mut NoNames).unwrap();
    step(StepKind::Send(Box::new(Send {
        template,
        what,
        retrans: retrans_ms.map(Span::from_millis),
        timeout: None,
        txn: None,
    })))
}

fn recv(expects: Expected) -> Step {
    step(StepKind::Recv(Box::new(Recv {
        expects,
        presence: Presence::Mandatory,
        timeout: None,
        record_route: false,
        stores_challenge: false,
        methods_above: None,
        txn: None,
        advances: true,
    })))
}

fn request(method: &str) -> Outgoing {
    Outgoing::Request(Method::from_text(method))
}

fn answer(code: u16) -> Expected {
    Expected::Response { code, text: code.to_string().into() }
}

fn stopping(mut step: Step) -> Step {
    step.marks.stop = Some(Stop { rtd: RtdIx(0), repeat: false });
    step
}

fn with_blank_line(mut step: Step) -> Step {
    step.display.blank_line_after = true;
    step
}

fn plan(role: Role, steps: Vec<Step>, rtds: &[&str], counters: &[&str]) -> Plan {
    Plan {
        name: String::new(),
        file: String::new(),
        role,
        steps: steps.into(),
        variables: VariableNames::default(),
        rtds: rtds.iter().map(|name| Rtd { name: name.to_string(), borders: Box::default() }).collect(),
        counters: counters.iter().map(|name| name.to_string()).collect(),
        call_length_borders: Box::default(),
        nominal_pauses_ms: 0.0,
        default_pauses: 0,
        keeps: Keeps::default(),
        txns: Box::default(),
        init: None,
        automatic: Automatic::new().unwrap(),
        unexpected: None,
        credentials: Default::default(),
    }
}

fn stats(plan: &Plan) -> Stats {
    let borders: Vec<Box<[u32]>> = plan.rtds.iter().map(|rtd| rtd.borders.clone()).collect();
    Stats::new(plan.steps.len(), plan.counters.len(), &borders, &plan.call_length_borders)
}

/// Ticks count from 2026-11-22 02:16:43.700000 UTC.
const CLOCK: WallClock = WallClock { epoch_micros_at_zero: 1_795_313_803_700_000, utc_offset_seconds: 0 };

fn client(load: Load) -> Head {
    Head {
        side: Side::Client { load, limit: 15, remote: ("127.0.0.1".to_string(), 26_771) },
        honours_hide: true,
        default_pause: Span::ZERO,
        calls_to_make: Some(5),
        local_port: 26_772,
        transport: "UDP",
        auto_answer: false,
        loses: false,
        open_sockets: 0,
        tasks: Tasks { running: 0, paused: 7, woken_up: 13 },
        circuits: None,
    }
}

fn server() -> Head {
    Head {
        side: Side::Server,
        local_port: 26_771,
        tasks: Tasks { running: 0, paused: 5, woken_up: 22 },
        ..client(five_a_second())
    }
}

fn five_a_second() -> Load {
    Load::Rate { calls: 5.0, period: Span::from_millis(1_000), steady: None }
}

fn at_end<'a>(plan: &'a Plan, stats: &'a Stats, head: &'a Head, now: u64) -> Snapshot<'a> {
    let (started, now) = (Tick::from_micros(18_058), Tick::from_micros(now));
    Snapshot { plan, stats, head, clock: CLOCK, started, now, period: None }
}

/// The built-in `uac`.
fn uac() -> Plan {
    let steps = vec![
        send(request("INVITE"), Some(500)),
        recv(answer(100)),
        recv(answer(180)),
        recv(answer(183)),
        stopping(recv(answer(200))),
        send(request("ACK"), None),
        step(StepKind::Pause(PauseLength::Default)),
        send(request("BYE"), Some(500)),
        with_blank_line(recv(answer(200))),
    ];
    plan(Role::Client, steps, &["1"], &[])
}

/// outputs.md §15.1, §15.3-§15.5, §16.1: `sipp -sn uac -m 5 -r 5`, five calls.
#[test]
fn a_client_that_made_its_calls_closes_like_sipp() {
    let plan = uac();
    let mut stats = stats(&plan);
    (stats.outgoing, stats.successful, stats.peak) = (5, 5, 1);
    for index in [0, 2, 4, 5, 6, 7, 8] {
        stats.steps[index].messages = 5;
    }
    stats.response_times[0].record(Span::from_millis(2));
    stats.call_length.record(Span::from_millis(1_006));
    let head = client(five_a_second());
    let shown = closing(Screen::Scenario, &at_end(&plan, &stats, &head, 1_030_309));
    let expected = "\
------------------------------ Scenario Screen -------- [1-9]: Change Screen --
  Call rate (length)   Port   Total-time  Total-calls  Remote-host
  5.0(0 ms)/1.000s   26772      1.03 s            5  127.0.0.1:26771(UDP)

  Call limit 5 hit, 0.0 s period          0 ms scheduler resolution            $
  0 calls (limit 15)                      Peak was 1 calls, after 0 s
  0 Running, 7 Paused, 13 Woken up
  0 dead call msg (discarded)             0 out-of-call msg (discarded)
  0 open sockets                          0/0/0 UDP errors (send/recv/cong)
  0 Total RTP pckts sent                  0.000 last period RTP rate (kB/s)

                                 Messages  Retrans   Timeout   Unexpected-Msg
0 :      INVITE ---------->         5         0         0                            $
1 :         100 <----------         0         0         0         0                  $
2 :         180 <----------         5         0         0         0                  $
3 :         183 <----------         0         0         0         0                  $
4 :         200 <----------  E-RTD1 5         0         0         0                  $
5 :         ACK ---------->         5         0                                      $
6 :       Pause [      0ms]         5                             0        $
7 :         BYE ---------->         5         0         0                            $
8 :         200 <----------         5         0         0         0                  $

------------------------------ Test Terminated --------------------------------
----------------------------- Statistics Screen ------- [1-9]: Change Screen --
  Start Time             | 2026-11-22	02:16:43.718058	1795313803.718058         $
  Last Reset Time        | 2026-11-22	02:16:44.730309	1795313804.730309         $
  Current Time           | 2026-11-22	02:16:44.730309	1795313804.730309         $
-------------------------+---------------------------+--------------------------
  Counter Name           | Periodic value            | Cumulative value
-------------------------+---------------------------+--------------------------
  Elapsed Time           | 00:00:00:000000           | 00:00:01:012000          $
  Call Rate              |    0.000 cps              |    4.941 cps             $
-------------------------+---------------------------+--------------------------
  Incoming calls created |        0                  |        0                 $
  Outgoing calls created |        0                  |        5                 $
  Total Calls created    |                           |        5                 $
  Current Calls          |        0                  |                          $
-------------------------+---------------------------+--------------------------
  Successful call        |        0                  |        5                 $
  Failed call            |        0                  |        0                 $
-------------------------+---------------------------+--------------------------
  Response Time 1        | 00:00:00:000000           | 00:00:00:002000          $
  Call Length            | 00:00:00:000000           | 00:00:01:006000          $
------------------------------ Test Terminated --------------------------------
";
    assert_eq!(shown, expected.replace("$\n", "\n"));
}

/// outputs.md §15.2-§15.4: `sipp -sn uas -m 5`, five calls. The rows, and the head that differs.
#[test]
fn a_server_closes_in_the_server_layout() {
    let steps = vec![
        with_blank_line(recv(Expected::Request("INVITE".into()))),
        send(Outgoing::Response(180), None),
        send(Outgoing::Response(200), Some(500)),
        with_blank_line(stopping(recv(Expected::Request("ACK".into())))),
        recv(Expected::Request("BYE".into())),
        send(Outgoing::Response(200), None),
        step(StepKind::TimeWait(PauseLength::Fixed(Span::from_millis(4_000)))),
    ];
    let plan = plan(Role::Server, steps, &["1"], &[]);
    let mut stats = stats(&plan);
    (stats.incoming, stats.peak, stats.peak_at_s) = (5, 5, 1);
    for counts in &mut stats.steps {
        counts.messages = 5;
    }
    let head = server();
    let shown = closing(Screen::Scenario, &at_end(&plan, &stats, &head, 5_020_000));
    let expected = "\
------------------------------ Scenario Screen -------- [1-9]: Change Screen --
  Port   Total-time  Total-calls  Transport
  26771      5.02 s            5  UDP

  Call limit 5 hit, 0.0 s period          0 ms scheduler resolution            $
  0 calls                                 Peak was 5 calls, after 1 s
  0 Running, 5 Paused, 22 Woken up
  0 dead call msg (discarded)           $
  0 open sockets                          0/0/0 UDP errors (send/recv/cong)
  0 Total RTP pckts sent                  0.000 last period RTP rate (kB/s)

                                 Messages  Retrans   Timeout   Unexpected-Msg
0 :  ----------> INVITE             5         0         0         0                  $

1 :  <---------- 180                5         0                                      $
2 :  <---------- 200                5         0         0                            $
3 :  ----------> ACK         E-RTD1 5         0         0         0                  $

4 :  ----------> BYE                5         0         0         0                  $
5 :  <---------- 200                5         0                                      $
6 :  [   4000ms] Pause              5                             0        $
------------------------------ Test Terminated --------------------------------
";
    let scenario_screen = shown.split_inclusive("Terminated --------------------------------\n").next();
    assert_eq!(scenario_screen, Some(expected.replace("$\n", "\n").as_str()));
    assert!(
        shown
            .contains("\n  Incoming calls created |        0                  |        5                 \n")
    );
}

/// The rows of the message table of a client with these steps.
fn rows(steps: Vec<Step>, variables: &[&str], counts: StepCounts) -> Vec<String> {
    let mut plan = plan(Role::Client, steps, &["a", "b"], &[]);
    plan.variables.call = variables.iter().map(|name| name.to_string()).collect();
    let mut stats = stats(&plan);
    stats.steps.fill(counts);
    let head = client(five_a_second());
    let shown = closing(Screen::Scenario, &at_end(&plan, &stats, &head, 0));
    let titles =
        if plan.steps.iter().any(|step| step.lost.is_some()) { "Lost\n" } else { "Unexpected-Msg\n" };
    let table = shown.split(titles).nth(1).unwrap();
    table.lines().take_while(|line| !line.contains("Terminated")).map(str::to_string).collect()
}

/// outputs.md §15.4: the index is the real one; `display` is for nop only.
#[test]
fn hidden_steps_leave_gaps_in_the_numbers() {
    let mut hidden = step(StepKind::Nop);
    hidden.display.hidden = true;
    let mut titled = with_blank_line(step(StepKind::Nop));
    titled.display.text = Some("-- phase two --".to_string());
    let rows = rows(vec![step(StepKind::Nop), hidden, titled], &[], StepCounts::default());
    assert_eq!(rows, ["0 :              [ NOP ]              ", "2 : -- phase two --", ""]);
}

/// outputs.md §15.4: dropped messages have a column of their own, and none is shown as nothing.
#[test]
fn lost_messages_are_shown_in_the_last_column() {
    let mut lossy = send(request("INFO"), None);
    lossy.lost = Some(100.0);
    let counts = StepCounts { messages: 4, lost: 3, ..StepCounts::default() };
    let rows = rows(vec![lossy, recv(answer(200))], &[], counts);
    assert_eq!(
        rows,
        [
            "0 :        INFO ---------->         4         0                             3        ",
            "1 :         200 <----------         4         0         0         0         3        "
        ]
    );
}

/// cli.md §4.3: `-lost` alone brings the column.
#[test]
fn the_lost_column_is_there_with_lost_on_the_command_line() {
    let plan = plan(Role::Client, vec![send(request("INFO"), None)], &[], &[]);
    let stats = stats(&plan);
    let mut head = client(five_a_second());
    assert!(!closing(Screen::Scenario, &at_end(&plan, &stats, &head, 0)).contains("Lost"));
    head.loses = true;
    assert!(closing(Screen::Scenario, &at_end(&plan, &stats, &head, 0)).contains("Unexp.    Lost"));
}

/// outputs.md §15.4: the ordinal, and only the start when a step does both.
#[test]
fn a_timer_mark_shows_the_start_before_the_stop() {
    let mut both = stopping(send(request("INVITE"), Some(500)));
    both.marks.start = Some(RtdIx(1));
    both.marks.counter = Some(CounterIx(0));
    let counts = StepCounts { messages: 4, retransmissions: 3, timeouts: 2, unexpected: 1, lost: 0 };
    let rows = rows(vec![both, stopping(recv(answer(180)))], &[], counts);
    assert_eq!(
        rows,
        [
            "0 :      INVITE ---------->  B-RTD2 4         3         2                            ",
            "1 :         180 <----------  E-RTD1 4         3         2         1                  "
        ]
    );
}

/// outputs.md §15.4: a variable's name is cut to 22 characters (seen with sipp 3.6.1); a step that expects nothing.
#[test]
fn odd_steps_keep_their_shapes() {
    let long = step(StepKind::Pause(PauseLength::Variable(VarIx::Call(0))));
    let short = step(StepKind::TimeWait(PauseLength::Variable(VarIx::Call(1))));
    let rows = rows(
        vec![long, short, recv(Expected::Nothing), send(request("SUBSCRIBEREFRESHXY"), None)],
        &["averyveryverylongvariablename", "v2"],
        StepCounts { messages: 4, unexpected: 7, ..StepCounts::default() },
    );
    assert_eq!(
        rows,
        [
            "0 :       Pause [$averyveryverylongvari]4                             7        ",
            "1 :       Pause [      $v2]         4                             7        ",
            "2 :            [ recv? ]              ",
            "3 :  SUBSCRIBEREFRESHXY ---------->         4         0                                      ",
        ]
    );
}

/// outputs.md §15.3: `-users`, `-aa`, and a run without `-m`.
#[test]
fn head_lines_follow_the_options() {
    let plan = uac();
    let mut stats = stats(&plan);
    (stats.outgoing, stats.auto_answered, stats.send_errors, stats.receive_errors) = (4, 3, 2, 1);
    let mut head = client(Load::Users(2));
    (head.auto_answer, head.calls_to_make, head.local_port) = (true, None, 26_002);
    let shown = closing(Screen::Scenario, &at_end(&plan, &stats, &head, 10_000));
    for line in [
        "  Users (length)   Port   Total-time  Total-calls  Remote-host\n",
        "  2 (0 ms)   26002      0.01 s            4  127.0.0.1:26771(UDP)\n",
        "  0 new calls during 0.000 s period       0 ms scheduler resolution            \n",
        "  3 requests auto-answered\n",
        "  0 open sockets                          2/1/0 UDP errors (send/recv/cong)\n",
    ] {
        assert!(shown.contains(line), "{line}{shown}");
    }
}

/// outputs.md §15.3, §16.1: at a SIGINT the period that runs is shown.
#[test]
fn a_run_cut_short_shows_the_running_period() {
    let plan = plan(Role::Client, vec![step(StepKind::Nop)], &["setup-time"], &["refused"]);
    let mut before = stats(&plan);
    (before.outgoing, before.successful) = (20, 14);
    before.response_times[0].record(Span::from_millis(8));
    let mut stats = before.clone();
    (stats.outgoing, stats.successful, stats.current) = (23, 18, 5);
    stats.counters[0] = 9;
    stats.response_times[0].record(Span::from_millis(2));
    let mut head = client(five_a_second());
    head.calls_to_make = Some(100);
    let mut snapshot = at_end(&plan, &stats, &head, 4_618_058);
    let period = Period { began: Tick::from_micros(4_017_058), before: &before, resolution_ms: 1 };
    snapshot.period = Some(period);
    let shown = closing(Screen::Scenario, &snapshot);
    for line in [
        "  3 new calls during 0.601 s period       1 ms scheduler resolution            \n",
        "  Last Reset Time        | 2026-11-22\t02:16:47.717058\t1795313807.717058         \n",
        "  Elapsed Time           | 00:00:00:601000           | 00:00:04:600000          \n",
        "  Call Rate              |    4.992 cps              |    5.000 cps             \n",
        "  Outgoing calls created |        3                  |       23                 \n",
        "  Current Calls          |        5                  |                          \n\
         -------------------------+---------------------------+--------------------------\n\
         \u{20} Counter refused        |        9                  |        9                 \n\
         -------------------------+---------------------------+--------------------------\n",
        "  Successful call        |        4                  |       18                 \n",
        "  Response Time setup-ti | 00:00:00:002000           | 00:00:00:005000          \n",
    ] {
        assert!(shown.contains(line), "{line}{shown}");
    }
    let limited = Head { calls_to_make: Some(23), ..head.clone() };
    assert!(
        closing(Screen::Scenario, &Snapshot { head: &limited, ..snapshot })
            .contains("  Call limit 23 hit, 0.6 s period         1 ms")
    );
}

/// outputs.md §15.3: 20 characters of address, 99 of a line.
#[test]
fn long_texts_are_cut() {
    let mut long = step(StepKind::Nop);
    long.display.text = Some("é".repeat(200));
    let plan = plan(Role::Client, vec![long], &[], &[]);
    let stats = stats(&plan);
    let mut head = client(five_a_second());
    let remote = ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff".to_string(), 5060);
    head.side = Side::Client { load: five_a_second(), limit: 1, remote };
    let shown = closing(Screen::Scenario, &at_end(&plan, &stats, &head, 0));
    assert!(shown.contains("  2001:db8:aaaa:bbbb:c:5060(UDP)\n"));
    assert!(shown.lines().all(|line| line.chars().count() <= 99));
}

/// A screen with these figures, up to its footer.
pub fn drawn(plan: &Plan, screen: Screen, count: impl FnOnce(&mut Stats)) -> String {
    let mut text = String::new();
    look(plan, count, |snapshot| append(screen, snapshot, &mut text));
    text
}

/// Looks at a client after a second.
pub fn look(plan: &Plan, count: impl FnOnce(&mut Stats), at: impl FnOnce(&Snapshot<'_>)) {
    let mut stats = stats(plan);
    count(&mut stats);
    let head = client(Load::Users(1));
    let now = Tick::from_millis(1_000);
    at(&Snapshot { plan, stats: &stats, head: &head, clock: CLOCK, started: Tick::ZERO, now, period: None });
}

/// outputs.md §17: which screens, each with header, last error and footer, back to back.
#[test]
fn a_dump_has_all_screens_but_actions_one_after_the_other() {
    let plan = crate::report::test_plan::plan_of(
        "<scenario><recv request='A' rtd='1'/><nop rtd='b'/><nop rtd='c'/></scenario>",
    );
    let (stats, head) = (stats(&plan), client(Load::Users(1)));
    let snapshot = Snapshot {
        plan: &plan,
        stats: &stats,
        head: &head,
        clock: CLOCK,
        started: Tick::ZERO,
        now: Tick::ZERO,
        period: None,
    };
    let titles = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("----") || line.starts_with("Last"));
        lines
            .filter(|line| !line.contains('+'))
            .map(|line| line.trim_matches(['-', ' ']).to_owned())
            .collect()
    };
    let waiting = "Waiting for active calls to end. Press [q] again to force exit.";
    let title = |name: &str, dashes: &str| format!("{name} {dashes} [1-9]: Change Screen");
    let names = [
        ("Scenario Screen", "--------"),
        ("Statistics Screen", "-------"),
        ("Repartition Screen", "-------"),
        ("Repartition 2 Screen", "------"),
        ("Repartition 3 Screen", "------"),
    ];
    let quiet: Vec<_> =
        names.iter().flat_map(|(name, dashes)| [title(name, dashes), waiting.to_owned()]).collect();
    assert_eq!(titles(&dump(&snapshot, Footer::Draining, None)), quiet);
    let troubled = dump(&snapshot, Footer::Draining, Some(b"Aborting call\nmore"));
    assert_eq!(troubled.matches("\nLast Error: Aborting call...\n-------").count(), 5);
}

/// outputs.md §14.3.
#[test]
fn headers_and_footers_are_79_characters_wide() {
    let plan = crate::report::test_plan::plan_of("<scenario><recv request='A'/></scenario>");
    for key in '0'..='9' {
        let Some(screen) = Screen::of_key(key) else { continue };
        let text = drawn(&plan, screen, |_| {});
        assert_eq!(text.lines().next().unwrap().len(), 79, "{key}");
    }
    use Footer::{Client, Draining, ForcedToEnd, Paused, Server, Terminated};
    for footer in [Terminated, Draining, ForcedToEnd, Paused, Client, Server] {
        assert_eq!(footer.line().len(), 80, "{footer:?}");
    }
    assert_eq!(Screen::of_key('0'), None);
}

/// cli.md §14, `set hide false`.
#[test]
fn hidden_steps_are_listed_when_the_user_wants_to_see_them() {
    let mut hidden = step(StepKind::Nop);
    hidden.display.hidden = true;
    let plan = plan(Role::Client, vec![hidden], &[], &[]);
    let stats = stats(&plan);
    let head = Head { honours_hide: false, ..client(five_a_second()) };
    assert!(
        closing(Screen::Scenario, &at_end(&plan, &stats, &head, 0)).contains("\n0 :              [ NOP ]")
    );
}

/// cli.md §7.3, outputs.md §16.1: the screen that was looked at comes first; who looked at the statistics gets only them.
#[test]
fn the_closing_screens_are_the_one_that_was_looked_at_and_the_statistics() {
    let plan = uac();
    let (stats, head) = (stats(&plan), client(five_a_second()));
    let snapshot = at_end(&plan, &stats, &head, 0);
    let alone = closing(Screen::Statistics, &snapshot);
    assert!(alone.starts_with("----------------------------- Statistics Screen"), "{alone}");
    assert_eq!(alone.matches("Test Terminated").count(), 1);
    for (screen, title) in [
        (Screen::Scenario, "------------------------------ Scenario Screen"),
        (Screen::Repartition(0), "---------------------------- Repartition Screen"),
        (Screen::Variables, "----------------------------- Variables Screen"),
    ] {
        let both = closing(screen, &snapshot);
        assert!(both.starts_with(title) && both.ends_with(&alone), "{both}");
        assert_eq!(both.matches("Test Terminated").count(), 2);
    }
}
