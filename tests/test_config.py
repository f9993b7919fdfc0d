"""Region, endpoint and settings: the order of their sources, against botocore's own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import botocore.auth
import botocore.exceptions
import botocore.session
import pytest
from botocore.configprovider import ConfiguredEndpointProvider
from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import Loader
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivs_async._aws.errors import ConfigurationError
from ivs_async.config import (
    HOME_REGIONS,
    ConfigurationWarning,
    Endpoint,
    Options,
    Settings,
    SharedConfig,
    endpoint_for,
    proxy_for,
    region_name,
)

LOADER = Loader()
PARTITIONS = LOADER.load_data("partitions")
RULES = EndpointProvider(LOADER.load_service_model("ivs", "endpoint-rule-set-1"), PARTITIONS)
KNOWN_REGIONS = [region for each in PARTITIONS["partitions"] for region in each["regions"]]
PREFIXES = [
    *("us", "eu", "ap", "mx", "zz", "cn", "eusc-de", "eusc-fr", "us-gov", "us-iso", "us-isob"),
    *("eu-isoe", "us-isof", "us-isog", "aws", "aws-cn", "aws-iso"),
]
regions = st.one_of(
    st.sampled_from(KNOWN_REGIONS),
    st.builds(
        "{}-{}-{}".format,
        st.sampled_from(PREFIXES),
        st.sampled_from(["east", "north1", "global", "a-b"]),
        st.integers(0, 12),
    ),
    st.builds("{}-global".format, st.sampled_from(PREFIXES)),
    st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,4}", fullmatch=True),
)


@contextmanager
def process_environment(environ: Mapping[str, str]) -> Iterator[None]:
    """Let botocore see these variables of AWS and no others."""
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith("AWS_"):
                patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        yield


class Files:
    """A shared config file and a shared credentials file."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config"
        self.credentials = folder / "credentials"

    def environ(self, **variables: str) -> dict[str, str]:
        """Environment variables that lead to the files."""
        return {
            "AWS_CONFIG_FILE": str(self.config),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials),
            **variables,
        }

    async def load(self, _environ: Mapping[str, str] | None = None, **arguments: Any) -> Settings:
        """What a session would run with."""
        return await Options(environ=self.environ(**(_environ or {})), **arguments).load()


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Files that are not there until a test writes them."""
    return Files(tmp_path)


# endpoints


@given(region=regions, fips=st.booleans(), dualstack=st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_rules_give_what_botocores_rules_give(region: str, fips: bool, dualstack: bool) -> None:
    """Every partition, every flag, and regions that nobody has heard of."""
    theirs = RULES.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dualstack)
    ours = endpoint_for(region, fips=fips, dualstack=dualstack)
    assert ours == Endpoint.parse(theirs.url) == Endpoint(theirs.url, ours.host)


@pytest.mark.parametrize("dualstack", [False, True])
@pytest.mark.parametrize("fips", [False, True])
def test_a_custom_endpoint_takes_no_flags(fips: bool, dualstack: bool) -> None:
    """The two errors of the rules, and the endpoint itself where there is no flag."""
    custom = Endpoint.parse("https://example.com")
    flags = {"UseFIPS": fips, "UseDualStack": dualstack}
    if fips or dualstack:
        with pytest.raises(botocore.exceptions.EndpointProviderError) as theirs:
            RULES.resolve_endpoint(Endpoint=custom.url, **flags)
        with pytest.raises(ConfigurationError) as ours:
            endpoint_for("us-west-2", fips=fips, dualstack=dualstack, custom=custom)
        assert str(theirs.value).rpartition(": ")[2] in str(ours.value)
    else:
        assert RULES.resolve_endpoint(Endpoint=custom.url, **flags).url == custom.url
        assert endpoint_for("us-west-2", custom=custom) is custom


def test_the_home_regions_are_those_of_botocore() -> None:
    """The list that a warning names is the one that AWS publishes."""
    session = botocore.session.Session()
    assert list(HOME_REGIONS) == sorted(session.get_available_regions("ivs"))


@pytest.mark.parametrize(
    ("url", "normal", "host"),
    [
        ("https://IVS.Example.com:443/", "https://ivs.example.com", "ivs.example.com"),
        ("http://localhost:80", "http://localhost", "localhost"),
        ("HTTP://localhost:4599/", "http://localhost:4599", "localhost:4599"),
        ("https://localhost:80", "https://localhost:80", "localhost:80"),
        ("http://127.0.0.1:4599", "http://127.0.0.1:4599", "127.0.0.1:4599"),
        ("http://[::1]:4599", "http://[::1]:4599", "[::1]:4599"),
        ("https://[FE80::1]/", "https://[fe80::1]", "[fe80::1]"),
        ("https://example.com.", "https://example.com.", "example.com."),
        ("http://ivs_local:4599", "http://ivs_local:4599", "ivs_local:4599"),
        ("https://example.com:", "https://example.com", "example.com"),
    ],
)
def test_an_endpoint_is_normalised_once(url: str, normal: str, host: str) -> None:
    """What is signed is what is sent: botocore derives the same host, from the same URL."""
    endpoint = Endpoint.parse(url)
    assert (endpoint.url, endpoint.host) == (normal, host)
    assert Endpoint.parse(endpoint.url) == endpoint
    assert botocore.auth._host_from_url(endpoint.url) == endpoint.host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:4599",
        "//localhost",
        "ftp://localhost",
        "https://",
        "https:///path",
        "https://:443",
        "https://localhost:0",
        "https://localhost:65536",
        "https://localhost:x",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://[::g]",
        "https://a..b",
        "https://-a",
        f"https://{'a' * 64}",
        f"https://{'a.' * 150}a",
        "https://user:sesame@localhost",
        "https://localhost/path",
        "https://localhost//",
        "https://localhost?",
        "https://localhost#",
        " https://localhost",
        "https://local host",
        "https://localhost\n",
        "https://local\thost",
        "https://localhost\\@example.com",
        "https://lócalhost",
        "https://[v1.sesame]",
    ],
)
def test_a_url_that_is_no_endpoint_is_refused(url: str) -> None:
    """At once, by rule, without a word of the URL: it may hold a password."""
    with pytest.raises(ConfigurationError, match=r"^AWS_ENDPOINT_URL must ") as refused:
        Endpoint.parse(url, "AWS_ENDPOINT_URL")
    assert "sesame" not in str(refused.value)


@given(st.text(max_size=12), st.sampled_from(["", "http://", "https://", "https://a", "http://["]))
@example("[/[", "http://a")
def test_any_text_is_an_endpoint_or_an_error(text: str, prefix: str) -> None:
    """Nothing but an endpoint that is already normal, or one kind of error."""
    try:
        endpoint = Endpoint.parse(prefix + text)
    except ConfigurationError:
        return
    assert Endpoint.parse(endpoint.url) == endpoint
    assert botocore.auth._host_from_url(endpoint.url) == endpoint.host


# shared config files

LINES = st.sampled_from(
    [
        *("[default]", "[profile default]", "[profile dev]", '[profile "my dev"]', "[profile]"),
        *("[profile a b]", '[profile "dev]', "[profilex dev]", "[services dev]", "[services]"),
        *("[sso-session dev]", "[dev]", "[DEFAULT]", "[other", "# comment", "; comment", ""),
        *("region = us-west-2", "REGION: eu-west-1", "region =", "a=b=c", "a = b # c", "= b", "a"),
        *("ivs =", "  endpoint_url = http://localhost", "  region=x", "  nothing", "\tx = y"),
        *("services = dev", "key = [profile dev]", "ü = ö", "  # comment"),
    ]
)
texts = st.one_of(
    st.lists(LINES, max_size=8).map("\n".join),
    st.lists(LINES, max_size=8).map(lambda lines: "\n".join(["[default]", *lines])),
)


@given(config=st.none() | texts, credentials=st.none() | texts)
@example(
    config="[default]\n[profile dev]\nx = y\n[profile]\n[profile 'dev]\n[other]\n"
    "[services dev]\nivs =\n  endpoint_url = http://localhost\n",
    credentials="[dev]\nx = z\n[profile dev]\n",
)
@example(config=None, credentials=None)
@settings(max_examples=100, deadline=None)
def test_the_files_say_what_they_say_to_botocore(
    config: str | None, credentials: str | None
) -> None:
    """Profiles and services are equal, and what botocore cannot parse we refuse."""
    with TemporaryDirectory() as folder, process_environment({}):
        files = Files(Path(folder))
        for file, text in ((files.config, config), (files.credentials, credentials)):
            if text is not None:
                file.write_text(text, encoding="utf-8")
        names = (str(files.config), str(files.credentials))
        session = botocore.session.Session(
            include_builtin_handlers=False,
            session_vars={
                "config_file": (None, None, names[0], None),
                "credentials_file": (None, None, names[1], None),
            },
        )
        try:
            theirs = session.full_config
        except botocore.exceptions.ConfigParseError:
            with pytest.raises(ConfigurationError, match=r"cannot be parsed: "):
                SharedConfig.read(*names)
        else:
            ours = SharedConfig.read(*names)
            assert ours.profiles == theirs["profiles"]
            assert ours.services == theirs.get("services", {})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"secret = sesame", "line 1 stands before the first section"),
        (b"[default]\nregion = us-west-2\nsesame", "line 3 is no setting"),
        (b"[default]\nsesame = 1\nsesame = 2", "line 3 repeats what stands above it"),
        (b"[profile sesame]\n[profile sesame]", "line 2 repeats what stands above it"),
        (b"[default]\nsesame =\n  sesame", "an indented line has no ="),
        (b"[default]\nsesame = \xff", "it is not UTF-8"),
    ],
)
async def test_a_file_that_cannot_be_parsed_is_named_and_not_quoted(
    files: Files, content: bytes, problem: str
) -> None:
    """The line of a credentials file that is wrong may be the one with the secret."""
    files.credentials.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        await files.load(region="us-west-2")
    assert str(refused.value) == f"{files.credentials} cannot be parsed: {problem}"
    assert refused.value.__context__ is None
    assert "sesame" not in str(refused.value)


def test_files_are_found_under_home_and_under_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are expanded as the AWS CLI expands them, also for a user who has no home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FOLDER", str(tmp_path))
    (tmp_path / "config").write_text("[default]\nregion = eu-west-1")
    for file in ("~/config", "$FOLDER/config"):
        shared = SharedConfig.read(file, "~nobody-of-that-name/credentials")
        assert shared.profiles == {"default": {"region": "eu-west-1"}}


async def test_no_file_is_opened_on_the_event_loop(files: Files) -> None:
    """Shared config is read in a worker thread; a call that blocks fails every test here."""
    files.config.write_text("[default]\nregion = eu-west-1")
    assert (await files.load()).region == "eu-west-1"


def test_without_files_no_parser_is_loaded() -> None:
    """A process that is told everything pays for nothing else."""
    code = (
        "import sys; before = set(sys.modules); import asyncio;"
        "from ivs_async.config import Options;"
        "environ = {'AWS_CONFIG_FILE': '/none', 'AWS_SHARED_CREDENTIALS_FILE': '/none'};"
        "asyncio.run(Options(region='us-west-2', environ=environ).load());"
        "print({'configparser', 'botocore'} & set(sys.modules) - before)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


# the order of sources

URLS = [f"https://{name}.example.com" for name in "abcdef"]
urls = st.sampled_from(URLS)
flags = st.sampled_from(["true", "false", "True", "FALSE"])


@st.composite
def sections(draw: st.DrawFn) -> dict[str, str]:
    """What a profile may say."""
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "region": st.sampled_from(HOME_REGIONS),
                "endpoint_url": urls,
                "services": st.sampled_from(["known", "silent", "empty", "unknown"]),
                "ignore_configured_endpoint_urls": flags,
                "use_fips_endpoint": flags,
                "use_dualstack_endpoint": flags,
                "max_attempts": st.sampled_from(["1", "7"]),
                "ca_bundle": st.sampled_from(["/x", "/y"]),
            },
        )
    )


@given(
    profiles=st.dictionaries(st.sampled_from(["default", "dev"]), sections()),
    keys=st.dictionaries(st.sampled_from(["default", "dev"]), sections()),
    service_url=urls,
    environ=st.fixed_dictionaries(
        {},
        optional={
            "AWS_DEFAULT_REGION": st.sampled_from(HOME_REGIONS),
            "AWS_PROFILE": st.sampled_from(["default", "dev"]),
            "AWS_ENDPOINT_URL": urls,
            "AWS_ENDPOINT_URL_IVS": urls,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": flags,
            "AWS_USE_FIPS_ENDPOINT": flags,
            "AWS_USE_DUALSTACK_ENDPOINT": flags,
            "AWS_MAX_ATTEMPTS": st.sampled_from(["1", "7"]),
            "AWS_CA_BUNDLE": st.sampled_from(["/x", "/y"]),
        },
    ),
    profile=st.sampled_from([None, "default", "dev"]),
    endpoint_url=st.none() | urls,
    ignore=st.none() | st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_settings_come_from_where_botocore_takes_them(
    profiles: dict[str, dict[str, str]],
    keys: dict[str, dict[str, str]],
    service_url: str,
    environ: dict[str, str],
    profile: str | None,
    endpoint_url: str | None,
    ignore: bool | None,
) -> None:
    """Arguments, environment and both files in every mixture give botocore's own answer."""
    with TemporaryDirectory() as folder:
        files = Files(Path(folder))
        config = [
            f"[services known]\nivs =\n  endpoint_url = {service_url}",
            "[services silent]\ns3 =\n  endpoint_url = http://localhost\n[services empty]",
        ]
        for name, values in profiles.items():
            heading = "default" if name == "default" else f"profile {name}"
            config += [f"[{heading}]", *(f"{key} = {value}" for key, value in values.items())]
        files.config.write_text("\n".join(config))
        config = []
        for name, values in keys.items():
            config += [f"[{name}]", *(f"{key} = {value}" for key, value in values.items())]
        files.credentials.write_text("\n".join(config))
        variables = files.environ(**environ)
        with process_environment(variables):
            theirs = _of_botocore(profile, endpoint_url, ignore, variables)
        try:
            ours = asyncio.run(
                Options(
                    profile=profile,
                    endpoint_url=endpoint_url,
                    ignore_configured_endpoint_urls=ignore,
                    environ=variables,
                ).load()
            )
        except ConfigurationError:
            assert theirs is None
        else:
            assert ours == theirs


def _of_botocore(
    profile: str | None, endpoint_url: str | None, ignore: bool | None, environ: dict[str, str]
) -> Settings | None:
    """The settings that botocore would use, None where it refuses them or has no region."""
    session = botocore.session.Session(profile=profile, include_builtin_handlers=False)
    find = session.get_config_variable
    try:
        session.get_scoped_config()
        if endpoint_url is None and not (
            find("ignore_configured_endpoint_urls") if ignore is None else ignore
        ):
            endpoint_url = ConfiguredEndpointProvider(
                session.full_config, session.get_scoped_config(), "ivs", environ
            ).provide()
        region = find("region")
        endpoint = RULES.resolve_endpoint(
            Region=region,
            Endpoint=endpoint_url,
            UseFIPS=find("use_fips_endpoint") or False,
            UseDualStack=find("use_dualstack_endpoint") or False,
        )
    except botocore.exceptions.BotoCoreError:
        return None
    return region and Settings(
        region=region,
        endpoint=Endpoint.parse(endpoint.url),
        max_attempts=find("max_attempts") or 3,
        ca_bundle=find("ca_bundle"),
    )


@pytest.mark.parametrize("service", ["s3 =\n  endpoint_url = http://s3", "ivs =\n  region = x"])
async def test_services_that_say_nothing_of_ivs_hide_nothing(files: Files, service: str) -> None:
    """The endpoint of the profile is then the next in order."""
    files.config.write_text(
        "[default]\nservices = own\nendpoint_url = https://own.example.com\n"
        f"[services own]\n{service}"
    )
    ours = await files.load(region="us-west-2")
    assert ours.endpoint.url == "https://own.example.com"


async def test_the_region_has_four_sources(files: Files) -> None:
    """Argument, AWS_REGION, AWS_DEFAULT_REGION, profile; botocore does not know the second."""
    files.config.write_text("[default]\nregion = eu-west-1")
    assert (await files.load()).region == "eu-west-1"
    environ = {"AWS_DEFAULT_REGION": "us-east-1"}
    assert (await files.load(environ)).region == "us-east-1"
    environ["AWS_REGION"] = "us-west-2"
    assert (await files.load(environ)).region == region_name(None, environ) == "us-west-2"
    assert (await files.load(environ, region="ap-south-1")).region == "ap-south-1"
    assert region_name("ap-south-1", environ) == "ap-south-1"


async def test_the_profile_has_three_sources(files: Files) -> None:
    """Argument, AWS_PROFILE, AWS_DEFAULT_PROFILE; botocore has the last two the other way."""
    files.config.write_text(
        "[profile a]\nregion = eu-west-1\n[profile b]\nregion = us-east-1\n"
        "[profile c]\nregion = us-west-2"
    )
    environ = {"AWS_DEFAULT_PROFILE": "a"}
    assert (await files.load(environ)).region == "eu-west-1"
    environ["AWS_PROFILE"] = "b"
    assert (await files.load(environ)).region == "us-east-1"
    assert (await files.load(environ, profile="c")).region == "us-west-2"


async def test_blank_is_absent(files: Files) -> None:
    """An empty variable, which shells and containers leave behind, hides nothing."""
    files.config.write_text("[default]\nregion = eu-west-1\nmax_attempts =\nendpoint_url =")
    blank = ("AWS_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL_IVS", "AWS_USE_FIPS_ENDPOINT")
    ours = await files.load(dict.fromkeys(blank, " "))
    assert ours == Settings(region="eu-west-1", endpoint=endpoint_for("eu-west-1"))
    assert (await files.load({"AWS_REGION": " us-east-1\n"})).region == "us-east-1"


@pytest.mark.parametrize("disabled", ["argument", "variable", "profile"])
async def test_clock_skew_correction_can_be_switched_off(files: Files, disabled: str) -> None:
    """From three places, and it is on where nobody says."""
    assert (await files.load(region="us-west-2")).clock_skew_correction
    environ = {"AWS_DISABLE_CLOCK_SKEW_CORRECTION": "true"} if disabled == "variable" else {}
    if disabled == "profile":
        files.config.write_text("[default]\ndisable_clock_skew_correction = true")
    ours = await files.load(
        environ, region="us-west-2", clock_skew_correction=disabled != "argument"
    )
    assert not ours.clock_skew_correction


async def test_arguments_go_first(files: Files) -> None:
    """What the code says is not overruled by where it runs."""
    environ = {
        "AWS_REGION": "not a region",
        "AWS_ENDPOINT_URL_IVS": "not an endpoint",
        "AWS_USE_FIPS_ENDPOINT": "not a switch",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_CA_BUNDLE": "/bundle.pem",
    }
    ours = await files.load(
        environ,
        region="us-west-2",
        endpoint_url="http://localhost:4599",
        use_fips_endpoint=False,
        use_dualstack_endpoint=False,
        max_attempts=5,
    )
    assert ours.endpoint.url == "http://localhost:4599"
    assert (ours.max_attempts, ours.ca_bundle) == (5, "/bundle.pem")


# bad input


@pytest.mark.parametrize(
    "region",
    ["", "us_west_2", "us-west-2 ", "US-WEST-2", "-us", "us-", "123", "a" * 64, "ü", "a\n"],
)
def test_a_malformed_region_is_refused_at_once(region: str) -> None:
    """Before anything is read or sent, whoever gave it."""
    with pytest.raises(ConfigurationError, match="region must be lower-case"):
        Options(region=region, environ={})
    if region == region.strip() != "":
        with pytest.raises(ConfigurationError, match="AWS_DEFAULT_REGION must be lower-case"):
            Options(environ={"AWS_DEFAULT_REGION": region})


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("region", 5, "must be a str, not int"),
        ("profile", b"dev", "must be a str, not bytes"),
        ("profile", " ", "must not be empty"),
        ("endpoint_url", b"https://localhost", "must be a str, not bytes"),
        ("endpoint_url", "localhost:4599", "must begin with http:// or https://"),
        ("use_fips_endpoint", "true", "must be a bool, not str"),
        ("use_dualstack_endpoint", 1, "must be a bool, not int"),
        ("ignore_configured_endpoint_urls", "false", "must be a bool, not str"),
        ("clock_skew_correction", None, "must be a bool, not NoneType"),
        ("max_attempts", True, "must be a int, not bool"),
        ("max_attempts", 2.0, "must be a int, not float"),
        ("max_attempts", 0, "must be a whole number from 1"),
        ("max_attempts", -1, "must be a whole number from 1"),
    ],
)
def test_an_argument_that_cannot_be_used_is_refused_at_once(
    name: str, value: object, rule: str
) -> None:
    """In the constructor, by name."""
    with pytest.raises(ConfigurationError, match=f"^{name} {rule}"):
        Options(environ={}, **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_USE_FIPS_ENDPOINT", "1"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "yes"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "on"),
        ("AWS_DISABLE_CLOCK_SKEW_CORRECTION", "no"),
        ("AWS_MAX_ATTEMPTS", "three"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_MAX_ATTEMPTS", "1_0"),
        ("AWS_ENDPOINT_URL", "localhost"),
        ("AWS_ENDPOINT_URL_IVS", "localhost"),
    ],
)
def test_a_variable_that_cannot_be_used_is_refused_at_once(variable: str, value: str) -> None:
    """A switch that is neither true nor false is no quiet false."""
    with pytest.raises(ConfigurationError, match=f"^{variable} must "):
        Options(environ={variable: value})


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("region = us_west_2", "region of the profile must be lower-case"),
        ("use_fips_endpoint = maybe", "use_fips_endpoint of the profile must be true or false"),
        ("region =\n  a = b", "region of the profile must be followed by a value"),
        ("endpoint_url = localhost", "endpoint_url of the profile must begin"),
        ("services = none", "services section 'none', which does not exist"),
        ("services = flat", "ivs in the services section 'flat' must be followed by indented"),
        ("services = bad", "endpoint_url of ivs in the services section 'bad' must begin"),
    ],
)
async def test_a_profile_that_cannot_be_used_is_an_error(
    files: Files, line: str, text: str
) -> None:
    """The key and the rule are named."""
    files.config.write_text(
        f"[default]\n{line}\n"
        "[services flat]\nivs = x\n[services bad]\nivs =\n  endpoint_url = localhost"
    )
    with pytest.raises(ConfigurationError, match=text):
        await files.load({"AWS_REGION": "us-west-2"} if "region" not in line else {})


async def test_a_missing_region_names_the_ways_to_give_one(files: Files) -> None:
    """Also where the endpoint is known: requests are signed for a region."""
    for endpoint_url in (None, "http://localhost:4599"):
        with pytest.raises(ConfigurationError) as refused:
            await files.load(endpoint_url=endpoint_url)
        for way in ("IvsSession(region=...)", "AWS_REGION", f"'default' in {files.config}"):
            assert way in str(refused.value)


@pytest.mark.parametrize("given_by", ["argument", "variable"])
async def test_a_profile_that_does_not_exist_is_named(files: Files, given_by: str) -> None:
    """A typing error in a profile does not fall back on another account."""
    files.config.write_text("[default]\nregion = us-west-2")
    environ = {"AWS_PROFILE": "prod"} if given_by == "variable" else {}
    with pytest.raises(ConfigurationError, match="profile 'prod' is neither in"):
        await files.load(environ, profile="prod" if given_by == "argument" else None)


async def test_flags_and_custom_endpoints_exclude_each_other(files: Files) -> None:
    """At once where both are arguments; not where a profile ignores the endpoint."""
    with pytest.raises(ConfigurationError, match="FIPS and custom endpoint"):
        Options(endpoint_url="https://localhost", use_fips_endpoint=True, environ={})
    with pytest.raises(ConfigurationError, match="Dualstack and custom endpoint"):
        Options(endpoint_url="https://localhost", environ={"AWS_USE_DUALSTACK_ENDPOINT": "true"})
    environ = {"AWS_ENDPOINT_URL": "https://localhost", "AWS_USE_FIPS_ENDPOINT": "true"}
    with pytest.raises(ConfigurationError, match="FIPS and custom endpoint"):
        await files.load(environ, region="us-west-2")
    files.config.write_text("[default]\nignore_configured_endpoint_urls = true")
    ours = await files.load(environ, region="us-west-2")
    assert ours.endpoint.url == "https://ivs-fips.us-west-2.amazonaws.com"


# warnings


async def test_a_region_without_ivs_is_warned_of(files: Files) -> None:
    """The warning names the seven; with an endpoint of one's own, any region will do."""
    with pytest.warns(ConfigurationWarning) as warned:
        await files.load(region="eu-west-2")
    assert len(warned) == 1
    assert all(region in str(warned[0].message) for region in ("eu-west-2", *HOME_REGIONS))
    assert (await files.load(region="local", endpoint_url="https://localhost")).region == "local"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:4599",
        "http://ivs.localhost",
        "http://127.0.0.1",
        "http://127.8.8.8:1",
        "http://[::1]:4599",
        "https://example.com",
    ],
)
async def test_a_private_endpoint_is_nothing_to_warn_of(files: Files, url: str) -> None:
    """TLS, or an address that never leaves the machine. Warnings are errors here."""
    assert (await files.load(region="us-west-2", endpoint_url=url)).endpoint.url == url


@pytest.mark.parametrize("url", ["http://example.com", "http://10.0.0.1:4599", "http://[fe80::1]"])
async def test_an_endpoint_without_tls_is_warned_of(files: Files, url: str) -> None:
    """Once for each session, with what can be read on the way."""
    with pytest.warns(ConfigurationWarning, match="neither encrypted nor") as warned:
        await files.load(region="us-west-2", endpoint_url=url)
    assert len(warned) == 1


# proxies

PROXIES = ["", "http://proxy:3128", "https://user:sesame@proxy:3128"]
NO_PROXIES = ["", "*", " *", "example.com", ".example.com", "EXAMPLE.com:443", "a.example.com, b"]


@given(
    environ=st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(["http_proxy", "HTTP_PROXY"], st.sampled_from(PROXIES)),
            **dict.fromkeys(["https_proxy", "HTTPS_PROXY"], st.sampled_from(PROXIES)),
            **dict.fromkeys(["no_proxy", "NO_PROXY"], st.sampled_from(NO_PROXIES)),
            "REQUEST_METHOD": st.just("GET"),
        },
    ),
    url=st.sampled_from(
        [
            *("https://ivs.us-west-2.amazonaws.com", "https://example.com", "http://example.com"),
            *(
                "https://a.example.com:8443",
                "http://notexample.com",
                "http://[fd00::1]:80",
                "http://b",
            ),
        ]
    ),
)
@settings(max_examples=100, deadline=None)
def test_proxies_are_those_of_urllib(environ: dict[str, str], url: str) -> None:
    """Which proxy, and for which hosts none, as Python's own library reads the variables."""
    names = ("http_proxy", "https_proxy", "no_proxy", "request_method")
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.lower() in names:
                patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        proxies = urllib.request.getproxies_environment()
        scheme, _, host = url.partition("://")
        bypassed = urllib.request.proxy_bypass_environment(host, proxies)  # type: ignore[attr-defined]
    assert proxy_for(url, environ) == (None if bypassed else proxies.get(scheme))


def test_some_hosts_are_reached_without_a_proxy() -> None:
    """Those that ``no_proxy`` names, or all of them."""
    proxy = {"https_proxy": "http://proxy:3128"}
    assert proxy_for("https://example.com", proxy) == "http://proxy:3128"
    for hosts in ("*", "localhost, example.com", ".com"):
        assert proxy_for("https://example.com", {**proxy, "no_proxy": hosts}) is None


@pytest.mark.parametrize("host", ["127.0.0.1:4599", "[::1]:4599", "localhost:4599"])
def test_this_machine_is_reached_without_a_proxy(host: str) -> None:
    """A local IVS is not another machine's business."""
    assert proxy_for(f"http://{host}", {"http_proxy": "http://proxy:3128"}) is None


def test_a_proxy_may_be_given_without_a_scheme() -> None:
    """It is then one of plain http, as for botocore and curl; other kinds are refused."""
    for proxy in ("proxy:3128", "//proxy:3128"):
        assert proxy_for("https://example.com", {"https_proxy": proxy}) == "http://proxy:3128"
    with pytest.raises(ConfigurationError, match="https_proxy must be a proxy of scheme") as error:
        proxy_for("https://example.com", {"HTTPS_PROXY": "socks5://user:sesame@proxy"})
    assert "sesame" not in str(error.value)


def test_options_read_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless they are given another."""
    monkeypatch.setenv("AWS_REGION", "not a region")
    with pytest.raises(ConfigurationError, match="AWS_REGION"):
        Options()
    assert Options(environ={}).region is None
