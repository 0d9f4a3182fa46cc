#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install what is missing, build, run every suite, say what was skipped and why.
#
#   sh tests/run.sh [MESON TEST ARGUMENTS]       BUILD=dir (default build)
#
# Exit status 0 only if nothing failed and only the tests that
# tests/allowed-skips names were skipped.
set -u

cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}

say()
{
	printf '%s\n' "$*"
}

die()
{
	say "tests/run.sh: $*" >&2
	exit 1
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

# Debian packages of what is not here, one name a line.
missing_packages()
{
	{ have cc && have make; } || say build-essential
	have meson || say meson
	have ninja || say ninja-build
	have pkg-config || say pkg-config
	have python3 || say python3
	have fusermount3 || say fuse3
	have free || say procps
	have unshare || say util-linux
	have mount || say mount
	while read -r module package; do
		pkg-config --exists "$module" 2>/dev/null || say "$package"
	done <<-END
		fuse3 libfuse3-dev
		inih libinih-dev
		cmocka libcmocka-dev
	END
}

install_packages()
{
	have apt-get || die "missing: $*; install them by hand"
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		have sudo || die "missing: $*; become root or install sudo"
		as_root='sudo -n'
	fi
	say "Installing: $*"
	export DEBIAN_FRONTEND=noninteractive
	$as_root apt-get -q update </dev/null &&
		$as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get -q -y --no-install-recommends install "$@" \
			</dev/null ||
		die "apt-get could not install: $*"
}

configure()
{
	if [ -f "$build/build.ninja" ]; then
		return 0
	fi
	rm -rf "$build"
	meson setup "$build"
}

packages=$(missing_packages)
if [ -n "$packages" ]; then
	# Names of packages hold no blanks: the split is wanted.
	# shellcheck disable=SC2086
	install_packages $packages
fi

configure || die "meson could not configure $build"
ninja -C "$build" || die "the build failed"

log=$build/meson-logs/testlog-all.json
rm -f "$log"
meson test -C "$build" --no-rebuild --setup all --print-errorlogs "$@" \
	</dev/null
status=$?
python3 tests/report.py "$log" tests/allowed-skips "$status"
