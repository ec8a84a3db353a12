"""What generated clients check, held to what the server says of the same values."""

import importlib
import json
import os
import subprocess
from pathlib import Path

import pytest

from generated import ROOT, module, plan
from runtime import binary
from runtime.check import Checker
from runtime.jsontext import NoJson, read
from runtime.schema import Schema

CORPORA = sorted(Path(__file__).parents[1].glob("values/*.jsonl"))


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda path: path.stem)
def test_values_are_judged_as_the_server_judges_them(corpus):
    first, *lines = corpus.read_text().split("\n")
    protocol = json.loads(first)["wsr"]
    schema, names = Schema(plan(protocol)), type_names(protocol)
    judged = [judge(schema, names, json.loads(line)) for line in lines if line]
    wrong = [(line, found) for line, found in zip(lines, judged) if found]
    assert not wrong, f"{len(wrong)} of {len(judged)}: " + "\n".join(map(str, wrong[:10]))
    assert sum(found is None for found in judged) > len(judged) / 2, "most lines are about values that Python can have"


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda path: path.stem)
def test_values_become_objects_and_are_the_same_again(corpus):
    first, *lines = corpus.read_text().split("\n")
    protocol = json.loads(first)["wsr"]
    generated = importlib.import_module(f"{module(protocol).__name__}._protocol").PROTOCOL
    schema, names = Schema(generated.plan), type_names(protocol)
    convert = importlib.import_module(f"{module(protocol).__name__}._runtime.convert")
    converter = convert.Converter(schema, generated.classes, generated.role)
    count = 0
    for line in map(json.loads, filter(None, lines)):
        if "written" in line and not has_twins(line["text"]):
            raw, written = {"is": "ref", "to": names.index(line["type"])}, json.loads(line["written"])
            value = converter.read(raw, Checker(schema).value(raw, read(line["text"])))
            assert converter.value(raw, value) == written, (line, value)
            count += 1
    assert count > 10


def type_names(protocol):
    """The names of the types, which plans have not, in the order that both have."""
    command = [os.environ["WSR"], "contract", ROOT / protocol]
    contract = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [ty["name"] for ty in contract["types"]]


def judge(schema, names, line):
    """What is wrong with what we say of a value; `None` when nothing is, `False` when we cannot say it."""
    checker = Checker(schema)
    if "binary" in line:
        data = bytes.fromhex(line["binary"])
        value = binary.read(schema, schema.messages[line["message"]], data[1:], checker)
    else:
        try:
            value = read(line["text"])
        except NoJson:
            return None if line["verdict"] == "malformed" else "no JSON"
        if has_twins(line["text"]) or line["verdict"] == "malformed":
            return False
        if "message" in line:
            value = checker.payload(schema.messages[line["message"]], value)
        else:
            value = checker.value({"is": "ref", "to": names.index(line["type"])}, value)
    said = {"verdict": "taken" if checker.sound else "refused"}
    if checker.violations:
        said["violations"] = [vars(violation) for violation in checker.violations]
    if checker.omitted:
        said["omitted"] = checker.omitted
    if "written" in line and checker.sound:
        said["written"] = value
        line = {**line, "written": json.loads(line["written"])}
    wanted = {key: line[key] for key in ("verdict", "violations", "omitted", "written") if key in line}
    return None if said == wanted else said


def has_twins(text):
    """Whether a key comes twice somewhere, which no dict can have."""
    found = []

    def look(pairs):
        found.append(len(dict(pairs)) < len(pairs))

    json.loads(text, object_pairs_hook=look, parse_int=float)
    return any(found)
