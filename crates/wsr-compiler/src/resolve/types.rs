//! Types as written to types of the model; aliases first, since limits and defaults look through them.

use super::sets::whole_bounds;
use super::{Resolver, TypeNode, limits};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::guess;
use crate::model::{Int, Limits, Literal, NamespaceId, Number, Shape, Type, TypeId, TypeKind};
use crate::source::Span;
use crate::syntax::tree;

/// The greatest integer that JavaScript holds exactly.
const SAFE: i128 = (1 << 53) - 1;

/// The names that are types without being declared.
pub(crate) const BUILT_IN: [&str; 24] = [
    "bool",
    "u8",
    "u16",
    "u32",
    "u64",
    "i8",
    "i16",
    "i32",
    "i64",
    "f32",
    "f64",
    "string",
    "bytes",
    "uuid",
    "timestamp",
    "duration",
    "date",
    "email",
    "uri",
    "ip",
    "json",
    "Role",
    "map",
    "ok",
];

/// A type that nobody knows.
pub(super) fn unknown(span: Span) -> Type {
    Type { shape: Shape::Unknown, limits: Limits::default(), nullable: false, span }
}

impl<'t> Resolver<'t, '_, '_> {
    /// Resolves aliases, breaks their circles, then judges their limits.
    pub(super) fn aliases(&mut self) {
        for id in 0..self.model.types.len() {
            if let TypeNode::Alias(ty) = self.written.types[id].node {
                let ty = self.ty(self.model.types[id].namespace, ty);
                self.model.types[id].kind = TypeKind::Alias(ty);
            }
        }
        self.break_alias_circles();
        self.whole_bounds_of_aliases();
        self.judge_limits();
    }

    /// Reports each circle once, at its first alias, and opens it there.
    fn break_alias_circles(&mut self) {
        let count = self.model.types.len();
        let component = crate::graph::components(count, |id| self.aliased(id));
        let in_circle = crate::graph::in_circles(count, |id| self.aliased(id));
        let mut reported = vec![false; count];
        for start in (0..count).filter(|&id| in_circle[id]) {
            let def = &self.model.types[start];
            let (name, span) = (def.name.clone(), def.origin.span);
            // Cutting one alias need not cut every circle through the others.
            self.model.types[start].kind = TypeKind::Alias(unknown(span));
            if std::mem::replace(&mut reported[component[start]], true) {
                continue;
            }
            let others = (0..count).filter(|&id| id != start && component[id] == component[start]);
            let through: Vec<&str> = others.map(|id| self.model.types[id].name.as_str()).collect();
            let title = match through.as_slice() {
                [] => format!("alias `{name}` stands for itself"),
                through => {
                    format!("alias `{name}` stands for itself, through {}", guess::list(through.iter().copied()))
                }
            };
            let help = "let one of them be a `struct`, or a built-in type";
            self.report(Diagnostic::new(Code::AliasCircle, span, title).label("never becomes a real type").help(help));
        }
    }

    /// The aliases that an alias names.
    fn aliased(&self, id: TypeId) -> Vec<TypeId> {
        let mut named = Vec::new();
        if let TypeKind::Alias(ty) = &self.model.types[id].kind {
            collect_named(ty, &mut named);
        }
        named
    }

    /// A type as used in one place. Its limits are judged by [`Self::judge_limits`].
    pub(super) fn ty(&mut self, namespace: NamespaceId, written: &'t tree::Type) -> Type {
        let shape = match &written.kind {
            tree::TypeKind::Name(name) => self.named(namespace, name, written.base_span),
            tree::TypeKind::List(item) => Shape::List(Box::new(self.ty(namespace, item))),
            tree::TypeKind::Map(key, value) => {
                Shape::Map(Box::new(self.ty(namespace, key)), Box::new(self.ty(namespace, value)))
            }
            tree::TypeKind::InlineStruct(_) | tree::TypeKind::InlineEnum { .. } => {
                self.inline.get(&written.base_span).map_or(Shape::Unknown, |&id| Shape::Named(id))
            }
            tree::TypeKind::Literal(value) => self.constant(value),
        };
        let limits = self.lower_limits(written);
        let mut ty = Type { shape, limits, nullable: written.nullable, span: written.span };
        whole_bounds(&self.model.types, &mut ty);
        if !written.limits.is_empty() {
            self.limits.push((ty.clone(), written));
        }
        ty
    }

    /// `"heartbeat"`, `2`, `true`: exactly this value.
    fn constant(&mut self, written: &tree::Value) -> Shape {
        let literal = match &written.kind {
            tree::ValueKind::Bool(value) => Literal::Bool(*value),
            tree::ValueKind::Text(text) => Literal::Text(text.clone()),
            tree::ValueKind::Number(number) => match limits::number(Some(number)) {
                Some(Some(Number::Int(value))) if value.abs() > SAFE => {
                    let title = format!("not every client can hold {}", number.text);
                    let report = Diagnostic::new(Code::LimitBeyond, written.span, title).label("beyond ±(2^53-1)");
                    self.report(report.help(Help::instead("make it a text", format!("\"{}\"", number.text))));
                    return Shape::Unknown;
                }
                Some(Some(value)) => Literal::Number(value),
                _ => return Shape::Unknown,
            },
            tree::ValueKind::Name(_) | tree::ValueKind::List(_) => return Shape::Unknown,
        };
        Shape::Const(literal)
    }

    pub(super) fn named(&mut self, namespace: NamespaceId, name: &str, span: Span) -> Shape {
        if let Some(id) = self.find_type(namespace, name) {
            if matches!(self.model.types[id].kind, TypeKind::Error(_)) {
                self.error_as_value(name, span);
                return Shape::Unknown;
            }
            return Shape::Named(id);
        }
        if let Some(shape) = built_in(name) {
            if shape == Shape::Role && self.model.roles.is_empty() && !self.broken_kinds.contains("roles") {
                let report =
                    Diagnostic::new(Code::UnknownType, span, "`Role` without roles").label("there are no roles");
                self.report(report.help("declare them: `roles listener, dj`"));
                return Shape::Unknown;
            }
            return shape;
        }
        self.unknown_type(namespace, name, span);
        Shape::Unknown
    }

    fn error_as_value(&mut self, name: &str, span: Span) {
        let report = Diagnostic::new(Code::NotAnError, span, format!("`{name}` is an error, and no value"))
            .label("errors stand behind `or` only");
        self.report(report.help(format!("`-> reply ok or {name}`; for a value declare a `struct` or an `enum`")));
    }

    fn unknown_type(&mut self, namespace: NamespaceId, name: &str, span: Span) {
        if self.is_ghost(name) || self.is_nameless(&["type", "struct", "enum"]) {
            return;
        }
        if name == "ok" {
            let report =
                Diagnostic::new(Code::UnknownType, span, "`ok` is no type").label("stands only behind `reply`");
            return self.report(report.help("`-> reply ok` acknowledges; a flag is a `bool`"));
        }
        let report = Diagnostic::new(Code::UnknownType, span, format!("unknown type `{}`", guess::clip(name)))
            .label("no type of this name");
        let help = self.help_for_type(namespace, name);
        self.report(report.help(help));
    }

    fn help_for_type(&self, namespace: NamespaceId, name: &str) -> Help {
        let scope = self.outwards(namespace);
        let is_value = |kind: &TypeKind| !matches!(kind, TypeKind::Error(_));
        let short = name.rsplit(':').next().unwrap_or(name);
        if let Some(def) = self.model.types.iter().find(|def| def.inline && def.name == short) {
            let keyword = if matches!(def.kind, TypeKind::Enum(_)) { "enum" } else { "struct" };
            return format!("an inline type has that name in Rust only: declare it, `{keyword} {short} {{ … }}`")
                .into();
        }
        let declared = || self.model.types.iter().filter(|def| is_value(&def.kind) && !def.inline);
        if let Some(def) = declared().find(|def| def.name == short) {
            return Help::did_you_mean(self.rust_path(def.namespace, &def.name));
        }
        let visible = declared().filter(|def| scope.contains(&def.namespace)).map(|def| def.name.as_str());
        let built_in = BUILT_IN.into_iter().filter(|name| !matches!(*name, "ok" | "map" | "Role"));
        let full: Vec<String> =
            declared().filter(|_| name.contains(':')).map(|def| self.rust_path(def.namespace, &def.name)).collect();
        let legal = built_in.chain(visible).chain(full.iter().map(String::as_str));
        if let Some(same) = legal.clone().find(|legal| legal.eq_ignore_ascii_case(name)) {
            return Help::did_you_mean(same);
        }
        foreign(name).or_else(|| guess::did_you_mean(name, legal)).unwrap_or_else(|| {
            format!("declare it: `type {0} = …`, `struct {0} {{ … }}` or `enum {0} {{ … }}`", guess::clip(name)).into()
        })
    }

    /// What a type is once aliases are looked through.
    pub(super) fn base<'a>(&'a self, ty: &'a Type) -> &'a Shape {
        base(&self.model.types, ty)
    }

    /// The type with every alias it goes through, outermost first.
    pub(super) fn layers<'a>(&'a self, ty: &'a Type) -> Vec<&'a Type> {
        let mut layers = vec![ty];
        while let Some(Type { shape: Shape::Named(id), .. }) = layers.last() {
            match &self.model.types[*id].kind {
                TypeKind::Alias(inner) => layers.push(inner),
                _ => break,
            }
        }
        layers
    }

    /// Whether null is a value of the type, by itself or through an alias.
    pub(super) fn is_nullable(&self, ty: &Type) -> bool {
        self.layers(ty).iter().any(|layer| layer.nullable)
    }
}

/// What a type is once aliases are looked through.
pub(crate) fn base<'a>(types: &'a [crate::model::TypeDef], ty: &'a Type) -> &'a Shape {
    let mut shape = &ty.shape;
    while let Shape::Named(id) = shape {
        match &types[*id].kind {
            TypeKind::Alias(inner) => shape = &inner.shape,
            _ => break,
        }
    }
    shape
}

fn collect_named(ty: &Type, found: &mut Vec<TypeId>) {
    match &ty.shape {
        Shape::Named(id) => found.push(*id),
        Shape::List(item) => collect_named(item, found),
        Shape::Map(key, value) => {
            collect_named(key, found);
            collect_named(value, found);
        }
        _ => {}
    }
}

pub(crate) fn built_in(name: &str) -> Option<Shape> {
    Some(match name {
        "bool" => Shape::Bool,
        "u8" => Shape::Int(Int::U8),
        "u16" => Shape::Int(Int::U16),
        "u32" => Shape::Int(Int::U32),
        "u64" => Shape::Int(Int::U64),
        "i8" => Shape::Int(Int::I8),
        "i16" => Shape::Int(Int::I16),
        "i32" => Shape::Int(Int::I32),
        "i64" => Shape::Int(Int::I64),
        "f32" => Shape::F32,
        "f64" => Shape::F64,
        "string" => Shape::String,
        "bytes" => Shape::Bytes,
        "uuid" => Shape::Uuid,
        "timestamp" => Shape::Timestamp,
        "duration" => Shape::Duration,
        "date" => Shape::Date,
        "email" => Shape::Email,
        "uri" => Shape::Uri,
        "ip" => Shape::Ip,
        "json" => Shape::Json,
        "Role" => Shape::Role,
        _ => return None,
    })
}

/// What other languages call our types.
fn foreign(name: &str) -> Option<Help> {
    let ours = match name.to_ascii_lowercase().as_str() {
        "int8" => "i8",
        "int16" => "i16",
        "int32" => "i32",
        "int64" | "bigint" | "i128" => "i64",
        "uint8" => "u8",
        "uint16" => "u16",
        "uint32" => "u32",
        "uint64" | "u128" => "u64",
        "float32" => "f32",
        "float64" | "float" | "double" | "number" | "decimal" | "real" => "f64",
        "str" | "text" | "char" | "varchar" => "string",
        "boolean" | "flag" => "bool",
        "binary" | "blob" | "buffer" => "bytes",
        "datetime" | "date_time" | "time" | "instant" => "timestamp",
        "localdate" | "local_date" | "naivedate" | "naive_date" | "day" | "calendar_date" => "date",
        "mail" | "emailaddress" | "email_address" => "email",
        "url" | "link" | "href" | "iri" => "uri",
        "ipv4" | "ipv6" | "ipaddr" | "ip_addr" | "ipaddress" | "ip_address" | "inet" => "ip",
        "guid" => "uuid",
        "any" | "object" | "dynamic" | "value" | "unknown" => "json",
        other => return in_words(other).map(Help::from),
    };
    Some(Help::did_you_mean(ours))
}

/// Those that more than one of ours may stand for, or none as it is.
fn in_words(name: &str) -> Option<&'static str> {
    Some(match name {
        "ok" => "did you mean `ok`? It stands only behind `reply`",
        "int" | "integer" | "long" | "short" => "integers are `u8`, `u16`, `u32`, `u64` and `i8`, `i16`, `i32`, `i64`",
        "usize" | "uint" | "unsigned" => "integers without sign are `u8`, `u16`, `u32` and `u64`",
        "isize" => "integers with sign are `i8`, `i16`, `i32` and `i64`",
        "byte" => "did you mean `u8` or `bytes`?",
        "list" | "array" | "vec" | "set" => "a list is written `[T]`",
        "map" | "dict" | "hashmap" | "record" => "a map is written `map<K, T>`",
        "null" | "void" | "undefined" | "unit" | "nil" | "none" | "nothing" => {
            "an empty answer is `reply ok`; `name?: T` may be left out, `name: T?` may be null"
        }
        "option" | "optional" => "write `name?: T` if it may be left out, `name: T?` if it may be null",
        _ => return None,
    })
}
