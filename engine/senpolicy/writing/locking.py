"""The text of the lock."""

from __future__ import annotations

from senpolicy.checking.lock import FILE, renewed
from senpolicy.policy.corpus import Corpus
from senpolicy.writing.files import heading
from senpolicy.writing.lines import FlowList, Quoted, Yaml, block

_SAYS = (
    "# What the decisions that have been taken set, by digest, so that it stays as it was. 'senpolicy lock' writes it;",
    "# 'senpolicy new correction' mends a mistake. How: docs/how-to/mend-a-mistake.md",
)


def text(corpus: Corpus) -> str:
    """Return the lock that goes with a corpus, as its file has it."""
    made = renewed(corpus)
    locked = {number: {name: Quoted(one) for name, one in its.items()} for number, its in made.locked.items()}
    content: dict[str, Yaml] = {
        "locked": locked,
        "corrections": {number: FlowList(ids) for number, ids in made.corrections.items()},
    }
    return "\n".join([*heading(corpus.root, FILE), *_SAYS, *block(content)]) + "\n"
