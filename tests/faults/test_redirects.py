"""Redirects: never followed, so that no token, signature or body goes to another host."""

from __future__ import annotations

from typing import Any

import pytest

from ivs_async import UnexpectedResponse
from ivs_async._aws.operation import Operation
from ivs_async.operations import GET_CHANNEL, LIST_TAGS_FOR_RESOURCE, PUT_METADATA, UNTAG_RESOURCE
from tests.faults.client import ARN, CHANNEL, call, open_session
from tests.wire import Wire, answer

CODES = [300, 301, 302, 303, 305, 307, 308]


@pytest.mark.parametrize("status", CODES)
@pytest.mark.parametrize(
    "operation",
    [GET_CHANNEL, PUT_METADATA, LIST_TAGS_FOR_RESOURCE, UNTAG_RESOURCE],
    ids=lambda operation: operation.name,
)
async def test_a_redirect_goes_nowhere(status: int, operation: Operation[Any]) -> None:
    """Whatever the code and the verb, the other server hears nothing and the caller learns it."""
    async with Wire(CHANNEL) as other:
        step = answer(status, b"", {"Location": f"{other.url}/elsewhere"})
        async with Wire(step) as wire, open_session(wire) as ivs:
            with pytest.raises(UnexpectedResponse) as caught:
                await call(ivs, operation)
    assert caught.value.status == status
    assert len(wire.requests) == 1
    assert other.connections == 0


@pytest.mark.parametrize(
    "location",
    [
        "{other}/GetChannel",
        "http://localhost:{port}/GetChannel",
        "https://127.0.0.1:{port}/GetChannel",
        "//127.0.0.1:{port}/GetChannel",
        "/elsewhere",
        "ftp://127.0.0.1/x",
        "not a url \x7f",
        None,
    ],
    ids=["port", "host", "scheme", "without scheme", "path", "protocol", "nonsense", "nowhere"],
)
@pytest.mark.parametrize("status", [301, 307])
async def test_no_target_of_a_redirect_is_followed(status: int, location: str | None) -> None:
    """Another port, host or scheme, the same server, or no place at all: one error each."""
    async with Wire(CHANNEL) as other:
        headers = {}
        if location is not None:
            headers["Location"] = location.format(other=other.url, port=other.port)
        async with Wire(answer(status, b"", headers)) as wire, open_session(wire) as ivs:
            with pytest.raises(UnexpectedResponse):
                await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 1
    assert other.connections == 0


async def test_not_modified_is_no_answer() -> None:
    """Status 304 was not asked for."""
    async with Wire(answer(304)) as wire, open_session(wire) as ivs:
        with pytest.raises(UnexpectedResponse):
            await ivs.get_channel(arn=ARN)
