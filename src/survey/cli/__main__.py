"""`python -m survey.cli`: the command line without its script."""

import sys

from survey.cli import main

sys.exit(main())
