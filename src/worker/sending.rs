//! How what the engine wants sent leaves: by the main socket in groups, by links, into the message trace; and what became of it.
//! Spec: transport.md §11, outputs.md §7. Must not decide what a failure means for a call: the engine does.

use std::io;

use super::Worker;
use crate::clock::Tick;
use crate::engine::Effects;
use crate::link::Link;
use crate::report::recorder::Recorder;
use crate::transport::udp::Datagram;

impl Worker {
    /// Sends what waits; datagrams the socket refuses fail their calls.
    pub(super) async fn send_all(&mut self, now: Tick) {
        let out = std::mem::take(&mut self.out);
        // Asked before: whoever switches the trace on may have seen the message arrive.
        let is_traced = self.recorder.traces_messages();
        let mut failures = match &self.links {
            None => Vec::new(),
            Some(_) => self.send_by_links(now, &out),
        };
        self.send_by_main(&out, &mut failures).await;
        if is_traced {
            for (at, send) in out.sends.iter().enumerate() {
                let failed = failures.iter().any(|(failed, _)| *failed == at);
                let record = if failed { Recorder::send_failed } else { Recorder::sent };
                record(&self.recorder, now, send.way.link.transport().name(), out.datagram(send));
            }
        }
        for (at, error) in failures {
            let call = out.sends.get(at).and_then(|send| send.call);
            self.engine.on_send_failed(now, call, &error, &mut self.out);
        }
        self.release(now, &out.released);
        self.recycle(out);
    }

    /// Sends the datagrams of the main socket, as many a system call as it takes; notes those it refused, and why.
    async fn send_by_main(&mut self, out: &Effects, failures: &mut Vec<(usize, io::Error)>) {
        let Some(socket) = &self.socket else { return };
        let of_main = out.sends.iter().enumerate().filter(|(_, send)| send.way.link == Link::MAIN);
        self.outgoing.load(of_main.map(|(at, send)| {
            let call = send.call.map(|call| call.number());
            (at, Datagram { to: send.way.peer, len: send.bytes.len(), call })
        }));
        let bytes = |at: usize| out.sends.get(at).map(|send| out.datagram(send)).unwrap_or_default();
        while !socket.send(&mut self.outgoing, bytes, |at, error| failures.push((at, error))) {
            if socket.writable().await.is_err() {
                return;
            }
        }
    }

    /// A busy worker hands datagrams to the system in groups, and lets it join those that come. Not before, for it shows in captures
    /// made on this machine.
    pub(super) fn group_datagrams(&mut self) {
        if !std::mem::take(&mut self.may_group) {
            return;
        }
        self.outgoing.group();
        if let Some(socket) = &self.socket {
            socket.join_arrivals();
        }
    }

    /// Keeps the memory of `old` for the next effects; what came up meanwhile stays.
    fn recycle(&mut self, mut old: Effects) {
        old.clear();
        if self.out.sends.is_empty() {
            old.others.append(&mut self.out.others);
            old.released.append(&mut self.out.released);
            self.out = old;
        }
    }
}
