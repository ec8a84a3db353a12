"""Who hears what, when, and with which promise: told from outside, with restarts and power cuts."""

import json
import threading
import uuid


def room(prefix="room"):
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def texts(client, count):
    return [client.event("chat/posted")["text"] for _ in range(count)]


# ---------------------------------------------------------------- notes wait


def test_a_note_that_is_sent_twice_with_one_key_arrives_once(client):
    ann, bob = client("listener"), client("listener")
    note = {"to": bob.session["user"], "text": "psst", "key": str(uuid.uuid4())}
    assert ann.ask("direct/send", **note)["payload"] == {}
    assert ann.ask("direct/send", **note)["payload"] == {}
    assert bob.event("direct/note")["text"] == "psst"
    assert bob.hears_nothing_of("direct/note")


def test_a_note_waits_for_somebody_who_is_away(client):
    ann, bob = client("listener"), client("listener")
    session = bob.session
    bob.close()
    for number in range(3):
        assert ann.ask("direct/send", to=session["user"], text=f"note {number}", key=str(uuid.uuid4()))["payload"] == {}
    back = client()
    assert "payload" in back.login(session)
    assert [back.event("direct/note")["text"] for _ in range(3)] == ["note 0", "note 1", "note 2"]
    again = client()
    again.login(session)
    assert again.hears_nothing_of("direct/note"), "a note that was given once is not given again"


def test_notes_survive_a_power_cut(own_studio):
    first = own_studio()
    ann, bob = first.client(), first.client()
    ann.register()
    session = bob.register()
    bob.close()
    for number in range(20):
        assert ann.ask("direct/send", to=session["user"], text=str(number), key=str(uuid.uuid4()))["payload"] == {}
    first.kill()
    back = own_studio().client()
    back.login(session)
    assert [back.event("direct/note")["text"] for _ in range(20)] == [str(number) for number in range(20)]


# ---------------------------------------------------------------- rooms remember


def join(client, lobby, since=None):
    """The answer to a join: its payload and the room's position."""
    more = {"since": [since]} if since else {}
    answer = client.answer_to({"name": "chat/join", "payload": {"room": lobby}, **more})
    (position,) = [one for one in answer["positions"] if one.get("topic", "").startswith("chat/rooms/")]
    return answer["payload"], position


def since(position, offset=None):
    offset = position["offset"] if offset is None else offset
    return {"topic": position["topic"], "epoch": position["epoch"], "offset": offset}


def test_whoever_comes_back_gets_exactly_what_was_missed(client):
    ann, bob = client("listener"), client("listener")
    lobby = room()
    _, start = join(ann, lobby)
    join(bob, lobby)
    bob.ask("chat/send", room=lobby, text="seen")
    assert texts(ann, 1) == ["seen"]
    ann.close()
    for number in range(10):
        bob.ask("chat/send", room=lobby, text=str(number))
    back = client()
    back.login(ann.session)
    _, position = join(back, lobby, since(start, start["offset"] + 1))
    assert position["recovered"] is True
    assert position["epoch"] == start["epoch"]
    bob.ask("chat/send", room=lobby, text="live")
    assert texts(back, 11) == [str(number) for number in range(10)] + ["live"]


def test_what_cannot_be_made_good_is_said(client):
    ann = client("listener")
    lobby = room()
    _, start = join(ann, lobby)
    for wrong in (
        {**since(start), "epoch": "0" * 16},
        since(start, start["offset"] + 1000),
    ):
        ann.ask("chat/leave", room=lobby)
        _, position = join(ann, lobby, wrong)
        assert position["recovered"] is False
    assert ann.hears_nothing_of("chat/posted")


def test_a_room_survives_a_power_cut_without_a_silent_gap(own_studio):
    running = own_studio()
    ann = running.client()
    session = ann.register()
    lobby = room()
    _, start = join(ann, lobby)
    for number in range(50):
        ann.tell("chat/send", room=lobby, text=str(number))
    heard = texts(ann, 30)
    running.kill()
    back = own_studio().client()
    back.login(session)
    _, position = join(back, lobby, since(start, start["offset"] + len(heard)))
    assert position["recovered"] is True
    assert position["epoch"] == start["epoch"]
    missed = position["offset"] - start["offset"] - len(heard)
    assert heard + texts(back, missed) == [str(number) for number in range(len(heard) + missed)]


def test_a_join_is_answered_before_the_first_event_and_misses_none_behind_it(client):
    """Somebody writes without a pause while another one comes and goes."""
    writer, guest = client("listener"), client("listener")
    lobby = room()
    writer.ask("chat/join", room=lobby)
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set() and number < 5_000:
            answer = writer.ask("chat/send", room=lobby, text=str(number))
            number += "payload" in answer

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(15):
            guest.events.clear()
            _, position = join(guest, lobby)
            assert not any(one.get("name") == "chat/posted" for one in guest.events), "an event before the answer"
            offsets = []
            while len(offsets) < 3:
                envelope = guest.receive()
                if envelope.get("name") == "chat/posted":
                    offsets.append(envelope["offset"])
            assert offsets == list(range(position["offset"] + 1, position["offset"] + 4))
            guest.ask("chat/leave", room=lobby)
            guest.events.clear()
            guest.ask("presence/ping")
            assert not any(one.get("name") == "chat/posted" for one in guest.events), "an event behind the leave"
    finally:
        stop.set()
        thread.join()


# ---------------------------------------------------------------- who is here


def test_a_room_tells_who_is_here_who_comes_and_who_goes(client):
    ann, bob = client("listener"), client("listener")
    lobby = room()
    topic = f"chat/rooms/{lobby}"
    ann.ask("chat/join", room=lobby)
    assert [one["who"] for one in ann.event("chat/rooms#here")["members"]] == [ann.session["user"]]
    bob.ask("chat/join", room=lobby)
    assert ann.event("chat/rooms#joined") == {"topic": topic, "who": bob.session["user"]}
    here = {one["who"] for one in bob.event("chat/rooms#here")["members"]}
    assert here == {ann.session["user"], bob.session["user"]}

    second = client()
    second.login(bob.session)
    second.ask("chat/join", room=lobby)
    assert ann.hears_nothing_of("chat/rooms#joined"), "two connections are one person"
    bob.close()
    assert ann.hears_nothing_of("chat/rooms#left")
    second.close()
    assert ann.event("chat/rooms#left") == {"topic": topic, "who": bob.session["user"]}


def test_a_room_of_the_desk_lets_mixers_alone_in(client):
    lobby = room("desk")
    refused = client("listener").ask("chat/join", room=lobby)["error"]
    assert (refused["code"], refused["topic"]) == ("not_allowed", f"chat/rooms/{lobby}")
    assert "payload" in client("mixer").ask("chat/join", room=lobby)


# ---------------------------------------------------------------- asking and being asked


def test_the_server_asks_a_guest_and_tells_the_host(client):
    ann, bob = client("listener"), client("listener")
    lobby = room()
    ann.ask("chat/join", room=lobby)
    for coming in (True, False):
        ann.send(json.dumps({"name": "chat/invite", "id": 100, "payload": {"room": lobby, "user": bob.session["user"]}}))
        asked = bob.question("chat/invitation")
        assert asked["payload"]["username"] == ann.session["username"]
        bob.send(json.dumps({"re": asked["ask"], "payload": {"coming": coming}}))
        assert ann.answer(100)["payload"] == {"coming": coming}
    refused = ann.ask("chat/invite", room=lobby, user=str(uuid.uuid4()))["error"]
    assert refused["kind"] == "not_here"


def test_waiting_holds_nothing_up_and_can_be_taken_back(client):
    ann = client("mixer")
    ann.send(json.dumps({"name": "mixer/next_change", "id": 200, "payload": {"channel": 30}}))
    assert ann.ask("presence/ping")["payload"] == {}
    ann.send(json.dumps({"cancel": 200}))
    assert ann.answer(200)["error"]["code"] == "cancelled"


def test_what_was_done_to_the_desk_is_read_as_a_stream(client):
    ann = client("mixer")
    for _ in range(5):
        ann.ask("mixer/volume_up", channel=11, step=0.5)
    changes = [one for one in ann.items("log/read") if one.get("by") == ann.session["user"]]
    assert [one["message"] for one in changes] == ["mixer/volume_up"] * 5


def test_one_question_at_a_time_in_a_room_and_for_its_members_alone(client):
    ann, bob, eve = (client("listener") for _ in range(3))
    lobby = room()
    for one in (ann, bob):
        one.ask("chat/join", room=lobby)
    question = {"text": "Tea?", "choices": ["yes", "no"]}
    assert ann.ask("poll/vote", room=lobby, choice=0)["error"]["code"] == "not_now"
    assert eve.ask("poll/open", room=lobby, question=question)["error"]["code"] == "not_allowed"
    assert ann.ask("poll/open", room=lobby, question=question)["payload"] == {}
    assert bob.event("poll/opened")["question"] == question
    refused = bob.ask("poll/open", room=lobby, question=question)["error"]
    assert (refused["code"], refused["state"]) == ("not_now", "voting")
    assert bob.ask("poll/vote", room=lobby, choice=1)["payload"] == {}
    assert ann.event("poll/counted")["votes"] == [0, 1]
    assert ann.ask("poll/close", room=lobby)["payload"] == [0, 1]
    assert bob.ask("poll/vote", room=lobby, choice=1)["error"]["code"] == "not_now"
