//! Borrowed views of received SIP messages: what is a message at all, the parts that matching needs, header
//! look-up, route sets.
//! Spec: transport.md §13 (checks 1, 2, 4, 5), runtime.md §6-§7 and §13, keywords.md §7.5, §7.6, §8. In: the
//! bytes of one datagram or frame. Out: slices of them, or bytes appended to a buffer of the caller. Must not
//! allocate (but for warnings) and must not know calls or scenarios: it takes hostile bytes and never panics.

pub mod header;
mod incoming;
mod message;
pub mod routes;
mod scan;
mod via;

pub use header::HeaderName;
pub use incoming::{Incoming, NoCallId, classify, reread, warning_text};
pub use message::{Cseq, Message, Start};
pub use routes::{Recorded, RouteSet, Sender};
pub use via::response_address;

#[cfg(test)]
mod tests;
