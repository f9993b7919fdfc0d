"""How the house is built: which module may know which, and what importing the package costs."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import ivs_async
from ivs_async import IvsSession, operations
from ivs_async._aws.operation import ListOperation, Operation

ROOT = Path(ivs_async.__file__).parent
MODULES = {
    ".".join(("ivs_async", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in ROOT.rglob("*.py")
}
TABLES = {f"ivs_async.{name}" for name in ("operations", "models", "quotas", "credentials")}
VOCABULARY = {f"ivs_async._aws.{name}" for name in ("names", "shapes", "operation", "errors")}


class AtRunTime(ast.NodeTransformer):
    """Leaves out what only type checkers read."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        """Drop ``if TYPE_CHECKING``."""
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imports(module: str) -> Iterator[str]:
    """Every module that a module imports when it runs, however deep in a function."""
    path = MODULES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(AtRunTime().visit(ast.parse(path.read_text()))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            source = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield inner if inner in MODULES else source


@cache
def imported() -> dict[str, set[str]]:
    """What each module imports."""
    return {module: set(imports(module)) for module in MODULES}


def graph() -> dict[str, set[str]]:
    """Which modules of the package each of them imports."""
    return {module: names & MODULES.keys() - {module} for module, names in imported().items()}


def below(*parts: str) -> set[str]:
    """The modules of a package, itself included."""
    package = ".".join(("ivs_async", *parts))
    return {name for name in MODULES if name == package or name.startswith(f"{package}.")}


def in_fresh_python(code: str) -> str:
    """What a new interpreter prints that takes every warning for an error."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_no_module_imports_itself_through_others() -> None:
    """Imports form no circle, not even one that is closed inside a function."""
    TopologicalSorter(graph()).prepare()


def test_aws_over_http_knows_nothing_of_ivs() -> None:
    """A module under ``_aws`` imports only its neighbours, so another service could stand on it."""
    aws = below("_aws")
    strangers = {module: graph()[module] - aws for module in aws}
    assert not {module: names for module, names in strangers.items() if names}


def test_the_local_ivs_shares_only_the_tables() -> None:
    """Client and server agree because the API says so, not because one calls the other."""
    local = below("local")
    shared = {name for module in local for name in graph()[module] - local}
    assert shared <= TABLES | VOCABULARY


def test_nothing_above_the_session_is_known_below_it() -> None:
    """The pipeline and its leaves never see the session, and the tables see only the ground."""
    session = "ivs_async.session"
    allowed = {"ivs_async", "ivs_async.flows", "ivs_async.pytest_plugin"}
    assert {module for module, names in graph().items() if session in names} <= allowed
    for table in TABLES - {"ivs_async.credentials"}:
        assert graph()[table] <= TABLES | VOCABULARY


def test_only_the_transport_speaks_aiohttp() -> None:
    """The client of aiohttp is imported in one module; only the local IVS uses its server."""
    users = {
        module
        for module, names in imported().items()
        if any(name.partition(".")[0] == "aiohttp" for name in names)
    }
    assert users - below("local") == {"ivs_async._aws.transport"}


def test_importing_warns_of_nothing_and_loads_nothing_that_may_never_be_used() -> None:
    """botocore, requests, the extras and the local IVS wait until somebody asks for them."""
    code = "import sys; from ivs_async import *; print(*sys.modules)"
    loaded = set(in_fresh_python(code).split())
    late = {"botocore", "requests", "redis", "jwt", "cryptography", "aiohttp.web", "pytest"}
    late |= {f"ivs_async.{name}" for name in ("local", "redis", "playback", "events", "flows")}
    assert "ivs_async.session" in loaded
    assert not loaded & late


def test_the_pytest_plugin_loads_no_server() -> None:
    """Pytest imports the plugin in every project that has the package installed."""
    code = "import sys, ivs_async.pytest_plugin; print(*sys.modules)"
    assert not {"ivs_async.local", "botocore", "aiohttp.web"} & set(in_fresh_python(code).split())


def test_the_public_names_are_sorted_and_there() -> None:
    """``__all__`` is what a user sees: sorted, importable, and the same that type checkers see."""
    names = ivs_async.__all__
    assert list(names) == sorted(set(names))
    assert not [name for name in names if not hasattr(ivs_async, name)]
    checked = {
        alias.name
        for node in ast.walk(ast.parse(MODULES["ivs_async"].read_text()))
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }
    assert checked == set(names)


def test_every_error_and_every_model_is_public() -> None:
    """What a user may have to name in code is importable from the package itself."""
    owners = {"ivs_async.models", "ivs_async.errors", "ivs_async._aws.errors"}
    wanted = {
        name
        for module in owners
        for name, value in vars(sys.modules[module]).items()
        if inspect.isclass(value) and value.__module__ in owners and not name.startswith("_")
    }
    assert not wanted - {"CallError"} - set(ivs_async.__all__)


@pytest.mark.parametrize("name", ivs_async.__all__)
def test_every_public_name_explains_itself(name: str) -> None:
    """Classes and functions carry a docstring of their own, and so do their public methods."""
    value = getattr(ivs_async, name)
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return
    assert value.__doc__
    if inspect.isclass(value):
        silent = [
            member
            for member, content in vars(value).items()
            if not member.startswith("_")
            and (inspect.isfunction(content) or isinstance(content, property))
            and not inspect.getdoc(content)
        ]
        assert not silent


SESSION = next(
    node
    for node in ast.parse(MODULES["ivs_async.session"].read_text()).body
    if isinstance(node, ast.ClassDef) and node.name == "IvsSession"
)
METHODS = {
    node.name: node
    for node in SESSION.body
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
}
each_operation = pytest.mark.parametrize("operation", operations.ALL, ids=lambda each: each.name)


@each_operation
def test_a_method_names_its_operation_and_passes_its_members_on(
    operation: Operation[object],
) -> None:
    """One statement: no logic, no loops, and no member that is forgotten or renamed."""
    method = METHODS[operation.method_name]
    assert len(method.body) == 2, "a docstring and one statement"
    statement = method.body[1]
    silent = operation.output is None and not isinstance(operation, ListOperation)
    assert isinstance(statement, ast.Expr if silent else ast.Return)
    call = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
    assert isinstance(call, ast.Call)
    assert ast.unparse(call.args[0]).startswith("operations.")
    assert getattr(operations, ast.unparse(call.args[0]).partition(".")[2]) is operation
    passed = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    assert passed == {member: member for member in operation.members}


@each_operation
def test_a_method_has_the_parameters_of_its_operation(operation: Operation[object]) -> None:
    """Keyword-only, named as the API names them, required where the API requires them."""
    method = getattr(IvsSession, operation.method_name)
    parameters = dict(inspect.signature(method).parameters)
    del parameters["self"]
    listing = isinstance(operation, ListOperation)
    assert inspect.iscoroutinefunction(method) is not listing
    if listing:
        assert parameters.pop("prefetch").default == 0
    assert set(parameters) == set(operation.members)
    for name, parameter in parameters.items():
        assert parameter.kind is parameter.KEYWORD_ONLY
        required = operation.members[name].required
        assert parameter.default is (parameter.empty if required else None), name
