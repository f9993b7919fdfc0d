"""TLS: who is trusted, and that nothing is said to anybody else."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme

from ivs_async import ConfigurationError, IvsError, RequestNotSent
from tests.faults.client import ARN, CHANNEL, open_session
from tests.wire import HANG, Wire, send


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority that nobody trusts unless told to."""
    return trustme.CA()


def server(authority: trustme.CA, *names: str, **how: Any) -> ssl.SSLContext:
    """The server's side of TLS, with a certificate for the given names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **how).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's context that trusts the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_a_context_of_the_callers_is_used(authority: trustme.CA) -> None:
    """``ssl=`` takes a context, as everywhere in asyncio."""
    async with (
        Wire(CHANNEL, tls=server(authority, "127.0.0.1")) as wire,
        open_session(wire, ssl=trusting(authority)) as ivs,
    ):
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN


async def test_the_bundle_of_the_environment_is_trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``AWS_CA_BUNDLE`` names a file of authorities, as in the other AWS SDKs."""
    bundle = tmp_path / "bundle.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    async with (
        Wire(CHANNEL, tls=server(authority, "127.0.0.1")) as wire,
        open_session(wire) as ivs,
    ):
        assert (await ivs.get_channel(arn=ARN)).channel.arn == ARN


@pytest.mark.parametrize("content", [None, "", "not a certificate"], ids=["none", "empty", "text"])
async def test_a_bundle_that_cannot_be_used_is_a_configuration_error(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle that is not there or holds nothing is named, and nothing else is trusted for it."""
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    with pytest.raises(ConfigurationError, match=r"bundle\.pem.*AWS_CA_BUNDLE"):
        async with open_session(Wire(), endpoint_url="https://127.0.0.1:9") as ivs:
            await ivs.get_channel(arn=ARN)


async def test_an_unknown_authority_is_refused_once(authority: trustme.CA) -> None:
    """Trying again does not make a certificate trustworthy: one connection, one typed error."""
    async with (
        Wire(CHANNEL, tls=server(authority, "127.0.0.1")) as wire,
        open_session(wire) as ivs,
    ):
        with pytest.raises(RequestNotSent, match=r"(?i)tls|certificate") as caught:
            await ivs.get_channel(arn=ARN)
    assert caught.value.attempts == wire.connections == 1
    assert wire.requests == []


async def test_a_certificate_for_another_name_is_refused_once(authority: trustme.CA) -> None:
    """A trusted authority's certificate is good for its own host alone."""
    async with (
        Wire(CHANNEL, tls=server(authority, "ivs.example")) as wire,
        open_session(wire, ssl=trusting(authority)) as ivs,
    ):
        with pytest.raises(RequestNotSent, match=r"(?i)ip address|host") as caught:
            await ivs.get_channel(arn=ARN)
    assert caught.value.attempts == wire.connections == 1
    assert wire.requests == []


async def test_an_expired_certificate_is_refused_once(authority: trustme.CA) -> None:
    """The error says that the certificate has expired."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    expired = server(
        authority, "127.0.0.1", not_before=yesterday - timedelta(days=9), not_after=yesterday
    )
    async with (
        Wire(CHANNEL, tls=expired) as wire,
        open_session(wire, ssl=trusting(authority)) as ivs,
    ):
        with pytest.raises(RequestNotSent, match="expired") as caught:
            await ivs.get_channel(arn=ARN)
    assert caught.value.attempts == wire.connections == 1


async def test_a_server_without_tls_is_told_nothing() -> None:
    """Plain text where TLS was expected: no request, and a typed error."""
    async with (
        Wire(accept=(send(b"220 smtp.example\r\n", end="fin"),) * 3) as wire,
        open_session(wire, endpoint_url=f"https://127.0.0.1:{wire.port}") as ivs,
    ):
        with pytest.raises(RequestNotSent):
            await ivs.get_channel(arn=ARN)


async def test_a_handshake_that_does_not_end_is_bounded() -> None:
    """A server that accepts and says nothing is given up within the limits, with nothing sent."""
    async with Wire(accept=(HANG,) * 3) as wire:
        options: dict[str, Any] = {
            "endpoint_url": f"https://127.0.0.1:{wire.port}",
            "max_attempts": 2,
        }
        async with open_session(wire, connect_timeout=0.2, attempt_timeout=0.3, **options) as ivs:
            with pytest.raises(RequestNotSent) as caught:
                await ivs.get_channel(arn=ARN)
    assert caught.value.attempts == 2


@pytest.mark.parametrize("context", [False, True, None, 0, "", "yes"], ids=repr)
async def test_verification_cannot_be_switched_off_by_a_value(
    authority: trustme.CA, context: object
) -> None:
    """No falsy or truthy ``ssl=`` lets an unknown certificate pass."""
    async with Wire(CHANNEL, tls=server(authority, "127.0.0.1")) as wire:
        with pytest.raises((IvsError, TypeError)):
            async with open_session(wire, ssl=context) as ivs:
                await ivs.get_channel(arn=ARN)
    assert wire.requests == []


@pytest.mark.parametrize("name", ["PYTHONHTTPSVERIFY", "AWS_CA_BUNDLE", "SSL_VERIFY"])
async def test_verification_cannot_be_switched_off_by_the_environment(
    authority: trustme.CA, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty bundle or a switch of other programs does not open the door either."""
    monkeypatch.setenv(name, "" if name == "AWS_CA_BUNDLE" else "0")
    async with Wire(CHANNEL, tls=server(authority, "127.0.0.1")) as wire:
        with pytest.raises(IvsError):
            async with open_session(wire) as ivs:
                await ivs.get_channel(arn=ARN)
    assert wire.requests == []


async def test_two_names_on_one_address_do_not_share_a_connection(authority: trustme.CA) -> None:
    """In a pool that sessions share, each verifies the name that it was given."""
    async with (
        Wire(CHANNEL, tls=server(authority, "localhost")) as wire,
        aiohttp.ClientSession() as pool,
    ):
        shared: dict[str, Any] = {"ssl": trusting(authority), "http_session": pool}
        by_name = f"https://localhost:{wire.port}"
        async with open_session(wire, endpoint_url=by_name, **shared) as ivs:
            await ivs.get_channel(arn=ARN)
        async with open_session(wire, **shared) as ivs:
            with pytest.raises(RequestNotSent):
                await ivs.get_channel(arn=ARN)
    assert len(wire.requests) == 1
