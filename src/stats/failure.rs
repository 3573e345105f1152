//! Why a call failed: one variant per counter of the statistics file.
//! Spec: runtime.md §12.2, outputs.md §3.3.

/// Cause of a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// A message of the scenario could not be sent.
    CannotSendMessage,
    /// UDP retransmission limit reached.
    MaxUdpRetrans,
    /// Unexpected message.
    UnexpectedMessage,
    /// `stop_call`.
    CallRejected,
    /// `ereg check_it` found nothing.
    RegexpDoesntMatch,
    /// `ereg check_it_inverse` found something.
    RegexpShouldntMatch,
    /// `ereg check_it`: header or body absent.
    RegexpHdrNotFound,
    /// Receive timeout.
    TimeoutOnRecv,
    /// `test check_it` was false.
    TestDoesntMatch,
    /// `test check_it_inverse` was true.
    TestShouldntMatch,
    /// `strcmp check_it`: texts differ.
    StrcmpDoesntMatch,
    /// `strcmp check_it_inverse`: texts are equal.
    StrcmpShouldntMatch,
    /// ACK with a CSeq number other than its INVITE's. Has no column of its own.
    AckCseqMismatch,
    /// Still open at a hard quit. Has no column of its own.
    Aborted,
    /// Its connection could not be opened or secured.
    TcpConnect,
    /// Its connection was refused, closed or reset.
    TcpClosed,
    /// A 3PCC command could not be sent.
    CmdNotSent,
    /// No free TDM circuit.
    OutboundCongestion,
    /// Send timeout under congestion.
    TimeoutOnSend,
}

impl Failure {
    /// Number of causes.
    pub const COUNT: usize = 19;

    /// Position in [`super::Stats::failures`].
    pub fn index(self) -> usize {
        self as usize
    }
}
