//! Sockets: which addresses a run uses, and batched datagrams in and out of one port.
//!
//! Spec: transport.md. In: host names, options, datagrams to send. Out: socket addresses, received datagrams, errors
//! that carry the spec's sentences. The only module that opens SIP sockets; must not know scenarios or calls.

// The one place where sockets may be opened (design.md, Modules).
#![allow(clippy::disallowed_methods)]

pub mod address;
pub mod errno;
pub mod frame;
pub mod links;
pub mod listeners;
pub mod srv;
pub mod tcp;
pub mod tls;
pub mod udp;
pub mod ws;
