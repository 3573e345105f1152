//! What a template is made of.
//! Spec: keywords.md §5, §6. Made by `keyword` and `parse`, shortened by `bind`, walked by `render`.

use super::authentication::Authentication;
use crate::engine::variable::Value;
use crate::inject::FileIx;
use crate::scenario::plan::{Keeps, VarIx};
use crate::sip::HeaderName;

/// One piece of a template.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    /// Text of the template or of a `-key`: yields its leading white space to the line-removal rule
    /// (keywords.md §5.1).
    Literal(Vec<u8>),
    /// Text that a keyword stood for: the rule passes over it.
    Verbatim(Vec<u8>),
    /// A keyword that `bind` turns into text.
    Fact(Fact, i32),
    /// A keyword that is different for each call or each rendering.
    Live(Live),
}

/// Keywords whose value is known before the first call (keywords.md §6.1-§6.3), or mostly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    RemoteHost,
    RemoteIp,
    RemotePort,
    LocalIp,
    LocalIpType,
    /// Becomes [`Live::LocalPort`] where each call has its own.
    LocalPort,
    ServerIp,
    /// Becomes [`Live::Transport`] where calls differ in it.
    Transport,
    MediaIp,
    MediaIpType,
    MediaPort,
    /// The part that calls share; the rest becomes [`Live::AutoMediaPort`].
    AutoMediaPort,
    Pid,
    Service,
    Version,
    /// Known for a `<send>` only, else becomes [`Live::MessageIndex`].
    MessageIndex,
    /// Becomes text, [`Live::CallNumber`] and text or [`Live::BranchIndex`].
    Branch,
}

/// Keywords that read the scene (keywords.md §6.3-§6.9, §7).
#[derive(Clone, Debug)]
pub(super) enum Live {
    CallNumber,
    LocalPort {
        offset: i64,
    },
    Transport,
    CallId,
    Cseq(i32),
    PeerTag,
    Header(HeaderName),
    Routes,
    NextUrl,
    Len(Len),
    LastMessage,
    LastRequestUri,
    LastCseqNumber(i32),
    Users,
    UserId,
    MessageIndex,
    BranchIndex(i32),
    AutoMediaPort {
        base: i64,
    },
    DynamicId,
    Circuit,
    Timestamp,
    TimestampRfc3339,
    Date,
    ClockTick,
    Variable(VarIx),
    Fill {
        length: VarIx,
        text: Vec<u8>,
    },
    Field(Box<Field>),
    /// `[file name=]`: the name.
    File(Vec<Segment>),
    /// `[authentication …]`: filled in when the message is complete.
    Authentication(Box<Authentication>),
}

/// `[len±N]`: columns that are filled in when the message is complete (keywords.md §5.2).
#[derive(Clone, Copy, Debug)]
pub(super) struct Len {
    /// Added to the length of the body.
    pub offset: i32,
    /// 5, or more when the offset is so large that the sum needs them.
    pub columns: usize,
}

/// `[fieldN file= line=]` (keywords.md §6.9).
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// Column, from 0.
    pub number: u32,
    pub file: FileIx,
    /// None: the call's own line.
    pub line: Option<Vec<Segment>>,
}

impl Live {
    /// Whether an empty value of it at a line start removes the line (keywords.md §5.1).
    pub fn removes_lines(&self) -> bool {
        matches!(self, Live::Variable(_) | Live::Field(_) | Live::Header(_) | Live::Routes)
    }

    fn keeps(&self) -> Keeps {
        let last_message = matches!(
            self,
            Live::Header(_)
                | Live::LastMessage
                | Live::LastRequestUri
                | Live::LastCseqNumber(_)
                | Live::NextUrl
        );
        let route_set = matches!(self, Live::Routes | Live::NextUrl);
        let keeps = Keeps { last_message, route_set, peer_tag: matches!(self, Live::PeerTag) };
        match self {
            Live::File(name) => either(keeps, self::keeps(name)),
            Live::Field(field) => either(keeps, field.line.as_deref().map(self::keeps).unwrap_or_default()),
            Live::Authentication(keyword) => {
                keyword.values().map(|value| self::keeps(value)).fold(keeps, either)
            }
            _ => keeps,
        }
    }
}

/// What calls must keep so that these segments can be rendered.
pub(super) fn keeps(segments: &[Segment]) -> Keeps {
    segments
        .iter()
        .filter_map(|segment| if let Segment::Live(live) = segment { Some(live.keeps()) } else { None })
        .fold(Keeps::default(), either)
}

/// Gives every variable in the segments to `change`.
pub(super) fn map_variables(segments: &mut [Segment], change: &mut dyn FnMut(&mut VarIx)) {
    for segment in segments {
        match segment {
            Segment::Live(Live::Variable(var) | Live::Fill { length: var, .. }) => change(var),
            Segment::Live(Live::Field(field)) => {
                if let Some(line) = &mut field.line {
                    map_variables(line, change);
                }
            }
            Segment::Live(Live::File(name)) => map_variables(name, change),
            Segment::Live(Live::Authentication(keyword)) => {
                keyword.values_mut().for_each(|value| map_variables(value, change));
            }
            Segment::Live(_) | Segment::Literal(_) | Segment::Verbatim(_) | Segment::Fact(..) => {}
        }
    }
}

fn either(a: Keeps, b: Keeps) -> Keeps {
    Keeps {
        last_message: a.last_message || b.last_message,
        route_set: a.route_set || b.route_set,
        peer_tag: a.peer_tag || b.peer_tag,
    }
}

/// Bytes that `[fill]` makes: a number truncated toward zero, nothing for other values (keywords.md §6.6).
pub(super) fn fill_length(value: &Value) -> usize {
    // A float-to-integer cast saturates, and NaN gives 0.
    value.number() as usize
}
