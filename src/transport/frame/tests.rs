//! Framing: transport.md §13, each row of its tables, and any splitting.

use proptest::prelude::*;

use super::*;

/// A message with this header line and body.
fn message(header: &str, body: &str) -> Vec<u8> {
    format!("OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\n{header}\r\n{body}").into_bytes()
}

/// What comes out of a stream that arrives in pieces of this size.
fn cut(stream: &[u8], piece: usize) -> Result<Vec<Vec<u8>>, Unframeable> {
    let mut framer = Framer::default();
    let mut found = Vec::new();
    for bytes in stream.chunks(piece) {
        framer.push(bytes);
        loop {
            match framer.next_frame()? {
                Frame::Message(at) => found.push(framer.text(at).to_vec()),
                Frame::TooLong(bytes) => found.push(format!("too long: {bytes}").into_bytes()),
                Frame::Incomplete => break,
            }
        }
    }
    Ok(found)
}

#[track_caller]
fn cuts_into(stream: &[u8], expected: &[&[u8]]) {
    for piece in [1, 2, 3, 7, 64, stream.len()] {
        assert_eq!(cut(stream, piece).unwrap(), expected, "in pieces of {piece}");
    }
}

#[test]
fn a_message_ends_behind_as_many_bytes_as_its_content_length_says() {
    for header in
        ["Content-Length: 5\r\n", "content-length:5\r\n", "CONTENT-LENGTH: \t 5 \r\n", "l: 5\r\n", "L:5\r\n"]
    {
        let one = message(header, "hello");
        cuts_into(&[&one[..], &one].concat(), &[&one, &one]);
    }
}

#[test]
fn a_length_that_is_absent_empty_or_no_number_is_0() {
    for header in [
        "",
        "Content-Length:\r\n",
        "Content-Length:\r\n5: x\r\n",
        "Content-Length: abc\r\n",
        "Content-Length: 10abc\r\n",
        "Content-Length: -1\r\n",
        "Content-Length : 5\r\n",
        "X-Content-Length: 5\r\n",
        "X: a\0b\r\nContent-Length: 5\r\n",
    ] {
        let one = message(header, "");
        cuts_into(&[&one[..], &one].concat(), &[&one, &one]);
    }
}

#[test]
fn the_long_name_wins_over_the_short_one_and_the_first_of_two_over_the_second() {
    let one = message("l: 7\r\nContent-Length: 5\r\nContent-Length: 9\r\n", "hello");
    cuts_into(&[&one[..], &one].concat(), &[&one, &one]);
}

#[test]
fn text_behind_the_number_does_not_matter() {
    let one = message("Content-Length: 5 x\r\n", "hello");
    cuts_into(&[&one[..], &one].concat(), &[&one, &one]);
}

#[test]
fn a_length_that_is_too_small_leaves_the_rest_to_the_next_message() {
    let one = message("Content-Length: 2\r\n", "hello");
    let two = message("", "");
    cuts_into(&[&one[..], &two].concat(), &[&one[..one.len() - 3], &[b"llo", &two[..]].concat()]);
}

#[test]
fn keep_alives_between_messages_are_passed_over() {
    let one = message("l: 5\r\n", "hello");
    for idle in ["\r\n\r\n", "\r\n", "\n", "\r\n\r\n\r\n", "\0\0\0\0", "\r\n\0\0\0\0\r\n"] {
        let stream =
            [idle.as_bytes(), &one, idle.as_bytes(), idle.as_bytes(), &one, idle.as_bytes()].concat();
        cuts_into(&stream, &[&one, &one]);
    }
}

#[test]
fn bare_line_feeds_do_not_end_the_headers() {
    assert_eq!(cut(b"OPTIONS sip:a SIP/2.0\nCall-ID: 1\n\n", 8).unwrap(), Vec::<Vec<u8>>::new());
}

#[test]
fn a_message_of_65536_bytes_is_delivered_and_a_longer_one_is_left_out() {
    let head = message("Content-Length: 65461\r\n", "").len();
    let exact = message(&format!("Content-Length: {}\r\n", LONGEST - head), &"x".repeat(LONGEST - head));
    assert_eq!(exact.len(), LONGEST);
    let longer = message(&format!("Content-Length: {}\r\n", 70_000), &"x".repeat(70_000));
    let short = message("", "");
    let stream = [&exact[..], &longer, &short].concat();
    for piece in [1_000, 65_537, stream.len()] {
        let found = cut(&stream, piece).unwrap();
        let said = format!("too long: {}", longer.len());
        assert!(found == [exact.clone(), said.into_bytes(), short.clone()], "in pieces of {piece}");
    }
}

#[test]
fn large_messages_in_a_row_survive_the_moving_of_the_buffer() {
    for length in [30_000, 60_000, 65_000] {
        let one = message(&format!("Content-Length: {length}\r\n"), &"x".repeat(length));
        for piece in [1_000, 65_536, 200_000] {
            let found = cut(&one.repeat(40), piece).unwrap();
            assert!(
                found.len() == 40 && found.iter().all(|found| *found == one),
                "{length} in pieces of {piece}"
            );
        }
    }
}

#[test]
fn a_stream_without_end_of_headers_or_with_an_absurd_length_is_given_up() {
    assert_eq!(cut(&[b'x'; LONGEST + 1], 1_000), Err(Unframeable::EndlessHeaders));
    for length in ["99999999", "99999999999999999999999999"] {
        let absurd = message(&format!("Content-Length: {length}\r\n"), "");
        assert!(matches!(cut(&absurd, 10), Err(Unframeable::EndlessBody(_))), "{length}");
    }
}

#[test]
fn nothing_is_kept_of_what_was_delivered() {
    let mut framer = Framer::default();
    let one = message(&format!("l: {}\r\n", 40_000), &"x".repeat(40_000));
    for _ in 0..100 {
        framer.push(&one);
        assert!(framer.is_amid_message());
        assert!(matches!(framer.next_frame(), Ok(Frame::Message(_))));
        assert_eq!(framer.next_frame(), Ok(Frame::Incomplete));
        assert!(!framer.is_amid_message());
    }
    assert!(framer.bytes.capacity() <= KEPT, "{}", framer.bytes.capacity());
}

proptest! {
    #[test]
    fn messages_survive_any_splitting(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..10),
        cuts in prop::collection::vec(1_usize..400, 1..60),
    ) {
        let messages: Vec<Vec<u8>> = bodies
            .iter()
            .map(|body| [message(&format!("Content-Length: {}\r\n", body.len()), "").as_slice(), body].concat())
            .collect();
        let stream = messages.concat();
        let mut framer = Framer::default();
        let (mut found, mut rest, mut cuts) = (Vec::new(), &stream[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            framer.push(piece);
            rest = behind;
            while let Frame::Message(at) = framer.next_frame().unwrap() {
                found.push(framer.text(at).to_vec());
            }
        }
        prop_assert_eq!(found, messages);
    }

    #[test]
    fn no_stream_makes_it_panic_or_hold_more_than_a_message(
        bytes in prop::collection::vec(prop::sample::select(b"lL:0123456789\r\n\0 Cx".to_vec()), 0..2_000),
        piece in 1_usize..100,
    ) {
        let _ = cut(&bytes, piece);
    }
}
