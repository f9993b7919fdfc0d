"""What may be repeated, after how long, and from which quota: AWS's Retry Behavior 2.1.

Figures and vectors: docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html. Beyond it
stands one distinction: a failure after which nothing can have happened is repeated for every
operation, one whose answer was lost only where repeating does no harm.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from .errors import (
    CallError,
    RequestNotSent,
    ResponseNotReceived,
    ServiceError,
    ThrottlingException,
)

MAX_BACKOFF: Final = 20.0
BASE: Final = 0.05
THROTTLING_BASE: Final = 1.0
QUOTA: Final = 500
COST: Final = 14
THROTTLING_COST: Final = 5

NOT_PROCESSED_CODES: Final = frozenset(
    {"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"}
)
"""The service gave up waiting for the request, so it did not act on it."""

SKEW_CODES: Final = frozenset(
    {
        "AccessDeniedException",
        "AuthFailure",
        "InvalidSignatureException",
        "RequestExpired",
        "RequestInTheFuture",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
    }
)
"""Names under which a service refuses a request whose date is off."""

EXPIRED_CODES: Final = frozenset({"ExpiredToken", "ExpiredTokenException"})
"""Names under which a service refuses credentials that have expired."""

SKEW_TOLERANCE: Final = 240.0


class Failure(Enum):
    """What a failed attempt left behind."""

    NOTHING_HAPPENED = "nothing happened"
    ANSWER_LOST = "the answer was lost"
    FINAL = "repeating cannot help"


def classify(error: CallError) -> Failure:
    """What may have happened in an attempt that failed so."""
    match error:
        case RequestNotSent():
            return Failure.FINAL if error.permanent else Failure.NOTHING_HAPPENED
        case ResponseNotReceived():
            return Failure.ANSWER_LOST
        case ThrottlingException():
            return Failure.NOTHING_HAPPENED
        case ServiceError():
            if error.status in (429, 503) or error.code in NOT_PROCESSED_CODES:
                return Failure.NOTHING_HAPPENED
            if error.status in (500, 502, 504):
                return Failure.ANSWER_LOST
    return Failure.FINAL


def is_throttle(error: CallError) -> bool:
    """Whether the service refused the attempt for its rate."""
    return isinstance(error, ThrottlingException)


def cost(error: CallError) -> int:
    """What repeating after this failure takes from the quota."""
    return THROTTLING_COST if is_throttle(error) else COST


def backoff(error: CallError, retry: int, jitter: float) -> float:
    """Seconds to wait before a retry.

    Args:
        error: What the last attempt ended with.
        retry: 1 for the first retry.
        jitter: From 0 to 1.
    """
    base = THROTTLING_BASE if is_throttle(error) else BASE
    delay = jitter * min(base * 2.0 ** min(retry - 1, 30), MAX_BACKOFF)
    asked = error.retry_after if isinstance(error, ServiceError) else None
    return delay if asked is None else max(delay, min(asked, delay + 5.0))


class RetryQuota:
    """How much retrying a client may do: spent by retries, earned back by calls that succeed."""

    def __init__(self) -> None:
        self.available = QUOTA

    def take(self, amount: int) -> bool:
        """Take from the quota; False if there is not enough."""
        if amount > self.available:
            return False
        self.available -= amount
        return True

    def give(self, amount: int) -> None:
        """Give back, up to the full quota."""
        self.available = min(QUOTA, self.available + amount)


class ClockSkew:
    """The service's clock less ours, in seconds, learned from refusals."""

    def __init__(self) -> None:
        self.offset = 0.0

    def learn(self, error: CallError, measured: float | None, signed_with: float) -> bool:
        """Whether an attempt was refused for its date; if so the offset is now right.

        Args:
            error: The refusal.
            measured: The answer's date less the middle of the attempt, None if unusable.
            signed_with: The offset that the attempt was signed with, which another call may have
                corrected meanwhile.
        """
        if (
            measured is None
            or not isinstance(error, ServiceError)
            or error.code not in SKEW_CODES
            or abs(measured - signed_with) <= SKEW_TOLERANCE
        ):
            return False
        self.offset = measured
        return True
