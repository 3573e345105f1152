//! What a template can see of the call that renders it.
//! Spec: keywords.md §7. Borrowed from the engine for one rendering.

use std::io;
use std::path::Path;

use super::Signer;
use crate::clock::{Tick, WallClock};
use crate::engine::circuits::CircuitName;
use crate::engine::variable::Variables;
use crate::inject::{Files, Lines};

/// State behind the keywords that differ from call to call or from moment to moment.
pub struct Scene<'a> {
    /// `[call_number]`
    pub call_number: u64,
    /// `[local_port]`
    pub local_port: u16,
    /// `[transport]`
    pub transport: &'static str,
    /// `[call_id]`
    pub call_id: &'a [u8],
    /// `[cseq]`
    pub cseq: u32,
    /// `[userid]`: 1..=N with `-users`, else 0.
    pub user_id: u32,
    /// `[users]`: the target, -1 without `-users`.
    pub users: i64,
    /// `[msg_index]`: of the sending step; -1 in actions and automatic messages.
    pub message_index: i32,
    /// Index that `[branch]` prints when the template is not that of a send: current step - 1.
    pub branch_index: i32,
    /// Value of `[peer_tag_param]` with its `;tag=`; empty before the first.
    pub peer_tag: &'a [u8],
    /// The last received message, if any.
    pub last: Option<&'a [u8]>,
    /// Route set joined with `, `; empty without one.
    pub routes: &'a [u8],
    /// Stored remote target; None: `[next_url]` falls back to `[last_Request_URI]`.
    pub target: Option<&'a [u8]>,
    /// Variables by slot.
    pub variables: Variables<'a>,
    /// Injection files, and the line this call drew from each. None for automatic calls.
    pub files: &'a Files,
    /// The call's line per file.
    pub lines: &'a Lines,
    /// Time of rendering.
    pub now: Tick,
    /// Relation of ticks to the calendar.
    pub wall: WallClock,
    /// Reads a file for `[file name=]`; the engine has no files of its own.
    pub read_file: fn(&Path) -> io::Result<Vec<u8>>,
    /// `[dynamic_id]`, which advances with each rendering of the keyword.
    pub dynamic: &'a mut DynamicIds,
    /// `[tdmmap]`; None without `-tdmmap`.
    pub circuit: Option<CircuitName>,
    /// `[authentication]`; None in all that is no request of the scenario.
    pub signer: Option<Signer<'a>>,
}

/// The process-wide `[dynamic_id]` counter (keywords.md §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynamicIds {
    next: i64,
    start: i64,
    max: i64,
    step: i64,
}

impl Default for DynamicIds {
    fn default() -> DynamicIds {
        DynamicIds::new(10_000, 12_000, 4)
    }
}

impl DynamicIds {
    /// `-dynamicStart`, `-dynamicMax`, `-dynamicStep`.
    pub fn new(start: i64, max: i64, step: i64) -> DynamicIds {
        DynamicIds { next: start, start, max, step }
    }

    /// Those of the worker with this index, of so many: none has another's values while they fit below the maximum.
    pub fn dealt(self, index: u32, workers: u32) -> DynamicIds {
        let start = self.start.saturating_add(self.step.saturating_mul(index.into()));
        DynamicIds::new(start, self.max, self.step.saturating_mul(workers.into()))
    }

    /// The next value.
    pub fn take(&mut self) -> i64 {
        let value = self.next;
        self.next = self.next.saturating_add(self.step);
        if self.next > self.max {
            self.next = self.start;
        }
        value
    }
}
