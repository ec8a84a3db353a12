"""Binary payloads: fixed fields in order, little-endian, and at most one `bytes` or `string` at the end.

They are read into the JSON that the same payload would be, and written from it.
"""

from __future__ import annotations

import base64
import struct
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from .check import BAD, SAFE, At, Checker, is_finite, single
from .schema import Raw, Schema, Type


def read(schema: Schema, payload: Raw, data: bytes, checker: Checker) -> Any:
    """The payload in a frame whose tag has been taken off."""
    reader = _Reader(data, checker)
    read: dict[str, Any] = {}
    for field in schema.payload_fields(payload):
        ty, at = schema.follow(field["type"]), At().key(field["name"])
        if field.get("secret") or ty.secret:
            at = at.secret()
        value = reader.value(schema, ty, at)
        read[field["name"]] = value if value is BAD else checker.limited(ty, value, at)
    reader.finish()
    return read if checker.sound else BAD


def write(schema: Schema, payload: Raw, value: dict[str, Any]) -> bytes:
    """The frame of a checked payload, tag first."""
    out = bytearray([payload["binary"]])
    for field in schema.payload_fields(payload):
        out += _written(schema, schema.follow(field["type"]), value[field["name"]])
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes, checker: Checker) -> None:
        self._rest, self._checker, self._is_cut = data, checker, False

    def value(self, schema: Schema, ty: Type, at: At) -> Any:
        if ty.shape in ("bytes", "string"):
            return self._tail(ty.shape, at)
        data = self._take(_size(ty.shape), at)
        if data is None:
            return BAD
        if ty.shape == "uuid":
            return str(UUID(bytes=data))
        if ty.shape in _FORMATS:
            return self._number(ty, struct.unpack(_FORMATS[ty.shape], data)[0], at)
        if ty.shape == "bool":
            return data[0] == 1 if data[0] < 2 else self._checker.add(at, "type", "0 or 1", str(data[0]))
        names = _names(schema, ty)
        if data[0] < len(names):
            return names[data[0]]
        return self._checker.add(at, "range", f"0..={len(names) - 1}", str(data[0]))

    def finish(self) -> None:
        if self._rest and not self._is_cut:
            self._checker.add(At(), "length", "no bytes behind the last field", str(len(self._rest)))

    def _number(self, ty: Type, number: Any, at: At) -> Any:
        if ty.shape in ("f32", "f64"):
            if not is_finite(number):
                return self._checker.add(at, "range", "a finite number", {"nan": "NaN"}.get(str(number), str(number)))
            return single(number) if ty.shape == "f32" else number
        if ty.shape == "timestamp":
            text = _timestamp(number)
            return text or self._checker.add(at, "range", "a year from 0 to 9999", str(number))
        if ty.shape == "duration" and number > SAFE:
            return self._checker.add(at, "range", f"0..={SAFE}", str(number))
        return str(number) if ty.text else number

    def _tail(self, shape: str, at: At) -> Any:
        if self._is_cut:
            return BAD
        data, self._rest = self._rest, b""
        if shape == "bytes":
            return base64.b64encode(data).decode()
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            return self._checker.add(at, "format", "UTF-8", f"another byte at {error.start}")

    def _take(self, size: int, at: At) -> bytes | None:
        if self._is_cut:
            return None
        if len(self._rest) < size:
            self._is_cut = True
            self._checker.add(at, "length", f"{size} bytes", str(len(self._rest)))
            return None
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def _written(schema: Schema, ty: Type, value: Any) -> bytes:
    if ty.shape == "bytes":
        return base64.b64decode(value)
    if ty.shape == "string":
        return str(value).encode()
    if ty.shape == "uuid":
        return UUID(value).bytes
    if ty.shape == "timestamp":
        return struct.pack("<q", _milliseconds(value))
    if ty.shape in _FORMATS:
        return struct.pack(_FORMATS[ty.shape], int(value) if ty.text else value)
    if ty.shape == "bool":
        return bytes([value])
    return bytes([_names(schema, ty).index(value)])


def _names(schema: Schema, ty: Type) -> list[str]:
    names: list[str] = schema.roles if ty.shape == "role" else ty.raw["names"]
    return names


def _size(shape: str) -> int:
    return 16 if shape == "uuid" else struct.calcsize(_FORMATS.get(shape, "<B"))


def _timestamp(milliseconds: int) -> str | None:
    """`None` outside of the years 0 to 9999."""
    if not _YEAR_0 <= milliseconds < _END_OF_TIME:
        return None
    cycle, rest = divmod(milliseconds - _YEAR_2000, _CYCLE)
    moment = _START + timedelta(milliseconds=rest)
    digits = f".{moment.microsecond // 1000:03}".rstrip("0") if moment.microsecond else ""
    return f"{moment.year + 400 * cycle:04}-{moment:%m-%dT%H:%M:%S}{digits}Z"


def _milliseconds(text: str) -> int:
    cycle, year = divmod(int(text[:4]) - 2000, 400)
    whole, _, fraction = text[4:-1].partition(".")
    moment = datetime.fromisoformat(f"{year + 2000:04}{whole}")
    since = (moment - _START) // timedelta(milliseconds=1) + int(fraction.ljust(3, "0")[:3])
    return _YEAR_2000 + cycle * _CYCLE + since


_FORMATS = {
    "u8": "<B", "u16": "<H", "u32": "<I", "u64": "<Q",
    "i8": "<b", "i16": "<h", "i32": "<i", "i64": "<q",
    "f32": "<f", "f64": "<d", "duration": "<Q", "timestamp": "<q",
}  # fmt: skip
# Python has no year 0. But 400 years are like the next 400.
_START = datetime(2000, 1, 1)
_YEAR_2000 = 946_684_800_000
_CYCLE = 146_097 * 86_400_000
_YEAR_0 = -62_167_219_200_000
_END_OF_TIME = 253_402_207_201_000
