"""Dockerfiles of a wanted length, with a line to type on and a line for `COPY --from=`."""

from __future__ import annotations

TYPE_HERE = "RUN echo typing"
COPY_HERE = "# the copy goes here"

_HEAD = ["# syntax=docker/dockerfile:1", "ARG REGISTRY=docker.io", "ARG PYTHON=3.11", ""]


def _stage(number: int) -> list[str]:
    """Twenty lines of one stage, with the mix of instructions that real files have."""
    base = f"build{number - 1}" if number % 4 == 3 else "python:${PYTHON}-slim" if number % 2 else "node:20-slim"
    source = f"build{number - 1}" if number else "busybox:1.36"
    return [
        f"FROM {base} AS build{number}",
        f"ARG VERSION{number}=1.{number}",
        f"ENV APP_HOME=/srv/app{number} RELEASE=${{VERSION{number}:-dev}}",
        f'LABEL org.opencontainers.image.title="app {number}"',
        f"WORKDIR /srv/app{number}",
        "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\",
        "    apt-get update \\",
        "    # what the sources need",
        "    && apt-get install -y --no-install-recommends gcc libpq-dev \\",
        "    && rm -rf /var/lib/apt/lists/*",
        f"COPY --from={source} /etc/passwd /srv/app{number}/passwd",
        "COPY --chown=1000:1000 requirements.txt ./",
        "RUN pip install --no-cache-dir --prefix=/install -r requirements.txt",
        "COPY src/ ./src/",
        "RUN <<EOF",
        "set -eu",
        "make -C src PREFIX=/opt/app install",
        "EOF",
        "USER 1000",
        'CMD ["python", "-m", "app"]',
    ]


def document(lines: int) -> str:
    """A text of exactly `lines` lines, at least 20; both marks are in its middle stage."""
    if lines < 20:
        raise ValueError("at least 20 lines")
    stages = max(1, (lines - len(_HEAD)) // 22)
    rows = list(_HEAD) if lines > 24 else []
    for number in range(stages):
        stage = _stage(number)
        if number == stages // 2:
            # One stage must fit into 20 lines: there the marks take the place of two of its lines.
            stage[13:14] = [TYPE_HERE, COPY_HERE]
            if lines == 20:
                del stage[3]
        rows += stage
    rows[len(rows) - 1 : len(rows) - 1] = [f"ENV PADDING{number}=1" for number in range(lines - len(rows))]
    text = "\n".join(rows) + "\n"
    if text.count("\n") != lines:
        raise ValueError(f"made {text.count(chr(10))} lines instead of {lines}")
    return text
