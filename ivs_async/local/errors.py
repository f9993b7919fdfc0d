"""What the API answers when it refuses a call: the error codes and their HTTP statuses.

Owns the mapping and the exception that carries an error from a rule to the wire. It knows no rule.
"""

from __future__ import annotations

from typing import Final

STATUS: Final = {
    # the errors of the IVS model
    "AccessDeniedException": 403,
    "ChannelNotBroadcasting": 404,
    "ConflictException": 409,
    "InternalServerException": 500,
    "PendingVerification": 403,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 402,
    "ServiceUnavailable": 503,
    "StreamUnavailable": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
    # errors that any AWS call can meet
    "ExpiredTokenException": 403,
    "IncompleteSignature": 403,
    "InternalFailure": 500,
    "InvalidSignatureException": 403,
    "MalformedHttpRequestException": 400,
    "MissingAuthenticationTokenException": 403,
    "NotAuthorized": 401,
    "OptInRequired": 403,
    "RequestAbortedException": 400,
    "RequestEntityTooLargeException": 413,
    "RequestTimeoutException": 408,
    "TooManyRequestsException": 429,
    "UnknownOperationException": 404,
    "UnrecognizedClientException": 403,
}
"""HTTP status by error code. A code that is not here is sent with status 400."""

TEXT: Final = {
    "InternalServerException": "Unexpected error during processing of request.",
    "PendingVerification": "Your account is pending verification.",
    "ServiceUnavailable": "The service is temporarily unavailable.",
    "StreamUnavailable": "The stream is temporarily unavailable.",
    "ThrottlingException": "Rate exceeded",
}
"""What an error says when whoever raises it says nothing."""


class ApiError(Exception):
    """An error of the API on its way to the wire.

    Attributes:
        code: Its name, as in ``x-amzn-ErrorType``.
        message: Its text.
        status: Its HTTP status.
    """

    def __init__(self, code: str, message: str = "", *, status: int | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message or TEXT.get(code, "")
        self.status = STATUS.get(code, 400) if status is None else status


class LocalError(Exception):
    """Something asked of the local IVS itself cannot be done; the text says what to do instead."""


class StreamRefused(LocalError):
    """The ingest server did not let a broadcaster in, or threw it out at once.

    Attributes:
        reason: The event, limit or code under which IVS reports it, such as
            ``StreamTakeoverInvalidPriority``, ``Ingest Bitrate`` or ``Stream Failure``.
        stream_id: The session that was created for it, None if there was none.
    """

    def __init__(self, message: str, *, reason: str, stream_id: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.stream_id = stream_id
