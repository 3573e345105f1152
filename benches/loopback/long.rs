//! What takes a quarter of an hour: a million calls open at once, and twenty million one after the other, during which memory must
//! not grow. rsipp alone.

use std::time::{Duration, Instant};

use super::pairs::held::{held, memory};
use super::pairs::program::{Load, RSIPP, Running};
use super::pairs::table::{Goal, Unit, median};
use super::{Bench, Table, programs};

const GIB: f64 = (1_u64 << 30) as f64;
const MIB: f64 = (1_u64 << 20) as f64;

/// Of either side, with a million calls open.
const MOST_GIB: f64 = 2.5;

/// What memory may grow by a call in the long run: less than anything that a call could leave behind, for nothing takes less than four
/// bytes. (Buffers of messages go from call to call and grow to the longest message that they ever held.)
const MOST_GROWTH: f64 = 1.0;

/// The run is looked at in so many parts, the first of which is for what must grow.
const PARTS: u32 = 10;

/// When the memory of the long run is told: these shares of the calls have been opened.
const SHARES: [f64; 3] = [0.1, 0.5, 1.0];

const SIDES: [&str; 2] = ["uac", "uas"];

pub fn measure(bench: &mut Bench, table: &mut Table) {
    open_calls(bench, table);
    one_after_the_other(bench, table);
}

fn open_calls(bench: &Bench, table: &mut Table) {
    let calls = bench.pick(1_000_000, 200);
    let sides = bench.expect(held(&RSIPP, calls, bench.pick(20_000, 200)));
    for (side, name) in SIDES.iter().enumerate() {
        let figure = sides.map(|sides| sides[side] / GIB);
        let name = format!("{name}: memory with {calls} calls open, GiB");
        table.add(name, programs(figure, None), Unit::Number(2), Goal::AtMost(MOST_GIB));
    }
}

fn one_after_the_other(bench: &Bench, table: &mut Table) {
    let calls = bench.pick(20_000_000, 1_000);
    let load = Load { rate: bench.pick(30_000, 400), calls };
    let samples = bench.expect(sampled(load)).unwrap_or_default();
    for (side, name) in SIDES.iter().enumerate() {
        let after = |share: f64| {
            let wanted = share * f64::from(calls);
            samples.iter().find(|sample| sample.opened >= wanted).map(|sample| sample.memory[side])
        };
        for share in SHARES {
            let figure = after(share).map(|bytes| bytes / MIB);
            let name = format!("{name}: memory after {:.0} calls, MiB", share * f64::from(calls));
            table.add(name, programs(figure, None), Unit::Number(0), Goal::None);
        }
        // Where the machine stands still more calls are open than ever before, which costs memory once and is no growth by calls:
        // whatever a call leaves behind is there in every part of the run.
        let parts = f64::from(PARTS);
        let grown = (1..PARTS).filter_map(|part| {
            let [begin, end] = [part, part + 1].map(|part| after(f64::from(part) / parts));
            Some((end? - begin?) * parts / f64::from(calls))
        });
        let name = format!("{name}: growth of memory by a call, in the median tenth, bytes");
        let figure = programs(median(grown.collect()), None);
        table.add(name, figure, Unit::Number(2), Goal::AtMost(MOST_GROWTH));
    }
}

/// A moment of the long run.
struct Sample {
    /// Calls opened by then.
    opened: f64,
    /// RSS in bytes of caller and answerer.
    memory: [f64; 2],
}

/// One a second.
fn sampled(load: Load) -> Result<Vec<Sample>, String> {
    let [rate, calls] = [load.rate, load.calls].map(|number| number.to_string());
    // The calls of the last seconds are held, so that both sides still have their memory when all calls have been opened.
    let words = ["-r", &rate, "-m", &calls, "-l", "0", "-d", "2500"];
    let mut running = RSIPP.start_counted(&words);
    let until = Instant::now() + load.time() * 2 + Duration::from_secs(10);
    let mut samples = Vec::new();
    while running.caller.runs() {
        if Instant::now() > until {
            return Err(format!("rsipp did not make {calls} calls at {rate}/s in twice the time planned"));
        }
        samples.extend(sample(&running));
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(samples)
}

fn sample(running: &Running) -> Option<Sample> {
    let opened = running.rows()[0].last()?.opened;
    Some(Sample { opened, memory: memory(running)? })
}
