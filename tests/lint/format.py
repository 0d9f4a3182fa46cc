#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What clang-format 14 would change: another version judges differently."""
import re
import shutil
import subprocess

import source

VERSION = 14


def find():
    for name in ("clang-format-%d" % VERSION, "clang-format"):
        if not shutil.which(name):
            continue
        m = re.search(r"version (\d+)", source.output(name, "--version"))
        if m and int(m[1]) == VERSION:
            return name
    source.skip("no clang-format %d" % VERSION)


def main():
    done = subprocess.run(
        [find(), "--dry-run", "-Werror", "--ferror-limit=3"]
        + source.files(r"^(vmcore|fs|tools|tests)/.*\.[ch]$"),
        cwd=source.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        universal_newlines=True, check=False)
    source.end(sorted(set(re.findall(r"^(\S+?:\d+):\d+: error", done.stdout,
                                     re.M))))


main()
