#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install what is missing, build, run every suite; then the same tests on a
# build that stops at bad memory accesses and undefined behaviour. At the end
# it says what was skipped and why.
#
#   sh tests/run.sh [MESON TEST ARGUMENTS]
#
#   BUILD=dir       where to build (default build); DIR-checked is the second
#   CHECKED=no      without the second build
#
# Exit status 0 only if nothing failed and only the tests that
# tests/allowed-skips names were skipped.
set -u

cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
. tools/packages.sh

# run FOLDER [ARGUMENT...]: leaves `FOLDER STATUS` for the report. What the
# sanitizers say goes to files, so that a daemon in the background is heard.
run()
{
	run_folder=$1
	shift
	rm -rf "$run_folder/meson-logs/testlog-all.json" "$run_folder/reports"
	mkdir -p "$run_folder/reports"
	run_path=$(cd "$run_folder" && pwd)/reports/report
	ASAN_OPTIONS=log_path=$run_path \
	UBSAN_OPTIONS=print_stacktrace=1:log_path=$run_path \
	meson test -C "$run_folder" --no-rebuild --setup all \
		--print-errorlogs "$@" </dev/null
	runs="$runs $run_folder $?"
}

runs=
install_missing missing_packages
(install_missing missing_test_packages)
install_tools
build_tree "$build"
run "$build" "$@"
if [ "${CHECKED:-yes}" = yes ]; then
	build_tree "$build-checked" -Db_sanitize=address,undefined \
		-Db_lundef=false -Dwerror=false \
		-Dc_args=-fno-sanitize-recover=all
	run "$build-checked" --no-suite lint --no-suite long "$@"
fi
# Folders and numbers: the split is wanted.
# shellcheck disable=SC2086
python3 tests/report.py tests/allowed-skips $runs
