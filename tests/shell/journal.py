#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""journal.py MNT SECONDS SEED: several writers at once, some of whom give up,
files that act when they are written, and 16 readers, who change nothing."""
import os
import random
import signal
import subprocess
import sys
import threading
import time

MNT, SECONDS, SEED = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
WRITERS, READERS = 6, 16
LOOKS = ("proc/meminfo", "proc/zoneinfo", "proc/vmstat", "proc/slabinfo",
         "proc/pressure/memory", "model/lru", "model/files", "model/journal",
         "sys/fs/cgroup/g0/memory.stat", "proc/%d/smaps", "proc/%d/pagemap",
         "proc/%d/numa_maps", "model/%d/pagetable", "model/%d/vmas")
COUNTS = {"lines": 0, "refused": 0, "given up": 0, "files": 0, "looks": 0}
SETS = (
    ("proc/sys/vm/drop_caches", "1 2 3".split()),
    ("proc/sys/vm/swappiness", "0 10 60 200".split()),
    ("proc/sys/vm/compact_memory", ["1"]),
    ("proc/sys/vm/nr_hugepages", "0 2 5 0".split()),
    ("proc/sys/vm/min_free_kbytes", "2000 6000".split()),
    ("sys/kernel/mm/ksm/run", "0 1 2".split()),
    ("sys/kernel/mm/transparent_hugepage/enabled", "always never".split()),
    ("sys/fs/cgroup/g0/memory.max", ["8M", "max", "2M"]),
    ("sys/fs/cgroup/g1/memory.high", ["4M", "max"]),
    ("sys/fs/cgroup/g1/memory.reclaim", ["1M", "64K", "100M"]),
    ("proc/self/comm", ["x # y", "a\nb"]),
    ("proc/sys/vm/lowmem_reserve_ratio", ["256 256 32", "64\n64"]),
)


def line(r, n):
    """Processes are shared by all: they queue, and are killed by others."""
    p = "p%d" % r.randrange(4)
    return r.choice((
        "spawn " + p, "kill " + p, "fork %s c%d" % (p, n), "kill c%d" % n,
        "mmap %s m%d %dK" % (p, n, r.choice((64, 2048, 9000))),
        "touch %s m%d write" % (p, n), "touch %s m%d read" % (p, n),
        "touch %s m%d write loops=%d" % (p, n, r.randrange(1, 40)),
        "async touch %s m%d write for=3ms" % (p, n),
        "munmap %s m%d" % (p, n), "madvise %s m%d pageout" % (p, n),
        "read %s /f%d 0 2M" % (p, n % 3), "write %s /f%d 0 1M" % (p, n % 3),
        "fsync %s /f%d" % (p, n % 3), "mkfile /f%d 2M" % (n % 3),
        "cgroup %s g%d" % (p, n % 2), "advance %dus" % r.randrange(1, 3000),
        "workload %s m%d random rate=2000/s" % (p, n), "wait " + p,
        "swapout " + p, "exit c%d" % n, "alloc_pages k%d 3 8" % n,
        "free_pages k%d 2" % n, "mlock %s m%d" % (p, n), "sync"))


def writer(n, end):
    r = random.Random(SEED * 100 + n)
    fd = os.open(MNT + "/ctl", os.O_RDWR)
    while time.monotonic() < end:
        for _ in range(r.randrange(1, 4)):
            try:
                os.write(fd, (line(r, n) + "\n").encode())
            except OSError:
                COUNTS["refused"] += 1
            COUNTS["lines"] += 1
        while os.read(fd, 1 << 16):
            pass
        if r.random() < 0.3:
            time.sleep(r.random() / 100)


def files(end):
    r = random.Random(SEED * 100 + 50)
    while time.monotonic() < end:
        path, values = r.choice(SETS)
        try:
            with open("%s/%s" % (MNT, path), "wb", buffering=0) as f:
                f.write(r.choice(values).encode() + b"\n")
        except OSError:
            pass
        name = "%s/sys/fs/cgroup/d%d" % (MNT, r.randrange(3))
        try:
            r.choice((os.mkdir, os.rmdir))(name)
        except OSError:
            pass
        COUNTS["files"] += 1
        time.sleep(r.random() / 30)


def impatient(end):
    """A writer of its own process, which is killed while it waits."""
    r = random.Random(SEED * 100 + 60)
    while time.monotonic() < end:
        text = r.choice(("touch p%d m1 write loops=100000" % r.randrange(4),
                         "advance 5s", "write p%d /f1 0 500M" % r.randrange(4)))
        p = subprocess.Popen(["sh", "-c", 'echo "%s" >%s/ctl' % (text, MNT)],
                             stderr=subprocess.DEVNULL)
        time.sleep(0.02 + r.random() / 20)
        p.send_signal(r.choice((signal.SIGINT, signal.SIGKILL)))
        p.wait()
        COUNTS["given up"] += 1


def reader(n, end):
    r = random.Random(SEED * 100 + 70 + n)
    while time.monotonic() < end:
        path = r.choice(LOOKS)
        if "%d" in path:
            pids = [p for p in os.listdir(MNT + "/proc") if p.isdigit()]
            path = path % int(r.choice(pids))
        try:
            with open("%s/%s" % (MNT, path), "rb", buffering=0) as f:
                f.read(1 << 17)
            COUNTS["looks"] += 1
        except OSError:
            pass                                   # it ended meanwhile
        time.sleep(r.random() / 50)


def main():
    end = time.monotonic() + SECONDS
    threads = [threading.Thread(target=writer, args=(n, end))
               for n in range(WRITERS)]
    threads += [threading.Thread(target=f, args=(end,))
                for f in (files, impatient)]
    threads += [threading.Thread(target=reader, args=(n, end))
                for n in range(READERS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
        if t.is_alive():
            print("FAULT: a writer hangs")
            os._exit(1)
    print(COUNTS)


main()
