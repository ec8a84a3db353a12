"""A running studio, and a client that speaks to it with the `websockets` library."""

import itertools
import json
import os
import re
import signal
import subprocess
import uuid

from websockets.sync.client import connect

PASSWORD = "correct horse battery"
SECONDS = 30


class Studio:
    """The studio's binary on a free port of the loopback interface."""

    def __init__(self, data):
        self.process = subprocess.Popen(
            [os.environ["STUDIO"], "--listen", "127.0.0.1:0", "--data", str(data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        first = self.process.stdout.readline()
        found = re.search(r"http://(127\.0\.0\.1:\d+)", first)
        assert found, f"the studio did not say where it listens: {first!r} {self.process.stderr.read()!r}"
        self.address = found.group(1)
        self.url = f"ws://{self.address}/ws"

    def client(self):
        return Client(self.url)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        """The exit status, and what was written to standard error."""
        _, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, errors

    def kill(self):
        """As a power cut does it: no goodbye, nothing written any more."""
        self.process.kill()
        self.process.communicate(timeout=SECONDS)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate(timeout=SECONDS)


class Client:
    """One connection. Events that come while an answer is awaited are kept for `event`."""

    def __init__(self, url):
        self.socket = connect(url, max_size=None, legacy=True)
        self.ids = itertools.count(1)
        self.events = []
        self.frames = []
        self.session = None

    def send(self, text):
        self.socket.send(text)

    def tell(self, name, **payload):
        self.send(json.dumps({"name": name, "payload": payload}))

    def ask(self, name, **payload):
        """The whole answer to a plain message."""
        return self.answer_to({"name": name, "payload": payload})

    def answer_to(self, envelope):
        """The whole answer to an envelope, which gets an id."""
        number = next(self.ids)
        self.send(json.dumps({**envelope, "id": number}))
        return self.answer(number)

    def answer(self, number):
        while True:
            envelope = self.receive()
            if "re" in envelope and envelope["re"] == number:
                return envelope
            self.events.append(envelope)

    def receive(self):
        """The next text frame; binary ones are kept for `frame`."""
        while True:
            data = self.socket.recv(timeout=SECONDS)
            if isinstance(data, str):
                return json.loads(data)
            self.frames.append(data)

    def event(self, name):
        """The payload of the next event of this name."""
        for at, envelope in enumerate(self.events):
            if envelope.get("name") == name:
                return self.events.pop(at)["payload"]
        while True:
            envelope = self.receive()
            if envelope.get("name") == name:
                return envelope["payload"]
            self.events.append(envelope)

    def question(self, name):
        """The next question of the server with this name, whole."""
        for at, envelope in enumerate(self.events):
            if envelope.get("name") == name and "ask" in envelope:
                return self.events.pop(at)
        while True:
            envelope = self.receive()
            if envelope.get("name") == name and "ask" in envelope:
                return envelope
            self.events.append(envelope)

    def items(self, name, **payload):
        """All items of a streamed answer."""
        number = next(self.ids)
        self.send(json.dumps({"name": name, "id": number, "payload": payload}))
        while not (answer := self.answer(number)).get("done"):
            assert "error" not in answer, answer
            yield answer["item"]

    def login(self, session, **more):
        """Signs in again as somebody who has registered; the whole answer."""
        payload = {"username": session["username"], "password": PASSWORD}
        self.session = session
        return self.answer_to({"name": "accounts/login", "payload": payload, **more})

    def frame(self):
        """The next binary frame."""
        while not self.frames:
            data = self.socket.recv(timeout=SECONDS)
            if isinstance(data, bytes):
                self.frames.append(data)
            else:
                self.events.append(json.loads(data))
        return self.frames.pop(0)

    def hears_nothing_of(self, name):
        """Whether no event of this name has come by the time that a later ping is answered."""
        assert self.ask("presence/ping")["payload"] == {}
        return all(envelope.get("name") != name for envelope in self.events)

    def register(self, role="listener", username=None):
        username = username or f"user-{uuid.uuid4().hex[:12]}"
        answer = self.ask("accounts/register", username=username, password=PASSWORD, **{"as": role})
        self.session = answer["payload"]
        return self.session

    def close(self):
        self.socket.close()
