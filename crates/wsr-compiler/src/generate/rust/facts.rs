//! What is true of each named type, worked out once and in time that grows with the file's length.

use super::types::Merged;
use crate::model::{Model, Shape, Type, TypeDef, TypeId, TypeKind};

/// Facts by type.
#[derive(Default)]
pub(in crate::generate) struct Facts {
    /// Aliases that lead to themselves, or deeper than anything that can be read.
    pub circular: Vec<bool>,
    /// For an alias: the last alias on the way to what it stands for.
    pub last: Vec<TypeId>,
    /// The same, but a newtype ends the way.
    pub last_plain: Vec<TypeId>,
    /// For an alias: whether null is a value.
    pub nullable: Vec<bool>,
    /// For an alias: the limits of all aliases on the way.
    pub limits: Vec<Merged>,
    /// For an alias: whether it, or one on the way, is `@secret`.
    pub secret: Vec<bool>,
    /// Whether a float is somewhere inside.
    pub floats: Vec<bool>,
    /// Whether a value in Rust may break a limit.
    pub may_be_wrong: Vec<bool>,
}

impl Facts {
    pub fn of(model: &Model) -> Self {
        let types = &model.types;
        let mut facts = Self {
            circular: vec![true; types.len()],
            last: (0..types.len()).collect(),
            last_plain: (0..types.len()).collect(),
            nullable: vec![false; types.len()],
            limits: vec![Merged::default(); types.len()],
            secret: types.iter().map(|def| def.secret).collect(),
            floats: Vec::new(),
            may_be_wrong: Vec::new(),
        };
        facts.follow_aliases(types);
        let is_float = |ty: &Type| matches!(ty.shape, Shape::F32 | Shape::F64);
        facts.floats = spread(types, |_| true, |_| false, &is_float);
        let can_break = |ty: &Type| {
            let by_shape =
                matches!(ty.shape, Shape::F32 | Shape::F64 | Shape::Timestamp | Shape::Date | Shape::Duration);
            by_shape || !ty.limits.is_empty()
        };
        let keeps_unknown = |id: TypeId| keeps_objects(&types[id]);
        facts.may_be_wrong = spread(types, |id| !is_newtype(&types[id]), keeps_unknown, &can_break);
        facts
    }

    /// Aliases from the last to the first, so that each finds what it leads to done. Those in a circle are
    /// never reached.
    fn follow_aliases(&mut self, types: &[TypeDef]) {
        let steps: Vec<Vec<TypeId>> = types.iter().map(|def| alias_steps(types, def)).collect();
        let mut left: Vec<usize> = steps.iter().map(Vec::len).collect();
        let mut users: Vec<Vec<TypeId>> = vec![Vec::new(); types.len()];
        for (id, steps) in steps.iter().enumerate() {
            steps.iter().for_each(|&step| users[step].push(id));
        }
        let mut depths = vec![0_usize; types.len()];
        let mut ready: Vec<TypeId> = (0..types.len()).filter(|&id| left[id] == 0).collect();
        while let Some(id) = ready.pop() {
            let nested = steps[id].iter().map(|&step| depths[step]).max().unwrap_or_default();
            depths[id] = nested + usize::from(!is_direct(&types[id]));
            if depths[id] <= DEEPEST {
                self.settle(types, id);
            }
            for &user in &users[id] {
                left[user] -= 1;
                if left[user] == 0 {
                    ready.push(user);
                }
            }
        }
    }

    fn settle(&mut self, types: &[TypeDef], id: TypeId) {
        self.circular[id] = false;
        let TypeKind::Alias(target) = &types[id].kind else { return };
        self.nullable[id] = target.nullable;
        if let Shape::Named(next) = target.shape
            && matches!(types[next].kind, TypeKind::Alias(_))
            && !self.circular[next]
        {
            self.last[id] = self.last[next];
            self.limits[id] = self.limits[next].clone();
            self.secret[id] |= self.secret[next];
            if !is_newtype(&types[next]) {
                self.last_plain[id] = self.last_plain[next];
            }
            if !is_newtype(&types[id]) {
                self.nullable[id] |= self.nullable[next];
            }
        }
        self.limits[id].add(&target.limits);
    }
}

/// Whether an alias is a struct of its own in Rust.
pub(in crate::generate) fn is_newtype(def: &TypeDef) -> bool {
    matches!(&def.kind, TypeKind::Alias(ty) if def.secret || !ty.limits.is_empty())
}

fn is_direct(def: &TypeDef) -> bool {
    !matches!(&def.kind, TypeKind::Alias(Type { shape: Shape::List(_) | Shape::Map(..), .. }))
}

/// The aliases that stand for part of an alias in Rust. A list inside a newtype ends a circle.
fn alias_steps(types: &[TypeDef], def: &TypeDef) -> Vec<TypeId> {
    let TypeKind::Alias(ty) = &def.kind else { return Vec::new() };
    if is_newtype(def) && !is_direct(def) {
        return Vec::new();
    }
    let mut steps = Vec::new();
    for_each_type(ty, &mut |ty| {
        if let Shape::Named(id) = ty.shape
            && types.get(id).is_some_and(|def| matches!(def.kind, TypeKind::Alias(_)))
        {
            steps.push(id);
        }
    });
    steps
}

/// Whether a type is an enum that keeps the objects of variants that it does not know.
pub(super) fn keeps_objects(def: &TypeDef) -> bool {
    let has_fields = matches!(&def.kind, TypeKind::Enum(variants) if !super::types::is_plain(variants));
    def.open && has_fields
}

/// Types that `begin` or have something in them that is `wanted`, spread from each type to those that `pass` it on.
fn spread(
    types: &[TypeDef],
    pass: impl Fn(TypeId) -> bool,
    begin: impl Fn(TypeId) -> bool,
    wanted: &dyn Fn(&Type) -> bool,
) -> Vec<bool> {
    let mut found: Vec<bool> = (0..types.len()).map(begin).collect();
    let mut users: Vec<Vec<TypeId>> = vec![Vec::new(); types.len()];
    let mut ready: Vec<TypeId> = (0..types.len()).filter(|&id| found[id]).collect();
    for (id, def) in types.iter().enumerate().filter(|(id, _)| pass(*id)) {
        for_each_in(def, &mut |ty| {
            if let Shape::Named(part) = ty.shape
                && part < types.len()
            {
                users[part].push(id);
            }
            if wanted(ty) && !found[id] {
                found[id] = true;
                ready.push(id);
            }
        });
    }
    while let Some(id) = ready.pop() {
        for &user in &users[id] {
            if !found[user] {
                found[user] = true;
                ready.push(user);
            }
        }
    }
    found
}

/// The types written in a definition, and those written inside them.
pub(in crate::generate) fn for_each_in(def: &TypeDef, visit: &mut dyn FnMut(&Type)) {
    match &def.kind {
        TypeKind::Alias(ty) => for_each_type(ty, visit),
        TypeKind::Struct(fields) => fields.iter().for_each(|field| for_each_type(&field.ty, visit)),
        TypeKind::Enum(variants) | TypeKind::Error(variants) => {
            let fields = variants.iter().flat_map(|variant| &variant.fields);
            fields.for_each(|field| for_each_type(&field.ty, visit));
        }
    }
}

/// The type and those written inside it.
pub(super) fn for_each_type(ty: &Type, visit: &mut dyn FnMut(&Type)) {
    visit(ty);
    match &ty.shape {
        Shape::List(item) => for_each_type(item, visit),
        Shape::Map(key, value) => {
            for_each_type(key, visit);
            for_each_type(value, visit);
        }
        _ => {}
    }
}

/// Lists in lists by way of aliases; no reader goes deeper.
const DEEPEST: usize = 128;
