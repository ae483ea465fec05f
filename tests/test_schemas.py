"""The JSON Schemas say of every file what the models say, so that an editor and the check never contradict."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from copies import copied
from senpolicy.checking.schemas import EDITED, as_editors_read, disagreements, schema_name, schemas
from senpolicy.cli import find_root
from senpolicy.files.problems import Problems
from senpolicy.files.source import read
from senpolicy.policy import corpus, layout

ROOT = find_root(None)


def test_each_kind_of_file_has_a_schema_that_is_sound_draft_07() -> None:
    """Editors work to draft-07; a schema of another draft would be ignored in silence."""
    made = schemas()

    models = {model for pattern, model in layout.KINDS.items() if pattern in EDITED}
    assert len(made) == len(set(map(schema_name, EDITED))) == len(models), "kinds of one model share a schema"
    for schema in made.values():
        jsonschema.Draft7Validator.check_schema(schema)
        assert schema["$schema"].startswith("http://json-schema.org/draft-07")
        assert "prefixItems" not in str(schema)


def test_every_file_of_the_corpus_is_accepted_by_its_schema() -> None:
    """What the models accept, editors must not underline."""
    assert disagreements(corpus.load(ROOT)) == []


@pytest.mark.parametrize(
    ("before", "after", "mended"),
    [
        ("label: The first part of the cost of additional support, which the school meets", "label: 6000", '"6000"'),
        ('source: {document: report, paragraph: "3.20"', "source: {document: report, paragraph: 3.20", None),
        ('lines: "162"', "lines: 162", None),
    ],
)
@pytest.mark.slow
def test_a_text_in_figures_alone_lacks_its_quotes_unless_it_is_a_paragraph_or_line(
    before: str, after: str, mended: str | None, tmp_path: Path
) -> None:
    """It is read as it is written, never as a number: 3.20 stays 3.20. The engine is not to be blamed for it."""
    file = "policy/24-00120/parameters.yaml"
    text = (copied(tmp_path) / file).read_text(encoding="utf-8")
    (tmp_path / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    loaded = corpus.load(tmp_path)

    found = disagreements(loaded)

    assert [(one.code, one.fix and one.fix.right) for one in found] == (
        [("ambiguous-number", mended)] if mended else []
    )
    first = loaded.parameters["first_cost_met_by_school"][-1][1]
    assert (first.source.paragraph, first.source.lines) == ("3.20", "162")


def test_a_schema_that_is_too_narrow_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison itself can fail."""
    loaded = corpus.load(ROOT)
    narrow = {name: {**schema, "required": ["what-no-file-has"]} for name, schema in schemas().items()}
    monkeypatch.setattr("senpolicy.checking.schemas.schemas", lambda: narrow)

    assert {problem.code for problem in disagreements(loaded)} == {"schema-differs"}


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("policy/24-00120/decision.yaml", "status: taken", "state: taken"),
        ("policy/24-00120/decision.yaml", "status: taken", "status: finished"),
        ("policy/24-00120/parameters.yaml", "    unit: date\n", ""),
        ("policy/24-00120/parameters.yaml", "unit: share", "unit: portion"),
        ("rules/scope.yaml", "one_of: [mainstream", "one_off: [mainstream"),
        ("rules/scope.yaml", "        answer: in_scope\n", ""),
        ("rules/questions.yaml", "  - scope\n", "  - {scope: 1}\n"),
        ("policy/readings.yaml", "    by: ", "    who: "),
    ],
)
def test_a_wrong_shape_is_refused_by_the_schema_too(file: str, before: str, after: str) -> None:
    """An officer sees the mistake while writing, not only when the check runs."""
    text = (ROOT / file).read_text(encoding="utf-8")
    assert before in text
    node = read(text.replace(before, after, 1), file, Problems())
    assert node is not None
    known = layout.kind_of(file)
    assert known is not None

    errors = list(jsonschema.Draft7Validator(schemas()[schema_name(known[0])]).iter_errors(as_editors_read(node)))

    assert errors


def test_the_schemas_can_be_written_to_a_folder(tmp_path: Path) -> None:
    """Programs that are not Python check the files with them."""
    from typer.testing import CliRunner

    from senpolicy.cli import every_command

    result = CliRunner().invoke(every_command(), ["schemas", str(tmp_path / "made")])

    assert result.exit_code == 0
    assert {path.name for path in (tmp_path / "made").iterdir()} == {
        *schemas(),
        "golden.schema.json",
        "cases.schema.json",
        "names.schema.json",
    }
