"""Pytest fixtures on the local IVS. Loads nothing heavy until a fixture is asked for.

`local_ivs` serves from a thread of its own, so that it is there for sync tests and for every kind
of event loop. `ivs_session` lives in the test's loop, run by anyio's plugin or pytest-asyncio.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from . import IvsSession
    from .local import LocalIvs
    from .models import Channel

FIXTURES: Final = "ivs_async_asyncio"
LOOP_SCOPES: Final = ("function", "class", "module", "package", "session")


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker, and pytest-asyncio of the fixture that it has to run."""
    config.addinivalue_line(
        "markers",
        "local_ivs(**options): arguments of LocalIvs for the local_ivs fixture of this test.",
    )
    asyncio_plugin = sys.modules.get("pytest_asyncio.plugin")
    if asyncio_plugin is not None and config.pluginmanager.is_registered(asyncio_plugin):
        # here and not on top: no plugin may import another before pytest has rewritten it
        import pytest_asyncio

        fixtures = ModuleType("fixtures for pytest-asyncio")
        for scope in LOOP_SCOPES:
            name = f"_ivs_session_{scope}"
            fixture = pytest_asyncio.fixture(_session(), name=name, loop_scope=scope)
            setattr(fixtures, name, fixture)
        config.pluginmanager.register(fixtures, FIXTURES)


@pytest.fixture
def local_ivs(request: pytest.FixtureRequest) -> Iterator[LocalIvs]:
    """A `ivs_async.local.LocalIvs` of the test's own, on a free port.

    ``@pytest.mark.local_ivs(rates=None)`` constructs it with these arguments.
    """
    from anyio.from_thread import start_blocking_portal

    from .local import LocalIvs

    marker = request.node.get_closest_marker("local_ivs")
    options: dict[str, Any] = marker.kwargs if marker else {}
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(LocalIvs(**options)) as local,
    ):
        yield local


@pytest.fixture
def ivs_session(request: pytest.FixtureRequest) -> IvsSession:
    """An open `IvsSession` on `local_ivs`, in the event loop of the test.

    It is paced like any session; ``@pytest.mark.local_ivs`` does not change that.
    """
    asyncio_marker = request.node.get_closest_marker("asyncio")
    if not request.config.pluginmanager.has_plugin(FIXTURES):
        asyncio_marker = None
    if "anyio_backend" in request.fixturenames:
        if asyncio_marker is not None:
            pytest.fail(
                "pytest-asyncio runs this test, and anyio's plugin would open its ivs_session in "
                "another event loop: take away the marker asyncio or anyio, or one of the settings "
                "asyncio_mode = auto and anyio_mode = auto"
            )
        name = "_ivs_session_anyio"
    elif asyncio_marker is not None:
        default = request.config.getini("asyncio_default_test_loop_scope")
        name = f"_ivs_session_{asyncio_marker.kwargs.get('loop_scope', default)}"
    else:
        pytest.fail(
            "ivs_session needs an async test, run by anyio's plugin or pytest-asyncio: mark it "
            "@pytest.mark.asyncio or @pytest.mark.anyio, or set asyncio_mode = auto or "
            "anyio_mode = auto"
        )
    session: IvsSession = request.getfixturevalue(name)
    return session


@pytest.fixture
def live_channel(local_ivs: LocalIvs) -> Channel:
    """A channel of `local_ivs` with a live stream, as the API would describe it."""
    from ._aws.codec import decode
    from ._aws.http import Response
    from .operations import GET_CHANNEL

    (arn,) = local_ivs.load({"channels": [{"name": "live", "live": True}]})["channels"]
    body = json.dumps({"channel": local_ivs.describe(arn)}).encode()
    return decode(GET_CHANNEL, Response(200, {}, body)).channel


def _session() -> Callable[..., AsyncIterator[IvsSession]]:
    """A fixture function of its own for each runner: they mark it."""

    async def open_session(local_ivs: LocalIvs) -> AsyncIterator[IvsSession]:
        from . import IvsSession

        async with IvsSession(**local_ivs.session_options()) as session:
            yield session

    return open_session


_ivs_session_anyio = pytest.fixture(_session(), name="_ivs_session_anyio")
