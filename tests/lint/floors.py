#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Includes point down the floors, and the libraries stay where they belong."""
import os
import re

import source

FLOORS = ["base", "phys", "control", "kmem", "cache", "space", "reclaim",
          "memory", "task"]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# What strict ISO C11 offers a model that does no I/O and reads no clock.
ISO = {"assert.h", "errno.h", "inttypes.h", "limits.h", "stdalign.h",
       "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",
       "stdlib.h", "stdnoreturn.h", "string.h"}
# Header of a library -> the only files that may include it.
OWNERS = {r"^fuse": r"^(fs/fuse-[^/]*\.[ch]|(tools/fauxproc|tests/shell/bare)\.c)$",
          r"^ini\.h$": r"^fs/profile-ini\.c$"}


def floor(path):
    parts = path.split("/")
    if parts[0] != "vmcore":
        return None
    return FLOORS.index(parts[1]) if parts[1] in FLOORS else len(FLOORS)


def machine_allowed(path):
    return (re.match(r"^vmcore/(machine[^/]*\.[ch]|task/)", path)
            or not path.startswith("vmcore/"))


def fault(path, kind, name):
    """What is wrong with one include, or None."""
    for header, owner in OWNERS.items():
        if re.search(header, name) and not re.search(owner, path):
            return "the library is used elsewhere"
    if not path.startswith("vmcore/"):
        return None
    if kind == "<":
        return None if name in ISO else "not a header of the model"
    if name.endswith(".def") and "/" not in name:
        name = os.path.dirname(path) + "/" + name
    if not name.startswith("vmcore/"):
        return "vmcore includes only vmcore, by its full path"
    if name.startswith("vmcore/machine"):
        return None if machine_allowed(path) else "machine is above all floors"
    return "climbs a floor" if floor(name) > floor(path) else None


def main():
    faults = []
    for path in source.files(r"^(vmcore|fs|tools|tests)/.*\.[ch]$"):
        for number, line in enumerate(source.text(path).splitlines(), 1):
            m = INCLUDE.match(line)
            why = m and fault(path, m[1], m[2])
            if why:
                faults.append("%s:%d: %s: %s" % (path, number, m[2], why))
    source.end(faults)


main()
