"""Checks of how budgets are worked out: values of the unit, a tree without loops, and shares that add up to 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from senpolicy.checking.names import Catalogue, bare_value
from senpolicy.files.models.budgets import BudgetPart, BudgetsFile
from senpolicy.files.models.rules import Parameter
from senpolicy.files.models.scenarios import ScenarioFile
from senpolicy.files.problems import At, Fix, Problem, Problems
from senpolicy.policy.corpus import Corpus

FILE = "rules/budgets.yaml"


def check(corpus: Corpus, names: Catalogue) -> list[Problem]:
    """Return every problem of rules/budgets.yaml, by itself and with the shares that each scenario assumes."""
    file = corpus.files.get(FILE)
    if not isinstance(file, BudgetsFile):
        return []
    checker = _BudgetsChecker(corpus, file)
    checker.parts()
    if not checker.problems.found and names.sound(FILE) and names.whole("parameter"):
        checker.shares()
        for scenario in (None, *corpus.scenarios.values()):
            checker.sums(scenario)
    return list(checker.problems)


class _BudgetsChecker:
    def __init__(self, corpus: Corpus, file: BudgetsFile) -> None:
        self.corpus, self.file, self.problems = corpus, file, Problems()

    def add(self, path: At, code: str, message: str, help: str, *, key: bool = False, fix: Fix | None = None) -> None:
        self.problems.add(self.corpus.place(FILE, *path, key=key), code, message, help, fix=fix)

    def mixes(self) -> Iterator[tuple[At, str, Sequence[BudgetPart]]]:
        """Yield the parts of every year and mix, with the path that leads to them and their name."""
        for index, year in enumerate(self.file.years):
            yield ("years", index, "parts"), f"year {year.year}", year.parts
        for name, mix in self.file.mixes.items():
            yield ("mixes", name, "parts"), name, mix.parts

    def parts(self) -> None:
        file = self.file
        self.parameter(("first_day",), file.first_day, "date")
        self.parameter(("taken_off_first",), file.taken_off_first, "share")
        for name in file.mixes:
            if name in file.columns:
                self.add(("mixes", name), "same-id", f"'{name}' is a column too.", "Rename one of the two.", key=True)
        if file.column in file.columns:
            said = f"'{file.column}' names whom a budget is for."
            self.add(("columns", file.column), "same-id", said, "Rename one of the two.", key=True)
        for path, _, parts in self.mixes():
            for index, part in enumerate(parts):
                for key in ("share", "at_most"):
                    if written := getattr(part, key):
                        self.parameter((*path, index, key), written, "share")
        years: list[str] = []
        for index, year in enumerate(file.years):
            number = self.year(("years", index, "year"), year.year)
            if number in years:
                self.add(("years", index, "year"), "written-twice", f"Year {number} appears twice.", "Keep one.")
            years.append(number)
            for name in {one for one in self.reached(year.parts) if self.reached(year.parts).count(one) > 1}:
                said = f"'{name}' is a part of year {number} in two ways."
                self.add(
                    ("years", index), "used-twice", said, "Name each column and mix once, and no mix inside itself."
                )

    def reached(self, parts: Sequence[BudgetPart], above: tuple[str, ...] = ()) -> list[str]:
        """Return every column and mix that parts lead to, as often as they do; a mix inside itself once more."""
        found: list[str] = []
        for part in parts:
            found.append(part.of)
            if part.of in self.file.mixes and part.of not in above:
                found += self.reached(self.file.mixes[part.of].parts, (*above, part.of))
        return found

    def year(self, path: At, written: str) -> str:
        if written.startswith("$"):
            self.parameter(path, written, "count")
            setters = self.corpus.parameters.get(written[1:])
            return str(setters[-1][1].value) if setters else written
        if not written.isdecimal():
            self.add(path, "unit", f"'{written}' is not the number of a year.", "Write 1 for the first.")
        return written

    def parameter(self, path: At, written: str, unit: str) -> None:
        """Check that `$name` is the name of a parameter of this unit; a share may be without a value."""
        if not written.startswith("$"):
            self.problems.found.append(bare_value(self.corpus, self.corpus.place(FILE, *path), written))
            return
        setters = self.corpus.parameters.get(written[1:])
        if not setters:
            return
        if setters[-1][1].unit != unit:
            said = f"'{written}' is in {setters[-1][1].unit}, not a {unit}."
            self.add(path, "unit-mismatch", said, f"Name a {unit}.")
        elif setters[-1][1].value is None and unit != "share":
            said = f"'{written}' has no value: it is an open point."
            self.add(path, "not-decided", said, "Name one that has a value.")

    def sums(self, scenario: ScenarioFile | None) -> None:
        """Check that the shares of every mix add up to 1, or can where some are open."""
        for path, name, parts in self.mixes():
            assumed = [
                one.share[1:] for one in parts if scenario and one.share and one.share[1:] in scenario.parameters
            ]
            if scenario and not assumed:
                continue
            known, most = Decimal(0), Decimal(0)
            for part in parts:
                share = self.value(part.share, scenario)
                limit = self.value(part.at_most, scenario)
                if share is not None and limit is not None and share > limit:
                    said = f"'{part.of}' is given {share}, and the text allows at most {limit}."
                    self.place(path, assumed, scenario, "share-too-large", said, "Give it less.")
                known += share or 0
                most += share if share is not None else Decimal(1) if limit is None else limit
            if known > 1 or most < 1:
                come = known if known > 1 else most
                said = f"The shares of '{name}' add up to {come}, not to 1."
                shares = {part.share[1:]: self.value(part.share, scenario) for part in parts if part.share}
                fits = {name: 1 - come + share for name, share in shares.items() if share is not None and known == most}
                said_so = [f"{name} to {fits[name]}" if fits.get(name, -1) >= 0 else name for name in shares]
                help = f"Correct one of them: {', '.join(said_so)}."
                self.place(path, assumed, scenario, "shares-do-not-sum", said, help)

    def shares(self) -> None:
        """Check that no share is given to two parts while another one of its paragraph is read by none."""
        mixes = list(self.mixes())
        read = {one[1:] for _, _, parts in mixes for part in parts for one in (part.share, part.at_most) if one}
        read.add(self.file.taken_off_first[1:])
        for path, name, parts in mixes:
            written = [part.share for part in parts]
            for index, share in enumerate(written):
                if not share or share not in written[:index]:
                    continue
                source = _source(self.corpus.parameters[share[1:]][0][1])
                left = [
                    one
                    for one, setters in self.corpus.parameters.items()
                    if one not in read and setters[0][1].unit == "share" and _source(setters[0][1]) == source
                ]
                if left:
                    said = f"'{share}' is the share of two parts of '{name}', and '{left[0]}' is read nowhere."
                    fix = Fix(share, f"${left[0]}") if len(left) == 1 else None
                    help = f"Write ${left[0]} where it is meant." if fix else f"Read one of these: {', '.join(left)}."
                    self.add((*path, index, "share"), "share-twice", said, help, fix=fix)

    def place(
        self, path: At, assumed: list[str], scenario: ScenarioFile | None, code: str, message: str, help: str
    ) -> None:
        """Add a problem at the share that leads to it, assumed or the last of one paragraph, or at the parts."""
        if scenario is None:
            if not self.set_together(path, code, message, help):
                self.add(path, code, message, help)
            return
        file = next(name for name, one in self.corpus.files.items() if one is scenario)
        where = self.corpus.place(file, "parameters", assumed[-1], "value")
        self.problems.add(where, code, message, help)

    def set_together(self, path: At, code: str, message: str, help: str) -> bool:
        """Add a problem of the parts at a path at the last of their shares, where one paragraph sets them all."""
        parts = next(parts for at, _, parts in self.mixes() if at == path)
        last = [(part.share[1:], *self.corpus.parameters[part.share[1:]][-1]) for part in parts if part.share]
        if (
            len(last) < 2
            or len({_source(one) for _, _, one in last}) > 1
            or len({name for name, _, _ in last}) < len(last)
        ):
            return False
        name, number, _ = last[-1]
        file = self.corpus.file_of(number, "parameters.yaml")
        self.problems.add(self.corpus.place(file, "parameters", name, "value"), code, message, help)
        return True

    def value(self, written: str | None, scenario: ScenarioFile | None) -> Decimal | None:
        if written is None:
            return None
        if scenario and written[1:] in scenario.parameters:
            return scenario.parameters[written[1:]].value  # type: ignore[no-any-return]
        return self.corpus.parameters[written[1:]][-1][1].value  # type: ignore[no-any-return]


def _source(parameter: Parameter) -> tuple[str, str]:
    return parameter.source.document, parameter.source.paragraph
