//! `-html`: the results of a run as one page for people, without any other file: verdict, plots, tables, failed calls.
//! Spec: none of SIPp's. In: [`Results`]. Out: the page, HTML that is well-formed XML. Must not count, nor load anything from elsewhere.

mod failures;
mod markup;
mod numbers;
mod plot;
mod plots;
mod summary;
mod tables;

use super::results::Results;
use markup::Markup;

const STYLE: &str = include_str!("style.css");

/// The page of a run.
pub fn page(results: &Results) -> String {
    let mut page = Markup::default();
    page.raw("<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    page.element("title", &[], format!("rsipp: {}", summary::title(results)));
    page.raw("<style>\n").raw(STYLE).raw("</style>\n</head>\n<body>\n");
    summary::write(results, &mut page);
    plots::write(results, &mut page);
    tables::write_thresholds(results, &mut page);
    failures::write(results, &mut page);
    tables::write_times(results, &mut page);
    tables::write_steps(results, &mut page);
    summary::write_generator(results, &mut page);
    summary::write_environment(results, &mut page);
    page.raw("</body>\n</html>\n");
    page.into_string()
}

#[cfg(test)]
mod tests;
