//! Messages of the scripted peer: what it reads from those it hears, and how it writes its own. Parses no more of SIP than
//! that takes.

/// A message that the peer heard or sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message(pub Vec<u8>);

/// The headers that a response copies from its request.
const COPIED: [&str; 5] = ["Via", "From", "To", "Call-ID", "CSeq"];

impl Message {
    /// The text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// `INVITE`, or `180` for a response.
    pub fn kind(&self) -> String {
        let text = self.text();
        let mut words = text.split([' ', '\r', '\n']);
        match words.next() {
            Some("SIP/2.0") => words.next().unwrap_or_default().to_owned(),
            first => first.unwrap_or_default().to_owned(),
        }
    }

    /// Whether it is a request.
    pub fn is_request(&self) -> bool {
        !self.0.starts_with(b"SIP/2.0")
    }

    /// Values of all headers of that name.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        head.split("\r\n")
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .filter(|(found, _)| found.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
            .collect()
    }

    /// Value of the first header of that name, or nothing.
    pub fn header(&self, name: &str) -> String {
        self.headers(name).into_iter().next().unwrap_or_default()
    }
}

/// The answer to `request`; `lines` as in the script.
pub fn response(code: &str, request: &Message, port: u16, lines: &[String]) -> Message {
    let mut headers: Vec<(String, String)> = Vec::new();
    for name in COPIED {
        for value in request.headers(name) {
            let tag =
                if name == "To" && code != "100" && !value.contains(";tag=") { ";tag=peer" } else { "" };
            headers.push((name.to_owned(), format!("{value}{tag}")));
        }
    }
    headers.push(("Contact".to_owned(), format!("<sip:peer@127.0.0.1:{port}>")));
    written(format!("SIP/2.0 {code} {}", reason(code)), headers, lines)
}

/// A request with these headers, and the lines of the script.
pub fn request(method: &str, target: &str, headers: Vec<(String, String)>, lines: &[String]) -> Message {
    written(format!("{method} {target} SIP/2.0"), headers, lines)
}

fn written(start: String, mut headers: Vec<(String, String)>, lines: &[String]) -> Message {
    let mut parts = lines.splitn(2, |line| line.is_empty());
    let own = parts.next().unwrap_or_default();
    let body: String = parts.next().unwrap_or_default().iter().map(|line| format!("{line}\r\n")).collect();
    headers.push(("Content-Length".to_owned(), body.len().to_string()));
    for line in own {
        let name = line.strip_prefix('-').unwrap_or(line).split(':').next().unwrap_or_default();
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name.trim()));
    }
    let mut text = format!("{start}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    for line in own.iter().filter(|line| !line.starts_with('-')) {
        text.push_str(&format!("{line}\r\n"));
    }
    Message(format!("{text}\r\n{body}").into_bytes())
}

fn reason(code: &str) -> &'static str {
    match code {
        "100" => "Trying",
        "180" => "Ringing",
        "183" => "Session Progress",
        "200" => "OK",
        "401" => "Unauthorized",
        "404" => "Not Found",
        "407" => "Proxy Authentication Required",
        "486" => "Busy Here",
        "487" => "Request Terminated",
        _ => "Whatever",
    }
}
