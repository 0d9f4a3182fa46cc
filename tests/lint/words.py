#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Licence lines, words of unfinished work, floating point, line ends."""
import re

import source

LICENCE = "SPDX-License-Identifier: Apache-2.0"
FIRST = {"c": "// " + LICENCE, "h": "/* " + LICENCE + " */",
         "def": "/* " + LICENCE + " */"}
# Split, so that this file does not name what it looks for.
WORDS = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK|st" r"ub"
                   r"|place" r"holder|not imple" r"mented)\b")
CODE = r"^(vmcore|fs|tools|tests|etc|\.ci)/|(^|/)meson\.(build|options)$"


def licence(path, lines):
    kind = path.rsplit(".", 1)[-1]
    if kind in FIRST:
        return lines[:1] == [FIRST[kind]]
    return any(LICENCE in line for line in lines[:2])


def main():
    faults = []
    for path in source.files(CODE):
        if path.endswith((".md", ".tsv", ".pyc", ".mm", ".txt", ".bin")):
            continue
        text = source.text(path)
        lines = text.splitlines()
        if not licence(path, lines):
            faults.append("%s:1: no licence line" % path)
        if text and not text.endswith("\n"):
            faults.append("%s: no newline at the end" % path)
        for number, line in enumerate(lines, 1):
            m = WORDS.search(line)
            if m:
                faults.append("%s:%d: %s" % (path, number, m[0]))
            if line != line.rstrip():
                faults.append("%s:%d: blank at the end" % (path, number))
    for path in source.files(r"^vmcore/.*\.[ch]$"):
        for number, line in enumerate(source.bare(path).splitlines(), 1):
            m = re.search(r"\b(float|double)\b", line)
            if m:
                faults.append("%s:%d: %s" % (path, number, m[0]))
    source.end(faults)


main()
