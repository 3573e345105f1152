//! Plots over time as inline SVG: axes with units, lines, a legend, and the values of each moment where the mouse is.
//! In: curves. Out: markup whose colours are those of the page's style. Must not know what the numbers mean.

use super::markup::Markup;
use super::numbers::{self, value};

/// One line of a plot.
#[derive(Clone, Debug)]
pub struct Curve {
    /// For legend and tooltips.
    pub name: String,
    /// Class of the style: `c1` to `c4`, `bad`.
    pub class: &'static str,
    /// A value for each moment, where there is one.
    pub values: Vec<Option<f64>>,
}

/// A plot.
#[derive(Clone, Debug)]
pub struct Plot {
    /// What stands above it.
    pub title: String,
    /// Unit of its values.
    pub unit: &'static str,
    /// The moments, in seconds since the start, ascending.
    pub at_s: Vec<f64>,
    /// The lines.
    pub curves: Vec<Curve>,
    /// A value to compare with, and its name.
    pub level: Option<(f64, &'static str)>,
    /// What its values are like.
    pub kind: Kind,
}

/// What values are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Counts,
    /// Any number.
    Rates,
    /// Times: a few large ones may make the scale logarithmic.
    Times,
}

const WIDTH: f64 = 520.0;
const HEIGHT: f64 = 210.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 34.0;

/// Moments that are drawn; of more, each point is the worst of several.
const MOST_POINTS: usize = 360;
/// Up to so many moments have a dot each.
const DOTS: usize = 40;
/// A scale is logarithmic from this ratio of its largest value to its median on.
const SKEW: f64 = 25.0;

impl Plot {
    /// Writes the figure.
    pub fn write(&self, page: &mut Markup) {
        let plot = self.thinned();
        let scale = Scale::new(&plot);
        page.open("figure", &[]);
        plot.write_caption(&scale, page);
        let view = format!("0 0 {WIDTH} {HEIGHT}");
        page.open("svg", &[("viewBox", &view), ("role", &"img"), ("aria-label", &plot.title)]).raw("\n");
        scale.write_axes(page);
        if let Some((level, name)) = plot.level {
            let y = scale.y(level);
            page.open(
                "line",
                &[
                    ("class", &"level"),
                    ("x1", &LEFT),
                    ("x2", &(WIDTH - RIGHT)),
                    ("y1", &pixel(y)),
                    ("y2", &pixel(y)),
                ],
            );
            page.element("title", &[], format!("{name}: {} {}", value(level), plot.unit)).close("line");
        }
        for curve in &plot.curves {
            curve.write(&plot.at_s, &scale, page);
        }
        plot.write_tooltips(&scale, page);
        page.close("svg").close("figure");
    }

    fn write_caption(&self, scale: &Scale, page: &mut Markup) {
        page.open("figcaption", &[]).element("b", &[], &self.title);
        let kind = if scale.is_logarithmic { ", logarithmic scale" } else { "" };
        page.open("span", &[("class", &"unit")]).text(format!("{}{kind}", self.unit)).close("span");
        page.open("span", &[("class", &"legend")]);
        for curve in &self.curves {
            page.open("span", &[("class", &format!("key {}", curve.class))]).text(&curve.name).close("span");
        }
        if let Some((level, name)) = self.level {
            page.open("span", &[("class", &"key level")])
                .text(format!("{name} {}", value(level)))
                .close("span");
        }
        page.close("span").close("figcaption");
    }

    /// Bars that cannot be seen, one a moment, with the values as their title.
    fn write_tooltips(&self, scale: &Scale, page: &mut Markup) {
        let step = (WIDTH - LEFT - RIGHT) / self.at_s.len().max(1) as f64;
        for (index, at) in self.at_s.iter().enumerate() {
            let x = scale.x(*at) - step / 2.0;
            page.open(
                "rect",
                &[
                    ("class", &"hit"),
                    ("x", &pixel(x)),
                    ("y", &TOP),
                    ("width", &pixel(step)),
                    ("height", &(HEIGHT - TOP - BOTTOM)),
                ],
            );
            let values = self.curves.iter().filter_map(|curve| {
                let found = curve.values.get(index).copied().flatten()?;
                Some(format!("\n{}: {} {}", curve.name, value(found), self.unit))
            });
            let text = format!("{}{}", numbers::moment(*at), values.collect::<String>());
            page.element("title", &[], text).close("rect");
        }
    }

    /// At most [`MOST_POINTS`] moments.
    fn thinned(&self) -> Plot {
        let at_a_time = self.at_s.len().div_ceil(MOST_POINTS).max(1);
        let worst = |values: &[Option<f64>]| values.iter().flatten().copied().reduce(f64::max);
        Plot {
            at_s: self.at_s.chunks(at_a_time).filter_map(|chunk| chunk.last().copied()).collect(),
            curves: self
                .curves
                .iter()
                .map(|curve| Curve {
                    values: curve.values.chunks(at_a_time).map(worst).collect(),
                    ..curve.clone()
                })
                .collect(),
            ..self.clone()
        }
    }
}

impl Curve {
    fn write(&self, at_s: &[f64], scale: &Scale, page: &mut Markup) {
        let mut path = String::new();
        let mut pen_down = false;
        for (at, found) in at_s.iter().zip(&self.values) {
            if let Some(found) = found {
                let command = if pen_down { 'L' } else { 'M' };
                path.push_str(&format!("{command}{} {} ", pixel(scale.x(*at)), pixel(scale.y(*found))));
            }
            pen_down = found.is_some();
        }
        if !path.is_empty() {
            page.empty("path", &[("class", &format!("line {}", self.class)), ("d", &path.trim_end())]);
        }
        if at_s.len() <= DOTS {
            for (at, found) in at_s.iter().zip(&self.values) {
                if let Some(found) = found {
                    let (x, y) = (pixel(scale.x(*at)), pixel(scale.y(*found)));
                    page.empty(
                        "circle",
                        &[("class", &format!("dot {}", self.class)), ("cx", &x), ("cy", &y), ("r", &2.5)],
                    );
                }
            }
        }
    }
}

/// Where values and moments are in the picture.
#[derive(Clone, Debug)]
struct Scale {
    end_s: f64,
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    is_logarithmic: bool,
}

impl Scale {
    fn new(plot: &Plot) -> Scale {
        let mut values: Vec<f64> =
            plot.curves.iter().flat_map(|curve| curve.values.iter().flatten().copied()).collect();
        values.sort_by(f64::total_cmp);
        let highest = values.last().copied().unwrap_or(0.0);
        let largest = highest.max(plot.level.map_or(0.0, |(level, _)| level)).max(f64::MIN_POSITIVE);
        let median = values.get(values.len() / 2).copied().unwrap_or(0.0);
        let end_s = plot.at_s.last().copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
        if plot.kind == Kind::Times && median > 0.0 && largest > median * SKEW {
            let lowest = values.iter().copied().find(|value| *value > 0.0).unwrap_or(median);
            let (low, high) = (lowest.log10().floor() as i32, largest.log10().ceil() as i32);
            let ticks: Vec<f64> = (low..=high).map(|power| 10f64.powi(power)).collect();
            return Scale {
                end_s,
                low: 10f64.powi(low),
                high: 10f64.powi(high),
                ticks,
                is_logarithmic: true,
            };
        }
        let largest = if plot.kind == Kind::Counts { largest.max(4.0) } else { largest };
        let ticks = numbers::ticks(largest, 4);
        let high = ticks.last().copied().unwrap_or(1.0);
        Scale { end_s, low: 0.0, high, ticks, is_logarithmic: false }
    }

    fn x(&self, at_s: f64) -> f64 {
        LEFT + at_s / self.end_s * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, value: f64) -> f64 {
        let share = if self.is_logarithmic {
            (value.max(self.low).log10() - self.low.log10()) / (self.high.log10() - self.low.log10())
        } else {
            value / self.high
        };
        HEIGHT - BOTTOM - share.clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
    }

    fn write_axes(&self, page: &mut Markup) {
        let (bottom, right) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
        for tick in &self.ticks {
            let y = pixel(self.y(*tick));
            page.empty("line", &[("class", &"grid"), ("x1", &LEFT), ("x2", &right), ("y1", &y), ("y2", &y)]);
            page.element(
                "text",
                &[("class", &"tick end"), ("x", &(LEFT - 6.0)), ("y", &y), ("dy", &"0.32em")],
                value(*tick),
            );
        }
        let (step_s, unit) = numbers::time_ticks(self.end_s);
        let count = (self.end_s / step_s + 1e-9).floor() as usize;
        for at in (0..=count).map(|index| index as f64 * step_s) {
            let x = pixel(self.x(at));
            page.empty("line", &[("class", &"grid"), ("x1", &x), ("x2", &x), ("y1", &TOP), ("y2", &bottom)]);
            let label = numbers::time_label(at, unit);
            page.element("text", &[("class", &"tick mid"), ("x", &x), ("y", &(bottom + 14.0))], label);
        }
        page.element(
            "text",
            &[("class", &"tick end"), ("x", &right), ("y", &(HEIGHT - 4.0))],
            format!("time since the start, {}", unit.name()),
        );
        page.empty(
            "line",
            &[("class", &"axis"), ("x1", &LEFT), ("x2", &right), ("y1", &bottom), ("y2", &bottom)],
        );
        page.empty(
            "line",
            &[("class", &"axis"), ("x1", &LEFT), ("x2", &LEFT), ("y1", &TOP), ("y2", &bottom)],
        );
    }
}

/// Two decimals are enough for a screen.
fn pixel(at: f64) -> f64 {
    (at * 100.0).round() / 100.0
}
