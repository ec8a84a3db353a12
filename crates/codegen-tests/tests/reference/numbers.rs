//! Numbers of a value and what is asked of them.

use wsr_compiler::model::{Int, Limits, Number, Shape};

use super::json::Json;

/// A number of a value, in its own type.
pub enum Num {
    Int(i128),
    Single(f32),
    Double(f64),
}

impl Num {
    pub fn compare(&self, with: Number, how: &str) -> bool {
        let order = match (self, with) {
            (Self::Int(value), Number::Int(with)) => Some(value.cmp(&with)),
            (Self::Int(value), Number::Float(with)) => (*value as f64).partial_cmp(&with),
            (Self::Single(value), with) => value.partial_cmp(&(float(with) as f32)),
            (Self::Double(value), with) => value.partial_cmp(&float(with)),
        };
        use std::cmp::Ordering::{Equal, Greater, Less};
        match how {
            ">" => order == Some(Greater),
            ">=" => matches!(order, Some(Greater | Equal)),
            "<" => order == Some(Less),
            "<=" => matches!(order, Some(Less | Equal)),
            _ => order == Some(Equal),
        }
    }

    /// Floats are seldom exact: a quotient that is nearly whole will do.
    pub fn is_multiple(&self, of: Number) -> bool {
        let (quotient, tolerance) = match (self, of) {
            (Self::Int(value), Number::Int(of)) => return value % of == 0,
            (Self::Int(value), Number::Float(of)) => (*value as f64 / of, 1e-9),
            (Self::Single(value), of) => (f64::from(*value) / f64::from(float(of) as f32), 1e-6),
            (Self::Double(value), of) => (*value / float(of), 1e-9),
        };
        (quotient - quotient.round()).abs() <= tolerance * quotient.abs().max(1.0)
    }
}

pub fn float(number: Number) -> f64 {
    match number {
        Number::Int(value) => value as f64,
        Number::Float(value) => value,
    }
}

pub fn number(shape: &Shape, json: &Json) -> Option<Num> {
    match (shape, json) {
        (Shape::Int(_) | Shape::Duration, Json::Number(raw) | Json::Text(raw)) => raw.parse().ok().map(Num::Int),
        (Shape::F32, Json::Number(raw)) => raw.parse().ok().map(Num::Single),
        (Shape::F64, Json::Number(raw)) => raw.parse().ok().map(Num::Double),
        _ => None,
    }
}

/// The range of an integer type; as a JSON number never beyond ±(2^53-1).
pub fn bounds(int: Int, as_number: bool) -> (i128, i128) {
    let (min, max): (i128, i128) = match int {
        Int::U8 => (0, u8::MAX.into()),
        Int::U16 => (0, u16::MAX.into()),
        Int::U32 => (0, u32::MAX.into()),
        Int::U64 => (0, u64::MAX.into()),
        Int::I8 => (i8::MIN.into(), i8::MAX.into()),
        Int::I16 => (i16::MIN.into(), i16::MAX.into()),
        Int::I32 => (i32::MIN.into(), i32::MAX.into()),
        Int::I64 => (i64::MIN.into(), i64::MAX.into()),
    };
    if as_number { (min.max(-SAFE), max.min(SAFE)) } else { (min, max) }
}

/// Integers that may pass ±(2^53-1) travel as decimal text.
pub fn travels_as_number(int: Int, limits: &Limits) -> bool {
    let (mut min, mut max) = bounds(int, false);
    if let Some(range) = limits.range {
        let whole = |number: Number| float(number) as i128;
        let exact = |number: Number| if let Number::Int(value) = number { value } else { whole(number) };
        min = range.min.map_or(min, |bound| exact(bound).max(min));
        max = range.max.map_or(max, |bound| exact(bound).min(max));
    }
    if let Some(numbers) = &limits.one_of {
        min = numbers.iter().map(|one| float(*one) as i128).min().unwrap_or(min);
        max = numbers.iter().map(|one| float(*one) as i128).max().unwrap_or(max);
    }
    min >= -SAFE && max <= SAFE
}

const SAFE: i128 = (1 << 53) - 1;
