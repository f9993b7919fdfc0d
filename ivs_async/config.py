"""Region, endpoint and settings of a session: from arguments, environment and shared config files.

Owns the names of these settings, the order of their sources and the rules that make an endpoint of
a region. Reads no credentials, and opens no file on the event loop.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import urlsplit

import attrs

from ._aws.errors import ConfigurationError

T = TypeVar("T")
Section: TypeAlias = Mapping[str, str | Mapping[str, str]]

# AWS General Reference, "Amazon Interactive Video Service endpoints and quotas"
HOME_REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-west-2",
)

# Regions, DNS suffix and dual-stack DNS suffix of each partition, from botocore's partitions.json.
# A region of no other partition is taken for one of `aws`.
_PARTITIONS = (
    (r"cn-\w+-\d+|aws-cn-global", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    (r"eusc-de-\w+-\d+", "amazonaws.eu", "api.amazonwebservices.eu"),
    (r"us-iso-\w+-\d+|aws-iso-global", "c2s.ic.gov", "api.aws.ic.gov"),
    (r"us-isob-\w+-\d+|aws-iso-b-global", "sc2s.sgov.gov", "api.aws.scloud"),
    (r"eu-isoe-\w+-\d+|aws-iso-e-global", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    (r"us-isof-\w+-\d+|aws-iso-f-global", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    (r"us-gov-\w+-\d+|aws-us-gov-global", "amazonaws.com", "api.aws"),
    (r".*", "amazonaws.com", "api.aws"),
)

_DEFAULT_PORTS = {"http": 80, "https": 443}
_REGION_NAME = re.compile(r"(?!\d+$)(?!-)[a-z0-9-]{1,63}(?<!-)")
# an underscore is no part of a host name, but of many a container's
_HOST_NAME = re.compile(
    r"(?=.{1,255}$)(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?"
)


class ConfigurationWarning(UserWarning):
    """A setting that can be used and was probably not meant."""


@attrs.frozen
class Endpoint:
    """Where requests go, normalised once, so that what is signed is what is sent.

    Attributes:
        url: Scheme, host and port, such as ``https://ivs.us-west-2.amazonaws.com``: host in lower
            case, no port that is the scheme's default, no slash at the end.
        host: Value of the ``Host`` header, such as ``localhost:4599``.
    """

    url: str
    host: str

    @classmethod
    def parse(cls, url: str, name: str = "endpoint_url") -> Endpoint:
        """Normalise the URL of an endpoint.

        Args:
            url: ``http`` or ``https``, then a host name or an IP address (IPv6 in brackets), then
                perhaps a port. A path is refused: those of the API begin at the root.
            name: What an error calls the URL. It does not repeat it: it may hold a password.

        Raises:
            ConfigurationError: It is malformed, or there is more to it.
        """
        _check_type(name, url, str)
        if not url.isascii() or re.search(r"[\x00-\x20\x7f\\]", url):
            raise ConfigurationError(
                f"{name} must hold no blank, backslash, control or non-ASCII character"
            )
        invalid = ConfigurationError(f"{name} must have a valid host and port")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise invalid from None
        if parts.scheme not in _DEFAULT_PORTS or not parts.netloc:
            raise ConfigurationError(f"{name} must begin with http:// or https:// and a host")
        if "@" in parts.netloc:
            raise ConfigurationError(f"{name} must have no user name or password")
        if parts.path not in {"", "/"} or "?" in url or "#" in url:
            raise ConfigurationError(f"{name} must have no path, query or fragment")
        is_host = _is_ipv6(host) if "[" in parts.netloc else _HOST_NAME.fullmatch(host)
        if not is_host or port == 0:
            raise invalid
        authority = f"[{host}]" if ":" in host else host
        if port not in {None, _DEFAULT_PORTS[parts.scheme]}:
            authority = f"{authority}:{port}"
        return cls(f"{parts.scheme}://{authority}", authority)

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read along: TLS, or an address of this machine."""
        return self.url.startswith("https:") or _is_loopback(self.url)


def endpoint_for(
    region: str,
    *,
    fips: bool = False,
    dualstack: bool = False,
    custom: Endpoint | None = None,
) -> Endpoint:
    """Apply the endpoint rules of IVS. They name an endpoint where IVS is not, too.

    Args:
        region: A well-formed region.
        fips: Whether to use the endpoint with FIPS 140 cryptography.
        dualstack: Whether to use the endpoint that has IPv6 as well.
        custom: An endpoint that takes the place of the region's.

    Raises:
        ConfigurationError: A custom endpoint together with ``fips`` or ``dualstack``.
    """
    if custom is not None:
        if fips or dualstack:
            raise ConfigurationError(
                f"{'FIPS' if fips else 'Dualstack'} and custom endpoint are not supported "
                "together: switch off the one or leave out the other"
            )
        return custom
    plain, dual = next(
        (plain, dual) for regions, plain, dual in _PARTITIONS if re.fullmatch(regions, region)
    )
    host = f"ivs{'-fips' if fips else ''}.{region}.{dual if dualstack else plain}"
    return Endpoint(f"https://{host}", host)


@attrs.frozen
class SharedConfig:
    """What the shared config and credentials files say.

    Attributes:
        profiles: Keys and values by profile. The credentials file goes before the config file.
        services: Keys and values by ``[services]`` section.
    """

    profiles: Mapping[str, Section] = attrs.field(factory=dict, repr=False)
    services: Mapping[str, Section] = attrs.field(factory=dict, repr=False)

    @classmethod
    def read(cls, config_file: str, credentials_file: str) -> SharedConfig:
        """Read both files as the AWS CLI does. Blocks; a file that is not there is empty.

        Raises:
            ConfigurationError: A file cannot be parsed. The text names the file and the line, and
                repeats nothing of it.
        """
        profiles: dict[str, Section] = {}
        services: dict[str, Section] = {}
        for heading, section in _parse(config_file).items():
            if heading == "default":
                profiles[heading] = section
            elif heading.startswith("profile"):
                profiles.update(_named(heading, section))
            elif heading.startswith("services"):
                services.update(_named(heading, section))
        for profile, section in _parse(credentials_file).items():
            profiles[profile] = {**profiles.get(profile, {}), **section}
        return cls(profiles, services)


@attrs.frozen(kw_only=True)
class Settings:
    """What a session runs with.

    Attributes:
        region: The region that requests are signed for.
        endpoint: Where they go.
        max_attempts: Attempts of a call, the first included.
        ca_bundle: File of certificates that are trusted in place of the default ones.
        clock_skew_correction: Whether signatures follow the service's clock when it differs.
    """

    region: str
    endpoint: Endpoint
    is_custom: bool = attrs.field(default=False, eq=False)
    max_attempts: int = 3
    ca_bundle: str | None = None
    clock_skew_correction: bool = True


@attrs.frozen(kw_only=True)
class Options:
    """What a session was told about its settings. Checked at once, resolved by `load`.

    An argument goes before its environment variables, these before the profile. A variable or a
    value that is empty or blank counts as absent.

    Attributes:
        region: Else ``AWS_REGION``, ``AWS_DEFAULT_REGION``, ``region``.
        profile: Else ``AWS_PROFILE``, ``AWS_DEFAULT_PROFILE``, the profile ``default``.
        endpoint_url: Else, unless they are ignored, ``AWS_ENDPOINT_URL_IVS``,
            ``AWS_ENDPOINT_URL``, ``endpoint_url`` of ``ivs`` in the profile's ``services``
            section, ``endpoint_url`` of the profile; else the region's own.
        ignore_configured_endpoint_urls: Whether to use no URL but an argument. Else
            ``AWS_IGNORE_CONFIGURED_ENDPOINT_URLS``, ``ignore_configured_endpoint_urls``.
        use_fips_endpoint: Else ``AWS_USE_FIPS_ENDPOINT``, ``use_fips_endpoint``.
        use_dualstack_endpoint: Else ``AWS_USE_DUALSTACK_ENDPOINT``, ``use_dualstack_endpoint``.
        max_attempts: Else ``AWS_MAX_ATTEMPTS``, ``max_attempts``.
        clock_skew_correction: False, or true in ``AWS_DISABLE_CLOCK_SKEW_CORRECTION`` or
            ``disable_clock_skew_correction``, switches it off.
        environ: Where environment variables are read.

    Raises:
        ConfigurationError: An argument or a variable cannot be used.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    ignore_configured_endpoint_urls: bool | None = None
    use_fips_endpoint: bool | None = None
    use_dualstack_endpoint: bool | None = None
    max_attempts: int | None = None
    clock_skew_correction: bool = True
    environ: Mapping[str, str] = attrs.field(factory=lambda: os.environ, repr=False)

    def __attrs_post_init__(self) -> None:
        profile_name(self.profile, self.environ)
        _check_type("clock_skew_correction", self.clock_skew_correction, bool)
        for setting in _SETTINGS:
            self._find(setting, {})
        custom = self._custom_endpoint({}, {})
        if self.endpoint_url is not None:
            self._endpoint("", custom, {})

    async def load(self) -> Settings:
        """Resolve the settings. The shared config files are read in a worker thread.

        Warns with `ConfigurationWarning` of a region in which IVS is not, unless the endpoint is
        a custom one, and of an endpoint without TLS that is not on this machine.

        Raises:
            ConfigurationError: There is no region, the profile does not exist, a file cannot be
                parsed, or a value cannot be used.
        """
        files = config_files(self.environ)
        shared = await asyncio.to_thread(SharedConfig.read, *files)
        settings = self.resolve(shared)
        if settings.region not in HOME_REGIONS and not settings.is_custom:
            _warn(
                f"Amazon IVS is not in region {settings.region}, so calls will find no endpoint; "
                f"it is in {', '.join(HOME_REGIONS)}"
            )
        if not settings.endpoint.is_private:
            _warn(
                f"{settings.endpoint.url} is neither encrypted nor on this machine: session "
                "tokens, stream keys and metadata can be read on the way"
            )
        return settings

    def endpoint(self) -> Endpoint:
        """Where requests will go. Unless an argument says, reads the shared config files in place.

        Raises:
            ConfigurationError: As `load`.
        """
        if self.endpoint_url is not None:
            return Endpoint.parse(self.endpoint_url)
        return self.resolve(SharedConfig.read(*config_files(self.environ))).endpoint

    def resolve(self, shared: SharedConfig) -> Settings:
        """Resolve the settings, given what the shared config files say.

        Raises:
            ConfigurationError: As `load`.
        """
        files = config_files(self.environ)
        name = profile_name(self.profile, self.environ)
        if name is not None and name not in shared.profiles:
            raise ConfigurationError(f"profile {name!r} is neither in {files[0]} nor in {files[1]}")
        profile = shared.profiles.get(name or "default", {})
        region = self._find(_REGION, profile)
        if region is None:
            raise ConfigurationError(
                "missing region: pass IvsSession(region=...), set AWS_REGION, or give the profile "
                f"{name or 'default'!r} in {files[0]} a region"
            )
        custom = self._custom_endpoint(profile, shared.services)
        return Settings(
            region=region,
            endpoint=self._endpoint(region, custom, profile),
            is_custom=custom is not None,
            max_attempts=self._find(_MAX_ATTEMPTS, profile) or 3,
            ca_bundle=self._find(_CA_BUNDLE, profile),
            clock_skew_correction=self.clock_skew_correction
            and not self._find(_NO_SKEW_CORRECTION, profile),
        )

    def _find(self, setting: _Setting[T], profile: Section) -> T | None:
        argument = getattr(self, setting.name, None)
        if argument is not None:
            _check_type(setting.name, argument, setting.kind)
            return setting.parse(str(argument), setting.name)
        for name in setting.variables:
            if text := variable(self.environ, name):
                return setting.parse(text, name)
        if text := _text(profile, setting.name):
            return setting.parse(text, f"{setting.name} of the profile")
        return None

    def _custom_endpoint(
        self, profile: Section, services: Mapping[str, Section]
    ) -> Endpoint | None:
        if self.endpoint_url is not None:
            return Endpoint.parse(self.endpoint_url)
        if self._find(_IGNORE_ENDPOINTS, profile):
            return None
        for name in ("AWS_ENDPOINT_URL_IVS", "AWS_ENDPOINT_URL"):
            if url := variable(self.environ, name):
                return Endpoint.parse(url, name)
        if "services" in profile:
            name = _text(profile, "services") or ""
            section = services.get(name)
            if not section:
                raise ConfigurationError(
                    f"the profile names the services section {name!r}, which does not exist"
                )
            ivs = section.get("ivs", {})
            if isinstance(ivs, str):
                raise ConfigurationError(
                    f"ivs in the services section {name!r} must be followed by indented lines"
                )
            if url := _text(ivs, "endpoint_url"):
                return Endpoint.parse(url, f"endpoint_url of ivs in the services section {name!r}")
        if url := _text(profile, "endpoint_url"):
            return Endpoint.parse(url, "endpoint_url of the profile")
        return None

    def _endpoint(self, region: str, custom: Endpoint | None, profile: Section) -> Endpoint:
        return endpoint_for(
            region,
            fips=self._find(_USE_FIPS, profile) or False,
            dualstack=self._find(_USE_DUALSTACK, profile) or False,
            custom=custom,
        )


def variable(environ: Mapping[str, str], *names: str) -> str | None:
    """The first of some environment variables that is not blank, without blanks around it."""
    return next((text for name in names if (text := environ.get(name, "").strip())), None)


def profile_name(profile: str | None, environ: Mapping[str, str]) -> str | None:
    """The profile that an argument or else the environment asks for, if either does.

    Raises:
        ConfigurationError: The argument is no name.
    """
    if profile is None:
        return variable(environ, "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    _check_type("profile", profile, str)
    if not profile.strip():
        raise ConfigurationError("profile must not be empty; leave it out for the default one")
    return profile


def region_name(region: str | None, environ: Mapping[str, str]) -> str | None:
    """The region that an argument or else the environment asks for, if either does."""
    return region or variable(environ, *_REGION.variables)


def config_files(environ: Mapping[str, str]) -> tuple[str, str]:
    """The shared config file and the shared credentials file, ``~`` and variables unexpanded."""
    return (
        variable(environ, "AWS_CONFIG_FILE") or "~/.aws/config",
        variable(environ, "AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials",
    )


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """The proxy that the environment asks for, by the rules of `urllib.request`.

    It stands in ``http_proxy`` or ``https_proxy``, by the scheme of ``url``; ``no_proxy`` lists
    hosts to reach without one. Each may be in upper case; lower case goes first. Beyond those
    rules, addresses of this machine are never asked of another one: a local IVS is reached at once.

    Args:
        url: Where requests go.
        environ: The environment variables.

    Returns:
        A URL with a scheme, or None. It may hold a password.

    Raises:
        ConfigurationError: The proxy is neither ``http`` nor ``https``.
    """
    if _is_loopback(url):
        return None
    parts = urlsplit(url)
    name = f"{parts.scheme}_proxy"
    proxy = environ.get(name)
    # web servers hand the header "Proxy:" of a request to a CGI script as HTTP_PROXY
    if proxy is None and not (name == "http_proxy" and "REQUEST_METHOD" in environ):
        proxy = environ.get(name.upper())
    if not proxy or _bypasses(parts.netloc, environ.get("no_proxy", environ.get("NO_PROXY", ""))):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy.removeprefix('//')}"
    if urlsplit(proxy).scheme not in _DEFAULT_PORTS:
        raise ConfigurationError(f"{name} must be a proxy of scheme http or https")
    return proxy


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _bypasses(netloc: str, no_proxy: str) -> bool:
    if no_proxy == "*":
        return True
    hosts = {netloc.lower(), re.sub(r":\d+$", "", netloc.lower())}
    names = [name.strip().lstrip(".").lower() for name in no_proxy.split(",") if name.strip()]
    return any(host == name or host.endswith(f".{name}") for name in names for host in hosts)


def _parse(file: str) -> dict[str, dict[str, str | dict[str, str]]]:
    # Path.expanduser() fails for a user without a home, which containers have
    path = Path(os.path.expanduser(os.path.expandvars(file)))  # noqa: PTH111
    if not path.is_file():
        return {}
    # in the cloud there seldom is such a file, and then nobody needs the parser
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
        return {
            heading: {key: _nested(value) for key, value in parser.items(heading)}
            for heading in parser.sections()
        }
    # the texts of these errors may repeat a line of the file, and the line may hold a secret
    except configparser.MissingSectionHeaderError as error:
        problem = f"line {error.lineno} stands before the first section"
    except configparser.ParsingError as error:
        problem = f"line {error.errors[0][0]} is no setting"
    except (configparser.DuplicateSectionError, configparser.DuplicateOptionError) as error:
        problem = f"line {error.lineno} repeats what stands above it"
    except UnicodeDecodeError:
        problem = "it is not UTF-8"
    except ValueError:
        problem = "an indented line has no ="
    raise ConfigurationError(f"{path} cannot be parsed: {problem}")


def _nested(value: str) -> str | dict[str, str]:
    if not value.startswith("\n"):
        return value
    pairs = (line.split("=", 1) for line in value.splitlines() if line.strip())
    return {key.strip(): inner.strip() for key, inner in pairs}


def _named(heading: str, section: Section) -> dict[str, Section]:
    import shlex

    try:
        _, name = shlex.split(heading)
    except ValueError:
        return {}
    return {name: section}


def _text(section: Section, key: str) -> str | None:
    text = section.get(key)
    if text is not None and not isinstance(text, str):
        raise ConfigurationError(f"{key} of the profile must be followed by a value on its line")
    return text.strip() if text else None


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.IPv6Address(host).scope_id is None
    except ValueError:
        return False


def _warn(text: str) -> None:
    warnings.warn(text, ConfigurationWarning, stacklevel=3)


def _check_type(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ConfigurationError(f"{name} must be a {kind.__name__}, not {type(value).__name__}")


def _region(text: str, name: str) -> str:
    if not _REGION_NAME.fullmatch(text):
        raise ConfigurationError(
            f"{name} must be lower-case letters, digits and hyphens, such as us-west-2; "
            f"this is {text[:64]!r}"
        )
    return text


def _boolean(text: str, name: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ConfigurationError(f"{name} must be true or false; this is {text[:64]!r}")
    return text.lower() == "true"


def _positive(text: str, name: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", text):
        raise ConfigurationError(f"{name} must be a whole number from 1; this is {text[:64]!r}")
    return int(text)


def _file(text: str, _name: str) -> str:
    return text


@attrs.frozen
class _Setting(Generic[T]):
    """One setting: its name as an argument and in a profile, its variables, what it may be."""

    name: str
    variables: tuple[str, ...]
    kind: type[T]
    parse: Callable[[str, str], T]


def _switch(name: str) -> _Setting[bool]:
    return _Setting(name, (f"AWS_{name.upper()}",), bool, _boolean)


_REGION = _Setting("region", ("AWS_REGION", "AWS_DEFAULT_REGION"), str, _region)
_MAX_ATTEMPTS = _Setting("max_attempts", ("AWS_MAX_ATTEMPTS",), int, _positive)
_CA_BUNDLE = _Setting("ca_bundle", ("AWS_CA_BUNDLE",), str, _file)
_IGNORE_ENDPOINTS = _switch("ignore_configured_endpoint_urls")
_USE_FIPS = _switch("use_fips_endpoint")
_USE_DUALSTACK = _switch("use_dualstack_endpoint")
_NO_SKEW_CORRECTION = _switch("disable_clock_skew_correction")
_SETTINGS: tuple[_Setting[Any], ...] = (
    _REGION,
    _MAX_ATTEMPTS,
    _CA_BUNDLE,
    _IGNORE_ENDPOINTS,
    _USE_FIPS,
    _USE_DUALSTACK,
    _NO_SKEW_CORRECTION,
)
