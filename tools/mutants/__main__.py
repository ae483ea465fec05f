"""`make mutants SEED=`: makes wrong edits of the engine, one at a time, and prints those that no test notices."""

import sys

from mutants.score import main

sys.exit(main())
