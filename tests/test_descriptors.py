"""Editions of descriptors and the scenario that uses one: what is refused, what holds, what the illustration says."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from copies import copied, replace, write
from editions import FRAMEWORKS, ILLUSTRATIVE, edition_in
from golden_files import ROOT, decider, loaded
from senpolicy.checking.corpus import check
from senpolicy.checking.editions import edition_faults
from senpolicy.cli import every_command
from senpolicy.deciding.cases import Case, read_file
from senpolicy.deciding.decide import Decision
from senpolicy.deciding.text import lines
from senpolicy.files.models.editions import EditionFile
from senpolicy.files.models.rules import TestModel
from senpolicy.files.problems import PolicyError, Problem
from senpolicy.language.conditions import AllOf, FactType, Not, Test
from senpolicy.policy.banding import Banded, Rating, band_of_points, banded
from senpolicy.policy.corpus import load
from senpolicy.policy.layout import RECORDS
from senpolicy.readings.durable import Comparison
from senpolicy.readings.fire import expanded

EDITION = "descriptors/illustrative/edition.yaml"
TABLE = "descriptors/herefordshire-matrix/edition.yaml"
MATRIX = "descriptors/islington-matrix/edition.yaml"
SCENARIO = "policy/scenarios/illustrative.yaml"
CASES = ROOT / "tests" / "cases" / "illustrative.yaml"
MARK = "Illustrative: assumed levels, bands and rates, not the council's."


# What is refused.


def problems(root: Path) -> list[Problem]:
    """Return every problem of the corpus below `root`, whether its files can be read or not."""
    try:
        return check(load(root, without=RECORDS))
    except PolicyError as error:
        return list(error.problems)


def with_frameworks(folder: Path) -> Path:
    """Return the folder after copying the corpus into it, with two published frameworks among its editions."""
    root = copied(folder)
    for name, file in (("herefordshire", TABLE), ("islington", MATRIX)):
        write(root, file, (FRAMEWORKS / name / "edition.yaml").read_text(encoding="utf-8"))
    return root


B1 = r"\{id: B1, label: Tariff B1, from_points: 20"

FAULTS = [
    # (what is wrong, file, what is replaced, by what, code, how the place begins, what to do)
    ("a gap between two bands", TABLE, B1, "{id: B1, label: Tariff B1, from_points: 21",
     "points-gap", "{id: B1", "Start it at 20."),
    ("an overlap of two bands", TABLE, "from_points: 15, to_points: 19", "from_points: 15, to_points: 20",
     "points-overlap", "{id: B1", "Start it at 21."),
    ("a band that ends before it starts", TABLE, "from_points: 20, to_points: 24", "from_points: 20, to_points: 19",
     "points-reversed", "{id: B1", "Swap"),
    ("a gap below the first band", TABLE, "from_points: 0, to_points: 9", "from_points: 1, to_points: 9",
     "points-gap", "{id: none", "Start it at 0"),
    ("a first band below no points", TABLE, "from_points: 0, to_points: 9", "from_points: -1, to_points: 9",
     "points-below-0", "{id: none", "Start it at 0."),
    ("a band without an upper end below another", TABLE, "from_points: 20, to_points: 24", "from_points: 20",
     "points-overlap", "{id: B2", "Add to_points: 24 to 'B1'."),
    ("a band without a lower end", TABLE, "from_points: 20, to_points: 24", "to_points: 24",
     "points-missing", "{id: B1", "Add from_points."),
    ("a first band without points", TABLE, "from_points: 0, to_points: 9, ", "",
     "points-missing", "{id: A1", "all bands, or of none"),
    ("a band written twice", TABLE, "id: A2,", "id: A1,", "same-id", "A1", "another id"),
    ("an amount without a unit", TABLE, "amount_unit: pounds_a_year", "amount_unit: null",
     "no-unit", '"753.00"', "Add amount_unit"),
    ("an open point of banding that is not there", TABLE, r"open_points: \[nothing-at-110-or-more\]",
     "open_points: [nothing-at-110]", "unknown-open-point", "nothing-at-110", "Did you mean 'nothing-at-110-or-more'?"),
    ("levels out of order", EDITION, "    order: 3\n", "    order: 4\n", "level-order", "4", "Number them 1, 2, 3"),
    ("a level left out of the order", EDITION, "    order: 7\n", "    order: 8\n", "level-order", "8", "1, 2, 3"),
    ("a level written twice", EDITION, "  - id: universal\n", "  - id: sen_support\n", "same-id", "sen_support", "id"),
    ("a statement id used twice", EDITION, "id: CI-SPEECH-3", "id: CI-SPEECH-2",
     "same-id", "CI-SPEECH-2", "old ids never change"),
    ("a strand without a statement at a level", EDITION, r"  - id: CI-SPEECH-4\n(    .*\n)+", "",
     "no-statement", "{id: speech", "Add one for each level"),
    ("a strand written twice", EDITION, "id: language,", "id: speech,", "same-id", "speech", "another id"),
    ("an unknown strand", EDITION, r"(id: CI-SPEECH-4\n.*\n    strand: )speech", r"\g<1>speach",
     "unknown-strand", "speach", "Did you mean 'speech'?"),
    ("an unknown level", EDITION, r"(id: CI-SPEECH-4\n.*\n.*\n    level: )specific_allocation_1",
     r"\g<1>specific_allocation_l", "unknown-level", "specific_allocation_l", "'specific_allocation_4'"),
    ("an unknown area", EDITION, r"(id: CI-SPEECH-4\n    area: )communication_and_interaction",
     r"\g<1>communication", "unknown-area", "communication", "Did you mean 'communication_and_interaction'?"),
    ("a band for an unknown level", EDITION, r"level: specific_allocation_4\}", "level: specific_allocation_5}",
     "unknown-level", "specific_allocation_5", "'specific_allocation_4'"),
    ("two bands for one level", EDITION, r"level: specific_allocation_4\}", "level: specific_allocation_3}",
     "band-order", "specific_allocation_3", "from the least need to the most"),
    ("a band without a level", EDITION, r", level: specific_allocation_4\}", "}",
     "no-level", "{id: band_4", "Add its level"),
    ("a part that is said to be held and is not", MATRIX, "strands_held: false", "strands_held: true",
     "not-held", "true", "strands_held: false"),
    ("a weight for an unknown area", MATRIX, "    cognition_and_learning: 4", "    cognition: 4",
     "unknown-area", "cognition: 4", "Did you mean 'cognition_and_learning'?"),
    ("an area without a weight", MATRIX, "    cognition_and_learning: 4\n", "",
     "no-weight", "communication_and_interaction: 2", "Add it"),
    ("a weight below 0", MATRIX, "    communication_and_interaction: 2", "    communication_and_interaction: -2",
     "below-0", "-2", "never counts for less"),
    ("a level that counts for less than a lower one", MATRIX, "points: 3", "points: 1",
     "level-points", "1", "never counts for less"),
    ("a level without points", MATRIX, ", points: 3", "", "no-points", "{id: level-3", "Add its points"),
    ("bands without points and no open point", MATRIX, r"  open_points:\n(    - .*\n)+", "",
     "not-held", "method: weighted_points", "or an open point"),
    ("a folder that has another name", EDITION, "^edition: illustrative", "edition: illustration",
     "folder-name", "illustration", "Name the folder 'illustration', or write 'illustrative' here."),
    ("a rating of an area that the edition does not know", "rules/facts.yaml", "area: cognition_and_learning",
     "area: cognition", "unknown-area-of-need", "cognition", "Did you mean 'cognition_and_learning'?"),
    ("an area that no fact rates", "rules/facts.yaml", "area: cognition_and_learning", "area: sensory_and_physical",
     "area-not-rated", "illustrative", "Add a fact for it"),
    ("a rate without a unit", SCENARIO, r"(label: The rate of band 1 \(made up\)\n)    unit: pounds_a_year\n", r"\g<1>",
     "missing", "rate_of_band_1:", "Add a line 'unit: ...'."),
    ("a rate in another unit than the council's value", SCENARIO, r"unit: levels\n    value:\n(      - .*\n)+",
     "unit: text\n    value: none\n", "unit-mismatch", "text", "Use that unit."),
    ("a rate with a currency mark", SCENARIO, "value: 7000.00", "value: £7000",
     "ambiguous-number", "£7000", "Write figures only"),
    ("a scenario that names no assumption", SCENARIO, r"assumptions:\n(  - .*\n(    .*\n)+)+", "assumptions: []\n",
     "missing", "[]", "Name at least one."),
    ("a scenario without assumptions", SCENARIO, r"assumptions:\n(  - .*\n(    .*\n)+)+", "",
     "missing", "scenario:", "Add a line 'assumptions: ...'."),
    ("an assumption written twice", SCENARIO, "- id: one-band-a-level", "- id: made-up-rates",
     "same-id", "made-up-rates", "another id"),
    ("a value that rests on an unknown assumption", SCENARIO, r"(value: 7000.00\n    assumption: )made-up-rates",
     r"\g<1>made-up-rate", "unknown-assumption", "made-up-rate", "Did you mean 'made-up-rates'?"),
    ("a value that rests on no assumption", SCENARIO, r"(value: 7000.00\n)    assumption: made-up-rates\n", r"\g<1>",
     "missing", "rate_of_band_1:", "Add a line 'assumption: ...'."),
    ("an answer that rests on an unknown assumption", SCENARIO,
     r"(is: specific_allocation_1\}\n        assumption: )one-band-a-level", r"\g<1>one-band",
     "unknown-assumption", "one-band", "Did you mean 'one-band-a-level'?"),
    ("an answer with an unknown band", SCENARIO, "        answer: band_4", "        answer: band_5",
     "unknown-answer", "band_5", "'band_4'"),
    ("an answer to an unknown question", SCENARIO, "^  band:", "  bands:",
     "unknown-question", "bands", "Did you mean 'band'?"),
    ("a row for an unknown level", SCENARIO, "is: specific_allocation_4", "is: specific_allocation_5",
     "unknown-value", "specific_allocation_5", "'specific_allocation_4'"),
    ("a row for an unknown fact", SCENARIO, "(fact: )adaptation_level(, is: specific_allocation_4)",
     r"\g<1>adaptation_lvl\g<2>", "unknown-fact", "adaptation_lvl", "Did you mean 'adaptation_level'?"),
    ("a row written twice", SCENARIO, "- id: rate-of-band-2", "- id: rate-of-band-1",
     "same-id", "rate-of-band-1", "Rename one."),
    ("an unknown parameter", SCENARIO, r"pounds_a_year: \$rate_of_band_4", "pounds_a_year: $rate_of_band_5",
     "unknown-parameter", "$rate_of_band_5", ""),
    ("a rate that stands in the row itself", SCENARIO, r"pounds_a_year: \$rate_of_band_4", "pounds_a_year: 19000.00",
     "bare-value", "19000.00", "parameters.yaml"),
    ("a Community level that the edition does not know", SCENARIO, "      - universal", "      - universel",
     "unknown-level", "universel", "Did you mean 'universal'?"),
    ("an unknown open point", SCENARIO, "point: P-bands-not-named", "point: P-bands-not-name",
     "unknown-open-point", "P-bands-not-name", "Did you mean 'P-bands-not-named'?"),
    ("an open point that the question does not leave open", SCENARIO,
     "point: P-bands-not-named", "point: P-tariff-rates",
     "point-does-not-block", "P-tariff-rates", "Name one that it has."),
    ("an unknown edition", SCENARIO, "^edition: illustrative", "edition: illustrativ",
     "unknown-edition", "illustrativ", "Did you mean 'illustrative'?"),
    ("a file that has another name", SCENARIO, "^scenario: illustrative", "scenario: illustration",
     "file-name", "illustration", "Name it illustration.yaml, or write 'illustrative' here."),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[0])
def test_what_is_wrong_in_an_edition_or_a_scenario_is_refused_with_its_place_and_a_fix(
    tmp_path: Path, fault: tuple[str, ...]
) -> None:
    """Where, what, and what to do."""
    _, file, pattern, by, code, at, help = fault
    root = with_frameworks(tmp_path)
    replace(root, file, pattern, by)
    found = []
    for problem in problems(root):
        line = (root / problem.place.file).read_text(encoding="utf-8").splitlines()[problem.place.line - 1]
        found.append((problem.code, line[problem.place.column - 1 :], problem.help, problem.warning))
    fits = [one for one in found if one[0] == code and one[1].startswith(at) and help in one[2] and not one[3]]
    assert fits, found


def test_the_corpus_with_two_published_frameworks_in_it_has_no_problems(tmp_path: Path) -> None:
    """The faults above are those that were put in, not ones that stood there before."""
    assert [problem for problem in problems(with_frameworks(tmp_path)) if not problem.warning] == []


def test_levels_that_the_policy_names_and_a_scenarios_edition_lacks_are_refused(tmp_path: Path) -> None:
    """Without them a pupil of the Community would silently come to the tariff."""
    root = copied(tmp_path)
    other = "edition: other\ntitle: Other\nstatus: illustrative\nsource: {document: own-illustration, paragraph: all}\n"
    held = "areas_held: false\nstrands_held: false\nstatements_held: false\n"
    write(root, "descriptors/other/edition.yaml", f"{other}{held}levels: [{{id: low, label: Low, order: 1}}]\n")
    assumed = "assumptions: [{id: guess, says: A guess., because: It is a test.}]\n"
    text = f"scenario: other\ntitle: Other\nsays: Made up.\nedition: other\n{assumed}"
    write(root, "policy/scenarios/other.yaml", text)
    found = [problem for problem in problems(root) if problem.place.file == "policy/scenarios/other.yaml"]
    assert [problem.code for problem in found] == ["unknown-level", "unknown-level"]
    assert all("community_levels" in problem.help and problem.place.line == 4 for problem in found)


def test_two_rows_of_a_scenario_that_hold_for_one_case_are_found_at_their_place(tmp_path: Path) -> None:
    """Unique, not first match: a scenario's rows are tried on every kind of case, as the rules are."""
    root = copied(tmp_path / "root")
    replace(root, SCENARIO, "is: specific_allocation_4", "is: specific_allocation_3")
    result = CliRunner().invoke(every_command(), ["check", "--root", str(root)], env={"XDG_CACHE_HOME": str(tmp_path)})
    assert result.exit_code == 1
    assert re.search(rf"{SCENARIO}:\d+:\d+: More than one answer holds for 'band'", result.output)


# What holds of every edition.


def levels_of(count: int) -> list[dict[str, Any]]:
    return [{"id": f"level-{order}", "label": f"Level {order}", "order": str(order)} for order in range(1, count + 1)]


def made(levels: list[dict[str, Any]], areas: int, banding: dict[str, Any]) -> EditionFile:
    """Return an edition with so many areas, and check that nothing in it is at fault."""
    found = EditionFile.model_validate(
        {
            "edition": "made",
            "title": "Made up",
            "status": "illustrative",
            "source": {"document": "own-illustration", "paragraph": "all"},
            "levels": levels,
            "areas": [{"id": f"area-{number}", "label": f"Area {number}"} for number in range(areas)],
            "strands_held": False,
            "statements_held": False,
            "banding": banding,
        }
    )
    assert list(edition_faults(found)) == []
    return found


@st.composite
def by_highest_area(draw: st.DrawFn) -> EditionFile:
    levels = levels_of(draw(st.integers(1, 7)))
    banded_levels = sorted(draw(st.sets(st.integers(1, len(levels)))))
    bands = [{"id": f"band-{level}", "label": "Band", "level": f"level-{level}"} for level in banded_levels]
    open_points = {"none": {"title": "None", "says": "There is no band."}}
    return made(levels, draw(st.integers(1, 5)), {"method": "highest_area", "bands": bands}).model_copy(
        update={"open_points": open_points}
    )


@st.composite
def by_weighted_points(draw: st.DrawFn) -> EditionFile:
    levels = levels_of(draw(st.integers(1, 6)))
    steps = draw(st.lists(st.integers(0, 4), min_size=len(levels), max_size=len(levels)))
    for index, level in enumerate(levels):
        level["points"] = str(sum(steps[: index + 1]))
    areas = draw(st.integers(1, 5))
    names = [f"area-{number}" for number in range(areas)]
    weights = {name: str(draw(st.integers(0, 5))) for name in names}
    caps = {name: str(draw(st.integers(0, 20))) for name in names if draw(st.booleans())}
    ends = sorted(draw(st.sets(st.integers(0, 60), max_size=6)))
    starts = [0, *(end + 1 for end in ends)]
    bands = [{"id": f"band-{low}", "label": "Band", "from_points": str(low), "to_points": str(high)}
             for low, high in zip(starts, ends, strict=False)]  # fmt: skip
    last = {"id": "last", "label": "Last", "from_points": str(starts[-1])}
    return made(levels, areas, {"method": "weighted_points", "weights": weights, "caps": caps, "bands": [*bands, last]})


@st.composite
def raised(draw: st.DrawFn, editions: st.SearchStrategy[EditionFile], *, all_known: bool) -> Any:
    """Return an edition, ratings against it, and the same with one of them raised by at least one level."""
    held = draw(editions)
    order = [level.id for level in held.levels]
    rating: st.SearchStrategy[Any] = st.sampled_from(order)
    rating = st.one_of(rating, st.lists(rating, min_size=1, max_size=3).map(tuple))
    if not all_known:
        rating = st.one_of(st.none(), rating)
    before: dict[str, Rating] = {area.id: draw(rating) for area in held.areas}
    area = draw(st.sampled_from(sorted(before)))
    known = before[area]
    strands = list(known) if isinstance(known, tuple) else [known]
    place = draw(st.integers(0, len(strands) - 1))
    lowest = -1 if strands[place] is None else order.index(strands[place] or "")
    if lowest + 1 < len(order):
        strands[place] = draw(st.sampled_from(order[lowest + 1 :]))
    return held, before, {**before, area: tuple(strands)}


def rank(held: EditionFile, found: Banded) -> int:
    """Return where the band stands in the edition, -1 for none."""
    assert held.banding is not None
    return [band.id for band in held.banding.bands].index(found.band.id) if found.band else -1


@settings(deadline=None)
@given(raised(by_highest_area(), all_known=False))
def test_raising_a_rating_never_lowers_the_level_by_highest_area(drawn: Any) -> None:
    """The declared property "a higher level never gives a lower band", of any edition, with ratings missing."""
    held, before, after = drawn
    lower, higher = banded(held, before), banded(held, after)
    if lower.level is not None:
        assert higher.level is not None
        assert higher.level.order >= lower.level.order
        assert rank(held, higher) >= rank(held, lower) or higher.band is None
        known = [one for given in before.values() for one in (given if isinstance(given, tuple) else (given,)) if one]
        assert lower.level.order == max(int(one.removeprefix("level-")) for one in known)


@settings(deadline=None)
@given(raised(by_weighted_points(), all_known=True))
def test_raising_a_rating_never_lowers_the_points_or_the_band_by_weighted_points(drawn: Any) -> None:
    """The same of points: weights, caps and points of levels cannot be so written that more need counts for less."""
    held, before, after = drawn
    lower, higher = banded(held, before), banded(held, after)
    assert lower.points is not None
    assert higher.points is not None
    assert higher.points >= lower.points
    assert rank(held, higher) >= rank(held, lower) >= 0
    assert band_of_points(held, lower.points) == lower


def test_a_scenario_can_answer_a_point_with_a_row_for_each_of_many_levels() -> None:
    """The rest that stays open excludes every row; its conjunctions must not multiply out beyond the engine's limit."""
    levels = tuple(f"level-{number}" for number in range(1, 13))
    kind = FactType("level", "choice", values=levels)
    rest = AllOf(tuple(Not(Test("level", "is", level, limit=level)) for level in levels[:9]))
    assert expanded(rest, {"level": kind}) == [frozenset([Comparison("level", "eq", code)]) for code in (9, 10, 11)]


# What the illustration says.

CODES = ("CI-SPEECH", "CI-LANGUAGE", "CI-INTERACTION", "CL-LEARNING", "CL-BASICS", "CL-ATTENTION", "SE-FEELINGS",
         "SE-RELATIONSHIPS", "SE-TAKING-PART", "SP-HEARING", "SP-SEEING", "SP-MOVEMENT", "SP-CARE")  # fmt: skip

#: What tells a level from its neighbours: how often, by whom, with what oversight.
MARKS = {
    1: (r"in ordinary lessons", r"the class teacher", r"the school's usual checks"),
    2: (r"once or twice a week", r"so the teacher", r"reviews this each term with the special needs coordinator"),
    3: (r"on most days", r"a trained assistant", r"a visiting specialist has advised and looks at again each term"),
    4: (r"most lessons .*each day", r"a trained adult", r"a specialist writes and reviews twice a year"),
    5: (r"every lesson", r"a trained adult at hand for most of the day", r"a specialist who checks .* every term"),
    6: (r"(the|all) day, breaks included", r"staff trained", r"a specialist working beside them at least once a month"),
    7: (r"at all times", r"adults with specialist training", r"of several services guide (them )?each week"),
}

AGE = r"(usual for the age|(others|class|pupil|those) of the age|of the usual size for the age)"
DIAGNOSES = (
    "autis|asperger|adhd|attention deficit|dyslexi|dyspraxi|dyscalculi|dysgraphi|tourette|down syndrome|down's|palsy|"
    "epilep|diabet|deaf|blind|impairment|disorder|syndrome|anxiety|depress|psychos|foetal|fetal|dystroph|spina|"
    "disab|sld|pmld|asd|asc|diagnos|condition"
)


def test_the_illustrative_edition_has_one_statement_at_each_crossing_under_a_fixed_id() -> None:
    """Four areas, at least three strands each, seven levels; an id that was once given is never another's."""
    held = edition_in(ILLUSTRATIVE)
    crossings = Counter((one.area, one.strand, one.level) for one in held.statements)
    assert set(crossings.values()) == {1}
    assert len(crossings) == sum(len(area.strands) for area in held.areas) * 7 >= 84
    assert [area.id for area in held.areas] == ["communication_and_interaction", "cognition_and_learning",
                                                "social_emotional_mental_health", "sensory_and_physical"]  # fmt: skip
    assert all(len(area.strands) >= 3 for area in held.areas)
    assert [one.id for one in held.statements] == [f"{code}-{order}" for code in CODES for order in range(1, 8)]
    order = {level.id: level.order for level in held.levels}
    assert all(int(one.id.rpartition("-")[2]) == order[one.level] for one in held.statements)


def test_each_statement_is_one_plain_sentence_against_what_is_usual_for_the_age() -> None:
    """Age-appropriate, from 5 to 16, by the adaptation that is required."""
    for one in edition_in(ILLUSTRATIVE).statements:
        assert one.says.startswith("The pupil"), one.id
        assert re.fullmatch(r"[^.!?;:()]+\.", one.says), one.id
        assert re.search(AGE, one.says), one.id
        assert 20 <= len(one.says.split()) <= 60, one.id
    texts = [one.says for one in edition_in(ILLUSTRATIVE).statements]
    assert len(set(texts)) == len(texts)


def test_no_statement_names_a_diagnosis() -> None:
    """Report 2.1 and 3.9: eligibility is by adaptation, not by diagnosis."""
    held = edition_in(ILLUSTRATIVE)
    said = [*(one.says for one in held.statements), *(strand.label for area in held.areas for strand in area.strands)]
    assert [text for text in said if re.search(rf"\b({DIAGNOSES})", text, re.IGNORECASE)] == []


def test_neighbouring_levels_can_be_told_apart_by_how_often_by_whom_and_with_what_oversight() -> None:
    """Each statement bears the three marks of its own level, and no other level's mark of how often."""
    for one in edition_in(ILLUSTRATIVE).statements:
        order = int(one.id.rpartition("-")[2])
        for mark in MARKS[order]:
            assert re.search(mark, one.says), (one.id, mark)
        for other in set(MARKS) - {order}:
            assert not re.search(MARKS[other][0], one.says), (one.id, other)


def test_the_illustration_says_that_it_is_one_wherever_it_shows() -> None:
    """No title, level, band, answer or rate of it can be taken for the council's."""
    held, scenario = edition_in(ILLUSTRATIVE), loaded(ROOT).scenarios["illustrative"]
    assert held.banding is not None
    shown = [held.title, held.status, scenario.title, scenario.says, *(level.label for level in held.levels),
             *(band.label for band in held.banding.bands), *scenario.answers["band"].values()]  # fmt: skip
    assert [text for text in shown if "illustrative" not in text.lower()] == []
    rates = [one for name, one in scenario.parameters.items() if name.startswith("rate_of")]
    assert [one.value for one in rates] == [7000, 10000, 14000, 19000]
    assert all("made up" in one.label for one in rates)


def test_the_bands_of_the_scenario_are_those_of_its_edition() -> None:
    """From a level to a band is written in both; they must not drift apart."""
    corpus = loaded(ROOT)
    banding = corpus.editions["illustrative"].banding
    assert banding is not None
    (settles,) = [one for one in corpus.scenarios["illustrative"].settles if one.question == "band"]
    said = [(row.answer, row.when.is_) for row in settles.rows if isinstance(row.when, TestModel)]
    assert said == [(band.id, band.level) for band in banding.bands]


def run(*args: str, folder: Path) -> Any:
    """Return what the command line gives, with a cache of its own."""
    return CliRunner().invoke(every_command(), [*args, "--root", str(ROOT)], env={"XDG_CACHE_HOME": str(folder)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that remembers that the rules have been checked."""
    return tmp_path_factory.mktemp("cache")


def test_every_decision_under_a_scenario_bears_its_mark_as_text(folder: Path) -> None:
    """Under the reference of each case, and once more at the end; each assumed answer says so by itself."""
    result = run("decide", str(CASES), "--scenario", "illustrative", folder=folder)
    assert result.exit_code == 0
    heads = re.findall(r"^IL-\d\d, .*\n(.*)$", result.stdout, re.MULTILINE)
    assert len(heads) == 9
    assert set(heads) == {f"  {MARK} (scenario illustrative)"}
    assert result.stderr.endswith(f"{MARK}\n")
    assumed = re.findall(r"^  (?:Band|Amount) .*(?:band \d|[0479],000 a year)(.*)$", result.stdout, re.MULTILINE)
    assert assumed == [" (assumed)"] * 7
    assert "assumed by the scenario: The rates are round figures, made up" in result.stdout


def test_every_decision_under_a_scenario_bears_its_mark_as_json(folder: Path) -> None:
    """A program that reads the list cannot lose the mark: it stands in each decision."""
    result = run("decide", str(CASES), "--scenario", "illustrative", "--json", folder=folder)
    found = json.loads(result.stdout)
    assert [one["scenario"] for one in found] == [{"name": "illustrative", "says": MARK}] * 9
    first = {one["case_ref"]: one for one in found}["IL-01"]
    for question, assumption in (("band", "one-band-a-level"), ("amount", "made-up-rates")):
        (reason,) = first["answers"][question]["because"]
        assert reason["assumed"] == {"scenario": "illustrative", "assumption": assumption}
    by_parameter = {test.get("parameter"): test for test in first["answers"]["route"]["because"][0]["tests"]}
    assert by_parameter["community_levels"]["assumed"] == "universal-is-the-communitys"


def test_without_the_scenario_nothing_of_it_shows(folder: Path) -> None:
    """It is reached only by `--scenario illustrative`."""
    result = run("decide", str(ROOT / "tests" / "cases" / "every-route.yaml"), "--json", folder=folder)
    assert result.exit_code == 0
    assert "llustrative" not in result.stdout
    assert '"assumed"' not in result.stdout


def decided(reference: str) -> Decision:
    """Return the decision of one of the example cases under the scenario."""
    by = decider(ROOT, None, "all", "illustrative")
    (case,) = [one for one in read_file(CASES, by.policy) if isinstance(one, Case) and one.ref == reference]
    result = by.decide(case)
    assert isinstance(result, Decision)
    return result


def test_the_statements_that_decided_a_level_go_with_the_decision() -> None:
    """From ratings by area a level and band follow, with the descriptor statements that decided it."""
    result = decided("IL-01")
    mapped = result.to_json()["mapped"]
    assert mapped["level"] == "specific_allocation_1"
    assert mapped["areas"] == ["communication_and_interaction", "cognition_and_learning"]
    ids = ["CI-SPEECH-4", "CI-LANGUAGE-4", "CI-INTERACTION-4", "CL-LEARNING-4", "CL-BASICS-4", "CL-ATTENTION-4"]
    assert [one["id"] for one in mapped["statements"]] == ids
    text = "\n".join(line for _, line in lines(result))
    assert all(f"{one['id']}: {one['says']}" in text for one in mapped["statements"])


def test_ratings_that_do_not_settle_the_level_say_which_ones_are_missing() -> None:
    """Undetermined says what to find out: the level, or the ratings that could still raise it."""
    result = decided("IL-04")
    assert result.answers["band"].missing_facts == ("adaptation_level",)
    assert result.to_json()["mapped"] == {"missing_facts": ["rating_social_emotional_mental_health"]}
    assert "(rating_social_emotional_mental_health)" in "\n".join(line for _, line in lines(result))
    assert "mapped" not in decided("IL-07").to_json()
