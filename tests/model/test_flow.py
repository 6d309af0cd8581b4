"""File flow: which paths a stage writes; silent whenever a command may have written anywhere."""

from __future__ import annotations

import pytest

from slimstage.model.flow import flow_of, produces

from .build import model_of

G = "FROM golang:1.22\nWORKDIR /src\n"
N = "FROM node:20\nWORKDIR /app\n"


@pytest.mark.parametrize(
    ("text", "path", "answer"),
    [
        # sure writes
        (G, "/src", True),
        (G + "RUN mkdir -p /out/bin", "/out", True),
        (G + "RUN touch a", "/src/a", True),
        (G + "RUN echo x > /out.txt", "/out.txt", True),
        (G + "RUN curl -fsSLo /tool https://x", "/tool", True),
        (G + "RUN cd /build && cp a b", "/build/b", True),
        (G + "COPY go.mod ./", "/src/go.mod", True),
        (G + "RUN cat x | tee /out/log", "/out/log", True),
        # nothing can have written it
        (G + "RUN go build -o /out/app .", "/bin-out/app", False),
        (G + "RUN go build -o /out/app .", "/out2", False),
        (N + "RUN npm ci && npm run build", "/dist", False),
        (N + "COPY . .\nRUN npm ci", "/build", False),
        ("FROM scratch\nCOPY a /a", "/etc/passwd", False),
        (G + "RUN apt-get update && apt-get install -y make", "/app", False),
        (G + "RUN sh -c 'mkdir /x'", "/y", False),
        ("FROM golang AS a\nRUN mkdir /x\nFROM a", "/y", False),
        # it may be there
        (G + "RUN go build -o /out/app .", "/out/app", None),
        (G + "RUN go build -o bin/app .", "/src/bin/app", None),
        (N + "RUN npm run build", "/app/dist", None),
        ("FROM node:20\nWORKDIR /app/web\nRUN npm run build", "/app/static", None),
        (G, "/usr/bin/x", None),
        (G, "/go/bin/x", None),
        ("FROM corp/base\n", "/app", None),
        ("FROM $BASE\n", "/app", None),
        ("FROM golang AS a\nWORKDIR /s\nRUN cp -r s /x\nFROM a", "/x/y", None),
        # anything may have happened
        (G + "RUN make", "/out", None),
        (G + "RUN ./build.sh", "/out", None),
        (G + "RUN $TOOL x", "/out", None),
        (G + "RUN python x.py", "/out", None),
        (G + "RUN find . -exec cp {} /out \\;", "/out", None),
        (G + "RUN ls | xargs cp -t /out", "/out", None),
        (G + "RUN mkdir $OUT", "/out", None),
        (G + "RUN cp a /o*t", "/out", None),
        (G + "RUN . ./env.sh", "/out", None),
        (G + "RUN go build -o $OUT .", "/out", None),
        (G + "ENV GOBIN=/out\nRUN go install ./...", "/out/x", None),
        (G + "RUN GOBIN=/out go install ./...", "/out/x", None),
        (G + "RUN <<EOF\n#!/usr/bin/env python3\nEOF", "/out", None),
        (G + 'SHELL ["pwsh", "-c"]\nRUN New-Item /out', "/out", None),
        ("FROM golang AS a\nONBUILD RUN mkdir /out\nFROM a", "/out", None),
        # where a `cd` leads is not always known
        (G + "RUN (cd /out) ; touch a", "/src/a", None),
        (G + "RUN cd $X && touch a", "/a", None),
        (G + "RUN false || cd /x; touch a", "/src/a", None),
        ("FROM golang\nRUN touch a", "/a", None),
        # links
        (G + "RUN mkdir /data && ln -s /data /src/link", "/data/x", None),
        (N + "RUN vite build --outDir ../dist", "/dist/x", None),
        (N + "RUN tsc --outDir=/out", "/out/x", None),
        (G + "RUN tar czf /out.tgz .", "/out.tgz", True),
        (G + "RUN tar xzf a.tgz -C /opt2", "/opt2/a", None),
        (G + "RUN wget -qO /x/y https://z", "/x/y", True),
        (G + "RUN python3 -m venv /venv && /venv/bin/pip install a", "/venv/bin/a", None),
        (G + "COPY x /out/", "/out/y", None),
        (G + "COPY <<EOF /cfg\nx\nEOF", "/cfg", None),
    ],
)
def test_produces(text: str, path: str, answer: bool | None) -> None:
    assert produces(model_of(text + "\n").stages[-1], path) is answer


def test_opaque_names_the_instruction() -> None:
    stage = model_of("FROM a\nRUN ls\nRUN make\n").stages[0]
    assert flow_of(stage).opaque == (stage.instructions[1],)
    assert flow_of(stage) is flow_of(stage)
