"""The conversations that every client has to hold, held by the machine inside of the generated ones."""

import json
from pathlib import Path

import pytest

from generated import plan
from runtime.check import ABSENT
from runtime.machine import Machine, Settings
from runtime.schema import Schema

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"


@pytest.fixture(scope="module")
def schema():
    return Schema(plan("tests/clients/transcripts/protocol.wsr"))


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.transcript")), ids=lambda path: path.stem)
def test_the_machine_holds_the_conversation(path, schema):
    steps = conversation(path.read_text().splitlines())
    machine = Machine(schema, Settings(**steps.pop(0)), random=lambda: 0.5)
    for line, what, wanted in steps:
        tell(machine, what)
        said = [shown(output) for output in machine.outputs]
        machine.outputs.clear()
        assert said == wanted, f"{path.name}:{line}: {what}"


def conversation(lines):
    """The settings, then each input with its line and what has to come of it."""
    settings, steps = {}, []
    for number, line in enumerate(lines, 1):
        mark, _, text = line.partition(" ")
        if mark == "=":
            settings = json.loads(text)
        elif mark == ">":
            steps.append((number, text, []))
        elif mark == "<":
            steps[-1][2].append(values(text))
        else:
            assert mark in ("#", ""), f"line {number}: {line}"
    return [settings, *steps]


def values(text):
    """A name, then words and JSON values."""
    name, _, rest = text.partition(" ")
    found, decoder = [name], json.JSONDecoder()
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except ValueError:
            value, end = None, 0
        if not end or rest[end : end + 1] not in ("", " "):
            value, _, _ = rest.partition(" ")
            end = len(value)
        found.append(value)
        rest = rest[end:].lstrip(" ")
    return found


def tell(machine, what):
    name, _, text = what.partition(" ")
    given = values(what)[1:]
    if name == "text" or name == "raw":
        machine.text(text)
    elif name == "binary":
        machine.binary(bytes.fromhex(text))
    elif name in ("call", "direct"):
        key, message, payload = given[:3]
        timeout = given[3]["timeout_ms"] if len(given) > 3 else None
        machine.call(key, message, ABSENT if payload is None else payload, timeout, direct=name == "direct")
    else:
        getattr(machine, name)(*given)


def shown(output):
    name, *rest = output
    if name == "send":
        return [name, json.loads(rest[0])]
    if name == "binary":
        return [name, rest[0].hex()]
    return [name, *(item for item in rest if item != {} or name != "state")]
