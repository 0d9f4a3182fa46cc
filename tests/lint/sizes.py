#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Functions of at most 100 lines (those over 60 are listed), files of 500."""
import source

FILE, FUNCTION, LISTED = 500, 100, 60


def functions(path):
    """(line, length) of every function: its braces stand in column 0."""
    start = None
    for number, line in enumerate(source.bare(path).splitlines(), 1):
        if line.rstrip() == "{":
            start = number
        elif line.startswith("}") and start:
            yield start, number - start + 1
            start = None


def main():
    faults = []
    for path in source.files(r"^(vmcore|fs|tools|tests)/.*\.(c|h|py|sh)$"):
        lines = source.text(path).count("\n")
        if lines > FILE:
            faults.append("%s: %d lines" % (path, lines))
        if not path.endswith(".c"):
            continue
        for start, length in functions(path):
            if length > FUNCTION:
                faults.append("%s:%d: %d lines" % (path, start, length))
            elif length > LISTED:
                print("%s:%d: %d lines, to review" % (path, start, length))
    source.end(faults)


main()
