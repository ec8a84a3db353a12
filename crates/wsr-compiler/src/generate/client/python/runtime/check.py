"""Values held against their types: the rules, the order and the words of the server.

A `Checker` goes through JSON values. It gives the value back as it is to be understood, with defaults filled in and
what is unknown left out, or notes every violation.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any, Callable, TypeGuard

from . import texts
from .jsontext import Written, number_text, type_name
from .schema import Raw, Schema, Type, regex


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with a value."""

    at: str
    """JSON pointer (RFC 6901) into the payload."""
    rule: str
    """Which rule was broken: `type`, `required`, `range`, `len` …"""
    want: str
    """What the protocol asks for."""
    got: str
    """What came, cut to 64 characters, or `(secret)`."""

    def __str__(self) -> str:
        place = f"{self.at}: " if self.at else ""
        return f"{place}{self.rule}: want {self.want}, got {self.got}"


class At:
    """A place in a payload."""

    __slots__ = ("_parent", "_step", "is_secret")

    def __init__(self, parent: At | None = None, step: str = "", is_secret: bool = False) -> None:
        self._parent, self._step, self.is_secret = parent, step, is_secret

    def key(self, step: str) -> At:
        """The member of this name, or the item of this index."""
        # What is below a secret has its place: pointers end there.
        return self if self.is_secret else At(self, step)

    def secret(self) -> At:
        """The same place, whose value is never shown."""
        return At(self._parent, self._step, True)

    def pointer(self) -> str:
        """As a JSON pointer; long keys are cut, and so is the whole."""
        steps, at = [], self
        while at._parent is not None:
            steps.append("/" + at._step[:64].replace("~", "~0").replace("/", "~1"))
            at = at._parent
        return "".join(reversed(steps))[:256]


class Checker:
    """Checks one value and collects what is wrong with it."""

    MOST = 32

    def __init__(self, schema: Schema, lenient: bool = False) -> None:
        """A lenient one passes over keys that nobody knows."""
        self._schema, self._lenient = schema, lenient
        self._depth = 0
        self.violations: list[Violation] = []
        self.omitted = 0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong so far."""
        return not self.violations

    def add(self, at: At, rule: str, want: str, got: str) -> object:
        """Notes a violation; the result says that there is no value."""
        if len(self.violations) == self.MOST:
            self.omitted += 1
        else:
            self.violations.append(Violation(at.pointer(), rule, want, "(secret)" if at.is_secret else got[:64]))
        return BAD

    def payload(self, raw: Raw, value: Any, at: At = At()) -> Any:
        """A payload of a message, event or ask; `ABSENT` when none was said."""
        if "type" in raw:
            if value is ABSENT:
                return self.add(at, "required", "a value", "nothing")
            return self.value(raw["type"], value, at)
        return self._object(raw.get("fields", []), raw.get("open", False), None, {} if value is ABSENT else value, at)

    def value(self, raw: Raw, value: Any, at: At = At()) -> Any:
        """A value of a type."""
        ty = self._schema.follow(raw)
        if value is None and ty.nullable:
            return None
        return self._present(ty, value, at)

    def error(self, definition: Raw, value: Any) -> Any:
        """A declared error: an object with a tag, always."""
        return self._tagged(definition, value, At())

    def limited(self, ty: Type, value: Any, at: At) -> Any:
        """A value that is right by its type, if it keeps the limits."""
        for group in ty.groups:
            if not self._keeps(group, ty.shape, value, at):
                return BAD
        return value

    def _present(self, ty: Type, value: Any, at: At) -> Any:
        if ty.secret:
            at = at.secret()
        if self._depth == DEEPEST:
            return self.add(at, "type", "a value that is not nested so deep", type_name(value))
        self._depth += 1
        read = self._shaped(ty, value, at)
        self._depth -= 1
        return BAD if read is BAD else self.limited(ty, read, at)

    def _shaped(self, ty: Type, value: Any, at: At) -> Any:
        shape = ty.shape
        if shape in INTEGERS:
            return self._integer_text(shape, value, at) if ty.text else self._integer(shape, value, at)
        if shape in ("f32", "f64"):
            return self._float(shape, value, at)
        if shape in TEXTS:
            return self._text(shape, value, at) if isinstance(value, str) else self._mismatch(at, "string", value)
        if shape == "bool":
            return value if isinstance(value, bool) else self._mismatch(at, "boolean", value)
        if shape == "struct":
            return self._object(ty.raw["fields"], ty.raw.get("open", False), None, value, at)
        if shape == "names":
            return self._name(ty.raw["names"], ty.raw["want"], ty.raw.get("open", False), value, at)
        if shape == "variants":
            return self._tagged(ty.raw, value, at)
        if shape == "role":
            return self._name(self._schema.roles, " | ".join(self._schema.roles), False, value, at)
        if shape == "list":
            return self._list(ty, value, at)
        if shape == "map":
            return self._map(ty, value, at)
        if shape == "const":
            return self._constant(ty.raw["value"], ty.raw["want"], value, at)
        return self._any(value, at)

    def _mismatch(self, at: At, want: str, value: Any) -> object:
        return self.add(at, "type", want, type_name(value))

    def _name(self, names: list[str], want: str, is_open: bool, value: Any, at: At) -> Any:
        if not isinstance(value, str):
            return self._mismatch(at, "string", value)
        if is_open:
            return self._text("string", value, at)
        return value if value in names else self.add(at, "one_of", want, value)

    def _integer(self, shape: str, value: Any, at: At) -> Any:
        if not is_number(value):
            return self._mismatch(at, "integer", value)
        if isinstance(value, float) and not (isinstance(value, Written) and value.whole):
            if is_finite(value):
                return self.add(at, "type", "integer", "number with a point or exponent")
            return self.add(at, "range", "a finite number", number_text(value))
        low, high = INTEGERS[shape]
        low, high = max(low, -SAFE), min(high, SAFE)
        if is_finite(value) and low <= value <= high:
            return int(value)
        return self.add(at, "range", f"{low}..={high}", number_text(value))

    def _integer_text(self, shape: str, value: Any, at: At) -> Any:
        if not isinstance(value, str):
            return self._mismatch(at, "string", value)
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal()) or digits.startswith("0") and value != "0":
            return self.add(at, "format", "an integer in decimal digits", value)
        low, high = INTEGERS[shape]
        if len(digits) <= 20 and low <= int(value) <= high:
            return value
        return self.add(at, "range", f"{low}..={high}", value)

    def _float(self, shape: str, value: Any, at: At) -> Any:
        if not is_number(value):
            return self._mismatch(at, "number", value)
        if is_finite(value):
            number = float(value) if shape == "f64" else single(float(value))
            if is_finite(number):
                return number
        return self.add(at, "range", f"a finite {shape}", number_text(value))

    def _text(self, shape: str, value: str, at: At) -> Any:
        if not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            return self.add(at, "type", "string", "half of a surrogate pair")
        if shape == "string":
            return value
        if shape == "bytes":
            return value if texts.base64_bytes(value) is not None else self.add(at, "format", "padded base64", value)
        read, want = TEXTS[shape]
        written = read(value)
        return written if written is not None else self.add(at, "format", want, value)

    def _constant(self, wanted: Any, want: str, value: Any, at: At) -> Any:
        if type(wanted) is type(value) and not isinstance(value, float):
            holds = wanted == value
        else:
            holds = is_number(wanted) and is_number(value) and _is_constant(wanted, value)
        if holds:
            return wanted
        if isinstance(value, bool):
            return self.add(at, "const", want, "true" if value else "false")
        if isinstance(value, str) and isinstance(wanted, str):
            return self.add(at, "const", want, value)
        if is_number(value) and is_number(wanted):
            return self.add(at, "const", want, number_text(value))
        return self.add(at, "const", want, type_name(value))

    def _any(self, value: Any, at: At) -> Any:
        """A value of the type `json`."""
        if isinstance(value, str):
            return self._text("string", value, at)
        if value is None or isinstance(value, bool):
            return value
        if is_number(value):
            if not is_finite(value):
                return self.add(at, "range", "a finite number", number_text(value))
            return float(value) if isinstance(value, float) else value
        if not isinstance(value, (list, tuple, dict)):
            return self._mismatch(at, "a value", value)
        if self._depth >= DEEPEST:
            return self.add(at, "type", "a value that is not nested so deep", type_name(value))
        self._depth += 1
        read = self._any_inside(value, at)
        self._depth -= 1
        return read

    def _any_inside(self, value: Any, at: At) -> Any:
        if isinstance(value, dict):
            members = {key: self._any(member, at.key(str(key))) for key, member in value.items()}
            strange = [key for key in members if not isinstance(key, str)]
            for key in strange:
                self._mismatch(at.key(str(key)), "string", key)
            return BAD if strange or any(member is BAD for member in members.values()) else members
        items = [self._any(item, at.key(str(index))) for index, item in enumerate(value)]
        return BAD if any(item is BAD for item in items) else items

    def _list(self, ty: Type, value: Any, at: At) -> Any:
        if not isinstance(value, (list, tuple)):
            return self._mismatch(at, "array", value)
        items = [self.value(ty.raw["of"], item, at.key(str(index))) for index, item in enumerate(value)]
        return self._counted(ty, items, len(items), any(item is BAD for item in items), at)

    def _map(self, ty: Type, value: Any, at: At) -> Any:
        key_type = self._schema.follow(ty.raw["key"])
        # A pointer shows keys, so it ends before those that are secret.
        inner = at.secret() if key_type.secret else at
        if not isinstance(value, dict):
            return self._mismatch(inner, "object", value)
        entries: dict[str, Any] = {}
        count, is_bad = 0, False
        for text, member in value.items():
            place = inner.key(str(text))
            key = self._key(key_type, text, place)
            if key is not BAD and key in entries:
                self.add(place, "duplicate_key", "the key once", "the key again")
                is_bad = True
                continue
            count += 1
            read = self.value(ty.raw["of"], member, place)
            is_bad |= key is BAD or read is BAD
            if key is not BAD and read is not BAD:
                entries[key] = read
        return self._counted(ty, entries, count, is_bad, at)

    def _counted(self, ty: Type, value: Any, count: int, is_bad: bool, at: At) -> Any:
        """The length is judged also when something inside is wrong."""
        for check in ty.groups[0] if is_bad and ty.groups else ():
            if check["rule"] == "len":
                self._has_len(check, count, at)
        return BAD if is_bad else value

    def _key(self, ty: Type, text: Any, at: At) -> Any:
        """A key as it is written: integers are text here, whatever their range."""
        if not isinstance(text, str):
            return self._mismatch(at, "string", text)
        if ty.shape not in INTEGERS:
            return self._present(ty, text, at)
        if ty.secret:
            at = at.secret()
        key = self._integer_text(ty.shape, text, at)
        return key if key is BAD or self.limited(ty, int(key), at) is not BAD else BAD

    def _object(self, fields: list[Raw], is_open: bool, tag: tuple[str, str] | None, value: Any, at: At) -> Any:
        if not isinstance(value, dict):
            return self._mismatch(at, "object", value)
        by_name = {field["name"]: field for field in fields}
        read: dict[str, Any] = {tag[0]: tag[1]} if tag else {}
        is_bad = False
        for key, member in value.items():
            field = by_name.get(key)
            if field is not None:
                read[key] = self.value(field["type"], member, _field_at(at, field))
                is_bad |= read[key] is BAD
            elif not (is_open or self._lenient or tag is not None and key == tag[0]):
                self.add(at.key(str(key)), "unknown_key", "a known key", str(key))
        for field in fields:
            name = field["name"]
            if name in read:
                continue
            if "default" in field:
                read[name] = field["default"]
            elif not field.get("optional"):
                is_bad = True
                self.add(_field_at(at, field), "required", "a value", "nothing")
        return BAD if is_bad else read

    def _tagged(self, definition: Raw, value: Any, at: At) -> Any:
        """The variant is told by the text under the tag, wherever it stands."""
        if not isinstance(value, dict):
            return self._mismatch(at, "object", value)
        tag: str = definition["tag"]
        name = value.get(tag)
        place = at.key(tag)
        if tag not in value:
            return self.add(place, "required", "a value", "nothing")
        if not isinstance(name, str):
            return self._mismatch(place, "string", name)
        for variant in definition["variants"]:
            if variant["name"] == name:
                return self._object(variant["fields"], definition.get("open", False), (tag, name), value, at)
        if definition.get("open"):
            return self._any(value, at)
        return self.add(place, "one_of", definition["want"], name)

    def _keeps(self, group: list[Raw], shape: str, value: Any, at: At) -> bool:
        """Whether a value keeps limits that are asked together: all of them are asked."""
        before = len(self.violations) + self.omitted
        for check in group:
            rule = check["rule"]
            if rule == "len":
                self._has_len(check, _length(shape, value), at)
            elif rule == "match":
                # What is far too long is wrong anyway, and not worth the time.
                if len(value) <= _LONGEST_MATCHED and regex(check["regex"]).fullmatch(value) is None:
                    self.add(at, "match", check["want"], value)
            elif rule == "unique":
                self._is_unique(check, value, at)
            elif not _holds(check, shape, _number(shape, value)):
                self.add(at, rule, check["want"], number_text(_number(shape, value)))
        return len(self.violations) + self.omitted == before

    def _has_len(self, check: Raw, count: int, at: At) -> None:
        if count < check["min"] or count > check.get("max", count):
            self.add(at, "len", check["want"], str(count))

    def _is_unique(self, check: Raw, items: list[Any], at: At) -> None:
        seen: set[str] = set()
        for index, item in enumerate(items):
            text = json.dumps(item, sort_keys=True)
            if text in seen:
                self.add(at, "unique", check["want"], f"item {index} again")
                return
            seen.add(text)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a number of JSON."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_finite(value: int | float) -> bool:
    """Whether a number is one that an `f64` can hold, if only nearly."""
    try:
        return abs(float(value)) != float("inf") and value == value
    except OverflowError:
        return False


def single(value: float) -> float:
    """The number that an `f32` keeps of this one, as the shortest text that means it."""
    try:
        packed = struct.pack("<f", value)
    except OverflowError:
        return float("inf")
    kept = float(struct.unpack("<f", packed)[0])
    shorter = (float(f"{kept:.{digits}g}") for digits in range(1, 10))
    return next((short for short in shorter if _packs_to(short, packed)), kept)


def _packs_to(value: float, packed: bytes) -> bool:
    try:
        return struct.pack("<f", value) == packed
    except OverflowError:
        return False


def _field_at(at: At, field: Raw) -> At:
    place = at.key(field["name"])
    return place.secret() if field.get("secret") else place


def _length(shape: str, value: Any) -> int:
    return len(texts.base64_bytes(value) or b"") if shape == "bytes" else len(value)


def _number(shape: str, value: Any) -> Any:
    return int(value) if shape in INTEGERS else value


def _holds(check: Raw, shape: str, number: Any) -> bool:
    """Whether a number keeps a limit, which is compared in the number's own type."""

    def own(bound: Any) -> Any:
        bound = int(bound) if isinstance(bound, str) else bound
        return single(float(bound)) if shape == "f32" else bound

    if check["rule"] == "one_of":
        return any(own(one) == number for one in check["of"])
    if check["rule"] == "multiple_of":
        return _is_multiple(number, own(check["of"]), check.get("tolerance"))
    return not (
        "min" in check and number < own(check["min"])
        or "max" in check and number > own(check["max"])
        or "above" in check and number <= own(check["above"])
        or "below" in check and number >= own(check["below"])
    )


def _is_multiple(number: Any, factor: Any, tolerance: float | None) -> bool:
    if tolerance is None:
        return bool(number % int(factor) == 0)
    quotient = number / factor
    return is_finite(quotient) and abs(quotient - round(quotient)) <= tolerance * max(abs(quotient), 1.0)


def _is_constant(wanted: int | float, value: int | float) -> bool:
    if isinstance(wanted, float):
        return is_finite(value) and float(value) == float(wanted)
    is_whole = isinstance(value, int) or isinstance(value, Written) and value.whole
    return is_whole and value == wanted


class _Mark:
    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


BAD = _Mark("BAD")
"""In place of a value that is wrong."""
ABSENT = _Mark("ABSENT")
"""In place of a payload that was not said."""
SAFE = 2**53 - 1
"""Up to here every integer is an exact float."""
DEEPEST = 64
_LONGEST_MATCHED = 4096
"""How deep values may nest."""
INTEGERS = {
    **{f"u{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    **{f"i{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    "duration": (0, SAFE),
}
TEXTS: dict[str, tuple[Callable[[str], str | None], str]] = {
    "string": (str, "text"),
    "bytes": (str, "padded base64"),
    "uuid": (texts.uuid, "a hyphenated UUID"),
    "timestamp": (texts.timestamp, "RFC 3339 in UTC, ending in Z"),
    "date": (texts.date, "RFC 3339 full-date"),
    "email": (texts.email, "an email address"),
    "uri": (texts.uri, "a URI"),
    "ip": (texts.ip, "an IPv4 or IPv6 address"),
}
