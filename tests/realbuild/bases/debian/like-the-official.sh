#!/bin/sh
# Leaves out what debian:*-slim leaves out, sets apt up as its images do, and trusts what this machine trusts
# (REALBUILD_CERTIFICATES), so that package indexes are reached from inside a build too.
set -eu
root=$1
perl=$(chroot "$root" dpkg-query -W -f '${Package} ' 'perl-modules-5.*' 'libperl5.*' || true)
# shellcheck disable=SC2086  # names, none with a blank
chroot "$root" apt-get purge -y --auto-remove usrmerge perl libfile-find-rule-perl $perl
if [ -n "${REALBUILD_CERTIFICATES:-}" ]; then
    mkdir -p "$root/usr/local/share" "$root/usr/local/etc"
    cp -L "$REALBUILD_CERTIFICATES" "$root/usr/local/share/realbuild.pem"
    printf '[global]\ncert = /usr/local/share/realbuild.pem\n' > "$root/etc/pip.conf"
    echo cafile=/usr/local/share/realbuild.pem > "$root/usr/local/etc/npmrc"
fi
cat > "$root/etc/apt/apt.conf.d/docker" <<'C'
APT::Install-Suggests "0";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
C
cat > "$root/etc/apt/apt.conf.d/docker-clean" <<'C'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
C
# What made the tree keeps its own settings of apt in it; the official image installs what is recommended.
sed -i '/Install-Recommends/d' "$root/etc/apt/apt.conf.d/99mmdebstrap"
echo force-unsafe-io > "$root/etc/dpkg/dpkg.cfg.d/docker-apt-speedup"
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin
