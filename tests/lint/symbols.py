#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""symbols.py LIBVMCORE: the model has no state of its own and does no I/O.

No member of the library may have a symbol in a writable section, and none may
call a function of the C library beyond those named here.
"""
import re
import sys

import source

ALLOWED = {
    "malloc", "calloc", "realloc", "aligned_alloc", "free",
    "memchr", "memcmp", "memcpy", "memmove", "memset",
    "strchr", "strcmp", "strcpy", "strlen", "strncmp", "strncpy", "strnlen",
    "strrchr", "strspn", "strcspn", "strstr",
    "snprintf", "vsnprintf", "strtol", "strtoul", "strtoll", "strtoull",
    "qsort", "bsearch", "__assert_fail", "abort",
}
# What compilers call by themselves: wide arithmetic, checks, fortified forms.
COMPILER = re.compile(r"^(_GLOBAL_OFFSET_TABLE_|__stack_chk_fail"
                      r"|__(u?div|u?mod|mul|popcount|clz|ctz|ffs)\w*[sdt]i\d"
                      r"|__\w+_chk|__isoc\d\d_strto\w+|__gcov\w*)$")
SANITIZER = re.compile(r"^__(asan|ubsan|tsan|msan)_")
WRITABLE = re.compile(r"^\.(data|bss|tdata|tbss)(?!\.rel\.ro)(\.|$)|^\*COM\*$")
MEMBER = re.compile(r"^(\S+):\s+file format|^(\S+\.o):$")


def writable(library):
    faults, member = [], "?"
    for line in source.output("objdump", "-t", library).splitlines():
        m = MEMBER.match(line)
        if m:
            member = m[1] or m[2]
        w = re.match(r"^[0-9a-f]+ (.{7}) (\S+)\s+([0-9a-f]+)\s+(\S+)$", line)
        if w and WRITABLE.match(w[2]) and int(w[3], 16) and "O" in w[1]:
            faults.append("%s: %s is writable (%s)" % (member, w[4], w[2]))
    return faults


def foreign(library):
    defined, wanted, member = set(), [], "?"
    for line in source.output("nm", library).splitlines():
        m = MEMBER.match(line)
        words = line.split()
        if m:
            member = m[1] or m[2]
        elif len(words) == 2 and words[0] in "Uwv":
            wanted.append((member, words[1]))
        elif len(words) == 3:
            defined.add(words[2])
    if any(SANITIZER.match(name) for _, name in wanted):
        source.skip("built with sanitizers")
    return ["%s: calls %s" % (where, name) for where, name in wanted
            if name not in defined and name not in ALLOWED
            and not COMPILER.match(name)]


def main():
    library = sys.argv[1]
    faults = foreign(library) + writable(library)
    source.end(faults)


main()
