"""How long `explain --why-not ANSWER --nearest` and `explain --nearest` take, case by case, over generated cases.

    PYTHONPATH=tests python bench/nearest.py    100 cases, each explained towards every answer and towards one
    PYTHONPATH=tests python bench/nearest.py --cases 20 --seed 2 --slowest 10

Cases are drawn from the facts and limits of the policy, half of them with facts left out. The aim is 2 seconds of the
processor a case. A case that takes longer is printed, and the exit status is then 1; no test rests on it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

from generated import drawn, given, values
from senpolicy.checking.corpus import sound
from senpolicy.checking.examples import pupil_yaml
from senpolicy.deciding.cases import Case
from senpolicy.deciding.decide import Decider, Decision
from senpolicy.explaining.explainer import Explainer
from senpolicy.policy import corpus
from senpolicy.policy.timeline import policy

ROOT = Path(__file__).resolve().parents[1]

AIM = 2.0


def main() -> int:
    """Explain generated cases, print what each took, and return 1 where one took longer than the aim."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slowest", type=int, default=5, help="how many of the slowest to print")
    parser.add_argument("--scenario", help="explain by the assumed values of a scenario")
    args = parser.parse_args()
    of = policy(sound(corpus.load(ROOT)), scenario=args.scenario)
    by, source, tried = Decider(of), random.Random(args.seed), values(of)
    took: list[tuple[float, str, Case]] = []
    while len(took) < 2 * args.cases:
        facts = drawn(source, tried)
        if len(took) % 4 < 2:
            facts = {name: None if name != "decision_date" and source.random() < 0.4 else value
                     for name, value in facts.items()}  # fmt: skip
        case = given(facts, of)
        decision = by.decide(case) if isinstance(case, Case) else None
        if not isinstance(decision, Decision):
            continue
        others = [f"{name}={answer}" for name in decision.answers if not decision.answers[name].step
                  for answer in of.types[name].values if answer != decision.answers[name].answer]  # fmt: skip
        for wanted in (None, source.choice(others)):
            start = time.process_time()
            Explainer(by, wanted, nearest=True, other_days=wanted is None).explain(decision)
            took.append((time.process_time() - start, wanted or "every answer", decision.case))
    everywhere = [seconds for seconds, wanted, _ in took if wanted == "every answer"]
    towards_one = [seconds for seconds, wanted, _ in took if wanted != "every answer"]
    for what, seconds in (("towards every answer", everywhere), ("why not one answer", towards_one)):
        ordered = sorted(seconds)
        most = ordered[int(len(ordered) * 0.95)]
        middle = statistics.median(ordered)
        print(f"{what}: median {middle:.2f} s, 95 of 100 within {most:.2f} s, slowest {ordered[-1]:.2f} s")
    slow = sorted(took, key=lambda one: -one[0])
    for seconds, wanted, case in slow[: args.slowest]:
        given_facts = {name: value for name, value in case.facts.items()
                       if value is not None and name not in case.followed}  # fmt: skip
        print(f"{seconds:.2f} s, {wanted}:\n{pupil_yaml('G-0001', given_facts, of)}", end="")
    late = sum(seconds > AIM for seconds, _, _ in took)
    print(f"{late or 'None'} of {len(took)} took longer than {AIM:g} s of the processor.")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
