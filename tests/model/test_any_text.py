"""Nothing in the model raises, whatever the text; and long chains cost no Python stack."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slimstage.context import DictContext
from slimstage.model.flow import flow_of, produces
from slimstage.model.needs import runtime_needs

from .build import model_of, text_at

LINES = [
    "FROM a", "FROM a AS b", "FROM b", "FROM scratch", "FROM", "FROM $X AS", "ARG X", "ARG X=1", "ARG X=$X Y=${X:-2}",
    "ARG", "ENV A=1", "ENV A b c", "ENV", "ENV A=$A$A", "WORKDIR", "WORKDIR x", "WORKDIR $X", "USER", "USER $A",
    "SHELL []", 'SHELL ["bash", "-c"]', "SHELL x", "RUN", "RUN apt-get install x && (cd y; make) | tee z",
    'RUN ["sh", "-c", "a\\n b"]', "RUN <<E\napt-get install x\nE", "RUN <<E", "RUN bash -c 'x", 'RUN ["',
    "COPY --from=b a b", "COPY --from=9 x", "COPY", "COPY a", "COPY . .", "COPY <<E /x\nE", "ADD --from= x y",
    "RUN --mount=type=bind,from=b,target=/x ls", "RUN --mount", "ONBUILD", "ONBUILD COPY --from=b a b",
    "ONBUILD RUN x", "CMD", "CMD x", 'CMD ["x", "/y.sh"]', "ENTRYPOINT []", 'ENTRYPOINT ["/y.sh"]',
    "HEALTHCHECK NONE", "HEALTHCHECK CMD curl x", "HEALTHCHECK", "BOGUS x", "# comment", "  \\", "é",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join))
def test_any_file_has_a_model(text: str) -> None:
    model = model_of(text, target=None)
    for reference in model.references:
        text_at(model, reference.place)
    assert model.needed_stages >= {stage.index for stage in model.shipped_stages}
    context = DictContext({"y.sh": "#!/bin/sh\nfoo\n"})
    for stage in model.stages:
        text_at(model, stage.place())
        flow_of(stage)
        produces(stage, "/x/y")
        runtime_needs(stage, context)
        for run in stage.runs:
            for command, source in run.commands:
                text_at(model, run.place(command.span, source))
            for operation, source in run.operations:
                text_at(model, run.place(operation.verb_span, source))
        for instruction in (stage.instruction, *stage.instructions):
            list(stage.scope_at(instruction).visible())
            stage.state_before(instruction)


def test_a_long_chain_of_stages() -> None:
    lines = ["FROM a AS s0"] + [f"FROM s{i} AS s{i + 1}\nRUN mkdir /d{i}" for i in range(1500)]
    model = model_of("\n".join(lines))
    last = model.stages[-1]
    assert last.final_state.workdir is None
    assert produces(last, "/d7") is True
    assert len(model.shipped_stages) == len(model.needed_stages) == 1501
    assert runtime_needs(last).base_entrypoint
