#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What it costs to look: reads through the mount beside the kernel, a bare
FUSE server and lxcfs (where installed), in one run, on one core.

    readers.py -b FOLDER [--write docs/performance.md] [-s SECONDS]

FOLDER is the build folder. With --write the table between the two marks of
the file is replaced. A benchmark measures; it never fails a build.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

import marks

PROFILE = ("[machine]\nmemory = %s\ncpus = 2\nspeed = 0\nthp = never\n"
           "spawn = %s\n")
LASTS = ["/proc/meminfo", "/proc/vmstat", "/proc/zoneinfo"]


class Mount:
    """A machine under `folder`, as a daemon of its own."""

    def __init__(self, bench, lines=(), memory="16G", spawn="bare",
                 profile=None):
        self.bench = bench
        self.folder = tempfile.mkdtemp(prefix="faux-bench-")
        self.mnt = self.folder + "/mnt"
        os.mkdir(self.mnt)
        with open(self.folder + "/p.ini", "w") as f:
            f.write(PROFILE % (memory, spawn))
        with open(self.folder + "/s.mm", "w") as f:
            f.write("\n".join(lines) + "\n")
        start = time.monotonic()
        self.process = subprocess.Popen(
            [bench.path("tools/fauxproc"), "-f", "-c",
             profile or self.folder + "/p.ini"]
            + (["-s", self.folder + "/s.mm"] if lines else []) + [self.mnt])
        while not os.path.exists(self.mnt + "/proc/meminfo"):
            if self.process.poll() is not None:
                raise RuntimeError("fauxproc ended")
            time.sleep(0.0005)
        with open(self.mnt + "/proc/meminfo") as f:
            f.read()
        self.began_ms = 1000 * (time.monotonic() - start)

    def pid_of(self, name):
        for pid in os.listdir(self.mnt + "/proc"):
            try:
                with open("%s/proc/%s/comm" % (self.mnt, pid)) as f:
                    if f.read().strip() == name:
                        return pid
            except OSError:
                continue
        raise RuntimeError("no process " + name)

    def requests(self):
        """Requests it has answered; it may ask for one in vain."""
        with open("/proc/%d/io" % self.process.pid) as f:
            return int(dict(x.split(": ") for x in f.read().splitlines())
                       ["syscw"])

    def resident_kb(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            for line in f:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["fusermount3", "-u", self.mnt], check=False)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Bench:
    def __init__(self, folder, seconds):
        self.folder = folder
        self.seconds = seconds
        self.rows = ["| figure | ours | beside it | ratio | target |",
                     "|---|---:|---:|---:|---|"]

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, path, readers=1):
        """-> microseconds (median, 99th of a hundred), reads a second, bytes
        """
        out = subprocess.run(
            [self.path("tests/bench/reader"), path, str(self.seconds),
             str(readers)], stdout=subprocess.PIPE, text=True, check=True)
        return [float(x) for x in out.stdout.split()]

    def row(self, figure, ours, beside, ratio, target):
        self.rows.append("| %s | %s | %s | %s | %s |" % (
            figure, ours, beside, ratio, target))
        print(self.rows[-1], flush=True)

    def against(self, figure, ours, beside, who, target):
        self.row(figure, "%.1f us" % ours, "%s %.1f us" % (who, beside),
                 "%.2f" % (ours / beside), target)

    def real(self, *what):
        """A real process that `many` makes; -> (Popen, pid)"""
        p = subprocess.Popen([self.path("tests/bench/many")] + list(what),
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True)
        return p, p.stdout.readline().strip()


def served(b, command, name):
    """What reading `name` costs below a folder (DIR) that another FUSE server
    mounts."""
    with tempfile.TemporaryDirectory(prefix="faux-other-") as folder:
        mnt = folder + "/mnt"
        os.mkdir(mnt)
        server = subprocess.Popen([x.replace("DIR", mnt) for x in command],
                                  stderr=subprocess.DEVNULL)
        while not os.path.exists(mnt + name):
            if server.poll() is not None:
                raise RuntimeError(command[0] + " ended")
            time.sleep(0.01)
        times = b.read(mnt + name)
        subprocess.run(["fusermount3", "-u", mnt], check=True)
        server.wait()
    return times


def files(b):
    with Mount(b) as m:
        ours = {f: b.read(m.mnt + f) for f in LASTS}
        bare = served(b, [b.path("tests/shell/bare"), "DIR",
                          m.mnt + "/proc/meminfo"], "/file")
    b.against("meminfo: open, read, close", ours[LASTS[0]][0], bare[0],
              "bare libfuse", "at most 1.15")
    b.against("the same, 99th of a hundred", ours[LASTS[0]][1], bare[1],
              "bare libfuse", "")
    if shutil.which("lxcfs") and os.geteuid() == 0:
        lxcfs = served(b, ["lxcfs", "-f", "-p", "DIR.pid", "DIR"],
                       "/proc/meminfo")
        b.against("meminfo: open, read, close", ours[LASTS[0]][0], lxcfs[0],
                  "lxcfs", "at most 0.2")
    for f, target in zip(LASTS[1:], ("at most 2.2", "at most 1.2")):
        b.against(f[6:], ours[f][0], b.read(f)[0], "kernel", target)


def areas(b):
    lines = ["spawn a", "mmap a m 20000p"]
    lines += ["munmap a m %d 4K" % (4096 * i) for i in range(1, 20000, 2)]
    p, pid = b.real("areas", "10000")
    with Mount(b, ["set /proc/sys/vm/max_map_count 100000"] + lines) as m:
        b.against("smaps of 10,000 areas",
                  b.read("%s/proc/%s/smaps" % (m.mnt, m.pid_of("a")))[0],
                  b.read("/proc/%s/smaps" % pid)[0], "kernel", "at most 0.5")
    p.communicate("")


def rollup(b):
    for shared, target in ((False, "at most 0.01"), (True, "at most 0.5")):
        lines = ["spawn a", "mmap a m 1G", "touch a m write"]
        lines += ["fork a b"] if shared else []
        p, pid = b.real("pages", "1024", *(["shared"] if shared else []))
        with Mount(b, lines) as m:
            b.against("smaps_rollup of 1 GiB" + (", shared by two" if shared
                                                 else ""),
                      b.read("%s/proc/%s/smaps_rollup" % (
                          m.mnt, m.pid_of("a")))[0],
                      b.read("/proc/%s/smaps_rollup" % pid)[0], "kernel",
                      target)
        p.communicate("")


def timed(command, runs=5):
    """-> least milliseconds of some runs"""
    best = None
    for _ in range(runs):
        start = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        ms = 1000 * (time.monotonic() - start)
        best = ms if best is None else min(ms, best)
    return best


PS = """import subprocess,time
def one():
    t=time.monotonic()
    subprocess.run(['ps','aux'],stdout=subprocess.DEVNULL)
    return 1000*(time.monotonic()-t)
print(min(one() for _ in range(5)))"""


def processes(b):
    lines = ["spawn p%d" % i for i in range(1000)]
    p, _ = b.real("tasks", "1000")
    kernel = timed(["ps", "aux"])
    p.communicate("")
    with Mount(b, lines, spawn="full") as m:
        out = subprocess.run([b.path("tools/faux"), "-m", m.mnt, "run", "--",
                              "python3", "-c", PS], stdout=subprocess.PIPE,
                             text=True, check=True).stdout
        ours = float(out.split()[-1])
        b.row("ps aux, 1,000 processes", "%.0f ms" % ours,
              "kernel %.0f ms" % kernel, "%.2f" % (ours / kernel), "at most 2")
        before = m.requests()
        subprocess.run([b.path("tools/faux"), "-m", m.mnt, "run", "--",
                        "sysctl", "-a"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        b.row("sysctl -a, in a new world", "%d requests" % (
            m.requests() - before), "", "", "at most 6,000")


def starting(b):
    first = min(once(b) for _ in range(3))
    b.row("from start to the first read", "%.0f ms" % first, "", "",
          "at most 20 ms")
    with Mount(b, profile="etc/tebibyte.ini") as m:
        b.row("1 TiB, two nodes: to the first read", "%.0f ms" % m.began_ms,
              "", "", "at most 20 ms")
        b.row("the same, resident", "%.1f MiB" % (m.resident_kb() / 1024), "",
              "", "at most 16 MiB")
    with Mount(b, ["spawn a", "mmap a m 250G", "touch a m write"],
               memory="256G") as m:
        b.row("256 GiB, all touched: resident", "%.2f GiB" % (
            m.resident_kb() / 1048576), "", "", "at most 3 GiB")


def once(b):
    with Mount(b) as m:
        return m.began_ms


def crowd(b):
    with Mount(b) as m:
        one = b.read(m.mnt + "/proc/meminfo")
        many = b.read(m.mnt + "/proc/meminfo", 4)
        b.row("reads of meminfo a second, four readers", "%.0f" % many[2],
              "one reader %.0f" % one[2], "%.2f" % (many[2] / one[2]), "")


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    ap.add_argument("-b", "--build", default="build")
    ap.add_argument("-s", "--seconds", type=float, default=1)
    ap.add_argument("--write", help="file with the two marks")
    args = ap.parse_args()
    # On one core, so that nobody waits for an idle one to wake up.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    b = Bench(args.build, args.seconds)
    for part in (files, areas, rollup, processes, starting, crowd):
        try:
            part(b)
        except (OSError, RuntimeError, subprocess.CalledProcessError) as e:
            print("%s: %s" % (part.__name__, e), file=sys.stderr)
    if args.write:
        marks.write(args.write, "readers.py", "\n".join(b.rows))


main()
