"""Between values as applications have them and values as they are in JSON.

Nothing is checked here: what has another type is passed on as it is, and whoever checks says so. Timestamps, dates,
UUIDs and addresses stay text: Python has no nanoseconds and no year 0, and text loses nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from .check import INTEGERS
from .schema import Raw, Schema, Type


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""Nothing is said: the field is left out. Where null is a value, `None` is that."""


class Name(str, Enum):
    """What enums without fields are made of: texts."""

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True)
class UnknownVariant:
    """A variant that this version of the protocol does not know: the whole object."""

    value: Mapping[str, Any]


@dataclass(frozen=True)
class Made:
    """A generated class, and which of its attributes are called otherwise in JSON."""

    cls: type[Any]
    attributes: Mapping[str, str] = field(default_factory=dict)


Classes = Mapping[int, "Made | type[Enum] | Mapping[str, Made]"]
"""What the types of a plan are, by their places: structs, enums without fields, variants by their names."""


class Converter:
    """Knows the classes of one protocol."""

    def __init__(self, schema: Schema, classes: Classes, role: type[Enum] | None) -> None:
        self._schema, self._role = schema, role
        self._classes = {id(schema.types[place]): made for place, made in classes.items()}
        self._variants = {
            made.cls: (name, made)
            for variants in self._classes.values()
            if isinstance(variants, Mapping)
            for name, made in variants.items()
        }

    # ------------------------------------------------------------ out

    def value(self, raw: Raw, value: Any) -> Any:
        """A value as it is in JSON."""
        ty = self._schema.follow(raw)
        if isinstance(value, Enum):
            return value.value
        if ty.shape == "bytes" and isinstance(value, (bytes, bytearray, memoryview)):
            return base64.b64encode(value).decode()
        if ty.shape == "duration" and isinstance(value, timedelta):
            return _milliseconds(value)
        if ty.shape in INTEGERS and ty.text and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if ty.shape == "list" and isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            return [self.value(ty.raw["of"], item) for item in value]
        if ty.shape == "map" and isinstance(value, Mapping):
            return {_key(key): self.value(ty.raw["of"], item) for key, item in value.items()}
        if ty.shape in ("struct", "variants"):
            return self._object(ty, value)
        return value

    def fields(self, fields: list[Raw], values: Mapping[str, Any]) -> Raw:
        """An object of the values that are said, by their names in JSON."""
        out: Raw = {}
        for declared in fields:
            name, ty = declared["name"], self._schema.follow(declared["type"])
            value = values.get(name, UNSET)
            is_optional = declared.get("optional", False)
            if value is UNSET and ty.shape == "const" and not is_optional and not ty.nullable:
                out[name] = ty.raw["value"]
            elif value is not UNSET and not (value is None and is_optional and not ty.nullable):
                out[name] = self.value(declared["type"], value)
        return out

    def error(self, definition: Raw, error: Exception) -> Raw | None:
        """A declared error, for a server that has asked; `None` when it is another one."""
        made = self._variants.get(type(error))
        variants = self._classes.get(id(definition))
        if made is None or not isinstance(variants, Mapping) or variants.get(made[0]) is not made[1]:
            return None
        return self._variant(definition, made, error)

    def _object(self, ty: Type, value: Any) -> Any:
        if isinstance(value, UnknownVariant):
            return dict(value.value)
        made = self._classes.get(id(ty.raw))
        if isinstance(made, Made) and isinstance(value, made.cls):
            return self.fields(ty.raw["fields"], _attributes(made, ty.raw["fields"], value))
        variant = self._variants.get(type(value))
        return value if variant is None else self._variant(ty.raw, variant, value)

    def _variant(self, definition: Raw, made: tuple[str, Made], value: Any) -> Raw:
        name, cls = made
        fields: list[Raw] = next((one["fields"] for one in definition["variants"] if one["name"] == name), [])
        return {definition["tag"]: name, **self.fields(fields, _attributes(cls, fields, value))}

    # ------------------------------------------------------------ in

    def read(self, raw: Raw, value: Any) -> Any:
        """A value that was checked, as applications have it."""
        if value is None:
            return None
        ty = self._schema.follow(raw)
        if ty.shape == "struct":
            return self.made(self._classes.get(id(ty.raw)), ty.raw["fields"], value)
        if ty.shape == "names":
            return _name(self._classes.get(id(ty.raw)), value)
        if ty.shape == "role":
            return _name(self._role, value)
        if ty.shape == "variants":
            return self.variant(ty.raw, value)
        if ty.shape == "list":
            return [self.read(ty.raw["of"], item) for item in value]
        if ty.shape == "map":
            return {self._read_key(ty.raw["key"], key): self.read(ty.raw["of"], item) for key, item in value.items()}
        if ty.shape == "bytes":
            return base64.b64decode(value)
        if ty.shape == "duration":
            return timedelta(milliseconds=value)
        if ty.shape in ("f32", "f64"):
            return float(value)
        return int(value) if ty.shape in INTEGERS else value

    def made(self, made: Any, fields: list[Raw], value: Raw) -> Any:
        """An object as its class, if there is one."""
        if not isinstance(made, Made):
            return value
        read: Raw = {}
        for declared in fields:
            name, ty = declared["name"], self._schema.follow(declared["type"])
            is_optional = declared.get("optional", False) and "default" not in declared
            if ty.shape == "const" and not is_optional and not ty.nullable:
                continue
            attribute = made.attributes.get(name, name)
            if name in value:
                read[attribute] = self.read(declared["type"], value[name])
            else:
                read[attribute] = UNSET if ty.nullable else None
        return made.cls(**read)

    def variant(self, definition: Raw, value: Raw) -> Any:
        """An object with a tag; `UnknownVariant` when nobody knows it."""
        variants, name = self._classes.get(id(definition)), value.get(definition["tag"])
        for one in definition["variants"]:
            if one["name"] == name and isinstance(variants, Mapping):
                return self.made(variants[one["name"]], one["fields"], value)
        return UnknownVariant(value)

    def _read_key(self, raw: Raw, key: str) -> Any:
        return int(key) if self._schema.follow(raw).shape in INTEGERS else self.read(raw, key)


def _attributes(made: Made, fields: list[Raw], value: Any) -> Raw:
    names = (declared["name"] for declared in fields)
    return {name: getattr(value, made.attributes.get(name, name), UNSET) for name in names}


def _milliseconds(value: timedelta) -> int | float:
    """Whole ones; a part of one is a number with a point, which no duration is."""
    whole, rest = divmod(value, timedelta(milliseconds=1))
    return whole + rest / timedelta(milliseconds=1) if rest else whole


def _key(key: Any) -> Any:
    if isinstance(key, Enum):
        return key.value
    return str(key) if isinstance(key, int) and not isinstance(key, bool) else key


def _name(cls: Any, value: str) -> Any:
    """Of an open enum one that is not known stays the text that it is."""
    try:
        return cls(value) if isinstance(cls, type) and issubclass(cls, Enum) else value
    except ValueError:
        return value
