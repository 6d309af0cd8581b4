"""Images and tags for FROM and `--from=`: what we know with its size, then every official tag."""

from __future__ import annotations

from slimstage.analysis import Analysis
from slimstage.features.candidates import Candidate
from slimstage.features.describe import claim_value

MOST = 100  # an editor shows a dozen; more are found by typing on
MOST_REPOSITORIES = 60


def is_tag(typed: str) -> bool:
    """Whether a tag is being typed: a colon that is not a registry's port."""
    return ":" in typed.rpartition("/")[2]


def image_candidates(analysis: Analysis, typed: str, lang: str) -> tuple[list[Candidate], bool]:
    """Candidates for an image reference, and whether more were left out."""
    if "@" in typed:
        return [], False
    if is_tag(typed):
        repository, _, tag = typed.rpartition(":")
        return _tags(analysis, repository, tag, lang)
    return _repositories(analysis, typed, lang)


def _repositories(analysis: Analysis, typed: str, lang: str) -> tuple[list[Candidate], bool]:
    kb = analysis.knowledge
    wanted = typed.lower()
    known = [name for name in kb.repositories() if wanted in name and name != "scratch"]
    official = [name for name in kb.official_repositories() if wanted in name and name not in known]
    found = []
    if wanted in "scratch":
        found.append(Candidate("scratch", "image", detail=kb.text("completion.scratch", lang), topic="image scratch"))
    if wanted in known:
        # The repository is written out: its images with their sizes, before others that contain its name.
        found += [_tag(analysis, wanted, each, lang) for each in _main_tags(analysis, wanted)]
    found += [_repository(analysis, name, lang) for name in known]
    detail = kb.text("completion.official", lang)
    found += [Candidate(name, "image", detail=detail) for name in official]
    return found[:MOST_REPOSITORIES], len(found) > MOST_REPOSITORIES


def _main_tags(analysis: Analysis, repository: str) -> list[str]:
    kb = analysis.knowledge
    return [tag for tag in kb.tags(repository) if f"{repository}:{tag}" in kb.images]


def _repository(analysis: Analysis, name: str, lang: str) -> Candidate:
    tags = _main_tags(analysis, name)
    detail = analysis.knowledge.text("completion.repository", lang, count=len(tags), example=tags[0] if tags else "")
    return Candidate(name, "image", detail=detail, topic=f"image {name} {tags[0]}" if tags else "")


def _tag(analysis: Analysis, repository: str, tag: str, lang: str) -> Candidate:
    reference = f"{repository}:{tag}"
    return Candidate(reference, "tag", detail=_size(analysis, repository, tag, lang), topic=f"image {repository} {tag}")


def _size(analysis: Analysis, repository: str, tag: str, lang: str) -> str:
    kb = analysis.knowledge
    match = kb.image(repository, tag)
    if match is None:
        return ""
    summary = match.image.summary.to(lang)
    if not match.exact or match.image.disk is None:
        return summary if match.exact else ""
    return kb.text("completion.sized", lang, size=claim_value(match.image.disk, kb, lang), summary=summary)


def _tags(analysis: Analysis, repository: str, typed: str, lang: str) -> tuple[list[Candidate], bool]:
    kb = analysis.knowledge
    name = repository.removeprefix("docker.io/").removeprefix("library/")
    known = [tag for tag in kb.tags(name) if typed in tag]
    seen = set(known)
    rest = [tag for group in kb.official_tags(name) for tag in group if typed in tag and tag not in seen]
    rest.sort(key=lambda tag: (not tag.startswith(typed), len(tag) > len(typed) + 12))
    found = [
        Candidate(f"{repository}:{tag}", "tag", detail=_size(analysis, name, tag, lang), topic=f"image {name} {tag}")
        for tag in known
    ]
    official = kb.text("completion.official_tag", lang)
    found += [Candidate(f"{repository}:{tag}", "tag", detail=official) for tag in rest]
    return found[:MOST], len(found) > MOST
