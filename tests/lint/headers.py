#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""headers.py CC...: every header compiles alone and says what it models."""
import os
import re
import shutil
import subprocess
import sys

import source

DOC = ("Models:", "Owns:", "Units:", "Order:", "Omits:")


def flags():
    found = []
    if shutil.which("pkg-config"):
        for module in ("fuse3", "inih"):
            found += subprocess.run(["pkg-config", "--cflags", module],
                                    stdout=subprocess.PIPE,
                                    universal_newlines=True).stdout.split()
    return found


def compiles(compiler, path, extra):
    """The compiler's complaint about a file that only includes the header."""
    posix = [] if path.startswith("vmcore/") else ["-D_XOPEN_SOURCE=700"]
    done = subprocess.run(
        compiler + ["-std=c11", "-fsyntax-only", "-Wall", "-Wextra",
                    "-Wpedantic", "-Wundef", "-Werror", "-I", source.ROOT]
        + posix + extra + ["-x", "c", "-"],
        input='#include "%s"\n#include "%s"\nextern int lint_nothing;\n'
        % (path, path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        universal_newlines=True, check=False)
    return done.stdout if done.returncode else None


def main():
    compiler, extra, faults = sys.argv[1:], flags(), []
    os.chdir(source.ROOT)
    for path in source.files(r"^(vmcore|fs|tools|tests)/.*\.h$"):
        text = source.text(path)
        # Those of tests want cmocka.
        wrong = not path.startswith("tests/") \
            and compiles(compiler, path, extra)
        if wrong:
            faults.append("%s: does not compile alone\n%s" % (path, wrong))
        guard = re.sub(r"[^A-Z0-9]", "_", path.upper())
        if not all(d in text for d in DOC):
            faults.append("%s: its DOC block lacks a line of %s"
                          % (path, " ".join(DOC)))
        if not re.search(r"^#ifndef \w+_H\n#define \w+_H$", text, re.M):
            faults.append("%s: no guard (%s)" % (path, guard))
    source.end(faults)


main()
