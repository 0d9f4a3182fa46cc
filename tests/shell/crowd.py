#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""crowd.py MNT SECONDS [BARE]: 64 readers and 8 writers of ctl at once.

Each file that is read is one consistent state: what is summed in it must sum
up. BARE is the mount of a server that does nothing but answer: what a read of
proc/meminfo takes is told beside what one there takes, in the same crowd.
"""
import multiprocessing
import os
import random
import re
import sys
import time

MNT, SECONDS = sys.argv[1], float(sys.argv[2])
BARE = sys.argv[3] if len(sys.argv) > 3 else None
READERS, WRITERS = 64, 8
PAIR = re.compile(r"^(\S+?):?\s+(\d+)", re.M)


def text(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        out = b""
        while True:
            part = os.read(fd, 1 << 17)
            if not part:
                return out.decode()
            out += part
    finally:
        os.close(fd)


def pairs(path):
    return {k: int(v) for k, v in PAIR.findall(text(MNT + "/" + path))}


def same(what, a, b):
    if a != b:
        raise AssertionError("%s: %d is not %d" % (what, a, b))


def meminfo():
    m = pairs("proc/meminfo")
    same("Active", m["Active"], m["Active(anon)"] + m["Active(file)"])
    same("Inactive", m["Inactive"], m["Inactive(anon)"] + m["Inactive(file)"])
    same("Slab", m["Slab"], m["SReclaimable"] + m["SUnreclaim"])
    same("KReclaimable", m["KReclaimable"], m["SReclaimable"])
    same("files", m["Cached"] + m["Buffers"] + m["SwapCached"],
         m["Active(file)"] + m["Inactive(file)"] + m["Shmem"] +
         m["SwapCached"])


def zoneinfo():
    z = text(MNT + "/proc/zoneinfo")
    for node in re.split(r"(?m)^(?=Node \d+, zone +\S+\n +per-node)", z)[1:]:
        head, _, zones = node.partition("  pages free")
        whole = {k: int(v) for k, v in PAIR.findall(head.replace("      ", ""))}
        for kind in ("inactive_anon", "active_anon", "inactive_file",
                     "active_file", "unevictable"):
            parts = re.findall(r"nr_zone_%s +(\d+)" % kind, zones)
            same(kind, whole["nr_" + kind], sum(map(int, parts)))
    free = [int(n) for n in re.findall(r"pages free +(\d+)", z)]
    same("free", sum(free), sum(int(n) for n in
                                re.findall(r"nr_free_pages +(\d+)", z)))


def smaps():
    pid = random.choice([p for p in os.listdir(MNT + "/proc") if p.isdigit()])
    try:
        s = text("%s/proc/%s/smaps" % (MNT, pid))
    except (FileNotFoundError, ProcessLookupError):
        return                                     # it ended
    for part in re.split(r"(?m)^(?=[0-9a-f]+-)", s)[1:]:
        m = {k: int(v) for k, v in
             re.findall(r"^(\w+): +(\d+) kB", part, re.M)}
        same("Rss", m["Rss"], m["Shared_Clean"] + m["Shared_Dirty"] +
             m["Private_Clean"] + m["Private_Dirty"])
        if not m["Private_Clean"] + m["Private_Dirty"] <= m["Pss"] <= m["Rss"]:
            raise AssertionError("Pss %d" % m["Pss"])


def vmstat():
    m = pairs("proc/vmstat")
    for kind in ("inactive_anon", "active_anon", "inactive_file",
                 "active_file", "unevictable"):
        same(kind, m["nr_" + kind], m["nr_zone_" + kind])


def group():
    m = pairs("sys/fs/cgroup/crowd/memory.stat")
    same("anon", m["inactive_anon"] + m["active_anon"] + m["inactive_file"] +
         m["active_file"] + m["unevictable"], m["anon"] + m["file"] +
         m["swapcached"])
    same("slab", m["slab"], m["slab_reclaimable"] + m["slab_unreclaimable"])


LOOKS = (meminfo, meminfo, zoneinfo, smaps, vmstat, group)


def reader(index, end, queue):
    random.seed(index)
    rounds, error, slow = 0, None, []
    try:
        while time.monotonic() < end or not rounds:
            for look in LOOKS:
                look()
            rounds += 1
            for path in (MNT + "/proc/meminfo", BARE):
                begin = time.perf_counter()
                if path:
                    text(path)
                slow.append(time.perf_counter() - begin)
    except (AssertionError, OSError, KeyError) as e:
        error = "reader %d: %r" % (index, e)
    queue.put((rounds, error, slow[::2], slow[1::2] if BARE else []))


def writer(index, end, queue):
    p, rounds, error = "w%d" % index, 0, None
    lines = ("spawn %s\nmmap %s m 8M\ntouch %s m write\nfork %s c%d\n"
             "touch c%d m write 0 64K\ncgroup %s crowd\n"
             "mkfile /crowd%d 2M\nread %s /crowd%d 0 2M\n"
             "madvise %s m pageout 0 1M\nexit c%d\nexit %s\nrm /crowd%d\n" %
             (p, p, p, p, index, index, p, index, p, index, p, index, p,
              index)).encode()
    try:
        fd = os.open(MNT + "/ctl", os.O_RDWR)
        while time.monotonic() < end or not rounds:
            os.write(fd, lines)
            while os.read(fd, 1 << 16):
                pass
            rounds += 1
    except OSError as e:
        error = "writer %d: %r" % (index, e)
    queue.put((rounds, error, None, None))


def p99(times):
    return sorted(times)[len(times) * 99 // 100] * 1000 if times else 0


def main():
    end, queue = time.monotonic() + SECONDS, multiprocessing.Queue()
    crowd = [multiprocessing.Process(target=f, args=(i, end, queue))
             for f, n in ((reader, READERS), (writer, WRITERS))
             for i in range(n)]
    for p in crowd:
        p.start()
    said = [queue.get(timeout=SECONDS + 100) for _ in crowd]
    for p in crowd:
        p.join(30)
    readers = [s for s in said if s[2] is not None]
    errors = [s[1] for s in said if s[1]]
    idle = [s for s in said if not s[0]]
    ours = [t for s in readers for t in s[2]]
    bare = [t for s in readers for t in s[3]]
    print("%d rounds of %d readers, %d of %d writers; meminfo: median %.2f "
          "ms, p99 %.2f ms" % (
              sum(s[0] for s in readers), READERS,
              sum(s[0] for s in said if s[2] is None), WRITERS,
              sorted(ours)[len(ours) // 2] * 1000 if ours else 0, p99(ours)))
    if bare:
        print("a bare server: median %.2f ms, p99 %.2f ms" % (
            sorted(bare)[len(bare) // 2] * 1000, p99(bare)))
    for e in errors[:5]:
        print("FAULT: " + e)
    if idle:
        print("FAULT: %d never came through" % len(idle))
    sys.exit(1 if errors or idle else 0)


main()
