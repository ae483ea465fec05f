"""Correcting what is recorded of a decision that is locked: the value as it should be, and the note beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from senpolicy.checking.lock import corrections_of, digests
from senpolicy.files.problems import WrongUse, did_you_mean
from senpolicy.policy.corpus import Corpus
from senpolicy.writing.adopting import role
from senpolicy.writing.files import heading
from senpolicy.writing.lines import Lines, Yaml, block, scalar


@dataclass(frozen=True)
class Mending:
    """What is asked of a correction; `value` is the right value of the parameter, None where it is mended already."""

    decision: str
    mends: str
    says: str
    because: str
    by: str
    day: date
    start: date | None
    until: date | None = None
    value: str | None = None


def correction(corpus: Corpus, new: Mending) -> dict[str, str]:
    """Return the texts with which a mistake is mended; raises `WrongUse` for what is not known."""
    if new.decision not in corpus.decisions:
        help = did_you_mean(new.decision, corpus.decisions)
        raise WrongUse(f"'{new.decision}' is not a decision of this policy. {help}".strip())
    known = digests(corpus, new.decision)
    if new.mends not in known:
        help = did_you_mean(new.mends, known) or "Name a parameter of it, or standing, documents or settles."
        raise WrongUse(f"'{new.mends}' is nothing that {new.decision} set. {help}")
    role(corpus, new.by)
    made = corrections_of(corpus, new.decision).corrections
    stem = re.sub(r"_", "-", new.mends)
    name = next(one for one in (stem, *(f"{stem}-{number}" for number in range(2, 1000)))
                if one not in {earlier.id for earlier in made})  # fmt: skip
    said: dict[str, Yaml] = {
        "id": name,
        "mends": new.mends,
        "says": new.says,
        "because": new.because,
        "corrected_on": new.day,
        "by": new.by,
        "from": new.start,
        "until": new.until,
    }
    file = corpus.file_of(new.decision, "corrections.yaml")
    texts = {}
    if made:
        lines = Lines((corpus.root / file).read_bytes().decode("utf-8-sig"), file)
        lines.add(("corrections",), said)
        texts[file] = str(lines)
    else:
        top = [*heading(corpus.root, file), f"# Mistakes that were mended in what is recorded of {new.decision}."]
        texts[file] = "\n".join([*top, "corrections:", *block([said], 2)]) + "\n"
    if new.value is not None:
        where = corpus.file_of(new.decision, "parameters.yaml")
        lines = Lines((corpus.root / where).read_bytes().decode("utf-8-sig"), where)
        node = lines.find("parameters", new.mends, "value")
        if node is None or node.kind != "scalar":
            raise WrongUse(
                f"The value of '{new.mends}' is not one plain value. Mend it by hand, and leave --value out."
            )
        start, end = lines.span("parameters", new.mends, "value")
        head = lines.lines[start][: len(lines.lines[start]) - len(lines.lines[start].lstrip())]
        comment = re.search(r"\s+#.*$", lines.lines[start]) if end - start == 1 else None
        lines.replace(start, end, [f"{head}value: {scalar(new.value)}{comment.group() if comment else ''}"])
        texts[where] = str(lines)
    return texts
