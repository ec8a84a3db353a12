//! Types with their limits.

use super::{Builder, Pair, Rule, tree};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Edit};
use crate::guess;
use crate::source::Span;
use tree::{LimitKind, TypeKind};

impl Builder<'_> {
    pub(super) fn ty(&mut self, pair: Pair<'_>) -> tree::Type {
        let span = self.tight(&pair);
        let mut ty = tree::Type {
            kind: TypeKind::Name(String::new()),
            limits: Vec::new(),
            limits_span: None,
            nullable: false,
            base_span: span,
            span,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::limits => {
                    ty.limits_span = Some(self.tight(&part));
                    ty.limits = part
                        .into_inner()
                        .filter(|part| part.as_rule() == Rule::limit)
                        .filter_map(|part| self.limit(part))
                        .collect();
                }
                Rule::optional => ty.nullable = true,
                _ => {
                    ty.base_span = self.tight(&part);
                    ty.kind = self.type_kind(part);
                }
            }
        }
        ty
    }

    /// Reports `{ low, high }`, names without types, where a type should stand.
    fn is_enum_without_its_word(&mut self, pair: &Pair<'_>) -> bool {
        let is_name = |name: &str| {
            name.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let inside = pair.as_str().trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let names: Vec<&str> = inside.unwrap_or("").trim().trim_end_matches(',').split(',').map(str::trim).collect();
        if !names.iter().all(|name| is_name(name)) {
            return false;
        }
        let start = self.span(pair.as_span().start(), pair.as_span().start() + 1);
        let title = format!("expected `enum`, found `{{`, because `{}` has no type", guess::clip(names[0]));
        let written = format!("enum {{ {} }}", names.join(", "));
        let report = Diagnostic::new(Code::Syntax, start, title).label("`enum` is missing here");
        let help = format!("write `{}`, or a type behind each name: `{{ name: type }}`", guess::clip(&written));
        let edit = Edit { span: Span { end: start.start, ..start }, text: "enum ".to_owned() };
        self.out.push(report.help(help).fix_with("write `enum`", vec![edit]));
        self.syntax_errors += 1;
        true
    }

    fn type_kind(&mut self, pair: Pair<'_>) -> TypeKind {
        match pair.as_rule() {
            Rule::ty_name => TypeKind::Name(pair.into_inner().next().map_or("", |name| name.as_str()).to_owned()),
            Rule::inline_struct if self.is_enum_without_its_word(&pair) => {
                TypeKind::InlineEnum { variants: Vec::new(), broken: true }
            }
            Rule::inline_struct => match pair.into_inner().next() {
                Some(body) => TypeKind::InlineStruct(self.body(body).0),
                None => TypeKind::InlineStruct(Vec::new()),
            },
            Rule::inline_enum => {
                let inside = pair.into_inner().find(|part| part.as_rule() == Rule::variants);
                let (variants, broken) = inside.map_or((Vec::new(), true), |inside| self.variants(inside));
                TypeKind::InlineEnum { variants, broken }
            }
            Rule::list | Rule::map => {
                let mut inner = pair.into_inner().filter(|part| part.as_rule() == Rule::ty);
                match (inner.next(), inner.next()) {
                    (Some(key), Some(value)) => TypeKind::Map(Box::new(self.ty(key)), Box::new(self.ty(value))),
                    (Some(item), None) => TypeKind::List(Box::new(self.ty(item))),
                    _ => TypeKind::Name(String::new()),
                }
            }
            _ => match self.value(pair) {
                Some(value) => TypeKind::Literal(value),
                None => TypeKind::Name(String::new()),
            },
        }
    }

    fn limit(&mut self, pair: Pair<'_>) -> Option<tree::Limit> {
        let part = pair.into_inner().next()?;
        let span = self.tight(&part);
        let rule = part.as_rule();
        let mut inner = part.clone().into_inner();
        let kind = match rule {
            Rule::len => match inner.find(|part| part.as_rule() != Rule::kw_len)? {
                range if range.as_rule() == Rule::range => LimitKind::Len(self.range(range)),
                bound => LimitKind::LenBound(self.bound(bound)?),
            },
            Rule::range => LimitKind::Range(self.range(part)),
            Rule::pattern => LimitKind::Match(self.regex(&inner.find(|part| part.as_rule() == Rule::regex)?)),
            Rule::unique => LimitKind::Unique,
            Rule::multiple => LimitKind::MultipleOf(self.number(&inner.find(|part| part.as_rule() == Rule::number)?)),
            Rule::number_set => {
                let ends = part.into_inner().filter(|part| part.as_rule() == Rule::range_end);
                LimitKind::Set(ends.filter_map(|end| Some(self.number(&end.into_inner().next()?))).collect())
            }
            _ => LimitKind::Bound(self.bound(part)?),
        };
        Some(tree::Limit { kind, span })
    }

    fn range(&mut self, pair: Pair<'_>) -> tree::Range {
        let span = self.tight(&pair);
        let mut range = tree::Range { min: None, max: None, operator: None, span };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::range_op => range.operator = Some(self.name(&part)),
                _ => {
                    let Some(number) = part.into_inner().next().map(|literal| self.number(&literal)) else { continue };
                    if range.operator.is_some() { range.max = Some(number) } else { range.min = Some(number) }
                }
            }
        }
        if range.operator.is_none() {
            range.max.clone_from(&range.min);
        }
        range
    }

    fn bound(&mut self, pair: Pair<'_>) -> Option<tree::Bound> {
        let mut parts = pair.into_inner();
        let operator = self.name(&parts.next()?);
        let end = self.number(&parts.next()?.into_inner().next()?);
        Some(tree::Bound { operator, end })
    }

    /// The text between the slashes, as written.
    fn regex(&self, pair: &Pair<'_>) -> tree::Name {
        let start = pair.as_span().start();
        let text = &pair.as_str()[1..pair.as_str().len() - 1];
        tree::Name { text: text.to_owned(), span: self.span(start + 1, start + 1 + text.len()) }
    }
}
