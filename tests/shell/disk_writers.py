#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""disk_writers.py DIR WRITERS MIB [SEED]: many write, and read back what they wrote.

Each process has a file of MIB MiB and writes blocks of 4 to 256 KiB at random
places, through the cache or past it, appends, truncates, punches and syncs;
a copy of what must be there is kept in memory. Between writes it reads random
parts, at the end the whole, and says the sum.
"""
import hashlib
import mmap
import os
import random
import sys

SECTOR = 4096


def differ(path, what, off):
    print(f"FAULT: {path}: {what} at {off}")
    sys.exit(1)


def aligned(data):
    m = mmap.mmap(-1, len(data))
    m.write(data)
    return m


def writer(path, size, rng, rounds):
    fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o644)
    raw = os.open(path, os.O_RDWR | os.O_DIRECT)
    want = bytearray()
    for i in range(rounds):
        kind = rng.randrange(20)
        off = rng.randrange(size // SECTOR) * SECTOR
        length = rng.randrange(1, 65) * SECTOR
        if kind < 12:
            data = rng.randbytes(length - rng.randrange(SECTOR))
            grow = off + len(data) - len(want)
            if grow > 0:
                want.extend(bytes(grow))
            if kind < 10:
                done = os.pwrite(fd, data, off)
            else:
                data = data[:len(data) // SECTOR * SECTOR]
                done = os.pwritev(raw, [aligned(data)], off) if data else 0
                want[:] = want[:max(len(want) - max(grow, 0),
                                    off + len(data) if data else 0)]
            if done != len(data):
                differ(path, f"short write of {done}", off)
            want[off:off + len(data)] = data
        elif kind < 17 and want:
            off = min(off, len(want) - 1)
            got = os.pread(fd, length, off)
            if got != bytes(want[off:off + length]):
                differ(path, "other bytes", off)
        elif kind == 17:
            os.ftruncate(fd, off)
            grow = off - len(want)
            want[:] = want[:off] + bytes(max(grow, 0))
        elif kind == 18:
            os.fsync(fd)
        else:
            os.rename(path, path + ".moved")
            os.rename(path + ".moved", path)
    os.close(fd)
    os.close(raw)
    with open(path, "rb") as f:
        got = f.read()
    if got != bytes(want):
        at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b),
                  min(len(got), len(want)))
        differ(path, f"other bytes at the end ({len(got)}, {len(want)})", at)
    with open(path + ".sum", "w", encoding="ascii") as f:
        f.write(hashlib.sha256(want).hexdigest() + "\n")


def main():
    where, count, mib = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 200
    children = []
    for i in range(count):
        pid = os.fork()
        if not pid:
            writer(os.path.join(where, f"w{i}"), mib << 20,
                   random.Random(seed * 1000 + i), rounds)
            os._exit(0)
        children.append(pid)
    bad = sum(os.waitpid(pid, 0)[1] != 0 for pid in children)
    for i in range(count):
        path = os.path.join(where, f"w{i}")
        with open(path, "rb") as f, open(path + ".sum", encoding="ascii") as s:
            if hashlib.sha256(f.read()).hexdigest() != s.read().strip():
                print(f"FAULT: {path}: another sum")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
