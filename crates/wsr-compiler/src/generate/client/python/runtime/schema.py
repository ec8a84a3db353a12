"""The protocol as data: the plan that the generator wrote, and what is looked up in it.

What stands in a plan is said at the top of `generate/client/plan.rs` in the compiler.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Mapping

from .jsontext import number_text

Raw = dict[str, Any]
"""A part of the plan as it was written: a type, a field, a message."""


@dataclass(frozen=True)
class Type:
    """A type with its names followed."""

    shape: str
    """`u8`, `string`, `list`, `struct`, `names`, `variants` …"""
    raw: Raw
    """What says more: the items of a list, the value of a constant, the fields of a struct."""
    groups: list[list[Raw]]
    """Checks: a group is asked when those before it hold, and then all of it."""
    nullable: bool
    secret: bool

    @property
    def text(self) -> bool:
        """Whether a 64-bit integer travels as decimal text."""
        return bool(self.raw.get("text", False))


class Schema:
    """A protocol."""

    def __init__(self, plan: str) -> None:
        data = json.loads(plan)
        self.hash: str = data["hash"]
        self.identity: Raw | None = data.get("identity")
        self.roles: list[str] = data.get("roles", [])
        self.types: list[Raw] = data["types"]
        self.topics: list[Raw] = data["topics"]
        self.messages: Mapping[str, Raw] = _by_name(data["messages"])
        self.asks: Mapping[str, Raw] = _by_name(data["asks"])
        self._declared_events = _by_name(data["events"])
        self.events: Mapping[str, Raw] = {
            **{name: message for name, message in self.messages.items() if "relayed" in message},
            **self._presence(),
            **{f"{flow['name']}#state": {**_STATE, "name": f"{flow['name']}#state"} for flow in data["flows"]},
            **self._declared_events,
        }
        self.binary_events = {event["binary"]: event for event in self.events.values() if "binary" in event}
        self._followed: dict[int, tuple[Raw, Type]] = {}

    def hello(self) -> Raw:
        """The hello of a client that uses all of it."""
        lists = {"messages": self.messages, "events": self._declared_events, "asks": self.asks}
        if sum(map(len, lists.values())) > _MOST_NAMES:
            return {"contract": self.hash}
        prints = {kind: {name: one["hash"] for name, one in named.items()} for kind, named in lists.items()}
        return {"contract": self.hash, **prints}

    def follow(self, raw: Raw) -> Type:
        """A type with its names followed."""
        known = self._followed.get(id(raw))
        if known is None:
            # What is kept with it keeps its place in memory.
            known = self._followed[id(raw)] = (raw, self._follow(raw))
        return known[1]

    def payload_fields(self, raw: Raw) -> list[Raw]:
        """The fields of a payload, also of one that is a struct by name."""
        fields: list[Raw] = (self.follow(raw["type"]).raw if "type" in raw else raw).get("fields", [])
        return fields

    def topic_names(self, refs: list[Raw], payload: Any) -> list[str]:
        """The full names of the topics that a checked payload, with its defaults, is about."""
        return [self.topic_name(ref["topic"], [_at(payload, path) for path in ref.get("places", [])]) for ref in refs]

    def topic_name(self, topic: int, places: list[Any]) -> str:
        """The full name of a topic, its places filled with values as they are in JSON."""
        segments = self.topics[topic]["segments"]
        return "/".join(segment if isinstance(segment, str) else _place(places[segment]) for segment in segments)

    def _follow(self, raw: Raw) -> Type:
        own = [raw["checks"]] if "checks" in raw else []
        nullable = raw.get("nullable", False)
        if raw["is"] != "ref":
            return Type(raw["is"], raw, own, nullable, False)
        definition = self.types[raw["to"]]
        if definition["is"] != "alias":
            return Type(definition["is"], definition, own, nullable, False)
        target = self._follow(definition["type"])
        secret = definition.get("secret", False) or target.secret
        return Type(target.shape, target.raw, [*target.groups, *own], nullable, secret)

    def _presence(self) -> dict[str, Raw]:
        """The events by which members of a topic hear of each other."""
        found: dict[str, Raw] = {}
        for topic in self.topics:
            if "presence" not in topic or self.identity is None:
                continue
            name = "/".join(segment for segment in topic["segments"] if isinstance(segment, str))
            who = [_field("who", self.identity)]
            state = topic["presence"].get("type")
            both = [*who, _field("state", state, optional=True)] if state else who
            self.types.append({"is": "struct", "fields": both})
            members: Raw = {"is": "list", "of": {"is": "ref", "to": len(self.types) - 1}}
            here = [_field("members", members), _field("omitted", {"is": "u32"}, optional=True)]
            for event, fields in (("here", here), ("joined", both), ("changed", both), ("left", who)):
                found[f"{name}#{event}"] = {"name": f"{name}#{event}", "fields": [_field("topic", _TEXT), *fields]}
        return found


def regex(pattern: str) -> re.Pattern[str]:
    """A pattern of the plan, which has to match whole texts."""
    known = _REGEXES.get(pattern)
    if known is None:
        known = _REGEXES[pattern] = re.compile(pattern)
    return known


def _by_name(items: list[Raw]) -> dict[str, Raw]:
    return {item["name"]: item for item in items}


def _field(name: str, ty: Raw, optional: bool = False) -> Raw:
    return {"name": name, "type": ty, "optional": optional}


def _at(value: Any, path: list[str]) -> Any:
    for key in path:
        value = value[key]
    return value


def _place(value: Any) -> str:
    text = value if isinstance(value, str) else number_text(value)
    return text.replace("%", "%25").replace("/", "%2F")


_REGEXES: dict[str, re.Pattern[str]] = {}
_TEXT: Raw = {"is": "string"}
_STATE: Raw = {"fields": [_field("topic", _TEXT), _field("state", _TEXT)]}
# What a server takes in one hello.
_MOST_NAMES = 2048
