"""`python -m slimstage`: the same as the `slimstage` command."""

import sys

from slimstage.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
