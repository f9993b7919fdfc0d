"""What can go wrong with a call to any AWS service, as a tree.

Owns the kinds of failure and what each one tells the caller to do. The errors that one service
models are its own subclasses of `ServiceError`, outside this package.

    IvsError
    ├── ConfigurationError      region, endpoint or settings cannot be used
    ├── CredentialsError        no credentials, or their source failed
    ├── ParameterError          an argument breaks a rule              (also a ValueError)
    ├── RateLimitExceeded       the limiter's wait exceeds the time limit
    ├── RequestNotSent          nothing was processed
    ├── ResponseNotReceived     may have been processed
    │   └── RequestTimeout      the same, because time ran out         (also a TimeoutError)
    ├── UnexpectedResponse      an answer that is not the API's; may have been processed
    └── ServiceError            the service's own answer
        └── ThrottlingException
"""

from __future__ import annotations

from typing import Any


class IvsError(Exception):
    """Root of everything that this package raises on purpose."""


class ConfigurationError(IvsError):
    """Region, endpoint or settings cannot be used as they are; nothing was sent."""


class CredentialsError(IvsError):
    """No credentials were found, or their source failed; nothing was sent."""


class ParameterError(IvsError, ValueError):
    """An argument breaks a rule of the API; nothing was sent.

    The text names the argument, the rule and the size of the value, never the value.
    """


class RateLimitExceeded(IvsError):
    """The limiter would have held the call beyond its time limit; nothing was sent.

    Attributes:
        wait: Seconds that the call would have waited for its tokens.
    """

    def __init__(self, message: str, *, wait: float) -> None:
        super().__init__(message)
        self.wait = wait

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


class CallError(IvsError):
    """What the failures of a call that was begun have in common. Catch the subclasses.

    Attributes:
        operation: Name of the API operation, such as ``PutMetadata``.
        attempts: How many attempts were made, the first included.
        advice: What the caller can do.
    """

    advice: str = ""

    def __init__(self, message: str, *, operation: str = "", attempts: int = 1) -> None:
        super().__init__(message)
        self.operation = operation
        self.attempts = attempts

    def __str__(self) -> str:
        facts = self._facts()
        return "".join(
            (
                f"{self.operation}: " if self.operation else "",
                self._text(),
                f" ({', '.join(facts)})" if facts else "",
                f"; {self.advice}" if self.advice else "",
            )
        )

    def _text(self) -> str:
        return super().__str__()

    def _facts(self) -> list[str]:
        return [f"after {self.attempts} attempts"] if self.attempts > 1 else []

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__)


class RequestNotSent(CallError):
    """The request never left: no connection, a closed session, a TLS failure. Safe to repeat.

    Attributes:
        permanent: Whether trying again cannot help, as with an untrusted certificate or a
            closed session.
    """

    permanent: bool = False


class ResponseNotReceived(CallError):
    """The request left and no answer came back, so it may have been processed.

    The text names the call that tells whether it was.
    """


class RequestTimeout(ResponseNotReceived, TimeoutError):
    """No answer within the time limit; the request may have been processed."""


class UnexpectedResponse(CallError):
    """The answer is not one that the API gives: HTML, cut JSON, a redirect, a missing structure.

    The request may have been processed.

    Attributes:
        status: HTTP status of the answer.
        request_id: The service's id of the request, if the answer had one.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        request_id: str | None = None,
        operation: str = "",
        attempts: int = 1,
    ) -> None:
        super().__init__(message, operation=operation, attempts=attempts)
        self.status = status
        self.request_id = request_id


class ServiceError(CallError):
    """The service answered with an error. Its modelled errors are subclasses named as in the API.

    Attributes:
        code: The error's name as the service sent it; the status as text if it sent none.
        message: The service's text, without secrets of the request.
        status: HTTP status of the answer.
        request_id: The service's id of the request, for support cases.
        cloudfront_id: Id of the edge in front of the service, if the answer came through one.
        retry_after: Seconds that the service asked to wait, None where it did not.
    """

    retry_after: float | None = None

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        status: int = 0,
        request_id: str | None = None,
        cloudfront_id: str | None = None,
        operation: str = "",
        attempts: int = 1,
    ) -> None:
        super().__init__(message, operation=operation, attempts=attempts)
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        self.cloudfront_id = cloudfront_id

    def _text(self) -> str:
        return f"{self.code}: {self.message or 'the service gave no text'}"

    def _facts(self) -> list[str]:
        facts = [f"status {self.status}", *super()._facts()]
        if self.request_id:
            facts.append(f"request id {self.request_id}")
        return facts


class ThrottlingException(ServiceError):
    """The service refused the call for its rate; nothing was processed.

    Retried with a long back-off before it is raised. `.code` is the name as sent, which differs
    between services and their edges.
    """

    advice = "give all that spends from the account's rates one limiter, or parts of the rates"


def _rebuild(kind: type[IvsError], args: tuple[object, ...], state: dict[str, object]) -> IvsError:
    """Unpickle without calling ``__init__``, whose keyword-only arguments pickle cannot give."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
