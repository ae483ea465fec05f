"""`make review-mutation SEED= COUNT=`: makes changes of every kind and prints the review mutation score."""

import sys

from review_mutation.score import main

sys.exit(main(*(int(one) for one in sys.argv[1:3])))
