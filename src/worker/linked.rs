//! The worker's part about connections and the many sockets: events of links to the engine, its wishes to the links.
//! Spec: transport.md §3, §11-§14. Must not decide what a loss means for a call (the engine does) nor for a connection (`links` does).

use std::io;

use super::Worker;
use crate::clock::{Span, Tick};
use crate::engine::{Effects, Heard, Open};
use crate::link::{Link, Way};
use crate::transport::links::{Event, Links, Sent};

/// Messages in one go before what they caused is sent.
const MESSAGES_PER_SEND: usize = 64;

/// How long the end of a run waits for connections to take what was sent.
const LAST_BYTES: Span = Span::from_millis(1_000);

impl Worker {
    /// Tells the engine what happened to links; true when there may be more.
    pub(super) async fn serve_links(&mut self) -> bool {
        let Some(links) = &mut self.links else { return false };
        links.look();
        for served in 1..=self.messages_per_turn {
            let now = self.clock.now();
            let Some(links) = &mut self.links else { return false };
            let Some(event) = links.next_event(now) else { return false };
            self.serve_event(now, event).await;
            if self.end.is_some() {
                return false;
            }
            if served % MESSAGES_PER_SEND == 0 {
                self.carry_out(now).await;
            }
        }
        self.links.as_ref().is_some_and(Links::has_more)
    }

    async fn serve_event(&mut self, now: Tick, event: Event) {
        match event {
            Event::Message(from) => {
                self.events += 1;
                self.serve_message(now, from).await;
            }
            Event::Lost(link, lost) => {
                self.engine.on_lost(now, link, lost, &mut self.out);
                self.carry_out(now).await;
            }
            Event::Ready => self.is_connected = true,
            Event::Room(link) => self.engine.on_room(now, link, &mut self.out),
            Event::BrokenForGood(text) => {
                self.engine.on_broken_for_good(now, text, &mut self.out);
                self.carry_out(now).await;
            }
            Event::Warning(text) => {
                // When a link is lost, the reason comes first.
                self.engine.set_trouble(&text);
                self.warn(now, &text);
            }
        }
    }

    async fn serve_message(&mut self, now: Tick, from: Way) {
        self.transport = from.link.transport().name();
        let Worker { links: Some(links), engine, out, recorder, .. } = self else { return };
        let text = links.text();
        let heard = engine.on_received(now, from, text, out);
        if heard == Heard::Message && recorder.traces_messages() {
            recorder.received(now, from.link.transport().name(), text);
            self.carry_out(now).await;
        }
    }

    fn warn(&mut self, now: Tick, text: &str) {
        self.engine.stats_mut().warnings += 1;
        self.recorder.warning(now, text.as_bytes());
    }

    /// Opens a link for a call, and tells the engine.
    pub(super) fn open(&mut self, now: Tick, open: &Open) {
        let opened = match &mut self.links {
            Some(links) => links.open(open.to, open.from.as_deref()),
            None => Err("Unable to get a socket".to_owned()),
        };
        self.engine.on_opened(now, open.call, opened, &mut self.out);
    }

    /// Sends what waits over the links; gives the messages that failed, and why.
    pub(super) fn send_by_links(&mut self, now: Tick, out: &Effects) -> Vec<(usize, io::Error)> {
        let mut failures = Vec::new();
        for (at, send) in out.sends.iter().enumerate() {
            let bytes = out.datagram(send);
            if send.way.link == Link::MAIN {
                continue;
            }
            let Some(links) = &mut self.links else { continue };
            match links.send(now, send.way, bytes) {
                Sent::Yes => {}
                Sent::Congested => self.engine.on_congested(send.way.link),
                Sent::No(reason) => failures.push((at, reason)),
                Sent::Never(text) => {
                    self.engine.stats_mut().send_errors += 1;
                    self.engine.on_broken_for_good(now, text, &mut self.out);
                    break;
                }
            }
        }
        if let Some(links) = &mut self.links {
            links.flush();
        }
        failures
    }

    /// Gives up what calls have done with.
    pub(super) fn release(&mut self, now: Tick, released: &[Link]) {
        if let Some(links) = &mut self.links {
            released.iter().for_each(|link| links.release(now, *link));
        }
    }

    /// The next deadline of engine and links.
    pub(super) fn next_deadline(&self) -> Option<Tick> {
        let of_calls = if self.is_connected { self.engine.next_deadline() } else { None };
        let of_links = self.links.as_ref().and_then(Links::next_deadline);
        match (of_calls, of_links) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Closes connections in good order, their last bytes sent.
    pub(super) async fn close_links(&mut self) {
        let Some(links) = &mut self.links else { return };
        // A peer that does not read must not hold up the end.
        if links.close_all() || self.alarm.set(LAST_BYTES).is_err() {
            return;
        }
        let closed = async {
            while !links.close_all() {
                links.has_news().await;
                links.look();
            }
        };
        tokio::select! {
            () = closed => {}
            () = self.alarm.rings() => {}
        }
    }
}

/// Waits for news of links; for ever without any.
pub(super) async fn has_news(links: Option<&Links>) {
    match links {
        Some(links) => links.has_news().await,
        None => std::future::pending().await,
    }
}
