//! Calls that are established and held, and what either side has in RAM meanwhile.

use std::time::{Duration, Instant};

use super::process::Process;
use super::program::{Program, Running};

/// How long a call is held when it is to stay until the run is ended, in ms.
pub const TO_THE_END: &str = "600000";

/// A run that holds so many calls now, each for so many ms.
pub fn hold(program: &Program, calls: u32, rate: u32, for_ms: &str) -> Result<Running, String> {
    let words = ["-r", &rate.to_string(), "-m", &calls.to_string(), "-l", "0", "-d", for_ms];
    let mut running = program.start_counted(&words);
    let until = Instant::now() + Duration::from_secs(20 + u64::from(2 * calls / rate));
    let everything = f64::from(calls);
    loop {
        let [caller, answerer] = running.rows().map(|rows| rows.last().copied().unwrap_or_default());
        if caller.open == everything && answerer.open == everything {
            break;
        }
        if caller.failed > 0.0 || Instant::now() > until || !running.caller.runs() {
            let name = program.name;
            return Err(format!("{name}: did not hold {calls} calls, but {caller:?} and {answerer:?}"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    // The ACKs of the last calls are on their way, and a program may tidy up.
    std::thread::sleep(Duration::from_millis(700));
    Ok(running)
}

/// RSS in bytes of caller and answerer while so many calls are held.
pub fn held(program: &Program, calls: u32, rate: u32) -> Result<[f64; 2], String> {
    let running = hold(program, calls, rate, TO_THE_END)?;
    memory(&running).ok_or_else(|| "a side ended while calls were held".to_owned())
}

/// RSS in bytes of both sides now; None when one has ended.
pub fn memory(running: &Running) -> Option<[f64; 2]> {
    let [caller, answerer] = [&running.caller, &running.answerer].map(Process::memory);
    Some([caller? as f64, answerer? as f64])
}
