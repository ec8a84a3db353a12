"""The generated client against servers that keep no rule: problems that are told, no crash, no hurry, bounded memory."""

import asyncio
import contextlib
import json
import random

import pytest
from generated import module
from running import alone, until
from websockets.asyncio.server import serve
from websockets.datastructures import Headers
from websockets.http11 import Response

client = module("tests/clients/transcripts/protocol.wsr")
studio_client = module("routes.wsr")
types = __import__(f"{client.__name__}.types", fromlist=["types"])
pytestmark = pytest.mark.filterwarnings("error")


@contextlib.asynccontextmanager
async def server(handler, **more):
    """A server with one handler of connections; its address."""
    async with serve(handler, "127.0.0.1", 0, subprotocols=["switchboard.v1"], **more) as running:
        yield f"ws://127.0.0.1:{running.sockets[0].getsockname()[1]}/ws"


async def kind_server(socket):
    """Answers everything with an empty object."""
    async for text in socket:
        envelope = json.loads(text)
        if "id" in envelope:
            await socket.send(json.dumps({"re": envelope["id"], "payload": {}}))


HOSTILE = [
    "",
    "null",
    "[]",
    "17",
    '"text"',
    "{",
    "{}",
    '{"name":7}',
    '{"name":null,"payload":{}}',
    '{"name":{},"ask":1}',
    '{"name":"work/confirm","ask":"1","payload":{}}',
    '{"name":"work/confirm","ask":1.5,"payload":{}}',
    '{"name":"work/confirm","ask":true,"payload":{"what":"x"}}',
    '{"re":"1","payload":{}}',
    '{"re":{},"payload":{}}',
    '{"re":true,"payload":{}}',
    '{"re":1e3,"payload":{}}',
    '{"re":1}',
    '{"re":1,"error":null}',
    '{"re":1,"error":{"code":7}}',
    '{"re":null,"error":{}}',
    '{"ask":1}',
    '{"ask":1,"error":{}}',
    '{"ask":[],"error":{"code":"timeout"}}',
    '{"re":NaN,"payload":{}}',
    '{"re":-Infinity,"payload":{}}',
    '{"name":"room/said","payload":{"text":"\\ud800"}}',
    "[" * 100_000,
    '{"a":' * 100_000,
    '{"name":"room/said","payload":' + "[" * 5000 + "]" * 5000 + "}",
    '{"re":' + "9" * 100_000 + ',"payload":{}}',
    "9" * 100_000,
]
UNREADABLE = [
    '{"name":"room/said"}',
    '{"name":"room/said","payload":null}',
    '{"name":"room/said","payload":[]}',
    '{"name":"room/said","payload":{"text":' + "9" * 100_000 + "}}",
    '{"name":"room/said","payload":{"text":1e999}}',
    '{"name":"room/said","payload":{"text":"' + "x" * 1_000_000 + '"}}',
    '{"name":"room/said","payload":{"text":"hi","mood":{"kind":"calm"}}}',
    '{"name":"room/said#here","payload":{}}',
    '{"name":"' + "n" * 100_000 + '","payload":{}}',
    '{"name":"sound/played","payload":{"seq":1,"data":""}}',
    '{"name":"work/confirm","ask":1,"payload":{"what":' + "[" * 500 + "]" * 500 + "}}",
]


@alone
async def test_each_frame_that_is_none_is_a_problem_and_the_connection_goes_on():
    async def handler(socket):
        await socket.recv()  # the hello
        for text in (*HOSTILE, *UNREADABLE):
            await socket.send(text)
        for data in (b"", b"\x00", b"\x02", b"\x02\x00\x00\x00\x00", b"\xff" * 1000):
            await socket.send(data)
        await kind_server(socket)

    async with server(handler) as url, client.connect(url) as one:
        problems = aiter(one._problems)
        kinds = [(await anext(problems)).kind for _ in range(len(HOSTILE) + len(UNREADABLE) + 5)]
        assert kinds[: len(HOSTILE)].count("malformed") >= len(HOSTILE) - 2, list(zip(HOSTILE, kinds))
        assert "malformed" not in kinds[len(HOSTILE) : -5]
        assert await one.room.leave(room="hall") is None


@alone
async def test_answers_of_every_wrong_kind_fail_the_message_and_nothing_else():
    answers = [
        {"payload": 7},
        {"payload": None},
        {"payload": {"members": -1}},
        {"payload": {"members": "1"}},
        {"payload": {"members": 1e40}},
        {"item": 1},
        {"done": True},
        {"payload": {"members": 1}, "positions": 7},
        {"payload": {"members": 1}, "positions": [7, {}, {"topic": [], "epoch": "a", "offset": 1}]},
        {"payload": {"members": 1}, "positions": [{"topic": "room/lines/a", "epoch": "x", "offset": "1"}]},
        {"error": {"code": "refused", "kind": "full"}},
        {"error": {"code": "refused", "kind": ["full"]}},
        {"error": {"code": "refused"}},
        {"error": {"code": "from the future", "more": {}}},
        {"error": {"code": "invalid_payload", "violations": [7, {"at": 1}]}},
        {"error": {"code": "rate_limited", "retry_after_ms": "soon"}},
    ]

    async def handler(socket):
        await socket.recv()
        for answer in answers:
            number = json.loads(await socket.recv())["id"]
            await socket.send(json.dumps({"re": number, **answer}))
        await kind_server(socket)

    async with server(handler) as url, client.connect(url) as one:
        results = [await failure(one.room.join(room="a")) for _ in answers]
        assert [getattr(result, "code", None) for result in results] == [
            *["unreadable"] * 7, *[None] * 3, "unreadable", "refused", "refused", "from the future", "invalid_payload",
            "rate_limited",
        ]  # fmt: skip
        assert all(isinstance(result, (client.Failure, types.RoomJoinReply)) for result in results)
        assert [str(result) for result in results], "each can be shown"
        assert await one.room.leave(room="a") is None


async def failure(call):
    try:
        return await call
    except client.Failure as error:
        return error


@alone
async def test_random_bytes_and_bent_json_do_no_harm():
    seed = random.randrange(2**32)
    print("seed", seed)
    chance = random.Random(seed)
    sound = ['{"name":"room/said","payload":{"text":"hi","mood":"loud","colour":"red"}}', '{"re":1,"payload":{"user":7}}',
             '{"name":"work/confirm","ask":3,"payload":{"what":"it"}}', '{"contract":"x","same":false,"differs":[]}',
             '{"positions":[{"topic":"room/lines/a","epoch":"x","offset":3}]}', '{"re":1,"item":3}']  # fmt: skip

    def bent():
        text = list(chance.choice(sound))
        for _ in range(chance.randrange(4)):
            text[chance.randrange(len(text))] = chance.choice('{}[]":,0-1e.\\null\x00é')
        return "".join(text)

    async def handler(socket):
        await socket.recv()
        for _ in range(2000):
            await socket.send(bent() if chance.random() < 0.7 else chance.randbytes(chance.randrange(20)))
        await kind_server(socket)

    async with server(handler) as url, client.connect(url) as one:
        one.work.confirm.answer(lambda ask: types.WorkConfirmReply(sure=True))
        await one.ready()
        await failure(one.room.leave(room="a"))  # some of it may be taken for its answer
        assert await one.room.leave(room="a") is None


@alone
async def test_a_flood_is_dropped_and_others_have_their_turn():
    async def handler(socket):
        await socket.recv()
        for number in range(5000):
            await socket.send(json.dumps({"name": "room/typed", "payload": {"room": f"r{number}"}}))
        for number in range(1000):
            await socket.send(json.dumps({"name": "work/confirm", "ask": number, "payload": {"what": "now"}}))
        await kind_server(socket)

    asked = asyncio.Event()

    async def never(ask):
        await asked.wait()

    async with server(handler) as url, client.connect(url) as one:
        one.work.confirm.answer(never)
        events = aiter(one.room.typed)
        await one.ready()
        turns = asyncio.ensure_future(count_turns(asking := asyncio.ensure_future(one.room.leave(room="a"))))
        assert await asking is None
        assert await turns > 100
        assert (events.lost, (await anext(events)).room) == (5000 - 1024, f"r{5000 - 1024}")
        assert len(one._asked) == 256


async def count_turns(until_done):
    turns = 0
    while not until_done.done():
        turns += 1
        await asyncio.sleep(0)
    return turns


@alone
async def test_a_message_beyond_all_bounds_ends_the_connection_and_is_told():
    async def handler(socket):
        await socket.recv()
        with contextlib.suppress(Exception):
            await socket.send("x" * (17 * 2**20))
        await socket.wait_closed()

    async with server(handler) as url, client.connect(url) as one:
        problems, states = aiter(one._problems), aiter(one.states)
        problem = await anext(problems)
        assert problem.kind == "connection" and "1009" in problem.details["message"]
        await until(lambda: one.state == "waiting", states)


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 3000, 4000, 4002, 4003, 4099, 4100, 4999])
@alone
async def test_each_close_code_leads_to_a_wait_or_to_the_end(code):
    async def handler(socket):
        await socket.recv()
        await socket.close(code, "retry_after_ms=" + "9" * 80)

    async with server(handler) as url, client.connect(url) as one:
        states = aiter(one.states)
        await until(lambda: one.state in ("waiting", "closed"), states)
        is_final = code in (1000, 1002, 1003, 1007, 1008, 1009, 4002, 4003) or code >= 4100
        assert one.state == ("closed" if is_final else "waiting")


@alone
async def test_a_server_that_refuses_is_asked_again_when_it_says():
    async def refuse(connection, request):
        return Response(503, "busy", Headers({"Retry-After": "7", "Content-Length": "0"}), b"")

    async with server(kind_server, process_request=refuse) as url, client.connect(url) as one:
        async for state in one.states:
            if state.name == "waiting":
                break
        assert state.in_ == 7


@alone
async def test_a_server_that_closes_at_once_is_not_asked_in_a_hurry():
    connections = []

    async def handler(socket):
        connections.append(socket)
        socket.transport.abort()

    async with server(handler) as url, client.connect(url) as one:
        waits = []
        async for state in one.states:
            if state.name == "waiting":
                waits.append(state.in_)
                if len(waits) == 3:
                    break
        assert len(connections) == 3
        assert 0.25 <= waits[0] <= 0.5 <= waits[1] <= 1.0 <= waits[2] <= 2.0


@alone
async def test_addresses_that_are_none_and_functions_that_fail_are_told():
    def fails():
        raise KeyError("no token")

    async def later():
        return "not an address"

    for address in ("http://127.0.0.1/", "", "ws://127.0.0.1:1/", fails, later, lambda: 7):
        async with client.connect(address) as one:
            problem = await anext(aiter(one._problems))
            assert problem.kind == "connection" and problem.details["message"], address


@alone
async def test_leaving_while_a_server_says_nothing_does_not_wait_for_it():
    accepted = asyncio.Event()

    async def mute(reader, writer):
        accepted.set()
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with silent:
        url = f"ws://127.0.0.1:{silent.sockets[0].getsockname()[1]}/"
        async with client.connect(url):
            await accepted.wait()
        silent.close()
    await asyncio.sleep(0)


@alone
async def test_who_sends_too_much_waits_and_leaves_all_the_same():
    stuck = asyncio.Event()

    async def reads_nothing(socket):
        await socket.recv()
        socket.transport.pause_reading()
        await stuck.wait()

    async with server(reads_nothing, close_timeout=0.1, compression=None) as url:
        async with studio_client.connect(url) as one:
            await one.ready()
            with pytest.raises(asyncio.TimeoutError):
                while True:
                    await asyncio.wait_for(one.messages.broadcast(text="🎧" * 2000), 0.5)
        stuck.set()


@alone
async def test_a_server_of_another_version_is_reported():
    async def handler(socket):
        hello = json.loads(await socket.recv())
        assert set(hello) == {"contract", "messages", "events", "asks"}
        await socket.send(json.dumps({"contract": "0c", "same": False, "differs": ["room/say"], "unknown": []}))
        await kind_server(socket)

    contracts = []
    async with server(handler) as url, client.connect(url) as one:
        one.on_contract(contracts.append)
        await one.room.leave(room="a")
    assert contracts[0]["differs"] == ["room/say"]


@alone
async def test_the_servers_late_refusal_of_a_message_without_answer_is_a_problem():
    async def handler(socket):
        await socket.recv()
        number = json.loads(await socket.recv())["id"]
        await socket.send(json.dumps({"re": number, "error": {"code": "rate_limited", "by": "all", "retry_after_ms": 3}}))
        await kind_server(socket)

    async with server(handler) as url, client.connect(url) as one:
        problems = aiter(one._problems)
        assert await one.room.type(room="a") is None
        problem = await anext(problems)
        assert (problem.kind, problem.details["name"]) == ("refused", "room/type")


@alone
async def test_an_ask_that_is_over_cancels_who_answers_it():
    cancelled = asyncio.Event()
    began = asyncio.Event()

    async def handler(socket):
        await socket.recv()
        await socket.send('{"name":"work/confirm","ask":1,"payload":{"what":"it"}}')
        await began.wait()
        await socket.send('{"ask":1,"error":{"code":"timeout","after_ms":30000}}')
        await kind_server(socket)

    async def answer(ask):
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    async with server(handler) as url, client.connect(url) as one:
        one.work.confirm.answer(answer)
        await cancelled.wait()
