//! The values of number literals.

use super::tree::NumberValue;

/// Why a literal has no value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Refused {
    /// An integer of more digits than any type holds.
    BigInteger,
    /// A number beyond the greatest float.
    Infinite,
    /// A number so near to 0 that a float would be 0.
    Vanishing,
}

/// `12`, `1_000`, `0x1f`, `-1.5`, `1e9`, `1.5e-3`. A number with an exponent is an integer if it is whole and fits.
pub(super) fn number(text: &str) -> Result<NumberValue, Refused> {
    let digits = text.replace('_', "");
    let (sign, unsigned) = match digits.strip_prefix('-') {
        Some(unsigned) => (-1, unsigned),
        None => (1, digits.as_str()),
    };
    if let Some(hex) = unsigned.strip_prefix("0x") {
        return i128::from_str_radix(hex, 16).ok().and_then(|value| within(value * sign)).ok_or(Refused::BigInteger);
    }
    match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => match whole(mantissa, exponent).and_then(|value| within(value * sign)) {
            Some(value) => Ok(value),
            None => float(&digits, mantissa),
        },
        None if unsigned.contains('.') => float(&digits, unsigned),
        None => unsigned.parse::<i128>().ok().and_then(|value| within(value * sign)).ok_or(Refused::BigInteger),
    }
}

/// The value of `1.5e3`, when it is whole.
fn whole(mantissa: &str, exponent: &str) -> Option<i128> {
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let after = after.trim_end_matches('0');
    let digits = format!("{before}{after}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let shift = exponent.parse::<i64>().ok()? - after.len() as i64;
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    if shift < 0 {
        let drop = usize::try_from(-shift).ok().filter(|&drop| drop <= trailing)?;
        return digits[..digits.len() - drop].parse().ok();
    }
    let factor = 10_i128.checked_pow(u32::try_from(shift).ok()?)?;
    digits.parse::<i128>().ok()?.checked_mul(factor)
}

fn float(text: &str, mantissa: &str) -> Result<NumberValue, Refused> {
    let value: f64 = text.parse().map_err(|_| Refused::Infinite)?;
    if !value.is_finite() {
        return Err(Refused::Infinite);
    }
    if value == 0.0 && mantissa.contains(|digit: char| matches!(digit, '1'..='9')) {
        return Err(Refused::Vanishing);
    }
    Ok(NumberValue::Float(value))
}

/// Integers that some type can hold; the bound keeps later sums from overflowing.
fn within(value: i128) -> Option<NumberValue> {
    (value.unsigned_abs() <= 1 << 64).then_some(NumberValue::Int(value))
}

/// `30s`, in milliseconds.
pub(super) fn duration(text: &str) -> Option<u64> {
    let (number, unit) = parted(text);
    let factor = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 86_400_000,
    };
    // A thousand years are enough, and keep sums of times far from overflowing.
    number.parse::<u64>().ok()?.checked_mul(factor).filter(|&milliseconds| milliseconds <= 365_250 * 86_400_000)
}

/// `8KiB`, in bytes.
pub(super) fn size(text: &str) -> Option<u64> {
    let (number, unit) = parted(text);
    let factor = match unit {
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => 1,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

fn parted(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::{Refused, number};
    use crate::syntax::tree::NumberValue::{Float, Int};

    #[test]
    fn whole_numbers_with_an_exponent_are_integers() {
        for (text, value) in [
            ("1e9", 1_000_000_000),
            ("-2E3", -2000),
            ("1.5e3", 1500),
            ("1.50e+1", 15),
            ("1200e-2", 12),
            ("0e400", 0),
            ("0.0e-9", 0),
            ("1_000e0", 1000),
            ("1e19", 10_000_000_000_000_000_000),
            ("0.00001e5", 1),
        ] {
            assert_eq!(number(text), Ok(Int(value)), "{text}");
        }
    }

    #[test]
    fn other_numbers_with_an_exponent_are_floats() {
        for (text, value) in
            [("1.5e-3", 0.0015), ("1e-9", 1e-9), ("1e30", 1e30), ("-1e308", -1e308), ("12e-1", 1.2), ("5e-324", 5e-324)]
        {
            assert_eq!(number(text), Ok(Float(value)), "{text}");
        }
    }

    #[test]
    fn numbers_beyond_every_type_are_refused() {
        assert_eq!(number("1e400"), Err(Refused::Infinite));
        assert_eq!(number("1e99999999999999999999"), Err(Refused::Infinite));
        assert_eq!(number("1e-400"), Err(Refused::Vanishing));
        assert_eq!(number("-0.0001e-99999999999999999999"), Err(Refused::Vanishing));
        assert_eq!(number("36893488147419103232"), Err(Refused::BigInteger));
        assert_eq!(number("0xfffffffffffffffffffffffffffffffffffff"), Err(Refused::BigInteger));
    }
}
