"""Faithfulness: every figure stands in the paragraph that it cites, and no sentence of the sources stands here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace as changed
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import conftest
import source_documents
from copies import copied, replace
from senpolicy.checking.faithfulness import FaithfulnessReport, cited, claims, look_up, numbered, stands_in
from senpolicy.cli import main
from senpolicy.files.models import rules as m
from senpolicy.files.models.documents import Document
from senpolicy.files.problems import Problems
from senpolicy.files.source import Node, read
from senpolicy.policy import corpus as corpora
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import RECORDS
from source_documents import ROOT

PACK = "pack.txt"
#: The text of a made-up document: a paragraph that quotes the numbering of another, as 5.3 of the report does.
TEXT = """\
A heading
1.1. Costs above £6k are met.
- 1.2. Around 50% to 75%, from April 2025.
### **2.1. Another**
It quotes an agreement:
- 1.7. a paragraph of the agreement, with £9,000
- 3.4. and a later one,
and goes on with £7,000.
- 2.2. £8,000 in it.
"""


@pytest.fixture(scope="module")
def real() -> Corpus:
    return corpora.load(ROOT)


@pytest.fixture
def sources() -> dict[str, bytes]:
    if source_documents.missing():
        pytest.skip(source_documents.missing())
    return source_documents.texts()


# The ways in which a report writes a figure

WRITTEN = [
    ("6000.00", "pounds_a_year", "where costs exceed £6k."),
    ("6000.00", "pounds_a_year", "(greater than £6,000)"),
    ("6000.00", "pounds_a_year", "about c£6k a year"),
    ("6000.00", "pounds_a_year", "£6000 in all"),
    ("6000.00", "pounds_a_year", "£6,000.00 in all"),
    ("16500000.00", "pounds", "This comes to c£16.5m for 25-26"),
    ("16500000.00", "pounds", "£16.5 million"),
    ("16.5", "million_pounds", "c£16.5m"),
    ("50", "million_pounds", "nearly £50m."),
    ("0.50", "share", "50% of the claims"),
    ("0.50", "share", "expected to be around 50% to 75%"),
    ("0.75", "share", "expected to be around 50% to 75%"),
    ("0.50", "share", "(equating to approximately 50%-75%)"),
    ("0.50", "share", "about 50-75%"),
    ("0.012", "share", "a transfer of 1.2%"),
    ("46", "per_cent", "£80m (46%)"),
    ("62", "per_cent", "Male\t62.0\t72.0"),
    ("5.4", "per_cent", "<b>12.6</b>\t<b>5.4</b>"),
    ("1.2", "per_cent", "1.2 per cent"),
    ("2025-09-01", "date", "budgets for Sept 25 to Aug 26"),
    ("2026-08-31", "date", "budgets for Sept 25 to Aug 26"),
    ("2025-04-01", "date", "from April 2025"),
    ("2024-11-19", "date", "on 19th November 2024"),
    ("2024-11-19", "date", "between the 19 November and 6 December 2024"),
    ("2024-12-06", "date", "between the 19 November and 6 December 2024"),
    ("2025-02-28", "date", "by 28<sup>th</sup> February of the year before"),
    ("2022-04-01", "date", "the financial years 2022-23 to 2027-28"),
    ("2028-03-31", "date", "the financial years 2022-23 to 2027-28"),
    ("2000-03-31", "date", "in 1999-2000"),
    ("3", "count", "in full in the third year"),
    ("4", "count", "four different systems"),
    ("18", "count", "of which 18 were"),
    ("14143", "count", "there were 14,143 children"),
    ("16", "years", "the new 5-16-year-old group"),
    ("2015", "year", "the Code of Practice 2015,"),
    ("8", "weeks", "an 8-week consultation"),
    ("8", "weeks", "for eight weeks"),
    ("0.40", "number", "approximately 40% or £20m"),
    ("20", "number", "approximately 40% or £20m"),
    ("34112", "number", "434,354\t34,112"),
    ("March 2022", "text", "issued in March 2022"),
]
NOT_WRITTEN = [
    ("0.50", "share", "150% of the claims"),
    ("0.50", "share", "50.5% of the claims"),
    ("0.50", "share", "60% of the claims"),
    ("0.50", "share", "£50 a claim"),
    ("0.60", "share", "160%, or 60 pupils"),
    ("6000.00", "pounds_a_year", "£16,000 a year"),
    ("6000.00", "pounds_a_year", "£6,0001"),
    ("6000.00", "pounds_a_year", "£6.5k"),
    ("6000.00", "pounds_a_year", "£60k or £6m"),
    ("6000.00", "pounds_a_year", "6000 pupils"),
    ("6000.00", "pounds_a_year", "£6,000,000"),
    ("6.00", "pounds", "£6k, or £6 million"),
    ("50", "million_pounds", "£50k and £150m"),
    ("46", "per_cent", "46 schools"),
    ("5.4", "per_cent", "15.4\t45.4%"),
    ("2025-04-01", "date", "April 2024"),
    ("2025-04-01", "date", "on 15 April 2025"),
    ("2025-04-01", "date", "on 1 April 2024"),
    ("2025-04-01", "date", "on 15th April 2025"),
    ("2022-04-01", "date", "the financial year 2021-22"),
    ("2028-03-31", "date", "the financial year 2028-29"),
    ("2022-04-30", "date", "the financial year 2022-23"),
    ("2024-11-19", "date", "in November 2024"),
    ("2024-11-19", "date", "on 9 November 2024"),
    ("2026-08-31", "date", "until August 2025"),
    ("3", "count", "two thirds, by 3.20 and 23"),
    ("592", "count", "593 settings, 5,592 pupils"),
    ("14143", "count", "114,143"),
    ("2015", "year", "in 20155"),
    ("8", "weeks", "18 weeks, 8 days"),
    ("20", "number", "£20.5m, 120, 200"),
]


def value_of(written: str, unit: str) -> Any:
    if unit == "date":
        return date.fromisoformat(written)
    if unit in ("count", "years", "year", "weeks"):
        return int(written)
    return written if unit == "text" else Decimal(written)


@pytest.mark.parametrize(("value", "unit", "text"), WRITTEN)
def test_a_figure_is_found_however_the_report_writes_it(value: str, unit: str, text: str) -> None:
    """£6k, £6,000, 50%, August 2026 are each the same figure."""
    assert stands_in(value_of(value, unit), unit, text)


@pytest.mark.parametrize(("value", "unit", "text"), NOT_WRITTEN)
def test_a_figure_is_not_found_in_one_that_only_looks_like_it(value: str, unit: str, text: str) -> None:
    """A check that finds too much finds nothing: 150% is not 50%, £16,000 is not £6,000."""
    assert not stands_in(value_of(value, unit), unit, text)


def test_levels_are_found_only_where_all_of_them_stand() -> None:
    levels = ["sen_support", "wider_support_and_strategies"]
    assert stands_in(levels, "levels", "at SEN Support, or Wider Support and Strategies")
    assert not stands_in(levels, "levels", "at SEN Support")


# Paragraphs, lines, documents


def test_a_lower_number_inside_a_paragraph_is_a_quotation_and_starts_no_new_one() -> None:
    """5.3 of the report quotes paragraphs 3.1, 3.7 and 3.8 of an agreement; so might a paragraph of section 2."""
    assert numbered(TEXT.splitlines(), 1, 9) == {"1.1": (2, 2), "1.2": (3, 3), "2.1": (4, 8), "2.2": (9, 9)}


def made_up(value: str, paragraph: str, lines: str | None = None, **more: Any) -> FaithfulnessReport:
    """Return the report on one parameter in pounds that cites the made-up text."""
    text = TEXT.encode()
    document = {
        "title": "t", "publisher": "p", "file": PACK, "lines": "2-9", "sha256": hashlib.sha256(text).hexdigest(),
        "address": "a shelf", **more.pop("document", {}),
    }  # fmt: skip
    source = {"document": "pack", "paragraph": paragraph, "lines": lines, "quote": more.pop("quote", None)}
    parameter = {"label": "l", "unit": "pounds", "value": value, "source": source}
    file = m.ParametersFile.model_validate({"parameters": {"one": parameter}})
    empty = corpora.load(ROOT, without=RECORDS)
    corpus = changed(
        empty,
        documents={"pack": Document.model_validate(document)},
        parameters={"one": [("24/00120", file.parameters["one"])]},
        files={"policy/24-00120/parameters.yaml": file},
    )
    return look_up(corpus, more.pop("texts", {PACK: text}))


def messages(report: FaithfulnessReport) -> list[str]:
    return [problem.message for problem in report.problems]


def test_a_figure_is_looked_for_in_the_paragraph_that_it_cites() -> None:
    assert made_up("6000", "1.1").found == ("24/00120 one",)
    assert made_up("7000", "2.1").found == ("24/00120 one",)
    wrong = made_up("8000", "2.1")
    assert messages(wrong) == ["24/00120 one: the figure 8000 is not in pack 2.1."]
    assert wrong.problems[0].place.file == "policy/24-00120/parameters.yaml"


def test_a_figure_is_looked_for_in_the_lines_that_are_cited_and_in_no_others() -> None:
    assert made_up("7000", "2.1", "8").found == ("24/00120 one",)
    assert messages(made_up("7000", "2.1", "4-7")) == ["24/00120 one: the figure 7000 is not in pack 2.1."]


def test_lines_outside_the_paragraph_are_a_problem_even_where_the_figure_stands_in_them() -> None:
    assert messages(made_up("8000", "2.1", "9")) == ["Line 9 is not in paragraph 2.1 of 'pack'."]


def test_lines_outside_the_document_are_a_problem() -> None:
    assert "Line 1 is not in 'pack'." in messages(made_up("6000", "A heading", "1"))


def test_a_paragraph_that_is_not_there_is_a_problem() -> None:
    assert "'pack' has no paragraph 2.3." in messages(made_up("6000", "2.3"))
    assert "'pack' has no paragraph 1.7." in messages(made_up("9000", "1.7", "6"))


def test_a_paragraph_without_a_number_needs_lines() -> None:
    assert messages(made_up("6000", "Costs")) == ["24/00120 one: the figure 6000 is not in pack Costs."]
    assert made_up("6000", "Costs", "2").found == ("24/00120 one",)


def test_a_quotation_must_stand_in_the_text_letter_by_letter() -> None:
    """A quotation is there because its exact wording decides something."""
    assert not made_up("6000", "1.1", quote="above £6k").problems
    assert messages(made_up("6000", "1.1", quote="over £6k")) == ["'over £6k' is not written there."]


def test_a_document_whose_bytes_have_changed_is_a_problem() -> None:
    report = made_up("6000", "1.1", document={"sha256": "0" * 64})
    assert [problem.code for problem in report.problems] == ["document-changed"]


def test_a_figure_whose_document_is_not_at_hand_is_listed_with_its_address_and_never_counts_as_found() -> None:
    report = made_up("6000", "1.1", texts={})
    assert (report.found, report.problems) == ((), ())
    (absent,) = report.not_checkable
    assert (absent.name, absent.document, absent.address) == ("24/00120 one", "pack", "a shelf")
    assert absent.problem().warning


# The real corpus


def test_every_parameter_that_cites_the_report_pack_is_found_there(real: Corpus, sources: dict[str, bytes]) -> None:
    """Every parameter that cites the pack, and every recorded figure, stands where it says."""
    report = look_up(real, sources)
    assert [str(problem) for problem in report.problems] == []
    citing = {
        f"{number} {name}"
        for name, setters in real.parameters.items()
        for number, one in setters
        if one.value is not None and real.documents[one.source.document].file in sources
    }
    assert len(citing) >= 25
    assert citing <= set(report.found)
    assert {absent.document for absent in report.not_checkable} & {"report", "eqia", "analysis", "response"} == set()


def test_no_parameter_would_be_found_if_its_value_were_another(real: Corpus, sources: dict[str, bytes]) -> None:
    """The check can fail: a value that is a little off is not in the paragraph of the true one."""
    altered = {}
    for name, setters in real.parameters.items():
        held = [(n, p) for n, p in setters if p.value is not None and real.documents[p.source.document].file in sources]
        if held:
            altered[name] = [(number, one.model_copy(update={"value": off(one.value)})) for number, one in held]
    report = look_up(changed(real, parameters=altered, files={}), sources)
    assert report.found == ()
    assert len(report.problems) == sum(len(setters) for setters in altered.values())


def off(value: Any) -> Any:
    if isinstance(value, date):
        return value.replace(day=1) - timedelta(days=1 if value.day > 1 else 40)
    if isinstance(value, list):
        return [*value, "and_another"]
    if isinstance(value, str):
        return value + " and more"
    return value + (Decimal("0.01") if isinstance(value, Decimal) and value <= 1 else 7)


def test_the_recorded_figures_are_looked_up_too(real: Corpus) -> None:
    """Figures, their terms, contradictions, and the facts of the consultation and the strategy."""
    names = {claim.name for claim in claims(real)}
    assert {
        "figure V1", "figure V1 share", "contradiction X1 3", "24/00120 consultation settings_in_all",
        "24/00121 strategy special_schools",
    } <= names  # fmt: skip
    assert "contradiction X2-needs 2" not in names, "the sum is ours and stands nowhere"


# The command


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["senpolicy", *arguments])
    with pytest.raises(SystemExit) as raised:
        main()
    return int(raised.value.code or 0)


def test_check_with_sources_says_what_was_found_and_what_cannot_be_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sources: dict[str, bytes]
) -> None:
    assert run(monkeypatch, "check", "--root", str(ROOT), "--sources", str(source_documents.FOLDER)) == 0
    said = capsys.readouterr().err
    assert re.search(r"\d{3} figures found in the sources, \d+ not checkable here\.", said)
    assert "'decision-page-25-00092' is not among the sources. [not-checkable]" in said
    assert "Where it is found: democracy.kent.gov.uk" in said


def test_check_with_sources_fails_on_a_figure_that_is_not_in_its_paragraph(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, sources: dict[str, bytes]
) -> None:
    root = copied(tmp_path)
    replace(root, "policy/24-00120/parameters.yaml", r"^    value: 0\.75\n(?=    source: .*3\.21)", "    value: 0.85\n")
    folder = str(source_documents.FOLDER)
    assert run(monkeypatch, "check", "--root", str(root), "--sources", folder, "--json") == 1
    (problem,) = [one for one in json.loads(capsys.readouterr().out) if one["code"] == "not-in-source"]
    assert problem["file"] == "policy/24-00120/parameters.yaml"
    assert "the figure 0.85 is not in report 3.21." in problem["message"]


def test_check_with_sources_where_there_is_no_such_folder_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "check", "--root", str(ROOT), "--sources", str(tmp_path / "nowhere")) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_a_run_without_the_sources_says_so_loudly_at_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test that is skipped in silence is no test."""
    said: list[str] = []

    class Reporter:
        def section(self, text: str, **_: Any) -> None:
            said.append(text)

        def write_line(self, text: str, **_: Any) -> None:
            said.append(text)

    missing = source_documents.missing
    monkeypatch.setattr(source_documents, "missing", lambda: missing(tmp_path))
    conftest.pytest_terminal_summary(Reporter())
    assert said[0] == "THE SOURCES ARE NOT HERE"
    assert "no figure was looked up" in said[1]
    monkeypatch.setattr(source_documents, "missing", lambda: "")
    conftest.pytest_terminal_summary(Reporter())
    assert len(said) == 2


# Our own words

#: So many words in a row are a sentence of the sources, not a phrase that anyone would use.
IN_A_ROW = 12
#: A quotation is longer than this only if it is a copy.
LONGEST_QUOTE = 12
#: Names that are as long as a sentence: the four areas of need of the SEND Code of Practice.
NAMES = [
    "communication and interaction, cognition and learning, social, emotional and mental health, sensory and physical",
]
#: Where a heading, a title or a quotation is given as what it is.
GIVEN = ("quote", "paragraph", "title")


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9£%]+", re.sub(r"<[^>]+>", " ", text.lower().replace("’", "'")))


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + IN_A_ROW]) for start in range(len(found) - IN_A_ROW + 1)}


def passages(path: Path) -> Iterator[str]:
    """Yield what a file says in its own words: comments and values of YAML, the whole of a page."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield text
    elif path.suffix == ".yaml":
        yield " ".join(line.strip().lstrip("#") for line in text.splitlines() if line.lstrip().startswith("#"))
        node = read(text, path.name, Problems())
        yield from values(node) if node else ()


def values(node: Node, key: str = "") -> Iterator[str]:
    if node.kind == "map":
        for name, inner in node.content.items():
            yield from values(inner, name)
    elif node.kind == "list":
        for inner in node.content:
            yield from values(inner, key)
    elif key not in GIVEN:
        yield node.content


def copies(folder: Path, taken: set[tuple[str, ...]]) -> list[str]:
    """Return what below a folder is copied: the file, and the words that stand in the sources too."""
    names = set().union(*(runs(name) for name in NAMES))
    return [
        f"{path.relative_to(folder)}: {' '.join(run)}"
        for part in ("policy", "rules", "descriptors", "docs")
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
        for passage in passages(path)
        for run in sorted((runs(passage) & taken) - names)
    ]


def test_no_sentence_of_the_sources_is_copied(sources: dict[str, bytes]) -> None:
    """Facts and figures come from the papers; their sentences do not."""
    taken = set().union(*(runs(text.decode("utf-8")) for text in sources.values()))
    assert copies(ROOT, taken) == []


def test_a_copied_sentence_is_found_wherever_it_stands(tmp_path: Path) -> None:
    first, rest = "Tea and biscuits will be served to everybody", "who comes to the hall before noon"
    sentence = f"{first} {rest}"
    for name, text in {
        "policy/a.yaml": f"says: >-\n  It says: {first}\n  {rest}.\n",
        "rules/b.yaml": f"# {first}\n# {rest}\nkey: value\n",
        "docs/c.md": f"# A page\n\n{sentence.upper()}.\n",
        "docs/d.md": "Tea and biscuits will be served.\n",
        "descriptors/e.yaml": f"source: {{quote: {sentence}}}\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = copies(tmp_path, runs(sentence))
    assert {line.split(":")[0] for line in found} == {"policy/a.yaml", "rules/b.yaml", "docs/c.md"}


def test_quotations_are_short(real: Corpus) -> None:
    """Short phrases only, where the exact wording decides."""
    quoted = [(str(place), source.quote) for place, source in cited(real) if source.quote]
    assert [(place, quote) for place, quote in quoted if len(words(quote)) > LONGEST_QUOTE] == []
