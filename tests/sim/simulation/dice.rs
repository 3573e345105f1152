//! Everything random of a seed: each part of a run throws dice of its own, so that a change in one leaves the others alone.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// Seeded dice.
#[derive(Debug)]
pub struct Dice(SmallRng);

impl Dice {
    /// Those of one part of a seed.
    pub fn of(part: &str, seed: u64) -> Dice {
        let salt = part.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        Dice(SmallRng::seed_from_u64(salt ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// True in this share (0 to 1) of throws.
    pub fn chance(&mut self, share: f64) -> bool {
        self.0.random::<f64>() < share
    }

    /// True once in so many throws.
    pub fn one_in(&mut self, throws: u64) -> bool {
        self.0.random_range(0..throws) == 0
    }

    /// From `least` to `most`, both included.
    pub fn within(&mut self, least: u64, most: u64) -> u64 {
        self.0.random_range(least..=most)
    }

    /// A position in something of this length, which is not 0.
    pub fn below(&mut self, length: usize) -> usize {
        self.0.random_range(0..length)
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Any byte.
    pub fn byte(&mut self) -> u8 {
        self.0.random()
    }

    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        self.0.random()
    }
}
