"""Retry Behavior 2.1: delays, costs and classes of failure, beside botocore's figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivs_async import errors
from ivs_async._aws import retry
from ivs_async._aws.retry import ClockSkew, Failure, RetryQuota, backoff, classify, cost

PERMANENT = errors.RequestNotSent("not trusted")
PERMANENT.permanent = True


@pytest.mark.parametrize(
    ("error", "consequence"),
    [
        (errors.RequestNotSent("refused"), Failure.NOTHING_HAPPENED),
        (PERMANENT, Failure.FINAL),
        (errors.ResponseNotReceived("lost"), Failure.ANSWER_LOST),
        (errors.RequestTimeout("late"), Failure.ANSWER_LOST),
        (errors.UnexpectedResponse("HTML", status=200), Failure.FINAL),
        (errors.ThrottlingException(code="SlowDown", status=400), Failure.NOTHING_HAPPENED),
        (
            errors.ServiceUnavailable(code="ServiceUnavailable", status=503),
            Failure.NOTHING_HAPPENED,
        ),
        (errors.ServiceError(code="503", status=503), Failure.NOTHING_HAPPENED),
        (errors.ServiceError(code="RequestTimeout", status=400), Failure.NOTHING_HAPPENED),
        (errors.ServiceError(code="500", status=500), Failure.ANSWER_LOST),
        (errors.ServiceError(code="502", status=502), Failure.ANSWER_LOST),
        (errors.ServiceError(code="504", status=504), Failure.ANSWER_LOST),
        (errors.ServiceError(code="501", status=501), Failure.FINAL),
        (errors.ValidationException(status=400), Failure.FINAL),
        (errors.ServiceQuotaExceededException(status=402), Failure.FINAL),
    ],
)
def test_each_failure_says_what_may_have_happened(
    error: errors.CallError, consequence: Failure
) -> None:
    """Only what cannot have been processed is repeated for every operation."""
    assert consequence is classify(error)


@given(retry_number=st.integers(1, 5000), jitter=st.floats(0, 1))
def test_the_backoff_doubles_up_to_its_cap(retry_number: int, jitter: float) -> None:
    """50 ms doubling, 1 s for throttles, capped at 20 s before the jitter."""
    exponent = min(retry_number - 1, 60)
    usual = jitter * min(0.05 * 2**exponent, 20)
    throttled = jitter * min(1.0 * 2**exponent, 20)

    assert pytest.approx(usual) == backoff(errors.RequestNotSent(""), retry_number, jitter)
    assert pytest.approx(throttled) == backoff(
        errors.ThrottlingException(status=429), retry_number, jitter
    )


@pytest.mark.parametrize(
    ("asked", "delay"), [(None, 0.05), (0.01, 0.05), (1.5, 1.5), (60.0, 5.05), (0.0, 0.05)]
)
def test_the_service_may_ask_for_a_longer_wait_within_its_clamp(
    asked: float | None, delay: float
) -> None:
    """Never shorter than the backoff, never more than five seconds beyond it."""
    error = errors.ServiceUnavailable(status=503)
    error.retry_after = asked

    assert pytest.approx(delay) == backoff(error, 1, 1.0)


def test_throttles_cost_less_of_the_quota() -> None:
    """5 for a throttle, 14 for anything else."""
    assert 5 == cost(errors.ThrottlingException(status=429))
    assert 14 == cost(errors.RequestTimeout(""))


@given(st.lists(st.tuples(st.sampled_from([1, 5, 14]), st.booleans()), max_size=200))
def test_the_quota_stays_between_nothing_and_full(steps: list[tuple[int, bool]]) -> None:
    """It is neither overdrawn nor overfilled, and a refusal takes nothing."""
    quota = RetryQuota()
    for amount, takes in steps:
        before = quota.available
        if takes:
            assert quota.take(amount) == (before >= amount)
            assert quota.available == (before - amount if before >= amount else before)
        else:
            quota.give(amount)
        assert 0 <= quota.available <= retry.QUOTA


@pytest.mark.parametrize(
    ("code", "measured", "signed_with", "learned"),
    [
        ("InvalidSignatureException", 600.0, 0.0, True),
        ("AccessDeniedException", -600.0, 0.0, True),
        ("InvalidSignatureException", 239.0, 0.0, False),
        ("InvalidSignatureException", 600.0, 590.0, False),
        ("InvalidSignatureException", 0.0, 600.0, True),
        ("ValidationException", 600.0, 0.0, False),
        ("InvalidSignatureException", None, 0.0, False),
    ],
)
def test_a_refused_date_is_told_from_a_refused_key(
    code: str, measured: float | None, signed_with: float, learned: bool
) -> None:
    """Skew is what the attempt was signed with against what the service's clock showed."""
    skew = ClockSkew()

    assert learned == skew.learn(errors.ServiceError(code=code, status=403), measured, signed_with)
    assert (measured if learned else 0.0) == skew.offset
