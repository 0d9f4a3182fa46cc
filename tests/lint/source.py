# SPDX-License-Identifier: Apache-2.0
"""What the lint tests share: the tree's files, C without comments, the end."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# Recorded elsewhere and kept as it was recorded: no rule of the house applies.
RECORDED = re.compile(r"^tests/(oracle|system)/(scripts|golden|reports)/"
                      r"|^tests/golden/")
BUILT = re.compile(r"^(build[^/]*|mnt|\.git)(/|$)")


def files(pattern):
    """Paths below the root that match, sorted; what git ignores is not there."""
    want, found = re.compile(pattern), []
    for folder, folders, names in os.walk(ROOT):
        rel = os.path.relpath(folder, ROOT)
        rel = "" if rel == "." else rel + "/"
        folders[:] = [d for d in folders if not BUILT.match(rel + d)
                      and d != "__pycache__"]
        found += [rel + n for n in names
                  if want.search(rel + n) and not RECORDED.match(rel + n)
                  and os.path.isfile(os.path.join(folder, n))]
    return sorted(found)


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8",
              errors="replace") as f:
        return f.read()


def bare(path):
    """C source with comments, strings and characters blanked, lines kept."""
    def blank(m):
        return re.sub(r"[^\n]", " ", m[0])
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\""
                  r"|'(?:\\.|[^'\\\n])*'", blank, text(path), flags=re.S)


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          universal_newlines=True).stdout


def skip(why):
    print("SKIP: " + why)
    sys.exit(77)


def end(faults):
    """Print the faults; the test's exit status."""
    for fault in faults:
        print(fault)
    print("%d faults" % len(faults))
    sys.exit(1 if faults else 0)
