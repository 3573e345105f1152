//! CPU of a call over one connection for all calls, of each side and of both: what the kernel charges to the processes, user and system,
//! start and end included.

use std::time::Duration;

use super::pairs::program::{Load, Used};
use super::pairs::table::{Figures, Goal, Unit, median};
use super::{Bench, L1, OF_SIPP, T1, Table, W1, Way};

/// Goal: what TCP may take of what it takes sipp.
const MOST_TIMES_SIPP: f64 = 1.0 / 3.0;

/// Goal: what TLS may take of what TCP takes.
const MOST_TIMES_PLAIN: f64 = 2.0;

/// Name, and where its time stands.
type Side = (&'static str, fn(&Used) -> Duration);

const SIDES: [Side; 3] =
    [("uac", |used| used.caller), ("uas", |used| used.answerer), (PAIR, |used| used.caller + used.answerer)];

/// What both take together is what the goals are for.
const PAIR: &str = "both";

pub fn measure(bench: &mut Bench, table: &mut Table) {
    for rate in bench.pick([5_000, 10_000], [200, 400]) {
        let load = Load::lasting(rate, bench.pick(Duration::from_secs(3), Duration::from_millis(500)));
        let [plain, secured, web] = [T1, L1, W1].map(|way| rounds(bench, way, load));
        for (side, time) in SIDES {
            let per_call = |rounds: &[Vec<Used>; 2]| -> Figures<2> {
                let micros = |used: &Used| time(used).as_secs_f64() * 1e6 / f64::from(load.calls);
                rounds.each_ref().map(|rounds| median(rounds.iter().map(micros).collect()))
            };
            let mut add = |way: Way, what: &str, figures, decimals, goal| {
                let name = format!("{} {side}: CPU of a call at {rate} calls/s, {what}", way.name);
                table.add(name, figures, Unit::Number(decimals), goal);
            };
            let aim = |goal| if side == PAIR { goal } else { Goal::None };
            let of_plain = per_call(&plain);
            add(T1, "µs", of_plain, 1, aim(Goal::AtMostTimes { of: 0, times: MOST_TIMES_SIPP, to: OF_SIPP }));
            for (way, rounds, goal) in
                [(L1, &secured, aim(Goal::AtMost(MOST_TIMES_PLAIN))), (W1, &web, Goal::None)]
            {
                let figures = per_call(rounds);
                add(way, "µs", figures, 1, Goal::None);
                let times = figures[0].zip(of_plain[0]).map(|(figure, plain)| figure / plain);
                add(way, "times t1's", [times, None], 2, goal);
            }
        }
    }
}

/// What each program took: in turns, so that a disturbance hits both.
fn rounds(bench: &Bench, way: Way, load: Load) -> [Vec<Used>; 2] {
    let mut rounds: [Vec<Used>; 2] = Default::default();
    for _ in 0..bench.pick(3, 1) {
        let used = way.each(bench, |program| program.run(load, load.time() * 2 + Duration::from_secs(5)));
        for (rounds, used) in rounds.iter_mut().zip(used) {
            rounds.extend(used);
        }
    }
    rounds
}
