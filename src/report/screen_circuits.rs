//! The TDM map: which circuits calls hold (`-tdmmap`).
//! Spec: outputs.md §15.8 (no padding at the end, which lets SIPp run out of memory). In: the circuits. Out: lines.

use super::screen::push_line;
use crate::engine::circuits::Circuits;

/// Longest line; a longer range goes on below.
const WIDTH: usize = 79;

pub(super) fn append(circuits: &Circuits, out: &mut String) {
    push_line("TDM Circuits in use:", out);
    let (mut all, mut in_use) = (0, 0);
    for line in circuits.lines() {
        all += line.len();
        in_use += line.iter().filter(|used| **used).count();
        for part in line.chunks(WIDTH) {
            let marks: String = part.iter().map(|used| if *used { '*' } else { '.' }).collect();
            push_line(&marks, out);
        }
    }
    push_line("", out);
    push_line(&format!("{in_use}/{all} circuits ({}%) in use", in_use * 100 / all.max(1)), out);
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    fn drawn(map: &str, taken: usize) -> String {
        let mut circuits = Circuits::new(map.parse().unwrap());
        let mut rng = SmallRng::seed_from_u64(3);
        assert!((0..taken).all(|_| circuits.take(&mut rng).is_some()));
        let mut out = String::new();
        append(&circuits, &mut out);
        out
    }

    /// outputs.md §15.8.
    #[test]
    fn a_line_for_each_pair_of_the_other_numbers_and_the_percentage_cut() {
        assert_eq!(
            drawn("{0-1}{9}{1-3}{1-20}", 0),
            format!(
                "TDM Circuits in use:\n{}\n0/120 circuits (0%) in use\n",
                "....................\n".repeat(6)
            )
        );
        let some = drawn("{0-1}{9}{1-3}{1-20}", 4);
        assert_eq!(some.matches('*').count(), 4);
        assert!(some.ends_with("\n\n4/120 circuits (3%) in use\n"), "{some}");
        assert!(drawn("{0-0}{9}{1-1}{1-3}", 3).ends_with("\n***\n\n3/3 circuits (100%) in use\n"));
    }

    #[test]
    fn a_range_that_is_longer_than_a_line_goes_on_in_the_next() {
        let lines = drawn("{0-0}{9}{1-1}{0-99}", 0);
        let lengths: Vec<_> = lines.lines().map(str::len).collect();
        assert_eq!(lengths[1..4], [79, 21, 0]);
    }
}
