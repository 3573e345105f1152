//! Response codes: their usual phrase (RFC 3261 §21 and others), and what a final one means to who tests.
//! Must not know a call.

/// The phrase that usually goes with a code.
pub fn phrase(code: u16) -> Option<&'static str> {
    CODES.iter().find(|(known, ..)| *known == code).map(|(_, phrase, _)| *phrase)
}

/// What an error response usually means, and where to look.
pub fn meaning(code: u16) -> Option<&'static str> {
    CODES
        .iter()
        .find(|(known, ..)| *known == code)
        .map(|(.., meaning)| *meaning)
        .filter(|text| !text.is_empty())
}

const CODES: [(u16, &str, &str); 52] = [
    (100, "Trying", ""),
    (180, "Ringing", ""),
    (181, "Call Is Being Forwarded", ""),
    (182, "Queued", ""),
    (183, "Session Progress", ""),
    (199, "Early Dialog Terminated", ""),
    (200, "OK", ""),
    (202, "Accepted", ""),
    (300, "Multiple Choices", REDIRECT),
    (301, "Moved Permanently", REDIRECT),
    (302, "Moved Temporarily", REDIRECT),
    (305, "Use Proxy", REDIRECT),
    (380, "Alternative Service", REDIRECT),
    (
        400,
        "Bad Request",
        "The peer cannot read the request: look for a header that is missing or malformed. rsipp -check finds many.",
    ),
    (401, "Unauthorized", ""),
    (
        403,
        "Forbidden",
        "The peer knows who asks and refuses: look at its access rules, at the user in From, and whether this address may call.",
    ),
    (
        404,
        "Not Found",
        "The peer does not know the user or number in the Request-URI: set it with -s or in the injection file. A registrar answers so, too, when the user was never provisioned.",
    ),
    (405, "Method Not Allowed", "The peer does not support this method at this address."),
    (
        406,
        "Not Acceptable",
        "The peer cannot answer in a form that the request accepts: look at its Accept headers.",
    ),
    (407, "Proxy Authentication Required", ""),
    (
        408,
        "Request Timeout",
        "A proxy passed the request on and got no answer in time: the server behind it is down or unreachable.",
    ),
    (410, "Gone", "The user was here and is no more."),
    (413, "Request Entity Too Large", "The body is too large for the peer."),
    (414, "Request-URI Too Long", "The Request-URI is too long for the peer."),
    (415, "Unsupported Media Type", "The peer does not take this kind of body: look at Content-Type."),
    (416, "Unsupported URI Scheme", "The peer does not know this kind of URI (sip:, sips:, tel:)."),
    (
        420,
        "Bad Extension",
        "The request has a Require that the peer does not support; Unsupported says which.",
    ),
    (421, "Extension Required", "The peer demands an extension: add what its Require says to Supported."),
    (
        422,
        "Session Interval Too Small",
        "Session-Expires is shorter than the peer allows; Min-SE in its answer says how short it may be.",
    ),
    (
        423,
        "Interval Too Brief",
        "The registration is shorter than the registrar allows; Min-Expires in its answer says how short it may be.",
    ),
    (
        480,
        "Temporarily Unavailable",
        "The peer knows the user, but nobody can be reached: not registered, switched off, or on do-not-disturb. Register the called user first.",
    ),
    (481, "Call/Transaction Does Not Exist", DIALOG),
    (
        482,
        "Loop Detected",
        "The request came back to a server that had seen it: it routes to itself, or the branch is the same as that of an earlier request.",
    ),
    (
        483,
        "Too Many Hops",
        "Max-Forwards ran out: servers pass the request round in a circle, or the scenario begins too low.",
    ),
    (484, "Address Incomplete", "The number in the Request-URI is too short for the dial plan."),
    (485, "Ambiguous", "The Request-URI fits several users."),
    (
        486,
        "Busy Here",
        "The called party is in a call, or its server allows no more at a time: too many calls for one number, or none ended. Use more numbers (-inf), or fewer open calls (-l).",
    ),
    (
        487,
        "Request Terminated",
        "The INVITE was cancelled: by this scenario, or by a server in between that stopped waiting for an answer.",
    ),
    (
        488,
        "Not Acceptable Here",
        "The peer does not like the SDP: no codec in common, or an address or transport (SRTP) that it does not take.",
    ),
    (489, "Bad Event", "The peer does not know the event package of the SUBSCRIBE."),
    (
        491,
        "Request Pending",
        "Two requests crossed, such as re-INVITEs from both sides: wait at random, and try again.",
    ),
    (493, "Undecipherable", "The peer cannot decrypt the body."),
    (494, "Security Agreement Required", "The peer demands a security agreement (RFC 3329)."),
    (
        500,
        "Server Internal Error",
        "The server failed: its log knows why. Under load this is often the first sign of too much.",
    ),
    (501, "Not Implemented", "The peer does not know the method."),
    (502, "Bad Gateway", "A gateway got a bad answer from what is behind it."),
    (
        503,
        "Service Unavailable",
        "The server is overloaded, in maintenance, or has no route: at a high rate it is shedding load. Lower -r, and look at Retry-After.",
    ),
    (504, "Server Time-out", "A server passed the request on and got no answer in time."),
    (513, "Message Too Large", "The message is too large for the peer."),
    (600, "Busy Everywhere", "The called party is busy, wherever it is."),
    (603, "Decline", "The called party refused the call."),
    (604, "Does Not Exist Anywhere", "Nobody knows the user in the Request-URI."),
];

const REDIRECT: &str = "The peer sends the caller elsewhere: Contact in its answer says where. Call that address, or let the scenario take the redirect.";

const DIALOG: &str = "The peer does not find the dialog or the transaction. A request within the dialog needs the same Call-ID, From tag and \
                      To tag ([peer_tag_param]); a CANCEL the branch of its INVITE ([branch-N]); and the peer may have ended the call meanwhile. \
                      rsipp -check finds wrong branches and missing tags.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_there_once_in_order() {
        assert!(CODES.is_sorted_by_key(|(code, ..)| *code));
        assert!(CODES.windows(2).all(|pair| pair[0].0 != pair[1].0));
        assert_eq!((phrase(486), phrase(999)), (Some("Busy Here"), None));
    }
}
