//! Asked for three times what it can: does a generator still do what it can, and does it say that it was the limit? It should start
//! calls late, not let them wait for answers until it sends messages again. What a full socket loses must be sent again; what
//! is sent again beyond that is a storm of the generator's own making.

use std::time::Duration;

use super::highest::found;
use super::pairs::program::{Left, Program, RSIPP, SIPP};
use super::pairs::stat_file::Row;
use super::pairs::table::{Goal, Unit};
use super::{Bench, Table, programs};

/// How much is asked, of the highest rate that it holds.
const TIMES: f64 = 3.0;

/// Rows come once a second; the last one may come late.
const SLACK: f64 = 0.7;

/// What became of it.
struct Outcome {
    /// Calls that ended well, a second.
    finished: f64,
    /// Calls that failed, up to the last row before the end.
    failed: f64,
    /// Messages that either side sent again, of a hundred calls that ended well.
    again: f64,
    /// Datagrams that found either side's socket full, of a hundred calls that ended well.
    lost: f64,
    says_so: bool,
}

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let highest = found(bench);
    let time = bench.pick(3.0, 1.0);
    let outcomes = [RSIPP, SIPP].iter().zip(highest).map(|(program, highest)| {
        let highest = highest?;
        let outcome = bench.expect(overload(program, highest * TIMES, time))?;
        Some((highest, outcome))
    });
    let [rsipp, sipp]: [Option<(f64, Outcome)>; 2] = outcomes.collect::<Vec<_>>().try_into().ok().unwrap();
    let mut add = |name: &str, figure: fn(&(f64, Outcome)) -> f64, unit, goal| {
        let figures = programs(rsipp.as_ref().map(figure), sipp.as_ref().map(figure));
        table.add(format!("overload: {name}"), figures, unit, goal);
    };
    add("calls finished a second", |(_, outcome)| outcome.finished, Unit::Number(0), Goal::None);
    let share = |(highest, outcome): &(f64, Outcome)| 100.0 * outcome.finished / highest;
    add("that, in % of its highest rate", share, Unit::Number(0), Goal::AtLeast(90.0));
    add("calls failed", |(_, outcome)| outcome.failed, Unit::Number(0), Goal::None);
    add("lost at a full socket, of 100 calls", |(_, outcome)| outcome.lost, Unit::Number(1), Goal::None);
    add("sent again, of 100 calls", |(_, outcome)| outcome.again, Unit::Number(1), Goal::None);
    let storm = |(_, outcome): &(f64, Outcome)| (outcome.again - outcome.lost).max(0.0);
    add("sent again and never lost, of 100 calls", storm, Unit::Number(1), Goal::AtMost(1.0));
    let says_so = |(_, outcome): &(f64, Outcome)| f64::from(u8::from(outcome.says_so));
    add("the generator says that it is the limit", says_so, Unit::YesNo, Goal::Yes);
}

fn overload(program: &Program, rate: f64, time: f64) -> Result<Outcome, String> {
    let mut running = program.start_counted(&["-r", &format!("{rate:.0}")]);
    // It is stopped, for no limit of calls would end it in time, and `-timeout` does not end SIPp while calls are open.
    std::thread::sleep(Duration::from_secs_f64(time));
    let lost = running.lost() as f64;
    std::thread::sleep(Duration::from_secs_f64(SLACK));
    if !running.caller.runs() {
        return Err(format!("{}: ended by itself when asked for {rate:.0} calls/s", program.name));
    }
    let Left { caller, answerer, verdict, .. } = running.stop();
    let too_few = || format!("{}: wrote too few rows at {rate:.0} calls/s", program.name);
    let first = caller.first().ok_or_else(too_few)?;
    let until = first.at + time + SLACK / 2.0;
    let last = last_before(&caller, until).filter(|last| last.successful > 0.0).ok_or_else(too_few)?;
    let answerer = last_before(&answerer, until).ok_or_else(too_few)?;
    let of_hundred = |count: f64| 100.0 * count / last.successful;
    Ok(Outcome {
        finished: last.successful / (last.at - first.at),
        failed: last.failed,
        again: of_hundred(last.again + answerer.again),
        lost: of_hundred(lost),
        says_so: verdict.generator_limited,
    })
}

fn last_before(rows: &[Row], until: f64) -> Option<&Row> {
    rows.iter().rev().find(|row| row.at <= until)
}
