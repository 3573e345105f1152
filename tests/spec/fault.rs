//! Faults of peers, and what they may cost: the calls of their connections, each counted and named, and nothing else.

use rustix::process::Signal;

use crate::program::{Ended, Running};
use crate::stream_peer::{Client, Server, counted};

/// What a faulty server does with a connection.
pub struct Fault<F> {
    pub name: &'static str,
    pub does: F,
    /// The counter of the failed call; none when the call goes well.
    pub costs: Option<&'static str>,
    /// What the client says about each.
    pub says: &'static str,
}

impl<F> Fault<F> {
    /// Ends a client that met with the fault on half of its connections to this server. Gives how many of its calls failed, too.
    #[track_caller]
    pub fn has_cost_half(&self, client: Client, server: &Server) -> (Ended, u64) {
        let ended = client.ends();
        let all = server.accepted() as u64;
        let half = all / 2;
        let failed = if self.costs.is_some() { half } else { 0 };
        assert_eq!(ended.calls(), (all, all - failed, failed), "{}", self.name);
        if let Some(column) = self.costs {
            assert_eq!(counted(&ended, column), failed, "{}", self.name);
        }
        if !self.says.is_empty() {
            let said = ended.read("errors").matches(self.says).count();
            assert_eq!(said as u64, half, "{}", self.name);
        }
        (ended, failed)
    }
}

/// What a faulty client does with a connection. Gives back what stays open.
pub struct ClientFault<F> {
    pub name: &'static str,
    pub does: F,
    /// What the server says about each.
    pub says: &'static str,
}

impl<F> ClientFault<F> {
    /// Ends a server that had so many descriptors `before` five clients did it, and answered so many calls of others. `kind`: of the
    /// errors that it counts.
    #[track_caller]
    pub fn has_cost_no_other(&self, running: Running, before: usize, others: u64, kind: &str) {
        // The file of warnings is open, too.
        running.waits_for_descriptors(before + usize::from(!self.says.is_empty()));
        running.signal(Signal::TERM);
        let ended = running.wait();
        let all = others + if self.name.starts_with("half closed") { 5 } else { 0 };
        assert_eq!(ended.calls(), (all, all, 0), "{}", self.name);
        if !self.says.is_empty() {
            assert_eq!(ended.read("errors").matches(self.says).count(), 5, "{}", self.name);
            assert!(ended.stdout.contains(&format!("0/5/0 {kind} errors")), "{}", self.name);
        }
    }
}
