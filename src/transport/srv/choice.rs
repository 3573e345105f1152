//! Which NAPTR records concern us, and the order of SRV records.
//! Spec: RFC 3263 §4.1, RFC 2782 ("Weight"). In: records. Out: those to follow, the best first. Must not ask, nor make up randomness.

use hickory_resolver::proto::rr::Name;
use hickory_resolver::proto::rr::rdata::{NAPTR, SRV};

/// Where the NAPTR records for a service lead: names of SRV records, by order, then preference. Records of other services, of other
/// kinds than "look for SRV next" (flag `S`), and broken ones are passed over.
pub fn pointers(mut records: Vec<NAPTR>, service: &str) -> Vec<Name> {
    records.retain(|record| {
        record.services.eq_ignore_ascii_case(service.as_bytes())
            && record.flags.eq_ignore_ascii_case(b"S")
            && record.regexp.is_empty()
            && !record.replacement.is_root()
    });
    records.sort_by_key(|record| (record.order, record.preference));
    records.into_iter().map(|record| record.replacement).collect()
}

/// SRV records in the order in which their targets are to be tried: by priority, and among equals by lot, with odds by weight. `random`
/// gives a number from 0 to its argument, inclusive. What names no host or no port is left out.
pub fn order(mut records: Vec<SRV>, mut random: impl FnMut(u64) -> u64) -> Vec<SRV> {
    records.retain(|record| !record.target.is_root() && record.port != 0);
    // Weight 0 first, so that such a record is drawn only by a 0.
    records.sort_by_key(|record| (record.priority, record.weight != 0));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(priority) = records.first().map(|record| record.priority) {
        let equals = records.iter().take_while(|record| record.priority == priority);
        let sums: Vec<u64> = equals
            .scan(0, |sum, record| {
                *sum += u64::from(record.weight);
                Some(*sum)
            })
            .collect();
        let drawn = random(sums.last().copied().unwrap_or(0));
        let at = sums.iter().position(|sum| *sum >= drawn).unwrap_or(0);
        ordered.push(records.remove(at));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naptr(order: u16, preference: u16, flags: &str, service: &str, to: &str) -> NAPTR {
        let bytes = |text: &str| text.as_bytes().into();
        NAPTR::new(order, preference, bytes(flags), bytes(service), bytes(""), to.parse().unwrap())
    }

    fn names(records: Vec<NAPTR>, service: &str) -> Vec<String> {
        pointers(records, service).iter().map(Name::to_string).collect()
    }

    /// RFC 3263 §4.1, with its example: order before preference, and only what we speak.
    #[test]
    fn of_naptr_records_ours_count_by_order_then_preference() {
        let records = vec![
            naptr(50, 50, "s", "SIPS+D2T", "_sips._tcp.example.com."),
            naptr(90, 60, "s", "SIP+D2T", "third."),
            naptr(90, 50, "S", "sip+d2t", "second."),
            naptr(80, 99, "s", "SIP+D2T", "first."),
            naptr(100, 50, "s", "SIP+D2U", "_sip._udp.example.com."),
        ];
        assert_eq!(names(records.clone(), "SIP+D2T"), ["first.", "second.", "third."]);
        assert_eq!(names(records.clone(), "SIPS+D2T"), ["_sips._tcp.example.com."]);
        assert_eq!(names(records, "SIP+D2W"), [""; 0]);
    }

    /// RFC 3263 §4.1: SIP uses flag S alone; RFC 3403 §4.1: a record with both regexp and replacement is in error.
    #[test]
    fn naptr_records_that_are_no_pointers_are_passed_over() {
        let mut both = naptr(1, 1, "s", "SIP+D2U", "a.");
        both.regexp = b"!^.*$!sip:x@example.com!".as_slice().into();
        let records = vec![
            both,
            naptr(1, 1, "u", "SIP+D2U", "a."),
            naptr(1, 1, "", "SIP+D2U", "a."),
            naptr(1, 1, "s", "SIP+D2U", "."),
            naptr(1, 1, "s", "E2U+sip", "a."),
        ];
        assert_eq!(names(records, "SIP+D2U"), [""; 0]);
    }

    fn srv(priority: u16, weight: u16, target: &str) -> SRV {
        SRV::new(priority, weight, 5060, target.parse().unwrap())
    }

    fn targets(records: &[SRV], random: impl FnMut(u64) -> u64) -> String {
        order(records.to_vec(), random).iter().map(|record| record.target.to_string()).collect()
    }

    /// RFC 2782: "A client MUST attempt to contact the target host with the lowest-numbered priority".
    #[test]
    fn a_lower_priority_goes_first_whatever_the_lot_says() {
        let records = [srv(30, 9, "c."), srv(10, 0, "a."), srv(20, 65_535, "b.")];
        assert_eq!(targets(&records, |most| most), "a.b.c.");
        assert_eq!(targets(&records, |_| 0), "a.b.c.");
    }

    /// RFC 2782, "Weight": running sums 0, 10, 40, 100 of z, a, b, c; drawn is the first that is at least the lot.
    #[test]
    fn among_equals_the_first_running_sum_that_reaches_the_lot_is_drawn() {
        let records = [srv(1, 10, "a."), srv(1, 30, "b."), srv(1, 60, "c."), srv(1, 0, "z.")];
        for (lots, expected) in [
            ([0, 0, 0, 0], "z.a.b.c."),
            ([1, 0, 0, 0], "a.z.b.c."),
            ([10, 30, 60, 0], "a.b.c.z."),
            ([11, 11, 1, 0], "b.c.a.z."),
            ([100, 40, 10, 0], "c.b.a.z."),
        ] {
            let mut most = Vec::new();
            let mut lots = lots.into_iter();
            let found = targets(&records, |limit| {
                most.push(limit);
                lots.next().unwrap()
            });
            assert_eq!(found, expected);
            assert_eq!(most[0], 100, "the lot is from 0 to the sum of the weights");
            assert_eq!(most.len(), 4);
        }
    }

    /// RFC 2782: odds are by weight. Every lot once is as good as a perfect die.
    #[test]
    fn the_odds_of_being_first_are_by_weight() {
        let records = [srv(1, 1, "a."), srv(1, 3, "b.")];
        let firsts = (0..=4).map(|lot| targets(&records, |most| lot.min(most)).remove(0));
        let of_a = firsts.filter(|first| *first == 'a').count();
        assert_eq!(of_a, 2, "0 and 1 of 0 to 4");
    }

    /// Nothing that a server sends may break the draw.
    #[test]
    fn a_record_without_host_or_port_is_left_out_and_a_lot_too_high_harms_nothing() {
        let records =
            [srv(1, 5, "."), SRV::new(1, 5, 0, "x.".parse().unwrap()), srv(1, 5, "a."), srv(1, 5, "b.")];
        assert_eq!(targets(&records, |_| u64::MAX), "a.b.");
        assert_eq!(targets(&[], |_| 0), "");
    }
}
