//! Which plots a run gets: rate, open calls, response times, what the generator itself did.
//! In: the samples of the run. Out: figures. Must not draw: `plot` does.

use super::markup::Markup;
use super::plot::{Curve, Kind, Plot};
use crate::report::results::Results;
use crate::report::results::series::Sample;

/// Plots of response times; a scenario may have hundreds.
const MOST_RESPONSE_TIMES: usize = 6;

/// The section.
pub fn write(results: &Results, page: &mut Markup) {
    let samples = &results.series.samples;
    page.element("h2", &[], "Over time");
    if samples.is_empty() {
        page.element("p", &[("class", &"soft")], "The run was over before there was anything to draw.");
        return;
    }
    page.open("div", &[("class", &"plots")]);
    for plot in plots(results) {
        plot.write(page);
    }
    page.close("div");
}

fn plots(results: &Results) -> Vec<Plot> {
    let samples = &results.series.samples;
    let mut plots = vec![rate(results), open(samples)];
    plots.extend(times(results));
    plots.extend(resends(samples));
    plots.push(lag(samples));
    plots.push(processor(samples));
    plots
}

fn plot(title: &str, unit: &'static str, samples: &[Sample], curves: Vec<Curve>) -> Plot {
    let at_s = samples.iter().map(|sample| sample.at_s).collect();
    Plot { title: title.to_owned(), unit, at_s, curves, level: None, kind: Kind::Rates }
}

fn curve(
    name: &str,
    class: &'static str,
    samples: &[Sample],
    value: impl Fn(&Sample) -> Option<f64>,
) -> Curve {
    Curve { name: name.to_owned(), class, values: samples.iter().map(value).collect() }
}

fn per_second(count: u64, sample: &Sample) -> Option<f64> {
    (sample.seconds > 0.0).then(|| count as f64 / sample.seconds)
}

fn rate(results: &Results) -> Plot {
    let samples = &results.series.samples;
    let curves = vec![
        curve("opened", "c1", samples, |sample| Some(sample.rate)),
        curve("failed", "bad", samples, |sample| per_second(sample.failed, sample)),
    ];
    // Without an achieved one the rate changed meanwhile.
    let generator = &results.generator;
    let level =
        generator.asked_rate.filter(|_| generator.achieved_rate.is_some()).map(|asked| (asked, "asked"));
    Plot { level, ..plot("Calls per second", "calls/s", samples, curves) }
}

fn open(samples: &[Sample]) -> Plot {
    let curves = vec![curve("open", "c4", samples, |sample| Some(sample.open as f64))];
    Plot { kind: Kind::Counts, ..plot("Open calls", "calls", samples, curves) }
}

fn times(results: &Results) -> Vec<Plot> {
    let samples = &results.series.samples;
    let names = results.series.response_times.iter().enumerate().take(MOST_RESPONSE_TIMES);
    let of = |(index, name): (usize, &String)| {
        let times = move |sample: &Sample| sample.times.get(index).copied().flatten();
        let curves = vec![
            curve("median", "c1", samples, move |sample| times(sample).map(|times| times.p50_ms)),
            curve("99 %", "c2", samples, move |sample| times(sample).map(|times| times.p99_ms)),
            curve("longest", "c3", samples, move |sample| times(sample).map(|times| times.max_ms)),
        ];
        let title = format!("Response time {name}");
        Plot { kind: Kind::Times, ..plot(&title, "ms", samples, curves) }
    };
    let measured = |plot: &Plot| plot.curves.iter().any(|curve| curve.values.iter().any(Option::is_some));
    names.map(of).filter(measured).collect()
}

/// Only where there was something.
fn resends(samples: &[Sample]) -> Option<Plot> {
    if samples.iter().all(|sample| sample.retransmissions == 0 && sample.drops == 0) {
        return None;
    }
    let curves = vec![
        curve("sent again", "c1", samples, |sample| per_second(sample.retransmissions, sample)),
        curve("dropped by our socket", "bad", samples, |sample| per_second(sample.drops, sample)),
    ];
    Some(plot("Losses", "per second", samples, curves))
}

fn lag(samples: &[Sample]) -> Plot {
    let curves = vec![curve("99 %", "c1", samples, |sample| Some(sample.lag_p99_ms))];
    Plot { kind: Kind::Times, ..plot("Start lag of calls", "ms", samples, curves) }
}

fn processor(samples: &[Sample]) -> Plot {
    let curves = vec![curve("worker", "c4", samples, |sample| Some(100.0 * sample.cpu_share))];
    Plot { level: Some((100.0, "all of it")), ..plot("Processor", "% of one", samples, curves) }
}
