//! Circuits of a TDM gateway that calls hold (`-tdmmap`): which there are, which are in use, how they are called.
//! Spec: keywords.md §6.3, runtime.md §2.2. In: the option's text, random numbers. Out: circuits and their names. Must not know calls.

use std::num::NonZeroU32;
use std::str::FromStr;

use rand::{Rng, RngExt};

/// The most circuits of a map: each takes a byte, and a call may have to look at all of them for a free one.
const MOST: u64 = 1 << 20;

/// `-tdmmap {x-X}{h}{y-Y}{z-Z}`: a circuit for each combination of three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitMap {
    first: Numbers,
    fixed: i32,
    second: Numbers,
    third: Numbers,
}

/// Numbers one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbers {
    from: i32,
    count: NonZeroU32,
}

/// Why a text is no map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMap {
    /// It has another form.
    #[error("Parameter -tdmmap must be of form {{%d-%d}}{{%d}}{{%d-%d}}{{%d-%d}}")]
    Form,
    /// SIPp crashes.
    #[error("-tdmmap: a range ends below its beginning")]
    Descending,
    /// More than [`MOST`].
    #[error("-tdmmap: more than {MOST} circuits")]
    TooMany,
}

impl FromStr for CircuitMap {
    type Err = NoMap;

    /// As SIPp reads it, which asks for nothing behind the last number.
    fn from_str(text: &str) -> Result<CircuitMap, NoMap> {
        let mut rest = text;
        let mut number_behind = |mark: &str| {
            rest = rest.strip_prefix(mark)?;
            let sign = usize::from(rest.starts_with(['+', '-']));
            let end = rest.get(sign..)?.find(|c: char| !c.is_ascii_digit());
            let (number, behind) = rest.split_at(end.map_or(rest.len(), |end| sign + end));
            rest = behind;
            number.parse().ok()
        };
        let mut next = |mark| number_behind(mark).ok_or(NoMap::Form);
        let first = (next("{")?, next("-")?);
        let fixed = next("}{")?;
        let second = (next("}{")?, next("-")?);
        let third = (next("}{")?, next("-")?);
        let map = CircuitMap {
            first: Numbers::from_to(first)?,
            fixed,
            second: Numbers::from_to(second)?,
            third: Numbers::from_to(third)?,
        };
        let circuits = [map.first, map.second, map.third]
            .iter()
            .try_fold(1_u64, |product, numbers| product.checked_mul(numbers.count.get().into()));
        circuits.filter(|circuits| *circuits <= MOST).map(|_| map).ok_or(NoMap::TooMany)
    }
}

impl Numbers {
    fn from_to((from, to): (i32, i32)) -> Result<Numbers, NoMap> {
        let above = u32::try_from(i64::from(to) - i64::from(from)).map_err(|_| NoMap::Descending)?;
        let count = above.checked_add(1).and_then(NonZeroU32::new).ok_or(NoMap::TooMany)?;
        Ok(Numbers { from, count })
    }

    /// The number that `n` stands for when one counts round and round.
    fn at(self, n: u32) -> i64 {
        i64::from(self.from) + i64::from(n % self.count)
    }
}

/// A circuit in use: its number, from 1 to that of circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circuit(NonZeroU32);

/// `[tdmmap]`: written `a.h.b/c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitName(pub [i64; 4]);

/// The circuits of a run.
#[derive(Clone, Debug)]
pub struct Circuits {
    map: CircuitMap,
    /// By position on the map: the last circuit, whose name is the first one's, stands there.
    used: Vec<bool>,
}

impl Circuits {
    /// All of them free.
    pub fn new(map: CircuitMap) -> Circuits {
        let [first, second, third] = [map.first, map.second, map.third].map(|numbers| numbers.count.get());
        Circuits { map, used: vec![false; (first * second * third) as usize] }
    }

    /// Takes a free one: the first from a random one upwards. None: all are in use.
    pub fn take(&mut self, rng: &mut impl Rng) -> Option<Circuit> {
        let count = self.used.len();
        let start = rng.random_range(1..=count);
        let number = (start..=count).chain(1..start).find(|number| !self.is_used(*number))?;
        *self.used.get_mut(number % count)? = true;
        NonZeroU32::new(u32::try_from(number).ok()?).map(Circuit)
    }

    fn is_used(&self, number: usize) -> bool {
        self.used.get(number % self.used.len()).is_some_and(|used| *used)
    }

    /// Frees one.
    pub fn give_back(&mut self, circuit: Circuit) {
        let at = circuit.0.get() as usize % self.used.len();
        if let Some(used) = self.used.get_mut(at) {
            *used = false;
        }
    }

    /// What a circuit is called.
    pub fn name(&self, circuit: Circuit) -> CircuitName {
        let CircuitMap { first, fixed, second, third } = self.map;
        let n = circuit.0.get();
        let of_second = n / third.count;
        CircuitName([first.at(of_second / second.count), fixed.into(), second.at(of_second), third.at(n)])
    }

    /// Which are in use: a line for each pair of first and second numbers, in it the third ones in order.
    pub fn lines(&self) -> impl Iterator<Item = &[bool]> {
        self.used.chunks(self.map.third.count.get() as usize)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    fn names(map: &str) -> Vec<[i64; 4]> {
        let mut circuits = Circuits::new(map.parse().unwrap());
        let mut rng = SmallRng::seed_from_u64(1);
        let taken: Vec<_> = std::iter::from_fn(|| circuits.take(&mut rng)).collect();
        let mut names: Vec<_> = taken.iter().map(|circuit| circuits.name(*circuit).0).collect();
        names.sort_unstable();
        names
    }

    /// keywords.md §6.3, the example and all combinations of a larger map, each once.
    #[test]
    fn there_is_a_circuit_for_each_combination() {
        assert_eq!(names("{0-0}{99}{5-5}{1-2}"), [[0, 99, 5, 1], [0, 99, 5, 2]]);
        let all: Vec<_> =
            (0..3).flat_map(|x| (1..5).flat_map(move |y| (-2..4).map(move |z| [x, 7, y, z]))).collect();
        assert_eq!(names("{0-2}{7}{1-4}{-2-3}"), all);
    }

    /// runtime.md §2.2. SIPp frees the wrong one (a bug).
    #[test]
    fn a_circuit_that_was_given_back_is_free_again_and_no_other() {
        let mut circuits = Circuits::new("{0-0}{9}{1-2}{1-3}".parse().unwrap());
        let mut rng = SmallRng::seed_from_u64(2);
        let taken: Vec<_> = (0..6).map(|_| circuits.take(&mut rng).unwrap()).collect();
        for circuit in taken {
            assert_eq!(circuits.take(&mut rng), None);
            circuits.give_back(circuit);
            assert_eq!(circuits.lines().flatten().filter(|used| !**used).count(), 1);
            assert_eq!(circuits.take(&mut rng), Some(circuit));
        }
    }

    /// cli.md §4.3, tried with sipp 3.6.1: signs, and anything behind the last number.
    #[test]
    fn other_forms_are_refused() {
        for good in
            ["{0-3}{99}{1-24}{1-31}", "{-1-1}{-9}{+5-5}{1-1}", "{0-0}{1}{0-0}{0-0", "{0-0}{1}{0-0}{0-0}x"]
        {
            assert!(good.parse::<CircuitMap>().is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", NoMap::Form),
            ("{0-0} {9}{5-5}{1-1}", NoMap::Form),
            ("{0}{9}{5-5}{1-1}", NoMap::Form),
            ("{0-99999999999}{9}{5-5}{1-1}", NoMap::Form),
            ("{3-0}{9}{1-2}{1-2}", NoMap::Descending),
            ("{0-1023}{9}{0-1023}{0-1}", NoMap::TooMany),
            ("{-2147483648-2147483647}{9}{0-2147483647}{0-2147483647}", NoMap::TooMany),
        ] {
            assert_eq!(bad.parse::<CircuitMap>(), Err(why), "{bad}");
        }
        assert!("{0-1023}{9}{0-1023}{0-0}".parse::<CircuitMap>().is_ok());
    }
}
