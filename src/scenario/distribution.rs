//! Distributions of `<pause>` and `<sample>`: drawing, the 99th percentile, and how screens name them.
//! Spec: scenario.md §15, actions.md §3.6. In: parameters as written, a random source. Out: numbers (ms for pauses). Must not
//! clip: what a negative or huge sample means is the caller's affair.

use rand::RngExt as _;
use rand_distr::{Distribution as _, Open01, Poisson, StandardNormal};
use statrs::distribution::ContinuousCDF as _;

/// A distribution with its parameters; ranges are not checked, as in SIPp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// `fixed`: constant.
    Fixed {
        /// The constant.
        value: f64,
    },
    /// `uniform`: min + U * (max - min).
    Uniform {
        /// Lower end.
        min: f64,
        /// Upper end.
        max: f64,
    },
    /// `normal`
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        stdev: f64,
    },
    /// `lognormal`: exp of a normal with these parameters.
    LogNormal {
        /// Mean of the logarithm.
        mean: f64,
        /// Standard deviation of the logarithm.
        stdev: f64,
    },
    /// `exponential`
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// `weibull`
    Weibull {
        /// Scale.
        lambda: f64,
        /// Shape.
        k: f64,
    },
    /// `pareto`
    Pareto {
        /// Shape.
        k: f64,
        /// Minimum.
        x_m: f64,
    },
    /// `gpareto`
    GeneralizedPareto {
        /// Shape.
        shape: f64,
        /// Scale.
        scale: f64,
        /// Location.
        location: f64,
    },
    /// `gamma`
    Gamma {
        /// Shape.
        k: f64,
        /// Scale.
        theta: f64,
    },
    /// `negbin`: failures before the n-th success.
    NegativeBinomial {
        /// Successes; may be fractional.
        n: f64,
        /// Probability of success.
        p: f64,
    },
}

/// A number of ms as screens show it (scenario.md §15, last line).
pub fn time_text(ms: f64) -> String {
    let seconds = if ms.is_finite() { (ms / 1e3) as u64 } else { 0 };
    match ms {
        ..10_000.0 if ms.fract() == 0.0 => format!("{ms}ms"),
        ..1_000.0 => format!("{ms:.2}ms"),
        1_000.0..10_000.0 => format!("{ms:.1}ms"),
        10_000.0..60_000.0 => format!("{:.1}s", ms / 1e3),
        60_000.0..3_600_000.0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60),
    }
}

/// The 0.99 quantile of the standard normal distribution.
const NORMAL_99: f64 = 2.326_347_874_040_841;

impl Distribution {
    /// Draws one number. Parameters that make no distribution give NaN.
    pub fn sample(&self, rng: &mut impl rand::Rng) -> f64 {
        match *self {
            Distribution::Fixed { value } => value,
            Distribution::Uniform { min, max } => min + rng.random::<f64>() * (max - min),
            Distribution::Normal { mean, stdev } => mean + stdev * normal(rng),
            Distribution::LogNormal { mean, stdev } => (mean + stdev * normal(rng)).exp(),
            Distribution::Gamma { k, theta } => gamma(rng, k) * theta,
            Distribution::NegativeBinomial { n, p } => negative_binomial(rng, n, p),
            Distribution::Exponential { .. }
            | Distribution::Weibull { .. }
            | Distribution::Pareto { .. }
            | Distribution::GeneralizedPareto { .. } => self.above(Open01.sample(rng)),
        }
    }

    /// The value that 99 of 100 samples do not exceed. 0 for `negbin`, whose pauses nobody checks.
    pub fn percentile_99(&self) -> f64 {
        match *self {
            Distribution::Fixed { value } => value,
            // With min > max the ends change places.
            Distribution::Uniform { min, max } => min.min(max) + 0.99 * (max - min).abs(),
            Distribution::Normal { mean, stdev } => mean + NORMAL_99 * stdev.abs(),
            Distribution::LogNormal { mean, stdev } => (mean + NORMAL_99 * stdev.abs()).exp(),
            Distribution::Gamma { k, theta } => statrs::distribution::Gamma::new(k, 1.0)
                .map_or(f64::NAN, |gamma| gamma.inverse_cdf(0.99) * theta),
            Distribution::NegativeBinomial { .. } => 0.0,
            Distribution::Exponential { .. }
            | Distribution::Weibull { .. }
            | Distribution::Pareto { .. }
            | Distribution::GeneralizedPareto { .. } => self.above(1.0 - 0.99),
        }
    }

    /// The value that a sample exceeds with this probability, for the distributions that have a formula for it.
    fn above(&self, probability: f64) -> f64 {
        match *self {
            Distribution::Exponential { mean } => -mean * probability.ln(),
            Distribution::Weibull { lambda, k } => lambda * (-probability.ln()).powf(1.0 / k),
            Distribution::Pareto { k, x_m } => x_m * probability.powf(-1.0 / k),
            Distribution::GeneralizedPareto { shape, scale, location } => {
                location + scale * (probability.powf(-shape) - 1.0) / shape
            }
            _ => f64::NAN,
        }
    }

    /// How screens name it (scenario.md §15, last column); `time` writes a number of ms. Every parameter is shown as a time,
    /// even one that is none.
    pub fn text(&self, time: impl Fn(f64) -> String) -> String {
        match *self {
            Distribution::Fixed { value } => time(value),
            Distribution::Uniform { min, max } => format!("{}/{}", time(min), time(max)),
            Distribution::Normal { mean, stdev } => format!("N({},{})", time(mean), time(stdev)),
            Distribution::LogNormal { mean, stdev } => format!("LN({},{})", time(mean), time(stdev)),
            Distribution::Exponential { mean } => format!("Exp({})", time(mean)),
            Distribution::Weibull { lambda, k } => format!("Wb({},{})", time(lambda), time(k)),
            Distribution::Pareto { k, x_m } => format!("P({},{})", time(k), time(x_m)),
            Distribution::GeneralizedPareto { shape, scale, location } => {
                format!("P({},{},{})", time(shape), time(scale), time(location))
            }
            Distribution::Gamma { k, theta } => format!("G({},{})", time(k), time(theta)),
            Distribution::NegativeBinomial { n, p } => format!("NB({},{})", time(n), time(p)),
        }
    }
}

fn normal(rng: &mut impl rand::Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// With scale 1.
fn gamma(rng: &mut impl rand::Rng, shape: f64) -> f64 {
    rand_distr::Gamma::new(shape, 1.0).map_or(f64::NAN, |gamma| gamma.sample(rng))
}

/// A Poisson number whose mean is drawn from a gamma distribution, so that `n` may be fractional.
fn negative_binomial(rng: &mut impl rand::Rng, n: f64, p: f64) -> f64 {
    let mean = gamma(rng, n) * (1.0 - p) / p;
    match Poisson::new(mean) {
        Ok(poisson) => poisson.sample(rng),
        // No failures, when success is certain.
        Err(_) if mean == 0.0 => 0.0,
        Err(_) => f64::NAN,
    }
}

#[cfg(test)]
mod tests;
