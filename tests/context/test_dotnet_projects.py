"""What .NET project files say."""

from __future__ import annotations

import pytest

from slimstage.context import DictContext
from slimstage.context.dotnet_projects import DotnetProject, project_files, read_project


def project(text: str, **others: str) -> DotnetProject:
    files = {"src/Web/Web.csproj": text, **{name.replace("__", "/"): value for name, value in others.items()}}
    found = read_project(DictContext(files), "src/Web/Web.csproj")
    assert found is not None
    return found


def sdk(name: str, body: str = "") -> str:
    return f'<Project Sdk="{name}">{body}</Project>'


def test_sdk_assembly_and_kind() -> None:
    web = project(sdk("Microsoft.NET.Sdk.Web"))
    assert (web.sdk, web.assembly, web.is_program) == ("Microsoft.NET.Sdk.Web", "Web", True)
    assert web.frameworks == {"Microsoft.AspNetCore.App"}
    library = project(sdk("Microsoft.NET.Sdk"))
    assert not library.is_program and not library.frameworks
    assert project(sdk("Microsoft.NET.Sdk/8.0.100", "<OutputType>Exe</OutputType>")).is_program
    assert project(sdk("Microsoft.NET.Sdk", "<AssemblyName>Shop</AssemblyName>")).assembly == "Shop"


@pytest.mark.parametrize(
    "body",
    ["<AssemblyName>$(Prefix).Web</AssemblyName>", "<AssemblyName>A</AssemblyName><AssemblyName>B</AssemblyName>"],
)
def test_an_assembly_name_that_is_not_literal(body: str) -> None:
    assert project(sdk("Microsoft.NET.Sdk.Web", body)).assembly is None


def test_comments_do_not_count() -> None:
    found = project(sdk("Microsoft.NET.Sdk.Web", "<!-- <AssemblyName>Old</AssemblyName> -->"))
    assert found.assembly == "Web"


def test_what_references_bring() -> None:
    reference = '<ItemGroup><ProjectReference Include="..\\Core\\Core.csproj" /></ItemGroup>'
    body = '<ItemGroup><PackageReference Include="Dapper" Version="2" />\n' + reference[11:]
    core = sdk("Microsoft.NET.Sdk", '<FrameworkReference Include="Microsoft.AspNetCore.App" />')
    found = project(
        sdk("Microsoft.NET.Sdk", body), **{"src__Core__Core.csproj": core + '<PackageReference Include="Npgsql"/>'}
    )
    assert found.complete
    assert found.packages == {"Dapper", "Npgsql"}
    assert found.frameworks == {"Microsoft.AspNetCore.App"}
    assert not project(sdk("Microsoft.NET.Sdk", body)).complete


def test_properties_of_the_folders_above() -> None:
    props = "<Project><PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup></Project>"
    found = project(sdk("Microsoft.NET.Sdk"), **{"Directory.Build.props": props})
    assert found.value("TargetFramework") == "net8.0"
    assert found.value("RuntimeIdentifier") == ""
    assert project(sdk("Microsoft.NET.Sdk", "<PublishAot>true</PublishAot>")).is_set("PublishAot")


def test_files() -> None:
    assert project_files(["a.csproj", "b.cs", "c.fsproj", "d.sln"]) == ["a.csproj", "c.fsproj"]
    assert read_project(DictContext({}), "a.csproj") is None
