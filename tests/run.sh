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
. tools/packages.sh

build_tree "$build"
log=$build/meson-logs/testlog-all.json
rm -f "$log"
meson test -C "$build" --no-rebuild --setup all --print-errorlogs "$@" \
	</dev/null
status=$?
python3 tests/report.py "$log" tests/allowed-skips "$status"
