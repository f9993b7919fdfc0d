"""The limiter of one process: the shared suite, and what only it promises."""

from __future__ import annotations

import pytest

from ivs_async.limiter import RateLimiter

from .limiter_suite import LimiterSuite, MakeLimiter
from .virtual_time import VirtualLoop


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Everything here happens in virtual time."""
    return "asyncio", {"loop_factory": VirtualLoop}


class TestRateLimiter(LimiterSuite):
    @pytest.fixture
    def make(self) -> MakeLimiter:
        return RateLimiter
