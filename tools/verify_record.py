"""Checks decision records without senpolicy: python3 tools/verify_record.py RECORD... [--corpus FOLDER]

The digests must be those of what stands there. The answers must follow from the facts and rules: each test is made
again, with three values (null: not known); of each question one rule holds and gives the answer, or none does and the
fact to find out first is named. FOLDER (of policy/, rules/, descriptors/) must have the record's digest of the files.
"""

import hashlib
import json
import re
import sys
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from operator import eq, ge, gt, le, lt
from pathlib import Path

PARTS, ORDERED = ("facts", "reasons"), ("money", "date", "integer")
MONEY = re.compile(r"(0|[1-9][0-9]*)\.[0-9]{2}")
OPERATORS = {"is": eq, "below": lt, "at_most": le, "at_least": ge, "more_than": gt}


def need(true, where="a number that is not whole"):
    if true is not True:
        raise AssertionError(where)


def digest(data):
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def exact(kind, value):
    """Return a value as something that can be compared: money in pence, a date as a date, others as they are."""
    right = type(value) is {"integer": int, "boolean": bool}.get(kind, str)
    need(right and (kind != "money" or bool(MONEY.fullmatch(value))), "a value is not of its kind")
    need(kind != "date" or str(date.fromisoformat(value)) == value, "a day is not written as one")
    return int(value.replace(".", "")) if kind == "money" else date.fromisoformat(value) if kind == "date" else value


def weigh(tree, facts, kinds, where):
    """Return whether a condition holds (None: not known), and the facts of the parts that make it come out so."""
    if "fact" not in tree:
        ((word, parts),) = tree.items()
        need(word in ("all", "any", "not"), f"{where}: not a condition")
        weighed = [weigh(part, facts, kinds, where) for part in ([parts] if word == "not" else parts)]
        if word == "not":
            return {True: False, False: True, None: None}[weighed[0][0]], weighed[0][1]
        truths, settles = [held for held, _ in weighed], word == "any"
        held = settles if settles in truths else None if None in truths else not settles
        return held, {fact for truth, rests in weighed if truth is held for fact in rests}
    fact, asked, limit, margin = tree["fact"], tree["asked"], tree["limit"], None
    kind, value, held = kinds[fact], facts.get(fact), (facts.get(fact) is not None) is limit
    if asked == "known":
        need(isinstance(limit, bool), f"{where}: the limit of 'known' is neither true nor false")
    else:
        need(asked in ("is", "one_of") or (asked in OPERATORS and kind in ORDERED), f"{where}: this cannot be asked")
        limits, held = [exact(kind, item) for item in (limit if asked == "one_of" else [limit])], None
        if value is not None:
            known = exact(kind, value)
            held = known in limits if asked == "one_of" else OPERATORS[asked](known, limits[0])
            if kind in ORDERED and asked != "one_of":
                gap = abs(known - limits[0])
                margin = str(Decimal(gap).scaleb(-2)) if kind == "money" else gap.days if kind == "date" else gap
    told = [tree["value"], tree["held"], tree.get("margin")]
    need(digest(told) == digest([value, held, margin]), f"{where}: a test did not come out so")
    return held, {fact}


def figures(gives, facts):
    """Return the figures of a rule for these facts: shares of money to the penny, parts of a year by 365ths."""
    found, parts = dict(gives), {name for name, one in gives.items() if isinstance(one, dict)}
    for name in parts:
        one, whole, day = gives[name], facts.get(gives[name]["of"]), date.fromisoformat(facts["decision_date"])
        days = (date.fromisoformat(one["until"]) - day).days + 1 if one["until"] else 1
        if whole is None or days < 1:
            del found[name]
            continue
        amount = exact("money", whole) * Decimal(min(days, 365) if one["until"] else one["share"] or 1)
        amount = amount / (365 if one["until"] else 1)
        pence = amount.to_integral_value({"down": ROUND_FLOOR, "up": ROUND_CEILING}[one["round"]])
        text, year = str(pence.scaleb(-2).quantize(Decimal("0.01"))), {"assumes": "days of 365", "until": one["until"]}
        found[name] = {"from": str(day), "days": days, "amount": text, **year} if one["until"] else text
    return {} if parts and not parts & found.keys() else found


def logic(record):
    known, questions = record["facts"]["known"], record["reasons"]["questions"]
    facts = {name: one["value"] for name, one in known.items() if exact(one["kind"], one["value"]) is not None}
    kinds = {name: one["kind"] for name, one in known.items()} | record["reasons"]["kinds"]
    need(all(kinds[name] == one["kind"] for name, one in known.items()), "a fact is of two kinds")
    need(facts["decision_date"] == record["decision_date"], "the day is not the day of the facts")
    need(sorted(one["question"] for one in questions) == sorted(record["answers"]), "not the answers of the questions")
    for question in questions:
        name, rows, expected = question["question"], question["rows"], {"missing_facts": [], "open_points": []}
        weighed = [weigh(row["when"], facts, kinds, row["rule"]) for row in rows]
        need(all(row["holds"] is held for row, (held, _) in zip(rows, weighed, strict=True)), f"{name}: not so held")
        holding = [row for row in rows if row["holds"] is True]
        possible = set().union(*(rests for held, rests in weighed if held is None))
        need(len(holding) == 1 or bool(not holding and possible), f"{name}: not one rule holds")
        if not holding:
            first = next(fact for fact in question["ask"] if fact in possible)
            before = record["answers"].get(first, {"missing_facts": [first], "open_points": []})
            expected = {key: before[key] for key in expected}
        elif holding[0]["answer"] is None:
            expected["open_points"] = [holding[0]["point"], *holding[0].get("others", [])]
        told = figures(holding[0]["gives"], facts) if holding else {}
        need(digest(question["figures"]) == digest(told), f"{name}: the figures do not follow")
        facts[name] = holding[0]["answer"] if holding else None
        for one in question["cautions"]:
            held = weigh(one["when"], facts, kinds, one["id"])[0]
            need(one["holds"] is held, f"{name}: a caution did not come out so")
        cautions = [one["id"] for one in question["cautions"] if one["holds"] is True]
        expected |= {"answer": facts[name] or "undetermined", "cautions": cautions}
        need(digest(record["answers"][name]) == digest(expected), f"{name}: the answer does not follow from its rules")


def check(text, policy):
    def once(pairs):
        return dict(pairs) if len(dict(pairs)) == len(pairs) else need(False, "a key appears twice")

    record = json.loads(text, object_pairs_hook=once, parse_float=need, parse_constant=need)
    need(record["format"] == "senpolicy decision record" and record["version"] in ("1", "2"), "not such a record")
    need(sorted(record["digests"]) == sorted(PARTS), "the digests are not there")
    need(all(digest(record[one]) == record["digests"][one] for one in PARTS if one in record), "a part was changed")
    sealed = {name: value for name, value in record.items() if name not in ("digest", *PARTS)}
    need(digest(sealed) == record["digest"], "it was changed")
    files = record["policy"]["digest" if record["version"] == "1" else "files_digest"]
    need(policy in (None, files), "the files in that folder are others")
    if all(part in record for part in PARTS):
        return logic(record) or "valid"
    return "valid by its digests; facts or reasons have been removed, so the answers cannot be worked out again"


if __name__ == "__main__":
    files, policy, status = sys.argv[1:] or sys.exit(__doc__), None, 0
    if "--corpus" in files[:-1]:
        folder, total = Path(files.pop(files.index("--corpus") + 1)), hashlib.sha256()
        for path in (path for top in ("policy", "rules", "descriptors") for path in sorted((folder / top).rglob("*"))):
            name = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                total.update(f"{name.as_posix()}\0{path.stat().st_size}\0".encode() + path.read_bytes())
        policy = "sha256:" + total.hexdigest()
    for file in (one for one in files if one != "--corpus"):
        try:
            print(f"{file}: {check(Path(file).read_bytes().decode(), policy)}")
        except (
            Exception
        ) as error:  # Whatever goes wrong, the record is refused; a message of Python's may hold a value.
            status = print(f"{file}: REFUSED: {error if type(error) is AssertionError else type(error).__name__}") or 1
    sys.exit(status)
