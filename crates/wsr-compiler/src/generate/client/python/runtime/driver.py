"""The machine with a socket, a clock and an event loop around it."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections import deque
from contextvars import ContextVar
from email.utils import parsedate_to_datetime
from typing import Any, Awaitable, Callable, Coroutine, Protocol, Union

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from .jsontext import write
from .listeners import log
from .machine import Machine, Output, Settings
from .schema import Schema

Address = Union[str, Callable[[], Union[str, Awaitable[str]]]]
"""Where the server is, or a function, also an async one, that is asked before each attempt."""


class Application(Protocol):
    """Who hears of what the machine says."""

    def hear(self, output: Output) -> None:
        """One output that is not about the socket."""


class Driver:
    """Runs a machine in the event loop in which it was made."""

    def __init__(
        self,
        schema: Schema,
        settings: Settings,
        address: Address,
        application: Application,
        sign_in: Callable[[], Awaitable[object]] | None,
    ) -> None:
        self._schema, self._address, self._application = schema, address, application
        self._machine = Machine(schema, settings, random.random)
        self._sign_in = sign_in
        self._loop = asyncio.get_running_loop()
        self._began = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at: float = 0
        self._link: _Link | None = None
        self._session: _Session | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._links: set[asyncio.Task[None]] = set()
        self._is_acting = False
        self._is_ended = False
        self.sign_in_error: BaseException | None = None

    @property
    def state(self) -> str:
        """`connecting`, `open`, `waiting` or `closed`."""
        return self._machine.state

    def tell(self, name: str, *given: Any) -> Any:
        """An input of the machine, by its name; then does what it says."""
        self._machine.time(self._now())
        answer = getattr(self._machine, name)(*given)
        self._act()
        return answer

    def call(self, key: Any, name: str, payload: Any, timeout_ms: int | None) -> None:
        """A message; within a sign-in it is part of it."""
        session = _SESSION.get(None)
        is_direct = session is not None and session.driver is self and not session.is_over
        if is_direct and session is not self._session:
            self._hear(("error", key, {"code": "connection_lost"}))
        else:
            self.tell("call", key, name, payload, timeout_ms, is_direct)

    def connect(self) -> None:
        """A connection is wanted, and at once."""
        if not self._is_ended:
            self.tell("connect")

    async def drained(self) -> None:
        """Waits until what was sent has nearly gone out, or cannot any more."""
        if self._link is not None:
            await self._link.drained()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that ends with the client at the latest."""
        return _kept(self._tasks, self._loop.create_task(work))

    async def end(self) -> None:
        """Closes the connection, with a goodbye, and waits until nothing runs any more."""
        self.tell("close")
        self._is_ended = True
        if self._timer is not None:
            self._timer.cancel()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()
        try:
            while tasks := [task for task in (*self._tasks, *self._links) if task is not current]:
                await asyncio.wait(tasks)
        except asyncio.CancelledError:
            for task in (*self._tasks, *self._links):
                task.cancel()
            raise

    def _now(self) -> float:
        return (time.monotonic() - self._began) * 1000

    def _act(self) -> None:
        """Does what the machine says. Who is told may say something in turn: that comes behind."""
        if self._is_acting:
            return
        self._is_acting = True
        try:
            outputs = self._machine.outputs
            while outputs:
                batch, self._machine.outputs = outputs, []
                for output in batch:
                    self._do(output)
                outputs = self._machine.outputs
        finally:
            self._is_acting = False
        self._wind()

    def _wind(self) -> None:
        """Sets the clock to when the machine wants to be told the time. A bell that rings too early is set again then."""
        at = self._machine.next_time()
        if at is None or self._timer is not None and self._rings_at <= at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = at
        # A clock that is read too early would ring again at once.
        self._timer = self._loop.call_later(max(0.0, at - self._now()) / 1000 + 0.001, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._machine.time(self._now())
        self._act()

    def _do(self, output: Output) -> None:
        name = output[0]
        if name == "open":
            self._link = _Link(self, self._schema.hash)
            self._link.task = _kept(self._links, self._loop.create_task(self._link.run(self._address)))
        elif name == "hello":
            self._send(write(self._schema.hello()))
        elif name in ("send", "binary"):
            self._send(output[1])
        elif name == "shut":
            if self._link is not None:
                self._link.shut(output[1])
            self._link = None
        elif name == "drop":
            self._give_up()
        elif name == "sign_in":
            self._session = _Session(self)
            self._session.task = self.spawn(self._signing(self._session))
        else:
            if name == "state" and output[1] in ("waiting", "closed"):
                self._end_session()
                self._give_up()
            self._hear(output)

    def _hear(self, output: Output) -> None:
        try:
            self._application.hear(output)
        except Exception:
            # Whatever it is, the connection goes on.
            log.exception("in what is done about %s", output[0])

    def _send(self, frame: str | bytes) -> None:
        if self._link is not None:
            self._link.send(frame)

    def _give_up(self) -> None:
        if self._link is not None:
            self._link.drop()
        self._link = None

    def _end_session(self) -> None:
        session, self._session = self._session, None
        if session is not None and session.task is not None and session.task is not asyncio.current_task():
            session.task.cancel()

    async def _signing(self, session: _Session) -> None:
        token = _SESSION.set(session)
        try:
            if self._sign_in is not None:
                await self._sign_in()
        except Exception as error:
            if session is self._session:
                self.sign_in_error = error
                self.tell("sign_in_failed")
        else:
            if session is self._session:
                self.tell("signed_in")
        finally:
            session.is_over = True
            if session is self._session:
                self._session = None
            _SESSION.reset(token)

    # ------------------------------------------------------------ what a link says

    def opened(self, link: _Link) -> None:
        """Its socket is open."""
        if link is self._link:
            self.tell("opened")

    def heard(self, link: _Link, frame: str | bytes) -> None:
        """A frame came."""
        if link is self._link:
            self.tell("text" if isinstance(frame, str) else "binary", frame)

    def lost(self, link: _Link, code: int, reason: str, retry_after_ms: int | None = None) -> None:
        """It is gone, or did not come about."""
        if link is self._link:
            self._link = None
            self.tell("closed", code, reason, retry_after_ms)

    def unreachable(self, link: _Link, why: str) -> None:
        """The attempt failed for a reason that the application may want to know."""
        if link is self._link:
            self._hear(("problem", {"kind": "connection", "message": why}))


class _Session:
    """A sign-in: messages said within it go out at once."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.task: asyncio.Task[None] | None = None
        self.is_over = False


class _Link:
    """One attempt to connect, and the connection that comes of it."""

    def __init__(self, driver: Driver, contract: str) -> None:
        self._driver, self._contract = driver, contract
        self._frames: deque[str | bytes] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._code: int | None = None
        self._is_connected = False
        self.task: asyncio.Task[None] | None = None

    def send(self, frame: str | bytes) -> None:
        self._frames.append(frame)
        self._size += len(frame)
        if self._size > _MOST_UNSENT:
            self._room.clear()
        self._changed.set()

    async def drained(self) -> None:
        await self._room.wait()

    def shut(self, code: int) -> None:
        """Closes the connection once all that was said has gone out, or has not for too long."""
        self._code = code
        self._room.set()
        self._changed.set()
        if self.task is not None:
            patience = _CLOSE_SECONDS if self._is_connected else 0
            bell = asyncio.get_running_loop().call_later(patience, self.task.cancel)
            self.task.add_done_callback(lambda _: bell.cancel())

    def drop(self) -> None:
        self._room.set()
        if self.task is not None and self.task is not asyncio.current_task():
            self.task.cancel()

    async def run(self, address: Address) -> None:
        try:
            socket = await self._connect(address)
        except asyncio.CancelledError:
            raise
        except InvalidStatus as error:
            self._driver.unreachable(self, str(error))
            self._driver.lost(self, 1006, "", _retry_after(error.response.headers.get("Retry-After")))
            return
        except Exception as error:
            # Whatever the address does that a caller wrote: another attempt follows, and the reason is told.
            self._driver.unreachable(self, f"{type(error).__name__}: {error}")
            self._driver.lost(self, 1006, "")
            return
        self._is_connected = True
        writer = asyncio.get_running_loop().create_task(self._write(socket))
        try:
            self._driver.opened(self)
            code, reason = await self._read(socket)
        finally:
            self._room.set()
            writer.cancel()
            await asyncio.wait([writer])
            socket.transport.abort()
            await socket.wait_closed()
        self._driver.lost(self, code, reason)

    async def _connect(self, address: Address) -> ClientConnection:
        found = address() if callable(address) else address
        url = await found if inspect.isawaitable(found) else found
        offered = [Subprotocol("switchboard.v1"), Subprotocol(f"contract.{self._contract}")]
        # The machine has a heartbeat of its own, and its own patience.
        return await connect(
            url,
            subprotocols=offered,
            open_timeout=None,
            ping_interval=None,
            close_timeout=_CLOSE_SECONDS,
            max_size=_MOST_BYTES,
            max_queue=_MOST_FRAMES,
        )

    async def _read(self, socket: ClientConnection) -> tuple[int, str]:
        """Until the end, which it gives."""
        try:
            while True:
                self._driver.heard(self, await socket.recv())
                # A flood has to leave the others their turns.
                await asyncio.sleep(0)
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd_then_sent:
                return closed.rcvd.code, closed.rcvd.reason
            if closed.sent is not None and closed.sent.code != self._code:
                # The server did not keep to the rules of WebSockets, or sent too much.
                self._driver.unreachable(self, f"given up: {closed.sent.code} {closed.sent.reason}")
        return 1006, ""

    async def _write(self, socket: ClientConnection) -> None:
        try:
            while True:
                while self._frames:
                    frame = self._frames.popleft()
                    await socket.send(frame)
                    self._size -= len(frame)
                    if self._size <= _MOST_UNSENT:
                        self._room.set()
                if self._code is not None:
                    await socket.close(self._code)
                    return
                self._changed.clear()
                await self._changed.wait()
        except (ConnectionClosed, OSError):
            return  # the reader tells


def _kept(tasks: set[asyncio.Task[None]], task: asyncio.Task[None]) -> asyncio.Task[None]:
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return task


def _retry_after(value: str | None) -> int | None:
    """`Retry-After` in milliseconds: seconds, or a date."""
    if value is None:
        return None
    if value.isascii() and value.isdigit() and len(value) < 10:
        return int(value) * 1000
    try:
        return max(0, int((parsedate_to_datetime(value).timestamp() - time.time()) * 1000))
    except (ValueError, TypeError, OverflowError):
        return None


_SESSION: ContextVar[_Session] = ContextVar("session")
_MOST_BYTES = 16 * 2**20
_MOST_FRAMES = 4
_MOST_UNSENT = 2**20
_CLOSE_SECONDS = 3
