"""Clients as `wsr generate python` writes them, below a folder of this test run."""

import functools
import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[3]
# The runtime as it is in the compiler, for tests of it alone.
RUNTIME = ROOT / "crates/wsr-compiler/src/generate/client/python"


@functools.cache
def folder():
    """Where they are, each in a folder of its own."""
    made = tempfile.TemporaryDirectory(prefix="wsr-clients-")
    folder.made = made  # it goes with the run
    return Path(made.name)


@functools.cache
def package(protocol):
    """Generates the client of a file below the root; its folder and the name of its package."""
    out = folder() / Path(protocol).as_posix().replace("/", "-").removesuffix(".wsr")
    subprocess.run([os.environ["WSR"], "generate", "python", ROOT / protocol, "--out", out], check=True, capture_output=True)
    return out, next(path.parent.name for path in out.glob("*/py.typed"))


def module(protocol):
    """The client, imported."""
    out, name = package(protocol)
    if str(out) not in sys.path:
        sys.path.insert(0, str(out))
    return importlib.import_module(name)


def plan(protocol):
    """The plan of a protocol."""
    return importlib.import_module(f"{module(protocol).__name__}._protocol").PROTOCOL.plan
