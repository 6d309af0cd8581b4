"""Random texts made of Dockerfile fragments, and random edits of them."""

from __future__ import annotations

from hypothesis import strategies as st

FRAGMENTS = (
    "FROM a", "FROM --platform=$P a:1 AS b", "RUN echo hi", "RUN ", "ENV a=b", "ENV a b c", "ARG X=1", "COPY a b",
    "COPY --from=b /x /y", "CMD [\"a\", \"b\"]", "CMD ['a']", "ONBUILD RUN x", "ONBUILD ", "HEALTHCHECK CMD x",
    "HEALTHCHECK --interval=5s ", "LABEL k=\"v w\"", "SHELL ", "WORKDIR /a", "# comment", "# escape=`", "# escape=\\",
    "# syntax=x/y", "# check=skip=all", "#", "RUN <<EOF", "RUN cat <<-'E' <<F", "COPY <<EOF /x", "EOF", "\tE", "F",
    "RUN --mount=type=cache,target=/x ", "--mount=type=bind", "${A:-$B}", "${A/b/c}", "${", "$A", "}", "'", "\"",
    "[", "]",
    "\\", "`", "\\\n", "`\n", "\n", "\n\n", "\r\n", "\r", "\t", "  ", " ", "\ufeff", "😀", "é", "\u3000", "<<", "=",
    "-", "--", "<<EOF", ",", "\x00",
)  # fmt: skip

fragments = st.sampled_from(FRAGMENTS)
texts = st.lists(st.one_of(fragments, fragments, st.just("\n")), max_size=40).map("".join)
edits = st.lists(
    st.tuples(st.floats(0, 1), st.one_of(st.just(0), st.integers(0, 30)), st.lists(fragments, max_size=3).map("".join)),
    min_size=1,
    max_size=6,
)
