//! What the outside asks of the engine while it runs.
//! Spec: runtime.md §2, §15; cli.md §8, §12, §14, §15. Signals, keys, the remote control and the command language all end up here.

/// What the outside asks of the engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Key `q`, SIGUSR1: no new calls; a second time (or once `-m` was reached): abort all.
    Quit,
    /// Key `Q`: abort all.
    QuitNow,
    /// `-timeout` is over: abort all.
    TimeUp,
    /// `-m` is reached, `stop_gracefully`, in another worker: no new calls.
    NoMoreCalls,
    /// The other side of a test that one process runs alone has finished: no new calls, and calls in their time-wait are over.
    PeerDone,
    /// Key `p`: no new calls, or new calls again.
    TogglePause,
    /// Keys `+ - * /`: rate or users by so many times `-rate_scale` (1, -1, 10, -10).
    Adjust(i32),
    /// `set rate`: calls per period, at least 0.
    SetRate(f64),
    /// `set rate-scale`
    SetRateScale(f64),
    /// `set users`
    SetUsers(u32),
    /// `set limit`: fixed from then on; None is no limit.
    SetLimit(Option<u64>),
    /// `reset stats`: counters begin anew, calls in progress stay counted as open.
    ResetStats,
    /// `dump tasks`: each open call as a warning.
    DumpTasks,
    /// `dump variables`: names of the variables by scope, as warnings.
    DumpVariables,
}
