"""`make mutation`: judges every wrong edit and prints the policy mutation score."""

import sys

from mutation.score import main

sys.exit(main())
