"""Answers and errors in every form in which they may arrive."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from ivs_async import errors, models, operations
from ivs_async._aws import codec
from ivs_async._aws.http import Response

ALL = sorted(operations.ALL, key=lambda operation: operation.name)


def answer(payload: object, status: int = 200, **headers: str) -> Response:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, CIMultiDict(fields), body)


def channel(**members: object) -> models.Channel:
    return codec.decode(operations.GET_CHANNEL, answer({"channel": members})).channel


def test_unknown_members_are_ignored_and_absent_ones_are_none() -> None:
    """The service may add members at any time, and leaves out what is not set."""
    result = channel(arn="arn:x", futureMember={"deep": [1]})

    assert models.Channel(arn="arn:x") == result
    assert result.tags is None


def test_null_means_absent_wherever_it_stands() -> None:
    """In members of any type, identity members too, and in lists."""
    assert models.Channel() == channel(arn=None, tags=None, srt=None, authorized=None)

    page = codec.decode(
        operations.LIST_CHANNELS, answer({"channels": [None, {"arn": None}], "nextToken": None})
    )
    assert [models.ChannelSummary()] == page.items
    assert page.next_token is None


def test_classes_of_answers_have_no_rules_but_their_types() -> None:
    """They are filled slot by slot, so a validator of theirs would never be asked."""
    classes = [kind for kind in vars(models).values() if isinstance(kind, type) and attrs.has(kind)]
    assert len(classes) > 50
    for kind in classes:
        assert not hasattr(kind, "__attrs_post_init__"), kind
        assert not [field for field in attrs.fields(kind) if field.validator or field.converter]


def test_an_enum_value_of_tomorrow_stays_a_plain_string() -> None:
    """Known values are enum members, unknown ones do not break a client."""
    known, unknown = channel(type="BASIC"), channel(type="HOLOGRAM")

    assert known.type is models.ChannelType.BASIC
    assert unknown.type == "HOLOGRAM"
    assert type(unknown.type) is str


@pytest.mark.parametrize(
    "sent",
    [
        "2026-08-30T12:36:00Z",
        "2026-08-30T12:36:00.000Z",
        "2026-08-30T14:36:00+02:00",
        "2026-08-30T12:36:00",
        1788093360,
        1788093360.0,
        "Sun, 30 Aug 2026 12:36:00 GMT",
    ],
)
def test_timestamps_are_aware_whatever_their_form(sent: object) -> None:
    """ISO 8601 is what IVS sends; seconds and HTTP dates are what other AWS services send."""
    result = codec.decode(operations.GET_STREAM, answer({"stream": {"startTime": sent}}))

    assert datetime(2026, 8, 30, 12, 36, tzinfo=UTC) == result.stream.start_time


def test_a_whole_float_is_an_integer() -> None:
    """JSON has one kind of number."""
    result = codec.decode(operations.GET_STREAM, answer({"stream": {"viewerCount": 5.0}}))

    assert result.stream.viewer_count == 5


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        (b"", "the answer is empty"),
        (b"<html>secret</html>", "the answer is HTML or XML of 19 bytes"),
        (b'{"channel": {"arn": "secr', "the answer is 25 bytes that are not whole JSON"),
        (b"\xff\xfe\xfa", "the answer is bytes that are not UTF-8"),
        (b"[" * 200_000, "the answer is JSON nested too deeply"),
        (b"null", "the answer is JSON that is not an object but a NoneType"),
        (b"[]", "the answer is JSON that is not an object but a list"),
        ({}, "missing @ $.channel"),
        ({"channel": None}, "missing @ $.channel"),
        ({"channel": ["secret"]}, "malformed @ $.channel"),
        ({"channel": {"arn": 5}}, "malformed @ $.channel.arn"),
        ({"channel": {"srt": [1]}}, "malformed @ $.channel.srt"),
        ({"channel": {"tags": ["secret"]}}, "malformed @ $.channel.tags"),
        ({"channel": {"tags": {"a": 5}}}, "malformed @ $.channel.tags['a']"),
        ({"channel": {"authorized": 1}}, "malformed @ $.channel.authorized"),
        ({"channel": {"type": 1}}, "malformed @ $.channel.type"),
    ],
)
def test_an_answer_that_is_not_the_apis_is_one_error_that_says_where(
    payload: Any, complaint: str
) -> None:
    """The text names the path and never quotes the answer."""
    with pytest.raises(errors.UnexpectedResponse) as caught:
        codec.decode(operations.GET_CHANNEL, answer(payload, x_amzn_requestid="id-1"))

    assert complaint in str(caught.value)
    assert "secr" not in str(caught.value)
    assert (200, "id-1") == (caught.value.status, caught.value.request_id)


@pytest.mark.parametrize(
    ("operation", "payload", "complaint"),
    [
        (operations.GET_STREAM, {"stream": {"startTime": "soon"}}, "$.stream.startTime"),
        (operations.GET_STREAM, {"stream": {"startTime": []}}, "$.stream.startTime"),
        (operations.GET_STREAM, {"stream": {"viewerCount": 1.5}}, "$.stream.viewerCount"),
        (operations.LIST_CHANNELS, {"channels": "abc"}, "$.channels"),
        (operations.LIST_CHANNELS, {"channels": [{}, 5]}, "$.channels[1]"),
        (operations.LIST_CHANNELS, {"channels": [], "nextToken": 5}, "$.nextToken"),
        (operations.LIST_CHANNELS, {"nextToken": "more"}, "missing @ $.channels"),
        (operations.LIST_CHANNELS, {"channels": None}, "missing @ $.channels"),
    ],
)
def test_the_path_reaches_into_lists_and_members(
    operation: Any, payload: object, complaint: str
) -> None:
    """So that a report to AWS can name the place."""
    with pytest.raises(errors.UnexpectedResponse) as caught:
        codec.decode(operation, answer(payload))

    assert complaint in str(caught.value)


def test_an_answer_nested_almost_too_deeply_is_no_crash() -> None:
    """Where the parser just copes, what walks over the answer may not."""
    complaints = []
    for depth in range(200, 1000, 20):
        body = b'{"channel": null, "deep": ' + b"[" * depth + b"]" * depth + b"}"
        with pytest.raises(errors.UnexpectedResponse) as caught:
            codec.decode(operations.GET_CHANNEL, answer(body))
        complaints.append(str(caught.value))

    assert any("the answer is nested too deeply" in complaint for complaint in complaints)
    assert any("missing @ $.channel" in complaint for complaint in complaints)


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"futureMember": 1}'])
def test_an_operation_without_an_answer_gives_none(payload: bytes) -> None:
    """204 with nothing, 200 with an empty object, and what may come to be in it."""
    assert codec.decode(operations.STOP_STREAM, answer(payload)) is None


def test_html_is_no_answer_even_where_none_is_expected() -> None:
    """A captive portal must not pass for a delivered cue."""
    with pytest.raises(errors.UnexpectedResponse):
        codec.decode(operations.PUT_METADATA, answer(b"<html>Log in</html>"))


@pytest.mark.parametrize("name", ["ValidationException", "ChannelNotBroadcasting"])
@pytest.mark.parametrize(
    "form", ["{}", "{}:http://internal.amazon.com/x", "aws.protocols#{}", "com.amazonaws.ivs#{}:u"]
)
@pytest.mark.parametrize("place", ["header", "__type", "code"])
@pytest.mark.parametrize("key", ["exceptionMessage", "message", "Message"])
def test_an_error_is_known_in_every_wire_form(name: str, form: str, place: str, key: str) -> None:
    """Type by header, `__type` or `code`, with or without namespace and URI; text under any key."""
    payload = {key: f"{name}: what happened"}
    headers = {"x_amzn_requestid": "id-1", "x_amz_cf_id": "cf-1"}
    if place == "header":
        headers["X_Amzn_ErrorType"] = form.format(name)
    else:
        payload[place] = form.format(name)

    error = codec.decode_error(
        operations.PUT_METADATA, answer(payload, 404, **headers), errors.BY_CODE, []
    )

    assert type(error) is errors.BY_CODE[name]
    assert (name, "what happened", 404) == (error.code, error.message, error.status)
    assert ("id-1", "cf-1") == (error.request_id, error.cloudfront_id)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"x"', b"\xff", b"[" * 200_000])
def test_an_error_without_a_readable_body_is_still_an_error(body: bytes) -> None:
    """An edge in front of the service answers with its own pages."""
    error = codec.decode_error(operations.GET_CHANNEL, answer(body, 503), errors.BY_CODE, [])

    assert type(error) is errors.ServiceError
    assert ("503", "", 503) == (error.code, error.message, error.status)
    assert "the service gave no text" in str(error)


@pytest.mark.parametrize("code", [*sorted(codec.THROTTLING_CODES), None])
def test_every_throttle_is_a_throttling_exception_with_the_code_as_sent(code: str | None) -> None:
    """However it is named, and a bare 429 of a proxy as well."""
    status = 400 if code else 429
    error = codec.decode_error(
        operations.GET_CHANNEL, answer({"__type": code}, status), errors.BY_CODE, []
    )

    assert type(error) is errors.ThrottlingException
    assert (code or "429") == error.code


@pytest.mark.parametrize(
    ("header", "seconds"), [("1500", 1.5), ("0", 0.0), ("-5", None), ("soon", None), (None, None)]
)
def test_the_wait_that_the_service_asks_for_is_kept(
    header: str | None, seconds: float | None
) -> None:
    """In milliseconds on the wire; nonsense counts as nothing."""
    headers = {} if header is None else {"x_amz_retry_after": header}
    error = codec.decode_error(operations.GET_CHANNEL, answer({}, 503, **headers), {}, [])

    assert seconds == error.retry_after


def test_what_the_service_echoes_of_a_secret_is_cut_out() -> None:
    """A signature mismatch is answered with the canonical request, session token included."""
    error = codec.decode_error(
        operations.PUT_METADATA,
        answer({"message": "canonical: x-amz-security-token:TOKEN-1 body: the cue"}, 403),
        errors.BY_CODE,
        ["TOKEN-1", "the cue", None, "", "a"],
    )

    assert error.message == "canonical: x-amz-security-token:<secret> body: <secret>"


@pytest.mark.parametrize(
    "echo",
    [
        str,
        json.dumps,
        lambda cue: json.dumps(cue, ensure_ascii=False),
        lambda cue: cue[:40],
        lambda cue: cue[-30:],
        lambda cue: json.dumps(cue)[5:40] + "...",
    ],
)
def test_an_echo_is_cut_out_shortened_and_escaped_too(echo: Any) -> None:
    """A service that quotes the request in JSON, or its beginning, gives nothing away."""
    cue = json.dumps({"card": "SENTINEL-SECRET", "name": "é", "more": "SENTINEL-" * 5})
    error = codec.decode_error(
        operations.PUT_METADATA,
        answer({"message": f"invalid request: {echo(cue)} (refused)"}, 400),
        errors.BY_CODE,
        [cue],
    )

    assert "SENTINEL" not in error.message
    assert error.message.startswith("invalid request: ")
    assert error.message.endswith("(refused)")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["channel", "arn", "tags", "srt", "channels", "nextToken", "stream"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)
bodies = st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode())


@given(
    operation=st.sampled_from(ALL),
    status=st.integers(100, 599),
    body=bodies,
    headers=st.dictionaries(
        st.sampled_from(["x-amzn-errortype", "x-amz-retry-after", "x-amzn-requestid"]),
        st.text(max_size=20),
    ),
)
def test_whatever_arrives_only_our_errors_come_out(
    operation: Any, status: int, body: bytes, headers: dict[str, str]
) -> None:
    """Arbitrary bytes, statuses and headers, decoded as answer and as error."""
    response = Response(status, CIMultiDict(headers), body)

    assert isinstance(
        codec.decode_error(operation, response, errors.BY_CODE, ["secret"]), errors.ServiceError
    )
    with contextlib.suppress(errors.UnexpectedResponse):
        codec.decode(operation, response)


def test_required_members_are_asked_for_by_name() -> None:
    """Nothing is sent without them."""
    with pytest.raises(errors.ParameterError, match="put_metadata: channel_arn is required"):
        codec.encode(operations.PUT_METADATA, {"metadata": "x", "channel_arn": None})


def test_bodies_are_compact_utf8() -> None:
    """No blanks and no escapes: bytes are scarce where metadata is concerned."""
    target, body = codec.encode(
        operations.PUT_METADATA, {"channel_arn": "arn:x", "metadata": "é", "absent": None}
    )

    assert target == "/PutMetadata"
    assert body == '{"channelArn":"arn:x","metadata":"é"}'.encode()
