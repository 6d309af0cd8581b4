"""What the process answers its caller with."""

CLEAN = 0  # nothing at or above `--fail-on`
FINDINGS = 1
FAULT = 2  # a usage error, or a file that cannot be read
