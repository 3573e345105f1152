//! Distributions of `<pause>` and `<sample>`: drawing, the 99th percentile, and how screens name them.
//! Spec: scenario.md §15, actions.md §3.6. In: parameters as written, a random source. Out: numbers (ms for pauses). Must not
//! clip: what a negative or huge sample means is the caller's affair.

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

impl Distribution {
    /// Draws one number.
    pub fn sample(&self, _rng: &mut impl rand::Rng) -> f64 {
        0.0
    }

    /// How screens name it; `time` writes a number of ms.
    pub fn text(&self, _time: impl Fn(f64) -> String) -> String {
        String::new()
    }
}
