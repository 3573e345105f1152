//! The lines above the message table of the scenario screen.
//! Spec: outputs.md §15.3. In: a snapshot. Out: lines. The `open sockets` line appears once and the RTP line is always
//! there (both Bugs of SIPp, §15.3), so that the number of lines is SIPp's.

use super::screen::{Load, Side, Snapshot, push_line};
use crate::clock::Tick;

pub(super) fn append(snapshot: &Snapshot<'_>, out: &mut String) {
    let (stats, head) = (snapshot.stats, snapshot.head);
    let values = values(snapshot);
    match &head.side {
        Side::Server => {
            push_line("  Port   Total-time  Total-calls  Transport", out);
            push_line(&format!("  {values}  {}", head.transport), out);
        }
        Side::Client { load, remote: (host, port), .. } => {
            let (title, pace) = pace(*load, head.default_pause.millis());
            push_line(&format!("  {title} (length)   Port   Total-time  Total-calls  Remote-host"), out);
            push_line(&format!("  {pace}   {values}  {host:.20}:{port}({})", head.transport), out);
        }
    }
    out.push('\n');
    push_line(&period(snapshot), out);
    let calls = match &head.side {
        Side::Server => format!("{} calls", stats.current),
        Side::Client { limit, .. } => format!("{} calls (limit {limit})", stats.current),
    };
    push_pair(&calls, &format!("Peak was {} calls, after {} s", stats.peak, stats.peak_at_s), out);
    let tasks = head.tasks;
    push_line(
        &format!("  {} Running, {} Paused, {} Woken up", tasks.running, tasks.paused, tasks.woken_up),
        out,
    );
    let dead = format!("{} dead call msg (discarded)", stats.dead_call);
    match &head.side {
        Side::Server => push_line(&format!("  {dead:<38}"), out),
        Side::Client { .. } => {
            push_pair(&dead, &format!("{} out-of-call msg (discarded)", stats.out_of_call), out);
        }
    }
    if head.auto_answer {
        push_line(&format!("  {} requests auto-answered", stats.auto_answered), out);
    }
    push_pair(
        &format!("{} open sockets", head.open_sockets),
        &format!(
            "{}/{}/{} {} errors (send/recv/cong)",
            stats.send_errors, stats.receive_errors, stats.congestions, head.transport
        ),
        out,
    );
    push_pair("0 Total RTP pckts sent ", "0.000 last period RTP rate (kB/s)", out);
}

/// Port, time and calls: the part that both layouts share.
fn values(snapshot: &Snapshot<'_>) -> String {
    let hundredths = snapshot.now.since(Tick::ZERO).millis() / 10;
    format!(
        "{:<5} {:>6}.{:02} s     {:>8}",
        snapshot.head.local_port,
        hundredths / 100,
        hundredths % 100,
        snapshot.stats.created()
    )
}

/// Title and value of the first column of a client.
fn pace(load: Load, default_pause_ms: u64) -> (&'static str, String) {
    match load {
        Load::Rate { calls, period, .. } => {
            let period_s = period.millis() as f64 / 1_000.0;
            ("Call rate", format!("{calls:.1}({default_pause_ms} ms)/{period_s:.3}s"))
        }
        Load::Users(users) => ("Users", format!("{users} ({default_pause_ms} ms)")),
    }
}

fn period(snapshot: &Snapshot<'_>) -> String {
    let created = snapshot.stats.created();
    let (span_ms, new_calls, resolution_ms) = match &snapshot.period {
        Some(period) => (
            snapshot.now.since(period.began).millis(),
            created.saturating_sub(period.before.created()),
            period.resolution_ms,
        ),
        None => (0, 0, 0),
    };
    let left = match snapshot.head.calls_to_make {
        Some(limit) if created >= limit => {
            format!("Call limit {limit} hit, {}.{} s period ", span_ms / 1_000, span_ms % 1_000 / 100)
        }
        _ => format!("{new_calls} new calls during {}.{:03} s period", span_ms / 1_000, span_ms % 1_000),
    };
    format!("  {left:<38.38}  {:<37.37}", format!("{resolution_ms} ms scheduler resolution"))
}

fn push_pair(left: &str, right: &str, out: &mut String) {
    push_line(&format!("  {left:<38}  {right}"), out);
}
