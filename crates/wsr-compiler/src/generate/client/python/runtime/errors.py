"""What a message can fail with. Every failure has the `code` that the protocol gives it, and `details`, all that came."""

from __future__ import annotations

from typing import Any, ClassVar, Mapping

from .check import Violation


class Failure(Exception):
    """A message was refused, or could not be brought to an end."""

    CODE: ClassVar[str] = ""

    def __init__(self, details: Mapping[str, Any], message: str = "") -> None:
        self.details: Mapping[str, Any] = details
        """The error as it came: `{"code": "rate_limited", "retry_after_ms": 200, …}`."""
        self.code: str = str(details.get("code", self.CODE))
        """Its code, one of a closed list."""
        self.message: str = message
        """Which message it was."""
        super().__init__(self._shown())

    def _shown(self) -> str:
        more = {key: value for key, value in self.details.items() if key != "code"}
        return " ".join(part for part in (self.message, self.code, str(more) if more else "") if part)


class Refused(Failure):
    """An error that the protocol declares. Generated ones have the fields of theirs."""

    CODE = "refused"

    @property
    def error(self) -> Mapping[str, Any]:
        """The error as the protocol declares it: its tag and fields, as they are in JSON."""
        return {key: value for key, value in self.details.items() if key != "code"}


class InvalidPayload(Failure):
    """Limits of the protocol are broken: nothing was sent. Also when the server says so."""

    CODE = "invalid_payload"

    @property
    def violations(self) -> list[Violation]:
        """What is wrong, each with its place."""
        return _violations(self.details)

    def _shown(self) -> str:
        return f"{self.message}: {'; '.join(map(str, self.violations))}"


class Unreadable(Failure):
    """The answer is not what the protocol says."""

    CODE = "unreadable"

    @property
    def violations(self) -> list[Violation]:
        """What is wrong, each with its place."""
        return _violations(self.details)


class NotNow(Failure):
    """The flow's state does not allow the message."""

    CODE = "not_now"

    @property
    def state(self) -> str:
        """The state of the flow."""
        return str(self.details.get("state", ""))


class NotAllowed(Failure):
    """The connection has none of the roles, or may not join the topic."""

    CODE = "not_allowed"


class RateLimited(Failure):
    """Too many."""

    CODE = "rate_limited"

    @property
    def retry_after(self) -> float | None:
        """After so many seconds it may be tried again; `None` when time does not help."""
        milliseconds = self.details.get("retry_after_ms")
        return milliseconds / 1000 if isinstance(milliseconds, int) else None


class TimedOut(Failure):
    """No answer came in time, or the server's handlers took too long."""

    CODE = "timeout"


class Cancelled(Failure):
    """The message was taken back."""

    CODE = "cancelled"


class Offline(Failure):
    """There is no connection, and the message did not wait for one; or the client has ended."""

    CODE = "offline"


class QueueFull(Failure):
    """Too many messages wait for a connection."""

    CODE = "queue_full"


class ConnectionLost(Failure):
    """The connection was lost behind the message: it may have been done or not."""

    CODE = "connection_lost"


class Malformed(Failure):
    """What was sent is no envelope."""

    CODE = "malformed"


class TooLarge(Failure):
    """The frame is over the message's limit."""

    CODE = "too_large"


class UnknownMessage(Failure):
    """The server has no such message."""

    CODE = "unknown_message"


class Internal(Failure):
    """The server failed; its log says more, under `details["id"]`."""

    CODE = "internal"


class ShuttingDown(Failure):
    """The server leaves."""

    CODE = "shutting_down"


def failure(details: Mapping[str, Any], message: str) -> Failure:
    """The exception that an error is."""
    return _BY_CODE.get(str(details.get("code")), Failure)(details, message)


def _violations(details: Mapping[str, Any]) -> list[Violation]:
    listed = details.get("violations")
    keys = ("at", "rule", "want", "got")
    return [
        Violation(**{key: str(one.get(key, "")) for key in keys})
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]


_BY_CODE: dict[str, type[Failure]] = {
    one.CODE: one
    for one in (
        Refused, InvalidPayload, Unreadable, NotNow, NotAllowed, RateLimited, TimedOut, Cancelled, Offline, QueueFull,
        ConnectionLost, Malformed, TooLarge, UnknownMessage, Internal, ShuttingDown,
    )
}  # fmt: skip
