"""Fixtures of the stories about the local IVS."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ivs_async.local import LocalIvs

from .helpers import Direct, direct


@pytest.fixture
def ivs() -> Direct:
    """The service behind the wire."""
    return direct()


@pytest.fixture
async def local() -> AsyncIterator[LocalIvs]:
    """A local IVS that takes unsigned requests and does not count them."""
    async with LocalIvs(verify_signatures=False, rates=None) as local:
        yield local
