"""Everything that the package raises, and the errors that the IVS API models, by their names.

    IvsError
    ├── ConfigurationError
    ├── CredentialsError
    ├── ParameterError                      (also a ValueError)
    ├── RateLimitExceeded
    ├── RequestNotSent                      nothing was processed
    ├── ResponseNotReceived                 may have been processed
    │   └── RequestTimeout                  (also a TimeoutError)
    ├── UnexpectedResponse                  may have been processed
    └── ServiceError                        the service's answer, with .code .status .request_id
        ├── AccessDeniedException           403
        ├── ChannelNotBroadcasting          404
        ├── ConflictException               409
        ├── InternalServerException         500, may have been processed
        ├── PendingVerification             403
        ├── ResourceNotFoundException       404
        ├── ServiceQuotaExceededException   402
        ├── ServiceUnavailable              503
        ├── StreamUnavailable               503
        ├── ThrottlingException             429, and every other name of a throttle
        └── ValidationException             400

The same status stands for different errors, so catch classes, not statuses.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from ._aws.errors import (
    CallError,
    ConfigurationError,
    CredentialsError,
    IvsError,
    ParameterError,
    RateLimitExceeded,
    RequestNotSent,
    RequestTimeout,
    ResponseNotReceived,
    ServiceError,
    ThrottlingException,
    UnexpectedResponse,
)

__all__ = [
    "BY_CODE",
    "AccessDeniedException",
    "CallError",
    "ChannelNotBroadcasting",
    "ConfigurationError",
    "ConflictException",
    "CredentialsError",
    "InternalServerException",
    "IvsError",
    "ParameterError",
    "PendingVerification",
    "RateLimitExceeded",
    "RequestNotSent",
    "RequestTimeout",
    "ResourceNotFoundException",
    "ResponseNotReceived",
    "ServiceError",
    "ServiceQuotaExceededException",
    "ServiceUnavailable",
    "StreamUnavailable",
    "ThrottlingException",
    "UnexpectedResponse",
    "ValidationException",
]


class AccessDeniedException(ServiceError):
    """The credentials do not allow the call; the text names the missing IAM permission."""

    advice = "grant the permission to the identity, or use other credentials"


class ChannelNotBroadcasting(ServiceError):
    """The channel is not live: wait for the stream, or drop the cue."""

    advice = "the channel is not live now; try again when its stream has started"


class ConflictException(ServiceError):
    """The state forbids the call: a live channel, a configuration in use, two filters."""

    advice = (
        "change what stands in the way first: a live stream, a resource in use, one filter of two"
    )


class InternalServerException(ServiceError):
    """The service failed; what was asked may have been done."""


class PendingVerification(ServiceError):
    """The AWS account is not verified yet; AWS does that, usually within minutes to hours."""

    advice = "wait until AWS has verified the account"


class ResourceNotFoundException(ServiceError):
    """No resource has that ARN in this account and region."""

    advice = "check the ARN and that the session's region is the one in it"


class ServiceQuotaExceededException(ServiceError):
    """A quota of resources is used up, such as 1 stream key per channel or 3 key pairs."""

    advice = "delete what is not needed, or ask AWS for more where the quota is adjustable"


class ServiceUnavailable(ServiceError):
    """The service is for the moment unable to answer; nothing was processed."""

    advice = "try again later"


class StreamUnavailable(ServiceError):
    """The stream cannot be reached for the moment; nothing was processed."""

    advice = "try again in a few seconds"


class ValidationException(ServiceError):
    """The service calls a member of the request invalid; its text names which."""

    advice = "correct the member that the text names"


BY_CODE: Final = MappingProxyType(
    {
        kind.__name__: kind
        for kind in (
            AccessDeniedException,
            ChannelNotBroadcasting,
            ConflictException,
            InternalServerException,
            PendingVerification,
            ResourceNotFoundException,
            ServiceQuotaExceededException,
            ServiceUnavailable,
            StreamUnavailable,
            ThrottlingException,
            ValidationException,
        )
    }
)
"""The modelled errors by the names that the service sends."""

# tracebacks should name the module that users import from, not the one where a class lives
for _kind in (
    CallError,
    ConfigurationError,
    CredentialsError,
    IvsError,
    ParameterError,
    RateLimitExceeded,
    RequestNotSent,
    RequestTimeout,
    ResponseNotReceived,
    ServiceError,
    ThrottlingException,
    UnexpectedResponse,
):
    _kind.__module__ = __name__
