//! What lies between two peers: a stack of seeded layers, each of which may lose, repeat, delay, overtake or damage a datagram.
//! In: one datagram. Out: what arrives of it, and after how long. Must not know time or peers.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rsipp::clock::Span;

/// One thing that can happen on the way. Shares are 0 to 1.
#[derive(Clone, Copy, Debug)]
pub enum Layer {
    /// This share never arrives.
    Lose(f64),
    /// This share arrives twice.
    Duplicate(f64),
    /// Each takes a random time between the two, in ms.
    Delay(f64, f64),
    /// This share takes so many ms longer, and others overtake it.
    Reorder(f64, f64),
    /// In this share one byte is another.
    Corrupt(f64),
}

/// A datagram on its way.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// How long it takes.
    pub after: Span,
    /// What arrives.
    pub bytes: Vec<u8>,
}

/// The layers, in the order in which a datagram passes them.
#[derive(Debug)]
pub struct Link {
    layers: Vec<Layer>,
    rng: SmallRng,
}

impl Link {
    /// Everything arrives at once and as it was.
    pub fn perfect() -> Link {
        Link::new(0, &[])
    }

    pub fn new(seed: u64, layers: &[Layer]) -> Link {
        Link { layers: layers.to_vec(), rng: SmallRng::seed_from_u64(seed) }
    }

    /// What arrives of a datagram.
    pub fn pass(&mut self, bytes: &[u8]) -> Vec<Arrival> {
        let mut arrivals = vec![Arrival { after: Span::ZERO, bytes: bytes.to_vec() }];
        for layer in self.layers.clone() {
            arrivals = arrivals.into_iter().flat_map(|arrival| self.through(layer, arrival)).collect();
        }
        arrivals
    }

    fn through(&mut self, layer: Layer, mut arrival: Arrival) -> Vec<Arrival> {
        match layer {
            Layer::Lose(share) if self.happens(share) => return Vec::new(),
            Layer::Duplicate(share) if self.happens(share) => return vec![arrival.clone(), arrival],
            Layer::Delay(least, most) => {
                arrival.after = longer(&arrival, self.rng.random_range(least..=most))
            }
            Layer::Reorder(share, by) if self.happens(share) => arrival.after = longer(&arrival, by),
            Layer::Corrupt(share) if self.happens(share) && !arrival.bytes.is_empty() => {
                let at = self.rng.random_range(0..arrival.bytes.len());
                arrival.bytes[at] = self.rng.random();
            }
            _ => {}
        }
        vec![arrival]
    }

    fn happens(&mut self, share: f64) -> bool {
        self.rng.random::<f64>() < share
    }
}

fn longer(arrival: &Arrival, ms: f64) -> Span {
    Span::from_micros(arrival.after.micros() + (ms * 1e3) as u64)
}
