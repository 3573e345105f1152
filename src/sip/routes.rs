//! Route set and remote target of a dialog, from the messages that `<recv rrs="true">` accepts.
//! Spec: runtime.md §13, keywords.md §7.6. In: a message text and who sent it. Out: the text of `[routes]`
//! (without `Route: `) and of `[next_url]`. Must not refresh a route set once stored.

use super::header;

/// What a call knows of the way to its peer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteSet {
    routes: Vec<u8>,
    target: Vec<u8>,
}

/// Which way the message went: it decides the order of the hops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A request from the peer: the nearest hop is the first.
    Request,
    /// The peer's response to ours: the nearest hop is the last.
    Response,
}

/// What a message changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Nothing: the route set is fixed already.
    AlreadyFixed,
    /// No Contact: target and routes are forgotten. Warn [`NO_CONTACT`].
    NoContact,
    /// Contact without Record-Route: only the target is known, and may change.
    Target,
    /// Both: fixed for the rest of the call.
    RouteSet,
}

/// The warning for [`Recorded::NoContact`].
pub const NO_CONTACT: &str = "Cannot record route set if there is no Contact";

impl RouteSet {
    /// The hops joined with `, `; empty without a route set.
    pub fn routes(&self) -> &[u8] {
        &self.routes
    }

    /// The URI that the next request goes to. None: use that of the `To`.
    pub fn target(&self) -> Option<&[u8]> {
        (!self.target.is_empty()).then_some(&*self.target)
    }

    /// Learns from a message.
    pub fn record(&mut self, message: &[u8], sender: Sender) -> Recorded {
        if !self.routes.is_empty() {
            return Recorded::AlreadyFixed;
        }
        self.target.clear();
        let mut contact = Vec::new();
        if !header::append_values(message, b"Contact", &mut contact) {
            return Recorded::NoContact;
        }
        let mut recorded = Vec::new();
        header::append_values(message, b"Record-Route", &mut recorded);
        let mut hops = split_hops(&recorded);
        if sender == Sender::Response {
            hops.reverse();
        }
        self.adopt(&hops, &contact)
    }

    /// A strict first hop becomes the target and the Contact the last hop (RFC 3261 §12.2.1.1).
    fn adopt(&mut self, hops: &[&[u8]], contact: &[u8]) -> Recorded {
        let (target, hops, last) = match hops {
            [] => (contact, hops, None),
            [first, rest @ ..] if !is_loose(first) => (*first, rest, Some(contact)),
            loose => (contact, loose, None),
        };
        self.target.extend_from_slice(uri(target));
        for hop in hops.iter().copied().chain(last) {
            if !self.routes.is_empty() {
                self.routes.extend_from_slice(b", ");
            }
            self.routes.extend_from_slice(hop);
        }
        if self.routes.is_empty() { Recorded::Target } else { Recorded::RouteSet }
    }
}

/// `;lr`, lower case, anywhere in the hop (`;lr=on` will do).
fn is_loose(hop: &[u8]) -> bool {
    memchr::memmem::find(hop, b";lr").is_some()
}

fn uri(value: &[u8]) -> &[u8] {
    header::between_angles(value).unwrap_or_else(|| value.trim_ascii_start())
}

/// Splits at commas outside of quotes and angle brackets (SIPp splits at every one, a bug). Empty hops are
/// left out.
fn split_hops(text: &[u8]) -> Vec<&[u8]> {
    let mut hops = Vec::new();
    let (mut start, mut quoted, mut escaped, mut in_angles) = (0, false, false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'<' if !quoted => in_angles = true,
            b'>' if !quoted => in_angles = false,
            b',' if !quoted && !in_angles => {
                hops.push(text.get(start..at).unwrap_or_default().trim_ascii());
                start = at + 1;
            }
            _ => {}
        }
    }
    hops.push(text.get(start..).unwrap_or_default().trim_ascii());
    hops.retain(|hop| !hop.is_empty());
    hops
}
