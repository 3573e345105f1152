//! The result: a line for each thing measured, a column for each program, ratios, and whether rsipp meets the goal. Written as
//! Markdown whose columns stand below each other, so that it reads on the terminal and can be pasted.

use std::fmt::Write;

/// Figures of a line, rsipp's first; None where there is none.
pub type Figures<const N: usize> = [Option<f64>; N];

/// What stands side by side.
#[derive(Clone, Copy, Debug)]
pub struct Columns<const N: usize> {
    pub titles: [&'static str; N],
    pub ratios: &'static [Ratio],
}

/// One column divided by another, and what to call that.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    pub of: usize,
    pub to: usize,
    pub title: &'static str,
}

/// How a figure is written.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    /// With so many decimals; what it counts stands in the line's name.
    Number(usize),
    /// 1 is yes.
    YesNo,
}

/// What rsipp's figure should be, or another's.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    None,
    AtMost(f64),
    AtLeast(f64),
    /// No further from 100 than this.
    Hundred(f64),
    /// What the column `of` has is at most so many times what the column `to` has.
    AtMostTimes {
        of: usize,
        times: f64,
        to: usize,
    },
    Yes,
}

/// What was measured.
#[derive(Clone, Debug)]
struct Line<const N: usize> {
    name: String,
    figures: Figures<N>,
    unit: Unit,
    goal: Goal,
}

/// All lines so far.
#[derive(Debug)]
pub struct Table<const N: usize> {
    columns: Columns<N>,
    lines: Vec<Line<N>>,
}

impl<const N: usize> Table<N> {
    pub fn new(columns: Columns<N>) -> Table<N> {
        Table { columns, lines: Vec::new() }
    }

    pub fn add(&mut self, name: impl Into<String>, figures: Figures<N>, unit: Unit, goal: Goal) {
        self.lines.push(Line { name: name.into(), figures, unit, goal });
    }

    /// The lines that lack rsipp's figure, which it should have.
    pub fn incomplete(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter(|line| line.figures[0].is_none()).map(|line| line.name.as_str())
    }

    /// The Markdown. `judged`: whether the goals are of any meaning.
    pub fn markdown(&self, judged: bool) -> String {
        let ratios = self.columns.ratios.iter().map(|ratio| ratio.title);
        let titles = std::iter::once("").chain(self.columns.titles).chain(ratios).chain(["goal", ""]);
        let mut rows = vec![titles.map(str::to_owned).collect::<Vec<String>>()];
        rows.extend(self.lines.iter().map(|line| line.cells(&self.columns, judged)));
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(3);
        let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
        let rule = widths.iter().enumerate().map(|(column, width)| match column {
            0 => "-".repeat(*width),
            _ => format!("{}:", "-".repeat(width - 1)),
        });
        rows.insert(1, rule.collect());
        let mut text = String::new();
        for row in rows {
            let _ = write!(text, "| {:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(&widths).skip(1) {
                let _ = write!(text, " | {cell:>width$}");
            }
            text.push_str(" |\n");
        }
        text
    }
}

impl<const N: usize> Line<N> {
    fn cells(&self, columns: &Columns<N>, judged: bool) -> Vec<String> {
        let written = |figure: Option<f64>| figure.map_or_else(String::new, |figure| self.unit.text(figure));
        let ratio = |ratio: &Ratio| match (self.figures[ratio.of], self.figures[ratio.to]) {
            (Some(of), Some(to)) if to > 0.0 && matches!(self.unit, Unit::Number(_)) => {
                format!("{:.2}", of / to)
            }
            _ => String::new(),
        };
        let verdict = match self.is_met() {
            Some(_) if !judged => "",
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "",
        };
        let mut cells = vec![self.name.clone()];
        cells.extend(self.figures.map(written));
        cells.extend(columns.ratios.iter().map(ratio));
        cells.extend([self.goal.text(&columns.titles), verdict.to_owned()]);
        cells
    }

    /// None: there is no goal. A figure that is missing meets none.
    fn is_met(&self) -> Option<bool> {
        let figure = |column: usize| self.figures[column].unwrap_or(f64::NAN);
        let rsipp = figure(0);
        match self.goal {
            Goal::None => None,
            Goal::AtMost(most) => Some(rsipp <= most),
            Goal::AtLeast(least) => Some(rsipp >= least),
            Goal::Hundred(off) => Some((rsipp - 100.0).abs() <= off),
            Goal::AtMostTimes { of, times, to } => Some(figure(of) <= figure(to) * times),
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
    fn text(self, titles: &[&str]) -> String {
        match self {
            Goal::None => String::new(),
            Goal::AtMost(0.0) => "none".to_owned(),
            Goal::AtMost(most) => format!("≤ {most}"),
            Goal::AtLeast(least) => format!("≥ {least}"),
            Goal::Hundred(off) => format!("100 ± {off}"),
            Goal::AtMostTimes { of, times, to } => {
                let times = (times * 100.0).round() / 100.0;
                format!("{} ≤ {times} × {}", titles[of], titles[to])
            }
            Goal::Yes => "yes".to_owned(),
        }
    }
}

/// The value in the middle, if there is any.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
