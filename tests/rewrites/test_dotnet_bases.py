""".NET on Alpine or on chiseled images where that was asked for, and what speaks against it."""

from __future__ import annotations

import pytest

from slimstage.analysis import Analysis, AnalysisOptions
from slimstage.context import DictContext
from slimstage.features.conversion import refusal_text
from slimstage.rewrites import Conversion, ConversionOptions, Refusal
from slimstage.text import SourceText
from tests.rewrites.test_conversions import convert, knowledge

WEB = (
    "FROM mcr.microsoft.com/dotnet/sdk:9.0\nWORKDIR /app\nCOPY . .\nRUN dotnet publish -c Release -o out\n"
    'ENTRYPOINT ["dotnet", "out/Shop.dll"]\n'
)
PROJECT = (
    '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup><TargetFramework>net9.0</TargetFramework></PropertyGroup>'
    "<ItemGroup></ItemGroup></Project>"
)
ALPINE = "mcr.microsoft.com/dotnet/aspnet:9.0-alpine-extra"
CHISELED = "mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled-extra"
AS_USER = WEB.replace("ENTRYPOINT", "USER app\nENTRYPOINT")


def asked(
    base: str, text: str = WEB, *, own_user: bool = True, project: str = PROJECT, source: str = "class P {}"
) -> Conversion | Refusal:
    context = DictContext(
        {"Shop.csproj": project, "Program.cs": source, "run.sh": "#!/bin/sh\nexec dotnet out/Shop.dll\n"}
    )
    return convert(text, context, ConversionOptions(base=base, non_root=own_user))


def final(found: Conversion | Refusal) -> str:
    assert isinstance(found, Conversion), found
    return found.text[found.text.rindex("FROM ") :]


@pytest.mark.parametrize(("base", "image"), [("alpine", ALPINE), ("distroless", CHISELED)])
def test_the_images_with_cultures_and_time_zones(base: str, image: str) -> None:
    found = final(asked(base))
    assert found.startswith(f"FROM {image}\nWORKDIR /app\nCOPY --from=builder /app/out /app/out\n")
    console = PROJECT.replace(".Web", "").replace("<TargetF", "<OutputType>Exe</OutputType><TargetF")
    assert final(asked(base, project=console)).startswith(f"FROM {image.replace('aspnet', 'runtime')}\n")


def test_a_chiseled_image_is_for_a_user_of_its_own() -> None:
    refused = asked("distroless", own_user=False)
    assert isinstance(refused, Refusal) and refused.args["because"] == "own-user"
    assert "\nUSER app\nENTRYPOINT" in final(asked("distroless"))
    assert final(asked("distroless", AS_USER, own_user=False)).count("USER app") == 1
    assert "USER" not in final(asked("alpine", own_user=False))


@pytest.mark.parametrize("base", ["alpine", "distroless"])
@pytest.mark.parametrize(
    ("text", "because"),
    [
        (AS_USER.replace("USER", "RUN mkdir /data\nUSER"), "commands"),
        (AS_USER.replace("USER", "HEALTHCHECK CMD curl -f http://localhost\nUSER"), "packages"),
        (AS_USER.replace('["dotnet", "out/Shop.dll"]', '["./run.sh"]'), "script"),
        (AS_USER.replace("-o out", "-r linux-x64 --no-self-contained -o out"), "image"),
        (AS_USER.replace('"dotnet", "out/Shop.dll"', '"out/Shop"'), "image"),  # a program of the SDK's C library
        (AS_USER.replace("sdk:9.0", "sdk:9.0-bookworm-slim-amd64"), "image"),
    ],
)
def test_what_is_written_for_the_other_system(base: str, text: str, because: str) -> None:
    found = asked(base, text)
    assert isinstance(found, Refusal) and found.reason == "base-not-possible", found
    assert found.args["because"] == because, found
    for lang in ("en", "ko"):
        assert "{" not in refusal_text(knowledge(), found, lang)
    assert isinstance(asked("auto", text), Conversion)


@pytest.mark.parametrize(
    ("project", "source"),
    [
        (PROJECT.replace("<ItemGroup>", '<ItemGroup><PackageReference Include="SkiaSharp" />'), ""),
        (PROJECT.replace("<ItemGroup>", '<ItemGroup><PackageReference Include="Grpc.Core" />'), ""),
        (PROJECT, '[DllImport("libcups")] static extern int Print();'),
        (PROJECT, 'NativeLibrary.Load("libcups.so");'),
    ],
)
def test_machine_code_is_not_put_on_musl(project: str, source: str) -> None:
    found = asked("alpine", project=project, source=source)
    assert isinstance(found, Refusal) and found.args["because"] == "machine-code"
    assert isinstance(asked("distroless", project=project, source=source), Conversion)


def test_without_a_shell() -> None:
    shell = WEB.replace('["dotnet", "out/Shop.dll"]', "dotnet out/Shop.dll")
    assert final(asked("alpine", shell)).startswith(f"FROM {ALPINE}\n")
    for text, source in ((shell, ""), (WEB, 'Process.Start("uname", "-a");')):
        found = asked("distroless", text, source=source)
        assert isinstance(found, Refusal) and found.args["because"] == "program"


@pytest.mark.parametrize("version", ["6.0", "7.0"])
def test_older_versions_have_no_such_images(version: str) -> None:
    text = WEB.replace("9.0", version).replace("ENTRYPOINT", "ENV ASPNETCORE_URLS=http://+:80\nENTRYPOINT")
    project = PROJECT.replace("9.0", version)
    for base in ("alpine", "distroless"):
        found = asked(base, text, project=project)
        assert isinstance(found, Refusal) and found.args["because"] == "image"
    assert isinstance(asked("auto", text, project=project), Conversion)


@pytest.mark.parametrize("base", ["alpine", "distroless"])
def test_converting_twice_changes_nothing(base: str) -> None:
    options = AnalysisOptions(conversion={"base": base, "non_root": True})
    context = DictContext({"Shop.csproj": PROJECT, "Program.cs": "class P {}"})
    before = Analysis(SourceText(WEB), knowledge(), context, options)
    assert isinstance(before.conversion, Conversion)
    after = Analysis(SourceText(before.conversion.text), knowledge(), context, options)
    assert isinstance(after.conversion, Refusal)
    assert not after.error_counts - before.error_counts
