#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the model costs: time, instructions and bytes for one page or call.

    bench.py [-b FAUX] [-a ANCHOR] [-c CALLS] [--write docs/performance.md]
             [FIGURE...]

Each figure is a script that does N of something; it is run by `faux sim` for
N and for 2 N, and the difference is divided by N: what starting costs falls
out. Instructions are counted by valgrind (the same on every run of one
build), time is the least CPU time of several runs of four times as much,
bytes are peak resident memory. With --write the table between the two marks
of the file is replaced.
CALLS (calls.c) makes calls without a script's text around them.
ANCHOR (anchor.c) says what the kernel at hand takes for the same operations,
in the same run: what counts is how many times faster the model is. Beside
accesses by Zipf's law stands the LRU of libCacheSim, where its `cachesim` is
in PATH.
A benchmark measures; it never fails a build.
"""
import argparse
import math
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import marks

PROFILE = """[machine]
memory = 32G
cpus = 1
thp = never
spawn = bare
[disk vda]
size = 64G
latency = 0
bandwidth = 0
filesystem = /
[disk vdb]
size = 8G
latency = 0
bandwidth = 0
"""

SMALL = PROFILE.replace("memory = 32G", "memory = 512M")
# 100,000 pages are left to processes
TENTH = PROFILE.replace("memory = 32G", "memory = 473M")


AREAS = ["spawn a", "mmap a m 50000p", "freealt a m"] + [
    "mprotect a m r %d 4K" % (4096 * i) for i in range(0, 50000, 2)]
PAIR = ["mmap a x 4K", "munmap a x"]


def pages(n):
    return "%dp" % n


def touched(n):
    """A process with 2 n anonymous pages, all resident."""
    return ["spawn a", "mmap a m " + pages(2 * n), "touch a m write"]


def cached(n):
    return ["mkfile /f " + pages(2 * n), "spawn a",
            "read a /f 0 " + pages(2 * n)]


# figure -> (N, script of N or 2 N pages (k) with room for 2 N (n)[, profile])
FIGURES = {
    "anonymous write fault, sequential": (
        65536, lambda n, k: ["spawn a", "mmap a m " + pages(2 * n),
                             "touch a m write 0 " + pages(k)]),
    "write fault, random order": (
        65536, lambda n, k: ["spawn a", "mmap a m 16G",
                             "access a m random %d write=100%%" % k]),
    "read fault of the zero page": (
        65536, lambda n, k: ["spawn a", "mmap a m " + pages(2 * n),
                             "touch a m read 0 " + pages(k)]),
    "copy-on-write fault": (
        32768, lambda n, k: touched(n) + [
            "fork a b", "touch b m write 0 " + pages(k)]),
    "munmap, a touched page": (
        65536, lambda n, k: touched(n) + ["munmap a m 0 " + pages(k)]),
    "fork, a touched page": (
        32768, lambda n, k: touched(n // 2)
        + ["fork a b%d" % i for i in range(k // n)]),
    "pread of a page not cached": (
        32768, lambda n, k: ["mkfile /f " + pages(2 * n), "spawn a",
                             "read a /f 0 " + pages(k)]),
    "pread of a cached active page": (
        32768, lambda n, k: cached(n) + ["read a /f 0 " + pages(2 * n)] * 2
        + ["read a /f 0 " + pages(k)]),
    "pread of a cached page, which it makes active": (
        32768, lambda n, k: cached(n) + ["read a /f 0 " + pages(k)]),
    "page cache dropped, a page": (
        32768, lambda n, k: ["mkfile /f " + pages(k), "spawn a",
                             "read a /f 0 " + pages(k),
                             "set /proc/sys/vm/drop_caches 1"]),
    "page swapped out": (
        16384, lambda n, k: ["swapon /dev/vdb 8G"] + touched(n)
        + ["madvise a m pageout 0 " + pages(k)]),
    "page swapped in, 1 of 8 by a fault": (
        16384, lambda n, k: ["swapon /dev/vdb 8G"] + touched(n)
        + ["madvise a m pageout", "touch a m read 0 " + pages(k)]),
    "access, zipf 1.0 over 10 times what fits, with swap": (
        # four million before: by then what is used often has been in swap
        262144, lambda n, k: ["swapon /dev/vdb 8G", "spawn a", "mmap a m 5G",
                              "access a m zipf:1.0 %d write=30%%" % (
                                  4000000 + k)], SMALL),
    "the same from the start, a million pages of which a tenth fits": (
        # ten million (4 n) are timed, none stands beside them
        2500000, lambda n, k: ["swapon /dev/vdb 8G", "spawn a",
                               "mmap a m 1000000p"]
        + ["access a m zipf:1.0 %d write=30%%" % (k - n)] * (k > n), TENTH),
    "mmap and munmap of one page": (
        4000, lambda n, k: ["spawn a"] + PAIR * k),
    "mmap and munmap among 50,000 areas": (
        4000, lambda n, k: AREAS + PAIR * k),
    "spawn and exit (bare)": (
        2000, lambda n, k: ["spawn a", "exit a"] * k),
}


# figure -> (N, script before, lines whose operations are done N times)
CALLS = {
    "mmap and munmap among 50,000 areas, the calls alone": (4000, AREAS, PAIR),
}

# figure -> (name in anchor.c, so many times faster the model shall be)
ANCHORS = {
    "anonymous write fault, sequential": ("write_fault", 25),
    "write fault, random order": ("random_fault", 16),
    "read fault of the zero page": ("zero_fault", 20),
    "copy-on-write fault": ("cow_fault", 25),
    "munmap, a touched page": ("munmap_page", 4),
    "fork, a touched page": ("fork_page", 6),
    "pread of a cached active page": ("pread", 15),
    "mmap and munmap of one page": ("mmap_munmap", None),
    "mmap and munmap among 50,000 areas": ("mmap_munmap_50000", None),
    "mmap and munmap among 50,000 areas, the calls alone": (
        "mmap_munmap_50000", 6),
    "the same from the start, a million pages of which a tenth fits":
        ("lru", 2),
}


def anchors(command):
    """-> {name: ns} of the kernel at hand."""
    if not command:
        return {}
    out = subprocess.run([command], stdout=subprocess.PIPE, text=True,
                         check=True).stdout
    return {n: float(ns) for n, ns in (s.split() for s in out.splitlines())}


def zipf_trace(path, count, objects):
    """Requests by Zipf's law, in libCacheSim's oracleGeneral format: time,
    object, size, when it is asked for next (unknown)."""
    top, rng = math.log(objects + 1), random.Random(1)
    with open(path, "wb") as f:
        for i in range(count):
            rank = int(math.exp(top * rng.random())) - 1
            f.write(struct.pack("<IQIq", i // 1000,
                                (rank * 611953 + 17) % objects, 1, -2))


def cache_simulator(runs):
    """-> {"lru": ns a request} of cachesim, where it is installed."""
    command = shutil.which("cachesim")
    if not command:
        return {}
    count, objects = 10000000, 1000000
    with tempfile.TemporaryDirectory() as d:
        zipf_trace(d + "/trace", count, objects)
        seconds = []
        for _ in range(runs):
            p = subprocess.Popen(
                [command, d + "/trace", "oracleGeneral", "LRU",
                 str(objects // 10), "--ignore-obj-size", "1"],
                cwd=d, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(p.pid, 0)
            p.returncode = status
            if status:
                raise RuntimeError("cachesim: status %d" % status)
            seconds.append(usage.ru_utime + usage.ru_stime)
    return {"lru": 1e9 * min(seconds) / count}


def write(folder, profile, lines):
    with open(folder + "/p.ini", "w") as f:
        f.write(profile)
    with open(folder + "/s.mm", "w") as f:
        f.write("\n".join(lines) + "\n")


def sim(command, lines, profile, wrapper=()):
    """-> (seconds of CPU time, peak resident bytes, standard error)"""
    with tempfile.TemporaryDirectory() as d:
        write(d, profile, lines)
        with open(d + "/err", "w+") as err:
            p = subprocess.Popen(
                list(wrapper) + [command, "sim", d + "/p.ini", d + "/s.mm"],
                stdout=subprocess.DEVNULL, stderr=err)
            _, status, usage = os.wait4(p.pid, 0)
            seconds = usage.ru_utime + usage.ru_stime
            p.returncode = status
            err.seek(0)
            text = err.read()
    if status:
        raise RuntimeError("status %d: %s" % (status, text[-300:]))
    return seconds, usage.ru_maxrss * 1024, text


COUNTER = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")


def collected(text):
    return int(re.search(r"Collected : (\d+)", text)[1])


def instructions(command, lines, profile):
    return collected(sim(command, lines, profile, COUNTER)[2])


def measure_calls(command, name, runs):
    """-> (instructions, ns) of one round"""
    n, before, lines = CALLS[name]
    with tempfile.TemporaryDirectory() as d:
        write(d, PROFILE, before)

        def run(rounds, wrapper=()):
            return subprocess.run(
                list(wrapper) + [command, d + "/p.ini", d + "/s.mm",
                                 str(rounds)] + lines, check=True, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        count = [collected(run(k, COUNTER).stderr) for k in (n, 2 * n)]
        ns = min(float(run(8 * n).stdout) for _ in range(2 * runs))
    return (count[1] - count[0]) / n, ns


def measure(command, name, runs):
    n, script = FIGURES[name][:2]
    profile = (FIGURES[name] + (PROFILE,))[2]
    one, two = script(n, n), script(n, 2 * n)
    count = (instructions(command, two, profile)
             - instructions(command, one, profile)) / n
    n *= 4
    one, two = script(n, n), script(n, 2 * n)
    a = [sim(command, one, profile) for _ in range(runs)]
    b = [sim(command, two, profile) for _ in range(runs)]
    seconds = min(x[0] for x in b) - min(x[0] for x in a)
    size = min(x[1] for x in b) - min(x[1] for x in a)
    return count, 1e9 * seconds / n, size / n


def beside(name, ns, kernel):
    """What the anchor takes, how many times more that is, the target."""
    key, target = ANCHORS.get(name, (None, None))
    if key not in kernel:
        return "| | |"
    return "%.0f | %.1f | %s" % (kernel[key], kernel[key] / max(ns, 1),
                                 target or "")


def row(args, name, kernel):
    if name in CALLS:
        count, ns = measure_calls(args.calls, name, args.runs)
        size = ""
    else:
        count, ns, size = measure(args.binary, name, args.runs)
        size = "%.0f" % max(size, 0)
    return "| %s | %.0f | %s | %.0f | %s |" % (
        name, max(ns, 0), beside(name, ns, kernel), count, size)


def table(args, names, kernel):
    rows = ["| figure | ns | beside it, ns | times faster | target "
            "| instructions | bytes |",
            "|---|---:|---:|---:|---:|---:|---:|"]
    for name in names:
        try:
            rows.append(row(args, name, kernel))
        except (RuntimeError, subprocess.CalledProcessError) as e:
            rows.append("| %s | - | | | | - | - |" % name)
            print("%s: %s" % (name, e), file=sys.stderr)
        print(rows[-1], flush=True)
    return "\n".join(rows)


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("-b", "--binary", default=os.environ.get("FAUX", "faux"))
    ap.add_argument("-a", "--anchor", help="what anchor.c was built to")
    ap.add_argument("-c", "--calls", help="what calls.c was built to")
    ap.add_argument("-n", "--runs", type=int, default=5)
    ap.add_argument("--write", help="file with the two marks")
    ap.add_argument("figures", nargs="*", default=[])
    args = ap.parse_args()
    names = args.figures or list(FIGURES) + list(CALLS) * bool(args.calls)
    others = anchors(args.anchor)
    if any(ANCHORS.get(n, ("",))[0] == "lru" for n in names):
        others.update(cache_simulator(args.runs))
    text = table(args, names, others)
    if args.write:
        marks.write(args.write, "bench.py", text)


main()
