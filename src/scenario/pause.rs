//! `<pause>`, `<timewait>` and `<sample>`: lengths and the distributions they are drawn from.
//! Spec: scenario.md §5.3, §15; actions.md §3.6. In: elements. Out: [`PauseLength`] and [`Distribution`]. Must not draw.

use crate::clock::Span;

use super::compile::Compiler;
use super::diagnostic::{Diagnostic, nearest};
use super::distribution::{Distribution, time_text};
use super::plan::{Action, PauseLength};
use super::xml::{Attribute, Element};

/// The values of `distribution`.
const DISTRIBUTIONS: [&str; 10] = [
    "fixed",
    "uniform",
    "normal",
    "lognormal",
    "exponential",
    "weibull",
    "pareto",
    "gpareto",
    "gamma",
    "negbin",
];

/// The attributes that make a pause random, in the order in which they are tried.
const RANDOM: [&str; 9] =
    ["distribution", "normal", "exponential", "lognormal", "weibull", "pareto", "gamma", "min", "max"];

/// Longest pause in ms.
const LONGEST_PAUSE_MS: f64 = i32::MAX as f64;

impl Compiler<'_> {
    pub(super) fn pause(&mut self, element: &Element) -> PauseLength {
        let checked = element
            .attribute("sanity_check")
            .is_none_or(|attribute| self.report.boolean(attribute, "pause 'sanity_check' parameter"));
        if let Some(attribute) = element.attribute("variable") {
            return self.variable(attribute, "pause").map_or(PauseLength::Default, PauseLength::Variable);
        }
        let random = RANDOM.iter().find_map(|name| element.attribute(name));
        let (deciding, distribution) = match (random, element.attribute("milliseconds")) {
            (Some(deciding), _) => (deciding, self.distribution(element, deciding)),
            (None, Some(attribute)) => {
                let value = self.report.float(attribute, "Pause milliseconds");
                (attribute, Some(Distribution::Fixed { value }))
            }
            (None, None) => {
                self.default_pauses = self.default_pauses.saturating_add(1);
                return PauseLength::Default;
            }
        };
        let Some(distribution) = distribution else { return PauseLength::Default };
        let longest = distribution.percentile_99();
        if checked && longest > LONGEST_PAUSE_MS {
            self.pause_is_too_long(deciding, &distribution);
        }
        self.nominal_pauses_ms += clipped(longest);
        match distribution {
            // A fraction of a millisecond is shown, though it is not waited for.
            Distribution::Fixed { value } if !(value > 0.0 && value.fract() > 0.0) => {
                PauseLength::Fixed(Span::from_millis(clipped(value) as u64))
            }
            drawn => PauseLength::Sampled(drawn),
        }
    }

    fn pause_is_too_long(&mut self, deciding: &Attribute, distribution: &Distribution) {
        let (name, longest) = (distribution.text(time_text), time_text(distribution.percentile_99()));
        let sentence = format!(
            "The distribution {name} has a 99th percentile of {longest}, which is larger than INT_MAX.  You should chose different parameters."
        );
        let error = Diagnostic::error("pause-too-long", sentence);
        let error = error.at(deciding.value_span.clone(), "more than 24 days");
        self.report.push(
            error.help("parameters are in milliseconds; sanity_check=\"false\" cuts each pause to 24 days"),
        );
    }

    /// `<sample>`: here the distribution must be named.
    pub(super) fn sample(&mut self, element: &Element) -> Option<Action> {
        let to = self.variable_of(element, "assign_to");
        let Some(name) = element.attribute("distribution") else {
            let sentence = "statistically distributed actions or pauses requires 'distribution' parameter";
            let error = Diagnostic::error("missing-attribute", sentence);
            let error = error.at(element.name_span.clone(), "needs distribution=\"…\"");
            let old = DISTRIBUTIONS.iter().find(|name| element.attribute(name).is_some());
            self.report.push(match old {
                Some(name) => error.help(format!("write distribution=\"{name}\"")),
                None => error.help(format!("one of {}", DISTRIBUTIONS.join(", "))),
            });
            return None;
        };
        let from = self.distribution(element, name);
        Some(Action::Sample { to: to?, from: from? })
    }

    /// The distribution that an attribute of `element` asks for: `distribution` by its value, an old one by its name.
    fn distribution(&mut self, element: &Element, deciding: &Attribute) -> Option<Distribution> {
        let written = deciding.value.to_str();
        let name = match deciding.name.as_str() {
            "distribution" => &*written,
            "min" | "max" => "uniform",
            old => old,
        };
        let mut parameter = |of: &str, name: &str| self.parameter(element, of, name);
        Some(match name {
            "fixed" => Distribution::Fixed { value: parameter("Fixed", "value")? },
            "uniform" => {
                let (min, max) = (parameter("Uniform", "min"), parameter("Uniform", "max"));
                Distribution::Uniform { min: min?, max: max? }
            }
            "normal" => {
                let (mean, stdev) = (parameter("Normal", "mean"), parameter("Normal", "stdev"));
                Distribution::Normal { mean: mean?, stdev: stdev? }
            }
            "lognormal" => {
                let (mean, stdev) = (parameter("Lognormal", "mean"), parameter("Lognormal", "stdev"));
                Distribution::LogNormal { mean: mean?, stdev: stdev? }
            }
            "exponential" => Distribution::Exponential { mean: parameter("Exponential", "mean")? },
            "weibull" => {
                let (lambda, k) = (parameter("Weibull", "lambda"), parameter("Weibull", "k"));
                Distribution::Weibull { lambda: lambda?, k: k? }
            }
            "pareto" => {
                let (k, x_m) = (parameter("Pareto", "k"), parameter("Pareto", "x_m"));
                Distribution::Pareto { k: k?, x_m: x_m? }
            }
            "gpareto" => {
                let [shape, scale, location] =
                    ["shape", "scale", "location"].map(|name| parameter("Generalized Pareto", name));
                Distribution::GeneralizedPareto { shape: shape?, scale: scale?, location: location? }
            }
            "gamma" => {
                let (k, theta) = (parameter("Gamma", "k"), parameter("Gamma", "theta"));
                Distribution::Gamma { k: k?, theta: theta? }
            }
            "negbin" => {
                let (n, p) = (parameter("Negative Binomial", "n"), parameter("Negative Binomial", "p"));
                Distribution::NegativeBinomial { n: n?, p: p? }
            }
            _ => return self.unknown_distribution(deciding),
        })
    }

    /// A parameter that must be there; `of` is how SIPp's sentences name the distribution.
    fn parameter(&mut self, element: &Element, of: &str, name: &str) -> Option<f64> {
        let Some(attribute) = element.attribute(name) else {
            let sentence = format!("{of} distribution is missing the required '{name}' parameter.");
            let error = Diagnostic::error("missing-attribute", sentence);
            self.report.push(error.at(element.name_span.clone(), format!("needs {name}=\"…\"")));
            return None;
        };
        Some(self.report.float(attribute, &format!("{of} distribution '{name}' parameter")))
    }

    /// SIPp does not show the name.
    fn unknown_distribution(&mut self, attribute: &Attribute) -> Option<Distribution> {
        let name = attribute.value.to_str();
        let error = Diagnostic::error("unknown-distribution", "Unknown distribution: (null)");
        let error = error.at(attribute.value_span.clone(), "no such distribution");
        self.report.push(match nearest(&name, DISTRIBUTIONS) {
            Some(other) => error.help(format!("did you mean {other}?")),
            None => error.help(format!("one of {}", DISTRIBUTIONS.join(", "))),
        });
        None
    }
}

/// Whole ms within what a pause can last; what is no number is 0.
fn clipped(length: f64) -> f64 {
    if length >= 1.0 { length.min(LONGEST_PAUSE_MS).trunc() } else { 0.0 }
}
