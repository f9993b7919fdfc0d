"""The published rates, as data."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ivs_async import operations
from ivs_async._aws.errors import ConfigurationError
from ivs_async.quotas import PUBLISHED, CallRate


def test_every_operation_has_a_rate_and_every_rate_an_operation() -> None:
    """An operation that is added to the table without its rate would go out unpaced."""
    assert {operation.name for operation in operations.ALL} == set(PUBLISHED)


def test_only_operations_that_name_a_resource_are_counted_per_resource() -> None:
    """The table of operations says whose calls are counted; the rates must agree with it."""
    counted = {operation.name for operation in operations.ALL if operation.resource}
    assert counted == {name for name, rate in PUBLISHED.items() if rate.per_resource}


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("PutMetadata", CallRate(per_account=155, per_resource=5)),
        ("InsertAdBreak", CallRate(per_account=1)),
        ("BatchStartViewerSessionRevocation", CallRate(per_account=2)),
        ("UpdateAdConfiguration", CallRate(per_account=3)),
        ("CreateFailoverSlateConfiguration", CallRate(per_account=3)),
        ("CreateChannel", CallRate(per_account=5)),
        ("TagResource", CallRate(per_account=10)),
    ],
)
def test_rates_are_the_published_ones(name: str, rate: CallRate) -> None:
    """A few figures of the service-quotas page, one of each size."""
    assert rate == PUBLISHED[name]


def test_rates_are_replaced_by_building_another_mapping() -> None:
    """The published mapping itself cannot be changed under a limiter's feet."""
    own = {**PUBLISHED, "GetChannel": CallRate(per_account=2)}
    assert own["GetChannel"].per_account == 2
    with pytest.raises(TypeError):
        PUBLISHED["GetChannel"] = CallRate()  # type: ignore[index]


@pytest.mark.parametrize("rate", [0, -1, math.inf, math.nan, "5", True])
def test_a_rate_that_is_no_rate_is_refused(rate: Any) -> None:
    """A rate of nothing would hold every call for ever."""
    with pytest.raises(ConfigurationError, match="per_account"):
        CallRate(per_account=rate)
