//! runtime.md §5, §8, §16 all at once: embedded `uac` and `uas` over links that lose, repeat, delay and reorder.
//! Each seed is a test run of its own: `RSIPP_SEED=n cargo test --test sim loss` runs one alone, `RSIPP_SEEDS=n` the first n.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rsipp::clock::Span;
use rsipp::engine::Settings;

use super::link::{Layer, Link};
use super::pair::{Pair, embedded};

const CALLS: u64 = 50;
const SEEDS: u64 = 200;

/// Both sides need `-recv_timeout`: with the last 200 or the BYE lost for good a call would wait for ever (§5: nothing bounds
/// the wait for a final response).
fn patient(settings: &mut Settings) {
    settings.recv_timeout = Some(Span::from_millis(40_000));
}

/// What a seed stands for: loss grows from 0 to 40 %, the other troubles vary independently.
fn link_of(seed: u64) -> Link {
    let share = |steps: u64, most: f64, salt: u64| {
        (seed.wrapping_mul(salt) >> 3) as f64 % steps as f64 / (steps - 1) as f64 * most
    };
    Link::new(
        seed,
        &[
            Layer::Lose((seed % 9) as f64 * 0.05),
            Layer::Duplicate(share(4, 0.3, 0x9E37_79B9)),
            Layer::Delay(0.5, 1.0 + share(5, 400.0, 0x85EB_CA6B)),
            Layer::Reorder(share(3, 0.2, 0xC2B2_AE35), 600.0),
        ],
    )
}

fn run_of(seed: u64) -> Pair {
    let client = embedded("uac").calls(CALLS).rate(200.0, 1_000).limit(None).with(patient);
    let mut pair = Pair::over(link_of(seed), seed, client, embedded("uas").with(patient));
    pair.run();
    pair
}

/// After every event created = successful + failed + current (the harness checks that); at the end all calls have ended and
/// neither side holds anything.
#[test]
fn every_call_ends_and_is_counted_once_whatever_the_link_does() {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let seeds = number("RSIPP_SEED").map_or(0..number("RSIPP_SEEDS").unwrap_or(SEEDS), |seed| seed..seed + 1);
    let fails = |seed: &u64| {
        let run = || {
            let pair = run_of(*seed);
            assert_eq!(pair.stats().outgoing, CALLS);
            assert_eq!(pair.stats().successful + pair.stats().failed, CALLS);
            assert_eq!((&pair.a().run_end, &pair.b().run_end), (&None, &None));
            pair.assert_nothing_left();
        };
        catch_unwind(AssertUnwindSafe(run)).is_err()
    };
    let failing: Vec<_> = seeds.filter(fails).collect();
    assert!(
        failing.is_empty(),
        "seeds {failing:?} fail: RSIPP_SEED={} cargo test --test sim loss",
        failing[0]
    );
}

/// The links of these seeds do what they are for, and calls feel it.
#[test]
fn the_links_lose_and_calls_both_fail_and_succeed() {
    let runs: Vec<_> = (0..18).map(run_of).collect();
    let sum =
        |count: fn(&rsipp::stats::Stats) -> u64| runs.iter().map(|pair| count(pair.stats())).sum::<u64>();
    assert!(sum(|stats| stats.successful) > 0 && sum(|stats| stats.failed) > 0);
    assert!(sum(|stats| stats.retransmissions) > 0 && sum(|stats| stats.dead_call) > 0);
    assert!(runs.iter().any(|pair| pair.lost() > 0) && runs.iter().any(|pair| pair.lost() == 0));
}

/// A link that loses nothing and reorders nothing fails no call, however often it repeats things (§8).
#[test]
fn duplication_alone_fails_no_call() {
    for seed in 0..20 {
        let link = Link::new(seed, &[Layer::Duplicate(0.5), Layer::Delay(5.0, 5.0)]);
        let client = embedded("uac").calls(CALLS).rate(200.0, 1_000).limit(None).with(patient);
        let mut pair = Pair::over(link, seed, client, embedded("uas").with(patient));
        pair.run();
        assert_eq!(
            (pair.stats().successful, pair.b().engine.stats().successful),
            (CALLS, CALLS),
            "seed {seed}"
        );
    }
}

/// The same seed gives the same run, to the microsecond and the byte.
#[test]
fn a_seed_replays_exactly() {
    let trace = |seed| {
        let pair = run_of(seed);
        pair.sent().map(|sent| (sent.at, sent.bytes.clone())).collect::<Vec<_>>()
    };
    assert_eq!(trace(7), trace(7));
}
