"""Scenarios that wait with a decision that does not count, and those that no proposal is held against."""

from __future__ import annotations

from collections.abc import Iterable

from senpolicy.files.models.names import named_in_file
from senpolicy.policy.corpus import Corpus
from senpolicy.policy.scenarios import as_decisions, files_of


def waiting(corpus: Corpus) -> set[str]:
    """Return the scenarios that rest on a decision that does not count, by a row that they keep or a value they name.

    They wait with it: called in, it is not there to be laid over. A proposed decision counts here.
    """

    def out(numbers: Iterable[str]) -> bool:
        known = [corpus.decisions[one] for one in numbers if one in corpus.decisions]
        return bool(known) and not any(one.counts(include_proposed=True) for one in known)

    found = set()
    for name in as_decisions(corpus):
        models = [corpus.files[file] for file in files_of(corpus, name) if file in corpus.files]
        for one in (word for model in models for word in named_in_file(model)):
            setters = [number for number, _ in corpus.parameters.get(one.word.removeprefix("$"), [])]
            kind = one.names.kind
            if (kind == "decision" and out([one.word])) or (kind == "parameter" and out(setters)):
                found.add(name)
    return found


def apart(corpus: Corpus) -> set[str]:
    """Return the scenarios that are tried over what has been decided alone.

    They are laid over the policy, or leave decisions out: they are held against the decision of their day, and not
    against what may come.
    """
    return {*as_decisions(corpus), *(name for name, one in corpus.scenarios.items() if one.without_decisions)}
