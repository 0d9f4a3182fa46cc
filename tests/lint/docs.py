#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs.py CC...: the manual names every operation, command, file and setting.

What is not there yet (operations that answer ENOSYS, settings that keep
their value only) is listed in docs/fidelity.md, and nothing else is. Links
in texts lead somewhere.
"""
import os
import re
import subprocess
import sys

import source

STRING = r'"(?:\\.|[^"\\])*"'
STRINGS = r"((?:%s\s*)+)" % STRING
# Written by tests and recorders only.
HIDDEN = {"sample", "samplewait", "samplestop", "get"}


def page(name):
    """A manual page as words: roff's escapes are taken off."""
    return re.sub(r"\\f.|\\", "", source.text("docs/" + name))


def unnamed(what, words, name):
    text = page(name)
    return ["docs/%s: nothing on %s `%s`" % (name, what, w)
            for w in sorted(words)
            if not re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(w), text)]


def joined(strings):
    return "".join(s[1:-1] for s in re.findall(STRING, strings))


def expanded(compiler, path):
    """A file as the compiler sees it, so that rows made by macros are seen."""
    return subprocess.run(
        compiler + ["-std=c11", "-D_XOPEN_SOURCE=700", "-E", "-P", "-I",
                    source.ROOT, os.path.join(source.ROOT, path)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
        universal_newlines=True).stdout


def rows(compiler):
    """-> paths of the tree, settings by name, those that only keep a value"""
    paths, knobs, later = set(), set(), set()
    for path in source.files(r"^(vmcore|fs)/.*\.c$"):
        text = source.text(path)
        if "struct fsnode" not in text and "struct knob" not in text:
            continue
        text = expanded(compiler, path)
        paths |= {joined(s) for s in re.findall(r"\.path = " + STRINGS, text)}
        found = {joined(s) for s in re.findall(
            r"\.name = %s,[^{}]*?\.type = KNOB_" % STRINGS, text)}
        knobs |= found
        if path.endswith("/sysctl-later.c"):
            later = found
    return paths, knobs, later


def operations():
    """-> words of all operations, words of those that answer ENOSYS"""
    ops = re.findall(r'^OP\(\w+,\s*"(\w+)",([^()]*)\)',
                     source.text("vmcore/task/op.def"), re.M)
    verbs = re.findall(r'^\t\{ "([a-z]+)", VERB_',
                       source.text("fs/script-verbs.c"), re.M)
    return ({w for w, _ in ops} | set(verbs)) - HIDDEN, \
        {w for w, rest in ops if "OPF_LATER" in rest}


def listed(heading, words):
    """The words in code below a heading of fidelity.md: these and no others."""
    text = source.text("docs/fidelity.md")
    part = re.search(r"^## %s\n(.*?)(?=^## |\Z)" % heading, text, re.M | re.S)
    found = set(re.findall(r"`([^`]+)`", part[1])) if part else set()
    where = "docs/fidelity.md, %s: " % heading
    return [where + "`%s` is missing" % w for w in sorted(words - found)] \
        + [where + "`%s` is no longer so" % w for w in sorted(found - words)]


def kept(later):
    """proc/sys/kernel of fauxproc-tree(5): what is kept only, nothing else."""
    part = re.search(r"^\.B Kept only\n(.*?)^\.TP$",
                     page("fauxproc-tree.5"), re.M | re.S)
    words = set(part[1].split()) if part else set()
    real = {k[7:] for k in later if k.startswith("kernel/")}
    where = "docs/fauxproc-tree.5, Kept only: "
    return [where + w for w in sorted(words ^ real)]


def profile_keys():
    return set(re.findall(r'^\t(?:\{|\w+\(|\[\w+\] =\s*\w+\() ?"([a-z_0-9]+)"',
                          source.text("fs/profile-table.c"), re.M))


def subcommands():
    return set(re.findall(r'^\t\{ "([a-z]+)", faux_',
                          source.text("tools/faux.c"), re.M))


def sections():
    """faux(1): subcommand -> its lines; those of `sim` are two paragraphs"""
    parts, level, name = {}, 0, None
    lines = page("faux.1").splitlines()
    for before, line in zip(lines, lines[1:]):
        level += {".RS": 1, ".RE": -1}.get(line, 0)
        head = re.match(r'\.B[IR]? "?([a-z]+)', line)
        if level == 0 and before == ".TP":
            name = head and head[1]
        elif line.startswith(".SH"):
            name = None
        parts[name] = parts.get(name, "") + line + "\n"
    return parts


def options():
    """What --help of a subcommand names is in its part of the page."""
    faults, parts = [], sections()
    for name in subcommands():
        text = source.text("tools/faux-%s.c" % name)
        usage = joined(re.search(r"_usage\[\] =\s*" + STRINGS, text)[1])
        usage = re.split(r"\\n(?=[A-Z])", usage)[0]
        for word in sorted(set(re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*",
                                          usage))):
            if word != "-m" and not re.search(
                    r"(?<![\w-])%s(?![\w-])" % word, parts.get(name, "")):
                faults.append("docs/faux.1: nothing on %s %s" % (name, word))
    return faults


def links():
    faults = []
    for path in source.files(r"\.md$"):
        folder = os.path.dirname(path)
        for target in re.findall(r"\]\(([^)#:]+)\)", source.text(path)):
            if not os.path.exists(os.path.join(source.ROOT, folder, target)):
                faults.append("%s: no %s" % (path, target))
    return faults


def main():
    paths, knobs, later = rows(sys.argv[1:])
    names = {p.rsplit("/", 1)[-1] for p in paths} \
        | {k.rsplit("/", 1)[-1] for k in knobs}
    names = {n for n in names if "$" not in n}
    ops, missing = operations()
    faults = unnamed("operation", ops, "fauxproc-script.5")
    faults += unnamed("file", names, "fauxproc-tree.5")
    faults += unnamed("key", profile_keys(), "fauxproc.ini.5")
    faults += unnamed("subcommand", subcommands(), "faux.1") + options()
    faults += listed("Operations that are not there yet", missing)
    faults += listed("Settings that keep their value and do nothing yet",
                     {k.replace("/", ".") for k in later})
    faults += kept(later)
    faults += unnamed("profile", {os.path.basename(p)[:-4] for p in
                                  source.files(r"^etc/.*\.ini$")},
                      "fauxproc.8")
    if not paths or not later or len(ops) < 50 or not subcommands():
        faults.append("the tables were not found: has their form changed?")
    source.end(faults + links())


main()
