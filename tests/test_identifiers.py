"""What could tell who a child is does not come in: each planted identifier is refused, and none is repeated.

The identifiers are put together here, so that none stands whole in any file.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from golden_files import ROOT
from senpolicy.files import reporters
from senpolicy.files.identifiers import found_in, scanned
from senpolicy.files.problems import Problem
from senpolicy.policy import corpus as corpora

DATES = {"decision_date", "ehcp_issued_on", "community_start"}
GIVEN, FAMILY = "Fre" + "ya", "Hart" + "well"
ODD_GIVEN = "Wyn" + "stan"
UPN = "E" + "8202" + "00102" + "001"
NHS = "943" + "476" + "5919"
POSTCODE = "ME14" + " " + "1XQ"

#: What may be found anywhere, by what it is.
ANYWHERE = {
    "a pupil number": "B" + "8202" + "00102" + "001",
    "a pupil number in small letters": "a" + "820200102" + "00" + "b",
    "a pupil number in parts": f"{UPN[0]} {UPN[1:4]} {UPN[4:8]} {UPN[8:10]} {UPN[10:]}",
    "a pupil number in parts, with hyphens": f"{UPN[:4]}-{UPN[4:8]}-{UPN[8:]}",
    "a pupil number of a while in parts": "q820 2001 02 00a",
    "an NHS number": NHS,
    "an NHS number in groups": f"{NHS[:3]} {NHS[3:6]} {NHS[6:]}",
    "an NHS number with hyphens": f"{NHS[:3]}-{NHS[3:6]}-{NHS[6:]}",
    "a postcode": POSTCODE,
    "a postcode without its space": POSTCODE.replace(" ", ""),
    "a short postcode": "M1" + " " + "1AE",
    "a London postcode": "EC1A" + " " + "1BB",
    "an email address": "parent" + "@" + "example.org",
    "an email address with a dot": "a.b" + "@" + "school.example.sch.uk",
    "a date of birth": "date of birth " + "03/05/" + "2016",
    "a date of birth in short": "DOB: " + "2016-" + "05-03",
    "a date of birth in words": "born on " + "3 May " + "2016",
    "a date of birth with dots": "d.o.b. " + "3.5." + "16",
}
#: What is looked for in files about pupils alone, where nothing else is written so.
ABOUT_PUPILS = {
    "a name": f"{GIVEN} {FAMILY}",
    "a name with a comma": f"{FAMILY}, {GIVEN}",
    "a rare name": f"{ODD_GIVEN} {FAMILY}",
    "a given name alone": GIVEN,
    "a name with an apostrophe": "Niam" + "h O'" + "Connelly",
    "a name with a hyphen": "Wynn-Jon" + "es Bartho",
    "a name with an accent": "Zo" + "ë",
    "ten figures that are no NHS number": "943" + "476" + "5910",
    "a postcode in small letters": POSTCODE.lower(),
    "a date of birth without the word": "3 May " + "2016",
    "a date of birth in figures": "03/05/" + "2016",
}
GOLDEN = "tests/golden/24-00120/scope.yaml"


def in_a_note(text: str, secret: str) -> str:
    return text + f'# He is called "{secret}", aged 9.\n'


def in_a_name(text: str, secret: str) -> str:
    return text.replace("  - name: ", f"  - name: {secret} is not quite ", 1)


def in_a_field(text: str, secret: str) -> str:
    return text.replace("{case_ref: ", '{nickname: "' + secret + '", case_ref: ', 1)


PLACES: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "a note among the golden cases": (GOLDEN, in_a_note),
    "the name of a golden case": (GOLDEN, in_a_name),
    "a field of a golden case": (GOLDEN, in_a_field),
    "a note among the example cases": ("tests/cases/every-route.yaml", in_a_note),
    "a table": ("docs/how-to/illustrative-communities.csv", lambda text, secret: f'{text}"{secret}",1,2,3,4,5\n'),
}
OTHER_PLACES: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "a note of the policy": ("policy/readings.yaml", in_a_note),
    "a page": ("docs/how-to/explain-a-case.md", in_a_note),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that are planted in, and those of the policy that give its words."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("policy", "rules", "descriptors", "docs", "tests/golden", "tests/cases"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def words(copy: Path) -> frozenset[str]:
    from senpolicy.files import identifiers

    return identifiers._vocabulary(text for _, text in identifiers._texts(copy, identifiers.OTHERS))


def everything_said(problems: list[Problem], file: str, text: str) -> str:
    """Return all that any reader gets to see of problems."""

    def texts(name: str) -> str | None:
        return text if name == file else None

    sarif = json.dumps(reporters.as_sarif(problems, texts, "1"), ensure_ascii=False)
    told = [*reporters.as_text(problems, texts), *reporters.as_annotations(problems), sarif]
    told += [reporters.as_summary(problems, ""), json.dumps(reporters.as_json(problems), ensure_ascii=False)]
    return "\n".join(told).lower()


def planted(
    place: tuple[str, Callable[[str, str], str]], secret: str, copy: Path, words: frozenset[str] | None
) -> None:
    file, plant = place
    before = (copy / file).read_text(encoding="utf-8")
    text = plant(before, secret)
    assert text != before

    problems = list(found_in(text, file, words, DATES))

    assert problems, "let in"
    assert {problem.code for problem in problems} == {"identifies-a-child"}
    lines = [number for number, line in enumerate(text.splitlines(), 1) if secret in line]
    assert {problem.place.line for problem in problems} == set(lines)
    said = everything_said(problems, file, text)
    for part in (secret, *(word for word in secret.replace("/", " ").split() if len(word) > 3 and word.isalnum())):
        assert part.lower() not in said or part.lower() in ("date", "birth"), "repeated"


@pytest.mark.parametrize("what", [*ANYWHERE, *ABOUT_PUPILS])
def test_an_identifier_in_a_file_about_pupils_is_refused_and_not_repeated(
    what: str, copy: Path, words: frozenset[str]
) -> None:
    """Golden cases, example cases and tables are made up; whatever may be of a real child stays out."""
    for place in PLACES.values():
        planted(place, {**ANYWHERE, **ABOUT_PUPILS}[what], copy, words)


@pytest.mark.parametrize("what", ANYWHERE)
def test_an_identifier_anywhere_else_is_refused_and_not_repeated(what: str, copy: Path) -> None:
    """The policy and its pages speak of groups of pupils only."""
    for place in OTHER_PLACES.values():
        planted(place, ANYWHERE[what], copy, None)


def test_nothing_that_stands_in_this_repository_is_taken_for_an_identifier() -> None:
    """A scanner that cries wolf is switched off."""
    assert list(scanned(ROOT, DATES)) == []


def test_the_real_files_are_read(copy: Path) -> None:
    """The scan of a folder finds what was planted in it, in each kind of place."""
    for file, plant in (*PLACES.values(), *OTHER_PLACES.values()):
        path = copy / file
        before = path.read_text(encoding="utf-8")
        path.write_text(plant(before, "x" + "@" + "example.org"), encoding="utf-8")
        try:
            assert {problem.place.file for problem in scanned(copy, DATES)} == {file}
        finally:
            path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("figure", range(10))
def test_only_one_check_digit_makes_an_nhs_number(figure: int) -> None:
    """Modulo 11: of ten numbers that differ in the last figure, one is an NHS number at most."""
    found = list(found_in(f"It is {NHS[:9]}{figure}.", "a.md", None, DATES))
    assert bool(found) == (NHS[9] == str(figure))


@pytest.mark.parametrize("letter", "ABCDEFGHJKLMNPQRTUVWXYZ")
def test_only_one_check_letter_makes_a_pupil_number_of_parts(letter: str) -> None:
    """In one piece the shape is enough; in parts it might be any figures, so the letter tells."""
    parts = ["820", "2001", "02", "001"]
    assert bool(list(found_in(f"It is {letter} {' '.join(parts)}.", "a.md", None, DATES))) == (letter == UPN[0])
    assert list(found_in(f"It is {letter}{''.join(parts)}.", "a.md", None, DATES))


def test_check_says_it_of_the_whole_repository(copy: Path) -> None:
    """`senpolicy check` looks at the golden cases too, and stops the pull request."""
    from senpolicy.checking.golden_files import check
    from senpolicy.policy import timeline

    corpus = corpora.load(copy)
    policies = {name: timeline.policy(corpus, scenario=name) for name in (None, *corpus.scenarios)}
    assert check(corpus, policies.__getitem__) == []
    path = copy / GOLDEN
    before = path.read_text(encoding="utf-8")
    path.write_text(in_a_name(before, ANYWHERE["a postcode"]), encoding="utf-8")
    try:
        assert {problem.code for problem in check(corpus, policies.__getitem__)} == {"identifies-a-child"}
    finally:
        path.write_text(before, encoding="utf-8")
