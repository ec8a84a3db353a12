//! Types as they are told apart on the wire: by what is in them, not by what they are called.
//!
//! Each struct, enum, error and payload in braces is a node: a text in which its references to other nodes are blanks, and
//! the nodes that belong there. Two nodes are the same when their texts are and, blank by blank, their references are, as
//! deep as one looks. [`Graph::describe`] writes what is reachable from a type with each node once, numbered in the order
//! met, so that two protocols which mean the same give the same text, also where types contain themselves.

use std::collections::HashMap;

use super::json::{literal, number, string};
use super::types::{Base, base, default_value, is_plain};
use crate::model::{Field, Int, Limits, Model, Number, Payload, Shape, Type, TypeDef, TypeId, TypeKind, Variant};

/// All nodes of a model.
pub(super) struct Graph<'m> {
    model: &'m Model,
    /// Fields and variants count in their order, as they do in a binary payload.
    ordered: bool,
    nodes: Vec<Node>,
    /// By node: nodes of one class are the same.
    classes: Vec<usize>,
    /// By payload: its node.
    payloads: HashMap<*const Payload, usize>,
}

/// A text with blanks, and what stands in them.
#[derive(Clone, Default)]
pub(super) struct Node {
    text: String,
    references: Vec<usize>,
}

impl<'m> Graph<'m> {
    /// The nodes of all types and of these payloads with fields, each open or not.
    pub fn new(model: &'m Model, ordered: bool, payloads: impl IntoIterator<Item = (&'m Payload, bool)>) -> Self {
        let mut graph = Self { model, ordered, nodes: Vec::new(), classes: Vec::new(), payloads: HashMap::new() };
        graph.nodes = model.types.iter().map(|def| graph.definition(def)).collect();
        for (payload, open) in payloads {
            if let Payload::Fields(fields) = payload {
                graph.payloads.insert(payload, graph.nodes.len());
                graph.nodes.push(graph.structure(fields, open));
            }
        }
        graph.classes = classes(&graph.nodes);
        graph
    }

    /// What a payload looks like, as deep as it goes.
    pub fn payload(&self, payload: &Payload, open: bool) -> String {
        match (payload, self.payloads.get(&std::ptr::from_ref(payload))) {
            (Payload::Type(ty), _) => self.describe(Some(ty)),
            (_, Some(&id)) => {
                let mut node = Node::default();
                node.refer(id);
                self.write(node)
            }
            _ => self.write(self.just(|node| node.text.push_str(if open { "{~}" } else { "{}" }))),
        }
    }

    /// What a type looks like; of none, that there is none.
    pub fn describe(&self, ty: Option<&Type>) -> String {
        self.write(self.just(|node| match ty {
            Some(ty) => self.ty(node, ty),
            None => node.text.push('-'),
        }))
    }

    /// What a named type looks like.
    pub fn named(&self, id: Option<TypeId>) -> String {
        self.write(self.just(|node| match id.filter(|id| *id < self.nodes.len()) {
            Some(id) => node.refer(id),
            None => node.text.push('-'),
        }))
    }

    fn just(&self, write: impl FnOnce(&mut Node)) -> Node {
        let mut node = Node::default();
        write(&mut node);
        node
    }

    /// A node and all that are reachable from it, in the order met.
    fn write(&self, root: Node) -> String {
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        let mut met: Vec<usize> = Vec::new();
        let mut out = String::new();
        let mut next = Some(root);
        let mut written = 0;
        while let Some(node) = next {
            let mut parts = node.text.split(BLANK);
            out.push_str(parts.next().unwrap_or_default());
            for (part, &reference) in parts.zip(&node.references) {
                let class = self.classes[reference];
                let number = *numbers.entry(class).or_insert_with(|| {
                    met.push(reference);
                    met.len()
                });
                out.push_str(&format!("#{number}{part}"));
            }
            out.push('\n');
            next = met.get(written).map(|&id| self.nodes[id].clone());
            written += 1;
        }
        out
    }

    fn definition(&self, def: &TypeDef) -> Node {
        match &def.kind {
            TypeKind::Alias(_) => Node::default(),
            TypeKind::Struct(fields) => self.structure(fields, def.open),
            TypeKind::Enum(variants) if is_plain(def) => self.choice('e', def, variants),
            TypeKind::Enum(variants) => self.choice('E', def, variants),
            TypeKind::Error(variants) => self.choice('X', def, variants),
        }
    }

    fn structure(&self, fields: &[Field], open: bool) -> Node {
        self.just(|node| {
            node.text.push('{');
            if open {
                node.text.push('~');
            }
            self.fields(node, fields);
            node.text.push('}');
        })
    }

    fn choice(&self, sign: char, def: &TypeDef, variants: &[Variant]) -> Node {
        self.just(|node| {
            node.text.push(sign);
            if def.open {
                node.text.push('~');
            }
            if sign != 'e' {
                string(&mut node.text, &def.tag);
            }
            node.text.push('(');
            for variant in self.in_order(variants, |variant| &variant.wire) {
                string(&mut node.text, &variant.wire);
                node.text.push('{');
                self.fields(node, &variant.fields);
                node.text.push('}');
            }
            node.text.push(')');
        })
    }

    fn fields(&self, node: &mut Node, fields: &[Field]) {
        for field in self.in_order(fields, |field| &field.wire) {
            string(&mut node.text, &field.wire);
            if field.optional {
                node.text.push('?');
            }
            if let Some(value) = &field.default {
                node.text.push('=');
                default_value(self.model, &mut node.text, &field.ty, value);
            }
            node.text.push(':');
            self.ty(node, &field.ty);
            node.text.push(';');
        }
    }

    fn in_order<'t, T>(&self, things: &'t [T], name: impl Fn(&T) -> &String) -> Vec<&'t T> {
        let mut all: Vec<&T> = things.iter().collect();
        if !self.ordered {
            all.sort_by(|a, b| name(a).cmp(name(b)));
        }
        all
    }

    fn ty(&self, node: &mut Node, ty: &Type) {
        let base = base(self.model, ty);
        self.shape(node, &base);
        if base.nullable {
            node.text.push('?');
        }
        let is_float = matches!(base.shape, Shape::F32 | Shape::F64);
        base.limits.iter().for_each(|limits| self.limits(node, limits, is_float));
    }

    fn shape(&self, node: &mut Node, base: &Base<'_>) {
        let simple = match base.shape {
            Shape::Bool => "bool",
            Shape::Int(Int::U64) if base.text => "u64 text",
            Shape::Int(Int::I64) if base.text => "i64 text",
            Shape::Int(int) => int.name(),
            Shape::F32 => "f32",
            Shape::F64 => "f64",
            Shape::String => "string",
            Shape::Bytes => "bytes",
            Shape::Uuid => "uuid",
            Shape::Timestamp => "timestamp",
            Shape::Duration => "duration",
            Shape::Date => "date",
            Shape::Email => "email",
            Shape::Uri => "uri",
            Shape::Ip => "ip",
            Shape::Json | Shape::Unknown => "json",
            Shape::Const(value) => {
                node.text.push('=');
                return literal(&mut node.text, value);
            }
            Shape::Role => return self.role(node),
            Shape::List(item) => {
                node.text.push('[');
                self.ty(node, item);
                return node.text.push(']');
            }
            Shape::Map(key, value) => {
                node.text.push_str("map<");
                self.ty(node, key);
                node.text.push(',');
                self.ty(node, value);
                return node.text.push('>');
            }
            Shape::Named(id) => return node.refer(*id),
        };
        node.text.push_str(simple);
    }

    fn role(&self, node: &mut Node) {
        node.text.push_str("role(");
        for role in self.in_order(&self.model.roles, |role| &role.name) {
            string(&mut node.text, &role.name);
        }
        node.text.push(')');
    }

    fn limits(&self, node: &mut Node, limits: &Limits, is_float: bool) {
        let bound = |number: Option<Number>| number.map(|number| canonical(number, is_float)).unwrap_or_default();
        let out = &mut node.text;
        out.push('(');
        if let Some(len) = limits.len {
            out.push_str(&format!("len {}..{}", len.min, len.max.map(|max| max.to_string()).unwrap_or_default()));
        }
        if let Some(range) = limits.range {
            let (above, below) =
                (if range.min_exclusive { ">" } else { "" }, if range.max_exclusive { "<" } else { "" });
            out.push_str(&format!(" range {above}{}..{below}{}", bound(range.min), bound(range.max)));
        }
        if let Some(numbers) = &limits.one_of {
            let mut numbers: Vec<String> = numbers.iter().map(|&number| canonical(number, is_float)).collect();
            numbers.sort();
            out.push_str(&format!(" of {}", numbers.join("|")));
        }
        if let Some(pattern) = &limits.pattern {
            out.push_str(" match ");
            string(out, pattern);
        }
        if limits.unique {
            out.push_str(" unique");
        }
        if let Some(factor) = limits.multiple_of {
            out.push_str(&format!(" times {}", canonical(factor, is_float)));
        }
        out.push(')');
    }
}

impl Node {
    fn refer(&mut self, id: usize) {
        self.text.push(BLANK);
        self.references.push(id);
    }
}

/// A bound of a float is the same with and without a point.
fn canonical(value: Number, is_float: bool) -> String {
    match value {
        Number::Int(value) if is_float => format!("{:?}", value as f64),
        value => number(value),
    }
}

/// The coarsest classes in which same nodes have same texts and references to same classes.
fn classes(nodes: &[Node]) -> Vec<usize> {
    let mut count = 0;
    let mut classes = vec![0; nodes.len()];
    loop {
        let mut known: HashMap<(usize, &str, Vec<usize>), usize> = HashMap::new();
        let next: Vec<usize> = nodes
            .iter()
            .zip(&classes)
            .map(|(node, &class)| {
                let references = node.references.iter().map(|&id| classes[id]).collect();
                let number = known.len();
                *known.entry((class, &node.text, references)).or_insert(number)
            })
            .collect();
        let stable = known.len() == count;
        count = known.len();
        classes = next;
        if stable {
            return classes;
        }
    }
}

/// Stands in no text: JSON's texts have no control characters.
const BLANK: char = '\0';
