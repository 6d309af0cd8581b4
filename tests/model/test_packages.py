"""Package operations: one line a case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimstage.model.packages import PackageOperation, package_operations, program_of
from slimstage.shell import read_script


def operations(script: str) -> list[PackageOperation]:
    return [found for command in read_script(script).commands for found in package_operations(command)]


def only(script: str) -> PackageOperation:
    (found,) = operations(script)
    return found


@pytest.mark.parametrize(
    ("script", "manager", "action", "packages"),
    [
        ("apt-get install -y gcc libc6:i386", "apt", "install", "gcc libc6"),
        ("apt-get -qq -o Dpkg::Use-Pty=0 install -t bookworm-backports curl", "apt", "install", "curl"),
        ("apt install --yes gcc=4:12.2-3 nginx=$V", "apt", "install", "gcc=4:12.2-3 nginx=$V"),
        ("apt-get install $PKGS lib$X", "apt", "install", "? ?"),
        ("apt-get install ./a.deb build-essential^", "apt", "install", "path:./a.deb group:build-essential"),
        ("apt-get purge -y --auto-remove gcc", "apt", "remove", "gcc"),
        ("apt-get autoremove -y", "apt", "remove", ""),
        ("apt-get update -qq", "apt", "update", ""),
        ("apt-get dist-upgrade -y", "apt", "upgrade", ""),
        ("apt-get clean", "apt", "clean", ""),
        ("aptitude install -y --without-recommends git", "apt", "install", "git"),
        ("apt-get source x", "apt", "other", ""),
        ("apk add --no-cache gcc 'musl-dev>1.2' py3=3.11-r0 z~1.3 x@edge", "apk", "install",
        "gcc musl-dev py3=3.11-r0 z x"),
        ("apk --update add -t .build-deps gcc", "apk", "install", "gcc"),
        ("apk add --repository http://x/y --virtual=.d gcc", "apk", "install", "gcc"),
        ("apk del .build-deps gcc", "apk", "remove", "group:.build-deps gcc"),
        ("apk cache clean", "apk", "clean", ""),
        ("dnf -y --setopt install_weak_deps=False install gcc", "dnf", "install", "gcc"),
        ("yum install -y java-1.8.0-openjdk nginx-1.20.1-2 @development", "dnf", "install",
         "java-1.8.0-openjdk nginx=1.20.1-2 group:development"),
        ("microdnf install nodejs && microdnf clean all", "dnf", "install", "nodejs"),
        ("yum -y update", "dnf", "upgrade", ""),
        ("dnf makecache", "dnf", "update", ""),
        ("dnf group install -y 'Development Tools'", "dnf", "install", "Development Tools"),
        ("yum install https://a/b.rpm", "dnf", "install", "url:https://a/b.rpm"),
        ("zypper -n in --no-recommends gcc=12 'b>2'", "zypper", "install", "gcc=12 b"),
        ("pip install flask==2.0 'django>=4,<5' requests", "pip", "install", "flask=2.0 django requests"),
        ("pip install uvicorn[standard]==0.1", "pip", "install", "uvicorn=0.1"),
        ("pip3.11 install -r requirements.txt -c constraints.txt", "pip", "install", ""),
        ("python -m pip install -U pip", "pip", "install", "pip"),
        ("/opt/venv/bin/python3 -u -m pip install a", "pip", "install", "a"),
        ("$VENV/bin/pip install a", "pip", "install", "a"),
        ("pip install . -e ./src git+https://a/b.git x.whl", "pip", "install",
         "path:. url:git+https://a/b.git path:x.whl path:./src"),
        ("pip install --index-url https://x/simple --no-binary :all: a", "pip", "install", "a"),
        ("pip install 'a @ https://x/a.whl'", "pip", "install", "url:a"),
        ("pip install a==$V $B", "pip", "install", "a=$V ?"),
        ("pip uninstall -y a", "pip", "remove", "a"),
        ("pip cache purge", "pip", "clean", ""),
        ("pip freeze", "pip", "other", ""),
        ("pip-sync requirements.txt", "pip", "sync", ""),
        ("uv pip install --system -r r.txt a==1", "uv", "install", "a=1"),
        ("uv sync --frozen --no-dev --extra web", "uv", "sync", ""),
        ("uv add --group dev ruff", "uv", "install", "ruff"),
        ("uv tool install ruff", "uv", "install", "ruff"),
        ("uv cache clean", "uv", "clean", ""),
        ("poetry install --no-root --only main", "poetry", "install", ""),
        ("poetry add httpx@^1", "poetry", "install", "httpx=^1"),
        ("pdm sync --prod", "pdm", "sync", ""),
        ("pipenv install --deploy --system", "pipenv", "install", ""),
        ("conda install -y -c conda-forge python=3.9 conda-forge::a=1=2", "conda", "install", "python=3.9 a=1"),
        ("micromamba create -n x -f env.yml", "conda", "install", ""),
        ("conda clean -afy", "conda", "clean", ""),
        ("npm install -g pnpm@8 @a/b@1.2 @c/d", "npm", "install", "pnpm=8 @a/b=1.2 @c/d"),
        ("npm i ./x a/b", "npm", "install", "path:./x url:a/b"),
        ("npm ci --omit dev", "npm", "sync", ""),
        ("npm --prefix web install", "npm", "install", ""),
        ("npm prune --production", "npm", "remove", ""),
        ("npm cache clean --force", "npm", "clean", ""),
        ("npm run build", "npm", "other", ""),
        ("yarn", "yarn", "install", ""),
        ("yarn install --frozen-lockfile --network-timeout 600000", "yarn", "install", ""),
        ("yarn global add serve@14", "yarn", "install", "serve=14"),
        ("yarn build", "yarn", "other", ""),
        ("pnpm install --prod --filter web", "pnpm", "install", ""),
        ("pnpm store prune", "pnpm", "clean", ""),
        ("bun install --production", "bun", "install", ""),
        ("bun add zod@3", "bun", "install", "zod=3"),
        ("gem install -N bundler -v 2.1 rake:13", "gem", "install", "bundler=2.1 rake=13"),
        ("bundle install --without development test", "bundler", "install", ""),
        ("composer require a/b:^1.0", "composer", "install", "a/b=^1.0"),
        ("php composer.phar install --no-dev", "composer", "install", ""),
        ("docker-php-ext-install -j$(nproc) gd pdo_mysql", "php-ext", "install", "gd pdo_mysql"),
        ("docker-php-ext-install --ini-name 0-x.ini zip", "php-ext", "install", "zip"),
        ("install-php-extensions xdebug-^3 @composer", "php-ext", "install", "xdebug=^3 @composer"),
        ("yes '' | pecl install -f redis-6.0.2 apcu", "pecl", "install", "redis=6.0.2 apcu"),
        ("pecl install channel://pecl.php.net/x-1.0 imagick-beta", "pecl", "install",
         "url:channel://pecl.php.net/x-1.0 imagick=beta"),
        ("pecl install xdebug-$VERSION", "pecl", "install", "xdebug=$VERSION"),
        ("pecl channel-update pecl.php.net", "pecl", "update", ""),
        ("cargo +nightly install --locked ripgrep@14 --version 1", "cargo", "install", "ripgrep=14"),
        ("cargo install --path .", "cargo", "install", "path:."),
        ("go install -ldflags '-s -w' a.b/c@latest", "go", "install", "a.b/c=latest"),
        ("go mod download", "go", "sync", ""),
        ("sudo -E -u root apt-get install gcc", "apt", "install", "gcc"),
        ("env A=b DEBIAN_FRONTEND=noninteractive apt-get install gcc", "apt", "install", "gcc"),
        ("exec time -p apt-get install gcc", "apt", "install", "gcc"),
        ("timeout -k 5 30 apt-get install gcc", "apt", "install", "gcc"),
        ("cat list | xargs -r -n 1 apt-get install -y", "apt", "install", "?"),
        ("conda run -n x pip install a", "pip", "install", "a"),
        ("busybox apk add a", "apk", "install", "a"),
        ("corepack pnpm install", "pnpm", "install", ""),
    ],
)  # fmt: skip
def test_operation(script: str, manager: str, action: str, packages: str) -> None:
    found = operations(script)[0]
    spelled = " ".join(
        ("" if p.kind == "package" else p.kind + ":")
        + ("?" if p.name is None else p.name)
        + ("" if p.version is None else "=" + p.version)
        for p in found.packages
    )
    assert (found.manager, found.action, spelled) == (manager, action, packages)


@pytest.mark.parametrize(
    "script", ["ls", "pip --version", "yarn --version", "$CMD install a", "echo apt-get install", "apt-get", ""]
)
def test_no_operation(script: str) -> None:
    assert operations(script) == []


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ("apt-get install -yqq --no-install-recommends a", {"yes": ("",), "quiet": ("", ""),
        "no-install-recommends": ("",)}),
        ("apt-get -o APT::Install-Recommends=false install a",
         {"option": ("APT::Install-Recommends=false",), "no-install-recommends": ("",)}),
        ("apk add -U -t .d a", {"update-cache": ("",), "virtual": (".d",)}),
        ("pip install -qr a.txt -r b.txt --no-cache-dir", {"quiet": ("",), "requirement": ("a.txt", "b.txt"),
        "no-cache-dir": ("",)}),
        ("pip install --index-url=$U a", {"index-url": ("$U",)}),
        ("npm ci --omit=dev", {"omit": ("dev",)}),
        ("yarn global add x", {"global": ("",)}),
        ("conda install -yc conda-forge a", {"yes": ("",), "channel": ("conda-forge",)}),
    ],
)  # fmt: skip
def test_options(script: str, options: dict[str, tuple[str, ...]]) -> None:
    assert only(script).options == options


def test_requirement_files_keep_their_order_and_a_variable_is_not_known() -> None:
    assert only("pip install -r a.txt --requirement=$R -rb.txt").requirements == ("a.txt", None, "b.txt")
    assert only("uv pip sync r.txt").requirements == ("r.txt",)
    assert only("conda env create --file env.yml").requirements == ("env.yml",)


def test_extras() -> None:
    assert [p.extras for p in only("pip install 'a[x, y]==1' .[dev]").packages] == [("x", "y"), ("dev",)]


def test_spans_point_at_verb_and_names() -> None:
    script = "set -e; apt-get -y install gcc  make=$V"
    found = only(script)
    assert script[slice(*found.verb_span)] == "install"
    assert [script[slice(*package.span)] for package in found.packages] == ["gcc", "make=$V"]


def test_program_of_looks_through_prefixes() -> None:
    assert program_of(read_script("sudo env A=1 make").commands[0]) == "make"
    assert program_of(read_script("python -m uvicorn app").commands[0]) == "uvicorn"
    assert program_of(read_script("$X").commands[0]) is None


WORDS = [
    "pip",
    "apt-get",
    "npm",
    "go",
    "install",
    "-",
    "--",
    "-r",
    "-y",
    "--x=",
    "$A",
    "a==",
    "@",
    "[",
    "sudo",
    "-m",
    "python",
    "xargs",
    "''",
]


@given(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
def test_any_command_line_is_read(script: str) -> None:
    operations(script)
