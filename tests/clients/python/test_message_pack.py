"""MessagePack, as Python's `msgpack` writes and reads it, beside clients of JSON."""

import itertools
import json

import msgpack
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from studio import PASSWORD, SECONDS

MESSAGE_PACK = "switchboard.v1+msgpack"


class Packed:
    """One connection that speaks MessagePack."""

    def __init__(self, url, *subprotocols):
        self.socket = connect(url, max_size=None, legacy=True, subprotocols=[*subprotocols, MESSAGE_PACK])
        self.ids = itertools.count(1)
        self.events = []

    def send(self, value):
        self.socket.send(msgpack.packb(value))

    def ask(self, name, **payload):
        number = next(self.ids)
        self.send({"name": name, "id": number, "payload": payload})
        while True:
            envelope = self.receive()
            if envelope.get("re") == number:
                return envelope
            self.events.append(envelope)

    def receive(self):
        data = self.socket.recv(timeout=SECONDS)
        assert isinstance(data, bytes)
        return msgpack.unpackb(data)


@pytest.fixture
def packed(studio):
    opened = []

    def make(*subprotocols):
        opened.append(Packed(studio.url, *subprotocols))
        return opened[-1]

    yield make
    for one in opened:
        one.socket.close()


def test_the_subprotocol_is_chosen_and_spoken(packed):
    one = packed("mqtt", "contract.0123456789abcdef")
    assert one.socket.subprotocol == MESSAGE_PACK
    assert one.ask("presence/ping") == {"re": 1, "payload": {}}


def test_answers_refusals_and_events_are_maps(packed, client):
    one, other = packed(), client("mixer")
    answer = one.ask("accounts/register", username="packed-user", password=PASSWORD, **{"as": "mixer"})
    assert answer["payload"]["user"]
    assert one.ask("mixer/volume_up", channel="x", step=1)["error"]["code"] == "invalid_payload"
    assert one.ask("no/such")["error"]["code"] == "unknown_message"
    # Both kinds hear the same.
    other.tell("mixer/volume_up", channel=22)
    heard = one.receive()
    assert heard == {"name": "mixer/level_changed", "payload": other.event("mixer/level_changed")}


@pytest.mark.parametrize(
    "data",
    [
        b"\x81",
        b"\x80\x00",
        msgpack.packb({1: 2}),
        msgpack.packb({"name": "presence/ping", "payload": {"a": float("nan")}}),
        msgpack.packb({"name": msgpack.ExtType(1, b"x")}),
        msgpack.packb({"name": msgpack.Timestamp(1)}),
        b"\x81\xa4name\xa1\xff",
        b"\xdf\xff\xff\xff\xff",
        "text",
    ],
)
def test_what_is_no_envelope_is_malformed(packed, data):
    one = packed()
    one.socket.send(data)
    answer = one.receive()
    assert (answer["re"], answer["error"]["code"]) == (None, "malformed")
    assert one.ask("presence/ping")["payload"] == {}


def test_a_hello_is_answered(packed, client):
    hello = {"contract": "0123456789abcdef", "messages": {"presence/ping": "0", "no/such": "0"}}
    one = packed()
    one.send(hello)
    answer = one.receive()
    assert (answer["same"], answer["differs"], answer["unknown"]) == (False, ["presence/ping"], ["no/such"])
    two = client()
    two.send(json.dumps(hello))
    assert two.receive() == answer


def test_a_message_beyond_every_limit_closes(packed):
    one = packed()
    with pytest.raises(ConnectionClosed) as closed:
        one.send({"name": "x", "payload": "y" * 300_000})
        one.receive()
    assert closed.value.rcvd.code == 1009
