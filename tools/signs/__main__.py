"""`make signs`: prints each sign of this tree with its aim and the bound that a test holds; BASE= adds a commit's."""

from __future__ import annotations

import argparse

from signs import ROOT, every_sign, figures, tree_of, words


def shown(figure: int | None) -> str:
    """Return a figure as it is printed; a dash where there is none."""
    return "-" if figure is None else f"{figure:,}"


def main() -> None:
    """Print the table."""
    reader = argparse.ArgumentParser(prog="signs", description=__doc__)
    reader.add_argument("--base", help="a commit, to count it too")
    reader.add_argument(
        "--words", action="store_true", help="print each text that says what the word list advises against"
    )
    asked = reader.parse_args()
    if asked.words:
        print(*words.places(ROOT), sep="\n")
        return
    base = asked.base
    columns = []
    if base:
        with tree_of(base) as tree:
            columns.append((base, figures(tree)))
    columns.append(("today", figures(ROOT)))
    signs = every_sign()
    rows = [["sign", *(name for name, _ in columns), "aim, at most", "held at"]]
    rows += [
        [one.name, *(shown(counted.get(one.name)) for _, counted in columns), shown(one.aim), shown(one.held)]
        for one in signs
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        first, *rest = (word.rjust(width) for word, width in zip(row, widths, strict=True))
        print(" | ".join([first.strip().ljust(widths[0]), *rest]))
    today = columns[-1][1]
    slack = [one.name for one in signs if one.held is not None and one.held > max(today[one.name], one.aim or 0)]
    if slack:
        print(f"\nLower 'held' in tools/signs/signs.yaml, to today's figure or the aim: {', '.join(slack)}.")


main()
