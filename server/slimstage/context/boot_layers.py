"""Whether a build writes Spring Boot's jar with the layers that it has by default, as far as the build files say it.

Only what is literal counts: a version that a property or another file decides, or any word that changes the layout of
the jar, makes the answer no.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from slimstage.context import BuildContext
from slimstage.text import lazy_pattern

_XML_COMMENT = lazy_pattern(r"<!--.*?-->", re.DOTALL)
_PROFILES = lazy_pattern(r"<profiles>.*?</profiles>", re.DOTALL)
_MANAGED = lazy_pattern(r"<pluginManagement>.*?</pluginManagement>", re.DOTALL)
_GRADLE_COMMENT = lazy_pattern(r"/\*.*?\*/|(?<![:\"'\w])//[^\n]*", re.DOTALL)
_PARENT = lazy_pattern(r"<parent>(.*?)</parent>", re.DOTALL)
_PLUGIN = lazy_pattern(r"<plugin>(.*?)</plugin>", re.DOTALL)
_VERSION = lazy_pattern(r"<version>\s*(\d+)\.(\d+)[\w.-]*\s*</version>")
_GRADLE_PLUGIN = lazy_pattern(r"org\.springframework\.boot['\"]\s*\)?\s*version\s*\(?\s*['\"](\d+)\.(\d+)[^'\"$]*['\"]")
Facts = Mapping[str, Sequence[str]]


def writes_layers(context: BuildContext, module: str, root: str | None, facts: Facts) -> bool:
    """Whether the module in a folder surely packs a Spring Boot jar in the default layers, with the tool to unpack it.

    `root` is the folder of Gradle's root project, None for Maven. `facts` are Java's of the knowledge base:
    `boot-layers-since` the first version with that tool, `boot-layers-changed` the words that change the layout.
    """
    version = _maven(context, module, facts) if root is None else _gradle(context, root, module, facts)
    since = tuple(int(part) for part in facts["boot-layers-since"][0].split("."))
    return version is not None and version >= since


def _maven(context: BuildContext, folder: str, facts: Facts) -> tuple[int, int] | None:
    text = _XML_COMMENT.sub("", context.read_text(posixpath.join(folder, "pom.xml")) or "")
    always = _PROFILES.sub("", text)
    plugins = _plugins(_MANAGED.sub("", always))
    # A profile's plugin may be the one that is used, and what is managed holds for the others.
    if len(plugins) != 1 or len(_plugins(text)) > len(_plugins(always)):
        return None
    if any(_changes(plugin, facts) for plugin in _plugins(always)):
        return None
    parent = next(iter(_PARENT.findall(text)), "")
    # The starter's parent binds `repackage` and says the plugin's version.
    if "<artifactId>spring-boot-starter-parent<" in parent and "<version>" not in plugins[0]:
        return _read_version(parent)
    return _read_version(plugins[0]) if "<goal>repackage<" in plugins[0] else None


def _plugins(text: str) -> list[str]:
    return [body for body in _PLUGIN.findall(text) if "<artifactId>spring-boot-maven-plugin<" in body]


def _read_version(text: str) -> tuple[int, int] | None:
    found = _VERSION.search(text)
    return (int(found[1]), int(found[2])) if found is not None else None


def _gradle(context: BuildContext, root: str, module: str, facts: Facts) -> tuple[int, int] | None:
    texts = list(_gradle_texts(context, dict.fromkeys((module, root))))
    if not texts or any(_changes(text, facts) for text in texts):
        return None
    found = next((found for found in map(_GRADLE_PLUGIN.search, texts) if found is not None), None)
    return (int(found[1]), int(found[2])) if found is not None else None


def _gradle_texts(context: BuildContext, folders: Mapping[str, None]) -> Iterator[str]:
    for folder in folders:
        for name in ("build.gradle", "build.gradle.kts"):
            text = context.read_text(posixpath.join(folder, name))
            if text is not None:
                yield _GRADLE_COMMENT.sub("", text)


def _changes(text: str, facts: Facts) -> bool:
    return any(word in text for word in facts["boot-layers-changed"])
