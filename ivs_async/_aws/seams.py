"""What the pipeline asks of its neighbours: identities, permits, what is decided late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import attrs


class Identity(Protocol):
    """What signs a request."""

    @property
    def access_key_id(self) -> str: ...
    @property
    def secret_access_key(self) -> str: ...
    @property
    def session_token(self) -> str | None: ...


class Identities(Protocol):
    """Where the identity of each attempt comes from."""

    def fresh(self) -> Identity | None:
        """The identity at hand, None if one must be fetched; neither waits nor does I/O."""
        ...

    async def get(self) -> Identity:
        """A fresh identity."""
        ...

    def reject(self, identity: Any, /) -> bool:
        """The service calls it expired; whether another can be had."""
        ...

    async def close(self) -> None:
        """End what is being fetched."""
        ...


class Permit(Protocol):
    """The tokens of one attempt. Exactly one of the four methods ends it; none waits or raises."""

    @property
    def waited(self) -> float:
        """Seconds that the attempt waited for its tokens."""
        ...

    def answered(self) -> None:
        """An answer came."""
        ...

    def unanswered(self) -> None:
        """Something was written and no answer came: the request may still be on its way."""
        ...

    def unused(self) -> None:
        """Nothing was written."""
        ...

    def throttled(self, message: str, /) -> None:
        """The answer was a throttle, with this text."""
        ...


class Limiter(Protocol):
    """Where each attempt's permit comes from."""

    async def acquire(
        self, operation: str, resource: str | None, timeout: float | None, /
    ) -> Permit:
        """Wait for the tokens of an attempt.

        Raises:
            RateLimitExceeded: At once, if the wait would exceed ``timeout`` seconds.
        """
        ...


@attrs.frozen
class Late:
    """Members of a call that are decided for each attempt.

    Attributes:
        members: Gives them once the tokens are in hand. What it raises ends the call, with nothing
            sent.
        unsent: Told that nothing of them was processed: with the error, when the call pauses before
            another attempt; with None, when it is cancelled.
    """

    members: Callable[[], Mapping[str, object]]
    unsent: Callable[[Exception | None], None]
