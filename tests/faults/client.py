"""How the fault tests open a session: no pacing, and credentials that open nothing anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from ivs_async import Credentials, IvsSession, NoLimit
from ivs_async._aws.operation import Operation
from ivs_async._aws.shapes import (
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Member,
    Shape,
    Structure,
    Text,
    Timestamp,
)
from ivs_async.operations import ALL
from tests.wire import Wire, answer

ARN = "arn:aws:ivs:us-west-2:123456789012:channel/abcdEFGH1234"
CREDENTIALS = Credentials("AKIDEXAMPLE", "an-example-of-a-secret", "an-example-of-a-token")
CHANNEL = answer(200, {"channel": {"arn": ARN, "name": "demo"}})
DONE = answer(204)


class Pauses:
    """Stands in for sleeping before a retry: notes how long, and goes on at once.

    Attributes:
        taken: Seconds of each pause.
        meanwhile: What happens during each.
    """

    def __init__(self, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        self.taken: list[float] = []
        self.meanwhile = meanwhile

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if self.meanwhile is None:
            await asyncio.sleep(0)
        else:
            await self.meanwhile()


def open_session(wire: Wire, *, pauses: Pauses | None = None, **options: Any) -> IvsSession:
    """A session that talks to ``wire``, with full jitter and without losing time to it."""
    settings = {
        "region": "us-west-2",
        "credentials": CREDENTIALS,
        "endpoint_url": wire.url,
        "rate_limiter": NoLimit(),
        "timeout": 60.0,
        **options,
    }
    ivs = IvsSession(**settings)
    core = ivs._calls.core
    core.jitter = lambda: 1.0
    core.sleep = pauses or Pauses()  # type: ignore[assignment] # asyncio's also passes a result
    return ivs


REPEATABLE: Final = [operation for operation in ALL if operation.repeatable]
UNREPEATABLE: Final = [operation for operation in ALL if not operation.repeatable]


async def call(ivs: IvsSession, operation: Operation[Any], **arguments: Any) -> Any:
    """Call the session's method for an operation, with the smallest arguments that it accepts."""
    given = {
        name: _smallest(member.shape)
        for name, member in operation.members.items()
        if member.required
    }
    answered = getattr(ivs, operation.method_name)(**{**given, **arguments})
    return await (answered.collect() if hasattr(answered, "collect") else answered)


def _smallest(shape: Shape) -> Any:
    match shape:
        case Text(least=least):
            return "a" * max(least, 1)
        case Integer(least=least):
            return least or 0
        case Boolean():
            return True
        case Timestamp():
            return datetime.now(UTC)
        case ListOf(item=item, least=least):
            return [_smallest(item)] * max(least, 1)
        case MapOf(key=key, value=value):
            return {_smallest(key): _smallest(value)}
        case Structure(type=kind):
            fields = {field.name: field.metadata.get(Member) for field in attrs.fields(kind)}
            return kind(
                **{
                    name: _smallest(facts.shape)
                    for name, facts in fields.items()
                    if facts and facts.required
                }
            )
        case _:
            raise AssertionError(shape)
