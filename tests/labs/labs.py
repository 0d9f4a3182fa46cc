#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""labs.py [--write] [NAME...]: does what docs/labs say, and sees what they say.

A lab is a page: `    $ COMMAND` is typed in a shell at the root of a tree, the
indented lines behind it are what it printed. Words must be the same, figures
near each other: a lab shows an order of magnitude, not a build. Addresses are
passed over. docs/labs.zh-CN must hold the same commands with the same answers.

--write puts what is printed now into the pages of both languages.
Environment: FAUX, FAUXPROC, PROFILES as for tests/shell.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PAGES = [os.path.join(ROOT, "docs", d) for d in ("labs", "labs.zh-CN")]
MARK = "@@@ lab"
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ADDRESS = re.compile(r"\b(?=[0-9a-f]*[a-f])[0-9a-f]{6,16}\b|\b[0-9a-f]{9,}\b")


def steps(path):
    """-> [(command, [lines it printed])] and the text cut at its commands"""
    found = []
    with open(path, encoding="utf-8") as page:
        for line in page.read().splitlines():
            if line.startswith("    $ "):
                found.append((line[6:], []))
            elif line.startswith("    ") and found:
                found[-1][1].append(line[4:])
    return found


def near(a, b):
    a, b = float(a), float(b)
    return abs(a - b) <= max(16, 0.5 * max(a, b))


def same(a, b):
    a, b = ADDRESS.sub("@", a), ADDRESS.sub("@", b)
    if NUMBER.sub("#", a).split() != NUMBER.sub("#", b).split():
        return False
    return all(near(x, y) for x, y in zip(NUMBER.findall(a),
                                          NUMBER.findall(b)))


def run(commands):
    """-> what each of @commands prints"""
    place = tempfile.mkdtemp(prefix="fauxproc-labs.")
    mnt = os.path.join(place, "mnt")
    os.mkdir(mnt)
    os.symlink(os.environ.get("PROFILES", os.path.join(ROOT, "etc")),
               os.path.join(place, "etc"))
    bins = [os.path.dirname(os.path.abspath(os.environ[v]))
            for v in ("FAUX", "FAUXPROC") if os.environ.get(v)]
    env = dict(os.environ, LC_ALL="C",
               PATH=":".join(bins + [os.environ["PATH"]]))
    env.pop("FAUXPROC_MNT", None)
    script = "".join("echo '%s'\n%s\n" % (MARK, c) for c in commands)
    # Before the last command takes the machine down.
    last = script.rindex("echo '%s'" % MARK)
    script = script[:last] + "echo '%s'\ncat mnt/model/check\n" % MARK \
        + script[last:]
    try:
        out = subprocess.run(
            ["timeout", "60", "sh"], input=script, cwd=place, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            universal_newlines=True).stdout
    finally:
        subprocess.run(["fusermount3", "-uq", mnt], check=False,
                       stderr=subprocess.DEVNULL)
        shutil.rmtree(place, ignore_errors=True)
    parts = out.split(MARK + "\n")[1:]
    check = parts.pop(-2) if len(parts) > 1 else "not reached"
    return [p.splitlines() for p in parts], check.strip()


def compare(name, wanted, printed):
    faults = []
    for (command, lines), now in zip(wanted, printed):
        if len(lines) == len(now) and all(map(same, lines, now)):
            continue
        faults.append("%s: $ %s\n  the page:\n    %s\n  now:\n    %s" % (
            name, command, "\n    ".join(lines), "\n    ".join(now)))
    return faults


def rewrite(path, printed):
    with open(path, encoding="utf-8") as page:
        lines = page.read().splitlines()
    out, nr = [], -1
    for line in lines:
        if line.startswith("    $ "):
            nr += 1
            out.append(line)
            out += ["    " + p for p in printed[nr]]
        elif not (line.startswith("    ") and nr >= 0):
            out.append(line)
    with open(path, "w", encoding="utf-8") as page:
        page.write("\n".join(out) + "\n")


def lab(name, write):
    path, other = (os.path.join(d, name) for d in PAGES)
    if not os.path.exists(other):
        return ["%s: no page in Chinese" % name]
    wanted = steps(path)
    if [c for c, _ in wanted] != [c for c, _ in steps(other)]:
        return ["%s: the page in Chinese has other commands" % name]
    printed, check = run([c for c, _ in wanted])
    if len(printed) != len(wanted):
        return ["%s: ended early: %s" % (name, printed[-1:])]
    if write and check == "ok":
        for page in (path, other):
            rewrite(page, printed)
        return []
    faults = compare(name, wanted, printed)
    if wanted != steps(other):
        faults.append("%s: the page in Chinese has other answers" % name)
    if check != "ok":
        faults.append("%s: model/check: %s" % (name, check))
    return faults


def main():
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("SKIP: no /dev/fuse to open")
        sys.exit(77)
    pages = [sorted(set(os.listdir(d)) - {"README.md"}) for d in PAGES]
    names = names or pages[0]
    faults = []
    if pages[0] != pages[1]:
        faults.append("docs/labs and docs/labs.zh-CN hold other pages")
    for name in names:
        faults += lab(name, "--write" in sys.argv)
    for fault in faults:
        print("FAULT: " + fault)
    print("%d labs, %d faults" % (len(names), len(faults)))
    sys.exit(1 if faults else 0)


main()
