"""Mistakes that a type checker has to report, each behind its line."""

from __future__ import annotations

import studio_client
from studio_client import Studio
from studio_client.types import (
    AccountsSession,
    ChatInvitationReply,
    ChatPosted,
    MixerErrorAtLimit,
    PollQuestion,
    StreamQuality,
)


async def mistakes(studio: Studio) -> None:
    await studio.accounts.login(username="kim")  # call-arg
    await studio.accounts.login("kim", "correct horse")  # call-arg
    await studio.accounts.login(username=7, password="correct horse")  # arg-type
    await studio.accounts.login(username="kim", password="correct horse", as_="mixer")  # arg-type
    await studio.accounts.login(username="kim", password="correct horse", colour="red")  # call-arg
    await studio.accounts.sign_in()  # attr-defined
    session: int = await studio.presence.ping()  # func-returns-value
    await studio.stream.open(quality=StreamQuality.loud)  # attr-defined
    (await studio.chat.join(room="lobby")).size  # attr-defined
    (await studio.mixer.levels()).append(1)  # attr-defined
    studio.chat.posted.on(lambda event: event.colour)  # attr-defined
    studio.chat.invitation.answer(lambda invitation: True)  # arg-type return-value
    async for change in studio.log.read():
        change.at = "now"  # misc
        change.nobody  # attr-defined
    async for event in studio.log.read:  # attr-defined
        pass
    studio.chat.rooms(7)  # arg-type
    studio.chat.rooms("lobby").members["kim"] = None  # index
    await studio.poll.open(room="lobby", question=PollQuestion(text="Tea?"))  # call-arg
    ChatInvitationReply(True)  # misc call-arg
    MixerErrorAtLimit()  # call-arg
    AccountsSession(user="a", username="b", token="c", roles=["mixer"])  # list-item
    posted: ChatPosted = await studio.chat.send(room="lobby", text="hi")  # func-returns-value
    studio_client.connect(8080)  # arg-type
    studio_client.connect("ws://127.0.0.1", offline="sometimes")  # arg-type
    studio_client.connect("ws://127.0.0.1", sign_in=lambda studio: 7)  # arg-type return-value
