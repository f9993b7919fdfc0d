"""Call rates as the service may count them: in a sliding second, a calendar second, or a bucket.

AWS publishes the rates and not how they are counted, so all three are here and a client that
survives each of them survives the service. Refused calls are not counted. It knows no operation.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Final, Literal

from ivs_async.quotas import CallRate

from .errors import ApiError, LocalError

Discipline = Literal["sliding", "calendar", "bucket"]

IDLE_WINDOWS_KEPT: Final = 4_096


class Window:
    """The count of one rate. Each discipline says how much of it is used up at a moment."""

    def __init__(self, rate: float) -> None:
        self._size = max(1, math.floor(rate))
        self._period = self._size / rate

    def full(self, now: float) -> bool:
        """Whether a call at this moment is one too many."""
        return self._used(now) + 1 > self._size

    def idle(self, now: float) -> bool:
        """Whether forgetting the count changes nothing."""
        return self._used(now) <= 0

    def count(self, now: float) -> None:
        """Count a call that was let through."""
        raise NotImplementedError

    def _used(self, now: float) -> float:
        raise NotImplementedError


class SlidingWindow(Window):
    """At most ``rate`` calls in any second whatsoever: the strictest of the three."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self._calls: deque[float] = deque()

    def count(self, now: float) -> None:
        """As in `Window`."""
        self._calls.append(now)

    def _used(self, now: float) -> float:
        while self._calls and self._calls[0] + self._period <= now:
            self._calls.popleft()
        return len(self._calls)


class CalendarWindow(Window):
    """At most ``rate`` calls between one full second of the clock and the next."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self._turn = -1
        self._calls = 0

    def count(self, now: float) -> None:
        """As in `Window`."""
        self._calls = int(self._used(now)) + 1

    def _used(self, now: float) -> float:
        turn = math.floor(now / self._period)
        if turn != self._turn:
            self._turn, self._calls = turn, 0
        return self._calls


class TokenBucket(Window):
    """A bucket of ``rate`` tokens, filled at ``rate`` tokens per second: the most lenient."""

    def __init__(self, rate: float) -> None:
        super().__init__(rate)
        self._rate = rate
        self._missing = 0.0
        self._at = 0.0

    def count(self, now: float) -> None:
        """As in `Window`."""
        self._missing = self._used(now) + 1

    def _used(self, now: float) -> float:
        self._missing = max(0.0, self._missing - (now - self._at) * self._rate)
        self._at = now
        return self._missing


WINDOWS: Final[Mapping[Discipline, type[Window]]] = {
    "sliding": SlidingWindow,
    "calendar": CalendarWindow,
    "bucket": TokenBucket,
}


class Rates:
    """Lets a call through or raises the throttle that the service would send.

    Args:
        rates: Calls per second by operation.
        discipline: How they are counted, None to let everything through.
        account_id: How the text of a throttle names the account.
    """

    def __init__(
        self, rates: Mapping[str, CallRate], discipline: Discipline | None, account_id: str
    ) -> None:
        if discipline is not None and discipline not in WINDOWS:
            raise LocalError(f"rates must be one of {', '.join(WINDOWS)}, or None")
        self._rates = rates if discipline else {}
        self._window = WINDOWS[discipline or "sliding"]
        self._account_id = account_id
        self._windows: dict[tuple[str, str], Window] = {}

    def admit(self, operation: str, resource: str | None, now: float) -> None:
        """Count a call, or raise `ApiError` with the text that IVS was seen to send."""
        rate = self._rates.get(operation)
        if rate is None:
            return
        counted = [
            (resource, rate.per_resource),
            (self._account_id, rate.per_account),
        ]
        windows = []
        for name, limit in counted:
            if limit is None or name is None:
                continue
            window = self._windows.get((operation, name))
            if window is None:
                self._forget_idle(now)
                window = self._windows[operation, name] = self._window(limit)
            if window.full(now):
                raise ApiError(
                    "ThrottlingException",
                    f"Operation: ivs:{operation} exceeded call rate: {limit:g} "
                    f"for resource: {name}",
                )
            windows.append(window)
        for window in windows:
            window.count(now)

    def reset(self) -> None:
        """Forget all calls so far."""
        self._windows.clear()

    def _forget_idle(self, now: float) -> None:
        if len(self._windows) >= IDLE_WINDOWS_KEPT:
            self._windows = {k: w for k, w in self._windows.items() if not w.idle(now)}
