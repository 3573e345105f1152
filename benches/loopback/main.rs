//! rsipp beside sipp, on loopback, in one run: CPU per call, highest rate, time from exec to the first INVITE. Budgets: design.md.
//!
//! `cargo bench --bench loopback` takes about two minutes and wants a machine with nothing else to do; `-- --test` runs
//! everything once, tiny, and says nothing about speed.
//!
//! Each pair is the built-in `uac` against the built-in `uas` of the same program, with their defaults but for equally large
//! socket buffers, one core each (`taskset`). CPU is what the kernel charges to both processes, user and system, start and end
//! included.
//!
//! The ruler is a pair that only moves datagrams of the same number and sizes (`floor`): as for CPU, nobody can do with much
//! less. As for the highest rate it is no bound: it repeats nothing, so one datagram lost is a call lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a bench talks to real programs over real sockets and stops at the first thing that is not as it should be"
)]

mod floor;
mod pair;

use std::time::Duration;

use pair::{Load, Pair, Used};

/// How much is measured.
struct Plan {
    /// For CPU per call.
    steady: Load,
    /// Each program's turns at that; the median counts.
    rounds: usize,
    /// Where the search for the highest rate starts, and how long each rate is tried; None: no search.
    search: Option<(u32, Duration)>,
    /// Starts that exec-to-INVITE is the median of.
    starts: usize,
}

const FULL: Plan = Plan {
    steady: Load { rate: 5_000, calls: 30_000 },
    rounds: 3,
    search: Some((5_000, Duration::from_secs(3))),
    starts: 9,
};

const TINY: Plan = Plan { steady: Load { rate: 200, calls: 100 }, rounds: 1, search: None, starts: 1 };

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if floor::is_asked_for(&arguments) {
        return;
    }
    let plan = if arguments.iter().any(|argument| argument == "--test") { TINY } else { FULL };
    pair::require_sipp();
    let sizes = pair::message_sizes();
    let pairs = [Pair::rsipp(), Pair::sipp(), Pair::floor(&sizes)];
    println!("sizes of a call's six datagrams: {sizes:?} bytes");
    cpu_per_call(&plan, &pairs);
    let [rsipp, sipp, _] = &pairs;
    if let Some((from, time)) = plan.search {
        highest_rate(from, time, &pairs);
    }
    exec_to_invite(plan.starts, rsipp, sipp);
}

fn cpu_per_call(plan: &Plan, pairs: &[Pair; 3]) {
    let Load { rate, calls } = plan.steady;
    println!(
        "\nCPU per call at {rate} calls/s, {calls} calls, median of {} (µs: caller + answerer = both)",
        plan.rounds
    );
    let mut rounds: [Vec<Used>; 3] = Default::default();
    // In turns, so that a disturbance hits all of them.
    for _ in 0..plan.rounds {
        for (pair, used) in pairs.iter().zip(&mut rounds) {
            match pair.run(plan.steady) {
                Ok(run) => used.push(run),
                Err(why) => println!("  {:6} a round without a result: {why}", pair.name()),
            }
        }
    }
    let per_call = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(calls);
    let mut both = [f64::NAN; 3];
    for ((pair, used), both) in pairs.iter().zip(&mut rounds).zip(&mut both) {
        used.sort_by_key(Used::both);
        let Some(median) = used.get(used.len() / 2) else { continue };
        *both = per_call(median.both());
        let [caller, answerer] = [median.caller, median.answerer].map(per_call);
        println!("  {:6} {caller:6.1} + {answerer:6.1} = {both:6.1}", pair.name());
    }
    print_ratios(both);
    if rounds[0].is_empty() {
        println!("  rsipp did not hold the rate: this machine was busy, or rsipp has a bug");
        std::process::exit(1);
    }
}

fn print_ratios([rsipp, sipp, floor]: [f64; 3]) {
    println!(
        "  rsipp/sipp {:.2}   rsipp/floor {:.2}   sipp/floor {:.2}",
        rsipp / sipp,
        rsipp / floor,
        sipp / floor
    );
}

fn highest_rate(from: u32, time: Duration, pairs: &[Pair; 3]) {
    println!("\nhighest rate held for {time:?} without a failed call (calls/s, to 5 %)");
    let rates = pairs.each_ref().map(|pair| {
        let rate = search(from, |rate| pair.holds(rate, time));
        println!("  {:6} {rate}", pair.name());
        f64::from(rate)
    });
    print_ratios(rates);
}

/// The highest rate that is held: doubles, or halves, until it is between two, then narrows that.
fn search(from: u32, holds: impl Fn(u32) -> bool) -> u32 {
    let (mut good, mut bad) = (0, from);
    while bad < 2_000_000 && holds(bad) {
        (good, bad) = (bad, bad * 2);
    }
    while good == 0 && bad > 1 {
        let half = bad / 2;
        if holds(half) { good = half } else { bad = half }
    }
    while f64::from(bad) > f64::from(good) * 1.05 {
        let middle = good.midpoint(bad);
        if holds(middle) { good = middle } else { bad = middle }
    }
    good
}

fn exec_to_invite(starts: usize, rsipp: &Pair, sipp: &Pair) {
    println!("\nfrom exec to the first INVITE, default options, median of {starts} (ms)");
    let [rsipp, sipp] = [rsipp, sipp].map(|pair| {
        let mut times: Vec<Duration> = (0..starts).map(|_| pair.exec_to_invite()).collect();
        times.sort();
        let millis = times[starts / 2].as_secs_f64() * 1e3;
        println!("  {:6} {millis:.1}", pair.name());
        millis
    });
    println!("  rsipp/sipp {:.3}", rsipp / sipp);
}
