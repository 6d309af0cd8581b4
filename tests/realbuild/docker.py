"""The Docker daemon of the real builds: the one DOCKER_HOST names, else one of our own in a Debian tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

# dockerd wants `/` to be a mount point, so the tree becomes the root of a mount namespace of its own: in a plain
# chroot every build fails with "remount /: invalid argument".
_START = """
mount --bind "$TREE" "$TREE"
mount --rbind /proc "$TREE/proc"; mount --rbind /sys "$TREE/sys"; mount --rbind /dev "$TREE/dev"
mount -t tmpfs tmpfs "$TREE/run"
mount --bind "$DATA" "$TREE/data"
mount --bind "$SOCKET" "$TREE/hostrun"
cp -L /etc/resolv.conf "$TREE/etc/resolv.conf"
cd "$TREE"; pivot_root . .old; umount -l /.old
exec /usr/sbin/dockerd --data-root /data --exec-root /run/docker -H unix:///hostrun/docker.sock \
    --pidfile /run/dockerd.pid --iptables=false --ip6tables=false --bridge=none
"""
RELEASE = "trixie"
_PACKAGES = "docker.io,docker-cli,docker-buildx,iptables,ca-certificates"


class Unavailable(Exception):
    """Real builds cannot be done here; the text says what is missing."""


@dataclass
class Docker:
    """A daemon and the command line that talks to it. `seconds` collects how long each build took, by tag."""

    program: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self, *arguments: str, check: bool = True, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command line; with `check` a failure raises with its output."""
        done = subprocess.run(
            [self.program, *arguments],
            check=False,
            env=self.environment,
            input=stdin,
            text=True,
            encoding="utf-8",
            errors="replace",
            capture_output=True,
            timeout=1500,
        )
        if check and done.returncode:
            raise AssertionError(f"docker {' '.join(arguments)}: {done.stderr[-3000:]}{done.stdout[-500:]}")
        return done

    def build(self, tag: str, context: Path, dockerfile: str, target: str = "") -> None:
        """Build an image; provenance off, because it would make an index instead of an image."""
        start = time.monotonic()
        text = "\n".join("#" if line.startswith("# syntax=") else line for line in dockerfile.split("\n"))
        options = ["-q", "--network", "host", "--provenance=false", "-t", tag, "-f", "-"]
        options += ["--target", target] if target else []
        self.run("build", *options, str(context), stdin=text)
        self.seconds[tag] = time.monotonic() - start

    def has(self, tag: str) -> bool:
        """Whether the image is there."""
        return self.run("image", "inspect", tag, check=False).returncode == 0

    def size(self, tag: str) -> int:
        """Bytes on disk, as `docker images` shows them: the sum of the layers, uncompressed."""
        return int(self.run("image", "inspect", "-f", "{{.Size}}", tag).stdout)

    def stop(self) -> None:
        """Stop our own daemon; one that was there before is left alone."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)


def find(cache: Path) -> Docker:
    """The daemon to build with; raises `Unavailable`."""
    program = shutil.which("docker")
    if os.environ.get("DOCKER_HOST"):
        if program is None:
            raise Unavailable("DOCKER_HOST is set, but there is no docker command")
        found = Docker(program, dict(os.environ))
        if found.run("version", check=False).returncode:
            raise Unavailable("the daemon of DOCKER_HOST does not answer")
        return found
    return _own(cache, program)


def _own(cache: Path, program: str | None) -> Docker:
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        raise Unavailable("not root on Linux, and DOCKER_HOST names no daemon")
    if "overlay" not in Path("/proc/filesystems").read_text(encoding="utf-8"):
        raise Unavailable("this kernel has no overlay file system")
    for tool in ("mmdebstrap", "unshare", "pivot_root", "nsenter"):
        if shutil.which(tool) is None:
            raise Unavailable(f"{tool} is not installed, and DOCKER_HOST names no daemon")
    tree, data, socket = cache / "tree", cache / "data", cache / "socket"
    if not (tree / "usr/sbin/dockerd").exists():
        shutil.rmtree(tree, ignore_errors=True)
        _make_tree(tree)
    for folder in (data, socket, tree / "data", tree / "hostrun", tree / ".old"):
        folder.mkdir(parents=True, exist_ok=True)
    plugins = cache / "config/cli-plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    shutil.copy2(tree / "usr/libexec/docker/cli-plugins/docker-buildx", plugins / "docker-buildx")
    program = program or str(tree / "usr/bin/docker")
    log = (cache / "dockerd.log").open("wb")
    process = subprocess.Popen(
        ["unshare", "-m", "--propagation", "private", "sh", "-euc", _START],
        env={**os.environ, "TREE": str(tree), "DATA": str(data), "SOCKET": str(socket)},
        stdout=log,
        stderr=log,
    )
    environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}/docker.sock", "DOCKER_CONFIG": str(cache / "config")}
    found = Docker(program, environment, process)
    for _ in range(120):
        if found.run("version", check=False).returncode == 0:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.5)
    found.stop()
    raise Unavailable(f"dockerd does not start; see {cache / 'dockerd.log'}")


def debian_sources(release: str) -> str:
    """The machine's own Debian sources, for another release of Debian."""
    known = Path("/etc/apt/sources.list.d/debian.sources")
    if not known.exists():
        raise Unavailable("no Debian sources on this machine to take packages from")
    current = next(
        (line.split("=")[1] for line in _os_release() if line.startswith("VERSION_CODENAME=")),
        "bookworm",
    )
    return known.read_text(encoding="utf-8").replace(current, release)


def _os_release() -> list[str]:
    return Path("/etc/os-release").read_text(encoding="utf-8").splitlines()


def mmdebstrap(release: str, target: str, *options: str) -> None:
    """Make a minimal Debian tree or archive; a clock that is off must not stop it."""
    subprocess.run(
        [
            "mmdebstrap",
            "--variant=minbase",
            "--skip=check/empty",
            "--dpkgopt=force-unsafe-io",
            '--aptopt=APT::Install-Recommends "false"',
            '--aptopt=Acquire::Check-Valid-Until "false"',
            '--aptopt=Acquire::Check-Date "false"',
            *options,
            release,
            target,
            "-",
        ],
        input=debian_sources(release),
        text=True,
        check=True,
        capture_output=True,
        timeout=900,
    )


def _make_tree(tree: Path) -> None:
    try:
        mmdebstrap(RELEASE, str(tree), f"--include={_PACKAGES}")
    except subprocess.CalledProcessError as error:
        shutil.rmtree(tree, ignore_errors=True)
        raise Unavailable(f"mmdebstrap makes no tree with dockerd: {error.stderr[-400:]}") from error
