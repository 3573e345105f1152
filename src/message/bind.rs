//! Turns keywords that are the same for every call into text, and neighbours into one piece, so that
//! rendering copies few of them.
//! Spec: keywords.md §5.1 (what may be joined), §6.1-§6.3, §7.4. In: [`Facts`]. Must not change what a
//! rendering gives.

use super::Facts;
use super::render::after_removed_line;
use super::segment::{Fact, Live, Segment};

/// Replaces all [`Segment::Fact`]s.
pub(super) fn bind(segments: &mut Vec<Segment>, facts: &Facts, own_index: Option<i32>) {
    let mut bound = Vec::with_capacity(segments.len());
    for segment in segments.drain(..) {
        match segment {
            Segment::Fact(fact, offset) => push_fact(&mut bound, fact, i64::from(offset), facts, own_index),
            Segment::Live(Live::Field(mut field)) => {
                if let Some(line) = &mut field.line {
                    bind(line, facts, own_index);
                }
                bound.push(Segment::Live(Live::Field(field)));
            }
            Segment::Live(Live::File(mut name)) => {
                bind(&mut name, facts, own_index);
                bound.push(Segment::Live(Live::File(name)));
            }
            Segment::Live(Live::Timestamp) if facts.rfc3339 => {
                bound.push(Segment::Live(Live::TimestampRfc3339));
            }
            Segment::Live(Live::Authentication(mut keyword)) => {
                keyword.values_mut().for_each(|value| bind(value, facts, own_index));
                bound.push(Segment::Live(Live::Authentication(keyword)));
            }
            other => bound.push(other),
        }
    }
    *segments = joined(bound);
}

fn push_fact(bound: &mut Vec<Segment>, fact: Fact, offset: i64, facts: &Facts, own_index: Option<i32>) {
    let text = match fact {
        Fact::RemoteHost => facts.remote_host.clone(),
        Fact::RemoteIp => facts.remote_ip.clone(),
        Fact::RemotePort => (i64::from(facts.remote_port) + offset).to_string(),
        Fact::LocalIp => facts.local_ip.clone(),
        Fact::LocalIpType => facts.local_ip_type.to_string(),
        Fact::LocalPort => match facts.local_port {
            Some(port) => (i64::from(port) + offset).to_string(),
            None => return bound.push(Segment::Live(Live::LocalPort { offset })),
        },
        Fact::ServerIp => facts.server_ip.clone(),
        Fact::Transport => match facts.transport {
            Some(transport) => transport.to_owned(),
            None => return bound.push(Segment::Live(Live::Transport)),
        },
        Fact::MediaIp => facts.media_ip.clone(),
        Fact::MediaIpType => facts.media_ip_type.to_string(),
        Fact::MediaPort => (i64::from(facts.media_port) + offset).to_string(),
        Fact::Pid => facts.pid.to_string(),
        Fact::Service => facts.service.clone(),
        Fact::Version => facts.version.clone(),
        Fact::AutoMediaPort => {
            let base = i64::from(facts.media_port) + offset;
            return bound.push(Segment::Live(Live::AutoMediaPort { base }));
        }
        Fact::MessageIndex => match own_index {
            Some(index) => index.to_string(),
            None => return bound.push(Segment::Live(Live::MessageIndex)),
        },
        Fact::Branch => return push_branch(bound, offset, facts.pid, own_index),
    };
    bound.push(Segment::Verbatim(text.into_bytes()));
}

/// `z9hG4bK-<pid>-<call number>-<index + offset>` (keywords.md §7.4).
fn push_branch(bound: &mut Vec<Segment>, offset: i64, pid: u32, own_index: Option<i32>) {
    bound.push(Segment::Verbatim(format!("z9hG4bK-{pid}-").into_bytes()));
    bound.push(Segment::Live(Live::CallNumber));
    match own_index {
        Some(index) => bound.push(Segment::Verbatim(format!("-{}", i64::from(index) + offset).into_bytes())),
        None => {
            bound.push(Segment::Verbatim(b"-".to_vec()));
            // It came from an i32.
            bound.push(Segment::Live(Live::BranchIndex(i32::try_from(offset).unwrap_or(0))));
        }
    }
}

/// Joins neighbouring texts where the line-removal rule gives the same bytes. The rule strips the next
/// literal after an empty value; as long as no value is pending, or some of the literal stays whatever is
/// stripped, what follows can be part of it.
pub(super) fn joined(segments: Vec<Segment>) -> Vec<Segment> {
    let mut joined: Vec<Segment> = Vec::with_capacity(segments.len());
    // Whether a line removal may be pending before the last joined segment, and after it.
    let (mut before_last, mut pending) = (false, false);
    for segment in segments {
        let text = match segment {
            Segment::Literal(text) if text.is_empty() && !pending => continue,
            Segment::Verbatim(text) if text.is_empty() => continue,
            // Nothing is pending: the difference between the two does not matter.
            Segment::Verbatim(text) if !pending => Segment::Literal(text),
            other => other,
        };
        match (joined.last_mut(), text) {
            (Some(Segment::Literal(left)), Segment::Literal(right))
                if !before_last || !after_removed_line(left).is_empty() =>
            {
                left.extend_from_slice(&right);
            }
            (Some(Segment::Verbatim(left)), Segment::Verbatim(right)) => left.extend_from_slice(&right),
            (_, segment) => {
                before_last = pending;
                pending = match &segment {
                    Segment::Literal(_) => false,
                    Segment::Live(live) => pending || live.removes_lines(),
                    Segment::Verbatim(_) | Segment::Fact(..) => pending,
                };
                joined.push(segment);
            }
        }
    }
    joined.iter_mut().for_each(shrink);
    joined
}

fn shrink(segment: &mut Segment) {
    if let Segment::Literal(text) | Segment::Verbatim(text) = segment {
        text.shrink_to_fit();
    }
}
