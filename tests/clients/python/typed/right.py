"""How an application uses the client of the studio: all of it has its types."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import assert_type

import studio_client
from studio_client import Studio
from studio_client.types import (
    AccountsLoginError,
    AccountsLoginErrorWrongPassword,
    AccountsSession,
    ChatInvitation,
    ChatInvitationReply,
    ChatPosted,
    ChatRoom,
    LogChange,
    MixerErrorAtLimit,
    MixerLevel,
    PollQuestion,
    Role,
    StreamFormat,
    StreamQuality,
)


async def address() -> str:
    return "ws://127.0.0.1:8080/ws"


async def sign_in(studio: Studio) -> AccountsSession:
    return await studio.accounts.login(username="kim", password="correct horse", as_=Role.mixer, timeout=5)


async def answer(invitation: ChatInvitation) -> ChatInvitationReply:
    assert_type(invitation.room, str)
    return ChatInvitationReply(coming=invitation.username != "max")


def moved(event: ChatPosted) -> None:
    print(event.from_, event.text)


async def main() -> None:
    async with studio_client.connect(address, sign_in=sign_in, offline="keep_newest", queue=8) as studio:
        await studio.ready()
        try:
            session = await studio.accounts.register(username="kim", password="correct horse")
            assert_type(session, AccountsSession)
            assert_type(session.roles, Sequence[Role])
        except AccountsLoginErrorWrongPassword as wrong:
            print(wrong.code, wrong.error)
        except AccountsLoginError:
            pass
        except studio_client.InvalidPayload as invalid:
            print([violation.at for violation in invalid.violations])
        except studio_client.RateLimited as limited:
            assert_type(limited.retry_after, float | None)

        try:
            assert_type(await studio.mixer.volume_up(channel=3, step=2.5), MixerLevel)
        except MixerErrorAtLimit as limit:
            assert_type(limit.level, float)

        room = await studio.chat.rooms("lobby").join()
        assert_type(room.reply, ChatRoom)
        assert_type(room.name, str)
        for who in room.members:
            assert_type(who, str)
        end = room.joined.on(lambda presence: print(presence.who))
        end()
        await room.leave()

        unsubscribe = studio.chat.posted.on(moved)
        unsubscribe()
        async for event in studio.chat.posted:
            assert_type(event, ChatPosted)
            break
        async for change in studio.log.read():
            assert_type(change, LogChange)
            assert_type(change.by, str | None)
            break
        async for frame in studio.stream.frame:
            assert_type(frame.data, bytes)
            break
        audio = await studio.stream.audio(StreamQuality.high).join()
        assert_type(audio.reply, StreamFormat)

        studio.chat.invitation.answer(answer)
        await studio.poll.open(room="lobby", question=PollQuestion(text="Tea?", choices=["yes", "no"]))
        assert_type(await studio.poll.close(room="lobby"), Sequence[int])
        async for state in studio.states:
            assert_type(state.name, str)
            break
        studio.on_problem(lambda problem: print(problem.kind, problem.details))
        studio.on_resumed(lambda resumed: print(resumed.topics))


asyncio.run(main())
