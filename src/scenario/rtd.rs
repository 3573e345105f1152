//! Response-time counters, generic counters and the repartition tables over them.
//! Spec: scenario.md §10. In: names in the order in which the file mentions them. Out: slots and borders. Must not measure.

use std::ops::Range;

use super::diagnostic::Diagnostic;
use super::plan::{CounterIx, Rtd, RtdIx};

/// The response-time counters of a scenario, by slot.
#[derive(Debug, Default)]
pub(super) struct Rtds {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    started: Option<Range<usize>>,
    stopped: bool,
    borders: Box<[u32]>,
    has_table: bool,
    first: Range<usize>,
}

impl Rtds {
    /// A `start_rtd`.
    pub(super) fn start(&mut self, written: &str, place: Range<usize>) -> Option<RtdIx> {
        let at = self.slot(written, &place)?;
        if let Some(entry) = self.entries.get_mut(at.index()) {
            entry.started.get_or_insert(place);
        }
        Some(at)
    }

    /// An `rtd`.
    pub(super) fn stop(&mut self, written: &str, place: Range<usize>) -> Option<RtdIx> {
        let at = self.slot(written, &place)?;
        if let Some(entry) = self.entries.get_mut(at.index()) {
            entry.stopped = true;
        }
        Some(at)
    }

    /// Slot of a counter: `false` is none, `true` is the one called `1`.
    fn slot(&mut self, written: &str, place: &Range<usize>) -> Option<RtdIx> {
        let name = match written {
            "false" => return None,
            "true" => "1",
            other => other,
        };
        let known = self.entries.iter().position(|entry| entry.name == name);
        let at = known.unwrap_or_else(|| {
            self.entries.push(Entry {
                name: name.to_owned(),
                started: None,
                stopped: false,
                borders: Box::default(),
                has_table: false,
                first: place.clone(),
            });
            self.entries.len() - 1
        });
        Some(RtdIx(u16::try_from(at).unwrap_or(u16::MAX)))
    }

    /// More names than slots: to be refused.
    pub(super) fn overflow(&self) -> bool {
        self.entries.len() > usize::from(u16::MAX)
    }

    /// Whether any counter was mentioned above.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// `<ResponseTimeRepartition>`: gives all counters mentioned so far the same borders.
    pub(super) fn set_borders(&mut self, borders: &[u32]) {
        for entry in &mut self.entries {
            entry.borders = borders.into();
            entry.has_table = true;
        }
    }

    /// A counter that is started but stopped nowhere fails the load.
    pub(super) fn never_stopped(&self) -> Vec<Diagnostic> {
        let lonely = self.entries.iter().filter(|entry| !entry.stopped);
        lonely
            .filter_map(|entry| entry.started.clone().map(|place| (entry, place)))
            .map(|(entry, place)| {
                let sentence = format!(
                    "You have started Response Time Duration {}, but have never stopped it!",
                    entry.name
                );
                Diagnostic::error("rtd-never-stopped", sentence)
                    .at(place, "started here")
                    .help(format!("stop it with rtd=\"{}\" on a later step", entry.name))
            })
            .collect()
    }

    /// Counters that a repartition table above their first mention does not cover.
    pub(super) fn without_table(&self) -> Vec<Diagnostic> {
        if !self.entries.iter().any(|entry| entry.has_table) {
            return Vec::new();
        }
        let bare = self.entries.iter().filter(|entry| !entry.has_table);
        bare.map(|entry| {
            let sentence = format!(
                "response time {} has no repartition table: <ResponseTimeRepartition> stands above its first mention",
                entry.name
            );
            Diagnostic::warning("repartition-too-early", sentence).at(entry.first.clone(), "first mentioned here")
        })
        .collect()
    }

    pub(super) fn to_plan(&self) -> Box<[Rtd]> {
        let rtd = |entry: &Entry| Rtd { name: entry.name.clone(), borders: entry.borders.clone() };
        self.entries.iter().map(rtd).collect()
    }
}

/// Names of the generic counters, by slot.
#[derive(Debug, Default)]
pub(super) struct Counters {
    names: Vec<String>,
}

impl Counters {
    /// Slot of a counter, in order of first appearance.
    pub(super) fn slot(&mut self, name: &str) -> CounterIx {
        let known = self.names.iter().position(|known| known == name);
        let at = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        CounterIx(u16::try_from(at).unwrap_or(u16::MAX))
    }

    /// More names than slots: to be refused.
    pub(super) fn overflow(&self) -> bool {
        self.names.len() > usize::from(u16::MAX)
    }

    pub(super) fn to_plan(&self) -> Box<[String]> {
        self.names.as_slice().into()
    }
}

/// The borders of a repartition table, ascending: unsigned numbers between commas. What follows a number behind a blank
/// is not looked at unless it is no number. None: not such a list.
pub(super) fn borders(list: &str) -> Option<Vec<u32>> {
    if list.is_empty() {
        return Some(Vec::new());
    }
    let mut borders = list.split(',').map(border).collect::<Option<Vec<u32>>>()?;
    borders.sort_unstable();
    Some(borders)
}

fn border(item: &str) -> Option<u32> {
    let mut words = item.split([' ', '\t']).filter(|word| !word.is_empty());
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let first = words.next().filter(|word| is_number(word))?;
    if !words.all(is_number) {
        return None;
    }
    Some(first.parse().unwrap_or(u32::MAX))
}
