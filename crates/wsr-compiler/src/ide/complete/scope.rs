//! What can be named where the cursor is, and how.

use crate::analysis::Analysis;
use crate::ide::limits::{base, layers};
use crate::model::{Field, NamespaceId, Shape, Type, TypeDef, TypeId, TypeKind};

/// The model as seen from a namespace.
pub(super) struct Scope<'a> {
    pub analysis: &'a Analysis,
    /// The innermost namespace around the cursor that the model knows.
    pub namespace: NamespaceId,
}

impl<'a> Scope<'a> {
    pub fn new(analysis: &'a Analysis, path: &[&str]) -> Self {
        let known = |path: &[&str]| analysis.model.namespaces.iter().position(|namespace| namespace.path == path);
        let namespace = (0..=path.len()).rev().find_map(|length| known(&path[..length])).unwrap_or(0);
        Self { analysis, namespace }
    }

    /// This namespace and those around it, inner ones first.
    pub fn outwards(&self) -> Vec<NamespaceId> {
        let parent = |id: &NamespaceId| self.analysis.model.namespaces[*id].parent;
        std::iter::successors(Some(self.namespace), parent).collect()
    }

    /// The namespace that a path means here.
    pub fn find_namespace(&self, path: &[String]) -> Option<NamespaceId> {
        let model = &self.analysis.model;
        self.outwards().into_iter().find_map(|outer| {
            let full: Vec<&String> = model.namespaces[outer].path.iter().chain(path).collect();
            model.namespaces.iter().position(|namespace| namespace.path.iter().eq(full.iter().copied()))
        })
    }

    /// How a thing of a namespace is named from here: by its name alone, or behind as much of a path as it needs.
    pub fn named(&self, namespace: NamespaceId, name: &str, sign: &str) -> String {
        let model = &self.analysis.model;
        let path = &model.namespaces[namespace].path;
        if self.outwards().contains(&namespace) {
            return name.to_owned();
        }
        let rest =
            self.outwards().into_iter().find_map(|outer| path.strip_prefix(model.namespaces[outer].path.as_slice()));
        rest.unwrap_or(path).iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(sign)
    }

    /// How near a namespace is: 0 for this one.
    pub fn distance(&self, namespace: NamespaceId) -> usize {
        self.outwards().iter().position(|&outer| outer == namespace).unwrap_or(usize::MAX)
    }

    /// The type that is meant by `accounts::Session`.
    pub fn find_type(&self, name: &str) -> Option<TypeId> {
        let words: Vec<String> = name.split("::").map(str::to_owned).collect();
        let (short, path) = words.split_last()?;
        let model = &self.analysis.model;
        let in_namespace = |namespace: NamespaceId| {
            model.types.iter().position(|def| def.namespace == namespace && def.name == *short && !def.inline)
        };
        match path {
            [] => self.outwards().into_iter().find_map(in_namespace),
            path => in_namespace(self.find_namespace(path)?),
        }
    }

    /// What a type as written is behind its aliases; of `[T](len 3)?` a list.
    pub fn shape(&self, written: &str) -> Option<Written<'a>> {
        let written = written.trim();
        if written.starts_with('[') {
            return Some(Written::List);
        }
        let name = written.split(['(', '?', '<', ' ', '{']).next().unwrap_or_default();
        match name {
            "map" => Some(Written::Map),
            name => match self.find_type(name) {
                Some(id) => Some(Written::Shape(self.base_of(id))),
                None => crate::resolve::built_in(name).map(Written::BuiltIn),
            },
        }
    }

    /// What a declared type is behind its aliases.
    fn base_of(&self, id: TypeId) -> Based<'a> {
        let def = &self.analysis.model.types[id];
        match &def.kind {
            TypeKind::Alias(ty) => Based::of(self.analysis, ty),
            _ => Based::Def(def),
        }
    }

    /// Whether values of a declared type can be keys of maps and stand in topics.
    pub fn is_key(&self, def: &TypeDef) -> bool {
        match &def.kind {
            TypeKind::Alias(ty) => {
                let nullable = layers(self.analysis, ty).iter().any(|layer| layer.nullable);
                let key = match base(self.analysis, ty) {
                    Shape::String | Shape::Int(_) | Shape::Uuid | Shape::Role => true,
                    &Shape::Named(id) => self.analysis.model.types.get(id).is_some_and(is_plain_enum),
                    _ => false,
                };
                key && !nullable
            }
            _ => is_plain_enum(def),
        }
    }

    /// The fields of the struct that a payload or field holds.
    pub fn fields_of(&self, ty: &'a Type) -> &'a [Field] {
        match base(self.analysis, ty) {
            &Shape::Named(id) => self.fields_of_type(id),
            _ => &[],
        }
    }

    /// The fields of a struct.
    pub fn fields_of_type(&self, id: TypeId) -> &'a [Field] {
        match self.analysis.model.types.get(id).map(|def| &def.kind) {
            Some(TypeKind::Struct(fields)) => fields,
            Some(TypeKind::Alias(ty)) => self.fields_of(ty),
            _ => &[],
        }
    }
}

/// What a type that is written down turns out to be.
pub(super) enum Written<'a> {
    List,
    Map,
    BuiltIn(Shape),
    Shape(Based<'a>),
}

/// What is behind an alias.
pub(super) enum Based<'a> {
    Shape(&'a Shape),
    Def(&'a TypeDef),
}

impl<'a> Based<'a> {
    fn of(analysis: &'a Analysis, ty: &'a Type) -> Self {
        match base(analysis, ty) {
            &Shape::Named(id) => Self::Def(&analysis.model.types[id]),
            shape => Self::Shape(shape),
        }
    }
}

fn is_plain_enum(def: &TypeDef) -> bool {
    matches!(&def.kind, TypeKind::Enum(variants) if variants.iter().all(|variant| variant.fields.is_empty()))
}
