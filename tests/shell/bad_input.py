#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bad_input.py MNT: malformed, binary and huge writes; odd offsets, sizes."""
import errno
import os
import random
import sys

MNT = sys.argv[1]
FAULTS = []
LINES = [
    b"nonsense", b"spawn", b"spawn a b c", b"spawn 1x", b"spawn " + b"a" * 16,
    b"mmap", b"mmap nobody r 4K", b"touch nobody r write",
    b"mmap nobody r 4K 4K", b"advance", b"advance 5", b"advance -5s",
    b"advance 99999999999999999999s", b"set /proc/nowhere 1",
    b"set /proc/sys/vm/swappiness 999", b"set /proc/meminfo 1",
    b"show /nowhere", b"show ../../etc/passwd", b"spawn a\0b",
    b"spawn \xff\xfe", b"x" * 5000, b"kill 1", b"exit 2", b"kill 99999",
    b"expect /proc/meminfo MemTotal = 1",
    b"until /proc/meminfo MemTotal = 1 max=1ms ",
    b"swapon", b"swapon /nowhere", b"mkfile", b"mkfile x 9999999T",
]

# A file of /proc without a store answers a write with EIO on Linux as well;
# a machine without swap has no swapon.
ENTITLED = (b"set /proc/meminfo 1", b"swapon /nowhere")


def fault(text):
    FAULTS.append(text)
    print("FAULT: " + text)


def write(path, data, flags=os.O_WRONLY):
    """-> errno of the write, 0, or None if open failed"""
    try:
        fd = os.open(MNT + "/" + path, flags)
    except OSError:
        return None
    try:
        os.write(fd, data)
        return 0
    except OSError as e:
        return e.errno
    finally:
        os.close(fd)


def lines():
    for line in LINES:
        if line.startswith(b"until"):
            continue                    # takes simulated time
        r = write("ctl", line + b"\n")
        if not r:
            fault("ctl took %r (%s)" % (line[:60], r))
        elif r in (errno.EIO, errno.ENOSYS, errno.ENOTCONN) \
                and line not in ENTITLED:
            fault("ctl answered %r with %s" % (line[:60], os.strerror(r)))


def noise(rng):
    for size in (1, 7, 4095, 4096, 65536, 1 << 20):
        data = bytes(rng.randrange(256) for _ in range(size))
        r = write("ctl", data)
        if r in (errno.EIO, errno.ENOSYS, errno.ENOTCONN):
            fault("%d bytes of noise: %s" % (size, os.strerror(r)))
    r = write("ctl", b"x" * (1 << 20))
    if not r:
        fault("a line of 1 MiB was taken")
    # Comments and empty lines are no operations, however many there are.
    if write("ctl", b"# nothing\n\n" * 5000):
        fault("comments were refused")


def files():
    for folder, folders, names in os.walk(MNT):
        rel = os.path.relpath(folder, MNT)
        if rel.startswith(("disk", "proc/.host")):
            folders[:] = []
            continue
        for name in names:
            path = os.path.join(rel, name)
            if name not in ("ctl", "kmsg", "reset"):
                yield path, os.path.join(folder, name)


def stores(rng):
    """Every writable file of the tree gets what it cannot want."""
    wrong = [b"", b"\0", b"-1\n", b"x\n", b"1 2 3 4 5 6 7 8 9\n",
             b"99999999999999999999999999\n", b"9" * 8192,
             bytes(rng.randrange(256) for _ in range(300))]
    count = 0
    for path, full in files():
        if os.path.islink(full) or not os.stat(full).st_mode & 0o200:
            continue
        count += 1
        for data in wrong:
            r = write(path, data)
            if r in (errno.EIO, errno.ENOSYS, errno.ENOTCONN):
                fault("%s: %r: %s" % (path, data[:20], os.strerror(r)))
                return count
    return count


def reads(rng):
    """Any offset and size gives slices of what a whole read gives."""
    for path in ("proc/meminfo", "proc/vmstat", "proc/zoneinfo",
                 "proc/1/status", "proc/1/stat", "proc/buddyinfo",
                 "sys/kernel/mm/ksm/run", "model/config"):
        try:
            fd = os.open(MNT + "/" + path, os.O_RDONLY)
        except OSError as e:
            fault("%s: %s" % (path, e))
            continue
        whole = os.pread(fd, 1 << 20, 0)
        for _ in range(60):
            at = rng.choice((rng.randrange(len(whole) + 9),
                             len(whole), 1 << 40, 1 << 62))
            size = rng.choice((1, 13, 1000, 4096, 131072))
            got = os.pread(fd, size, at)
            # Offset 0 renders anew: the text may differ from the first.
            if at and got != whole[at:at + size]:
                fault("%s: %d bytes at %d" % (path, size, at))
                break
        os.close(fd)


def refused():
    for what, call in (
            ("create", lambda: os.open(MNT + "/proc/new", os.O_CREAT)),
            ("mkdir", lambda: os.mkdir(MNT + "/proc/new")),
            ("unlink", lambda: os.unlink(MNT + "/proc/meminfo")),
            ("rename", lambda: os.rename(MNT + "/proc/meminfo",
                                         MNT + "/proc/x"))):
        try:
            call()
            fault(what + " was allowed")
        except OSError as e:
            if e.errno not in (errno.EPERM, errno.EACCES):
                fault("%s: %s" % (what, e))


def main():
    rng = random.Random(1)
    lines()
    noise(rng)
    print("%d writable files" % stores(rng))
    reads(rng)
    refused()
    sys.exit(1 if FAULTS else 0)


main()
