//! Scenarios and SIP messages in few words.

/// A scenario around these steps.
pub fn scenario(steps: &[&str]) -> String {
    format!("<scenario name=\"test\">{}</scenario>", steps.concat())
}

/// `<send>` of a request, with these attributes.
pub fn request(method: &str, attributes: &str) -> String {
    request_acting(method, attributes, "")
}

/// `<send>` of a request with an action list.
pub fn request_acting(method: &str, attributes: &str, actions: &str) -> String {
    request_with(method, attributes, "", actions)
}

/// `<send>` of a request with more header lines and an action list.
pub fn request_with(method: &str, attributes: &str, headers: &str, actions: &str) -> String {
    format!(
        "<send {attributes}><![CDATA[
{method} sip:b@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:a@[local_ip]:[local_port]>;tag=a[call_number]
To: <sip:b@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: [cseq] {method}
Contact: <sip:a@[local_ip]:[local_port]>
{headers}{gap}Content-Length: 0

]]>{actions}</send>",
        gap = if headers.is_empty() { "" } else { "\n" },
        actions = action_list(actions),
    )
}

/// `<send>` of a response, with these attributes.
pub fn response(status: &str, attributes: &str) -> String {
    format!(
        "<send {attributes}><![CDATA[
SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:];tag=b[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:b@[local_ip]:[local_port]>
Content-Length: 0

]]></send>"
    )
}

/// `<recv>` with these attributes.
pub fn recv(attributes: &str) -> String {
    recv_acting(attributes, "")
}

/// `<recv>` with an action list.
pub fn recv_acting(attributes: &str, actions: &str) -> String {
    format!("<recv {attributes}>{}</recv>", action_list(actions))
}

/// `<nop>` with an action list.
pub fn nop(attributes: &str, actions: &str) -> String {
    format!("<nop {attributes}>{}</nop>", action_list(actions))
}

/// `<pause>` of so many ms.
pub fn pause(ms: u32) -> String {
    format!("<pause milliseconds=\"{ms}\"/>")
}

fn action_list(actions: &str) -> String {
    if actions.is_empty() { String::new() } else { format!("<action>{actions}</action>") }
}

/// A request of the peer, for a server.
pub fn invite(call_id: &str) -> String {
    ask("INVITE", call_id, 1)
}

/// A request of the peer, with its CSeq number.
pub fn ask(method: &str, call_id: &str, cseq: u32) -> String {
    format!(
        "{method} sip:x@127.0.0.1 SIP/2.0\r\n\
         Via: SIP/2.0/UDP 127.0.0.1:24242;branch=z9hG4bKp{cseq}{method}\r\n\
         From: <sip:p@127.0.0.1>;tag=ft\r\n\
         To: <sip:x@127.0.0.1>\r\n\
         Call-ID: {call_id}\r\n\
         CSeq: {cseq} {method}\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

/// A response to a request: its Via, From, To (with a tag), Call-ID and CSeq. `status`: `180 Ringing`.
pub fn answer(request: &str, status: &str) -> String {
    answer_with(request, status, "")
}

/// As [`answer`], with more header lines (each ends in CRLF).
pub fn answer_with(request: &str, status: &str, headers: &str) -> String {
    let mut text = format!("SIP/2.0 {status}\r\n");
    for name in ["Via:", "From:", "To:", "Call-ID:", "CSeq:"] {
        let line = line_of(request, name);
        text.push_str(line);
        if name == "To:" && !line.contains(";tag=") {
            text.push_str(";tag=pt");
        }
        text.push_str("\r\n");
    }
    text + headers + "Content-Length: 0\r\n\r\n"
}

/// The header line that begins so.
#[track_caller]
pub fn line_of<'t>(message: &'t str, name: &str) -> &'t str {
    let found = message.split("\r\n").find(|line| line.starts_with(name));
    found.unwrap_or_else(|| panic!("no line {name} in {message}"))
}

/// What a message is: its method, or its code.
pub fn kind_of(message: &str) -> &str {
    let mut words = message.split([' ', '\r']);
    match words.next() {
        Some("SIP/2.0") => words.next().unwrap_or(""),
        first => first.unwrap_or(""),
    }
}
