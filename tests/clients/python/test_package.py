"""What is generated is a package like any other: typed, and to be installed from its folder."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from generated import ROOT, package
from runtime.check import ABSENT, Checker
from runtime.schema import Schema

NASTY = "tests/clients/python/nasty.wsr"
TYPED = Path(__file__).parent / "typed"
CASES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("crates/codegen-tests/cases/*.wsr"))


def mypy(out, *files, cache, version="3.10"):
    """What mypy says, in its strictest mode, of files that find a package in a folder."""
    command = [sys.executable, "-m", "mypy", "--strict", "--python-version", version, "--cache-dir", cache, *files]
    said = subprocess.run(command, cwd=out, env={"MYPYPATH": str(out)}, capture_output=True, text=True)
    assert said.stderr == "", said.stderr
    return said.stdout


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("mypy")


@pytest.mark.parametrize("protocol", ["routes.wsr", "tests/clients/transcripts/protocol.wsr", NASTY, *CASES])
def test_a_package_has_no_type_errors(protocol, cache):
    out, name = package(protocol)
    assert mypy(out, name, cache=cache).startswith("Success")


def test_the_right_use_of_it_has_none(cache):
    out, _ = package("routes.wsr")
    assert mypy(out, TYPED / "right.py", cache=cache, version="3.11").startswith("Success")


def test_the_example_of_the_readme_has_none(cache, tmp_path):
    out, _ = package("routes.wsr")
    example = tmp_path / "example.py"
    example.write_text(re.search(r"## A client in Python.*?```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1])
    assert mypy(out, example, cache=cache).startswith("Success")


def test_each_mistake_is_reported(cache):
    out, _ = package("routes.wsr")
    said = mypy(out, TYPED / "wrong.py", cache=cache)
    found = {}
    for line, code in re.findall(r"wrong\.py:(\d+): error: .*\[([a-z-]+)\]", said):
        found.setdefault(int(line), set()).add(code)
    wanted = {}
    for number, line in enumerate((TYPED / "wrong.py").read_text().splitlines(), 1):
        if marked := re.search(r"  # ([a-z -]+)$", line):
            wanted[number] = set(marked[1].split())
    assert {number: bool(found.get(number, set()) & codes) for number, codes in wanted.items()} == dict.fromkeys(wanted, True), said
    assert found.keys() == wanted.keys(), said


@pytest.mark.parametrize("protocol", [NASTY, *CASES])
def test_a_package_is_imported_and_says_hello(protocol):
    """In a process of its own: several are called alike."""
    out, name = package(protocol)
    code = f"import {name}, {name}.types; print({name}._PROTOCOL.plan)"
    plan = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=out, check=True, capture_output=True, text=True).stdout
    schema = Schema(plan)
    assert set(schema.hello()["messages"]) == set(schema.messages)
    # And all types of it are understood.
    for message in schema.messages.values():
        Checker(schema).payload(message, ABSENT)


def test_no_text_of_an_author_is_run(tmp_path):
    out, name = package(NASTY)
    code = f"import {name}; print({name}.Nasty.__doc__)"
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(out)}, check=True, capture_output=True, text=True)
    assert said.stdout.splitlines()[0] == '""" + __import__("pathlib").Path("was_run").touch() + """ \\'
    assert not (tmp_path / "was_run").exists()


def test_it_is_installed_from_its_folder(tmp_path):
    out, name = package("routes.wsr")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", out]
    subprocess.run(install, check=True, capture_output=True, text=True)
    code = (
        f"import {name}, importlib.resources as files, importlib.metadata as data;"
        f"assert files.files({name}).joinpath('py.typed').is_file();"
        f"print({name}.__file__, data.version('studio-client'), data.requires('studio-client'))"
    )
    said = subprocess.run([python, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert said.startswith(str(tmp_path)) and "0.1.0 ['websockets" in said


def test_generating_twice_changes_nothing():
    out, _ = package("routes.wsr")
    check = [os.environ["WSR"], "generate", "python", ROOT / "routes.wsr", "--out", out, "--check"]
    assert subprocess.run(check, capture_output=True, text=True).returncode == 0
