"""What an officer sees in an editor: schemas, settings and snippets, and the YAML language server itself.

The server is driven as an editor drives it, over its protocol; without Node it is left out, and `make editor` says so.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from golden_files import ROOT
from senpolicy.checking import offered
from senpolicy.checking import schemas as made
from senpolicy.checking.golden import GoldenFile
from senpolicy.files.problems import Problems
from senpolicy.files.source import read
from senpolicy.policy.corpus import Corpus, load
from senpolicy.policy.layout import KINDS, RECORDS, model_of

SERVER = ROOT / "tools" / "editor" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
FILES = [
    path.relative_to(ROOT).as_posix()
    for folder in ("policy", "rules", "descriptors", "tests/golden", "tests/cases")
    for path in sorted((ROOT / folder).rglob("*.yaml"))
]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load(ROOT, without=RECORDS)


@pytest.fixture(scope="module")
def schemas(corpus: Corpus) -> dict[str, dict[str, Any]]:
    return made.schemas(GoldenFile, corpus)


def test_the_schemas_in_the_repository_are_those_of_the_models(schemas: dict[str, dict[str, Any]]) -> None:
    """A fresh clone has them, so an officer without Python has help in the editor; `make schemas` renews them."""
    stored = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / made.FOLDER).iterdir()}

    made_now = {name: json.dumps(one, ensure_ascii=False, indent=2) + "\n" for name, one in schemas.items()}
    # Names are renewed on the main branch, so that no two pull requests meet in them; the rest is as the models have it.
    names = json.loads(stored[offered.FILE])
    assert names["definitions"].keys() == schemas[offered.FILE]["definitions"].keys()
    assert {**stored, offered.FILE: ""} == {**made_now, offered.FILE: ""}
    for schema in (*schemas.values(), names):
        Draft7Validator.check_schema(schema)
        assert schema["$schema"] == made.DRAFT
        assert "prefixItems" not in str(schema), "editors do not know tuples of later drafts"


def validator(schema: dict[str, Any], schemas: dict[str, dict[str, Any]]) -> Draft7Validator:
    """Return a validator that finds the list of names beside the schema, as an editor does."""
    names = Resource.from_contents(schemas[offered.FILE], default_specification=DRAFT7)
    return Draft7Validator(schema, registry=Registry().with_resource(offered.FILE, names))


def test_no_name_that_is_not_listed_is_underlined(schemas: dict[str, dict[str, Any]]) -> None:
    """A new one is listed once it is merged; whether it exists is for the check to say, with its line."""
    text = "number: 26/00041\ntitle: Made up\nstatus: taken\ntaken: {day: 2026-11-03}\ndocuments: [a-new-one]\n"
    node = read(text, "decision.yaml", Problems())
    assert node is not None
    whole = validator(schemas["policy-decision.schema.json"], schemas)
    assert list(whole.iter_errors(made.as_editors_read(node))) == []
    known = schemas[offered.FILE]["definitions"]
    for kind, name, says in (
        ("document", "report", "Kent County Council"),
        ("parameter-marked", "$transition_start", "by 24/00120"),
        ("open-point", "A1-rate-of-exactly-6000", "24/00120"),
        ("fact", "route", "The answer to 'route'"),
        ("answer", "tariff", "route: "),
    ):
        (one,) = [one for one in known[kind]["anyOf"] if one.get("const") == name]
        assert says in one["description"], one


def test_every_file_finds_its_schema_by_its_first_line() -> None:
    """Relative to the file itself, as the YAML language server has it."""
    for name in FILES:
        first = (ROOT / name).read_text(encoding="utf-8").splitlines()[0]
        assert first == made.modeline(name), name
        found = re.search(r"\$schema=(.*)$", first)
        assert found is not None
        assert ((ROOT / name).parent / found[1]).resolve().is_file()


def test_the_settings_name_each_schema_for_the_same_files() -> None:
    """For editors that do not read the first line."""
    settings = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))

    assert settings["yaml.schemas"] == made.globs()
    extensions = json.loads((ROOT / ".vscode" / "extensions.json").read_text(encoding="utf-8"))
    assert extensions["recommendations"] == ["redhat.vscode-yaml"]


@pytest.mark.parametrize("model", [*map(model_of, KINDS), GoldenFile], ids=lambda one: one.__name__)
def test_every_key_of_every_kind_of_file_says_what_it_means(model: Any) -> None:
    """The hover text is the manual: nobody should have to look elsewhere."""
    assert list(made.undocumented(model)) == []


def test_a_key_is_explained_with_an_example_and_where_to_find_it(schemas: dict[str, dict[str, Any]]) -> None:
    """What the field means, an example, and where the paragraph is found."""
    source = schemas["policy-parameters.schema.json"]["definitions"]["Source"]["properties"]["paragraph"]
    assert 'Example: `"3.20"`' in source["markdownDescription"]
    assert "policy/documents.yaml" in source["markdownDescription"]
    value = schemas["policy-parameters.schema.json"]["definitions"]["Parameter"]["properties"]["source"]
    assert "allOf" in value, "beside a $ref the text would not be shown"
    setting = schemas["cases.schema.json"]["definitions"]["case"]["properties"]["setting"]
    assert "special" in setting["enum"]
    assert "`special`: " in setting["markdownDescription"]


def test_golden_and_example_cases_are_accepted_by_their_schemas(schemas: dict[str, dict[str, Any]]) -> None:
    """What the check accepts, an editor must not underline."""
    for name in FILES:
        if name.startswith("tests/"):
            node = read((ROOT / name).read_text(encoding="utf-8"), name, Problems())
            assert node is not None
            schema = schemas[str(made.schema_of(name))]
            errors = validator(schema, schemas).iter_errors(made.as_editors_read(node))
            assert [f"{name}: {list(error.absolute_path)} {error.message}" for error in errors] == []


SNIPPETS = json.loads((ROOT / ".vscode" / "policy.code-snippets").read_text(encoding="utf-8"))


def written_out(body: list[str]) -> str:
    """Return a snippet as the editor writes it when every place to fill is left as it is."""
    text = "\n".join(body)
    text = re.sub(r"\$\{\d+\|([^,|]*)[^|]*\|\}", r"\1", text)
    filled = dict(re.findall(r"\$\{(\d+):([^}]*)\}", text))
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text)
    text = re.sub(r"(?<!\\)\$\{(\d+)\}", lambda found: filled[found[1]], text)
    return re.sub(r"(?<!\\)\$\d+", "", text).replace("\\$", "$")


@pytest.mark.parametrize(
    ("prefix", "schema", "definition"),
    [
        ("decision", "policy-decision.schema.json", ""),
        ("parameter", "policy-parameters.schema.json", "Parameter"),
        ("answer", "rules.schema.json", "AnswerRow"),
        ("open-point", "policy-open-points.schema.json", "OpenPoint"),
        ("case", "golden.schema.json", "GoldenCase"),
        ("document", "policy-documents.schema.json", "Document"),
        ("reading", "policy-readings.schema.json", "Reading"),
        ("correction", "policy-corrections.schema.json", "Correction"),
        ("question", "rules.schema.json", ""),
        ("edition", "descriptors-edition.schema.json", ""),
        ("tariff", "policy-tariffs.schema.json", ""),
    ],
)
def test_a_snippet_writes_what_its_schema_accepts(
    prefix: str, schema: str, definition: str, schemas: dict[str, dict[str, Any]]
) -> None:
    """What an officer fills in has the right shape from the start."""
    (snippet,) = [one for one in SNIPPETS.values() if one["prefix"] == prefix]
    problems = Problems()
    node = read(written_out(snippet["body"]), "snippet.yaml", problems)
    assert node is not None
    assert not list(problems)
    data = made.as_editors_read(node)
    if definition:
        data = data[0] if isinstance(data, list) else next(iter(data.values()))
    whole = schemas[schema]
    part = {"$ref": f"#/definitions/{definition}", "definitions": whole["definitions"]} if definition else whole

    assert [error.message for error in validator(part, schemas).iter_errors(data)] == []


class Editor:
    """A client of the YAML language server, as small as an editor's can be."""

    def __init__(self, server: subprocess.Popen[bytes]) -> None:
        self.server, self.number = server, 0
        self.told: dict[str, list[dict[str, Any]]] = {}
        self.opened: dict[str, str] = {}
        settings = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
        self.settings = {key.removeprefix("yaml."): value for key, value in settings.items() if key.startswith("yaml.")}
        self.settings |= {"schemas": {}, "schemaStore": {"enable": False}}
        root = ROOT.as_uri()
        can = {"textDocument": {"hover": {"contentFormat": ["markdown"]}, "completion": {"completionItem": {}}}}
        self.ask("initialize", {"processId": None, "rootUri": root, "capabilities": can,
                                "workspaceFolders": [{"uri": root, "name": "policy"}]})  # fmt: skip
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": {"yaml": self.settings}})

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.server.stdin is not None
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Return the next message, after answering what the server asks of an editor."""
        assert self.server.stdout is not None
        length = 0
        while line := self.server.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        assert length, "the server has gone"
        message: dict[str, Any] = json.loads(self.server.stdout.read(length))
        if "method" in message and "id" in message:
            items = message.get("params", {}).get("items", [])
            result = [self.settings if one.get("section") == "yaml" else {} for one in items] or None
            self.send({"id": message["id"], "result": result})
        elif message.get("method") == "textDocument/publishDiagnostics":
            self.told[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def tell(self, method: str, params: dict[str, Any]) -> None:
        self.send({"method": method, "params": params})

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        """Open a file with this text, and return what the editor underlines."""
        # Under a name of its own, so that nothing said of the file before is taken for an answer.
        self.number += 1
        uri = self.opened[name] = (ROOT / name).with_name(f"opened-{self.number}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        while uri not in self.told:
            self.receive()
        return self.told[uri]

    def close(self, name: str) -> None:
        self.tell("textDocument/didClose", {"textDocument": {"uri": self.opened[name]}})

    def at(self, name: str, text: str, word: str, *, behind: bool = False) -> dict[str, Any]:
        """Return the place of a word of a text, as the protocol has it."""
        at = text.index(word) + (len(word) if behind else 1)
        place = {"line": text.count("\n", 0, at), "character": at - text.rfind("\n", 0, at) - 1}
        return {"textDocument": {"uri": self.opened[name]}, "position": place}


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    if not SERVER.is_file() or shutil.which("node") is None:
        pytest.fail("The YAML language server is not here: run make editor.")
    command = ["node", str(SERVER), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            yield Editor(server)
        finally:
            server.kill()


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.editor
def test_no_file_of_the_repository_is_underlined(editor: Editor) -> None:
    """An editor that cries wolf is not believed."""
    for name in FILES:
        told = editor.open(name, text_of(name))
        editor.close(name)
        assert [f"{name}:{one['range']['start']['line'] + 1}: {one['message']}" for one in told] == []


@pytest.mark.editor
@pytest.mark.parametrize(
    ("name", "right", "wrong", "says"),
    [
        ("rules/scope.yaml", "{fact: age, below: $", "{fact: age, atleast: $", "atleast"),
        ("policy/24-00120/parameters.yaml", "    unit: share\n", "    unit: portion\n", "pounds_a_year"),
        ("policy/24-00120/parameters.yaml", "    unit: share\n", "", "unit"),
        ("policy/24-00120/decision.yaml", "status: taken", "status: takn", "taken"),
        ("policy/readings.yaml", "    adopted_on: ", "    adopted: ", "adopted"),
        ("tests/golden/24-00120/scope.yaml", "    paragraph: report 7.2\n", "    paragraf: report 7.2\n", "paragraf"),
        ("tests/golden/24-00120/scope.yaml", "expect: {scope: ", "expect: {scop: ", "scop"),
        ("tests/cases/every-route.yaml", "  setting: mainstream", "  setting: mainstram", "mainstream"),
    ],
)
def test_a_mistake_is_underlined_on_its_line(editor: Editor, name: str, right: str, wrong: str, says: str) -> None:
    """While the officer writes, not only when the check runs."""
    before = text_of(name)
    assert right in before
    after = before.replace(right, wrong, 1)
    told = editor.open(name, after)
    editor.close(name)
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    line = next(number for number, (old, new) in enumerate(pairs) if old != new)
    # What is missing is underlined at the key that lacks it, above.
    near = range(line - 4, line + 1) if not wrong else (line,)

    assert [one for one in told if one["range"]["start"]["line"] in near and says in one["message"]], told


@pytest.mark.editor
def test_a_condition_is_completed_with_the_operators_of_the_language(editor: Editor) -> None:
    """Inside a test the editor offers what can still be written, and says what each means."""
    name = "rules/scope.yaml"
    text = text_of(name).replace("{fact: age, below: $early_years_oldest_age}", "{fact: age, b}", 1)
    editor.open(name, text)
    found = editor.ask("textDocument/completion", editor.at(name, text, "{fact: age, b", behind=True))
    editor.close(name)
    items = {item["label"]: item for item in (found["items"] if isinstance(found, dict) else found)}

    assert {"is", "one_of", "below", "at_most", "at_least", "more_than", "known"} <= set(items)
    assert "the limit itself does not hold" in json.dumps(items["below"]).lower()


@pytest.mark.editor
@pytest.mark.parametrize(
    ("name", "before", "after", "at", "offers", "says"),
    [
        ("rules/scope.yaml", "{fact: age, below: $early_years_oldest_age}", "{fact: }", "{fact: ", "age", ""),
        (
            "rules/scope.yaml",
            "below: $early_years_oldest_age",
            "below: $",
            "below: $",
            "$early_years_oldest_age",
            "by ",
        ),
        ("rules/scope.yaml", "answer: out_of_scope", "answer: ", "answer: ", "out_of_scope", "scope: "),
        ("rules/scope.yaml", "source: {document: report", "source: {document: ", "{document: ", "eqia", "Kent County"),
        (
            "policy/24-00120/decision.yaml",
            "documents: [report",
            "documents: [",
            "documents: [",
            "report",
            "Kent County",
        ),
        ("policy/readings.yaml", "point: E10", "point: ", "point: ", "A1-rate-of-exactly-6000", "24/00120"),
        ("tests/golden/24-00120/scope.yaml", "as_of: 24/00120", "as_of: ", "as_of: ", "25/00092", "2026-27"),
    ],
)
def test_the_names_of_the_policy_are_offered_and_explained(
    editor: Editor, name: str, before: str, after: str, at: str, offers: str, says: str
) -> None:
    """Facts, parameters, answers, documents, points, decisions: chosen from, not typed."""
    text = text_of(name)
    assert before in text
    start = text.index(before)
    text = text.replace(before, after, 1)
    editor.open(name, text)
    place = editor.at(name, text, text[: start + after.index(at) + len(at)], behind=True)
    found = editor.ask("textDocument/completion", place)
    editor.close(name)
    items = {item["label"]: item for item in (found["items"] if isinstance(found, dict) else found)}

    assert offers in items
    assert says in json.dumps(items[offers].get("documentation", ""))


@pytest.mark.editor
@pytest.mark.parametrize(
    ("name", "word", "says"),
    [
        ("rules/scope.yaml", "$early_years_oldest_age", ["early years", "by 24/00120"]),
        ("rules/scope.yaml", "document: report", ["The id of a document", "Kent County Council"]),
        ("policy/readings.yaml", "point: ", ["24/00120"]),
    ],
)
def test_hovering_over_a_name_says_what_it_stands_for(editor: Editor, name: str, word: str, says: list[str]) -> None:
    """Beside what the key means, and without a list of all the others."""
    text = text_of(name)
    editor.open(name, text)
    found = editor.ask("textDocument/hover", editor.at(name, text, word, behind=word.endswith(" ")))
    editor.close(name)

    shown = str(found["contents"]["value"])
    assert [one for one in says if one.lower() not in shown.lower()] == [], shown
    assert "Allowed Values" not in shown
    assert len(shown) < 1500


@pytest.mark.editor
def test_units_are_offered_for_a_parameter(editor: Editor) -> None:
    """A closed list is chosen from, not typed."""
    name = "policy/24-00120/parameters.yaml"
    text = text_of(name).replace("    unit: pounds_a_year", "    unit: ", 1)
    editor.open(name, text)
    found = editor.ask("textDocument/completion", editor.at(name, text, "    unit: ", behind=True))
    editor.close(name)
    labels = {item["label"] for item in (found["items"] if isinstance(found, dict) else found)}

    assert {"pounds_a_year", "share", "date", "levels"} <= labels


@pytest.mark.editor
@pytest.mark.parametrize(
    ("name", "word", "says"),
    [
        ("policy/24-00120/parameters.yaml", "paragraph:", 'Example: `"3.20"`'),
        ("policy/24-00120/parameters.yaml", "unit:", "decides how the value is written"),
        ("rules/scope.yaml", "below:", "the limit itself does not hold"),
        ("policy/24-00120/open-points.yaml", "settle:", "what it would take"),
        ("tests/golden/24-00120/scope.yaml", "paragraph:", "the paragraph in it"),
        ("tests/cases/every-route.yaml", "setting:", "kind of place"),
    ],
)
def test_hovering_over_a_key_shows_the_manual(editor: Editor, name: str, word: str, says: str) -> None:
    """What the key means, an example, and where the paragraph is found."""
    text = text_of(name)
    editor.open(name, text)
    found = editor.ask("textDocument/hover", editor.at(name, text, word))
    editor.close(name)

    assert found is not None
    shown = json.dumps(found["contents"]).replace('\\"', '"').lower()
    assert says.lower() in shown


def test_the_editor_settings_are_plain_json() -> None:
    """And the language server stands in one exact version, without a lock file."""
    for path in (ROOT / ".vscode").iterdir():
        json.loads(path.read_text(encoding="utf-8"))
    package = json.loads((ROOT / "tools" / "editor" / "package.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["dependencies"]["yaml-language-server"])
    assert yaml.safe_load((ROOT / "rules" / "questions.yaml").read_text(encoding="utf-8"))
