//! Names apart in a model with errors, so that rustc does not report the clashes once more.
//!
//! What is generated from such a model never runs; it only keeps editors going. Nothing on the wire changes.

use std::collections::HashSet;

use super::taken;
use crate::generate::casing::{field_name, module_name, type_name};
use crate::model::{Field, Model, NamespaceId, Payload, TypeKind, Variant};

/// Gives what would clash in Rust another name there.
pub(super) fn names_are_told_apart(model: &mut Model) {
    namespaces(model);
    for namespace in 0..model.namespaces.len() {
        types(model, namespace);
    }
    let mut roles = HashSet::new();
    model.roles.iter_mut().for_each(|role| rename(&mut role.name, type_name, |name| roles.insert(name)));
    for def in &mut model.types {
        match &mut def.kind {
            TypeKind::Alias(_) => {}
            TypeKind::Struct(list) => fields(list),
            TypeKind::Enum(list) => variants(list, HashSet::new()),
            TypeKind::Error(list) => variants(list, HashSet::from(["Internal".to_owned()])),
        }
    }
    let payloads = model.messages.iter_mut().map(|message| &mut message.payload);
    for payload in payloads.chain(model.events.iter_mut().map(|event| &mut event.payload)) {
        if let Payload::Fields(list) = payload {
            fields(list);
        }
    }
}

/// Appends to a name until what it becomes in Rust is free.
fn rename(name: &mut String, rust: fn(&str) -> String, mut is_free: impl FnMut(String) -> bool) {
    let written = name.clone();
    let mut count = 2;
    while !is_free(rust(name)) {
        *name = format!("{written}_{count}");
        count += 1;
    }
}

fn types(model: &mut Model, namespace: NamespaceId) {
    let mut known: HashSet<String> = taken::reserved(namespace).map(str::to_owned).collect();
    for def in model.types.iter_mut().filter(|def| def.namespace == namespace && !def.inline) {
        rename(&mut def.name, type_name, |name| known.insert(name));
    }
    for event in model.events.iter_mut().filter(|event| event.namespace == namespace) {
        rename(&mut event.name, type_name, |name| known.insert(name));
    }
    let own = |payload: &Payload| !matches!(payload, Payload::Type(_));
    for message in model.messages.iter_mut().filter(|message| message.namespace == namespace && own(&message.payload)) {
        rename(&mut message.name, type_name, |name| known.insert(name));
    }
    // Those that nobody named give way.
    for def in model.types.iter_mut().filter(|def| def.namespace == namespace && def.inline) {
        rename(&mut def.name, type_name, |name| known.insert(name));
    }
    let mut functions = HashSet::new();
    for topic in model.topics.iter_mut().filter(|topic| topic.namespace == namespace) {
        rename(&mut topic.name, field_name, |name| functions.insert(name));
    }
}

fn fields(list: &mut [Field]) {
    let mut known = HashSet::new();
    list.iter_mut().for_each(|field| rename(&mut field.name, field_name, |name| known.insert(name)));
}

fn variants(list: &mut [Variant], mut known: HashSet<String>) {
    for variant in list {
        rename(&mut variant.name, type_name, |name| known.insert(name));
        fields(&mut variant.fields);
    }
}

/// A namespace that is renamed is renamed in the paths of those inside it, too.
fn namespaces(model: &mut Model) {
    for id in 1..model.namespaces.len() {
        let depth = model.namespaces[id].path.len() - 1;
        let siblings = 1..id;
        let parent = model.namespaces[id].parent;
        let mut known: HashSet<String> = siblings
            .filter(|&other| model.namespaces[other].parent == parent)
            .filter_map(|other| model.namespaces[other].path.last().map(|name| module_name(name)))
            .chain(["rt", "routes", "switchboard"].map(str::to_owned))
            .collect();
        let mut name = model.namespaces[id].path[depth].clone();
        rename(&mut name, module_name, |name| known.insert(name));
        for inner in id..model.namespaces.len() {
            if is_inside(model, inner, id) {
                model.namespaces[inner].path[depth].clone_from(&name);
            }
        }
    }
}

fn is_inside(model: &Model, inner: NamespaceId, outer: NamespaceId) -> bool {
    let mut at = Some(inner);
    while let Some(id) = at {
        if id == outer {
            return true;
        }
        at = model.namespaces[id].parent;
    }
    false
}
