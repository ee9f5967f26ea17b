"""`python -m exotrial`: the same as `exotrial`, where the scripts of the environment are not on the path."""

import sys

from exotrial.cli.app import main

sys.exit(main())
