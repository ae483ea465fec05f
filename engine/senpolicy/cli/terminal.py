"""What is shown to who sits at a terminal: lines in colour and wrapped, and bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress
from rich.text import Text


def print_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Print lines, each with its style, in colour and wrapped."""
    console = Console(highlight=False)
    for style, text in lines:
        indent = len(text) - len(text.lstrip())
        lines_of_it = Text(text.lstrip(), style=style).wrap(console, max(console.width - indent - 2, 30))
        for number, wrapped in enumerate(lines_of_it):
            wrapped.rstrip()
            console.print(" " * (indent + 2 if number else indent), wrapped, sep="", end="\n", soft_wrap=True)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give what to tell of steps done and steps in all, while a bar on standard error shows them."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
