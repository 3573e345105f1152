//! Ten thousand connections open at once, a call on each: that no call fails, and what a connection weighs in RAM and descriptors. What
//! the kernel keeps for a socket is not in it.

use std::time::Duration;

use super::pairs::held::{hold, memory};
use super::pairs::process::Process;
use super::pairs::program::Program;
use super::pairs::table::{Goal, Unit};
use super::{Bench, LN, TN, Table};

const SIDES: [&str; 2] = ["uac", "uas"];

/// With so many connections open.
#[derive(Clone, Copy)]
struct Weight {
    /// Of the caller and the answerer, in bytes.
    memory: [f64; 2],
    descriptors: [f64; 2],
}

pub fn measure(bench: &mut Bench, table: &mut Table) {
    let connections = bench.pick(10_000, 100);
    for (way, rate) in [(TN, bench.pick(500, 200)), (LN, bench.pick(1_000, 100))] {
        let half = connections / 2;
        let figures =
            way.each(bench, |program| Ok([weigh(program, half, rate)?, weigh(program, connections, rate)?]));
        let of = |figure: fn(&Weight) -> [f64; 2], side: usize| {
            figures.map(|weights| {
                weights.map(|[few, many]| {
                    (figure(&many)[side] - figure(&few)[side]) / f64::from(connections - half)
                })
            })
        };
        let held = figures.map(|weights| f64::from(u8::from(weights.is_some())));
        let held = [Some(held[0]), way.of_sipp.then_some(held[1])];
        let name = format!("{}: {connections} connections open at once, no call failed", way.name);
        table.add(name, held, Unit::YesNo, Goal::Yes);
        for (side, name) in SIDES.iter().enumerate() {
            let name = format!("{} {name}:", way.name);
            let bytes = of(|weight| weight.memory, side);
            table.add(format!("{name} memory of a connection, bytes"), bytes, Unit::Number(0), Goal::None);
            let descriptors = of(|weight| weight.descriptors, side);
            table.add(
                format!("{name} descriptors of a connection"),
                descriptors,
                Unit::Number(2),
                Goal::None,
            );
        }
    }
}

/// All calls at once, and then the end of all, well.
fn weigh(program: &Program, connections: u32, rate: u32) -> Result<Weight, String> {
    let opening = Duration::from_secs(u64::from(connections / rate));
    let held = opening + Duration::from_secs(4);
    let running = hold(program, connections, rate, &held.as_millis().to_string())?;
    let sides = [&running.caller, &running.answerer];
    let weight = memory(&running).zip(both(sides.map(descriptors)));
    let (memory, descriptors) = weight.ok_or("a side ended while calls were held")?;
    match running.finish(held * 3).status {
        Some(status) if status.success() => Ok(Weight { memory, descriptors }),
        status => Err(format!("{}: of {connections} calls some failed: {status:?}", program.name)),
    }
}

fn both([caller, answerer]: [Option<f64>; 2]) -> Option<[f64; 2]> {
    Some([caller?, answerer?])
}

/// Descriptors that a process has now; None when it has ended.
fn descriptors(process: &Process) -> Option<f64> {
    Some(std::fs::read_dir(format!("/proc/{}/fd", process.id())).ok()?.count() as f64)
}
