"""One studio for all tests that leave it as it was; clients that are closed behind each test."""

import sys

import pytest

from generated import RUNTIME
from studio import Studio

sys.path.insert(0, str(RUNTIME))


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    running = Studio(tmp_path_factory.mktemp("studio"))
    yield running
    running.stop()


@pytest.fixture
def own_studio(tmp_path):
    """A studio of the test's own, with its data folder in `tmp_path`."""
    started = []

    def start():
        started.append(Studio(tmp_path))
        return started[-1]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
def client(studio):
    """Makes clients of the shared studio."""
    opened = []

    def make(role=None):
        one = studio.client()
        opened.append(one)
        if role:
            one.register(role)
        return one

    yield make
    for one in opened:
        one.close()
