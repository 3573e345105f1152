//! The messages that a call sends without its scenario: at an abort, and the automatic 200.
//! Spec: keywords.md §9 (newest forms), runtime.md §10.2, §11. When each is sent is the engine's affair.

use super::template::NoNames;
use super::{Facts, Template, TemplateError};

const ACK: &[u8] = b"ACK [last_Request_URI] SIP/2.0
[last_Via:]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: [last_cseq_number] ACK
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
Subject: Performance Test
Content-Length: 0

";

const BYE: &[u8] = b"BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: [last_cseq_number+1] BYE
Max-Forwards: 70
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

";

const CANCEL: &[u8] = b"CANCEL [last_Request_URI] SIP/2.0
[last_Via:]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: [last_cseq_number] CANCEL
Max-Forwards: 70
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

";

const OK: &[u8] = b"SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

";

/// The built-in messages. They show the last message of their scene: a call that may send one must keep it.
#[derive(Clone, Debug)]
pub struct Automatic {
    /// Answers a final error response to an INVITE.
    pub ack: Template,
    /// Ends a dialog.
    pub bye: Template,
    /// Ends an INVITE that has no final response.
    pub cancel: Template,
    /// Answers an unexpected request.
    pub ok: Template,
}

impl Automatic {
    /// Parses the four texts. They are constants, so an error would be a fault of this program; a test proves
    /// there is none.
    pub fn new() -> Result<Automatic, TemplateError> {
        let parse = |text| Template::parse(text, &mut NoNames);
        Ok(Automatic { ack: parse(ACK)?, bye: parse(BYE)?, cancel: parse(CANCEL)?, ok: parse(OK)? })
    }

    /// As [`Template::bind`], for all of them.
    pub fn bind(&mut self, facts: &Facts) {
        for template in self.templates_mut() {
            template.bind(facts, None);
        }
    }

    /// The four texts.
    pub fn templates_mut(&mut self) -> [&mut Template; 4] {
        [&mut self.ack, &mut self.bye, &mut self.cancel, &mut self.ok]
    }
}
