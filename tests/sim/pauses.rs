//! scenario.md §5.3, §15, runtime.md §4: how long a pause is.

use super::pair::{Pair, steps};
use super::peer::Silent;
use super::text::{nop, request};

/// How long each of 300 calls pauses, in ms. Each call's TWO tells its number.
fn lengths(pause: &str) -> Vec<u64> {
    let scenario = steps(&[&request("ONE", ""), pause, &request("TWO", "")]);
    let mut pair = Pair::new(scenario.calls(300).rate(1.0, 100_000).limit(None), Silent);
    pair.run();
    pair.sent_at("TWO").iter().enumerate().map(|(call, at)| at - call as u64 * 100_000).collect()
}

/// §15: `uniform` stays within its bounds and differs from call to call; the old style without `distribution` means the same.
#[test]
fn a_uniform_pause_stays_within_its_bounds() {
    for pause in ["<pause distribution='uniform' min='200' max='400'/>", "<pause min='200' max='400'/>"] {
        let lengths = lengths(pause);
        assert_eq!(lengths.len(), 300);
        assert!(lengths.iter().all(|ms| (200..=400).contains(ms)), "{lengths:?}");
        assert!(lengths.iter().any(|ms| *ms < 230) && lengths.iter().any(|ms| *ms > 370), "{lengths:?}");
    }
}

/// §15: `fixed` is constant; its fraction is cut, and less than 1 ms is none.
#[test]
fn a_fixed_pause_is_constant() {
    assert_eq!(lengths("<pause distribution='fixed' value='250.9'/>"), [250; 300]);
    assert_eq!(lengths("<pause distribution='fixed' value='0.9'/>"), [0; 300]);
}

/// §5.3: a sample below 1 is no pause.
#[test]
fn a_negative_sample_is_no_pause() {
    assert_eq!(lengths("<pause distribution='normal' mean='-1000' stdev='1'/>"), [0; 300]);
    assert_eq!(lengths("<pause distribution='fixed' value='-5' sanity_check='false'/>"), [0; 300]);
}

/// §15: the other distributions, by their means.
#[test]
fn other_distributions_have_their_means() {
    for (pause, mean) in [
        ("<pause distribution='normal' mean='500' stdev='50'/>", 500),
        ("<pause exponential='' mean='500'/>", 500),
        ("<pause distribution='gamma' k='5' theta='100'/>", 500),
        ("<pause distribution='negbin' n='500' p='0.5'/>", 500),
        ("<pause distribution='weibull' lambda='500' k='1'/>", 500),
    ] {
        let lengths = lengths(pause);
        let found = lengths.iter().sum::<u64>() / 300;
        assert!((mean * 8 / 10..mean * 12 / 10).contains(&found), "{pause}: {found}");
    }
}

/// §5.3: a variable pauses for its number; a negative one (Bug: 2^31-1 ms), a text, a boolean and nothing at all pause for 0 ms.
#[test]
fn a_variable_that_is_no_positive_number_is_no_pause() {
    for (assign, length) in [
        ("<assign assign_to='v' value='75.9'/>", 75),
        ("<assign assign_to='v' value='-1'/>", 0),
        ("<assign assign_to='v' value='-1e18'/>", 0),
        ("<assign assign_to='v' value='nan'/>", 0),
        ("<assignstr assign_to='v' value='1000'/>", 0),
        ("<test assign_to='v' variable='v' compare='equal' value='0'/>", 0),
        ("", 0),
    ] {
        let scenario = steps(&[
            &request("ONE", ""),
            &nop("", assign),
            "<pause variable='v' milliseconds='500'/>",
            &request("TWO", ""),
            "<Reference variables='v'/>",
        ]);
        let mut pair = Pair::new(scenario, Silent);
        pair.run();
        assert_eq!(pair.sent_at("TWO"), [length], "{assign}");
    }
}

/// §5.4: a timewait draws its length like a pause.
#[test]
fn a_timewait_may_have_a_distribution() {
    let scenario = steps(&[&request("ONE", ""), "<timewait distribution='uniform' min='100' max='200'/>"]);
    let mut pair = Pair::new(scenario, Silent);
    pair.run();
    let (end, _) = pair.verdict();
    assert!((100..=200).contains(&end), "{end}");
}
