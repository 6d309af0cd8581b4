"""Starts slimstage for VS Code: `launch.py useBundled|fromEnvironment ARGS...`.

The bundled libraries come before those of the environment, or after them, so that `fromEnvironment` uses an
installed slimstage and falls back to the bundled one.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
_LIBRARIES = os.path.join(_HERE, "libs")

strategy, arguments = sys.argv[1], sys.argv[2:]
if strategy == "fromEnvironment":
    sys.path.append(_LIBRARIES)
else:
    sys.path.insert(0, _LIBRARIES)
sys.path = [entry for entry in sys.path if os.path.abspath(entry or ".") != _HERE]
sys.argv = ["slimstage", *arguments]

from slimstage.cli.main import main  # noqa: E402

sys.exit(main())
