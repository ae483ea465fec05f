"""The examples in the engine's docstrings: every one runs in this test run."""

from __future__ import annotations

import ast
import doctest
from collections.abc import Iterator
from pathlib import Path

import pytest

from golden_files import ROOT

ENGINE = ROOT / "engine"


def written(node: ast.AST, name: str) -> Iterator[str]:
    """Yield the name of everything below `node` whose docstring has an example."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node, clean=False) or ""
        if doctest.DocTestParser().get_examples(text):
            yield name
    for child in ast.iter_child_nodes(node):
        yield from written(child, f"{name}.{child.name}" if hasattr(child, "name") and child.name else name)


def test_no_example_of_the_engine_is_left_out(request: pytest.FixtureRequest) -> None:
    """A wrapper around a function hides its docstring from a collector, and so does a name left out of the settings."""
    paths = [ROOT / path for path in request.config.getini("testpaths")]
    asked_for = [Path(one.split("::")[0]).resolve() for one in request.config.args]
    if asked_for != paths or request.config.option.keyword:
        pytest.skip("only a part of the tests runs")
    examples = set()
    for file in sorted(ENGINE.rglob("*.py")):
        module = ".".join(file.relative_to(ENGINE).with_suffix("").parts).removesuffix(".__init__")
        examples |= set(written(ast.parse(file.read_text(encoding="utf-8")), module))
    assert len(examples) >= 62
    assert examples <= {item.name for item in request.session.items if isinstance(item, pytest.DoctestItem)}
