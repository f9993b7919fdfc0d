"""What arguments may be, and what is said of those that may not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from ivs_async import models
from ivs_async._aws.shapes import (
    Boolean,
    Integer,
    ListOf,
    MapOf,
    Shape,
    Structure,
    Text,
    Timestamp,
)
from ivs_async.errors import ParameterError

TAGS = MapOf(Text(1, 128), Text(0, 256), 50)


@pytest.mark.parametrize(
    ("shape", "value", "complaint"),
    [
        (Text(), 5, "x must be a str, not int"),
        (Text(1, 128), "", "x must be 1 to 128 characters long; this is 0"),
        (Text(1), "", "x must be at least 1 characters long; this is 0"),
        (Text(0, 128), "a" * 129, "x must be at most 128 characters long; this is 129"),
        (Text(2, 2), "abc", "x must be exactly 2 characters long; this is 3"),
        (
            Text(1, 1024, in_bytes=True),
            "é" * 513,
            "x must be 1 to 1,024 UTF-8 bytes long; this is 1,026",
        ),
        (
            Text(),
            "\ud800",
            "x must be encodable as UTF-8; this str of 1 characters holds a lone surrogate",
        ),
        (Integer(1, 100), 101, "x must be from 1 to 100; this is 101"),
        (Integer(0), -1, "x must be at least 0; this is -1"),
        (Integer(), True, "x must be an int, not bool"),
        (Integer(), 1.0, "x must be an int, not float"),
        (Boolean(), 1, "x must be a bool, not int"),
        (Timestamp(), "2026-01-01", "x must be a datetime, not str"),
        (
            Timestamp(),
            datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
            "x must be within the years 1 to 9999 in UTC",
        ),
        (ListOf(Text(), 1, 50), [], "x must have 1 to 50 items; this has 0"),
        (ListOf(Text(), 1, 50), ["a"] * 51, "x must have 1 to 50 items; this has 51"),
        (ListOf(Text()), "abc", "x must be a list, not str"),
        (ListOf(Text()), {"a"}, "x must be a list, not set"),
        (ListOf(Text(1)), ["a", ""], "x[1] must be at least 1 characters long; this is 0"),
        (TAGS, ["a"], "x must be a mapping, not list"),
        (
            TAGS,
            dict.fromkeys(map(str, range(51)), ""),
            "x must have at most 50 entries; this has 51",
        ),
        (TAGS, {"": ""}, "a key of x must be 1 to 128 characters long; this is 0"),
        (TAGS, {"a": 1}, "the value of a key of x must be a str, not int"),
        (
            Structure(models.DestinationConfiguration),
            {"s3": {}},
            "x must be a DestinationConfiguration, not dict",
        ),
        (
            Structure(models.DestinationConfiguration),
            models.DestinationConfiguration(s3=models.S3DestinationConfiguration(bucket_name="")),
            "x.s3.bucket_name is required",
        ),
        (
            Structure(models.PostRollConfiguration),
            models.PostRollConfiguration(enabled=True),
            "x.duration_seconds is required",
        ),
    ],
)
def test_a_value_that_breaks_a_rule_is_named_with_the_rule_and_its_size(
    shape: Shape, value: Any, complaint: str
) -> None:
    """The text says which argument, which rule, how large; never the value."""
    with pytest.raises(ParameterError) as caught:
        shape.encode(value, "x")

    assert complaint == str(caught.value)
    assert caught.value.__context__ is None


def test_a_naive_datetime_is_refused_with_the_remedy() -> None:
    """Whose noon it is cannot be guessed."""
    with pytest.raises(ParameterError, match=r"x must be a datetime with a time zone.*utc"):
        Timestamp().encode(datetime(2026, 1, 1), "x")  # noqa: DTZ001


@pytest.mark.parametrize(
    ("shape", "value", "encoded"),
    [
        (Text(0, 128), "", ""),
        (Text(), models.ChannelType.BASIC, "BASIC"),
        (Text(1, 1024, in_bytes=True), "é" * 512, "é" * 512),
        (Integer(1, 100), 100, 100),
        (Boolean(), False, False),
        (Timestamp(), datetime(2026, 1, 1, 12, tzinfo=UTC), "2026-01-01T12:00:00Z"),
        (
            Timestamp(),
            datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            "2026-01-01T10:00:00Z",
        ),
        (ListOf(Text()), ("a", "b"), ["a", "b"]),
        (TAGS, {"a": ""}, {"a": ""}),
        (
            Structure(models.ThumbnailConfiguration),
            models.ThumbnailConfiguration(
                recording_mode=models.RecordingMode.INTERVAL, target_interval_seconds=60
            ),
            {"recordingMode": "INTERVAL", "targetIntervalSeconds": 60},
        ),
    ],
)
def test_a_good_value_takes_its_json_form(shape: Shape, value: Any, encoded: Any) -> None:
    """Enums become plain strings, moments UTC, tuples lists, and None is left out."""
    result = shape.encode(value, "x")

    assert encoded == result
    assert type(encoded) is type(result)
