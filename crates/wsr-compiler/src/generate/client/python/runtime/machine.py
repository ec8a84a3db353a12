"""What a client does, without sockets and clocks: it is told what happens and says what is to be done.

See "Clients" in the protocol's documentation. Times are in milliseconds. Each input adds to `outputs`, which whoever
drives the machine takes out in order.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any, Callable, TypeGuard

from . import binary
from .check import ABSENT, BAD, Checker, Violation
from .jsontext import NoJson, read, write
from .schema import Raw, Schema

Output = tuple[Any, ...]
"""What is to be done: its name, as in the transcripts, and what it is about."""


@dataclass
class Settings:
    """What an application chooses."""

    offline: str = "keep_oldest"
    """What becomes of messages while there is no connection: `keep_oldest`, `keep_newest`, `refuse`."""
    queue: int = 64
    """How many messages may wait."""
    sign_in: bool = False
    """Whether the application signs in on each connection."""


@dataclass(eq=False)
class _Call:
    """A message under way."""

    key: Any
    message: Raw
    payload: Any
    """As it is sent; `ABSENT` when nothing was said."""
    meant: Any
    """The same with its defaults."""
    after_ms: int | None
    deadline: float | None
    direct: bool = False
    number: int | None = None
    """Its `id`, the last one, once it was sent."""

    @property
    def answered(self) -> bool:
        return "reply" in self.message or "stream" in self.message


@dataclass(eq=False)
class _Join:
    """A message that joined topics, to be sent again on each connection."""

    message: Raw
    payload: Any
    meant: Any
    topics: list[str]
    """Those that are still of interest."""


@dataclass
class _Position:
    """How far a topic or mailbox has been heard."""

    epoch: str
    offset: int | None


@dataclass
class _Wire:
    """A connection, from the attempt on."""

    since: float
    is_open: bool = False
    is_signing: bool = False
    heard: float = 0
    pinged: float | None = None
    sent: dict[int, _Call | _Join] = field(default_factory=dict)
    unanswered: dict[int, str] = field(default_factory=dict)
    """Names of messages that only a refusal answers, the latest of them."""
    asks: dict[int, Raw] = field(default_factory=dict)


class Machine:
    """The state machine of one client."""

    def __init__(self, schema: Schema, settings: Settings, random: Callable[[], float]) -> None:
        self.outputs: list[Output] = []
        self.state = ""
        self._schema, self._settings, self._random = schema, settings, random
        self._now: float = 0
        self._wire: _Wire | None = None
        self._losses = 0
        self._opened_at: float | None = None
        self._again_at: float | None = None
        self._last_id = 0
        self._last_ping = 0
        self._calls: dict[Any, _Call] = {}
        """Those without an end so far, by their keys."""
        self._deadlines: list[tuple[float, int, _Call]] = []
        """A heap; those that have ended stay until their time."""
        self._told_count = 0
        self._waiting: deque[_Call] = deque()
        self._joins: list[_Join] = []
        self._positions: dict[str, _Position] = {}
        self._mailbox: _Position | None = None

    # ------------------------------------------------------------ inputs: the connection

    def connect(self) -> None:
        """The application wants a connection, and if one is waited for, at once."""
        if self.state in ("", "closed"):
            self._losses = 0
            self._open()
        elif self.state == "waiting":
            self._open()

    def opened(self) -> None:
        """The socket is open."""
        wire = self._wire
        if wire is None or wire.is_open:
            return
        wire.is_open, wire.heard = True, self._now
        self._out("hello")
        if self._settings.sign_in:
            wire.is_signing = True
            self._out("sign_in")
        else:
            self._ready(wire)

    def signed_in(self) -> None:
        """The application has signed in."""
        if self._wire is not None and self._wire.is_signing:
            self._wire.is_signing = False
            self._ready(self._wire)

    def sign_in_failed(self) -> None:
        """It could not: that is the end, unless the connection is gone anyway."""
        if self._wire is not None and self._wire.is_signing:
            self._out("shut", 1000)
            self._end(1000, "the sign-in failed")

    def closed(self, code: int, reason: str = "", retry_after_ms: int | None = None) -> None:
        """The socket is gone, or could not be opened."""
        if self._wire is None:
            return
        if _is_final(code):
            self._end(code, reason)
        else:
            hint = _HINT.search(reason)
            self._lose(code, max(retry_after_ms or 0, int(hint[1]) if hint else 0))

    def close(self) -> None:
        """The application has had enough."""
        if self.state in ("", "closed"):
            return
        if self._wire is not None:
            self._out("shut", 1000)
        self._end(1000, "")

    def time(self, now: float) -> None:
        """It is this late now."""
        self._now = max(now, self._now)
        while (call := self._first_due()) is not None and call.deadline is not None and call.deadline <= self._now:
            self._give_up(call, {"code": "timeout", "after_ms": call.after_ms})
        wire = self._wire
        if self._again_at is not None and self._again_at <= self._now:
            self._open()
        elif wire is not None and not wire.is_open and wire.since + _CONNECT_MS <= self._now:
            self._drop()
        elif wire is not None and wire.pinged is not None and wire.pinged + _PONG_MS <= self._now:
            self._drop()
        elif wire is not None and wire.is_open and wire.pinged is None and wire.heard + _QUIET_MS <= self._now:
            wire.pinged = self._now
            self._last_ping += 1
            self._send({"ping": self._last_ping})

    def next_time(self) -> float | None:
        """When something is to be done next."""
        due = self._first_due()
        times = [] if due is None or due.deadline is None else [due.deadline]
        wire = self._wire
        if self._again_at is not None:
            times.append(self._again_at)
        if wire is not None and not wire.is_open:
            times.append(wire.since + _CONNECT_MS)
        elif wire is not None:
            times.append(wire.heard + _QUIET_MS if wire.pinged is None else wire.pinged + _PONG_MS)
        return min(times, default=None)

    # ------------------------------------------------------------ inputs: the application

    def call(
        self, key: Any, name: str, payload: Any = ABSENT, timeout_ms: int | None = None, direct: bool = False
    ) -> None:
        """A message is said; a direct one is part of the sign-in."""
        message = self._schema.messages[name]
        checker = Checker(self._schema)
        meant = checker.payload(message, payload)
        if not checker.sound:
            self._out("error", key, _invalid("invalid_payload", checker))
            return
        after_ms = timeout_ms
        if after_ms is None and "stream" not in message:
            after_ms = max(_USUAL_MS, message.get("deadline_ms", 0) + _GRACE_MS)
        deadline = None if after_ms is None else self._now + after_ms
        call = _Call(key, message, payload, meant, after_ms, deadline, direct)
        self._calls[key] = call
        if deadline is not None:
            self._told_count += 1
            heappush(self._deadlines, (deadline, self._told_count, call))
            self._forget_old_deadlines()
        if self._may_be_sent(call):
            self._send_call(call)
        elif self.state == "closed":
            self._ended(call, "error", {"code": "offline"})
        elif direct:
            self._ended(call, "error", {"code": "connection_lost"})
        else:
            self._queue(call)

    def cancel(self, key: Any) -> None:
        """The application no longer wants the answer."""
        call = self._calls.get(key)
        if call is not None:
            self._give_up(call, {"code": "cancelled"})

    def answer(self, ask: int, payload: Any) -> list[Violation]:
        """The application's answer to an ask. One that breaks its limits is not sent, and a better one may follow."""
        declared = self._wire.asks.get(ask) if self._wire else None
        if declared is None:
            return []
        checker = Checker(self._schema)
        reply = declared["reply"]
        checker.payload(reply, payload)
        if checker.sound:
            self._answered(ask, {"payload": payload})
        return checker.violations

    def decline(self, ask: int, error: Any) -> list[Violation]:
        """The same with a declared error."""
        declared = self._wire.asks.get(ask) if self._wire else None
        if declared is None:
            return []
        checker = Checker(self._schema)
        if "error" in declared:
            checker.error(self._schema.types[declared["error"]], error)
        if checker.sound:
            self._answered(ask, {"error": error})
        return checker.violations

    def forget(self, topic: str) -> None:
        """The application is no longer interested in a topic."""
        self._left([topic])

    # ------------------------------------------------------------ inputs: frames

    def text(self, text: str) -> None:
        """A text frame came."""
        if not self._hears():
            return
        try:
            envelope = read(text)
        except NoJson:
            envelope = None
        if not isinstance(envelope, dict) or not self._take(envelope):
            self._problem("malformed")

    def binary(self, data: bytes) -> None:
        """A binary frame came."""
        if not self._hears():
            return
        if not data:
            self._problem("malformed")
            return
        event = self._schema.binary_events.get(data[0])
        if event is None:
            self._problem("unknown_event", name=f"binary 0x{data[0]:02x}")
            return
        checker = Checker(self._schema, lenient=True)
        self._event(event, binary.read(self._schema, event, data[1:], checker), checker)

    def _hears(self) -> bool:
        wire = self._wire
        if wire is None or not wire.is_open:
            return False
        wire.heard, wire.pinged = self._now, None
        return True

    def _take(self, envelope: Raw) -> bool:
        """Whether it is an envelope."""
        if "name" in envelope:
            return self._take_named(envelope)
        if "re" in envelope:
            return self._take_answer(envelope)
        if "ask" in envelope:
            return self._take_ask_over(envelope)
        if "contract" in envelope:
            if envelope.get("same") is False:
                self._out("contract", envelope)
            return True
        if "positions" in envelope:
            for position in _positions(envelope):
                if any(position.get("topic") in join.topics for join in self._joins):
                    self._stands(position)
            return True
        return "pong" in envelope

    def _take_named(self, envelope: Raw) -> bool:
        name = envelope["name"]
        if not isinstance(name, str):
            return False
        if "ask" in envelope:
            return self._take_ask(name, envelope)
        event = self._schema.events.get(name)
        if event is None or "binary" in event:
            self._problem("unknown_event", name=name[:_LONGEST_NAME])
        elif self._is_news(envelope):
            checker = Checker(self._schema, lenient=True)
            self._event(event, checker.payload(event, envelope.get("payload", ABSENT)), checker)
        return True

    def _event(self, event: Raw, payload: Any, checker: Checker) -> None:
        if checker.sound and payload is not BAD:
            self._out("event", event["name"], payload)
        else:
            self._problem("unreadable_event", name=event["name"], **_violations(checker))

    def _is_news(self, envelope: Raw) -> bool:
        """Moves the position that an event tells; what was heard before is none."""
        offset, topic = envelope.get("offset"), envelope.get("topic")
        position = self._positions.get(topic) if isinstance(topic, str) else None
        if envelope.get("mailbox") is True:
            position = self._mailbox
        if position is None or not _is_whole(offset):
            return True
        if position.offset is not None and offset <= position.offset:
            return False
        position.offset = offset
        return True

    def _take_ask(self, name: str, envelope: Raw) -> bool:
        number, wire = envelope["ask"], self._wire
        if not _is_whole(number) or wire is None or number in wire.asks or len(wire.asks) >= _MOST_ASKS:
            return False
        ask = self._schema.asks.get(name)
        if ask is None:
            self._problem("unknown_ask", name=name[:_LONGEST_NAME])
            return True
        checker = Checker(self._schema, lenient=True)
        payload = checker.payload(ask, envelope.get("payload", ABSENT))
        if checker.sound:
            wire.asks[number] = ask
            self._out("asked", number, name, payload)
        else:
            self._problem("unreadable_ask", name=name, **_violations(checker))
        return True

    def _take_ask_over(self, envelope: Raw) -> bool:
        number, error = envelope["ask"], envelope.get("error")
        if not _is_whole(number) or not _is_error(error):
            return False
        if self._wire is not None and self._wire.asks.pop(number, None) is not None:
            self._out("ask_over", number, error)
        elif error["code"] == "invalid_payload":
            self._problem("refused", error=error)
        return True

    def _take_answer(self, envelope: Raw) -> bool:
        number, wire = envelope["re"], self._wire
        has_error = "error" in envelope
        if has_error and not _is_error(envelope["error"]):
            return False
        if number is None and has_error:
            self._problem("refused", error=envelope["error"])
            return True
        if not _is_whole(number) or not (has_error or any(key in envelope for key in ("payload", "item", "done"))):
            return False
        if wire is None:
            return True
        sent = wire.sent.get(number)
        if sent is not None:
            self._answer(wire, number, sent, envelope)
        elif number in wire.unanswered and has_error:
            self._problem("refused", name=wire.unanswered.pop(number), error=envelope["error"])
        return True

    # ------------------------------------------------------------ answers

    def _answer(self, wire: _Wire, number: int, sent: _Call | _Join, envelope: Raw) -> None:
        is_stream = "stream" in sent.message
        if "error" in envelope:
            del wire.sent[number]
            self._failed(sent, self._readable(sent.message, envelope["error"]))
        elif is_stream and envelope.get("done") is True:
            del wire.sent[number]
            if isinstance(sent, _Call):
                self._ended(sent, "done")
        else:
            self._answer_with_value(wire, number, sent, envelope, "item" if is_stream else "payload")

    def _answer_with_value(
        self, wire: _Wire, number: int, sent: _Call | _Join, envelope: Raw, key: str
    ) -> None:
        checker = Checker(self._schema, lenient=True)
        declared = sent.message.get("reply", {}) if key == "payload" else {"type": sent.message["stream"]}
        value = checker.payload(declared, envelope.get(key, ABSENT))
        if not checker.sound or key not in envelope:
            del wire.sent[number]
            if key == "item":
                self._send({"cancel": number})
            self._failed(sent, _invalid("unreadable", checker))
        elif key == "item":
            if isinstance(sent, _Call):
                self._out("item", sent.key, value)
        else:
            del wire.sent[number]
            self._succeeded(sent, value, _positions(envelope))

    def _readable(self, message: Raw, error: Raw) -> Raw:
        """The error, unless it is a declared one whose fields are not as declared."""
        if error["code"] != "refused" or "error" not in message:
            return error
        declared = self._schema.types[message["error"]]
        names = [variant["name"] for variant in declared["variants"]]
        checker = Checker(self._schema, lenient=True)
        if error.get(declared["tag"]) not in names or checker.error(declared, error) is not BAD:
            return error
        return _invalid("unreadable", checker)

    def _succeeded(self, sent: _Call | _Join, value: Any, positions: list[Raw]) -> None:
        joined = self._topics(sent, "joins")
        for position in positions:
            if position.get("topic") in joined:
                self._stands(position)
        mailbox = next((position for position in positions if position.get("mailbox") is True), None)
        if mailbox is not None:
            self._mailbox_stands(mailbox)
        if isinstance(sent, _Join):
            topics = [{"topic": topic, "outcome": self._outcome(sent, topic, positions)} for topic in sent.topics]
            self._out("resumed", {**_told(sent), "topics": topics, "reply": value})
            return
        self._keep(sent, joined)
        self._left(self._topics(sent, "leaves"))
        self._ended(sent, "result", value)

    def _failed(self, sent: _Call | _Join, error: Raw) -> None:
        if isinstance(sent, _Call):
            self._ended(sent, "error", error)
            return
        if sent in self._joins:
            self._joins.remove(sent)
        self._out("resumed", {**_told(sent), "topics": [{"topic": topic} for topic in sent.topics], "error": error})

    def _topics(self, sent: _Call | _Join, kind: str) -> list[str]:
        return self._schema.topic_names(sent.message.get(kind, []), sent.meant)

    def _keep(self, call: _Call, joined: list[str]) -> None:
        if not joined:
            return
        for join in self._joins:
            if join.message is call.message and join.meant == call.meant:
                join.topics = joined
                return
        self._joins.append(_Join(call.message, call.payload, call.meant, joined))

    def _left(self, topics: list[str]) -> None:
        for topic in topics:
            self._positions.pop(topic, None)
        for join in self._joins:
            join.topics = [topic for topic in join.topics if topic not in topics]
        self._joins = [join for join in self._joins if join.topics]

    def _stands(self, position: Raw) -> None:
        """What an answer says of a topic. What was missed follows it, if anything does."""
        topic, epoch, offset = position["topic"], position["epoch"], position["offset"]
        if position.get("recovered") is True:
            known = self._positions.get(topic)
            offset = known.offset if known is not None and known.epoch == epoch else None
        self._positions[topic] = _Position(epoch, offset)

    def _mailbox_stands(self, position: Raw) -> None:
        epoch, recovered = position["epoch"], position.get("recovered")
        if self._mailbox is None or self._mailbox.epoch != epoch:
            self._mailbox = _Position(epoch, None)
        if recovered is True and "lost" not in position:
            self._out("resumed", {"mailbox": True, "outcome": "recovered"})
        elif recovered is not None or "lost" in position:
            lost = position.get("lost")
            number = {"lost": lost} if _is_whole(lost) else {}
            self._out("resumed", {"mailbox": True, "outcome": "lost", **number})

    def _outcome(self, join: _Join, topic: str, positions: list[Raw]) -> str:
        for position in positions:
            if position.get("topic") == topic:
                return "recovered" if position.get("recovered") is True else "lost"
        refs = join.message.get("joins", [])
        names = self._schema.topic_names(refs, join.meant)
        has_history = any(name == topic and "history" in self._schema.topics[ref["topic"]] for ref, name in zip(refs, names))
        return "lost" if has_history else "live"

    # ------------------------------------------------------------ sending

    def _may_be_sent(self, call: _Call) -> bool:
        return self.state == "open" or call.direct and self._wire is not None and self._wire.is_signing

    def _queue(self, call: _Call) -> None:
        if self._settings.offline == "refuse":
            self._ended(call, "error", {"code": "offline"})
        elif len(self._waiting) < self._settings.queue:
            self._waiting.append(call)
        elif self._settings.offline == "keep_newest" and self._waiting:
            self._ended(self._waiting.popleft(), "error", {"code": "queue_full"})
            self._waiting.append(call)
        else:
            self._ended(call, "error", {"code": "queue_full"})

    def _ready(self, wire: _Wire) -> None:
        for join in self._joins:
            since = [
                {"topic": topic, "epoch": position.epoch, "offset": position.offset}
                for topic in join.topics
                if (position := self._positions.get(topic)) is not None and position.offset is not None
            ]
            wire.sent[self._send_message(join.message, join.payload, since)] = join
        self._state("open")
        self._opened_at = self._now
        while self._waiting:
            self._send_call(self._waiting.popleft())

    def _send_call(self, call: _Call) -> None:
        wire = self._wire
        if wire is None:
            return
        if "binary" in call.message and not call.answered:
            self._out("binary", binary.write(self._schema, call.message, call.meant))
            self._sent_unanswered(call)
            return
        mailbox = self._mailbox if call.direct else None
        since = []
        if mailbox is not None and mailbox.offset is not None:
            since = [{"mailbox": True, "epoch": mailbox.epoch, "offset": mailbox.offset}]
        number = self._send_message(call.message, call.payload, since)
        if call.answered:
            call.number = number
            wire.sent[number] = call
            return
        wire.unanswered[number] = call.message["name"]
        if len(wire.unanswered) > _MOST_UNANSWERED:
            del wire.unanswered[next(iter(wire.unanswered))]
        self._sent_unanswered(call)

    def _sent_unanswered(self, call: _Call) -> None:
        self._keep(call, self._topics(call, "joins"))
        self._left(self._topics(call, "leaves"))
        self._ended(call, "result", None)

    def _send_message(self, message: Raw, payload: Any, since: list[Raw]) -> int:
        self._last_id += 1
        envelope = {"name": message["name"], "id": self._last_id}
        if payload is not ABSENT:
            envelope["payload"] = payload
        if since:
            envelope["since"] = since[:_MOST_SINCE]
        self._send(envelope)
        return self._last_id

    def _send(self, envelope: Raw) -> None:
        self._out("send", write(envelope))

    def _answered(self, ask: int, answer: Raw) -> None:
        if self._wire is not None:
            del self._wire.asks[ask]
            self._send({"re": ask, **answer})

    # ------------------------------------------------------------ ends

    def _first_due(self) -> _Call | None:
        """The message whose time is over next."""
        while self._deadlines:
            call = self._deadlines[0][2]
            if self._calls.get(call.key) is call:
                return call
            heappop(self._deadlines)
        return None

    def _forget_old_deadlines(self) -> None:
        """Keeps those of messages that have ended from becoming many."""
        if len(self._deadlines) > 2 * len(self._calls) + 64:
            self._deadlines = [entry for entry in self._deadlines if self._calls.get(entry[2].key) is entry[2]]
            heapify(self._deadlines)

    def _ended(self, call: _Call, *end: Any) -> None:
        self._calls.pop(call.key, None)
        self._out(end[0], call.key, *end[1:])

    def _give_up(self, call: _Call, error: Raw) -> None:
        wire = self._wire
        if wire is not None and call.number is not None and wire.sent.get(call.number) is call:
            del wire.sent[call.number]
            if call.message.get("cancellable") or "stream" in call.message:
                self._send({"cancel": call.number})
        else:
            self._waiting.remove(call)
        self._ended(call, "error", error)

    def _open(self) -> None:
        self._again_at = None
        self._wire = _Wire(self._now)
        self._state("connecting")
        self._out("open")

    def _drop(self) -> None:
        self._out("drop")
        self._lose(1006, 0)

    def _lose(self, code: int, hint_ms: int) -> None:
        if self._opened_at is not None and self._opened_at + _LASTED_MS <= self._now:
            self._losses = 0
        again = self._fail_sent(repeats=True)
        self._waiting.extendleft(reversed(again))
        most = min(_FIRST_WAIT_MS << min(self._losses, 20), _LONGEST_WAIT_MS)
        self._losses += 1
        wait = min(max(int(most / 2 + self._random() * most / 2), hint_ms), _LONGEST_HINT_MS)
        self._again_at = self._now + wait
        self._state("waiting", {"in_ms": wait, "code": code})

    def _end(self, code: int, reason: str) -> None:
        self._fail_sent(repeats=False)
        while self._waiting:
            call = self._waiting.popleft()
            # One that was sent before may have been done.
            self._ended(call, "error", {"code": "offline" if call.number is None else "connection_lost"})
        self._again_at = None
        self._state("closed", {"code": code, "reason": reason})

    def _fail_sent(self, repeats: bool) -> list[_Call]:
        """Ends what the connection has under way; gives what may be sent again."""
        wire, self._wire, self._opened_at = self._wire, None, None
        again: list[_Call] = []
        if wire is None:
            return again
        for call in wire.sent.values():
            if not isinstance(call, _Call):
                continue
            if repeats and _may_repeat(call):
                again.append(call)
            else:
                self._ended(call, "error", {"code": "connection_lost"})
        for ask in wire.asks:
            self._out("ask_over", ask, {"code": "connection_lost"})
        return again

    def _state(self, name: str, more: Raw | None = None) -> None:
        self.state = name
        self._out("state", name, more or {})

    def _problem(self, kind: str, **more: Any) -> None:
        self._out("problem", {"kind": kind, **more})

    def _out(self, *output: Any) -> None:
        self.outputs.append(output)


def _is_final(code: int) -> bool:
    """Whether coming back would end in the same way."""
    return code in (1000, 1002, 1003, 4002, 4003) or 1007 <= code <= 1010 or 4100 <= code <= 4999


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_error(value: Any) -> TypeGuard[Raw]:
    return isinstance(value, dict) and isinstance(value.get("code"), str)


def _positions(envelope: Raw) -> list[Raw]:
    found = envelope.get("positions")
    if not isinstance(found, list):
        return []
    return [
        position
        for position in found[:_MOST_SINCE]
        if isinstance(position, dict) and isinstance(position.get("epoch"), str) and _is_whole(position.get("offset"))
    ]


def _may_repeat(call: _Call) -> bool:
    key = call.message.get("key")
    if key is None or call.direct:
        return False
    value = call.meant
    for step in key:
        value = value.get(step) if isinstance(value, dict) else None
    return value is not None


def _told(join: _Join) -> Raw:
    return {"message": join.message["name"], "payload": None if join.payload is ABSENT else join.payload}


def _violations(checker: Checker) -> Raw:
    listed = [vars(violation) for violation in checker.violations]
    return {"violations": listed, **({"omitted": checker.omitted} if checker.omitted else {})}


def _invalid(code: str, checker: Checker) -> Raw:
    return {"code": code, **_violations(checker)}


_CONNECT_MS = 10_000
_QUIET_MS = 20_000
_PONG_MS = 10_000
_LASTED_MS = 5_000
_FIRST_WAIT_MS = 500
_LONGEST_WAIT_MS = 30_000
_LONGEST_HINT_MS = 300_000
_USUAL_MS = 30_000
_GRACE_MS = 10_000
_HINT = re.compile(r"retry_after_ms=([0-9]{1,15})")
# What a peer can make grow.
_MOST_ASKS = 256
_MOST_UNANSWERED = 1024
_MOST_SINCE = 256
_LONGEST_NAME = 200
