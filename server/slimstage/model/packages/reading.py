"""From a simple command to the package operations it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slimstage.model.packages import languages, node, python, system
from slimstage.model.packages.operations import PackageName, PackageOperation
from slimstage.model.packages.options import CommandLine, Grammar, literal, read_command_line
from slimstage.model.packages.prefixes import target_of
from slimstage.shell.nodes import ShellWord, SimpleCommand
from slimstage.text import Span, lazy_pattern

_Reader = Callable[[ShellWord], PackageName]

_PROGRAMS: dict[str, tuple[Grammar, _Reader]] = {
    **dict.fromkeys(("apt", "apt-get", "aptitude", "nala"), (system.APT, system.apt_package)),
    "apk": (system.APK, system.apk_package),
    **dict.fromkeys(("dnf", "dnf5", "yum", "microdnf", "tdnf"), (system.DNF, system.dnf_package)),
    "zypper": (system.ZYPPER, system.zypper_package),
    "pip": (python.PIP, python.python_package),
    "pip-sync": (python.PIP_SYNC, python.python_package),
    "uv": (python.UV, python.python_package),
    "poetry": (python.POETRY, python.python_package),
    "pdm": (python.PDM, python.python_package),
    "pipenv": (python.PIPENV, python.python_package),
    **dict.fromkeys(("conda", "mamba", "micromamba"), (python.CONDA, python.conda_package)),
    "npm": (node.NPM, node.node_package),
    **dict.fromkeys(("yarn", "yarnpkg"), (node.YARN, node.node_package)),
    "pnpm": (node.PNPM, node.node_package),
    "bun": (node.BUN, node.node_package),
    "gem": (languages.GEM, languages.gem_package),
    **dict.fromkeys(("bundle", "bundler"), (languages.BUNDLER, languages.gem_package)),
    **dict.fromkeys(("composer", "composer.phar"), (languages.COMPOSER, languages.composer_package)),
    **dict.fromkeys(
        ("docker-php-ext-install", "install-php-extensions"), (languages.PHP_EXTENSIONS, languages.php_extension)
    ),
    "pecl": (languages.PECL, languages.php_extension),
    "cargo": (languages.CARGO, languages.at_package),
    "go": (languages.GO, languages.at_package),
}
_PIP = lazy_pattern(r"pip[0-9.]*")
_FALSE = ("false", "0", "no")
# Verbs whose plain words are packages; `clean all`, `run build` and the like take other things.
_TAKES_PACKAGES = ("install", "remove", "upgrade")
# ... and neither do these: what they install stands in a manifest.
_NO_NAMES = frozenset((("bundler", "install"), ("composer", "install"), ("poetry", "install"), ("pdm", "install")))
# Options whose value is a package.
_PACKAGE_OPTIONS = {"editable": ("pip", "uv", "pdm", "pipenv"), "path": ("cargo",), "git": ("cargo",)}


def program_of(command: SimpleCommand) -> str | None:
    """The program a command really runs, looking through sudo, env, `python -m` ...; None when hidden."""
    target = target_of(command.words)
    return target.program if target else None


def package_operations(command: SimpleCommand) -> Iterator[PackageOperation]:
    """The package operations of a simple command (looks through sudo, env, `python -m pip`, `xargs`...).

    A call with a verb that changes no packages (`npm run`) is an operation with action "other".
    """
    target = target_of(command.words)
    if target is None:
        return
    program = "pip" if _PIP.fullmatch(target.program) else target.program
    known = _PROGRAMS.get(program)
    if known is None:
        return
    grammar, read_package = known
    words = target.words[1:]
    if grammar.manager == "cargo" and words and words[0].raw.startswith("+"):
        words = words[1:]  # a toolchain: cargo +nightly build
    line = read_command_line(words, grammar)
    verb = _verb(line, grammar, target.words[0])
    if verb is None:
        return
    name, key, span = verb
    action = grammar.verbs.get(key, "other")
    options: dict[str, tuple[str, ...]] = {}
    for option, value, _ in line.options:
        options[option] = (*options.get(option, ()), value)
    packages: list[PackageName] = []
    requirements = [_known(value, word) for value, word in line.values("requirement")]
    if grammar.manager == "conda":
        requirements += [_known(value, word) for value, word in line.values("file")]
    if key.startswith("global "):
        options.setdefault("global", ("",))
    if action in _TAKES_PACKAGES and not key.startswith("env ") and (grammar.manager, key) not in _NO_NAMES:
        packages += (read_package(word) for word in line.words)
        for option, managers in _PACKAGE_OPTIONS.items():
            if grammar.manager in managers:
                packages += (_from_option(word, value, option) for value, word in line.values(option) if word)
        if target.by_xargs:
            packages.append(PackageName("", Span(command.span.end, command.span.end), None))
    elif action == "sync" and grammar.manager in ("pip", "uv") and key in ("sync", "pip sync"):
        requirements += (literal(word) for word in line.words)
    if grammar.manager == "apt":
        _apt_settings(options)
    if grammar.manager in ("gem", "cargo") and options.get("version"):
        packages = [_with_version(package, options["version"][-1]) for package in packages]
    yield PackageOperation(grammar.manager, action, command, name, span, tuple(packages), options, tuple(requirements))


def _verb(line: CommandLine, grammar: Grammar, program: ShellWord) -> tuple[str, str, Span] | None:
    """The verb as written, its key in the grammar and its span; takes its words off the line."""
    if grammar.one_verb and grammar.default_verb and line.words:
        return grammar.default_verb, grammar.default_verb, program.span
    at = next((i for i, word in enumerate(line.words) if literal(word) is not None), None)
    if at is None:
        default = grammar.default_verb
        wanted = not line.words and not any(name in ("version", "help", "v", "h") for name, _, _ in line.options)
        return (default, default, program.span) if default and wanted else None
    word = line.words[at]
    verb = literal(word) or ""
    del line.words[: at + 1]
    if verb in grammar.groups and line.words:
        second = literal(line.words[0])
        if second is not None:
            inner = line.words.pop(0)
            return second, f"{verb} {second}", inner.span
    return verb, verb, word.span


def _known(value: str, word: ShellWord | None) -> str | None:
    return None if word is None or literal(word) is None else value


def _from_option(word: ShellWord, value: str, option: str) -> PackageName:
    if option == "git":
        return PackageName(word.raw, word.span, _known(value, word), kind="url")
    if option == "path":
        return PackageName(word.raw, word.span, _known(value, word), kind="path")
    found = python.python_package(word, value)
    if found.kind == "package":  # `-e src` is a folder
        return PackageName(found.raw, found.span, found.name, None, found.extras, "path")
    return found


def _apt_settings(options: dict[str, tuple[str, ...]]) -> None:
    """`-o APT::Install-Recommends=0` means --no-install-recommends, `-o APT::Get::Assume-Yes=1` means --yes."""
    for setting in options.get("option", ()):
        name, _, value = setting.partition("=")
        value = value.strip("\"'").lower()
        if name.lower() == "apt::install-recommends" and value in _FALSE:
            options.setdefault("no-install-recommends", ("",))
        elif name.lower() == "apt::get::assume-yes" and value and value not in _FALSE:
            options.setdefault("yes", ("",))


def _with_version(package: PackageName, version: str) -> PackageName:
    if package.version is not None or package.kind != "package":
        return package
    return PackageName(package.raw, package.span, package.name, version, package.extras)
