"""The texts of the locks."""

from __future__ import annotations

from senpolicy.checking.lock import locks_of, renewed
from senpolicy.policy.corpus import Corpus
from senpolicy.writing.files import heading
from senpolicy.writing.lines import Quoted, Yaml, block

_SAYS = (
    "# What this decision set, by digest, so that it stays as it was. 'senpolicy lock' adds lines, or the workflow of",
    "# the pull request does; none is changed. A mistake is mended with a note: docs/how-to/mend-a-mistake.md",
)


def texts(corpus: Corpus) -> dict[str, str]:
    """Return the texts of the locks that are not what goes with the corpus, by the paths of their files."""
    made, held = renewed(corpus), locks_of(corpus)
    found = {}
    for number, lock in made.items():
        if number in held and held[number].file == lock and not held[number].earlier:
            continue
        file = corpus.file_of(number, "lock.yaml")
        content: dict[str, Yaml] = {"locked": {name: Quoted(one) for name, one in lock.locked.items()}}
        if lock.corrected:
            content["corrected"] = {
                one: {name: Quoted(digest) for name, digest in its.items()} for one, its in lock.corrected.items()
            }
        found[file] = "\n".join([*heading(corpus.root, file), *_SAYS, *block(content)]) + "\n"
    return found
