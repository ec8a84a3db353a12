//! Defaults as Rust expressions. The checks have seen that each keeps the limits of its type.

use super::context::{Context, Scope};
use super::literal;
use crate::generate::casing::{identifier, type_name};
use crate::model::{Field, Number, Shape, Type, TypeKind, Value};

impl<'m> Context<'m> {
    /// A field's default, of the field's type in Rust.
    pub fn default_value(&self, scope: Scope, field: &'m Field, value: &Value) -> String {
        let present = self.value(scope, &field.ty, value);
        let boxed = if field.boxed { format!("§Box::new({present})") } else { present };
        if self.is_nullable(&field.ty) { format!("§Some({boxed})") } else { boxed }
    }

    /// A value of this type, without the `Option` around it.
    fn value(&self, scope: Scope, ty: &'m Type, value: &Value) -> String {
        if let Shape::Named(id) = ty.shape {
            return match (self.plain_alias(id), self.model.types.get(id).map(|def| &def.kind)) {
                (Some(target), _) => self.value(scope, target, value),
                (None, Some(TypeKind::Alias(target))) => {
                    let inner = self.base_value(scope, self.base(target), value);
                    let path = self.type_path(scope, id);
                    format!("{path}::new({inner}).expect(\"checked by the compiler\")")
                }
                (None, Some(TypeKind::Enum(variants))) => match value {
                    Value::Variant(index) if *index < variants.len() => {
                        let variant = identifier(&type_name(&variants[*index].name));
                        format!("{}::{variant}", self.type_path(scope, id))
                    }
                    _ => parsed(value),
                },
                _ => parsed(value),
            };
        }
        self.base_value(scope, &ty.shape, value)
    }

    fn base_value(&self, scope: Scope, shape: &'m Shape, value: &Value) -> String {
        match (shape, value) {
            (Shape::Const(_), _) => "()".to_owned(),
            (Shape::Bool, Value::Bool(value)) => value.to_string(),
            (Shape::Int(_), Value::Number(number)) => literal::integer(*number),
            (Shape::F32 | Shape::F64, Value::Number(number)) => literal::float(*number),
            (Shape::Duration, Value::Number(number)) => {
                format!("::std::time::Duration::from_millis({})", literal::integer(*number))
            }
            (Shape::String, Value::Text(text)) if text.is_empty() => "§String::new()".to_owned(),
            (Shape::String, Value::Text(text)) => format!("§String::from({})", literal::string(text)),
            (Shape::Role, Value::Variant(role)) => match self.model.roles.get(*role) {
                Some(role) => {
                    format!("{}::{}", self.root_item(scope, "Role"), identifier(&type_name(&role.name)))
                }
                None => parsed(value),
            },
            (Shape::List(_), Value::List(items)) if items.is_empty() => "§Vec::new()".to_owned(),
            (Shape::List(ty), Value::List(items)) => {
                let nullable = self.is_nullable(ty);
                let item = |value: &Value| match self.value(scope, ty, value) {
                    item if nullable => format!("§Some({item})"),
                    item => item,
                };
                format!("::std::vec![{}]", items.iter().map(item).collect::<Vec<_>>().join(", "))
            }
            _ => parsed(value),
        }
    }
}

/// Any other value goes the way that a peer's would.
fn parsed(value: &Value) -> String {
    let text = literal::string(&json(value));
    let reader = format!("&mut rt::Reader::new({text}, 64)");
    format!("rt::Decode::decode({reader}, &rt::Path::root())\n    .expect(\"checked by the compiler\")")
}

fn json(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(Number::Int(value)) => value.to_string(),
        Value::Number(Number::Float(value)) => format!("{value:?}"),
        Value::Text(text) => literal::json(text),
        Value::Variant(index) => index.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
    }
}
