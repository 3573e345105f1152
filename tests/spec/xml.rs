//! Small scenarios, written by the step.

/// A scenario of these steps.
pub fn scenario(steps: &[String]) -> String {
    format!("<?xml version=\"1.0\"?>\n<scenario name=\"test\">\n{}\n</scenario>\n", steps.join("\n"))
}

/// `<send>` with these attributes: a request as the built-in scenarios write them, with more header lines.
pub fn request_with(method: &str, attributes: &str, more: &str) -> String {
    format!(
        "<send {attributes}><![CDATA[
          {method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
          Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
          From: <sip:test@[local_ip]:[local_port]>;tag=[pid]T[call_number]
          To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
          Call-ID: [call_id]
          CSeq: [cseq] {method}
          Max-Forwards: 70
          {more}
          Content-Length: [len]

        ]]></send>"
    )
}

/// `<send>` with these attributes.
pub fn request(method: &str, attributes: &str) -> String {
    request_with(method, attributes, "X-Test: yes")
}

/// `<send>` with these attributes: a response to the last request.
pub fn response(status: &str, attributes: &str) -> String {
    format!(
        "<send {attributes}><![CDATA[
          SIP/2.0 {status}
          [last_Via:]
          [last_From:]
          [last_To:];tag=[pid]T[call_number]
          [last_Call-ID:]
          [last_CSeq:]
          Content-Length: 0

        ]]></send>"
    )
}

/// `<recv response="...">`
pub fn expect(code: &str) -> String {
    format!("<recv response=\"{code}\"/>")
}

/// `<recv request="...">`
pub fn await_request(method: &str) -> String {
    format!("<recv request=\"{method}\"/>")
}

/// `<nop>` with these actions.
pub fn nop(actions: &str) -> String {
    format!("<nop><action>{actions}</action></nop>")
}

/// OPTIONS and its 200, with another header line in the request.
pub fn options_with(more: &str) -> String {
    scenario(&[request_with("OPTIONS", "", more), expect("200")])
}

/// A request as another client would send it.
pub fn wire_request(method: &str, call_id: &str, cseq: u32) -> String {
    format!(
        "{method} sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK-{method}-{cseq}\r\n\
         From: <sip:p@127.0.0.1>;tag=p\r\nTo: <sip:x@127.0.0.1>\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n\
         Content-Length: 0\r\n\r\n"
    )
}
