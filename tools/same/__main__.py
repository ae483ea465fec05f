"""`make same BASE=`: runs the commands of both sides, and prints the differences that no commit names."""

import sys

from same.report import main

sys.exit(main())
