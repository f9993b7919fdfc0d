"""The limiter on Redis: the shared suite, and what only many processes can show.

Most stories happen in virtual time. The server is real and executes the real script all the same;
only its clock is ours. Each limiter in a story stands for a process.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping

import pytest

from ivs_async.limiter import RateLimiter
from ivs_async.quotas import CallRate
from ivs_async.redis import RedisRateLimiter

from .limiter_suite import LimiterSuite, MakeLimiter
from .redis_far_side import FarRedis
from .redis_server import RedisServer, redis_server
from .virtual_time import VirtualLoop

__all__ = ["redis_server"]

_accounts = itertools.count(1)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Time passes at once."""
    return "asyncio", {"loop_factory": VirtualLoop}


@pytest.fixture(params=[0.0, 0.004], ids=["no way", "4 ms away"])
def far(request: pytest.FixtureRequest, redis_server: RedisServer) -> Iterator[Callable[[], FarRedis]]:
    """Ways to one server."""
    connections = []

    def connect() -> FarRedis:
        connections.append(redis_server.socket)
        return FarRedis(connections[-1], round_trip=request.param)

    yield connect
    for connection in connections:
        connection.close()


class TestRedisRateLimiter(LimiterSuite):
    """The shared suite."""

    @pytest.fixture
    def make(self, far: Callable[[], FarRedis]) -> MakeLimiter:
        def make(
            quotas: Mapping[str, CallRate], *, share: float = 1.0, settle: float = 1.0
        ) -> RateLimiter:
            return RedisRateLimiter(
                far(),
                quotas,
                account_id=str(next(_accounts)),
                region="test",
                share=share,
                settle=settle,
            )

        return make
