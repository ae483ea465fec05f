"""`make review-mutation SEED= COUNT= ONLY=`: makes changes of every kind and prints the review mutation score."""

import sys

from review_mutation.score import main

seed, count, only = (*sys.argv[1:], "")[:3]
sys.exit(main(int(seed), int(count), only))
