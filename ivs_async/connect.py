"""From settings to open connections: trust store, proxy, signer, transport.

Everything slow (files of certificates, the signing library's import) happens in worker threads.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import platform
import ssl
from typing import TYPE_CHECKING

import attrs

from ._aws.http import ACCEPT, ACCEPT_ENCODING, USER_AGENT
from ._aws.pipeline import Wire
from ._aws.transport import AIOHTTP_VERSION, CLIENT_SESSION, Transport
from .config import Settings, proxy_for
from .errors import ConfigurationError

if TYPE_CHECKING:
    from aiohttp import ClientSession

SIGNING_NAME = "ivs"


@attrs.frozen(kw_only=True)
class Http:
    """How a session reaches its endpoint. Checked when made.

    Attributes:
        session: Borrowed connections, None for a session's own.
        max_connections: Bound of an own pool.
        proxy: URL of an HTTP proxy, None for what the environment says.
        ssl: Trust settings, None for the default store or the settings' bundle.
        user_agent: What the caller adds to the header.

    Raises:
        ConfigurationError: An argument cannot be used.
    """

    session: ClientSession | None
    max_connections: int
    proxy: str | None = attrs.field(repr=False)
    ssl: ssl.SSLContext | None
    user_agent: str | None

    def __attrs_post_init__(self) -> None:
        # what is annotated is not what an untyped caller passes
        connections: object = self.max_connections
        if not isinstance(connections, int) or connections < 1:
            raise ConfigurationError(
                f"max_connections must be a whole number from 1; this is {connections!r}"
            )
        trust: object = self.ssl
        if trust is not None and not isinstance(trust, ssl.SSLContext):
            raise ConfigurationError(
                f"ssl must be an ssl.SSLContext, not {type(trust).__name__}: verification is "
                "not switched off here (to trust a certificate of your own, set AWS_CA_BUNDLE)"
            )
        session: object = self.session
        if session is not None and not isinstance(session, CLIENT_SESSION):
            raise ConfigurationError(
                f"http_session must be an aiohttp.ClientSession, not {type(session).__name__}"
            )
        if self.proxy is not None and not str(self.proxy).startswith(("http://", "https://")):
            raise ConfigurationError("proxy must be a URL of scheme http or https")
        if self.user_agent is not None and not self.user_agent.isprintable():
            raise ConfigurationError("user_agent must be printable text of one line")


async def connect(settings: Settings, http: Http) -> Wire:
    """What a session needs to send.

    Raises:
        ConfigurationError: The bundle of certificates cannot be read.
    """
    context = http.ssl
    is_secure = settings.endpoint.url.startswith("https:")
    if context is None and is_secure and settings.ca_bundle is not None:
        context = await asyncio.to_thread(_trust, settings.ca_bundle)
    sigv4 = await asyncio.to_thread(importlib.import_module, "ivs_async._aws.sigv4")
    endpoint = settings.endpoint
    return Wire(
        transport=Transport(
            endpoint.url,
            http_session=http.session,
            max_connections=http.max_connections,
            proxy=http.proxy or proxy_for(endpoint.url, os.environ),
            ssl_context=context,
        ),
        signer=sigv4.Signer(
            host=endpoint.host,
            region=settings.region,
            service=SIGNING_NAME,
            headers={
                ACCEPT: "application/json",
                ACCEPT_ENCODING: "identity",
                USER_AGENT: _user_agent(http.user_agent),
            },
        ),
        max_attempts=settings.max_attempts,
        correct_skew=settings.clock_skew_correction,
    )


def _trust(bundle: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=bundle)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"the bundle of certificates {bundle} cannot be read ({type(error).__name__}); "
            "AWS_CA_BUNDLE or the profile's ca_bundle names it"
        ) from None


def _user_agent(suffix: str | None) -> str:
    from . import __version__

    parts = [
        f"ivs-async/{__version__}",
        f"aiohttp/{AIOHTTP_VERSION}",
        f"Python/{platform.python_version()}",
    ]
    return " ".join([*parts, suffix] if suffix else parts)
