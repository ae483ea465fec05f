"""Decision records: one decision as data that proves itself, and the check of such a record.

A record holds the facts of the case, and of each question every rule that was in force, bound to its values, with how
each test came out. So it shows by itself that one answer follows from the facts, and no other. It is sealed by digests
of its parts: its facts and reasons can be removed later, and what is left can still be checked. Each of these parts is
sealed together with a salt, since a digest of a few facts, or of tests of them, could be found out by trying.

What a record cannot show by itself is that its rules are those of the policy: that takes the policy (`verify` with
one), or the digest of the record from a place that the writer of a forged one cannot change.

A record names its policy in `policy`. Of version 2, `digest` is the digest of meaning (`senpolicy.policy.meaning`) and
`files_digest` that of the files. Of version 1, `digest` is that of the files, and nothing tells what they mean.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from senpolicy.deciding.answers import Answer, GivenFigure, figure
from senpolicy.deciding.cases import REFERENCE, Case, checked
from senpolicy.deciding.decide import UNDETERMINED, Decider, Decision, RuleFault, decide_question
from senpolicy.files.digests import PlainData, canonical, digest_of
from senpolicy.files.models.rules import Source
from senpolicy.files.problems import Place, PolicyError, Problem
from senpolicy.language.conditions import OPERATORS, AllOf, AnyOf, Condition, Not, Test, Value, facts_of, pence, written
from senpolicy.policy.meaning import plain
from senpolicy.policy.timeline import CautionInForce, Outcome, Policy, PortionInForce, QuestionInForce
from senpolicy.readings.judge import judge, margin

FORMAT, VERSION = "senpolicy decision record", "2"
#: The versions that are read: all that ever were.
VERSIONS = ("1", VERSION)
#: The parts that say something of the pupil beyond the answers; each can be removed, its digest stays.
REMOVABLE = ("facts", "reasons")
MOST_BYTES = 5_000_000
_MONEY = re.compile(r"(0|[1-9][0-9]*)\.[0-9]{2}")
_SALT = re.compile(r"[0-9a-f]{32}")

Kinds = Mapping[str, str]


def seal(record: Mapping[str, PlainData]) -> str:
    """Return the digest of a whole record: of all but its removable parts, which count by their own digests."""
    return digest_of({name: value for name, value in record.items() if name not in ("digest", *REMOVABLE)})


def record_of(decision: Decision, salt: str, engine: str, version: str = VERSION) -> dict[str, PlainData]:
    """Return the record of a decision as plain data.

    `salt` is 32 hexadecimal digits that nobody can guess; `engine` the version of the engine that decided; `version`
    that of the record, for holding an older one against it.
    """
    policy, case = decision.policy, decision.case
    if not _SALT.fullmatch(salt):
        raise ValueError("the salt is 32 hexadecimal digits")
    kinds = {name: kind.type for name, kind in policy.types.items()}
    facts: dict[str, PlainData] = {
        "salt": salt,
        "known": {name: _with_kind(kinds[name], value) for name, value in case.facts.items() if value is not None},
        "followed": dict(case.followed),
    }
    data = decision.to_json()
    if "mapped" in data:
        facts["mapped"] = data["mapped"]
    known, questions = dict(case.facts), list[dict[str, PlainData]]()
    for name, question in decision.period.questions.items():
        answer = decision.answers[name]
        told = _question(question, known, answer, kinds, _said_of_rows(question, policy))
        known[name] = _as_fact(answer)
        questions.append(told | {"cautions": _cautions(question, known, kinds)})
    asked = {name: kinds[name] for one in decision.period.questions.values() for name in _asked(one)}
    record: dict[str, PlainData] = {
        "format": FORMAT,
        "version": version,
        "engine": engine,
        "case_ref": case.ref,
        "decision_date": case.day.isoformat(),
        "policy": _policy(policy, version),
        "answers": {name: _answer(one) for name, one in decision.answers.items()},
        "facts": facts,
        "reasons": {"salt": _salt_of_reasons(salt), "kinds": dict(sorted(asked.items())), "questions": questions},
    }
    record["digests"] = {name: digest_of(record[name]) for name in REMOVABLE}
    return record | {"digest": seal(record)}


def _salt_of_reasons(salt: str) -> str:
    """Return the salt of the reasons: made from that of the facts, which does not follow from it."""
    return hashlib.sha256(f"reasons {salt}".encode()).hexdigest()[:32]


def without_facts(record: Mapping[str, PlainData]) -> dict[str, PlainData]:
    """Return a record without the pupil's facts and what tells them; its digests stay as they were."""
    return {name: value for name, value in record.items() if name not in REMOVABLE}


def text_of(record: Mapping[str, PlainData]) -> str:
    """Return a record as the text of its file."""
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def file_name(record: Mapping[str, PlainData]) -> str:
    """Return the name of a record's file: the reference, the day, and the beginning of the digest."""
    short = str(record["digest"]).removeprefix("sha256:")[:12]
    return f"{record['case_ref']}-{record['decision_date']}-{short}.json"


def _policy(policy: Policy, version: str) -> dict[str, PlainData]:
    scenario, files = policy.scenario, policy.corpus.files_digest
    return {
        "as_of": policy.as_of,
        **({"digest": files} if version == "1" else {"digest": policy.digest, "files_digest": files}),
        "decisions": list(policy.decisions),
        "readings": [reading.id for reading in policy.readings],
        "scenario": {"name": scenario.scenario, "says": scenario.says} if scenario else None,
    }


def _with_kind(kind: str, value: Value) -> dict[str, PlainData]:
    return {"kind": kind, "value": written(kind, value)}


def _as_fact(answer: Answer) -> str | None:
    return None if answer.answer == UNDETERMINED else answer.answer


def _answer(answer: Answer) -> dict[str, PlainData]:
    return {
        "answer": answer.answer,
        "missing_facts": list(answer.missing_facts),
        "open_points": list(answer.open_points),
        "cautions": [caution.id for caution in answer.cautions],
    }


def _asked(question: QuestionInForce) -> Iterator[str]:
    for condition in [*(one.condition for one in question.outcomes), *(one.condition for one in question.cautions)]:
        yield from facts_of(condition)
    for outcome in question.outcomes:
        yield from (value.fact for value in outcome.gives.values() if isinstance(value, PortionInForce))


def _said_of_rows(question: QuestionInForce, policy: Policy) -> dict[str, dict[str, PlainData]]:
    """Return for each row what it says of itself: nothing of it hangs on the case."""
    said: dict[str, dict[str, PlainData]] = {}
    for one in question.outcomes:
        row: dict[str, PlainData] = {"decision": one.decision, **one.source.to_json(), "says": one.says}
        if one.point:
            number, point = policy.corpus.open_points[one.point]
            row |= {"point": one.point, "title": point.title, "point_of": number}
        if one.others:
            row["others"] = list(one.others)
        if one.reads:
            row["reads"] = list(one.reads)
        if one.reading:
            row["reading"] = one.reading
        if one.settled:
            row["settled"] = one.settled
        if one.assumed:
            row["assumed"] = one.assumed
        said[one.id] = row
    return said


def _question(
    question: QuestionInForce,
    facts: Mapping[str, Value],
    answer: Answer,
    kinds: Kinds,
    said: Mapping[str, Mapping[str, PlainData]],
) -> dict[str, PlainData]:
    return {
        "question": question.name,
        "ask": list(question.ask),
        "step": question.step,
        "rows": [
            {
                "rule": one.id,
                "answer": one.answer,
                **said[one.id],
                "gives": {name: _given(value) for name, value in one.gives.items()},
                "when": _tree(one.condition, facts, kinds),
                "holds": judge(one.condition, facts),
            }
            for one in question.outcomes
        ],
        "figures": {name: figure(value) for name, value in answer.gives.items()},
    }


def _given(value: GivenFigure | PortionInForce) -> PlainData:
    if not isinstance(value, PortionInForce):
        return figure(value)
    share = None if value.share is None else str(value.share)
    until = value.until.isoformat() if value.until else None
    return {"of": value.fact, "share": share, "round": value.round, "until": until}


def _cautions(question: QuestionInForce, facts: Mapping[str, Value], kinds: Kinds) -> list[dict[str, PlainData]]:
    return [
        {
            "id": one.id,
            "says": one.says,
            "decision": one.decision,
            **one.source.to_json(),
            "when": _tree(one.condition, facts, kinds),
            "holds": judge(one.condition, facts),
        }
        for one in question.cautions
    ]


def _tree(condition: Condition, facts: Mapping[str, Value], kinds: Kinds) -> dict[str, PlainData]:
    """Return a condition with the value of each test and whether it held (null: not known)."""
    if isinstance(condition, Test):
        kind, value = kinds[condition.fact], facts.get(condition.fact)
        data = {
            "fact": condition.fact,
            "value": written(kind, value),
            "asked": condition.operator,
            "limit": condition.limit if condition.operator == "known" else written(kind, condition.limit),
            "held": judge(condition, facts),
        }
        by = margin(condition, value)
        if by is not None:
            data["margin"] = written(kind, by)
        if condition.parameter:
            data["parameter"] = condition.parameter
        if condition.because:
            data["because"] = condition.because
        return data
    if isinstance(condition, Not):
        return {"not": _tree(condition.part, facts, kinds)}
    word = "any" if isinstance(condition, AnyOf) else "all"
    return {word: [_tree(part, facts, kinds) for part in condition.parts]}


# Checking.


@dataclass(frozen=True)
class RecordCheck:
    """What a check of a record found.

    `faults` say where and what, never a value; none: the record is valid. `removed` are the parts that are no longer
    there, so that only the digests could be checked. `again` says that the policy at hand decides as the record's does,
    and that the case was decided again by it; `but_words` that its files are others than the record's, so that words
    were not compared.
    """

    faults: tuple[str, ...]
    removed: tuple[str, ...] = ()
    again: bool = False
    but_words: bool = False


class _Bad(Exception):
    """Raised with the place in a record that cannot be read, and what is wrong with it."""


def read(text: bytes, name: str) -> dict[str, Any]:
    """Return the record that a file holds; raises `PolicyError` where it is none, or writes a key twice."""
    place = Place(name)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a key appears twice")
        return dict(pairs)

    def no_float(_: str) -> Any:
        raise ValueError("a record has no such number")

    try:
        if len(text) > MOST_BYTES:
            raise ValueError("too large")
        data = json.loads(text.decode(), object_pairs_hook=once, parse_float=no_float, parse_constant=no_float)
    except (ValueError, RecursionError):
        said = "This cannot be read as a decision record."
        raise PolicyError(
            [Problem(place, "not-a-record", said, "Give a file that 'decide --records' wrote.")]
        ) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        said = "This is not a decision record."
        raise PolicyError([Problem(place, "not-a-record", said, "Give a file that 'decide --records' wrote.")])
    if data.get("version") not in VERSIONS:
        said = "This decision record is of a version that this engine does not know."
        help = "Check it with the engine that wrote it, or a newer one."
        raise PolicyError([Problem(place, "record-version", said, help)])
    return data


def verify(record: Mapping[str, Any], by: Decider | None = None) -> RecordCheck:
    """Return whether a record is valid: its digests, and that its answers follow from its facts and rules.

    With a decider by the files of the record the case is decided again, and everything is held against it; with one
    whose policy has the record's digest of meaning, everything but words.
    """
    removed = tuple(name for name in REMOVABLE if name not in record)
    faults = list(_seals(record))
    files = bool(by and by.policy.corpus.files_digest == _named(record, "files_digest"))
    again = not removed and bool(by and (files or by.policy.digest == _named(record, "digest")))
    try:
        if not faults and not removed:
            faults += _logic(record)
        if by and again and not faults:
            faults += _again(record, by, words=files)
    except _Bad as bad:
        faults.append(str(bad))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, RuleFault):
        faults.append("reasons: This is not laid out as a record's reasons are.")
    return RecordCheck(tuple(faults), removed, again, again and not files)


def _named(record: Mapping[str, Any], digest: str) -> Any:
    """Return the digest of its policy that a record names, None where it does not: one of version 1 names the files."""
    named = record.get("policy")
    name = {"files_digest": "digest"}.get(digest, "") if record.get("version") == "1" else digest
    return named.get(name) if isinstance(named, dict) else None


def _seals(record: Mapping[str, Any]) -> Iterator[str]:
    if record.get("version") not in VERSIONS:
        yield "version: This is not a version that is known."
    digests = record.get("digests")
    if not isinstance(digests, dict) or sorted(digests) != sorted(REMOVABLE):
        yield "digests: The digests of the parts are not there."
        return
    for name in REMOVABLE:
        if name in record and digest_of(record[name]) != digests[name]:
            yield f"{name}: This part is not as it was sealed."
    if record.get("digest") != seal(record):
        yield "digest: The record is not as it was sealed."


def _logic(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield where a record differs from what its own rules and facts lead to."""
    reasons, facts = record["reasons"], dict[str, Value]()
    kinds: dict[str, str] = dict(reasons["kinds"])
    for name, one in record["facts"]["known"].items():
        facts[name] = _value(one["kind"], one["value"], f"facts.known.{name}")
        if one["kind"] != kinds.setdefault(name, one["kind"]):
            yield f"facts.known.{name}.kind: This is not the kind by which the rules test it."
    if facts.get("decision_date") != _value("date", record["decision_date"], "decision_date"):
        yield "decision_date: This is not the day of the facts."
    if not _SALT.fullmatch(record["facts"]["salt"]):
        yield "facts.salt: This is not a salt."
    if reasons["salt"] != _salt_of_reasons(record["facts"]["salt"]):
        yield "reasons.salt: This is not the salt that goes with that of the facts."
    earlier: dict[str, Answer] = {}
    again: dict[str, PlainData] = {}
    for data in reasons["questions"]:
        name = data["question"]
        at = f"reasons.questions.{name}"
        question = _question_from(name, data, kinds, at)
        answer = decide_question(question, facts, earlier)
        said = {one["rule"]: {key: value for key, value in one.items() if key not in _COMPUTED} for one in data["rows"]}
        written_again = _question(question, facts, answer, kinds, said)
        facts[name] = _as_fact(answer)
        cautions = [one for one in question.cautions if judge(one.condition, facts) is True]
        kept = [{"id": one["id"], "when": one["when"], "holds": one["holds"]} for one in data["cautions"]]
        again_cautions = _cautions(question, facts, kinds)
        again_kept = [{"id": one["id"], "when": one["when"], "holds": one["holds"]} for one in again_cautions]
        yield from _differences({**data, "cautions": kept}, {**written_again, "cautions": again_kept}, at)
        earlier[name] = answer
        again[name] = _answer(answer) | {"cautions": [one.id for one in cautions]}
    yield from _differences(record["answers"], again, "answers")


_COMPUTED = ("rule", "answer", "gives", "when", "holds")


def _question_from(name: str, data: Mapping[str, Any], kinds: Kinds, at: str) -> QuestionInForce:
    """Return the question that a record writes out, as the engine holds it; raises `_Bad` where it cannot be read."""
    nowhere = Source.model_construct(document="", paragraph="")
    outcomes = []
    for number, row in enumerate(data["rows"]):
        here = f"{at}.rows.{number}"
        if row["answer"] is None and "point" not in row:
            raise _Bad(f"{here}: A row leads to an answer or to an open point.")
        gives = {key: _portion(one, f"{here}.gives.{key}") for key, one in row["gives"].items()}
        condition = _condition(row["when"], kinds, f"{here}.when")
        others = row.get("others", [])
        if not isinstance(others, list) or not all(isinstance(one, str) for one in others):
            raise _Bad(f"{here}.others: Names of open points are missing here.")
        outcomes.append(
            Outcome(row["rule"], name, condition, row["decision"], nowhere, row["answer"], row.get("point"),
                    gives=gives, reads=tuple(row.get("reads", ())), reading=row.get("reading"),
                    assumed=row.get("assumed", ""), others=tuple(others))
        )  # fmt: skip
    cautions = tuple(
        CautionInForce(
            one["id"], _condition(one["when"], kinds, f"{at}.cautions.{number}.when"), "", one["decision"], nowhere
        )
        for number, one in enumerate(data["cautions"])
    )
    if not isinstance(data["step"], bool):
        raise _Bad(f"{at}.step: This is neither true nor false.")
    return QuestionInForce(name, data["step"], tuple(data["ask"]), "", tuple(outcomes), cautions)


def _portion(value: Any, at: str) -> Any:
    if not isinstance(value, dict):
        return value
    until = None if value["until"] is None else _value("date", value["until"], f"{at}.until")
    share = None if value["share"] is None else Decimal(value["share"])
    if value["round"] not in ("down", "up") or not isinstance(until, date | None):
        raise _Bad(f"{at}: This is not a part of a fact.")
    return PortionInForce(value["of"], share, value["round"], until)


def _condition(tree: Any, kinds: Kinds, at: str) -> Condition:
    if not isinstance(tree, dict):
        raise _Bad(f"{at}: This is not a condition.")
    if set(tree) == {"not"}:
        return Not(_condition(tree["not"], kinds, f"{at}.not"))
    for word, group in (("all", AllOf), ("any", AnyOf)):
        if set(tree) == {word}:
            parts = enumerate(tree[word])
            return group(tuple(_condition(part, kinds, f"{at}.{word}.{number}") for number, part in parts))
    fact, asked, limit = tree["fact"], tree["asked"], tree["limit"]
    if fact not in kinds or asked not in OPERATORS or (asked == "known" and not isinstance(limit, bool)):
        raise _Bad(f"{at}: This is not a test.")
    where = f"{at}.limit"
    if asked == "one_of":
        bound: Any = tuple(_value(kinds[fact], one, where) for one in limit)
    else:
        bound = limit if asked == "known" else _value(kinds[fact], limit, where)
    return Test(fact, asked, limit, tree.get("because", ""), bound, tree.get("parameter", ""))


def _value(kind: str, value: PlainData, at: str) -> Value:
    """Return a recorded value as the engine holds it; raises `_Bad` where it is not of its kind."""
    try:
        if kind == "money" and isinstance(value, str) and _MONEY.fullmatch(value):
            return pence(Decimal(value))
        if kind == "date" and isinstance(value, str):
            return date.fromisoformat(value)
        if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if kind == "choice" and isinstance(value, str):
            return value
        if kind == "boolean" and isinstance(value, bool):
            return value
    except ValueError:
        pass
    raise _Bad(f"{at}: This is not a value of its kind.")


def _differences(found: PlainData, expected: PlainData, at: str) -> Iterator[str]:
    """Yield each place at which a record differs from what it must be; never a value."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for name in dict.fromkeys([*expected, *found]):
            if name in found and name in expected:
                yield from _differences(found[name], expected[name], f"{at}.{name}" if at else name)
            else:
                yield f"{at}.{name}: This {'does not belong here' if name in found else 'is missing'}."
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for number, pair in enumerate(zip(found, expected, strict=True)):
            yield from _differences(*pair, f"{at}.{number}")
    elif canonical(found) != canonical(expected):
        yield f"{at}: This is not what follows from the facts and the rules."


def _again(record: Mapping[str, Any], by: Decider, *, words: bool) -> Iterator[str]:
    """Yield where a record differs from the decision of its case by the policy at hand, in its `words` too or not."""
    policy = by.policy
    known, followed = record["facts"]["known"], record["facts"]["followed"]
    facts = {name: _value(one["kind"], one["value"], name) for name, one in known.items() if name not in followed}
    day, ref = facts["decision_date"], record.get("case_ref")
    if not isinstance(ref, str) or not REFERENCE.fullmatch(ref):
        yield "case_ref: This is not a reference."
        return
    if not isinstance(day, date) or not all(_possible(policy, name, value) for name, value in facts.items()):
        yield "facts.known: These are not facts of the policy."
        return
    case = checked(ref, day, facts, policy, Place(""))
    decision = by.decide(case) if isinstance(case, Case) else None
    if not isinstance(decision, Decision):
        yield "facts: The policy does not decide such a case."
        return
    again = record_of(decision, record["facts"]["salt"], record["engine"], record["version"])
    if words:
        yield from _differences(deepcopy(dict(record)), again, "")
    else:
        yield from _differences(_without_words(record), _without_words(again), "")


def _without_words(record: Mapping[str, Any]) -> dict[str, PlainData]:
    """Return what of a record two policies of one meaning must have alike: its rules as they are, not as they read."""
    policy, facts, reasons = dict(record["policy"]), dict(record["facts"]), record["reasons"]
    del policy["files_digest"]
    policy["scenario"] = policy["scenario"] and policy["scenario"]["name"]
    facts["followed"] = sorted(facts["followed"])
    if "statements" in facts.get("mapped", {}):
        facts["mapped"] = facts["mapped"] | {"statements": [one["id"] for one in facts["mapped"]["statements"]]}
    questions = {}
    for data in reasons["questions"]:
        name = data["question"]
        said = plain(_question_from(name, data, reasons["kinds"], f"reasons.questions.{name}"))
        questions[name] = said | {
            "outcomes": {one["id"]: one for one in said["outcomes"]},
            "rows": {one["rule"]: [one["holds"], sorted(one)] for one in data["rows"]},
            "of_cautions": [[one["holds"], sorted(one)] for one in data["cautions"]],
            "figures": data["figures"],
        }
    asked = [one["question"] for one in reasons["questions"]]
    rest = {name: record[name] for name in ("version", "engine", "case_ref", "decision_date", "answers")}
    return rest | {
        "policy": policy, "facts": facts,
        "reasons": {"salt": reasons["salt"], "kinds": reasons["kinds"], "asked": asked, "questions": questions},
    }  # fmt: skip


def _possible(policy: Policy, name: str, value: Value) -> bool:
    """Return whether a fact of the policy can have this value."""
    kind = policy.types.get(name)
    if kind is None or kind.is_answer:
        return False
    if kind.type == "choice":
        return value in kind.values
    if kind.type == "integer" and isinstance(value, int):
        return (kind.lowest is None or value >= kind.lowest) and (kind.highest is None or value <= kind.highest)
    return True
