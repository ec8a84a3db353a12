"""Texts with a meaning: what is one, and how it is written. The rules are those of the server."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re


def base64_bytes(text: str) -> bytes | None:
    """The bytes that padded base64 stands for; there is one text for each."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def uuid(text: str) -> str | None:
    """Hyphenated, in small letters."""
    return text.lower() if _UUID.fullmatch(text) else None


def date(text: str) -> str | None:
    """A day of the calendar from the year 0 on."""
    return text if _DATE.fullmatch(text) and _is_day(text) else None


def timestamp(text: str) -> str | None:
    """RFC 3339 in UTC with `Z`, without zeros at the end of the seconds."""
    if not _TIMESTAMP.fullmatch(text) or not _is_day(text[:10]) or text >= _END_OF_TIME:
        return None
    if "." not in text:
        return text
    return text[:-1].rstrip("0").rstrip(".") + "Z"


def ip(text: str) -> str | None:
    """An IPv4 or IPv6 address, as RFC 5952 has it."""
    if "%" in text:
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address)


def email(text: str) -> str | None:
    """One address of RFC 5321 without a display name, also with letters beyond ASCII."""
    local, at, domain = text.rpartition("@")
    if not at or not 0 < len(_bytes(local)) <= 64 or not 0 < len(_bytes(domain)) <= 254:
        return None
    is_quoted = len(local) > 2 and local[0] == local[-1] == '"'
    is_local = _QUOTED.fullmatch(local[1:-1]) if is_quoted else _DOT_ATOM.fullmatch(local)
    return text if is_local and _is_domain(domain) else None


def uri(text: str) -> str | None:
    """RFC 3986: with a scheme, in ASCII, also with a fragment."""
    found = _URI.fullmatch(text)
    if found is None:
        return None
    literal = found["six"]
    return text if literal is None or _is_ipv6(literal) else None


def _is_day(text: str) -> bool:
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    if not 1 <= month <= 12:
        return False
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = 29 if month == 2 and is_leap else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    return 1 <= day <= days


def _is_domain(domain: str) -> bool:
    if domain[0] == "[" and domain[-1] == "]":
        literal = domain[1:-1]
        if literal.startswith("IPv6:"):
            return _is_ipv6(literal[5:])
        return ip(literal) is not None and ":" not in literal
    return all(_is_label(label) for label in domain.split("."))


def _is_label(label: str) -> bool:
    signs = label.replace("-", "")
    return (
        0 < len(_bytes(label)) <= 63
        and label[0] != "-"
        and label[-1] != "-"
        and all(sign.isalnum() for sign in signs)
    )


def _is_ipv6(text: str) -> bool:
    return ":" in text and ip(text) is not None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?Z"
)
# Some hours before the year 10000, so that it has one in every time zone.
_END_OF_TIME = "9999-12-30T22:00:01"
_ATEXT = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~\u0080-\U0010ffff]"
_DOT_ATOM = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")
_QUOTED = re.compile(r"(?:[ \t!#-\[\]-~\u0080-\U0010ffff]|\\[!-~])*")
_PCHAR = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
_NAME = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})"
_AUTHORITY = (
    rf"(?:(?:{_NAME}|:)*@)?"
    rf"(?:\[(?:(?P<six>[0-9A-Fa-f:.]+)|[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\]|{_NAME}*)"
    r"(?::[0-9]*)?"
)
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+\-.]*:"
    rf"(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|{_PCHAR}+(?:/{_PCHAR}*)*|)"
    rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:\#(?:{_PCHAR}|[/?])*)?"
)
