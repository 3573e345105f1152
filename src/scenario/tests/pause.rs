//! Pauses and samples drawn from distributions.

use super::*;
use crate::clock::Span;
use crate::scenario::distribution::Distribution::{self, *};
use crate::scenario::plan::PauseLength;

fn length(attributes: &str) -> PauseLength {
    match plan(&format!("{RECV}<pause {attributes}/>")).steps[1].kind {
        StepKind::Pause(length) => length,
        ref other => panic!("{other:?}"),
    }
}

fn pause_error(attributes: &str) -> String {
    error(&format!("{RECV}<pause {attributes}/>"))
}

/// scenario.md §15: a row of the table each, with the name of SIPp's error sentences (actions.md §3.6).
const ROWS: [(&str, &[&str], &str, Distribution); 9] = [
    ("uniform", &["min", "max"], "Uniform", Uniform { min: 1.0, max: 2.0 }),
    ("normal", &["mean", "stdev"], "Normal", Normal { mean: 1.0, stdev: 2.0 }),
    ("lognormal", &["mean", "stdev"], "Lognormal", LogNormal { mean: 1.0, stdev: 2.0 }),
    ("exponential", &["mean"], "Exponential", Exponential { mean: 1.0 }),
    ("weibull", &["lambda", "k"], "Weibull", Weibull { lambda: 1.0, k: 2.0 }),
    ("pareto", &["k", "x_m"], "Pareto", Pareto { k: 1.0, x_m: 2.0 }),
    (
        "gpareto",
        &["shape", "scale", "location"],
        "Generalized Pareto",
        GeneralizedPareto { shape: 1.0, scale: 2.0, location: 3.0 },
    ),
    ("gamma", &["k", "theta"], "Gamma", Gamma { k: 1.0, theta: 2.0 }),
    ("negbin", &["n", "p"], "Negative Binomial", NegativeBinomial { n: 1.0, p: 2.0 }),
];

/// `a="1" b="2" …`
fn numbered(parameters: &[&str]) -> String {
    parameters.iter().zip(1..).map(|(name, value)| format!("{name}=\"{value}\" ")).collect()
}

/// scenario.md §15.
#[test]
fn every_distribution_takes_its_parameters() {
    for (name, parameters, _, distribution) in ROWS {
        let written = format!("distribution=\"{name}\" {}", numbered(parameters));
        assert_eq!(length(&written), PauseLength::Sampled(distribution), "{name}");
        let plan = plan_with_actions(&format!("<sample assign_to=\"a\" {written}/>"));
        assert!(matches!(only_action(&plan), Action::Sample { from, .. } if *from == distribution), "{name}");
    }
    assert_eq!(length("distribution=\"fixed\" value=\"5\""), PauseLength::Fixed(Span::from_millis(5)));
}

/// scenario.md §15: "all required".
#[test]
fn every_parameter_of_a_distribution_is_required() {
    for (name, parameters, label, _) in ROWS {
        for missing in parameters {
            let others: Vec<&str> = parameters.iter().copied().filter(|one| one != missing).collect();
            let sentence = format!("{label} distribution is missing the required '{missing}' parameter.");
            let written = format!("distribution=\"{name}\" {}", numbered(&others));
            assert_eq!(pause_error(&written), sentence);
        }
    }
    let sentence = "Fixed distribution is missing the required 'value' parameter.";
    assert_eq!(pause_error("distribution=\"fixed\""), sentence);
}

/// scenario.md §2.3, §15.
#[test]
fn parameters_are_numbers() {
    assert_eq!(
        pause_error("distribution=\"normal\" mean=\"x\" stdev=\"1\""),
        "Normal distribution 'mean' parameter, \"x\" is not a floating point number!"
    );
}

/// scenario.md §5.3, "Old-style selection": by the name of an attribute, whatever its value.
#[test]
fn an_old_pause_names_its_distribution_by_an_attribute() {
    for (name, parameters, _, distribution) in ROWS {
        if !["gpareto", "negbin", "uniform"].contains(&name) {
            let written = format!("{name}=\"\" {}", numbered(parameters));
            assert_eq!(length(&written), PauseLength::Sampled(distribution), "{name}");
        }
    }
    let uniform = PauseLength::Sampled(Uniform { min: 1.0, max: 2.0 });
    assert_eq!(length("min=\"1\" max=\"2\""), uniform);
    assert_eq!(pause_error("max=\"2\""), "Uniform distribution is missing the required 'min' parameter.");
}

/// scenario.md §5.3: `distribution`, then the old names in their order, then `milliseconds`.
#[test]
fn the_first_attribute_that_makes_a_pause_random_wins() {
    let mean = "mean=\"1\" min=\"1\" max=\"2\" stdev=\"2\"";
    let all = format!("milliseconds=\"9\" exponential=\"\" normal=\"\" {mean}");
    assert_eq!(length(&all), PauseLength::Sampled(Normal { mean: 1.0, stdev: 2.0 }));
    let all = format!("{all} distribution=\"exponential\"");
    assert_eq!(length(&all), PauseLength::Sampled(Exponential { mean: 1.0 }));
    let all = format!("milliseconds=\"9\" {mean}");
    assert_eq!(length(&all), PauseLength::Sampled(Uniform { min: 1.0, max: 2.0 }));
}

/// scenario.md §15: the name is not in the sentence, but in the help.
#[test]
fn an_unknown_distribution_is_refused_with_the_nearest_name() {
    let failure = load_body(&format!("{RECV}<pause distribution=\"gama\" k=\"1\"/>")).unwrap_err();
    assert_eq!(failure.diagnostics[0].message, "Unknown distribution: (null)");
    assert_eq!(failure.diagnostics[0].help.as_deref(), Some("did you mean gamma?"));
}

/// scenario.md §15, the texts as sipp 3.6.1 gives them (where its numbers do not overflow).
#[test]
fn a_distribution_that_is_often_too_long_is_refused() {
    let sentence = |name: &str, longest: &str| {
        format!(
            "The distribution {name} has a 99th percentile of {longest}, which is larger than INT_MAX.  You should chose different parameters."
        )
    };
    let table = [
        ("\"fixed\" value=\"1e12\"", "277777:46:40", "277777:46:40"),
        ("\"normal\" mean=\"1e12\" stdev=\"1.25\"", "N(277777:46:40,1.25ms)", "277777:46:40"),
        ("\"lognormal\" mean=\"120000\" stdev=\"1234567.891\"", "LN(2:00,20:34)", "0:00:00"),
        ("\"uniform\" min=\"1.5\" max=\"1e12\"", "1.50ms/277777:46:40", "275000:00:00"),
    ];
    for (written, name, longest) in table {
        assert_eq!(pause_error(&format!("distribution={written}")), sentence(name, longest));
        let unchecked = length(&format!("distribution={written} sanity_check=\"false\""));
        assert!(matches!(unchecked, PauseLength::Sampled(_) | PauseLength::Fixed(_)));
    }
}

/// runtime.md §2.5: the 99th percentile counts for the default `-l`.
#[test]
fn a_random_pause_adds_its_99th_percentile_to_the_nominal_length() {
    let body = format!(
        "{RECV}<pause min=\"2000\" max=\"4000\"/><pause distribution=\"negbin\" n=\"5\" p=\"0.1\"/><pause milliseconds=\"20\"/>"
    );
    assert_eq!(plan(&body).nominal_pauses_ms, 4000.0);
}

/// actions.md §3.6: the old style is not for samples.
#[test]
fn a_sample_must_name_its_distribution() {
    let sentence = "statistically distributed actions or pauses requires 'distribution' parameter";
    assert_eq!(
        error(&with_actions("<sample assign_to=\"a\" normal=\"\" mean=\"1\" stdev=\"1\"/>")),
        sentence
    );
    assert_eq!(
        error(&with_actions("<sample distribution=\"fixed\" value=\"1\"/>")),
        "sample is missing the required 'assign_to' variable parameter."
    );
}

/// actions.md §3.6: a sample may be anything; only pauses are checked.
#[test]
fn a_sample_has_no_sanity_check() {
    let plan = plan_with_actions("<sample assign_to=\"a\" distribution=\"fixed\" value=\"1e300\"/>");
    assert!(matches!(only_action(&plan), Action::Sample { from: Fixed { value }, .. } if *value == 1e300));
}
