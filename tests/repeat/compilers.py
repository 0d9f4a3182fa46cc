#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same profile, seed and script give the same bytes from every compiler.

    compilers.py BUILD_FOLDER PROFILE SCRIPT...

Builds `faux` with gcc and clang, without and with all optimisation, below
BUILD_FOLDER, and runs each script on all of them, line by line, so that a
line that fails does not end it. Replies, the main files of /proc and the
digest of the whole state must agree.
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
import machine

LEVELS = ("0", "3")
FILES = ("model/digest", "model/check", "model/clock", "model/lru",
         "model/files", "proc/meminfo", "proc/vmstat", "proc/zoneinfo",
         "proc/buddyinfo", "proc/slabinfo", "proc/stat")


def build(folder, compiler, level):
    """-> path of a `faux` built so"""
    build_dir = os.path.join(folder, "%s-O%s" % (compiler, level))
    env = dict(os.environ, CC=compiler)
    if not os.path.exists(build_dir + "/build.ninja"):
        shutil.rmtree(build_dir, ignore_errors=True)
        subprocess.run(["meson", "setup", "-Doptimization=" + level,
                        "-Ddebug=false", "-Dwerror=false", build_dir,
                        ROOT], env=env,
                       check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", build_dir, "tools/faux"], env=env,
                   check=True, stdout=subprocess.DEVNULL)
    return build_dir + "/tools/faux"


def play(faux, profile, script):
    """-> everything that the machine said"""
    said, m = [], machine.Headless(faux, profile)
    try:
        with open(script, encoding="utf-8") as f:
            for line in f:
                line = line.split("#", 1)[0].strip()
                if line:
                    said.append((line, m.command(line)))
        said += [(name, m.read(name)) for name in FILES]
    finally:
        m.close()
    return said


def main():
    folder, profile, scripts = sys.argv[1], sys.argv[2], sys.argv[3:]
    missing = [c for c in ("gcc", "clang") if not shutil.which(c)]
    if missing:
        print("SKIP: no " + missing[0])
        return 77
    os.makedirs(folder, exist_ok=True)
    programs = [build(folder, compiler, level)
                for compiler in ("gcc", "clang") for level in LEVELS]
    faults = 0
    for script in scripts:
        first = play(programs[0], profile, script)
        for program in programs[1:]:
            for (what, one), (_, two) in zip(first,
                                             play(program, profile, script)):
                if one != two:
                    print("%s: %s: %s says %s, %s says %s" % (
                        script, what, programs[0], one, program, two))
                    faults += 1
                    break
    print("%d scripts, %d builds, %d differences"
          % (len(scripts), len(programs), faults))
    return 1 if faults else 0


sys.exit(main())
