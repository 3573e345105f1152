//! Writes markup: HTML that is well-formed XML, too. Names and tags are texts of the program; whatever else is written is escaped.
//! In: tags, attributes, texts. Out: one string. Must not know what a report says.

use std::fmt::{Display, Write};

use quick_xml::escape::escape;

/// A page, or a part of one.
#[derive(Debug, Default)]
pub struct Markup {
    out: String,
}

/// Name and value of an attribute.
pub type Attribute<'a> = (&'static str, &'a dyn Display);

impl Markup {
    /// Markup that the program holds, as it is.
    pub fn raw(&mut self, markup: &'static str) -> &mut Markup {
        self.out.push_str(markup);
        self
    }

    /// A text.
    pub fn text(&mut self, text: impl Display) -> &mut Markup {
        self.out.push_str(&escape(legal(&text.to_string())));
        self
    }

    /// `<name attribute="value">`
    pub fn open(&mut self, name: &'static str, attributes: &[Attribute<'_>]) -> &mut Markup {
        self.tag(name, attributes);
        self.out.push('>');
        self
    }

    /// `</name>` and a line end.
    pub fn close(&mut self, name: &'static str) -> &mut Markup {
        let _ = writeln!(self.out, "</{name}>");
        self
    }

    /// `<name attribute="value"/>`
    pub fn empty(&mut self, name: &'static str, attributes: &[Attribute<'_>]) -> &mut Markup {
        self.tag(name, attributes);
        self.out.push_str("/>\n");
        self
    }

    /// An element with nothing but a text.
    pub fn element(
        &mut self,
        name: &'static str,
        attributes: &[Attribute<'_>],
        text: impl Display,
    ) -> &mut Markup {
        self.open(name, attributes).text(text).close(name)
    }

    fn tag(&mut self, name: &'static str, attributes: &[Attribute<'_>]) {
        let _ = write!(self.out, "<{name}");
        for (attribute, value) in attributes {
            let _ = write!(self.out, " {attribute}=\"{}\"", escape(legal(&value.to_string())));
        }
    }

    /// The whole of it.
    pub fn into_string(self) -> String {
        self.out
    }
}

/// Without what XML has no way to write (XML 1.0 §2.2): it becomes U+FFFD.
fn legal(text: &str) -> String {
    let is_legal = |char: &char| !matches!(*char, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|char| if is_legal(&char) { char } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_values_cannot_break_out() {
        let mut markup = Markup::default();
        markup.element("p", &[("title", &"\"><script>")], "</p><script>alert('&')</script>\u{1b}\0");
        assert_eq!(
            markup.into_string(),
            "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;/p&gt;&lt;script&gt;alert(&apos;&amp;&apos;)&lt;/script&gt;\u{fffd}\u{fffd}</p>\n"
        );
    }
}
