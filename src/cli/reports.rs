//! Help group "Reports and thresholds": what a run is to leave for programs and people, and what it must keep to. None of it is in SIPp.
//! Spec: ours (README, "Reports"). Must not open files or sockets: `run` does.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::opt::{Given, Group, Opt, Pass, Value};
use super::refusal::Refusal;
use super::value::Unit;
use crate::report::expect::language;

pub const GROUP: Group =
    Group { title: "Reports and thresholds", options: &[JSON, JUNIT, HTML, PROMETHEUS, EXPECT, FAIL_ON_LAG] };

const JSON: Opt = Opt {
    name: "json",
    value: Value::Text("FILE"),
    default: "",
    help: "Write the results of the run to a JSON file",
    more: "Its form is that of src/report/results/schema.json. Written at the end, however the run ends. Not in SIPp.",
    spec: "ours",
    pass: Pass::Options(|options, given| {
        options.reports.json = Some(given.path());
        Ok(())
    }),
};

const JUNIT: Opt = Opt {
    name: "junit",
    value: Value::Text("FILE"),
    default: "",
    help: "Write the results of the run to a JUnit XML file",
    more: "A test case for each scenario, for the run itself and for each threshold. Not in SIPp.",
    spec: "ours",
    pass: Pass::Options(|options, given| {
        options.reports.junit = Some(given.path());
        Ok(())
    }),
};

const HTML: Opt = Opt {
    name: "html",
    value: Value::Text("FILE"),
    default: "",
    help: "Write the results of the run to an HTML page",
    more: "One file for people: plots over time, tables, ladders of failed calls. It loads nothing from elsewhere. Not in SIPp.",
    spec: "ours",
    pass: Pass::Options(|options, given| {
        options.reports.html = Some(given.path());
        Ok(())
    }),
};

const PROMETHEUS: Opt = Opt {
    name: "prometheus",
    value: Value::Text("ADDR:PORT"),
    default: "",
    help: "Serve metrics at http://ADDR:PORT/metrics while the run goes on",
    more: "For Prometheus; brought up to date every second. A port alone is one of 127.0.0.1; with port 0 the system chooses, \
           and the address is printed. Not in SIPp.",
    spec: "ours",
    pass: Pass::Options(|options, given| {
        address(given).map(|address| options.reports.metrics = Some(address))
    }),
};

const EXPECT: Opt = Opt {
    name: "expect",
    value: Value::Conditions("CONDITION"),
    default: "",
    help: "Fail the run (exit status 1) unless the condition is true at its end",
    more: "Such as 'failed<1%' or 'rtd1.p99<50ms, rate>=99%'; may be given several times. Numbers: calls, succeeded, failed, \
           failed.CAUSE, retransmissions, unexpected, timeouts, drops, rate, cpu. Times: rtdNAME, length and lag, each with \
           .p50 (any percentile), .mean or .max, in us, ms or s. Operators: < <= > >= ==. With a condition on failed or \
           succeeded, failed calls alone no longer fail the run. More conditions may follow as words of their own. Not in SIPp.",
    spec: "ours",
    pass: Pass::Options(|options, given| {
        let found = language::parse(given.text()?);
        let found = found.map_err(|mistake| Refusal::Expectation { option: given.typed.clone(), mistake })?;
        options.reports.expectations.extend(found);
        Ok(())
    }),
};

const FAIL_ON_LAG: Opt = Opt {
    name: "fail_on_lag",
    value: Value::Time(Unit::Ms),
    default: "",
    help: "Fail the run (exit status 1) if 1 call in 100 started later than this",
    more: "In ms or with a unit. Then the machine that rsipp runs on was too slow for the load, and the measured times mean \
           little. Not in SIPp.",
    spec: "ours",
    pass: Pass::Options(|options, given| {
        let limit = language::lag_limit(given.millis()?);
        options.reports.expectations.push(limit);
        Ok(())
    }),
};

fn address(given: &Given) -> Result<SocketAddr, Refusal> {
    let text = given.text()?;
    let here = IpAddr::from(Ipv4Addr::LOCALHOST);
    let local = |port: &str| port.parse().ok().map(|port| SocketAddr::new(here, port));
    let address =
        text.parse().ok().or_else(|| local(text)).or_else(|| local(text.strip_prefix("localhost:")?));
    address.ok_or_else(|| {
        given.out_of_range("must be an IP address and a port, such as 0.0.0.0:9464, or a port")
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{options, refused};

    #[test]
    fn conditions_add_up_in_the_order_typed() {
        let expectations =
            options("-expect failed<1%,calls>5 -fail_on_lag 20 -expect rtd1.p99<1s").reports.expectations;
        let typed: Vec<_> = expectations.iter().map(|expectation| expectation.typed.as_str()).collect();
        assert_eq!(typed, ["failed<1%", "calls>5", "-fail_on_lag 20", "rtd1.p99<1s"]);
    }

    #[test]
    fn a_mistake_in_a_condition_is_shown_under_it() {
        assert_eq!(
            refused("-expect failed<1%,calls>5%"),
            "-expect: '%' is no unit of calls: that has no unit\n  failed<1%,calls>5%\n                   ^"
        );
    }

    #[test]
    fn metrics_have_an_address_or_are_served_to_this_machine() {
        let address = |line: &str| options(line).reports.metrics.map(|address| address.to_string());
        assert_eq!(address("-m 1"), None);
        assert_eq!(address("-prometheus 9464").as_deref(), Some("127.0.0.1:9464"));
        assert_eq!(address("-prometheus localhost:0").as_deref(), Some("127.0.0.1:0"));
        assert_eq!(address("-prometheus 0.0.0.0:9464").as_deref(), Some("0.0.0.0:9464"));
        assert_eq!(address("-prometheus [::1]:9464").as_deref(), Some("[::1]:9464"));
        assert!(refused("-prometheus nowhere:1").contains("must be an IP address and a port"));
    }

    /// Several conditions behind one option, and a host behind them.
    #[test]
    fn words_that_compare_something_are_more_conditions() {
        let options = options("-expect failed<1% rtd1.p99<50ms rate>=99% host:5070 -m 1");
        assert_eq!(options.reports.expectations.len(), 3);
        assert_eq!(options.remote.map(|remote| remote.host).as_deref(), Some("host"));
        assert!(refused("-expect failed<1% wrong<1").contains("wrong<1"));
        assert!(refused("-m 1 failed<1% host").starts_with("remote_host given multiple times"));
    }
}
