"""The generated client of the studio against the studio, as an application uses it."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from generated import module, plan
from running import alone, until
from runtime.convert import Converter
from runtime.schema import Schema

client = module("routes.wsr")
types = __import__(f"{client.__name__}.types", fromlist=["types"])
PASSWORD = "correct horse battery"
pytestmark = pytest.mark.filterwarnings("error")


def name(prefix="kim"):
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def register(role=None, username=None):
    """A sign-in that makes an account on the first connection and uses it on all others."""
    username, session = username or name(), []

    async def sign_in(studio):
        more = {"as_": role} if role else {}
        if session:
            session.append(await studio.accounts.login(username=username, password=PASSWORD, **more))
        else:
            session.append(await studio.accounts.register(username=username, password=PASSWORD, **more))

    sign_in.session = session
    return sign_in


# ---------------------------------------------------------------- messages


@alone
async def test_an_answer_is_a_frozen_object_of_its_type(studio):
    username = name()
    async with client.connect(studio.url) as one:
        session = await one.accounts.register(username=username, password=PASSWORD, as_=types.Role.mixer)
        assert isinstance(session, types.AccountsSession)
        assert (session.username, session.roles) == (username, [types.Role.mixer])
        with pytest.raises(AttributeError):
            session.username = "other"
        assert session.token not in repr(session), "a secret is not shown"
        assert await one.presence.ping() is None


@alone
async def test_a_declared_error_is_an_exception_of_its_own(studio):
    username = name()
    async with client.connect(studio.url) as one:
        with pytest.raises(types.AccountsLoginErrorWrongPassword) as wrong:
            await one.accounts.login(username=username, password="not the password")
        assert isinstance(wrong.value, client.Refused) and isinstance(wrong.value, types.AccountsLoginError)
        assert (wrong.value.code, wrong.value.error) == ("refused", {"kind": "wrong_password"})
        await one.accounts.register(username=username, password=PASSWORD)
        with pytest.raises(types.MixerError) as limit:
            await one.mixer.volume_up(channel=4, step=100)
        match limit.value:
            case types.MixerErrorAtLimit(level=level):
                assert 0 <= level <= 100
            case _:
                pytest.fail("another variant")


@alone
async def test_what_breaks_limits_is_not_sent_and_the_violations_are_those_of_the_server(studio):
    problems = []
    async with client.connect(studio.url) as one:
        one.on_problem(problems.append)
        with pytest.raises(client.InvalidPayload) as invalid:
            await one.accounts.register(username="no spaces!", password="hush", as_="singer")
        rules = [(violation.at, violation.rule, violation.got) for violation in invalid.value.violations]
        assert rules == [
            ("/username", "match", "no spaces!"),
            ("/password", "len", "(secret)"),
            ("/as", "one_of", "singer"),
        ]
        with pytest.raises(client.NotNow) as not_now:
            await one.chat.join(room="lobby")
        assert not_now.value.state == "anonymous"
    assert problems == []


@alone
async def test_a_rate_says_when_to_go_on(studio):
    async with client.connect(studio.url) as one:
        results = await asyncio.gather(*(one.presence.ping() for _ in range(60)), return_exceptions=True)
        assert results == [None] * 60
        results = await asyncio.gather(*(one.presence.ping() for _ in range(300)), return_exceptions=True)
        refused = [error for error in results if error is not None]
        assert refused and all(isinstance(error, client.RateLimited) for error in refused)
        assert all(0 < error.retry_after <= 60 for error in refused)


@alone
async def test_who_gives_up_takes_the_message_back(studio):
    async with client.connect(studio.url, sign_in=register()) as one:
        waiting = asyncio.ensure_future(one.mixer.next_change(channel=27))
        await one.presence.ping()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with pytest.raises(client.TimedOut):
            await one.mixer.next_change(channel=27, timeout=0.05)
        # All eight places are free again, so both were taken back.
        waiting = [asyncio.ensure_future(one.mixer.next_change(channel=27)) for _ in range(8)]
        await one.presence.ping()  # read behind them: they wait now
        level = await one.mixer.volume_up(channel=27)
        assert await asyncio.gather(*waiting) == [level] * 8


# ---------------------------------------------------------------- events


@alone
async def test_events_reach_callbacks_and_loops_until_they_are_ended(studio):
    plain, slow, loop, third = [], [], [], asyncio.Event()

    async def take_time(event):
        await asyncio.sleep(0)
        slow.append(event.level)
        if len(slow) == 3:
            third.set()

    async with client.connect(studio.url, sign_in=register()) as one:
        await one.ready()
        end_plain = one.mixer.level_changed.on(lambda event: event.channel == 9 and plain.append(event.level))
        end_slow = one.mixer.level_changed.on(take_time)
        moving = asyncio.ensure_future(moves(one, 9, 3))
        async for event in one.mixer.level_changed:
            loop.append(event.level)
            if len(loop) == 3:
                break
        await moving
        assert plain == loop == sorted(loop)
        await third.wait()
        end_plain()
        end_slow()
        await moves(one, 9, 1)
        assert (len(plain), len(slow)) == (3, 3)
        assert not one.mixer.level_changed._callbacks and not one.mixer.level_changed._buffers


async def moves(one, channel, count):
    for _ in range(count):
        await one.mixer.volume_up(channel=channel)


@alone
async def test_a_loop_that_falls_behind_loses_the_oldest_and_counts_them(studio):
    async with client.connect(studio.url, sign_in=register()) as one:
        events = aiter(one.states)
        for number in range(1500):
            one.states.tell(number)
        assert events.lost >= 476
        assert await anext(events) >= 476


@alone
async def test_a_callback_that_fails_ends_nothing(studio, caplog):
    seen = []

    def fail(event):
        raise ValueError("on purpose")

    async def fail_later(event):
        raise ValueError("on purpose, later")

    async with client.connect(studio.url, sign_in=register()) as one:
        await one.ready()
        for callback in (fail, fail_later, seen.append):
            one.mixer.level_changed.on(callback)
        await moves(one, 8, 2)
        assert [event.channel for event in seen] == [8, 8]
    assert caplog.text.count("on purpose") >= 3


@alone
async def test_binary_music_comes_as_bytes(studio):
    async with client.connect(studio.url, sign_in=register(types.Role.decoder)) as one:
        frames = aiter(one.stream.frame)
        format = (await one.stream.audio(types.StreamQuality.low).join()).reply
        assert (format.quality, format.samples_per_second) == (types.StreamQuality.low, 8000)
        first, second = await anext(frames), await anext(frames)
        assert isinstance(first.data, bytes) and len(first.data) == 2 * 8000 * format.frame_ms // 1000
        assert (first.quality, second.seq) == (types.StreamQuality.low, first.seq + 1)


# ---------------------------------------------------------------- streams and asks


@alone
async def test_a_stream_is_taken_back_by_leaving_its_loop(studio):
    async with client.connect(studio.url, sign_in=register(types.Role.mixer)) as one:
        await moves(one, 3, 3)
        for _ in range(40):  # more than may run at once
            async for change in one.log.read():
                assert change.message.startswith("mixer/")
                break
        assert len([change async for change in one.log.read()]) >= 3
        assert one._ends == {}


@alone
async def test_a_stream_that_is_refused_raises(studio):
    async with client.connect(studio.url, sign_in=register()) as one:
        with pytest.raises(client.Failure) as refused:
            async for _ in one.log.read():
                pytest.fail("there is nothing to come")
        assert refused.value.code == "not_allowed"


@alone
async def test_a_question_of_the_server_is_answered(studio):
    room, asked = name("room"), []

    async def answer(invitation):
        asked.append(invitation)
        await asyncio.sleep(0)
        return types.ChatInvitationReply(coming=True)

    ann, bob = register(), register()
    async with client.connect(studio.url, sign_in=ann) as one, client.connect(studio.url, sign_in=bob) as other:
        await one.chat.rooms(room).join()
        await other.ready()
        end = other.chat.invitation.answer(answer)
        assert (await one.chat.invite(room=room, user=bob.session[0].user)).coming is True
        assert (asked[0].room, asked[0].username) == (room, ann.session[0].username)
        other.chat.invitation.answer(lambda invitation: types.ChatInvitationReply(coming=False))
        end()  # is about the first one, which does not answer any more
        assert (await one.chat.invite(room=room, user=bob.session[0].user)).coming is False


@alone
async def test_an_answer_that_breaks_its_limits_is_a_problem(studio):
    room = name("room")
    bob = register()
    async with client.connect(studio.url, sign_in=register()) as one, client.connect(studio.url, sign_in=bob) as other:
        await one.chat.rooms(room).join()
        await other.ready()
        problems = aiter(other._problems)
        other.chat.invitation.answer(lambda invitation: types.ChatInvitationReply(coming="perhaps"))
        asking = asyncio.ensure_future(one.chat.invite(room=room, user=bob.session[0].user))
        problem = await anext(problems)
        assert problem.kind == "invalid_answer"
        assert problem.details["violations"][0]["at"] == "/coming"
        asking.cancel()
        await asyncio.wait([asking])


# ---------------------------------------------------------------- coming back


@alone
async def test_a_room_is_resumed_without_a_gap_over_a_killed_server(own_studio):
    room, resumed = name("room"), []
    first = own_studio()
    address = [first.url]
    ann = register()
    async with client.connect(lambda: address[0], sign_in=ann) as one:
        posted = aiter(one.chat.posted)
        one.on_resumed(resumed.append)
        states = aiter(one.states)
        handle = await one.chat.rooms(room).join()
        assert (handle.reply.room, handle.name) == (room, f"chat/rooms/{room}")
        await one.chat.send(room=room, text="before")
        assert list(handle.members) == [ann.session[0].user]

        first.kill()
        await until(lambda: one.state == "waiting", states)
        assert handle.members == {}
        with pytest.raises(client.TimedOut):
            await one.chat.send(room=room, text="never sent", timeout=0.01)
        again = own_studio()
        async with client.connect(again.url, sign_in=register()) as other:
            await other.chat.rooms(room).join()
            await other.chat.send(room=room, text="meanwhile")
        address[0] = again.url
        later = asyncio.ensure_future(one.chat.send(room=room, text="waited"))
        one.connect_now()
        await later
        assert [(await anext(posted)).text for _ in range(3)] == ["before", "meanwhile", "waited"]
    told = [one for one in resumed if one.message == "chat/join"]
    assert told[-1].topics[f"chat/rooms/{room}"] == "recovered"
    assert told[-1].topics[f"chat/typing/{room}"] == "live"
    assert told[-1].reply.room == room


@alone
async def test_presence_is_kept_up_to_date(studio):
    room, ann, bob = name("room"), register(), register()
    async with client.connect(studio.url, sign_in=ann) as one:
        handle = await one.chat.rooms(room).join()
        joined, left = aiter(handle.joined), aiter(handle.left)
        async with client.connect(studio.url, sign_in=bob) as other:
            await other.chat.rooms(room).join()
            assert (await anext(joined)).who == bob.session[0].user
            assert set(handle.members) == {ann.session[0].user, bob.session[0].user}
        assert (await anext(left)).who == bob.session[0].user
        assert set(handle.members) == {ann.session[0].user}
        await handle.leave()


@alone
async def test_notes_that_came_while_away_are_heard_on_the_next_connection(studio):
    bob = register()
    async with client.connect(studio.url, sign_in=bob) as other:
        await other.ready()
    async with client.connect(studio.url, sign_in=register()) as one:
        for number in range(3):
            await one.direct.send(to=bob.session[0].user, text=f"note {number}", key=str(uuid.uuid4()))
    async with client.connect(studio.url, sign_in=bob) as other:
        notes = aiter(other.direct.note)
        assert [(await anext(notes)).text for _ in range(3)] == ["note 0", "note 1", "note 2"]


@alone
async def test_a_sign_in_that_fails_is_the_end_and_says_why(studio):
    async def sign_in(one):
        await one.accounts.login(username=name(), password="not the password")

    async with client.connect(studio.url, sign_in=sign_in) as one:
        with pytest.raises(client.Offline) as offline:
            await one.presence.ping()
        assert isinstance(offline.value.__cause__, types.AccountsLoginErrorWrongPassword)
        assert one.state == "closed"
        with pytest.raises(client.Offline):
            await one.ready()


@alone
async def test_messages_wait_for_a_server_that_is_not_there_yet(own_studio):
    running = own_studio()
    url = running.url
    running.kill()
    addresses = [url]
    problems = []

    async def address():
        await asyncio.sleep(0)
        return addresses[-1]

    async with client.connect(address, queue=1) as one:
        one.on_problem(problems.append)
        states = aiter(one.states)
        waiting = asyncio.ensure_future(one.presence.ping())
        await until(lambda: one.state == "waiting", states)
        with pytest.raises(client.QueueFull):
            await one.presence.ping()
        addresses.append(own_studio().url)
        one.connect_now()
        assert await waiting is None
    assert {problem.kind for problem in problems} == {"connection"}


@alone
async def test_with_refuse_nothing_waits(own_studio):
    running = own_studio()
    running.kill()
    async with client.connect(running.url, offline="refuse") as one:
        with pytest.raises(client.Offline):
            await one.presence.ping()


@alone
async def test_nothing_begins_anew_behind_the_block(studio):
    async with client.connect(studio.url) as one:
        await one.ready()
    one.connect_now()
    assert one.state == "closed"


@alone
async def test_leaving_ends_what_is_under_way(studio):
    async with client.connect(studio.url, sign_in=register()) as one:
        waiting = asyncio.ensure_future(one.mixer.next_change(channel=26))
        await one.presence.ping()
        states, changes = aiter(one.states), aiter(one.mixer.level_changed)
    with pytest.raises(client.ConnectionLost):
        await waiting
    assert [state.name async for state in states][-1] == "closed"
    assert [change async for change in changes] == []
    with pytest.raises(client.Offline):
        await one.presence.ping()


@alone
async def test_an_exception_in_the_block_closes_the_connection_too(studio):
    with pytest.raises(KeyError):
        async with client.connect(studio.url) as one:
            await one.presence.ping()
            raise KeyError("of the application")
    assert one.state == "closed"


def test_durations_are_not_rounded():
    converter = Converter(Schema(plan("routes.wsr")), {}, None)
    assert converter.value({"is": "duration"}, timedelta(seconds=1.5)) == 1500
    assert converter.value({"is": "duration"}, timedelta(microseconds=1500)) == 1.5, "which no duration is"
