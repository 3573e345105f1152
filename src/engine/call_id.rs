//! Call-IDs of the calls that we open.
//! Spec: cli.md §4.4.1. In: the settings, the call's number, the time, randomness. Out: the Call-ID. Must not remember any.

use rand::RngExt;
use rand::rngs::SmallRng;
use uuid::Builder;

use super::settings::Settings;
use super::table::CallId;
use crate::clock::Tick;

/// Longer ones are cut.
const LONGEST: usize = 2_048;

/// `-cid_type`: what a Call-ID is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallIdKind {
    /// The text of `-cid_str`.
    #[default]
    Template,
    /// A UUID of version 4, `@`, the local address.
    Uuid,
    /// 32 hex digits, `@`, the local address.
    UuidCompact,
    /// The call's number, `-`, 32 hex digits, `@`, the local address.
    Random,
    /// Microseconds since 1970, the call's number, the process id, `@`, the local address.
    Timestamp,
}

impl CallIdKind {
    /// All names; they are read in any letter case.
    pub const NAMES: [(&'static str, CallIdKind); 11] = [
        ("default", CallIdKind::Template),
        ("format", CallIdKind::Template),
        ("legacy", CallIdKind::Template),
        ("uuid", CallIdKind::Uuid),
        ("uuid-compact", CallIdKind::UuidCompact),
        ("uuidcompact", CallIdKind::UuidCompact),
        ("uuid32", CallIdKind::UuidCompact),
        ("random", CallIdKind::Random),
        ("random-hex", CallIdKind::Random),
        ("timestamp", CallIdKind::Timestamp),
        ("time", CallIdKind::Timestamp),
    ];

    /// The kind of that name.
    pub fn named(name: &str) -> Option<CallIdKind> {
        CallIdKind::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
    }
}

/// The Call-ID of call `number`, opened `now`.
pub(super) fn make(settings: &Settings, number: u64, now: Tick, rng: &mut SmallRng) -> CallId {
    let ip = &settings.local_ip;
    let mut id = match settings.call_id {
        CallIdKind::Template => from_template(settings, number, rng.random()),
        CallIdKind::Uuid => CallId::from_slice(format!("{}@{ip}", uuid(rng).hyphenated()).as_bytes()),
        CallIdKind::UuidCompact => CallId::from_slice(format!("{}@{ip}", uuid(rng).simple()).as_bytes()),
        CallIdKind::Random => {
            CallId::from_slice(format!("{number}-{:032x}@{ip}", rng.random::<u128>()).as_bytes())
        }
        CallIdKind::Timestamp => {
            let micros = settings.wall.epoch_micros(now);
            CallId::from_slice(format!("{micros}-{number}-{}@{ip}", settings.pid).as_bytes())
        }
    };
    id.truncate(LONGEST);
    id
}

fn uuid(rng: &mut SmallRng) -> uuid::Uuid {
    Builder::from_random_bytes(rng.random()).into_uuid()
}

/// `%u` call number, `%p` pid, `%s` local address, `%r` a random number; another `%x` gives `%`.
fn from_template(settings: &Settings, number: u64, random: u32) -> CallId {
    let mut id = CallId::new();
    let mut digits = itoa::Buffer::new();
    let mut format = settings.call_id_format.bytes();
    while let Some(byte) = format.next() {
        if byte != b'%' {
            id.push(byte);
            continue;
        }
        match format.next() {
            Some(b'u') => id.extend_from_slice(digits.format(number).as_bytes()),
            Some(b'p') => id.extend_from_slice(digits.format(settings.pid).as_bytes()),
            Some(b's') => id.extend_from_slice(settings.local_ip.as_bytes()),
            Some(b'r') => id.extend_from_slice(digits.format(random >> 1).as_bytes()),
            _ => id.push(b'%'),
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::clock::WallClock;

    fn made(settings: Settings) -> String {
        let mut rng = SmallRng::seed_from_u64(1);
        String::from_utf8(make(&settings, 7, Tick::from_micros(5), &mut rng).to_vec()).unwrap()
    }

    /// cli.md §4.4.1
    #[test]
    fn the_call_id_template_knows_u_p_s_r_and_turns_the_rest_into_a_percent_sign() {
        let id = |format: &str| {
            let settings = Settings { call_id_format: format.to_owned(), pid: 42, ..Settings::default() };
            String::from_utf8(from_template(&settings, 7, 18).to_vec()).unwrap()
        };
        assert_eq!(id("%u-%p@%s"), "7-42@127.0.0.1");
        assert_eq!(id("a%u-%r%%b%xz@%s%"), "a7-9%b%z@127.0.0.1%");
        assert_eq!(made(Settings { call_id_format: "x".repeat(3_000), ..Settings::default() }).len(), 2_048);
    }

    /// cli.md §4.4.1: the other kinds ignore the template.
    #[test]
    fn each_kind_has_the_form_of_the_table() {
        let id = |call_id| {
            let wall = WallClock { epoch_micros_at_zero: 1_795_305_504_000_000, utc_offset_seconds: 3600 };
            made(Settings { call_id, pid: 42, wall, ..Settings::default() })
        };
        let is_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let local = |id: String| id.strip_suffix("@127.0.0.1").unwrap().to_owned();

        let uuid = local(id(CallIdKind::Uuid));
        assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{uuid}");
        assert!(is_hex(&uuid.replace('-', "")) && uuid.split('-').nth(2).unwrap().starts_with('4'), "{uuid}");
        let compact = local(id(CallIdKind::UuidCompact));
        assert!(compact.len() == 32 && is_hex(&compact), "{compact}");
        let random = local(id(CallIdKind::Random));
        let (number, hex) = random.split_once('-').unwrap();
        assert!(number == "7" && hex.len() == 32 && is_hex(hex), "{random}");
        assert_eq!(id(CallIdKind::Timestamp), "1795305504000005-7-42@127.0.0.1");
        assert_eq!(id(CallIdKind::Template), "7-42@127.0.0.1");
    }

    #[test]
    fn two_calls_never_share_a_random_call_id() {
        let mut rng = SmallRng::seed_from_u64(1);
        for call_id in [CallIdKind::Uuid, CallIdKind::UuidCompact, CallIdKind::Random] {
            let settings = Settings { call_id, ..Settings::default() };
            let ids: std::collections::HashSet<_> =
                (0..1_000).map(|_| make(&settings, 1, Tick::ZERO, &mut rng)).collect();
            assert_eq!(ids.len(), 1_000, "{call_id:?}");
        }
    }
}
