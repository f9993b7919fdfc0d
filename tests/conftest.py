"""What every test shares."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, settings

# how long an example takes says nothing on a machine that others use as well
settings.register_profile(
    "stories",
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
    # a change is judged by what it does, not by what luck finds in it
    derandomize="CI" in os.environ,
)
settings.load_profile("stories")


@pytest.fixture
def anyio_backend() -> str:
    """The package runs on asyncio alone."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_this_machine() -> Iterator[None]:
    """Region, credentials, endpoints and trust of whoever runs the tests do not matter."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("AWS_"):
                patch.delenv(name)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.setenv(name, f"/nonexistent/{name}")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session", autouse=True)
def _watch_for_blocking() -> Iterator[None]:
    """A call of the package that blocks a running event loop fails the test that made it."""
    with blockbuster_ctx("ivs_async"):
        yield
