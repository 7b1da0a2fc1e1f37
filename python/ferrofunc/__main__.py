"""`python -m ferrofunc`: the same program as the `ferrofunc` command."""

from __future__ import annotations

import sys

from ferrofunc.cli import main

if __name__ == "__main__":
    sys.exit(main())
