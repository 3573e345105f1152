//! The result: a line for each thing measured, a column for each pair, ratios, and whether rsipp meets the goal. Written as
//! Markdown whose columns stand below each other, so that it reads on the terminal and can be pasted.

use std::fmt::Write;

/// Figures of rsipp, sipp, the ruler in batches and the ruler one by one; None where there is none.
pub type Figures = [Option<f64>; 4];

/// How a figure is written.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    /// With so many decimals; what it counts stands in the line's name.
    Number(usize),
    /// 1 is yes.
    YesNo,
}

/// What rsipp's figure should be.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    None,
    AtMost(f64),
    AtLeast(f64),
    /// No further from 100 than this.
    Hundred(f64),
    /// At most so many times the ruler in batches.
    TimesFloor(f64),
    Yes,
}

/// What was measured.
#[derive(Clone, Debug)]
struct Line {
    name: String,
    figures: Figures,
    unit: Unit,
    goal: Goal,
}

/// All lines so far.
#[derive(Debug, Default)]
pub struct Table {
    lines: Vec<Line>,
}

impl Table {
    pub fn add(&mut self, name: impl Into<String>, figures: Figures, unit: Unit, goal: Goal) {
        self.lines.push(Line { name: name.into(), figures, unit, goal });
    }

    /// The lines that lack rsipp's figure, which it should have.
    pub fn incomplete(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter(|line| line.figures[0].is_none()).map(|line| line.name.as_str())
    }

    /// The Markdown. `judged`: whether the goals are of any meaning.
    pub fn markdown(&self, judged: bool) -> String {
        let titles = ["", "rsipp", "sipp", "floor, 64", "floor, 1", "rsipp/sipp", "rsipp/floor", "goal", ""];
        let mut rows = vec![titles.map(str::to_owned)];
        rows.extend(self.lines.iter().map(|line| line.cells(judged)));
        let widths: [usize; 9] = std::array::from_fn(|column| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(3)
        });
        let rule = std::array::from_fn(|column| match column {
            0 => "-".repeat(widths[0]),
            _ => format!("{}:", "-".repeat(widths[column] - 1)),
        });
        rows.insert(1, rule);
        let mut text = String::new();
        for row in rows {
            let _ = write!(text, "| {:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(widths).skip(1) {
                let _ = write!(text, " | {cell:>width$}");
            }
            text.push_str(" |\n");
        }
        text
    }
}

impl Line {
    fn cells(&self, judged: bool) -> [String; 9] {
        let [rsipp, sipp, floor, single] = self.figures;
        let written = |figure: Option<f64>| figure.map_or_else(String::new, |figure| self.unit.text(figure));
        let ratio = |other: Option<f64>| match (rsipp, other) {
            (Some(rsipp), Some(other)) if other > 0.0 && matches!(self.unit, Unit::Number(_)) => {
                format!("{:.2}", rsipp / other)
            }
            _ => String::new(),
        };
        let verdict = match self.is_met() {
            Some(_) if !judged => "",
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        [
            self.name.clone(),
            written(rsipp),
            written(sipp),
            written(floor),
            written(single),
            ratio(sipp),
            ratio(floor),
            self.goal.text(),
            verdict.to_owned(),
        ]
    }

    /// None: there is no goal. A figure that is missing meets none.
    fn is_met(&self) -> Option<bool> {
        let [rsipp, _, floor, _] = self.figures;
        let rsipp = rsipp.unwrap_or(f64::NAN);
        match self.goal {
            Goal::None => None,
            Goal::AtMost(most) => Some(rsipp <= most),
            Goal::AtLeast(least) => Some(rsipp >= least),
            Goal::Hundred(off) => Some((rsipp - 100.0).abs() <= off),
            Goal::TimesFloor(times) => Some(rsipp <= floor.unwrap_or(f64::NAN) * times),
            Goal::Yes => Some(rsipp == 1.0),
        }
    }
}

impl Unit {
    fn text(self, figure: f64) -> String {
        match self {
            Unit::Number(decimals) => format!("{figure:.decimals$}"),
            Unit::YesNo if figure == 1.0 => "yes".to_owned(),
            Unit::YesNo => "no".to_owned(),
        }
    }
}

impl Goal {
    fn text(self) -> String {
        match self {
            Goal::None => String::new(),
            Goal::AtMost(0.0) => "none".to_owned(),
            Goal::AtMost(most) => format!("≤ {most}"),
            Goal::AtLeast(least) => format!("≥ {least}"),
            Goal::Hundred(off) => format!("100 ± {off}"),
            Goal::TimesFloor(times) => format!("≤ {times} × floor"),
            Goal::Yes => "yes".to_owned(),
        }
    }
}

/// The value in the middle, if there is any.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
