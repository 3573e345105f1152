//! Messages that come to a worker for a call of another one. Workers of a server share a port, and the system chooses by addresses who
//! gets a datagram: one that comes from elsewhere than the first of its call, as behind a proxy, may come to anybody.
//! Spec: none of SIPp's. A message within a dialog (its To has a tag) whose Call-ID is unknown goes from worker to worker until one
//! knows it, or back to the first, which treats it as any other unknown one. In: such messages. Out: the same, to be passed on.

use super::Engine;
use super::effects::{Effect, Effects};
use super::table::Found;
use crate::clock::Tick;
use crate::link::Way;
use crate::scenario::Part;
use crate::scenario::plan::Role;
use crate::sip::{self, Message, Start};

/// A message on its way among the workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// How it came to the first worker; a name of that worker's alone.
    way: Way,
    message: Vec<u8>,
    /// The first worker.
    origin: u32,
}

impl Engine {
    /// Whether another worker may have the call of a message that is unknown here.
    pub(super) fn may_be_elsewhere(&self, message: &Message<'_>) -> bool {
        !self.shared.settings.share.is_whole()
            && self.scenarios[Part::Main].role == Role::Server
            && matches!(message.start(), Start::Request(_))
            && message.peer_tag().is_some()
    }

    pub(super) fn pass_on(&self, way: Way, message: &Message<'_>, out: &mut Effects) {
        let origin = self.shared.settings.share.index();
        out.others.push(Effect::Stray(Box::new(Stray { way, message: message.text().to_vec(), origin })));
    }

    /// A message that came to another worker, or comes back from all of them.
    pub fn on_stray(&mut self, now: Tick, stray: Box<Stray>, out: &mut Effects) {
        let Some(message) = sip::reread(&stray.message) else { return };
        if stray.origin == self.shared.settings.share.index() {
            self.on_unknown(now, stray.way, &message, out);
        } else if let Some(Found::Live(_) | Found::Dead(_)) = self.table.find(self.shared.id_of(&message)) {
            self.on_message(now, stray.way, &message, out);
        } else {
            out.others.push(Effect::Stray(stray));
            return;
        }
        self.after_event(now, out);
    }
}
