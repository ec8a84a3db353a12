"""What the wire promises: envelope forms, every refusal, and what hostile input gets."""

import json
import random
import socket

import pytest
from websockets.exceptions import ConnectionClosed

from studio import PASSWORD, SECONDS


def code(answer):
    return answer["error"]["code"]


# ---------------------------------------------------------------- envelopes


def test_the_three_envelope_forms_mean_the_same(client):
    one = client("listener")
    plain = {"name": "mixer/volume_up", "payload": {"channel": 20, "step": 1}}
    flat = {"name": "mixer/volume_up", "channel": 20, "step": 1}
    nested = {"name": {"mixer": {"name": "volume_up"}}, "payload": {"channel": 20, "step": 1}}
    levels = [one.answer_to(form)["payload"]["level"] for form in (plain, flat, nested)]
    assert levels == [51.0, 52.0, 53.0]


def test_keys_of_an_envelope_may_stand_in_any_order(client):
    one = client()
    one.send('{"payload":{},"id":77,"name":"presence/ping"}')
    assert one.receive() == {"re": 77, "payload": {}}
    one.send(' {\n"id" : 78 , "name" : "presence\\/ping" } ')
    assert one.receive() == {"re": 78, "payload": {}}


def test_a_message_without_fields_may_leave_its_payload_out(client):
    one = client()
    assert one.answer_to({"name": "presence/ping"})["payload"] == {}


def test_a_message_without_an_id_runs_and_is_not_answered(client):
    one = client("mixer")
    one.tell("mixer/volume_up", channel=21)
    assert one.event("mixer/level_changed")["level"] == 51.0
    assert one.hears_nothing_of(None)


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        '"presence/ping"',
        "{",
        '{"name":"presence/ping"',
        '{"name":"presence/ping"}{"name":"presence/ping"}',
        '{"name":"presence/ping","name":"presence/ping"}',
        '{"name":"presence/ping","n\\u0061me":"accounts/logout"}',
        '{"name":"presence/ping","payload":{},"payload":{}}',
        '{"name":7}',
        '{"id":1}',
        '{"name":"presence/ping","id":0}',
        '{"name":"presence/ping","id":-1}',
        '{"name":"presence/ping","id":"1"}',
        '{"name":"presence/ping","id":1.5}',
        '{"name":"presence/ping","payload":' + "[" * 5000 + "]" * 5000 + "}",
        "{'name':'presence/ping'}",
        '\ufeff{"name":"presence/ping"}',
        '{"name":"presence/ping","payload":{"x":"\\ud800"}}',
    ],
)
def test_text_that_is_no_envelope_is_malformed_and_the_connection_stays(client, text):
    one = client()
    one.send(text)
    answer = one.receive()
    assert code(answer) == "malformed", answer
    assert one.ask("presence/ping")["payload"] == {}


def test_an_unknown_name_is_refused_with_the_nearest_one(client):
    answer = client().ask("accounts/logn")
    assert code(answer) == "unknown_message"
    assert answer["error"]["nearest"] == "accounts/login"


def test_every_violation_of_a_payload_is_told_at_once_and_no_secret_is_echoed(client):
    answer = client().ask(
        "accounts/register", username="no spaces!", password="hush", **{"as": "singer"}, extra=True
    )
    assert code(answer) == "invalid_payload"
    violations = {violation["at"]: violation for violation in answer["error"]["violations"]}
    assert {at: v["rule"] for at, v in violations.items()} == {
        "/username": "match",
        "/password": "len",
        "/as": "one_of",
        "/extra": "unknown_key",
    }
    assert violations["/username"]["got"] == "no spaces!"
    assert "8..=128" in violations["/password"]["want"]
    assert "hush" not in json.dumps(answer)


def test_a_missing_field_is_named(client):
    answer = client().ask("accounts/login", username="ann")
    violation = {"at": "/password", "rule": "required"}
    assert violation.items() <= answer["error"]["violations"][0].items()


def test_anonymous_may_only_sign_in_and_ping(client):
    one = client()
    answer = one.ask("chat/join", room="lobby")
    assert code(answer) == "not_now"
    assert answer["error"]["state"] == "anonymous"
    assert set(answer["error"]["allowed"]) == {
        "accounts/register",
        "accounts/login",
        "accounts/resume",
        "presence/ping",
    }
    assert one.ask("presence/ping")["payload"] == {}


def test_who_is_signed_in_may_not_sign_in_again(client):
    one = client("listener")
    answer = one.ask("accounts/login", username=one.session["username"], password=PASSWORD)
    assert code(answer) == "not_now"


def test_a_role_that_may_not_is_told_which_may(client):
    answer = client("decoder").ask("mixer/volume_up", channel=1)
    assert (code(answer), answer["error"]["needs"]) == ("not_allowed", ["listener", "mixer"])


def test_a_wrong_password_is_a_declared_refusal(client):
    session = client().register()
    for username in (session["username"], "nobody-of-this-name"):
        answer = client().ask("accounts/login", username=username, password="not the password")
        assert answer["error"] == {"code": "refused", "kind": "wrong_password"}


def test_a_flood_is_slowed_down_and_told_when_to_go_on(client):
    one = client()
    for number in range(1, 351):
        one.send(json.dumps({"name": "presence/ping", "id": number}))
    answers = [one.answer(number) for number in range(1, 351)]
    good = [answer for answer in answers if "payload" in answer]
    refused = [answer for answer in answers if "error" in answer]
    assert len(good) >= 100, "a hundred messages in a second pass"
    assert refused and {code(answer) for answer in refused} == {"rate_limited"}
    assert all(answer["error"]["retry_after_ms"] >= 1 for answer in refused)


def test_a_handler_that_takes_too_long_is_a_timeout(client):
    one = client("listener")
    assert code(one.ask("mixer/next_change", channel=30)) == "timeout"
    assert one.ask("presence/ping")["payload"] == {}


def test_a_message_that_waits_is_taken_back(client):
    one = client("listener")
    one.send('{"name":"mixer/next_change","id":900,"payload":{"channel":28}}')
    one.send('{"cancel":900}')
    assert code(one.answer(900)) == "cancelled"
    assert one.ask("presence/ping")["payload"] == {}


def test_a_handler_that_waits_is_answered_when_the_fader_moves(client):
    waiting, mixer = client("listener"), client("mixer")
    waiting.send('{"name":"mixer/next_change","id":900,"payload":{"channel":29}}')
    assert waiting.socket.ping().wait(timeout=SECONDS)  # read behind the message: its handler waits now
    level = mixer.ask("mixer/volume_up", channel=29, step=0.5)["payload"]
    assert waiting.answer(900)["payload"] == level


def test_a_message_over_its_own_limit_is_too_large_and_the_connection_stays(client):
    one = client("listener")
    answer = one.ask("presence/set", status="busy", note="x" * 2000)
    assert (code(answer), answer["error"]["limit"]) == ("too_large", 1024)
    assert one.ask("presence/ping")["payload"] == {}


def test_a_log_that_cannot_be_written_stops_no_fader(own_studio, tmp_path):
    (tmp_path / "changes.jsonl").mkdir()  # `log::record` cannot write here
    studio = own_studio()
    mixer, listener = studio.client(), studio.client()
    mixer.register("mixer")
    listener.register("listener")
    answer = mixer.ask("mixer/volume_up", channel=2, step=1)
    assert answer["payload"] == {"channel": 2, "level": 51.0}, "what may fail fails alone"
    assert listener.event("mixer/level_changed")["level"] == 51.0
    assert mixer.ask("mixer/levels")["payload"][2]["level"] == 51.0
    studio.terminate()
    status, errors = studio.wait()
    assert status == 0
    assert "log::record" in errors, "the operator reads that it failed"


def test_what_was_done_to_the_desk_is_written_down(own_studio, tmp_path):
    studio = own_studio()
    mixer = studio.client()
    session = mixer.register("mixer")
    mixer.ask("mixer/volume_up", channel=2)
    mixer.ask("mixer/volume_down", channel=2)
    lines = [json.loads(line) for line in (tmp_path / "changes.jsonl").read_text().splitlines()]
    assert [(line["by"], line["message"]) for line in lines] == [
        (session["user"], "mixer/volume_up"),
        (session["user"], "mixer/volume_down"),
    ]


def test_sigterm_refuses_what_is_new_finishes_what_runs_and_ends_with_zero(own_studio):
    studio = own_studio()
    one = studio.client()
    one.register("listener")
    one.send('{"name":"mixer/next_change","id":500,"payload":{"channel":3}}')
    # The pong comes behind the message that was read before it: the handler of 500 runs now.
    assert one.socket.ping().wait(timeout=SECONDS)
    studio.terminate()
    wait_until_refused(studio.address)
    # Those that are connected hear of the end a moment after the door was closed; what comes in this moment is still done.
    refused, answers = None, {}
    for number in range(501, 690):  # no more than the rate allows at once
        one.send(f'{{"name":"presence/ping","id":{number}}}')
        while number not in answers:
            envelope = one.receive()
            answers[envelope.get("re")] = envelope
        if "error" in answers[number]:
            refused = code(answers[number])
            break
    assert refused == "shutting_down"
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            envelope = one.receive()
            answers[envelope.get("re")] = envelope
    assert code(answers[500]) == "timeout"
    assert closed.value.rcvd.code == 1001
    assert studio.wait()[0] == 0


def wait_until_refused(address):
    host, port = address.split(":")
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except ConnectionResetError:
            continue  # it was waiting to be accepted when the listener closed
        except ConnectionRefusedError:
            return


# ---------------------------------------------------------------- hostile input


def test_binary_garbage_is_refused_and_the_connection_stays(client):
    one = client("listener")
    chance = random.Random(seed := random.randrange(2**32))
    print("seed", seed)
    for size in (0, 1, 2, 10, 1000):
        one.socket.send(chance.randbytes(size))
        answer = one.receive()
        assert answer["re"] is None and code(answer) in ("malformed", "unknown_message"), answer
    assert one.ask("presence/ping")["payload"] == {}


def test_a_message_over_the_connections_limit_closes_it_with_1009(client):
    one = client()
    one.send('{"name":"presence/ping","payload":"' + "x" * 70_000 + '"}')
    with pytest.raises(ConnectionClosed) as closed:
        one.receive()
    assert closed.value.rcvd.code == 1009


def test_text_that_is_no_utf8_closes_with_1007(client):
    one = client()
    one.socket.send(b"\xff\xfe", text=True)
    with pytest.raises(ConnectionClosed) as closed:
        one.receive()
    assert closed.value.rcvd.code == 1007
