"""Failures on demand: which call fails, and how.

Owns the choice of the call. The server does to the answer what a `Fault` says.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from .errors import STATUS, LocalError


@attrs.define(eq=False, kw_only=True)
class Fault:
    """One failure that some calls meet. Made by `LocalIvs.fail`; `clear` ends it.

    Attributes:
        operation: The operation that fails, ``*`` for every one.
        channel_arn: Only calls that name this channel; None for all.
        error: Error code of the answer, None to leave the answer's kind to the other members.
        status: HTTP status of the answer; that of the code if there is one.
        message: Text of the error.
        headers: Headers that the answer has besides its own.
        body: The answer's body instead of the one that it would have.
        delay: Seconds before the answer begins.
        reset: Whether the connection is reset in place of an answer.
        cut: Whether the body ends halfway and the connection with it.
        html: Whether the answer is a page of an edge in front of the service.
        skew: Seconds by which the service's clock is off for this call.
        processed: Whether the call takes effect before it fails.
        skip: Calls that pass before the first one fails.
        every: Fails one call in so many.
        times: How many calls fail, None for all.
        seen: Calls that it looked at so far.
        hit: Calls that it failed so far.
    """

    operation: str = "*"
    channel_arn: str | None = None
    error: str | None = None
    status: int | None = None
    message: str = ""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: bytes | None = attrs.field(default=None, repr=False)
    delay: float = 0.0
    reset: bool = False
    cut: bool = False
    html: bool = False
    skew: float = 0.0
    processed: bool = False
    skip: int = 0
    every: int = 1
    times: int | None = 1
    seen: int = attrs.field(default=0, init=False)
    hit: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        if self.every < 1 or self.skip < 0 or self.delay < 0:
            raise LocalError("every must be at least 1, skip and delay at least 0")
        if self.times is not None and self.times < 1:
            raise LocalError("times must be at least 1, or None for all calls")
        if not (self.answers or self.alters):
            raise LocalError(
                "nothing says how the calls fail: name an error, status, body, headers, delay or "
                "skew, or set reset, cut or html"
            )
        if self.html and self.status is None:
            self.status = 503
        if self.error is not None and self.status is None:
            self.status = STATUS.get(self.error, 400)

    @property
    def answers(self) -> bool:
        """Whether it puts an answer of its own in the place of the call's."""
        return self.error is not None or self.status is not None or self.body is not None

    @property
    def alters(self) -> bool:
        """Whether it does something to the call or its answer besides that."""
        return bool(self.headers or self.delay or self.reset or self.cut or self.html or self.skew)

    def clear(self) -> None:
        """Fail no further calls."""
        self.times = 0

    def strikes(self, operation: str, channel_arn: object) -> bool:
        """Whether this call fails; counts it."""
        if self.operation not in {"*", operation}:
            return False
        if self.channel_arn is not None and self.channel_arn != channel_arn:
            return False
        self.seen += 1
        turn = self.seen - self.skip
        if turn < 1 or turn % self.every:
            return False
        self.hit += 1
        return True


class Faults:
    """The faults that are set."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Set a fault."""
        self._faults.append(fault)
        return fault

    def next(self, operation: str, channel_arn: object) -> Fault | None:
        """The fault that this call meets: the first set that strikes it."""
        if not self._faults:
            return None
        self._faults = [f for f in self._faults if f.times is None or f.hit < f.times]
        return next((f for f in self._faults if f.strikes(operation, channel_arn)), None)

    def clear(self) -> None:
        """Take all faults away."""
        self._faults.clear()
