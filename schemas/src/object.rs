//! Writes one JSON object, member by member, without building it first.

use core::fmt::{self, Display, Formatter, Write};

/// An object that is being written; the first member has no comma before it.
pub(crate) struct Object<'f, 'b> {
    out: &'f mut Formatter<'b>,
    begun: bool,
}

impl<'f, 'b> Object<'f, 'b> {
    /// Writes an object with the members that `members` writes.
    pub(crate) fn write(
        out: &'f mut Formatter<'b>,
        members: impl FnOnce(&mut Object<'_, 'b>) -> fmt::Result,
    ) -> fmt::Result {
        out.write_char('{')?;
        let mut object = Object { out, begun: false };
        members(&mut object)?;
        object.out.write_char('}')
    }

    fn name(&mut self, name: &str) -> fmt::Result {
        self.out.write_str(if self.begun { ",\"" } else { "\"" })?;
        self.begun = true;
        self.out.write_str(name)?;
        self.out.write_str("\":")
    }

    /// A text of any characters.
    pub(crate) fn text(&mut self, name: &str, text: &str) -> fmt::Result {
        self.name(name)?;
        self.out.write_char('"')?;
        let mut rest = text;
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            let (plain, after) = rest.split_at(at);
            self.out.write_str(plain)?;
            let mut chars = after.chars();
            match chars.next() {
                Some(c @ ('"' | '\\')) => write!(self.out, "\\{c}")?,
                Some(c) => write!(self.out, "\\u{:04x}", u32::from(c))?,
                None => {}
            }
            rest = chars.as_str();
        }
        self.out.write_str(rest)?;
        self.out.write_char('"')
    }

    /// A value whose form needs no escapes, in quotes: a date, an instant, an id, a name of ours.
    pub(crate) fn plain(&mut self, name: &str, value: impl Display) -> fmt::Result {
        self.name(name)?;
        write!(self.out, "\"{value}\"")
    }

    /// A number or a flag.
    pub(crate) fn bare(&mut self, name: &str, value: impl Display) -> fmt::Result {
        self.name(name)?;
        write!(self.out, "{value}")
    }

    /// An array of plain values.
    pub(crate) fn plains<T: Display>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> fmt::Result {
        self.array(name, values, |out, value| write!(out, "\"{value}\""))
    }

    /// An array of objects.
    pub(crate) fn objects<T>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = T>,
        mut members: impl FnMut(&mut Object<'_, 'b>, T) -> fmt::Result,
    ) -> fmt::Result {
        self.array(name, values, |out, value| {
            Object::write(out, |object| members(object, value))
        })
    }

    fn array<T>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Formatter<'b>, T) -> fmt::Result,
    ) -> fmt::Result {
        self.name(name)?;
        self.out.write_char('[')?;
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.out.write_char(',')?;
            }
            write(self.out, value)?;
        }
        self.out.write_char(']')
    }
}
