"""What every test shares."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """The package runs on asyncio alone."""
    return "asyncio"
