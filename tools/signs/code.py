"""What is counted in the text of files: lines, names that hide a type, imports, names of classes, examples."""

from __future__ import annotations

import ast
import doctest
import io
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

#: Names that say of a value that its type is not known, or that a module is found by its name only.
HIDING = ("Any", "object", "importlib")


#: Names of classes that Django asks for: of a table's options, and of a migration.
ASKED_FOR = {"Meta", "Migration"}


def figures(tree: Path) -> dict[str, int]:
    """Return the figures of the signs that are counted in the text of files."""
    engine = tree / "engine"
    ours, board = _split(engine / "senpolicy")
    bench, tools = list((tree / "bench").rglob("*.py")), list((tree / "tools").rglob("*.py"))
    names = Counter(name for path in [*ours, *board] for name in hiding_names(_text(path)))
    trees = [ast.parse(_text(path)) for path in [*ours, *board]]
    logical = [sum(logical_lines(_text(path)) for path in paths) for paths in (ours, bench, tools)]
    defined = (one.name for module in trees for one in ast.walk(module) if isinstance(one, ast.ClassDef))
    classes = Counter(name for name in defined if name not in ASKED_FOR)
    scripts = [path for path in engine.rglob("*.js") if not path.name.endswith(".min.js")]
    templates = [path for ending in ("*.j2", "*.html", "*.typ") for path in engine.rglob(ending)]
    return {
        "logical lines of Python: senpolicy without board": logical[0],
        "logical lines of Python: bench": logical[1],
        "logical lines of Python: tools": logical[2],
        "logical lines of Python: these three": sum(logical),
        **{
            f"logical lines of Python: board{part}": sum(
                logical_lines(_text(path)) for path in board if _part(path) == part
            )
            for part in ("", *_FURTHER)
        },
        "lines of Python, plain: engine and board": _lines([*ours, *board]),
        "lines of JavaScript": _lines(scripts),
        "lines of templates": _lines(templates),
        "lines of rules/route.yaml": _lines([tree / "rules" / "route.yaml"]),
        "class names for two things": sum(count > 1 for count in classes.values()),
        **{name: names[name] for name in HIDING},
        "cast(": sum(casts(module) for module in trees),
        "imports in functions": sum(inner_imports(module) for module in trees),
        **_examples(tree, trees),
    }


def _split(package: Path) -> tuple[list[Path], list[Path]]:
    """Return the modules of the engine, and those of the board, which older trees keep within it."""
    board = [*(package / "board").rglob("*.py"), *(package.parent / "senpolicy_board").rglob("*.py")]
    return [path for path in package.rglob("*.py") if path not in board], board


#: The board's files since record 42, counted apart from those for which its bound was made, by what they are for.
_FURTHER = {
    ", meetings and work": {
        "agenda", "columns", "decisions", "exporting", "interests", "queue", "reviews", "subject_access", "work",
        "0007_meetings",
    },
    ", moderation": {
        "attachments", "evidence", "file_kinds", "judging", "moderation_models", "protections_moderation",
        "seeds", "standardisation", "standardising", "0008_moderation",
    },
    ", halts and runs": {
        "chance", "communities", "halting", "halts", "paragraphs", "protections_runs", "rating", "0010_runs",
    },
    ", records of meetings, mapping and kept work": {
        "meeting_papers", "meeting_record", "reopening", "mapping", "mapping_tables", "0009_mapping", "drawing",
        "cohort", "kept", "kept_work", "group_filters",
    },
}  # fmt: skip


def _part(path: Path) -> str:
    return next((part for part, names in _FURTHER.items() if path.stem in names), "")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _lines(paths: Iterable[Path]) -> int:
    return sum(len(_text(path).splitlines()) for path in paths)


def logical_lines(text: str) -> int:
    """Return how many statements' lines there are: a statement over five lines is one, and a docstring is none."""
    ends = sum(token.type == tokenize.NEWLINE for token in _tokens(text))
    return ends - sum(isinstance(node, ast.Expr) and _is_text(node.value) for node in ast.walk(ast.parse(text)))


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text).readline)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def hiding_names(text: str) -> Iterator[str]:
    """Yield each name of `HIDING` as often as code uses it: not in prose, and not as the attribute of something."""
    before = ""
    for token in _tokens(text):
        if token.type == tokenize.NAME and token.string in HIDING and before != ".":
            yield token.string
        before = token.string


def casts(module: ast.Module) -> int:
    """Return how often a type is only claimed: calls of `typing.cast`, not those of a database's function."""
    calls = [ast.unparse(node.func) for node in ast.walk(module) if isinstance(node, ast.Call)]
    return sum(call in ("cast", "typing.cast") for call in calls)


def inner_imports(module: ast.Module) -> int:
    """Return how many import statements are within functions, each counted once."""
    return len(
        {
            inner
            for node in ast.walk(module)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for inner in ast.walk(node)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        }
    )


def _examples(tree: Path, modules: Iterable[ast.Module]) -> dict[str, int]:
    """Return how many docstrings hold examples, and how many of these a test run leaves out: all or none."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    finder = doctest.DocTestParser()
    written = sum(
        bool(finder.get_examples(ast.get_docstring(node, clean=False) or ""))
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, kinds)
    )
    settings = tomllib.loads(_text(tree / "pyproject.toml"))["tool"]["pytest"]["ini_options"]
    run = "--doctest-modules" in settings["addopts"] and "engine/senpolicy" in settings["testpaths"]
    return {"docstrings with examples": written, "docstrings with examples that no test runs": 0 if run else written}
