"""What the project knows: records from `knowledge/*.yaml`, texts in English and Korean, users' own facts on top."""

from __future__ import annotations

from slimstage.knowledge.base import KnowledgeBase, fill, load
from slimstage.knowledge.records import BaseImage, Claim, ImageMatch, Lang, PythonPackage, SystemPackage, Text
from slimstage.knowledge.store import KnowledgeError

__all__ = [
    "BaseImage",
    "Claim",
    "ImageMatch",
    "KnowledgeBase",
    "KnowledgeError",
    "Lang",
    "PythonPackage",
    "SystemPackage",
    "Text",
    "fill",
    "load",
]
