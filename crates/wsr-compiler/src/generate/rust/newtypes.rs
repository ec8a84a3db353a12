//! Newtypes: what an alias with limits or a secret becomes. None can hold a bad value.

use super::check::check_impl;
use super::context::{Context, Scope};
use super::decode::decode_impl;
use super::encode::encode_impl;
use super::limits::{Around, Place, all_hold};
use super::literal;
use crate::generate::casing::{identifier, type_name};
use crate::generate::writer::Writer;
use crate::model::{Int, Shape, Type, TypeDef, TypeId};

/// What there is to know of a newtype.
struct Newtype<'c, 'm> {
    context: &'c Context<'m>,
    scope: Scope,
    id: TypeId,
    ty: &'m Type,
    name: String,
    shape: &'m Shape,
    inner: String,
}

impl<'m> Context<'m> {
    /// An alias: a struct of its own, or another name.
    pub fn alias(&self, w: &mut Writer, scope: Scope, id: TypeId, def: &'m TypeDef, ty: &'m Type) {
        let name = identifier(&type_name(&def.name));
        let mark = self.mark(&self.full_name(def.namespace, &def.name), def.origin.place());
        w.blank();
        w.lines(literal::above(&def.origin));
        if self.is_circular(id) {
            return w.line(format!("pub type {name} = rt::Value; {mark}"));
        }
        if !self.is_newtype(id) {
            return w.line(format!("pub type {name} = {}; {mark}", self.rust_type(scope, ty)));
        }
        let shape = self.base(ty);
        let inner = self.present_type(scope, shape);
        Newtype { context: self, scope, id, ty, name, shape, inner }.write(w, &mark);
    }
}

impl Newtype<'_, '_> {
    fn write(&self, w: &mut Writer, mark: &str) {
        let Self { name, inner, .. } = self;
        w.line(format!("#[derive({})]", self.derives()));
        w.line(format!("pub struct {name}({inner}); {mark}"));
        w.blank();
        w.block(format!("impl {name}"), |w| self.methods(w));
        self.coding(w);
        self.access(w);
        self.showing(w);
        if self.context.keys.contains(&self.id) {
            self.key(w);
        }
    }

    fn derives(&self) -> String {
        let mut derives = vec!["Clone"];
        if self.is_copy() {
            derives.push("Copy");
        }
        if !self.is_secret() {
            derives.push("Debug");
        }
        derives.push("PartialEq");
        let ordered = self.is_key() || matches!(self.shape, Shape::Bytes | Shape::Duration);
        if matches!(self.shape, Shape::F32 | Shape::F64) {
            derives.push("PartialOrd");
        } else if self.context.is_hashable(self.ty) {
            derives.extend(["Eq", "Hash"]);
        }
        let named = match self.shape {
            Shape::Named(id) => self.context.model.types.get(*id),
            _ => None,
        };
        if ordered && named.is_none_or(|def| self.context.is_plain_enum(def)) {
            derives.extend(["PartialOrd", "Ord"]);
        }
        derives.join(", ")
    }

    fn methods(&self, w: &mut Writer) {
        let Self { inner, .. } = self;
        let given = if self.is_text() { "impl ::std::convert::Into<§String>" } else { inner };
        let what = if self.is_text() { "text" } else { "a value" };
        w.line(format!("/// Takes {what} that keeps the limits."));
        w.block(format!("pub fn new(value: {given}) -> §Result<Self, rt::Invalid>"), |w| {
            w.line("let mut report = rt::Report::new();");
            if self.is_text() {
                w.line("let value: §String = value.into();");
            }
            let inside = self.checks_inside();
            if inside.is_empty() {
                w.line("Self::checked(value, &mut report, &rt::Path::root()).map_err(|_| report.into())");
                return;
            }
            w.closed_block("{", "}", |w| {
                w.line("let (report, at) = (&mut report, &rt::Path::root());");
                if self.is_secret() {
                    w.line("let at = &at.secret();");
                }
                w.lines(inside);
            });
            w.block("match Self::checked(value, &mut report, &rt::Path::root())", |w| {
                w.line("§Ok(value) if report.is_empty() => §Ok(value),");
                w.line("_ => §Err(report.into()),");
            });
        });
        w.blank();
        self.getters(w);
        w.line("/// For generated code.");
        w.line("#[doc(hidden)]");
        self.checked(w);
    }

    /// What a decoder has seen already, item by item, and a constructor has not.
    fn checks_inside(&self) -> Vec<String> {
        match self.shape {
            Shape::List(_) | Shape::Map(..) | Shape::Named(_) => {
                let ty = self.context.base_type(self.ty);
                self.context.check_inside(self.scope, ty, &Place::value("value"), "at")
            }
            _ => Vec::new(),
        }
    }

    fn getters(&self, w: &mut Writer) {
        let Self { inner, .. } = self;
        if self.is_text() {
            w.line("/// The text.");
            w.block("pub fn as_str(&self) -> &str", |w| w.line("&self.0"));
            w.blank();
        }
        if self.is_copy() {
            w.line("/// The value.");
            w.block(format!("pub fn get(&self) -> {inner}"), |w| w.line("self.0"));
        } else {
            w.line("/// The value, without its promise.");
            w.block(format!("pub fn into_inner(self) -> {inner}"), |w| w.line("self.0"));
        }
        w.blank();
    }

    fn checked(&self, w: &mut Writer) {
        let given = if self.is_text() {
            "impl ::std::convert::AsRef<str> + ::std::convert::Into<§String>"
        } else {
            &self.inner
        };
        w.line("pub fn checked(");
        w.line(format!("    value: {given},"));
        w.line("    report: &mut rt::Report,");
        w.line("    at: &rt::Path<'_>,");
        w.closed_block(") -> rt::Decoded<Self> {", "}", |w| {
            if self.is_secret() {
                w.line("let at = &at.secret();");
            }
            let around = Around { report: "report", at: "at", width: 78 };
            let (place, keep) = if self.is_text() {
                (Place::reference_to("text"), "value.into()")
            } else {
                (Place::value("value"), "value")
            };
            let limits = self.context.newtype_limits(self.id);
            let floats = matches!(self.shape, Shape::F32 | Shape::F64);
            let mut conditions = if limits.is_empty() && !floats {
                Vec::new()
            } else {
                self.context.conditions(self.scope, self.shape, &limits, &place, false, around)
            };
            let is_bounded = limits.limits.range.is_some_and(|range| range.max.is_some());
            if matches!(self.shape, Shape::Timestamp | Shape::Date)
                || matches!(self.shape, Shape::Duration) && !is_bounded && limits.limits.one_of.is_none()
            {
                conditions.push("rt::check::holds(&value, report, at)".to_owned());
            }
            if conditions.is_empty() {
                return w.line(format!("§Ok(Self({keep}))"));
            }
            if self.is_text() {
                w.line("let text: &str = value.as_ref();");
            }
            w.line(all_hold(&conditions));
            w.line(format!("if ok {{ §Ok(Self({keep})) }} else {{ §Err(rt::Fault::Invalid) }}"));
        });
    }

    fn coding(&self, w: &mut Writer) {
        let Self { name, .. } = self;
        decode_impl(w, name, |w| {
            if self.is_secret() {
                w.line("let at = &at.secret();");
            }
            if self.is_text() {
                w.line("let value = r.string(at)?;");
            } else if let (Shape::List(_) | Shape::Map(..), Some(bounds)) = (self.shape, self.wire_limits().len) {
                w.line(self.context.decode_counted(self.scope, self.shape, bounds));
            } else {
                w.line(format!("let value = {}?;", self.decode_inner()));
            }
            w.line("Self::checked(value, &mut r.report, at)");
        });
        encode_impl(w, name, |w| w.line(self.encode_inner()));
        check_impl(w, name, true, |_| {});
    }

    /// The limits that decide how an integer travels.
    fn wire_limits(&self) -> crate::model::Limits {
        self.context.newtype_limits(self.id).limits
    }

    fn decode_inner(&self) -> String {
        match self.shape {
            Shape::Int(int @ (Int::U64 | Int::I64)) if self.context.is_number(*int, &self.wire_limits()) => {
                "rt::decode_int64_number(r, at)".to_owned()
            }
            Shape::Int(Int::U64 | Int::I64) => "rt::decode_int64_text(r, at)".to_owned(),
            shape => self.context.decode_of_shape(self.scope, shape).expression(),
        }
    }

    fn encode_inner(&self) -> String {
        let place = Place::value("self.0");
        match self.shape {
            Shape::Int(int @ (Int::U64 | Int::I64)) if self.context.is_number(*int, &self.wire_limits()) => {
                "rt::write::int(out, self.0);".to_owned()
            }
            Shape::Int(Int::U64 | Int::I64) => "rt::write::int_text(out, self.0);".to_owned(),
            shape => self.context.encode_of_shape(self.scope, shape, &place),
        }
    }

    /// Conversions, and what makes it as handy as the value inside.
    fn access(&self, w: &mut Writer) {
        let Self { name, inner, .. } = self;
        w.blank();
        let out = if self.is_copy() { "value.get()" } else { "value.into_inner()" };
        w.block(format!("impl ::std::convert::From<{name}> for {inner}"), |w| {
            w.block(format!("fn from(value: {name}) -> Self"), |w| w.line(out));
        });
        self.try_from(w, inner);
        if self.is_text() {
            self.try_from(w, "&str");
            w.blank();
            w.block(format!("impl ::std::str::FromStr for {name}"), |w| {
                w.line("type Err = rt::Invalid;");
                w.blank();
                w.block("fn from_str(text: &str) -> §Result<Self, rt::Invalid>", |w| w.line("Self::new(text)"));
            });
            for (path, method) in [("convert::AsRef", "as_ref"), ("borrow::Borrow", "borrow")] {
                w.blank();
                w.block(format!("impl ::std::{path}<str> for {name}"), |w| {
                    w.block(format!("fn {method}(&self) -> &str"), |w| w.line("&self.0"));
                });
            }
        }
        if let Some(target) = self.deref_target() {
            w.blank();
            w.block(format!("impl ::std::ops::Deref for {name}"), |w| {
                w.line(format!("type Target = {target};"));
                w.blank();
                w.block(format!("fn deref(&self) -> &{target}"), |w| w.line("&self.0"));
            });
        }
    }

    fn try_from(&self, w: &mut Writer, given: &str) {
        let Self { name, .. } = self;
        w.blank();
        w.block(format!("impl ::std::convert::TryFrom<{given}> for {name}"), |w| {
            w.line("type Error = rt::Invalid;");
            w.blank();
            let head = format!("fn try_from(value: {given}) -> §Result<Self, rt::Invalid>");
            w.block(head, |w| w.line("Self::new(value)"));
        });
    }

    /// `Display`, and a `Debug` that keeps a secret.
    fn showing(&self, w: &mut Writer) {
        let Self { name, .. } = self;
        let head = "fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result";
        if self.is_secret() {
            for shown in ["Debug", "Display"] {
                w.blank();
                w.block(format!("impl ::std::fmt::{shown} for {name}"), |w| {
                    w.block(head, |w| w.line("f.write_str(\"(secret)\")"));
                });
            }
        } else if self.is_shown() {
            w.blank();
            w.block(format!("impl ::std::fmt::Display for {name}"), |w| {
                w.block(head, |w| w.line("::std::fmt::Display::fmt(&self.0, f)"));
            });
        }
    }

    /// What keys of maps and places of topics need.
    fn key(&self, w: &mut Writer) {
        let Self { name, inner, .. } = self;
        if !self.is_key() {
            return;
        }
        w.blank();
        w.block(format!("impl rt::Key for {name}"), |w| {
            let head = "fn decode_key(text: &str, report: &mut rt::Report, at: &rt::Path<'_>) -> rt::Decoded<Self>";
            w.block(head, |w| {
                if self.is_text() {
                    return w.line("Self::checked(text, report, at)");
                }
                w.line(format!("let value = <{inner} as rt::Key>::decode_key(text, report, at)?;"));
                w.line("Self::checked(value, report, at)");
            });
            w.blank();
            w.block("fn encode_key(&self, out: &mut §Vec<u8>)", |w| w.line("rt::Key::encode_key(&self.0, out);"));
        });
        w.blank();
        w.block(format!("impl rt::TopicPart for {name}"), |w| {
            w.block("fn append(&self, key: &mut §String)", |w| w.line("rt::TopicPart::append(&self.0, key);"));
        });
    }

    fn is_secret(&self) -> bool {
        self.context.facts.secret[self.id]
    }

    fn is_text(&self) -> bool {
        matches!(self.shape, Shape::String)
    }

    fn is_copy(&self) -> bool {
        match self.shape {
            Shape::Bool | Shape::Int(_) | Shape::F32 | Shape::F64 | Shape::Role => true,
            Shape::Uuid | Shape::Timestamp | Shape::Duration | Shape::Date | Shape::Ip => true,
            Shape::Named(id) => {
                self.context.model.types.get(*id).is_some_and(|def| self.context.is_plain_enum(def) && !def.open)
            }
            _ => false,
        }
    }

    fn is_shown(&self) -> bool {
        matches!(
            self.shape,
            Shape::Bool
                | Shape::Int(_)
                | Shape::F32
                | Shape::F64
                | Shape::String
                | Shape::Uuid
                | Shape::Timestamp
                | Shape::Date
                | Shape::Email
                | Shape::Uri
                | Shape::Ip
                | Shape::Role
        )
    }

    /// Whether values have one text each.
    fn is_key(&self) -> bool {
        matches!(
            self.shape,
            Shape::String
                | Shape::Int(_)
                | Shape::Uuid
                | Shape::Timestamp
                | Shape::Date
                | Shape::Email
                | Shape::Uri
                | Shape::Ip
                | Shape::Named(_)
                | Shape::Role
        )
    }

    fn deref_target(&self) -> Option<String> {
        match self.shape {
            _ if self.is_copy() => None,
            Shape::String => Some("str".to_owned()),
            Shape::Bytes => Some("[u8]".to_owned()),
            Shape::List(item) => Some(format!("[{}]", self.context.rust_type(self.scope, item))),
            _ => Some(self.inner.clone()),
        }
    }
}
