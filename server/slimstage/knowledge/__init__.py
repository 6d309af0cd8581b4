"""What the project knows: records from `knowledge/*.yaml`, texts in English and Korean, users' own facts on top."""

from __future__ import annotations

from slimstage.knowledge.base import KnowledgeBase, load
from slimstage.knowledge.records import BaseImage, Claim, ImageMatch, Lang, PythonPackage, SystemPackage, Text

__all__ = ["BaseImage", "Claim", "ImageMatch", "KnowledgeBase", "Lang", "PythonPackage", "SystemPackage", "Text", "load"]
