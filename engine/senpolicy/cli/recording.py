"""The command that checks what was recorded: verify-record."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from senpolicy.checking.opening import AS_IT_IS, Asked, open_corpus
from senpolicy.cli import further
from senpolicy.cli.shared import AsJson, Root, app, count, find_root, print_json, say, without_board
from senpolicy.comparing.revisions import version
from senpolicy.deciding import record as decision_record
from senpolicy.deciding.decide import Decider
from senpolicy.deciding.record import RecordCheck
from senpolicy.files.problems import PolicyError, WrongUse
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.layout import RECORDS, files_digest
from senpolicy.policy.timeline import Policy


@app.command("verify-record")
def verify_record(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Decision records, or folders of them.", show_default=False)
    ] = None,
    trail: Annotated[
        str | None,
        typer.Option(
            "--trail", help="A board's database (a file, or a URL), or its trail as a file.", show_default=False
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(
            "--head", help="A hash that the trail must hold, as in the record of a meeting.", show_default=False
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            help="The council's public key: --head then names the file of a head that it signed.",
            show_default=False,
        ),
    ] = None,
    last: Annotated[
        bool,
        typer.Option("--last", help="The hash must be that of the last entry: nothing was done on the board since."),
    ] = False,
    revision: Annotated[
        str | None,
        typer.Option(
            "--revision",
            help="Decide again by the policy of this revision of the repository: a tag or a commit.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    root: Root = None,
) -> None:
    """Check decision records: nothing changed, and each answer follows from the facts and the rules.

    Where the policy here decides as the one of a record does, its case is decided again as well; its words are compared
    where the files are the same. With --revision it is decided by the policy as the repository held it then.

    With --trail the chain of a board's audit trail is checked too, entry by entry, and in a database that every row is
    as the trail gives it, its decision records among them. Records and a trail together must confirm each other: the
    trail holds the digest of each. What such a check does not show is said too.
    """
    if last and (head is None or trail is None):
        raise WrongUse("--last says that a hash is that of the last entry: give --trail and --head with it.")
    if key is not None and (head is None or trail is None):
        raise WrongUse("--key is the key by which a head was signed: give --trail and --head with it.")
    if not files and trail is None:
        raise WrongUse("Name what to check: a decision record, a folder of them, or a trail with --trail.")
    with version(revision, find_root(root)) if revision else nullcontext(root) as folder:
        again = _Deciders(folder)
        results = [_checked(path, again) for path in _files(files)] if files else []
        if trail is not None:
            found, held = _checked_trail(trail, head, again, last=last, key=key)
            results = [*(_held_against(result, held) for result in results), found]
    if as_json:
        print_json(results)
    else:
        for result in results:
            for line in _lines(result, f"of {revision}" if revision else "here"):
                print(line)
    bad = sum(bool(result["faults"]) for result in results)
    if files:
        refused = sum(bool(result["faults"]) for result in results if "entries" not in result)
        records = sum("entries" not in result for result in results)
        say(f"{count(records, 'record')}: {records - refused} valid, {refused} refused.")
    raise typer.Exit(1 if bad else 0)


def _files(given: list[Path]) -> list[Path]:
    found = []
    for path in given:
        inside = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if not inside:
            raise WrongUse(f"There is no record in '{path.name}'. Name the folder that 'decide --records' wrote to.")
        found += inside
    return found


def _checked(path: Path, deciders: _Deciders) -> dict[str, Any]:
    result: dict[str, Any] = {
        "file": path.name, "digest": None, "stands": False, "decided_again": False, "removed": [],
        "not_checked": "", "faults": [],
    }  # fmt: skip
    try:
        record = decision_record.read(path.read_bytes(), path.name)
    except OSError as error:
        return result | {"faults": [f"This cannot be read: {error.strerror}."]}
    except PolicyError as error:
        return result | {"faults": [problem.message for problem in error.problems]}
    found = decision_record.verify(record, deciders.of(record))
    return result | {
        "digest": record.get("digest") if isinstance(record.get("digest"), str) else None,
        "stands": not found.faults,
        "decided_again": found.again and not found.faults,
        "removed": list(found.removed),
        "not_checked": "" if found.faults else _not_checked(found, record, deciders),
        "faults": list(found.faults),
    }


def _not_checked(found: RecordCheck, record: Mapping[str, Any], deciders: _Deciders) -> str:
    """Return what could not be checked of a valid record, and why; "" where all of it was."""
    if found.removed:
        return "facts or reasons have been removed, so the answers were not worked out again"
    if found.but_words:
        return "the files here are others that decide alike, so the words of the record were not compared"
    if found.again:
        return ""
    if deciders.unread:
        return "the policy here has problems or is not whole, so the case was not decided again"
    if record["version"] == "1":
        return (
            "this older record names its policy by every byte of its files, and the files here are others, so the case "
            "was not decided again; name the revision of the repository that held them with --revision"
        )
    return "its policy is not the one here, so the case was not decided again"


def _held_against(result: dict[str, Any], held: Mapping[str, int]) -> dict[str, Any]:
    """Return the result for a record, with the entry of the trail that holds its digest; a fault where none does."""
    entry = held.get(result["digest"] or "")
    if entry is not None or result["digest"] is None:
        return result | {"trail_entry": entry}
    return result | {
        "trail_entry": None, "stands": False, "decided_again": False,
        "faults": [*result["faults"], "The trail does not hold the digest of this record."],
    }  # fmt: skip


def _checked_trail(
    source: str, head: str | None, deciders: _Deciders, *, last: bool, key: Path | None
) -> tuple[dict[str, Any], Mapping[str, int]]:
    """Return the result for a trail, and the digests of records that it holds, each with its entry."""
    verify = next(iter(further.found(further.TRAILS).values()), None)
    if verify is None:
        raise without_board("A trail")
    found = verify(
        source, head, lambda record: decision_record.verify(record, deciders.of(record)).faults, last=last, key=key
    )  # fmt: skip
    return {
        "file": found.name,
        "stands": not found.faults,
        "entries": found.entries,
        "head": found.head,
        "contents_checked": found.contents,
        "records": len(found.records),
        "faults": list(found.faults),
        "every_row": found.whole,
        "head_entry": found.head_at,
        "notes": list(found.notes),
        "not_shown": list(found.unseen),
    }, found.records


def _lines(result: Mapping[str, Any], which: str) -> list[str]:
    if "entries" in result:
        return _trail_lines(result)
    if result["faults"]:
        return [f"{result['file']}: REFUSED", *(f"  {fault}" for fault in result["faults"])]
    held = f"; entry {result['trail_entry']} of the trail holds its digest" if result.get("trail_entry") else ""
    if result["removed"]:
        return [f"{result['file']}: valid by its digests; removed from it: {', '.join(result['removed'])}{held}"]
    again = f"decided again by the policy {which}, with the same result" if result["decided_again"] else ""
    said = "; ".join(filter(None, (again, result["not_checked"])))
    return [f"{result['file']}: valid; {said}{held}"]


def _trail_lines(result: Mapping[str, Any]) -> list[str]:
    told = [f"  note: {note}" for note in result["notes"]]
    if result["faults"]:
        shown, more = result["faults"][:_MOST_FAULTS], len(result["faults"]) - _MOST_FAULTS
        rest = [f"  and {count(more, 'fault')} after these; --json names all"] if more > 0 else []
        return [f"{result['file']}: REFUSED", *(f"  {fault}" for fault in shown), *rest, *told]
    contents = ""
    if result["every_row"]:
        contents = "; every row of the database is as the trail gives it"
    elif result["contents_checked"]:
        contents = "; what the database keeps agrees with what this older trail wrote down"
    if result["records"]:
        contents += f"; {count(result['records'], 'decision record')} named"
    head = f"; the hash that was given is that of entry {result['head_entry']}" if result["head_entry"] else ""
    return [
        f"{result['file']}: the trail is valid and unbroken from entry 1 to {result['entries']}{contents}{head}",
        f"  hash of the last entry: {result['head']}",
        *told,
        *(f"  not shown: {one}" for one in result["not_shown"]),
    ]


#: How many faults of a trail are printed.
_MOST_FAULTS = 100


class _Deciders:
    """Deciders by the policy here, as of each decision and with the readings that records name."""

    def __init__(self, root: Path | None) -> None:
        self._root: Path | None
        try:
            self._root = find_root(root)
        except WrongUse:
            if root is not None:
                raise
            self._root = None
        self._files = files_digest(self._root) if self._root else ""
        self._corpus: Corpus | None = None
        self._made: dict[str, Decider] = {}
        #: Whether the policy here could not be read.
        self.unread = False

    def of(self, record: Mapping[str, Any]) -> Decider | None:
        """Return a decider by the policy here as a record names it, None where it cannot be the record's, or be read.

        Whether it is the record's, the check of the record says, by the digests.
        """
        named = record.get("policy")
        if not isinstance(named, dict) or self._root is None or self.unread:
            return None
        if record.get("version") == "1" and named.get("digest") != self._files:
            return None  # It names the files, and nothing else tells which policy it was.
        try:
            self._corpus = self._corpus or open_corpus(self._root, RECORDS)
        except PolicyError:
            self.unread = True
            return None
        if repr(named) not in self._made:
            self._made[repr(named)] = Decider(self._policy(self._corpus, named))
        return self._made[repr(named)]

    def _policy(self, corpus: Corpus, named: Mapping[str, Any]) -> Policy:
        """Return the policy that is named, or as it is where the names do not fit; the check says where they differ."""
        try:
            readings = named["readings"][-1] if named["readings"] else "none"
            scenario = named["scenario"]["name"] if named["scenario"] else None
            proposed = any(corpus.decisions[one].status == "proposed" for one in named["decisions"])
            return Asked(named["as_of"], proposed, readings, scenario).of(corpus)
        except (KeyError, TypeError, IndexError, AttributeError, WrongUse):
            return AS_IT_IS.of(corpus)
