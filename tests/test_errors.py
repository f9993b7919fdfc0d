"""What errors say, and that they survive being sent to another process."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import ivs_async
from ivs_async import errors
from ivs_async._aws.http import Request, Response
from ivs_async._aws.transport import Exchange, StaleConnection, _translate

KINDS: list[errors.IvsError] = [
    errors.ConfigurationError("text"),
    errors.CredentialsError("text"),
    errors.ParameterError("text"),
    errors.RateLimitExceeded("text", wait=1.5),
    errors.RequestNotSent("text", operation="GetChannel"),
    errors.ResponseNotReceived("text", operation="PutMetadata", attempts=3),
    errors.RequestTimeout("text", operation="GetChannel"),
    errors.UnexpectedResponse("text", status=200, request_id="id-1", operation="GetChannel"),
    *(
        kind("text", code=name, status=400, request_id="id-1", operation="GetChannel", attempts=2)
        for name, kind in errors.BY_CODE.items()
    ),
]


@pytest.mark.parametrize("error", KINDS, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling_whole(error: errors.IvsError) -> None:
    """Class, text and every attribute: task queues send errors between processes."""
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert (str(copy), repr(copy), vars(copy)) == (str(error), repr(error), vars(error))


@pytest.mark.parametrize("error", KINDS, ids=lambda error: type(error).__name__)
def test_an_error_names_the_module_that_users_import_from(error: errors.IvsError) -> None:
    """Not the one in which its class happens to live."""
    assert type(error).__module__ == "ivs_async.errors"
    assert getattr(ivs_async, type(error).__name__) is type(error)


def test_errors_are_what_careful_callers_expect_them_to_be() -> None:
    """Bad input is a ValueError, running out of time a TimeoutError, and all are IvsErrors."""
    assert issubclass(errors.ParameterError, ValueError)
    assert issubclass(errors.RequestTimeout, TimeoutError)
    assert issubclass(errors.RequestTimeout, errors.ResponseNotReceived)
    assert all(issubclass(kind, errors.ServiceError) for kind in errors.BY_CODE.values())
    assert all(isinstance(error, errors.IvsError) for error in KINDS)


def test_a_service_error_tells_everything_in_one_line() -> None:
    """Operation, code, the service's text, status, attempts, request id, and what to do."""
    error = errors.ChannelNotBroadcasting(
        "Channel: arn is not currently online",
        code="ChannelNotBroadcasting",
        status=404,
        request_id="id-1",
        operation="PutMetadata",
        attempts=2,
    )

    assert str(error) == (
        "PutMetadata: ChannelNotBroadcasting: Channel: arn is not currently online "
        "(status 404, after 2 attempts, request id id-1); "
        "the channel is not live now; try again when its stream has started"
    )


def test_requests_and_responses_show_no_secret() -> None:
    """No header, no query, no body: they may stand in a log or a debugger."""
    request = Request("POST", "/tags/arn?tagKeys=secret", {"Authorization": "secret"}, b"secret")
    response = Response(200, {"Set-Cookie": "secret"}, b"secret")

    assert repr(request) == "<Request POST /tags/arn, 6 bytes>"
    assert repr(response) == "<Response 200, 6 bytes>"


def test_a_connection_found_unfit_is_an_error_of_its_own() -> None:
    """Nothing was written to it, so another is tried at once."""
    exchange = Exchange(Request("POST", "/GetChannel", {}, b"{}"))
    exchange.stale = True

    assert isinstance(_translate(OSError(), exchange, 1.0, "here"), StaleConnection)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """Though names are loaded when they are first used."""
    unknown: Any = ivs_async
    with pytest.raises(AttributeError, match="has no attribute 'IvsSesion'"):
        _ = unknown.IvsSesion
    assert set(ivs_async.__all__) <= set(dir(ivs_async))
