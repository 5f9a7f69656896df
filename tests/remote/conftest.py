from __future__ import annotations

import pytest
import responses

from automation.remote import Connection, GitLabReader, GitLabWriter
from tests.remote.remote_world import TOKEN, URL, StillTime


@pytest.fixture
def still():
    return StillTime()


@pytest.fixture
def server():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def gl():
    with Connection(URL, TOKEN).open() as client:
        yield client


@pytest.fixture
def reader(gl, still):
    return GitLabReader(gl, still.pacer())


@pytest.fixture
def writer(gl, still):
    return GitLabWriter(gl, still.pacer())
