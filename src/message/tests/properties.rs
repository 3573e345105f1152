//! What holds for any text.

use proptest::prelude::*;

use super::super::bind::joined;
use super::super::cleanup::Cleaned;
use super::super::render;
use super::super::segment::{Live, Segment};
use super::{Scenario, World};
use crate::message::{Facts, Scene, Template};
use crate::scenario::plan::VarIx;

/// Bytes that mean something to the parser, among others.
fn template_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        prop::sample::select(vec![
            "[",
            "]",
            "\"",
            "\n",
            "\\x",
            "\\x4",
            "\\x41",
            "[len]",
            "[len-3]",
            "[$v]",
            "[last_X:]",
            "[call_id]",
            "[cseq+1]",
            "[field0 line=\"",
            "[fill variable=v text=\"",
            "[branch",
            " ",
            "\t",
            "\r\n",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Segments around the line-removal rule.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0u8..9, 0..12)
}

fn segments(pieces: &[u8]) -> Vec<Segment> {
    let literal = |text: &[u8]| Segment::Literal(text.to_vec());
    pieces
        .iter()
        .map(|piece| match piece {
            0 => literal(b"\r\n"),
            1 => literal(b" "),
            2 => literal(b""),
            3 => literal(b"a\r\n"),
            4 => literal(b"\r\n\r\nb"),
            5 => Segment::Verbatim(b"\r\n".to_vec()),
            6 => Segment::Verbatim(b" v".to_vec()),
            7 => Segment::Live(Live::CallNumber),
            _ => Segment::Live(Live::Variable(VarIx::Call(0))),
        })
        .collect()
}

fn rendered(segments: &[Segment]) -> Vec<u8> {
    let mut world = World::default();
    let mut out = Vec::new();
    let variables = crate::engine::variable::Variables { call: &[], user: &[], global: &[] };
    let mut scene = Scene {
        transport: "UDP",
        signer: None,
        call_number: 1,
        local_port: 0,
        call_id: b"",
        cseq: 0,
        user_id: 0,
        users: 0,
        message_index: 0,
        branch_index: 0,
        peer_tag: b"",
        last: None,
        routes: b"",
        target: None,
        variables,
        files: &world.files,
        lines: &world.lines,
        now: world.now,
        wall: world.wall,
        read_file: |path| std::fs::read(path),
        dynamic: &mut world.dynamic,
        circuit: world.circuit,
    };
    render::message(segments, &mut scene, &mut out, &mut Vec::new()).unwrap();
    out
}

proptest! {
    #[test]
    fn no_text_makes_parser_or_renderer_panic(text in template_text(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for text in [text, bytes] {
            let mut world = World::with_file("SEQUENTIAL\na;b\n");
            world.last = Some(b"A b\r\nX: y\r\n\r\n".to_vec());
            if let Ok(mut template) = Template::parse(&text, &mut world.scenario) {
                template.bind(&Facts::default(), None);
                let _ = world.try_render(&template);
            }
            let scenario = &mut world.scenario;
            match Template::parse_send(&text, scenario) {
                Ok(_) => {}
                Err(error) => prop_assert!(error.at.start <= error.at.end && error.at.end <= text.len(), "{error:?}"),
            }
        }
    }

    #[test]
    fn a_text_without_keywords_renders_as_cleaned_with_cr_lf(text in "A b[ -Z^-~\n\t]{0,200}x") {
        let cleaned = String::from_utf8(Cleaned::of_send(text.as_bytes()).unwrap().text).unwrap();
        let (template, _) = Template::parse_send(text.as_bytes(), &mut Scenario::default()).unwrap();
        prop_assert_eq!(World::default().render(&template), cleaned.replace('\n', "\r\n"));
    }

    /// keywords.md §5.1: joining neighbours must not show.
    #[test]
    fn joined_segments_render_as_the_separate_ones(pieces in pieces()) {
        prop_assert_eq!(rendered(&joined(segments(&pieces))), rendered(&segments(&pieces)));
    }
}
