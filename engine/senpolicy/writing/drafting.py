"""A plan of bands and rates as a proposed decision: bands, rates, limits, and what they settle.

Every figure of it is of the plan's author, and each says so. What the plan does not hold is not written: what it leaves
open stays open.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from senpolicy.checking import golden
from senpolicy.deciding.answers import figure
from senpolicy.files.models.editions import Level
from senpolicy.files.models.rules import OpenRow
from senpolicy.files.models.tariffs import TariffPlanFile
from senpolicy.files.models.views import Drafted, Tariff, needed, views_of
from senpolicy.files.problems import WrongUse, listed
from senpolicy.language.conditions import pence, pounds
from senpolicy.policy.corpus import Corpus, load
from senpolicy.policy.timeline import Policy, policy
from senpolicy.proving.possible import reached
from senpolicy.readings.say import say_date, say_money
from senpolicy.writing import new
from senpolicy.writing.files import copied
from senpolicy.writing.lines import Flow, FlowList, Yaml
from senpolicy.writing.new import Cited, DividedRow, Division, NewAnswer, Texts

#: What is said of every value.
WHOSE = "A figure of the plan's author, and nobody's decision."


@dataclass(frozen=True)
class TariffDraft:
    """What is asked of a draft: its number, the plan, what each band pays in pence, and the policy as it was costed.

    `rates` are those that were solved for, before the factor of a setting. `gain` is the limit on gains, that which was
    solved for included; `notes` what of the costing no rule can hold.
    """

    number: str
    plan: TariffPlanFile
    rates: Mapping[str, int]
    gain: Decimal | Fraction | None
    costed: Policy
    notes: Sequence[str] = ()


def draft(root: Path, wanted: TariffDraft) -> Texts:
    """Return the texts of a proposed decision that says what a plan does, by their path below `root`.

    Raises `WrongUse` for a number that is none or is recorded already, for a plan that was costed under a scenario or
    phases pupils in, and where rules/views.yaml does not say what a plan sets; `PolicyError` where a file cannot be
    added to.
    """
    if wanted.costed.scenario:
        said = f"The values of the scenario '{wanted.costed.scenario.scenario}' are assumed, and no decision."
        raise WrongUse(f"{said} Leave --scenario out to write a draft.")
    if wanted.plan.phase_in is not None:
        said = "The plan phases pupils in, and no rule of a draft says who comes first."
        raise WrongUse(f"{said} Take 'phase_in' out to write a draft for everybody.")
    own = [name for name, band in wanted.plan.bands.items() if band.rate == "own"]
    if own:
        said = f"The plan pays as today in {listed(own)}, and no rule of a draft says what that is."
        raise WrongUse(f"{said} Give the band a rate in pounds, or leave it out.")
    with TemporaryDirectory(prefix="senpolicy-") as name:
        folder = copied(root, Path(name), {})
        if (root / golden.FOLDER).is_dir():
            shutil.copytree(root / golden.FOLDER, folder / golden.FOLDER)
        return _Drafter(folder, wanted).write()


@dataclass
class _Drafter:
    """Writes a draft step by step into a copy of the policy, so that each step finds there what the others wrote."""

    folder: Path
    wanted: TariffDraft
    texts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plan, self.number = self.wanted.plan, self.wanted.number
        self.day = self.plan.day
        self.tariff: Tariff = needed(views_of(self.wanted.costed.corpus.files).tariff, "tariff")
        self.views: Drafted = needed(self.tariff.draft, "draft")
        self.limits = self.views.limits
        caps = {self.limits.loss: self.plan.limits.loss, self.limits.gain: self.wanted.gain} if self.limits else {}
        self.capped = {name: _decimal(share) for name, share in caps.items() if share is not None}
        self.limited = bool(self.capped)
        self.start = f"first_day_{re.sub(r'[^a-z0-9]+', '_', self.number.lower())}"
        self.document = f"plan-{self.plan.plan}".replace("_", "-")

    @property
    def corpus(self) -> Corpus:
        """The policy with what has been written by now."""
        return load(self.folder)

    def take(self, texts: Texts) -> None:
        for file, text in texts.items():
            path = self.folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        self.texts.update(texts)

    def write(self) -> Texts:
        self.take(new.decision(self.corpus, self.decision()))
        self.value(self.start, "The first day of the plan's bands and rates", "date", self.day.isoformat(), "day")
        self.edition()
        self.versions()
        self.bands()
        self.rates()
        self.caps_on_change()
        self.golden()
        note = (
            f"Proposed {self.number}: bands and rates by the plan '{self.plan.plan}', whose figures are its author's."
        )
        said = "It counts only where proposals are asked for. Dates affected: none."
        self.texts[f"changelog.d/{self.number.replace('/', '-')}.decisions.md"] = f"{note}\n{said}\n"
        return self.texts

    def decision(self) -> new.NewDecision:
        plan, day = self.plan, say_date(self.day)
        number = "one band" if len(plan.bands) == 1 else f"{len(plan.bands)} bands"
        acts = [
            ("bands", f"Would put levels of adaptation into {number} from {day}.", Cited(self.document, "bands")),
            ("rates", f"Would set what each band pays in a year from {day}.", Cited(self.document, "bands")),
        ]
        notes = [
            f"A draft by senpolicy tariff. Bands, rates and limits are those of the author of the plan '{plan.plan}'.",
            f"Routes are those by which the plan was costed, as of {self.wanted.costed.as_of}.",
        ]
        if plan.average_in:
            where = listed(plan.average_in)
            notes.append(f"In {where} a pupil is paid the average of the school, which no rule here works out.")
        if self.limited:
            acts.append(("limits", "Would limit what a school gains or loses.", Cited(self.document, "limits")))
            notes.append("The rate of a band is what is paid before the limits on what a school gains or loses.")
        notes += left_out(plan)
        paper = new.NewDocument(self.document, f"The plan '{plan.plan}': {plan.title}", "The author of the plan")
        return new.NewDecision(
            self.number, f"Bands and rates by the plan '{plan.plan}'", "proposed", acts, [paper],
            unknown="It is the draft of a proposal.", planned=self.day, notes=[*notes, *self.wanted.notes],
        )  # fmt: skip

    def value(self, name: str, label: str, unit: str, value: str | Sequence[str], part: str, leaves: str = "") -> None:
        start = None if unit == "date" else self.day
        whose = f"The levels below the lowest band of the plan. {WHOSE}" if unit == "levels" else WHOSE
        wanted = new.NewValue(self.number, name, label, unit, value, Cited(self.document, part), start, note=whose,
                              leaves=leaves or None)  # fmt: skip
        self.take(new.parameter(self.corpus, wanted))

    def settle(self, point: str, by: Sequence[str], says: str, leaves: str) -> None:
        wanted = new.NewSettlement(self.number, point, self.day, by, says=says, leaves=leaves)
        self.take(new.settlement(self.corpus, wanted))

    def edition(self) -> None:
        """Write an edition with the plan's levels in the place of the one in use, unless that has done so already."""
        corpus, used = self.corpus, self.wanted.costed.on(self.day).edition
        of = corpus.editions[self.plan.edition]
        # A scenario with levels of its own gives way to an edition that takes the place of the policy's.
        scenarios = not of.replaces and any(one.edition for one in corpus.scenarios.values())
        if used and (used.edition != of.edition or scenarios):
            name = f"{of.edition}-{self.number.replace('/', '-')}"
            wanted = new.NewEdition(name, of.edition, of.title, of.status, Cited(self.document, "edition"), self.number,
                                    self.start)  # fmt: skip
            self.take(new.edition(corpus, wanted))
        self.below(sorted(of.levels, key=lambda level: level.order))

    def below(self, levels: Sequence[Level]) -> None:
        """Set again which levels lie below the tariff, where the edition has others below the plan's lowest band."""
        banded = {one for band in self.plan.bands.values() for one in band.levels}
        held = self.wanted.costed.parameter(self.views.below, self.day) if self.views.below else None
        if not self.views.below or held is None or held[1].value is None:
            return
        lowest = next(at for at, level in enumerate(levels) if level.id in banded)
        below = [level.id for level in levels[:lowest]]
        if {*below} != {*held[1].value}.intersection(level.id for level in levels):
            self.value(self.views.below, held[1].label, "levels", below, "bands")

    def versions(self) -> None:
        """Write a version of each question that the plan changes, or for which another proposal has versions.

        Each begins as the version by which the plan was costed.
        """
        costed, known = self.wanted.costed, {*self.wanted.costed.decisions, *self.corpus.beside}
        mine = {self.views.bands.question, self.views.rates.question}
        mine |= {self.limits.question} if self.limits and self.limited else set()
        for name, question in costed.on(self.day).questions.items():
            others = any(one.decision not in {*known, self.number} for one in self.corpus.questions[name].versions)
            if name in mine or others:
                self.take(new.version(self.corpus, name, self.number, self.start, question.version))

    def bands(self) -> None:
        """Write a row for each band, with the levels that are in it."""
        of, rows = self.views.bands, []
        for name, band in self.plan.bands.items():
            if name in self.corpus.questions[of.question].answers:
                said = f"'{name}' is an answer of '{of.question}' already."
                raise WrongUse(f"{said} Give the band of the plan another name.")
            test = {"is": band.levels[0]} if len(band.levels) == 1 else {"one_of": FlowList(band.levels)}
            says = f"By the plan '{self.plan.plan}' this level is in {name}."
            tests = [Flow({"fact": self.tariff.level, **test})]
            rows.append(DividedRow(name, name, says, Cited(self.document, "bands"), tests))
        labels = {name: f"{name}, by the plan '{self.plan.plan}'." for name in self.plan.bands}
        self.take(
            new.divide(self.corpus, Division(of.question, self.number, of.row, rows, [{"not": self.banded}], labels))
        )
        self.without(of.question, of.row)
        by = [f"{of.question}/{row.id}" for row in rows]
        self.settle(of.row, by, "Each level that the plan names is in a band.", "Levels that are in no band.")

    def rest(self, places: Sequence[str], covered: Sequence[str]) -> tuple[list[Yaml], bool]:
        """Return what the cases of a row meet that no rate covers, and whether their kinds of place are not the row's.

        Of a covered kind of place they are those at a level in no band, if any such is on the tariff there.
        """
        of, place = policy(self.corpus, include_proposed=True), self.tariff.place
        route = needed(views_of(of.corpus.files).route, "route")
        edition = of.on(self.day).edition
        banded = {level for band in self.plan.bands.values() for level in band.levels}
        others = [level.id for level in edition.levels if level.id not in banded] if edition else []
        kept = [
            one for one in covered
            if others and reached(of, self.day, {place: [one], self.tariff.level: others}, route, self.tariff.answer)
        ]  # fmt: skip
        left = [one for one in places if one not in covered]
        below: Yaml = {"not": self.banded}
        if not left:
            own = kept == list(places)
            return ([below] if own else [_test(place, kept), below] if kept else []), not own
        if not kept:
            return [_test(place, left)], True
        return [{"any": [_test(place, left), {"all": [_test(place, kept), below]}]}], True

    @property
    def banded(self) -> Flow:
        """The test that a level is in a band."""
        return _test(self.tariff.level, [level for band in self.plan.bands.values() for level in band.levels])

    def without(self, question: str, point: str) -> None:
        """Take out rows that are open by this point or another: which it is now matters, and is asked for."""

        def named(row: OpenRow) -> bool:
            return bool(row.either and point in (row.point, *row.either))

        self.take(new.without(self.corpus, question, self.number, named))

    def paid(self) -> dict[tuple[str, int], list[str]]:
        """Return for each band and amount in pence the settings in which it is paid, where no average is."""
        found: dict[tuple[str, int], list[str]] = {}
        for band in self.plan.bands:
            for setting, factor in self.plan.settings.items():
                if setting not in self.plan.average_in:
                    found.setdefault((band, self.rate(band, factor)), []).append(setting)
        return found

    def rate(self, band: str, factor: Decimal) -> int:
        """Return what a band pays in pence where that is its factor, rounded down as in the costing."""
        return int(self.wanted.rates[band] * Fraction(factor))

    def rates(self) -> None:
        """Write what each band pays, for some settings apart where it differs, and a row for each."""
        of, paid, rows = self.views.rates, self.paid(), list[str]()
        values: dict[tuple[str, int], str] = {}
        for (band, rate), settings in paid.items():
            alone = sum(one == band for one, _ in paid) == 1
            values[band, rate] = f"rate_of_{band}" if alone else f"rate_of_{band}_in_{'_and_'.join(settings)}"
            where = "" if alone else f" in {' and '.join(settings)}"
            self.value(values[band, rate], f"The rate of {band}{where}", "pounds_a_year", pounds(rate), "bands")
        for row, places in of.rows.items():
            made, covered = list[DividedRow](), list[str]()
            for (band, rate), settings in paid.items():
                here = [one for one in places if one in settings]
                covered += [one for one in here if one not in covered]
                # Of the level, too: under a scenario another level may be in a band of this name.
                levels = _test(self.tariff.level, self.plan.bands[band].levels)
                tests = [Flow({"fact": self.views.bands.question, "is": band}), levels]
                tests += [] if here == places else [_test(self.tariff.place, here)]
                before = ", before the limits on what a school gains or loses" if self.limited else ""
                says = f"The rate of {band} by the plan '{self.plan.plan}' is paid{before}."
                name = "-".join([values[band, rate].replace("_", "-"), *here])
                made += [DividedRow(name, of.answer, says, Cited(self.document, "bands"), tests,
                                    {of.figure: f"${values[band, rate]}"})] if here else []  # fmt: skip
            if made:
                rest, apart = self.rest(places, covered)
                wanted = Division(of.question, self.number, row, made, rest, {}, self.tariff.place, apart)
                self.take(new.divide(self.corpus, wanted))
                rows += [f"{of.question}/{one.id}" for one in made]
        self.without(of.question, of.settles)
        leaves = "What is paid at a level that is in no band"
        if self.plan.average_in:
            leaves += f"; and in {listed(self.plan.average_in)}, where the average of a school's own pupils is paid"
        if rows:
            self.settle(of.settles, rows, "The plan sets a rate for each band.", f"{leaves}.")

    def caps_on_change(self) -> None:
        """Write the limits on gains and losses, and the row that gives them."""
        of = self.limits
        if of is None or not self.limited:
            return
        words = {of.loss: "loses", of.gain: "gains"}
        leaves = ["The guarantee that is set nationally"]
        leaves += [
            f"whether what a school {what} is limited" for name, what in words.items() if name not in self.capped
        ]
        for name, share in self.capped.items():
            says = f"The most that a school {words[name]}, of what it is paid before."
            self.take(new.figure(self.corpus, of.question, name, "per_cent", says, [name]))
            label = f"The most that a school {words[name]} in the change"
            self.value(name, label, "per_cent", _per_cent(share), "limits", f"{'; '.join(leaves)}.")
        says = f"The plan '{self.plan.plan}' limits what a school gains or loses."
        gives = {name: f"${name}" for name in self.capped}
        wanted = NewAnswer(of.question, self.number, self.start, of.row, of.answer.replace("_", "-"), of.answer, says,
                           Cited(self.document, "limits"), (), gives, of.label)  # fmt: skip
        self.take(new.answer(self.corpus, wanted))

    def golden(self) -> None:
        """Write a golden case for each band in each setting: a made-up pupil, and what the plan says of that pupil."""
        for band, of in self.plan.bands.items():
            for setting, factor in self.plan.settings.items():
                facts = {"decision_date": self.day.isoformat(), **self.views.example}
                facts |= {self.tariff.place: setting, self.tariff.level: of.levels[0]}
                expects = {self.views.bands.question: band}
                if setting not in self.plan.average_in:
                    question, rates = self.views.rates.question, self.views.rates
                    expects |= {f"{question}.answer": rates.answer,
                                f"{question}.{rates.figure}": pounds(self.rate(band, factor))}  # fmt: skip
                if self.limits and self.limited:
                    expects |= {f"{self.limits.question}.answer": self.limits.answer}
                    expects |= {
                        f"{self.limits.question}.{name}": str(figure(share)) for name, share in self.capped.items()
                    }
                wanted = new.NewCase(
                    decision=self.number,
                    file="bands-and-rates",
                    name=f"A made-up pupil in {band}, {setting}",
                    paragraph=f"{self.document} bands",
                    facts=facts,
                    expects=expects,
                )
                self.take(new.case(self.corpus, wanted))


#: The fields of a plan that a draft carries, into its rows, values, golden cases or words. Of others `left_out` says
#: what it leaves out.
CARRIED = frozenset({"plan", "title", "edition", "day", "bands", "settings", "average_in", "limits", "round_down_to"})


def left_out(plan: TariffPlanFile) -> Iterator[str]:
    """Yield what of a plan no rule of its draft holds, in sentences."""
    yield (
        f"The plan was costed for an envelope of {say_money(pence(plan.envelope))} a year. Nothing here keeps what is "
        "paid within it."
    )
    if plan.solve == "scale":
        yield "The rates are not those that the plan gives. All were scaled alike, so that they fit its envelope."
    for setting, share in plan.limits.guarantee.items():
        if share is not None:
            said = f"The plan was costed with a guarantee of {_per_cent(share)}% in '{setting}', its author's figure."
            yield f"{said} It is set nationally, and is not part of this draft."
    for setting, core in plan.core.items():
        said = f"The guarantee in '{setting}' was costed on the rate and on core funding of {say_money(pence(core))}"
        yield f"{said} together. Core funding is not part of this draft."
    if plan.protect:
        said = f"In {listed(sorted(plan.protect))} the limits of the plan hold for each pupil, not for the school"
        yield f"{said}. No rule here says so."
    if plan.next:
        said = (
            f"For the year after, the plan changes every rate by {_per_cent(plan.next.uplift)}%, and allows a loss of"
        )
        yield f"{said} {_per_cent(plan.next.loss)}%. Nothing of that year is part of this draft."
    if plan.tariff_part is not None:
        said = f"The plan pays the tariff for {plan.tariff_part} of the first financial year, and before that as today"
        yield f"{said}. Here it is paid from {say_date(plan.day)} on, and nothing is said of a part of a year."
    yield _OTHERS[plan.others]


_OPEN = "Pupils who are not mapped, or whose route is open,"
_OTHERS = {
    "set_aside": f"{_OPEN} were set aside in the costing. What they are paid stays open here.",
    "as_today": f"{_OPEN} were costed as today. What they are paid stays open here.",
    "like_mapped": f"{_OPEN} were costed like those mapped. What they are paid stays open here.",
    "lowest": f"{_OPEN} were costed at the lowest level. What they are paid stays open here.",
    "highest": f"{_OPEN} were costed at the highest level. What they are paid stays open here.",
}


def _test(fact: str, values: Sequence[str]) -> Flow:
    """Return the test that a fact has one of these values."""
    return Flow({"fact": fact, **({"is": values[0]} if len(values) == 1 else {"one_of": FlowList(values)})})


def _decimal(share: Decimal | Fraction) -> Decimal:
    return share if isinstance(share, Decimal) else Decimal(share.numerator) / share.denominator


def _per_cent(share: Decimal) -> str:
    """Return a share as per cent in plain figures.

    >>> _per_cent(Decimal("0.05")), _per_cent(Decimal("0.1250")), _per_cent(Decimal("0.00"))
    ('5', '12.5', '0')
    """
    return f"{(share * 100).normalize():f}"
