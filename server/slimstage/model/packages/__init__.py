"""What commands do to installed packages: apt, apk, dnf, pip and kin, npm and kin, gem, composer, pecl ..."""

from slimstage.model.packages.operations import Action, Manager, PackageName, PackageOperation
from slimstage.model.packages.reading import package_operations, program_of

__all__ = ["Action", "Manager", "PackageName", "PackageOperation", "package_operations", "program_of"]
