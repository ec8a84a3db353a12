"""What generated clients are made of: messages, streams, events, asks, topics, and the connection itself."""

from __future__ import annotations

import asyncio
import inspect
import weakref
from collections import deque
from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import Any, AsyncIterator, Awaitable, Callable, Generic, Literal, Mapping, TypeVar

from .check import ABSENT, BAD, Checker, Violation
from .convert import UNSET, Classes, Converter, Made
from .driver import Address, Driver
from .errors import Failure, InvalidPayload, Refused, failure
from .listeners import Event, log
from .machine import Output, Settings
from .schema import Raw, Schema

T = TypeVar("T")
R = TypeVar("R")
W = TypeVar("W")
S = TypeVar("S")
C = TypeVar("C", bound="Client")
H = TypeVar("H", bound="Topic[Any]")

Json = Any
"""The type `json`: any value that JSON has."""
Offline = Literal["keep_oldest", "keep_newest", "refuse"]
"""What becomes of messages while there is no connection."""


@dataclass(frozen=True)
class Protocol:
    """A protocol with the classes that were generated for it."""

    plan: str
    classes: Classes
    payloads: Mapping[str, Made]
    """The classes of events and asks whose fields have no type by name."""
    errors: Mapping[int, type[Refused]]
    """What the exceptions of an error have in common, by the places of their types."""
    role: type[Enum] | None


@dataclass(frozen=True)
class State:
    """How it stands with the connection."""

    name: str
    """`connecting`, `open`, `waiting` for the next attempt, or `closed` for good."""
    in_: float | None = None
    """After so many seconds the next attempt follows."""
    code: int | None = None
    """The code with which the connection was closed."""
    reason: str = ""
    """And why, as far as that was said."""


@dataclass(frozen=True)
class Resumed:
    """What became of topics, or of the mailbox, on a new connection."""

    message: str | None
    """The message that joined again; `None` when it is about the mailbox."""
    topics: Mapping[str, str | None]
    """For each topic `recovered`, `lost` or `live`; `None` when the message was refused."""
    reply: Any = None
    """The answer to the message."""
    error: Failure | None = None
    """Why it was refused: the topics are not joined any more."""
    mailbox: str | None = None
    """`recovered` or `lost`."""
    lost: int | None = None
    """How many events of the mailbox cannot be had, if that is known."""


@dataclass(frozen=True)
class Problem:
    """What went wrong without being the answer to anything."""

    kind: str
    """`malformed`, `unknown_event`, `unreadable_event`, `unknown_ask`, `unreadable_ask`, `refused`, `connection`,
    `unanswered_ask`, `invalid_answer`."""
    details: Mapping[str, Any]


@dataclass(frozen=True)
class FlowState:
    """A flow on a topic has come to a state."""

    topic: str
    state: str
    """Its name, or `end`."""


@dataclass(frozen=True)
class Presence(Generic[W, S]):
    """Somebody has come, has changed, or has left."""

    who: W
    state: S | None


class Client:
    """A connection that is kept up. Generated clients are this with the messages of their protocol."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._schema = Schema(protocol.plan)
        self._converter = Converter(self._schema, protocol.classes, protocol.role)
        self._driver: Driver | None = None
        self._last_key = 0
        self._ends: dict[int, _Answer | _Items] = {}
        self._events: dict[str, Event[Any]] = {}
        self._handlers: dict[str, Callable[[Any], Any]] = {}
        self._asked: dict[int, asyncio.Task[None]] = {}
        self._topics: weakref.WeakSet[Topic[Any]] = weakref.WeakSet()
        self._states: Event[State] = Event(self._spawn)
        self._problems: Event[Problem] = Event(self._spawn)
        self._resumed: Event[Resumed] = Event(self._spawn)
        self._contracts: Event[Mapping[str, Any]] = Event(self._spawn)

    # ------------------------------------------------------------ for applications

    @property
    def state(self) -> str:
        """`connecting`, `open`, `waiting` or `closed`."""
        return self._driver.state if self._driver is not None else "closed"

    @property
    def states(self) -> Event[State]:
        """How it stands with the connection, each time that it changes: `async for state in studio.states`."""
        return self._states

    def on_state(self, callback: Callable[[State], Awaitable[object] | object]) -> Callable[[], None]:
        """Hears of each change of the state; gives a function that ends it."""
        return self._states.on(callback)

    def on_problem(self, callback: Callable[[Problem], Awaitable[object] | object]) -> Callable[[], None]:
        """Hears of what goes wrong without being an answer."""
        return self._problems.on(callback)

    def on_resumed(self, callback: Callable[[Resumed], Awaitable[object] | object]) -> Callable[[], None]:
        """Hears what became of topics and of the mailbox on a new connection."""
        return self._resumed.on(callback)

    def on_contract(self, callback: Callable[[Mapping[str, Any]], Awaitable[object] | object]) -> Callable[[], None]:
        """Hears what a server has otherwise: `{"contract": …, "same": False, "differs": […], "unknown": […]}`."""
        return self._contracts.on(callback)

    def connect_now(self) -> None:
        """Ends the wait for the next attempt, and begins anew after the end."""
        if self._driver is not None:
            self._driver.connect()

    async def ready(self) -> None:
        """Waits until the connection is open.

        Raises what the sign-in raised, or `Offline` when the client has come to its end otherwise.
        """
        states = aiter(self._states)
        while self.state != "open":
            if self.state == "closed":
                raise self._offline({"code": "offline"}, "")
            await anext(states, None)

    async def close(self) -> None:
        """Ends it: what is under way fails."""
        if self._driver is not None:
            await self._driver.end()

    # ------------------------------------------------------------ for generated code

    async def _call(self, name: str, values: Any, timeout: float | None) -> Any:
        """Says a message and waits for its end."""
        payload = self._payload(name, values)
        answer = _Answer()
        key = self._new(answer)
        try:
            self._say(key, name, payload, timeout)
            end, value = await answer.future
        except asyncio.CancelledError:
            self._tell("cancel", key)
            raise
        finally:
            self._ends.pop(key, None)
        if end == "error":
            raise self._failure(name, value)
        if value is None and self._driver is not None:
            await self._driver.drained()
        raw = self._schema.messages[name].get("reply", {}).get("type")
        return None if raw is None else self._converter.read(raw, value)

    def _payload(self, name: str, values: Any) -> Any:
        message = self._schema.messages[name]
        fields = self._schema.payload_fields(message)
        if isinstance(values, dict) and (fields or "type" not in message):
            return self._converter.fields(fields, values) or ABSENT
        return self._converter.value(message["type"], values)

    def _say(self, key: int, name: str, payload: Any, timeout: float | None) -> None:
        if self._driver is None:
            raise RuntimeError("there is no connection: use `async with connect(…)`")
        self._driver.call(key, name, payload, None if timeout is None else max(0, int(timeout * 1000)))

    def _tell(self, name: str, *given: Any) -> Any:
        return self._driver.tell(name, *given) if self._driver is not None else None

    def _new(self, end: _Answer | _Items) -> int:
        self._last_key += 1
        self._ends[self._last_key] = end
        return self._last_key

    def _take_back(self, key: int) -> None:
        if self._ends.pop(key, None) is not None:
            self._tell("cancel", key)

    def _event(self, name: str) -> Event[Any]:
        if name not in self._events:
            self._events[name] = Event(self._spawn)
        return self._events[name]

    def _spawn(self, work: Any) -> asyncio.Task[None]:
        if self._driver is None:
            work.close()
            raise RuntimeError("there is no connection: use `async with connect(…)`")
        return self._driver.spawn(work)

    # ------------------------------------------------------------ what the machine says

    def hear(self, output: Output) -> None:
        """For the runtime: something has happened."""
        name, *what = output
        if name in ("result", "item", "done", "error"):
            end = self._ends.get(what[0])
            if end is not None:
                end.hear(name, what[1] if len(what) > 1 else None)
        elif name == "event":
            self._hear_event(what[0], what[1])
        elif name == "asked":
            self._hear_ask(what[0], what[1], what[2])
        elif name == "ask_over":
            task = self._asked.pop(what[0], None)
            if task is not None:
                task.cancel()
        elif name == "state":
            self._hear_state(what[0], what[1])
        elif name == "resumed":
            self._resumed.tell(self._resumption(what[0]))
        elif name == "contract":
            self._contracts.tell(what[0])
        elif name == "problem":
            self._problem(what[0])

    def _hear_event(self, name: str, payload: Any) -> None:
        if "#" in name and isinstance(payload, dict):
            kind = name.rpartition("#")[2]
            for topic in list(self._topics):
                if topic.name == payload.get("topic"):
                    topic.hear(kind, payload)
        event = self._events.get(name)
        if event is not None:
            event.tell(self._read_payload(name, self._schema.events[name], payload))

    def _read_payload(self, name: str, raw: Raw, payload: Any) -> Any:
        if name.endswith("#state"):
            return FlowState(payload["topic"], payload["state"])
        if "type" in raw:
            return self._converter.read(raw["type"], payload)
        return self._converter.made(self._protocol.payloads.get(name), raw["fields"], payload)

    def _hear_ask(self, number: int, name: str, payload: Any) -> None:
        handler = self._handlers.get(name)
        if handler is None:
            self._problem({"kind": "unanswered_ask", "name": name})
            return
        task = self._spawn(self._answer(number, name, payload, handler))
        self._asked[number] = task
        task.add_done_callback(lambda _: self._asked.pop(number, None))

    async def _answer(self, number: int, name: str, payload: Any, handler: Callable[[Any], Any]) -> None:
        ask = self._schema.asks[name]
        try:
            answer = handler(self._read_payload(name, ask, payload))
            if inspect.isawaitable(answer):
                answer = await answer
            raw = ask["reply"].get("type")
            found = self._tell("answer", number, {} if raw is None else self._converter.value(raw, answer))
        except Exception as error:
            declared = self._schema.types[ask["error"]] if "error" in ask else {}
            said = self._converter.error(declared, error)
            if said is None:
                log.exception("in the answer to %s", name)
                self._problem({"kind": "unanswered_ask", "name": name, "message": repr(error)})
                return
            found = self._tell("decline", number, said)
        self._answer_was(name, found)

    def _answer_was(self, name: str, found: list[Violation] | None) -> None:
        if found:
            self._problem({"kind": "invalid_answer", "name": name, "violations": [vars(one) for one in found]})

    def _hear_state(self, name: str, more: Raw) -> None:
        in_ms = more.get("in_ms")
        in_ = None if in_ms is None else in_ms / 1000
        self._states.tell(State(name, in_, more.get("code"), more.get("reason", "")))
        if name in ("waiting", "closed"):
            for topic in list(self._topics):
                topic.hear("lost", {})
        if name == "closed":
            own: list[Event[Any]] = [self._states, self._problems, self._resumed, self._contracts]
            for event in (*own, *self._events.values()):
                event.end()
            for topic in list(self._topics):
                topic.end()

    def _problem(self, details: Raw) -> None:
        self._problems.tell(Problem(details["kind"], {key: value for key, value in details.items() if key != "kind"}))

    def _resumption(self, told: Raw) -> Resumed:
        if "mailbox" in told:
            return Resumed(None, {}, mailbox=told["outcome"], lost=told.get("lost"))
        name = told["message"]
        topics = {one["topic"]: one.get("outcome") for one in told["topics"]}
        raw = self._schema.messages[name].get("reply", {}).get("type")
        reply = self._converter.read(raw, told["reply"]) if raw is not None and "reply" in told else None
        error = self._failure(name, told["error"]) if "error" in told else None
        return Resumed(name, topics, reply, error)

    # ------------------------------------------------------------ failures

    def _failure(self, name: str, details: Raw) -> Failure:
        """The exception of an error, a generated one if it is declared."""
        if details["code"] == "offline":
            return self._offline(details, name)
        place = self._schema.messages[name].get("error")
        if details["code"] == "refused" and place is not None:
            declared = self._schema.types[place]
            checker = Checker(self._schema, lenient=True)
            read = checker.error(declared, {key: value for key, value in details.items() if key != "code"})
            if read is not BAD:
                return self._refusal(place, declared, read, details, name)
        return failure(details, name)

    def _refusal(self, place: int, declared: Raw, read: Raw, details: Raw, name: str) -> Failure:
        made = self._converter.variant(declared, read)
        if isinstance(made, Refused):
            Failure.__init__(made, details, name)
            return made
        return self._protocol.errors[place](details, name)

    def _offline(self, details: Raw, name: str) -> Failure:
        error = failure(details, name)
        error.__cause__ = self._driver.sign_in_error if self._driver is not None else None
        return error


class Connecting(Generic[C]):
    """What `async with` opens and closes."""

    def __init__(
        self,
        make: Callable[[], C],
        address: Address,
        sign_in: Callable[[C], Awaitable[object]] | None,
        offline: Offline,
        queue: int,
    ) -> None:
        self._make, self._address, self._sign_in = make, address, sign_in
        self._settings = Settings(offline, queue, sign_in is not None)
        self._client: C | None = None

    async def __aenter__(self) -> C:
        client = self._client = self._make()
        sign_in = self._sign_in
        signing = None if sign_in is None else lambda: sign_in(client)
        client._driver = Driver(client._schema, self._settings, self._address, client, signing)
        client._driver.connect()
        return client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.close()


class Stream(Generic[T]):
    """Items that come piece by piece: `async for item in stream`. It begins with the loop, and leaving the loop takes it back."""

    def __init__(self, client: Client, name: str, values: Any, timeout: float | None) -> None:
        self._client, self._name, self._values, self._timeout = client, name, values, timeout

    def __aiter__(self) -> Items[T]:
        return Items(self._client, self._name, self._values, self._timeout)


class Items(AsyncIterator[T]):
    """The items of a stream that has begun."""

    def __init__(self, client: Client, name: str, values: Any, timeout: float | None) -> None:
        self._client, self._name = client, name
        self._type = client._schema.messages[name]["stream"]
        self._end = _Items()
        self._key = client._new(self._end)
        # It may be forgotten anywhere, also in the middle of something.
        self._loop = asyncio.get_running_loop()
        try:
            client._say(self._key, name, client._payload(name, values), timeout)
        except BaseException:
            client._ends.pop(self._key, None)
            raise

    async def __anext__(self) -> T:
        try:
            name, value = await self._end.get()
        except asyncio.CancelledError:
            self.close()
            raise
        if name == "item":
            item: T = self._client._converter.read(self._type, value)
            return item
        self.close()
        if name == "error":
            raise self._client._failure(self._name, value)
        if self._end.is_full:
            raise failure({"code": "cancelled", "reason": "too many items wait to be read"}, self._name)
        raise StopAsyncIteration

    def close(self) -> None:
        """Takes the stream back, if it has not come to its end; so does leaving the loop."""
        self._client._take_back(self._key)

    def __del__(self) -> None:
        if hasattr(self, "_loop") and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._client._take_back, self._key)


class Ask(Generic[T, R]):
    """Something that the server asks."""

    def __init__(self, client: Client, name: str) -> None:
        self._client, self._name = client, name

    def answer(self, handler: Callable[[T], Awaitable[R] | R]) -> Callable[[], None]:
        """Answers with what this gives, an async function or a plain one; it replaces the one before.

        It may raise a declared error, and is cancelled when the server no longer waits. Gives a function that ends it.
        """
        handlers, name = self._client._handlers, self._name
        handlers[name] = handler

        def end() -> None:
            if handlers.get(name) is handler:
                del handlers[name]

        return end


class Topic(Generic[R]):
    """A topic with its places filled."""

    def __init__(self, client: Client, topic: int, places: list[Any]) -> None:
        self._client = client
        checker = Checker(client._schema)
        declared = client._schema.topics[topic]["places"]
        values = [client._converter.value(place["type"], value) for place, value in zip(declared, places)]
        checked = [checker.value(place["type"], value) for place, value in zip(declared, values)]
        if not checker.sound:
            listed = [vars(violation) for violation in checker.violations]
            raise InvalidPayload({"code": "invalid_payload", "violations": listed}, "/".join(client._schema.topics[topic]["path"]))
        self.name: str = client._schema.topic_name(topic, checked)
        """Its full name: `chat/rooms/lobby`."""
        self._reply: Any = UNSET
        client._topics.add(self)

    @property
    def reply(self) -> R:
        """The answer to the message that joined."""
        if self._reply is UNSET:
            raise RuntimeError(f"{self.name} was not joined by this handle")
        reply: R = self._reply
        return reply

    def forget(self) -> None:
        """Does not join it again on another connection. The server hears of nothing: to leave is a message."""
        self._client._tell("forget", self.name)

    def hear(self, kind: str, payload: Raw) -> None:
        """For the runtime: something has happened in it."""

    def end(self) -> None:
        """For the runtime: nothing happens in it any more."""

    async def _join(self: H, name: str, values: Raw, timeout: float | None) -> H:
        self._reply = await self._client._call(name, values, timeout)
        return self


class PresentTopic(Topic[R], Generic[R, W, S]):
    """One whose members see each other."""

    def __init__(self, client: Client, topic: int, places: list[Any]) -> None:
        super().__init__(client, topic, places)
        self._who: Raw = client._schema.identity or {"is": "json"}
        self._said: Raw = client._schema.topics[topic]["presence"].get("type", {"is": "json"})
        self._members: dict[W, S | None] = {}
        self.joined: Event[Presence[W, S]] = Event(client._spawn)
        """Somebody has come."""
        self.changed: Event[Presence[W, S]] = Event(client._spawn)
        """Somebody says something else of himself."""
        self.left: Event[Presence[W, S]] = Event(client._spawn)
        """Somebody has gone."""

    @property
    def members(self) -> Mapping[W, S | None]:
        """Who is here, and what they say of themselves; nobody as long as there is no connection."""
        return self._members

    def hear(self, kind: str, payload: Raw) -> None:
        """For the runtime: something has happened in it."""
        if kind == "here":
            self._members = {one.who: one.state for one in map(self._presence, payload["members"])}
        elif kind == "lost":
            self._members = {}
        elif kind in ("joined", "changed", "left"):
            one = self._presence(payload)
            if kind == "left":
                self._members.pop(one.who, None)
            else:
                self._members[one.who] = one.state
            {"joined": self.joined, "changed": self.changed, "left": self.left}[kind].tell(one)

    def end(self) -> None:
        """For the runtime: nothing happens in it any more."""
        for event in (self.joined, self.changed, self.left):
            event.end()

    def _presence(self, payload: Raw) -> Presence[W, S]:
        read = self._client._converter.read
        state = read(self._said, payload["state"]) if "state" in payload else None
        return Presence(read(self._who, payload["who"]), state)


class _Answer:
    """The end of a message with one answer."""

    def __init__(self) -> None:
        self.future: asyncio.Future[tuple[str, Any]] = asyncio.get_running_loop().create_future()

    def hear(self, name: str, value: Any) -> None:
        """What the machine says of the message."""
        if not self.future.done():
            self.future.set_result((name, value))


class _Items:
    """The items that were not looked at yet."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[str, Any]] = deque()
        self._changed = asyncio.Event()
        self.is_full = False

    def hear(self, name: str, value: Any) -> None:
        """What the machine says of the message."""
        self.is_full = self.is_full or len(self._waiting) >= _MOST_ITEMS
        if not self.is_full:
            self._waiting.append((name, value))
        self._changed.set()

    async def get(self) -> tuple[str, Any]:
        """The next one; when there are too many the end comes behind those that were kept."""
        while not self._waiting:
            if self.is_full:
                return "done", None
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()


# A server sends no faster than a client reads; this is for a client that reads and does not look.
_MOST_ITEMS = 65_536
