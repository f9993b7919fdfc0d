"""The service behind the wire: every operation by name, from checked request to answer.

Owns how the rooms fit together. It knows neither HTTP nor who calls.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from ivs_async._aws.operation import Operation

from . import rules
from .channels import Channels
from .configurations import AdConfigurations, FailoverSlateConfigurations, RecordingConfigurations
from .events import EventLog
from .paging import Pager
from .playback import KeyPairs, Policies, Revocations
from .recordings import Recordings
from .store import Delays, Handlers, Json, Quotas, Store
from .streams import Streams
from .tags import Tags
from .viewers import Door


class Service:
    """All resources of one account in one region, and what can be asked of them.

    Args:
        region: Where it is.
        account_id: Whose it is.
        clock: Seconds since 1970.
        random: The source of ids.
        limits: How much of everything there may be.
        delays: How long things take.
    """

    def __init__(
        self,
        *,
        region: str,
        account_id: str,
        clock: Callable[[], float],
        random: Random,
        limits: Quotas,
        delays: Delays,
    ) -> None:
        self.store = store = Store(
            region=region,
            account_id=account_id,
            clock=clock,
            random=random,
            limits=limits,
            delays=delays,
        )
        pager = Pager(random.randbytes(32))
        self.events = EventLog(store)
        self.recordings = Recordings(store, self.events)
        self.streams = Streams(store, pager, self.events, self.recordings)
        self.revocations = Revocations(store)
        self.door = Door(store, self.revocations)
        self._handlers: Handlers = {}
        for family in (
            Channels(store, pager, self.streams),
            self.streams,
            KeyPairs(store, pager),
            Policies(store, pager),
            self.revocations,
            RecordingConfigurations(store, pager),
            AdConfigurations(store, pager),
            FailoverSlateConfigurations(store, pager),
            Tags(store),
        ):
            self._handlers |= family.handlers

    def call(self, operation: Operation[Any], request: Json) -> Json | None:
        """Check a request and do what it asks for.

        Args:
            operation: What is asked for.
            request: Its members as they came.

        Returns:
            The answer, None where there is no body.

        Raises:
            ApiError: A rule is broken; nothing was done.
        """
        self.store.advance()
        return self._handlers[operation.name](rules.check(operation, request))

    def close(self) -> None:
        """End whoever follows cues or events."""
        self.events.close()
        self.streams.close()
