//! Response times, counters, repartition tables.

use super::*;
use crate::scenario::plan::RtdIx;

/// scenario.md §10.
#[test]
fn counters_are_numbered_by_first_appearance_and_rtd_comes_before_start_rtd() {
    let plan = plan("<recv request=\"A\" start_rtd=\"b\" rtd=\"a\"/><recv request=\"A\" rtd=\"b\"/>");
    let names: Vec<_> = plan.rtds.iter().map(|rtd| rtd.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(plan.steps[0].marks.start, Some(RtdIx(1)));
    assert_eq!(plan.steps[1].marks.stop.unwrap().rtd, RtdIx(1));
}

/// scenario.md §4, "rtd".
#[test]
fn true_is_the_counter_called_1_and_false_is_none() {
    let plan =
        plan("<recv request=\"A\" rtd=\"true\" start_rtd=\"false\"/><recv request=\"A\" rtd=\"false\"/>");
    assert_eq!(plan.rtds[0].name, "1");
    assert_eq!(plan.rtds.len(), 1);
    assert_eq!(plan.steps[0].marks.start, None);
    assert_eq!(plan.steps[1].marks.stop, None);
}

/// scenario.md §10: no list syntax.
#[test]
fn a_comma_is_part_of_a_response_times_name() {
    assert_eq!(plan("<recv request=\"A\" rtd=\"a,b\"/>").rtds[0].name, "a,b");
}

/// scenario.md §10.
#[test]
fn a_counter_that_is_started_must_be_stopped() {
    let sentence = "You have started Response Time Duration x, but have never stopped it!";
    assert_eq!(error(&format!("{RECV}<nop start_rtd=\"x\"/>")), sentence);
}

/// scenario.md §10: stop without start is fine.
#[test]
fn a_counter_may_be_stopped_without_a_start() {
    assert_eq!(plan("<recv request=\"A\" rtd=\"x\"/>").rtds.len(), 1);
}

/// scenario.md §4, "repeat_rtd".
#[test]
fn repeat_rtd_needs_an_effective_rtd() {
    let sentence = "There is a repeat_rtd element without an rtd element";
    for attributes in ["repeat_rtd=\"true\"", "repeat_rtd=\"false\"", "repeat_rtd=\"true\" rtd=\"false\""] {
        assert_eq!(error(&format!("{RECV}<nop {attributes}/>")), sentence, "{attributes}");
    }
}

/// scenario.md §4, "repeat_rtd".
#[test]
fn repeat_rtd_is_a_truth_value() {
    assert!(plan("<recv request=\"A\" rtd=\"1\" repeat_rtd=\"true\"/>").steps[0].marks.stop.unwrap().repeat);
    let body = "<recv request=\"A\" rtd=\"1\" repeat_rtd=\"x\"/>";
    assert_eq!(error(body), "repeat_rtd, \"x\" is not a valid boolean!");
}

/// scenario.md §4, "counter".
#[test]
fn generic_counters_have_names_without_dollar_and_comma() {
    let plan = plan(
        "<recv request=\"A\" counter=\"x\"/><recv request=\"A\" counter=\"y\"/><recv request=\"A\" counter=\"x\"/>",
    );
    assert_eq!(*plan.counters, ["x", "y"]);
    assert_eq!(plan.steps[2].marks.counter, plan.steps[0].marks.counter);
    assert_eq!(
        error(&format!("{RECV}<nop counter=\"\"/>")),
        "Counter names names may not be empty for counter"
    );
    let sentence = "Counter names may not contain $ or , for counter";
    assert_eq!(error(&format!("{RECV}<nop counter=\"$a\"/>")), sentence);
}

/// scenario.md §10, "Repartitions".
#[test]
fn borders_are_sorted_and_may_have_blanks() {
    let plan = plan(&format!("{RECV}<CallLengthRepartition value=\"100,\t10, 50 \"/>"));
    assert_eq!(*plan.call_length_borders, [10, 50, 100]);
}

/// scenario.md §10: "is accepted and read as 10, 1000".
#[test]
fn a_second_number_behind_a_blank_is_not_looked_at() {
    assert_eq!(
        *plan(&format!("{RECV}<CallLengthRepartition value=\"10 20,1000\"/>")).call_length_borders,
        [10, 1000]
    );
}

/// scenario.md §10.
#[test]
fn an_empty_table_has_no_borders_and_a_later_one_replaces_the_earlier() {
    let tables = "<CallLengthRepartition value=\"1,2\"/><CallLengthRepartition value=\"\"/>";
    assert!(plan(&format!("{RECV}{tables}")).call_length_borders.is_empty());
}

/// scenario.md §10.
#[test]
fn a_bad_list_of_borders_is_refused_with_its_text() {
    for list in ["10, x", "10,", ",10", "-1", "+1", "1.5", " ", "10 x,20"] {
        assert_eq!(
            error(&format!("{RECV}<CallLengthRepartition value=\"{list}\"/>")),
            format!("Could not create table for call length repartition '{list}'")
        );
        assert_eq!(
            error(&format!("<recv request=\"A\" rtd=\"1\"/><ResponseTimeRepartition value=\"{list}\"/>")),
            format!("Could not create table for response time repartition '{list}'")
        );
    }
}

/// scenario.md §5.7.
#[test]
fn a_table_needs_its_value() {
    for element in ["CallLengthRepartition", "ResponseTimeRepartition"] {
        let sentence = format!("{element} is missing the required 'value' parameter.");
        assert_eq!(error(&format!("{RECV}<{element}/>")), sentence);
    }
}

/// scenario.md §10, Surprise: only counters mentioned above.
#[test]
fn a_response_time_table_applies_to_the_counters_above_it() {
    let body = "<recv request=\"A\" rtd=\"a\"/><ResponseTimeRepartition value=\"5,10\"/><recv request=\"A\" rtd=\"b\"/>";
    let plan = plan(body);
    assert_eq!(*plan.rtds[0].borders, [5, 10]);
    assert!(plan.rtds[1].borders.is_empty());
    assert_eq!(
        warnings(body),
        [
            "response time b has no repartition table: <ResponseTimeRepartition> stands above its first mention"
        ]
    );
}

/// scenario.md §10, Surprise: not even validated.
#[test]
fn a_response_time_table_above_all_counters_is_not_looked_at() {
    let body = format!("<ResponseTimeRepartition value=\"x\"/>{RECV}");
    assert_eq!(
        warnings(&body),
        ["<ResponseTimeRepartition> has no effect: no rtd or start_rtd stands above it"]
    );
}
