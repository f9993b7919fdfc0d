"""Credentials: what they are, where they come from, how they are kept fresh.

Owns the default chain (environment variables, then everything that botocore knows) and the one
refresh that all callers of a session share. Knows nothing of signing or of requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import math
import os
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar, cast

import attrs

from ._aws.errors import ConfigurationError, CredentialsError, IvsError, ParameterError
from .config import config_files, profile_name, region_name, variable

T = TypeVar("T")
logger = logging.getLogger(__name__)

_THREAD = "ivs_async: credentials"
# botocore keeps the expiry of what it renews to itself; should it hide it better, ask so often
_LEASE = timedelta(minutes=5)


def _stripped(name: str, text: object) -> str:
    if not isinstance(text, str):
        raise ParameterError(f"{name} must be a str, not {type(text).__name__}")
    text = text.strip()
    if not text:
        raise ParameterError(f"{name} must not be empty")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ParameterError(
            f"{name} must be printable ASCII without blanks; these {len(text):,} characters are not"
        )
    return text


def _check_moment(_: object, field: attrs.Attribute[datetime], moment: object) -> None:
    if not isinstance(moment, datetime):
        raise ParameterError(f"{field.name} must be a datetime, not {type(moment).__name__}")
    if moment.utcoffset() is None:
        raise ParameterError(
            f"{field.name} must be a datetime with a time zone; this one is naive "
            "(say datetime.now(timezone.utc), not datetime.now())"
        )


@attrs.frozen(repr=False)
class Credentials:
    """An access key, perhaps a temporary one.

    White space around the three texts is dropped: keys are often read from files. The repr shows
    the last characters of the access key id and when it expires, never more.

    Attributes:
        access_key_id: The key's public part.
        secret_access_key: The key's secret part.
        session_token: What goes with a temporary key; empty is the same as None.
        expires_at: When a temporary key ends, with a time zone. None: never, or not known.

    Raises:
        ParameterError: A text is empty or cannot be sent, or ``expires_at`` is naive.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None
    expires_at: datetime | None = attrs.field(
        default=None, validator=attrs.validators.optional(_check_moment)
    )

    def __attrs_post_init__(self) -> None:
        # not by converters: pyright would no longer see plain texts in the fields
        for name in ("access_key_id", "secret_access_key", "session_token"):
            text = getattr(self, name)
            blank = name == "session_token" and (text is None or not str(text).strip())
            object.__setattr__(self, name, None if blank else _stripped(name, text))

    def __repr__(self) -> str:
        # of a shorter key the last four characters would be too much
        shown = self.access_key_id[-4:] if len(self.access_key_id) >= 16 else ""
        until = f", expires_at={self.expires_at.isoformat()!r}" if self.expires_at else ""
        return f"Credentials('...{shown}'{until})"


CredentialsProvider: TypeAlias = Callable[[], Credentials | Awaitable[Credentials]]


@attrs.frozen(kw_only=True)
class RefreshPolicy:
    """When temporary credentials are renewed; all in seconds.

    The windows are those of credentials that last an hour or more. With shorter ones they shrink
    to a quarter and a sixth of the time that the credentials had left when they came.

    Attributes:
        advisory: So long before the end they are renewed in the background.
        mandatory: So long before the end callers wait for the new ones.
        patience: How long they wait while the old ones last; then these serve on.
        back_off: How long a source that failed is left alone while the old ones last.
        limit: How long a source may take.
    """

    advisory: float = 15 * 60
    mandatory: float = 10 * 60
    patience: float = 5
    back_off: float = 10
    limit: float = 60


_POLICY = RefreshPolicy()


class CredentialsCache:
    """The credentials of one session, renewed by one task however many callers wait.

    The task belongs to the cache: a caller that is cancelled stops waiting, and disturbs neither
    the task nor the others. While the old credentials last, a source that fails or hangs is logged
    and fails no call. Once they have expired, every caller that waits gets the failure as an error
    of its own, and the next caller asks the source again.

    Args:
        source: Credentials, a provider of them, or None for the default chain. A provider that is
            no coroutine function runs in a worker thread, so it may block.
        profile: Profile of the default chain; its environment variables are then left out.
        region: Region in which the default chain assumes roles.
        environ: Environment variables of the default chain.
        policy: When to renew.
        now: Seconds since the epoch.

    Raises:
        ParameterError: ``source`` is none of these.
    """

    def __init__(
        self,
        source: Credentials | CredentialsProvider | None = None,
        *,
        profile: str | None = None,
        region: str | None = None,
        environ: Mapping[str, str] = os.environ,
        policy: RefreshPolicy = _POLICY,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._now = now
        self._policy = policy
        self._provider: CredentialsProvider | None = None
        self._credentials: Credentials | None = None
        self._rejected: Credentials | None = None
        self._due = self._mandatory = self._expiry = -math.inf
        self._task: asyncio.Task[Credentials | CredentialsError] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        if isinstance(source, Credentials):
            self._credentials = source
            self._due = self._expiry = _end(source)
        elif source is None:
            self._provider = DefaultChain(profile=profile, region=region, environ=environ)
        elif callable(source):
            self._provider = source
        else:
            raise ParameterError(
                "credentials must be ivs_async.Credentials or a function that returns them, not "
                f"{type(source).__name__}"
            )

    def fresh(self) -> Credentials | None:
        """The credentials at hand, None if `get` has something to do. Never waits, does no I/O."""
        return self._credentials if self._now() < self._due else None

    async def get(self) -> Credentials:
        """Fresh credentials; waits for at most one refresh.

        Raises:
            CredentialsError: The source failed, took too long or gave what has expired, and there
                are no others; or the session was closed.
            ConfigurationError: The cache belongs to another event loop.
        """
        loop = self._bind()
        if (credentials := self.fresh()) is not None:
            return credentials
        if self._closed:
            raise CredentialsError("the session is closed")
        if self._provider is None:
            raise CredentialsError(
                f"the session's credentials expired at {_utc(self._expiry)}; pass a function that "
                "returns new ones as IvsSession(credentials=...)"
            )
        task = self._task
        if task is None or task.done():
            if self._now() < self._mandatory:
                self._due = self._mandatory
            task = self._task = loop.create_task(
                self._refresh(self._provider), name="ivs_async: refresh credentials"
            )
            if (credentials := self.fresh()) is not None:
                return credentials
        while not task.done():
            patience = self._policy.patience if self._usable() else None
            await asyncio.wait((task,), timeout=patience)
            if not task.done() and (credentials := self._usable()):
                # nobody waits again for this task; its end sets the date anew
                if self._due < self._expiry:
                    self._due = self._expiry
                    logger.warning(
                        "refreshing credentials takes long; those that expire at %s serve on",
                        _utc(self._expiry),
                    )
                return credentials
        if task.cancelled():
            raise CredentialsError("the session was closed while its credentials were fetched")
        outcome = task.result()
        if isinstance(outcome, Credentials):
            return outcome
        if credentials := self._usable():
            return credentials
        # an error that many raise would collect the traceback of each
        raise CredentialsError(str(outcome)) from outcome.__cause__

    def reject(self, credentials: Credentials, /) -> bool:
        """Forget credentials that the service calls expired.

        Args:
            credentials: What the request was signed with.

        Returns:
            Whether others can be had: False for fixed credentials, and if the source gave the same
            ones again after they were rejected.
        """
        if self._provider is None:
            return False
        if credentials is not self._credentials:
            return True
        again = credentials == self._rejected
        self._rejected = credentials
        self._forget()
        return not again

    async def close(self) -> None:
        """Forget the credentials and end the refresh, if there is one. May be called again.

        A worker thread in which a provider hangs is abandoned; it does not keep the process alive.
        """
        self._closed = True
        self._forget()
        self._rejected = None
        task = self._task
        if task is not None and not task.done():
            self._bind()
            task.cancel()
            # a provider that suppresses its cancellation is left behind
            await asyncio.wait((task,), timeout=self._policy.patience)

    def _bind(self) -> asyncio.AbstractEventLoop:
        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = loop
        if self._loop is not loop:
            raise ConfigurationError(
                "a session belongs to the event loop in which it was first used; make one for each "
                "event loop"
            )
        return loop

    def _usable(self) -> Credentials | None:
        return self._credentials if self._now() < self._expiry else None

    def _forget(self) -> None:
        self._credentials = None
        self._due = self._mandatory = self._expiry = -math.inf

    async def _refresh(self, provider: CredentialsProvider) -> Credentials | CredentialsError:
        # the failure is returned, not raised: perhaps nobody waits for it
        limit = asyncio.timeout(self._policy.limit)
        try:
            async with limit:
                answer = await _ask(provider)
            return self._keep(answer)
        except CredentialsError as error:
            failure = error
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            failure = _failure(error)
        except Exception as error:  # noqa: BLE001  a provider may raise anything
            failure = _failure(error)
            if limit.expired():
                failure = CredentialsError(
                    f"the credentials provider did not answer within {self._policy.limit:g} s"
                )
        if self._usable():
            self._due = min(self._now() + self._policy.back_off, self._expiry)
            logger.warning(
                "refreshing credentials failed; those that expire at %s serve on: %s",
                _utc(self._expiry),
                failure,
            )
        return failure

    def _keep(self, answer: object) -> Credentials:
        if not isinstance(answer, Credentials):
            raise CredentialsError(
                "the credentials provider must return ivs_async.Credentials, not "
                f"{type(answer).__name__}"
            )
        now, end = self._now(), _end(answer)
        if end <= now:
            raise CredentialsError(
                f"the credentials provider returned credentials that expired at {_utc(end)}; by "
                f"this machine's clock it is {_utc(now)}"
            )
        self._credentials, self._expiry = answer, end
        self._mandatory = end - min(self._policy.mandatory, (end - now) / 6)
        self._due = end - min(self._policy.advisory, (end - now) / 4)
        logger.debug("new credentials: %r", answer)
        return answer


@attrs.frozen(kw_only=True)
class DefaultChain:
    """The places where AWS users keep credentials, as a provider.

    Environment variables first, which takes neither botocore nor a thread; then botocore's chain,
    anew each time, so that keys that were replaced on disk are found.

    Attributes:
        profile: Profile whose credentials are wanted. Given, environment variables are left out.
        region: Region in which roles are assumed.
        environ: Environment variables. What botocore reads besides key, profile, region and the
            names of the two files, it reads from those of the process.
    """

    profile: str | None = None
    region: str | None = None
    environ: Mapping[str, str] = attrs.field(factory=lambda: os.environ, repr=False)

    async def __call__(self) -> Credentials:
        """Search.

        Raises:
            CredentialsError: Nothing was found, or a place was badly set up or did not answer.
        """
        found = _from_environment(self.environ) if self.profile is None else None
        if found is None:
            found = await _in_thread(self._search)
        return found

    def _search(self) -> Credentials:
        import botocore.credentials
        import botocore.exceptions
        import botocore.session

        _keep_bodies_out_of_logs()
        config_file, credentials_file = config_files(self.environ)
        named = profile_name(self.profile, self.environ)
        region = region_name(self.region, self.environ)
        # each is (key in the profile, variables, default, conversion)
        places = {
            "profile": (None, None, named, None),
            "config_file": (None, None, config_file, None),
            "credentials_file": (None, None, credentials_file, None),
        }
        try:
            session = botocore.session.Session(session_vars=places, profile=self.profile)
            if region is not None:
                session.set_config_variable("region", region)
            found = session.get_credentials()
            if found is None:
                raise CredentialsError(self._nothing_found())
            key = found.get_frozen_credentials()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
            raise CredentialsError(f"botocore could not load credentials: {error}") from error
        expires_at = None
        if isinstance(found, botocore.credentials.RefreshableCredentials):
            expires_at = getattr(found, "_expiry_time", None) or datetime.now(UTC) + _LEASE
        return Credentials(key.access_key, key.secret_key, key.token, expires_at)

    def _nothing_found(self) -> str:
        config_file, credentials_file = config_files(self.environ)
        off = variable(self.environ, "AWS_EC2_METADATA_DISABLED") or ""
        variables = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        return (
            "no AWS credentials found. Looked in: the environment "
            f"({'left out, since a profile was given' if self.profile else variables}); "
            f"profile {profile_name(self.profile, self.environ) or 'default'!r} in {config_file} "
            f"and {credentials_file}; web identity (AWS_WEB_IDENTITY_TOKEN_FILE); container "
            "(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI); "
            f"instance metadata ({'disabled' if off.lower() == 'true' else 'no answer or no role'}"
            "). Set the two variables, run `aws configure` or `aws sso login`, give the machine a "
            "role, or pass IvsSession(credentials=...)"
        )


def _from_environment(environ: Mapping[str, str]) -> Credentials | None:
    key = variable(environ, "AWS_ACCESS_KEY_ID")
    secret = variable(environ, "AWS_SECRET_ACCESS_KEY")
    if key is None:
        return None
    if secret is None:
        raise CredentialsError("AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not")
    expiration = variable(environ, "AWS_CREDENTIAL_EXPIRATION")
    try:
        return Credentials(
            key,
            secret,
            variable(environ, "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"),
            None if expiration is None else datetime.fromisoformat(expiration),
        )
    except ParameterError as error:
        raise CredentialsError(f"the credentials in the environment: {error}") from None
    except ValueError:
        raise CredentialsError(
            "AWS_CREDENTIAL_EXPIRATION must be an ISO 8601 time with a time zone"
        ) from None


class _WithoutBodies(logging.Filter):
    """Drops botocore's debug lines of our threads: some hold the answer that brings the keys."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG or threading.current_thread().name != _THREAD


_WITHOUT_BODIES = _WithoutBodies()


def _keep_bodies_out_of_logs() -> None:
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("botocore"):
            logging.getLogger(name).addFilter(_WITHOUT_BODIES)


async def _ask(provider: CredentialsProvider) -> object:
    asynchronous = map(inspect.iscoroutinefunction, (provider, type(provider).__call__))
    answer = provider() if any(asynchronous) else await _in_thread(provider)
    return await answer if inspect.isawaitable(answer) else answer


async def _in_thread(function: Callable[[], T]) -> T:
    """Run a function in a thread that nothing waits for: not its task, not the interpreter's end.

    The worker threads of anyio and asyncio keep a process alive until they are done, and a
    credential process or a token endpoint that hangs is never done.
    """
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    # not the future's own result: asyncio shows results and arguments in its debug output
    outcome: list[tuple[T | None, BaseException | None]] = []

    def work() -> None:
        try:
            outcome.append((function(), None))
        except BaseException as error:  # noqa: BLE001  it is raised where the answer is awaited
            outcome.append((None, error))
        # the loop may have been closed meanwhile
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(deliver)

    def deliver() -> None:
        if not done.cancelled():
            done.set_result(None)
        elif inspect.iscoroutine(outcome[0][0]):
            outcome[0][0].close()

    threading.Thread(target=copy_context().run, args=(work,), name=_THREAD, daemon=True).start()
    await done
    answer, error = outcome.pop()
    if error is not None:
        raise error
    return cast(T, answer)


def _failure(error: BaseException) -> CredentialsError:
    # the text of a stranger's exception may hold a secret; it is there as the cause
    text = f": {error}" if isinstance(error, IvsError) else ""
    failure = CredentialsError(f"the credentials provider failed: {type(error).__name__}{text}")
    failure.__cause__ = error
    return failure


def _end(credentials: Credentials) -> float:
    return math.inf if credentials.expires_at is None else credentials.expires_at.timestamp()


def _utc(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
