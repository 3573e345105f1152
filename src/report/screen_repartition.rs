//! The repartition screens: how many response times and call lengths fell between which borders.
//! Spec: outputs.md §15.6. In: a snapshot. Out: lines. The call length is shown without response times too (Surprise there).

use super::screen::{Snapshot, push_line};
use crate::stats::Durations;

/// Appends the screen of the response time at `ordinal`, from 0; the first one also shows the call length.
pub(super) fn append(snapshot: &Snapshot<'_>, ordinal: usize, out: &mut String) {
    let rtd = snapshot.plan.rtds.get(ordinal);
    match rtd.zip(snapshot.stats.response_times.get(ordinal)) {
        Some((rtd, times)) => {
            append_table(&format!("Average Response Time Repartition {}", rtd.name), times, out);
        }
        None => push_undefined(out),
    }
    if ordinal == 0 {
        append_table("Average Call Length Repartition", &snapshot.stats.call_length, out);
    }
}

fn append_table(title: &str, durations: &Durations, out: &mut String) {
    push_line(&format!("  {title:<77}"), out);
    let Some(last) = durations.borders.last() else { return push_undefined(out) };
    let mut low = 0;
    for (high, count) in durations.borders.iter().zip(&durations.classes) {
        push_line(&format!("    {low:>10} ms <= n < {high:>10} ms : {count:>10}"), out);
        low = *high;
    }
    let rest = durations.classes.last().copied().unwrap_or_default();
    push_line(&format!("                   n >= {last:>10} ms : {rest:>10}"), out);
}

fn push_undefined(out: &mut String) {
    push_line(&format!("{:<79}", "    <No repartion defined>"), out);
}

#[cfg(test)]
mod tests {
    use crate::clock::Span;
    use crate::report::screen::{Screen, tests::drawn};
    use crate::report::test_plan::plan_of;

    const TITLE: &str = "---------------------------- Repartition Screen ------- [1-9]: Change Screen --\n";
    const UNDEFINED: &str =
        "    <No repartion defined>                                                     \n";
    const CALL_LENGTH: &str =
        "  Average Call Length Repartition                                              \n";

    /// outputs.md §15.6, form of the sample.
    #[test]
    fn classes_stand_between_their_borders() {
        let plan = plan_of(
            "<scenario><recv request='A' rtd='1'/><nop rtd='b'/><ResponseTimeRepartition value='10,200'/>\
             <CallLengthRepartition value='10000'/></scenario>",
        );
        let first = drawn(&plan, Screen::Repartition(0), |stats| {
            (0..25).for_each(|_| stats.response_times[0].record(Span::from_millis(3)));
            stats.response_times[0].record(Span::from_millis(200));
            stats.call_length.record(Span::from_millis(7));
        });
        let wanted = format!(
            "{TITLE}  Average Response Time Repartition 1                                          \n\
            \x20            0 ms <= n <         10 ms :         25\n\
            \x20           10 ms <= n <        200 ms :          0\n\
            \x20                  n >=        200 ms :          1\n\
            {CALL_LENGTH}\
            \x20            0 ms <= n <      10000 ms :          1\n\
            \x20                  n >=      10000 ms :          0\n"
        );
        assert_eq!(first, wanted);
        let second = drawn(&plan, Screen::Repartition(1), |_| {});
        assert!(second.starts_with(
            "--------------------------- Repartition 2 Screen ------ [1-9]: Change Screen --\n  \
             Average Response Time Repartition b  "
        ));
        assert!(!second.contains("Call Length"));
    }

    /// outputs.md §15.6; the call length is shown all the same.
    #[test]
    fn what_is_not_defined_is_said_not_to_be() {
        let plan = plan_of("<scenario><recv request='A'/></scenario>");
        let screen = |screen| drawn(&plan, screen, |_| {});
        assert_eq!(screen(Screen::Repartition(0)), format!("{TITLE}{UNDEFINED}{CALL_LENGTH}{UNDEFINED}"));
        let third = screen(Screen::Repartition(2));
        assert_eq!(third.lines().nth(1), UNDEFINED.lines().next());
        assert_eq!(third.lines().count(), 2);
    }
}
