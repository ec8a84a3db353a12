"""What people do with the studio, told from outside."""

import struct
import time
import uuid

from studio import PASSWORD


def room():
    return f"room-{uuid.uuid4().hex[:8]}"


def test_whoever_registers_is_signed_in_and_may_come_back(client):
    ann = client()
    session = ann.register("mixer")
    assert uuid.UUID(session["user"])
    assert session["roles"] == ["mixer"]
    assert session["token"]
    assert ann.ask("chat/join", room=room())["payload"]["members"] == 1

    again = client().ask("accounts/login", username=session["username"], password=PASSWORD)["payload"]
    assert again["user"] == session["user"]
    assert again["roles"] == ["listener"], "the role left out is the default"
    assert again["token"] != session["token"]


def test_a_token_signs_in_again_and_again(client):
    session = client().register()
    for _ in range(2):
        resumed = client().ask("accounts/resume", token=session["token"])["payload"]
        assert resumed["user"] == session["user"]
        assert resumed["token"] == session["token"]
    refused = client().ask("accounts/resume", token="x" * 43)
    assert refused["error"]["kind"] == "unknown_token"


def test_a_name_is_given_once(client):
    session = client().register()
    answer = client().ask("accounts/register", username=session["username"], password=PASSWORD)
    assert answer["error"] == {"code": "refused", "kind": "name_taken"}


def test_logging_out_leads_back_to_anonymous_and_out_of_the_rooms(client):
    ann, bob = client("listener"), client("listener")
    lobby = room()
    ann.ask("chat/join", room=lobby)
    bob.ask("chat/join", room=lobby)
    assert ann.ask("accounts/logout")["payload"] == {}
    assert ann.ask("chat/send", room=lobby, text="still here?")["error"]["code"] == "not_now"
    bob.ask("chat/send", room=lobby, text="gone?")
    assert ann.hears_nothing_of("chat/posted")
    assert ann.ask("accounts/resume", token=ann.session["token"])["error"]["kind"] == "unknown_token"
    assert ann.ask("accounts/login", username=ann.session["username"], password=PASSWORD)["payload"]["token"]


def test_a_broadcast_reaches_everybody_and_its_sender(client):
    ann, bob, anonymous = client("listener"), client("decoder"), client()
    text = f"hello {uuid.uuid4()}"
    ann.tell("messages/broadcast", text=text)
    for one in (ann, bob, anonymous):
        assert one.event("messages/broadcast") == {"text": text}


def test_three_people_talk_in_a_room_and_nobody_else_hears(client):
    ann, bob, eve, outside = (client("listener") for _ in range(4))
    lobby = room()
    for number, one in enumerate((ann, bob, eve), start=1):
        assert one.ask("chat/join", room=lobby)["payload"] == {"room": lobby, "members": number, "lines": []}

    assert ann.ask("chat/send", room=lobby, text="hello you two")["payload"] == {}
    for one in (ann, bob, eve):
        posted = one.event("chat/posted")
        assert (posted["room"], posted["text"]) == (lobby, "hello you two")
        assert (posted["from"], posted["username"]) == (ann.session["user"], ann.session["username"])
    assert outside.hears_nothing_of("chat/posted")

    bob.tell("chat/typing", room=lobby)
    assert ann.event("chat/typing") == eve.event("chat/typing") == {"room": lobby}
    assert bob.hears_nothing_of("chat/typing")

    assert eve.ask("chat/leave", room=lobby)["payload"] == {}
    bob.ask("chat/send", room=lobby, text="she left")
    assert ann.event("chat/posted")["text"] == "she left"
    assert eve.hears_nothing_of("chat/posted")
    assert eve.ask("chat/send", room=lobby, text="but")["error"]["kind"] == "not_a_member"


def test_whoever_comes_later_reads_what_was_said(client):
    ann, bob = client("listener"), client("listener")
    lobby = room()
    ann.ask("chat/join", room=lobby)
    for text in ("one", "two", 'a "quoted" \\ ü \U0001f399 line'):
        ann.ask("chat/send", room=lobby, text=text)
    lines = bob.ask("chat/join", room=lobby)["payload"]["lines"]
    assert [line["text"] for line in lines] == ["one", "two", 'a "quoted" \\ ü \U0001f399 line']


def test_messages_of_one_sender_arrive_in_order(client):
    ann, bob = client("listener"), client("listener")
    lobby = room()
    ann.ask("chat/join", room=lobby)
    bob.ask("chat/join", room=lobby)
    for number in range(100):
        ann.tell("chat/send", room=lobby, text=str(number))
    assert [bob.event("chat/posted")["text"] for _ in range(100)] == [str(number) for number in range(100)]


def test_a_note_reaches_every_connection_of_its_addressee_and_nobody_else(client):
    ann, bob, eve = client("listener"), client("listener"), client("listener")
    second = client()
    second.ask("accounts/login", username=bob.session["username"], password=PASSWORD)
    assert ann.ask("direct/send", to=bob.session["user"], text="psst", key=str(uuid.uuid4()))["payload"] == {}
    for one in (bob, second):
        note = one.event("direct/note")
        assert (note["from"], note["text"]) == (ann.session["user"], "psst")
    assert eve.hears_nothing_of("direct/note")
    assert ann.hears_nothing_of("direct/note")


def test_a_note_to_nobody_is_refused_with_the_reason(client):
    ann = client("listener")
    assert ann.ask("direct/send", to=str(uuid.uuid4()), text="?", key=str(uuid.uuid4()))["error"]["kind"] == "unknown_user"


def test_a_fader_moves_for_mixers_and_listeners_alone(client):
    mixer, listener, decoder = client("mixer"), client("listener"), client("decoder")
    before = mixer.ask("mixer/levels")["payload"][5]["level"]
    up = mixer.ask("mixer/volume_up", channel=5, step=2.5)["payload"]
    assert up == {"channel": 5, "level": before + 2.5}
    for one in (mixer, listener):
        assert one.event("mixer/level_changed") == {**up, "by": mixer.session["user"]}
    assert decoder.hears_nothing_of("mixer/level_changed")
    down = listener.ask("mixer/volume_down", channel=5, step=2.5)["payload"]
    assert down == {"channel": 5, "level": before}
    assert mixer.event("mixer/level_changed")["by"] == listener.session["user"]


def test_a_fader_that_would_leave_its_slot_is_refused_and_nobody_is_told(client):
    mixer, listener = client("mixer"), client("listener")
    level = mixer.ask("mixer/levels")["payload"][6]["level"]
    answer = mixer.ask("mixer/volume_up", channel=6, step=100)
    assert answer["error"] == {"code": "refused", "kind": "at_limit", "level": level}
    assert mixer.ask("mixer/levels")["payload"][6]["level"] == level
    assert listener.hears_nothing_of("mixer/level_changed")


def test_moves_of_two_people_at_once_are_both_counted(client):
    mixers = [client("mixer"), client("mixer")]
    before = mixers[0].ask("mixer/levels")["payload"][8]["level"]
    for _ in range(10):
        for one in mixers:
            one.tell("mixer/volume_up", channel=8, step=0.5)
    for one in mixers:
        one.ask("presence/ping")
    assert mixers[0].ask("mixer/levels")["payload"][8]["level"] == before + 10


def test_music_comes_as_binary_frames_in_real_time_to_those_who_opened_it(client):
    decoder, listener = client("decoder"), client("listener")
    form = decoder.ask("stream/open", quality="low")["payload"]
    assert form == {"quality": "low", "samples_per_second": 8000, "frame_ms": 40}
    first = time.monotonic()
    frames = [decoder.frame() for _ in range(26)]
    took = time.monotonic() - first
    heads = [struct.unpack("<BBII", frame[:10]) for frame in frames]
    assert {(tag, quality) for tag, quality, _, _ in heads} == {(0x10, 0)}
    assert [seq for _, _, seq, _ in heads] == list(range(heads[0][2], heads[0][2] + 26))
    assert all(pts == seq * 40 for _, _, seq, pts in heads)
    assert {len(frame) - 10 for frame in frames} == {8000 * 40 // 1000 * 2}
    assert any(frame[10:] != bytes(640) for frame in frames), "it is music, not silence"
    assert 0.5 < took < 5, f"25 frames of 40 ms took {took:.2f} s"
    assert listener.hears_nothing_of("stream/frame") and not listener.frames

    assert decoder.ask("stream/close")["payload"] == {}
    decoder.frames.clear()
    decoder.ask("presence/ping")
    assert not decoder.frames


def test_a_decoder_has_the_music_and_no_chat(client):
    decoder = client("decoder")
    refused = decoder.ask("chat/join", room=room())["error"]
    assert (refused["code"], refused["needs"]) == ("not_allowed", ["listener", "mixer"])
    assert decoder.ask("stream/open")["payload"]["quality"] == "normal"
    assert len(decoder.frame()) == 10 + 1280


def test_others_hear_of_a_new_status_and_of_a_person_who_left(client):
    ann, bob = client("listener"), client("listener")
    assert ann.ask("presence/set", status="busy", note="on air")["payload"] == {}
    changed = bob.event("presence/status_changed")
    assert changed["user"] == ann.session["user"]
    assert (changed["status"], changed["note"]) == ("busy", "on air")
    assert ann.hears_nothing_of("presence/status_changed")
    listed = {person["user"]: person for person in bob.ask("presence/list")["payload"]}
    assert listed[ann.session["user"]]["status"] == "busy"
    assert "note" not in listed[bob.session["user"]]

    ann.close()
    gone = bob.event("presence/status_changed")
    assert (gone["user"], gone["status"]) == (ann.session["user"], "offline")


def test_accounts_are_still_there_after_a_restart(own_studio):
    first = own_studio()
    session = first.client().register()
    first.terminate()
    assert first.wait()[0] == 0
    again = own_studio().client().ask("accounts/login", username=session["username"], password=PASSWORD)
    assert again["payload"]["user"] == session["user"]
