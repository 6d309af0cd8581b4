"""Where a make or cmake build surely leaves its programs."""

from __future__ import annotations

import pytest

from slimstage.context import DictContext
from slimstage.model import Model
from slimstage.rewrites import Conversion, Refusal, plan
from slimstage.syntax import parse
from tests.rewrites.test_conversions import knowledge

CMAKE = "project(app)\nadd_executable(app main.cpp)\n"
HEAD = (
    "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y g++ cmake make ninja-build\n"
    "WORKDIR /app\nCOPY . .\n"
)


def planned(lines: str, start: str, cmake: str = CMAKE) -> Conversion | Refusal:
    context = DictContext({"CMakeLists.txt": cmake, "main.cpp": "int main() {}\n"})
    return plan(Model(parse(f'{HEAD}{lines}CMD ["{start}"]\n'), knowledge(), context))


@pytest.mark.parametrize(
    ("lines", "start", "made"),
    [
        ("RUN mkdir build && cd build && cmake .. && make\n", "./build/app", "/app/build/app"),
        ("RUN cmake -B build && make -C build -j4\n", "build/app", "/app/build/app"),
        ("RUN cmake -S . -Bout -G Ninja\nRUN ninja -C out\n", "/app/out/app", "/app/out/app"),
        ("RUN cmake .\nRUN make\n", "./app", "/app/app"),
        ("RUN cmake -B build && cmake --build build\n", "build/app", "/app/build/app"),
        ("RUN mkdir -p build\nWORKDIR /app/build\nRUN cmake .. && cmake --build .\n", "./app", "/app/build/app"),
    ],
)
def test_cmake_builds_where_it_was_configured(lines: str, start: str, made: str) -> None:
    found = planned(lines, start)
    assert isinstance(found, Conversion), found
    assert f"COPY --from=builder {made} {made}\n" in found.text


@pytest.mark.parametrize(
    ("lines", "start", "cmake"),
    [
        ("RUN mkdir build && cd build && make\n", "./build/app", CMAKE),  # nothing was configured there
        ("RUN mkdir build && cd build && cmake .. && make\n", "./app", CMAKE),
        ("RUN mkdir build && cd build && cmake .. && make -C other\n", "./build/app", CMAKE),
        ("RUN cmake -B build && cmake --build build\n", "build/app", CMAKE + "set(RUNTIME_OUTPUT_DIRECTORY bin)\n"),
        ("RUN mkdir build && cd build && cmake .. && make\n", "./build/tool", CMAKE),
    ],
)
def test_elsewhere_nobody_knows(lines: str, start: str, cmake: str) -> None:
    found = planned(lines, start, cmake)
    assert isinstance(found, Refusal) and found.reason == "product-unknown", found


@pytest.mark.parametrize(
    ("package", "links", "reason"),
    [
        ("libboost-all-dev", "Boost", "links-unknown"),
        ("libboost-all-dev", "", "unknown-twin"),
        ("libboost-dev", "Boost", "links-unknown"),  # headers, which stand for no library
        ("libeigen3-dev", "OpenCV", "links-unknown"),
        ("libsqlite3-dev python3-dev", "Python3", "links-unknown"),
        ("libboost-filesystem-dev", "Boost", ""),
        ("libsqlite3-dev", "SQLite3", ""),
        ("libeigen3-dev", "", ""),
    ],
)
def test_what_a_program_links_is_told_by_packages_with_libraries(package: str, links: str, reason: str) -> None:
    cmake = f"find_package({links} REQUIRED)\n{CMAKE}" if links else CMAKE
    found = planned(
        f"RUN apt-get install -y {package}\nRUN cmake -B build && cmake --build build\n", "build/app", cmake
    )
    assert (found.reason if isinstance(found, Refusal) else "") == reason, found
