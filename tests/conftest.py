"""What every test shares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from blockbuster import blockbuster_ctx


@pytest.fixture
def anyio_backend() -> str:
    """The package runs on asyncio alone."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _watch_for_blocking() -> Iterator[None]:
    """A call of the package that blocks a running event loop fails the test that made it."""
    with blockbuster_ctx("ivs_async"):
        yield
