//! The highest rate that is held.

use std::time::Duration;

use super::program::Load;

/// Neighbours in the search lie this close.
const PRECISION: f64 = 1.05;

/// The first step while nothing is known yet; each further one is twice as wide.
const STRIDE: f64 = 1.2;

/// A rate below this is none, calls/s.
const LEAST: f64 = 100.0;

/// Held twice, of at most three tries: one alone is decided by noise.
pub fn holds(rate: f64, holds: impl Fn(Load) -> bool) -> bool {
    let load = Load::lasting(rate as u32, Duration::from_millis(2_500));
    match (holds(load), holds(load)) {
        (true, true) => true,
        (false, false) => false,
        _ => holds(load),
    }
}

/// The highest rate that is held: up or down by strides until it lies between two, then between closer ones.
pub fn search(from: f64, holds: impl Fn(f64) -> bool) -> Option<f64> {
    let (mut edge, mut stride) = (from, STRIDE);
    let up = holds(from);
    let (mut good, mut bad) = loop {
        let next = if up { edge * stride } else { edge / stride };
        if next < LEAST {
            return None;
        }
        match (up, holds(next)) {
            (true, false) => break (edge, next),
            (false, true) => break (next, edge),
            (true, true) | (false, false) => (edge, stride) = (next, stride * stride),
        }
    };
    while bad > good * PRECISION {
        let middle = (good * bad).sqrt();
        if holds(middle) { good = middle } else { bad = middle }
    }
    Some(good)
}
