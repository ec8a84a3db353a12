//! Targets, and the `{field}` places in them.

use std::collections::{BTreeMap, HashSet};

use super::Resolver;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Help};
use crate::guess;
use crate::model::{self, Field, NamespaceId, Payload, Segment, Shape, Target, TopicId, TopicRef, Type, TypeKind};
use crate::source::Span;
use crate::syntax::tree::{self, TargetKind, TopicPart};

impl<'t> Resolver<'t, '_, '_> {
    /// Who receives; places are fields of `payload`, which belongs to the message or event `owner`.
    pub(super) fn target(
        &mut self,
        from: NamespaceId,
        written: &'t tree::Target,
        owner: &str,
        payload: &Payload,
    ) -> Option<Target> {
        match &written.kind {
            TargetKind::All => Some(Target::All),
            TargetKind::Others => Some(Target::Others),
            TargetKind::Mailboxes => self.needs_identity(written).then_some(Target::Mailboxes),
            TargetKind::Mailbox(place) => {
                let known = self.needs_identity(written);
                let owner_type = self.model.identity.clone();
                let wanted = Wanted { ty: owner_type.as_ref(), by: "a mailbox belongs to" };
                let path = self.field_at(place, owner, payload, &wanted)?;
                known.then_some(Target::Mailbox(path))
            }
            TargetKind::Topic { path, others } => {
                let topic = self.topic_ref(from, path, owner, payload)?;
                Some(if *others { Target::OthersInTopic(topic) } else { Target::Topic(topic) })
            }
            TargetKind::Roles { roles, others } => {
                let mut found = Vec::new();
                for role in roles {
                    let role = self.role(role);
                    found.extend(role.filter(|role| !found.contains(role)));
                }
                if found.is_empty() {
                    return None;
                }
                Some(if *others { Target::OthersInRoles(found) } else { Target::Roles(found) })
            }
        }
    }

    fn needs_identity(&mut self, written: &tree::Target) -> bool {
        if self.identity.is_some() {
            return self.model.identity.is_some();
        }
        if !self.broken {
            let report = Diagnostic::new(Code::NoIdentity, written.span, "mailboxes without an identity")
                .label("whose mailbox?");
            self.report(report.help("say at the top of the file what identifies people: `identity UserId`"));
        }
        false
    }

    /// A topic as used, with a field of the payload for each place.
    pub(super) fn topic_ref(
        &mut self,
        from: NamespaceId,
        written: &'t tree::TopicPath,
        owner: &str,
        payload: &Payload,
    ) -> Option<TopicRef> {
        let topic = self.topic_named(from, written)?;
        let name = self.text(self.written.topics[topic].1.span);
        let mut wanted = self.model.topics[topic].segments.clone().into_iter().filter_map(|segment| match segment {
            Segment::Place { ty, .. } => Some(ty),
            Segment::Literal(_) => None,
        });
        let by = format!("topic `{name}` needs");
        let mut places = Vec::new();
        let mut complete = true;
        for part in &written.parts {
            let TopicPart::Place(place) = part else { continue };
            if let Some(ty) = &place.ty {
                let report = Diagnostic::new(Code::Places, ty.span, "a place has its type where the topic is declared")
                    .label("not here");
                let field = format!("{{{}}}", place.path.join("."));
                self.report(report.help(format!("write `{field}`, the name of a field")).fix(place.span, field));
            }
            let ty = wanted.next();
            match self.field_at(place, owner, payload, &Wanted { ty: ty.as_ref(), by: &by }) {
                Some(path) => places.push(path),
                None => complete = false,
            }
        }
        complete.then_some(TopicRef { topic, places })
    }

    /// The topic that a path means here.
    pub(super) fn find_topic(&self, from: NamespaceId, written: &tree::TopicPath) -> Option<TopicId> {
        let used: Vec<Option<&str>> = written.parts.iter().map(literal).collect();
        let all = 0..self.model.topics.len();
        // As seen from each namespace around, the inner ones first; the root sees full names.
        let seen_from = |scope: &NamespaceId, id: &TopicId| {
            let path = self.model.namespaces[*scope].path.iter().map(|word| Some(word.as_str()));
            path.chain(used.iter().copied()).eq(self.parts_of(*id, true))
        };
        self.outwards(from).iter().find_map(|scope| all.clone().find(|id| seen_from(scope, id)))
    }

    pub(super) fn topic_named(&mut self, from: NamespaceId, written: &tree::TopicPath) -> Option<TopicId> {
        if let Some(found) = self.find_topic(from, written) {
            self.misused.right.insert(found);
            return Some(found);
        }
        let used: Vec<Option<&str>> = written.parts.iter().map(literal).collect();
        let scopes: Vec<NamespaceId> = self.outwards(from);
        let full = |id: &TopicId| self.parts_of(*id, true);
        let all = 0..self.model.topics.len();
        let words = || used.iter().flatten().copied();
        if words().any(|word| self.ghosts.contains(word)) || self.is_nameless(&["topic"]) {
            return None;
        }
        let first = used.first().copied().flatten();
        let same_word = all.clone().find(|&id| {
            let visible = scopes.contains(&self.model.topics[id].namespace)
                && self.parts_of(id, false).first().copied().flatten() == first;
            visible || used.len() > 1 && full(&id).iter().flatten().copied().take(2).eq(words().take(2))
        });
        match same_word {
            Some(id) => {
                let report = self.other_places(written, id);
                let parts = used.iter().map(|word| word.map(str::to_owned)).collect();
                self.misused.wrong.entry((id, parts)).or_default().push(report);
            }
            None => {
                let report = self.unknown_topic(written, first.unwrap_or(""), &scopes);
                self.report(report);
            }
        }
        None
    }

    /// Reports topics that were used with other parts than declared. If all uses of one agree, its declaration is wrong.
    pub(super) fn misused_topics(&mut self) {
        let misused = std::mem::take(&mut self.misused);
        let forms = |topic: TopicId| misused.wrong.keys().filter(|(id, _)| *id == topic).count();
        for ((topic, _), reports) in &misused.wrong {
            let agree = reports.len() > 1 && forms(*topic) == 1 && !misused.right.contains(topic);
            if !agree {
                reports.iter().for_each(|report| self.report(report.clone()));
                continue;
            }
            let Some(first) = reports.first() else { continue };
            let written = self.text(first.primary.span);
            let help =
                format!("all {} uses have the parts of `{written}`: is it wrong where it is declared?", reports.len());
            self.report(first.clone().help(help));
        }
    }

    /// Words of a topic, `None` for each place; with its namespace in front when `full`.
    fn parts_of(&self, id: TopicId, full: bool) -> Vec<Option<&str>> {
        let topic = &self.model.topics[id];
        let path = &self.model.namespaces[topic.namespace].path;
        let path = path.iter().filter(|_| full).map(|word| Some(word.as_str()));
        path.chain(self.written.topics[id].1.parts.iter().map(literal)).collect()
    }

    fn other_places(&self, written: &tree::TopicPath, id: TopicId) -> Diagnostic {
        let declared = self.written.topics[id].1.span;
        let title = format!("topic `{}` is declared as `{}`", self.text(written.span), self.text(declared));
        let form: Vec<String> = self.written.topics[id]
            .1
            .parts
            .iter()
            .map(|part| match part {
                TopicPart::Literal(word) => word.text.clone(),
                TopicPart::Place(place) => format!("{{{}}}", place.path.join("_")),
            })
            .collect();
        Diagnostic::new(Code::Places, written.span, title)
            .label("other parts than declared")
            .also(declared, "declared here")
            .help(format!("write `{}`, with a field of the payload in each place", form.join("/")))
    }

    fn unknown_topic(&self, written: &tree::TopicPath, word: &str, scopes: &[NamespaceId]) -> Diagnostic {
        let visible: Vec<&str> = self
            .model
            .topics
            .iter()
            .zip(&self.written.topics)
            .filter(|(topic, _)| scopes.contains(&topic.namespace))
            .filter_map(|(_, (_, written))| written.parts.first().and_then(literal))
            .collect();
        let elsewhere =
            (0..self.model.topics.len()).find(|&id| self.parts_of(id, false).first().copied().flatten() == Some(word));
        let help = match elsewhere {
            Some(id) => {
                let path = self.model.namespaces[self.model.topics[id].namespace].path.join("/");
                Help::instead(format!("did you mean `{path}/{}`?", self.text(written.span)), format!("{path}/{word}"))
            }
            None => guess::did_you_mean(word, visible.iter().copied()).unwrap_or_else(|| match visible.is_empty() {
                true => format!(
                    "declare it: `topic {}`, with the type of each place: `{{room: RoomId}}`",
                    self.text(written.span)
                )
                .into(),
                false => format!("topics here are {}", guess::list(visible)).into(),
            }),
        };
        let report = Diagnostic::new(Code::UnknownName, written.span, format!("unknown topic `{}`", guess::clip(word)))
            .label("no topic of this name")
            .help(help.text);
        // Only the first word is wrong.
        match (help.instead, written.parts.first()) {
            (Some(instead), Some(TopicPart::Literal(first))) => report.fix(first.span, instead),
            _ => report,
        }
    }

    /// The field that a place names, if it is there, always, and of the wanted type.
    fn field_at(
        &mut self,
        place: &tree::Place,
        owner: &str,
        payload: &Payload,
        wanted: &Wanted<'_>,
    ) -> Option<model::Path> {
        let looked_up = self.walk(place, owner, payload, wanted);
        match looked_up {
            Ok(()) => Some(place.path.clone()),
            Err(report) => {
                if let Some(report) = report {
                    self.report(*report);
                }
                None
            }
        }
    }

    fn walk(
        &self,
        place: &tree::Place,
        owner: &str,
        payload: &Payload,
        wanted: &Wanted<'_>,
    ) -> Result<(), Option<Box<Diagnostic>>> {
        let mut fields = self.fields_of(payload).ok_or(None)?;
        let mut holder = owner.to_owned();
        let mut found: Option<&Field> = None;
        for (depth, name) in place.path.iter().enumerate() {
            let field = fields.iter().find(|field| field.name == *name);
            let field = field.ok_or_else(|| {
                let missing = !self.is_ghost(name) && !self.is_nameless(&["field"]);
                missing.then(|| Box::new(self.no_field(place, name, &holder, fields, wanted)))
            })?;
            if field.optional || self.is_nullable(&field.ty) {
                return Err(Some(Box::new(self.may_be_missing(place, field))));
            }
            let last = depth + 1 == place.path.len();
            fields = if last { &[] } else { self.fields_of_shape(self.base(&field.ty)).ok_or(None)? };
            holder.clone_from(name);
            found = Some(field);
        }
        let (Some(field), Some(ty)) = (found, wanted.ty) else { return Ok(()) };
        if *self.base(&field.ty) == Shape::Unknown || *self.base(ty) == Shape::Unknown {
            return Err(None);
        }
        match self.same_type(&field.ty, ty) {
            true => Ok(()),
            false => Err(Some(Box::new(self.wrong_type(place, field, owner, payload, wanted, ty)))),
        }
    }

    fn no_field(
        &self,
        place: &tree::Place,
        name: &str,
        holder: &str,
        fields: &[Field],
        wanted: &Wanted<'_>,
    ) -> Diagnostic {
        let names = fields.iter().map(|field| field.name.as_str());
        let before: String =
            place.path.iter().take_while(|part| *part != name).map(|part| format!("{part}.")).collect();
        let behind: String =
            place.path.iter().skip_while(|part| *part != name).skip(1).map(|part| format!(".{part}")).collect();
        let near = guess::nearest(name, names.clone());
        let help = match near.first() {
            Some(near) => Help::did_you_mean(format!("{{{before}{near}{behind}}}")),
            None => match self.of_type(fields, wanted) {
                Some(one) => Help::did_you_mean(format!("{{{before}{one}}}")),
                None if fields.is_empty() => format!("give `{holder}` a field `{name}`").into(),
                None => format!("its fields are {}", guess::list(names)).into(),
            },
        };
        let title = match fields.is_empty() {
            true => format!("`{holder}` has no fields, so no `{}`", guess::clip(name)),
            false => format!("`{holder}` has no field `{}`", guess::clip(name)),
        };
        Diagnostic::new(Code::UnknownField, place.span, title).label("no field of this name").help(help)
    }

    fn may_be_missing(&self, place: &tree::Place, field: &Field) -> Diagnostic {
        let what = if field.optional { "may be left out" } else { "may be null" };
        let report = Diagnostic::new(
            Code::FieldOptional,
            place.span,
            format!("`{}` {what}, so there may be no target", field.name),
        )
        .label(what)
        .also(field.origin.span, "declared here")
        .help(if field.optional { "remove the `?`, or give it a default" } else { "remove the `?`" });
        // An alias that may be null says so elsewhere.
        match field.ty.nullable && !field.optional {
            true => report.fix(Span { start: field.ty.span.end - 1, ..field.ty.span }, ""),
            false => report,
        }
    }

    fn wrong_type(
        &self,
        place: &tree::Place,
        field: &Field,
        owner: &str,
        payload: &Payload,
        wanted: &Wanted<'_>,
        ty: &Type,
    ) -> Diagnostic {
        let (needed, given) = (self.type_text(ty), self.type_text(&field.ty));
        let title = format!(
            "{} {}, and `{}` is {}",
            wanted.by,
            with_article(&needed),
            place.path.join("."),
            with_article(&given)
        );
        let fields = self.fields_of(payload).unwrap_or(&[]);
        let is_list = matches!(self.base(&field.ty), Shape::List(item) if self.same_type(item, ty));
        let help = match self.of_type(fields, wanted) {
            _ if is_list && wanted.by.contains("mailbox") => {
                "for several let the handler return them: `to mailboxes`".into()
            }
            Some(one) => Help::instead(
                format!("`{owner}` has one field of that type: did you mean `{{{one}}}`?"),
                format!("{{{one}}}"),
            ),
            None => format!("make the field {}, or name one that is", with_article(&needed)).into(),
        };
        Diagnostic::new(Code::FieldType, place.span, title).label(format!("needs {}", with_article(&needed))).help(help)
    }

    /// The only field of the wanted type.
    fn of_type<'a>(&self, fields: &'a [Field], wanted: &Wanted<'_>) -> Option<&'a str> {
        let ty = wanted.ty?;
        let mut fitting = fields
            .iter()
            .filter(|field| !field.optional && !self.is_nullable(&field.ty) && self.same_type(&field.ty, ty));
        let one = fitting.next()?;
        fitting.next().is_none().then_some(one.name.as_str())
    }

    /// Whether a value of one type is, in Rust, one of the other: plain aliases are looked through.
    fn same_type(&self, given: &Type, wanted: &Type) -> bool {
        let (given, wanted) = (self.plain(given), self.plain(wanted));
        given.shape == wanted.shape
    }

    /// The type behind aliases that are only other names.
    fn plain<'a>(&'a self, ty: &'a Type) -> &'a Type {
        let mut ty = ty;
        while let Shape::Named(id) = ty.shape {
            match &self.model.types[id] {
                model::TypeDef { kind: TypeKind::Alias(inner), secret: false, .. } if inner.limits.is_empty() => {
                    ty = inner
                }
                _ => break,
            }
        }
        ty
    }
}

/// Topics that were named, to find out whether uses or declarations are wrong.
#[derive(Default)]
pub(super) struct Misused {
    right: HashSet<TopicId>,
    /// The reports of wrong uses, by topic and the words between its places.
    wrong: BTreeMap<(TopicId, Vec<Option<String>>), Vec<Diagnostic>>,
}

/// What a place is for.
struct Wanted<'a> {
    /// The type its field must have; `None` when that is unknown.
    ty: Option<&'a Type>,
    /// "a mailbox belongs to"
    by: &'a str,
}

fn literal(part: &TopicPart) -> Option<&str> {
    match part {
        TopicPart::Literal(name) => Some(&name.text),
        TopicPart::Place(_) => None,
    }
}

fn with_article(ty: &str) -> String {
    let an = ty.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    format!("{} `{ty}`", if an { "an" } else { "a" })
}
