"""JSON as it comes from a peer: read without trusting it, and without losing how numbers were written."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any


class NoJson(Exception):
    """The text is no JSON, or nests too deep."""


class Written(float):
    """A number that is more than its value: its text, and whether it has neither point nor exponent."""

    text: str
    whole: bool

    __slots__ = ("text", "whole")


def read(text: str) -> Any:
    """The value that a JSON text has.

    Of keys that come twice the last one counts. Numbers with a point, an exponent or more digits than any type
    has are `Written`.
    """
    try:
        value = json.loads(text, parse_int=_whole, parse_float=_float, parse_constant=_constant)
        if _MAYBE_LONE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise NoJson(str(error)) from None
    return value


def write(value: Any) -> str:
    """A value as JSON, compact."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def type_name(value: Any) -> str:
    """What JSON calls such a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (list, tuple)):
        return "array"
    if isinstance(value, dict):
        return "object"
    return type(value).__name__


def number_text(value: float | int) -> str:
    """A number as it was written, or in the fewest digits and without an exponent."""
    if isinstance(value, Written):
        return value.text
    if isinstance(value, int):
        return str(value) if value.bit_length() <= 4096 else "a number of many digits"
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN"}.get(str(value), str(value))
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _whole(text: str) -> int | Written:
    if len(text) <= _MOST_DIGITS and text != "-0":
        return int(text)
    number = _float(text)
    number.whole = True
    return number


def _float(text: str) -> Written:
    number = Written(text)
    number.text = text
    number.whole = False
    return number


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


# Escapes that may be half of a pair.
_MAYBE_LONE = re.compile(r"\\u[dD][89a-fA-F]")
# Beyond every integer type, and still a finite float.
_MOST_DIGITS = 300
