//! What the causes of a failed call are called: in reports, metrics and thresholds by name, for people by a few words.
//! Spec: runtime.md §12.2; names as in the columns of outputs.md §3.3. Names are part of what reports promise: never change one.

use crate::stats::Failure;

/// A cause with its name and its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What is counted.
    pub failure: Failure,
    /// For programs.
    pub name: &'static str,
    /// For people.
    pub words: &'static str,
}

const fn cause(failure: Failure, name: &'static str, words: &'static str) -> Cause {
    Cause { failure, name, words }
}

/// All causes, in the order of the statistics file's columns.
pub const CAUSES: [Cause; Failure::COUNT] = [
    cause(Failure::CannotSendMessage, "cannot_send_message", "message could not be sent"),
    cause(Failure::MaxUdpRetrans, "max_udp_retrans", "no answer after the last resend"),
    cause(Failure::UnexpectedMessage, "unexpected_message", "unexpected message"),
    cause(Failure::CallRejected, "call_rejected", "stop_call"),
    cause(Failure::RegexpDoesntMatch, "regexp_doesnt_match", "ereg found nothing"),
    cause(Failure::RegexpShouldntMatch, "regexp_shouldnt_match", "ereg found what must not be there"),
    cause(Failure::RegexpHdrNotFound, "regexp_hdr_not_found", "ereg without its header or body"),
    cause(Failure::TimeoutOnRecv, "timeout_on_recv", "receive timeout"),
    cause(Failure::TestDoesntMatch, "test_doesnt_match", "test was false"),
    cause(Failure::TestShouldntMatch, "test_shouldnt_match", "test was true"),
    cause(Failure::StrcmpDoesntMatch, "strcmp_doesnt_match", "strcmp differed"),
    cause(Failure::StrcmpShouldntMatch, "strcmp_shouldnt_match", "strcmp was equal"),
    cause(Failure::AckCseqMismatch, "ack_cseq_mismatch", "ACK with another CSeq"),
    cause(Failure::Aborted, "aborted", "still open when the run was ended"),
    cause(Failure::TcpConnect, "tcp_connect", "connection could not be opened"),
    cause(Failure::TcpClosed, "tcp_closed", "connection refused, closed or reset"),
    cause(Failure::CmdNotSent, "cmd_not_sent", "command to the other party not sent"),
    cause(Failure::OutboundCongestion, "outbound_congestion", "no free TDM circuit"),
    cause(Failure::TimeoutOnSend, "timeout_on_send", "send timeout"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_cause_has_a_name_of_its_own_and_stands_where_it_is_counted() {
        for (position, cause) in CAUSES.iter().enumerate() {
            assert_eq!(cause.failure.index(), position, "{}", cause.name);
        }
        let names: HashSet<_> = CAUSES.iter().map(|cause| cause.name).collect();
        assert_eq!(names.len(), Failure::COUNT);
    }
}
