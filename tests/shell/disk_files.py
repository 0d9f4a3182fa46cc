#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""disk_files.py DIR HOSTDIR: what programs may expect of files, below DIR.

Every call is made below HOSTDIR too, a folder of the host's own file system;
both must answer the same: result or errno. Then what only the machine has.
"""
import ctypes
import errno
import mmap
import os
import random
import socket
import stat
import sys

DIR, HOST = sys.argv[1], sys.argv[2]
FAULTS = 0


def fault(text):
    global FAULTS
    FAULTS += 1
    print("FAULT:", text)


def answer(call, root):
    """What @call says below @root: its result, or its errno's name."""
    try:
        return call(root)
    except OSError as e:
        return errno.errorcode[e.errno]


def both(name, call):
    here, there = answer(call, DIR), answer(call, HOST)
    if here != there:
        fault(f"{name}: {here!r:.300}, the host says {there!r:.300}")
    return here


def says(name, wanted, call):
    got = answer(call, DIR)
    if got != wanted:
        fault(f"{name}: {got!r}, expected {wanted!r}")


def put(path, data=b"x", flags=os.O_CREAT | os.O_WRONLY, mode=0o644):
    fd = os.open(path, flags, mode)
    try:
        return os.write(fd, data) if data else 0
    finally:
        os.close(fd)


def get(path):
    with open(path, "rb") as f:
        return f.read()


def look(path):
    s = os.lstat(path)
    size = s.st_size if not stat.S_ISDIR(s.st_mode) else 0
    links = s.st_nlink if not stat.S_ISDIR(s.st_mode) else 0
    return oct(s.st_mode), size, links


def tree(root):
    found = []
    for at, dirs, files in os.walk(root):
        dirs.sort()
        for name in sorted(dirs + files):
            path = os.path.join(at, name)
            found.append((os.path.relpath(path, root), look(path)))
    return sorted(found)


def simple():
    def cases():
        p = os.path.join
        yield "create", lambda r: put(p(r, "a"), b"hello")
        yield "read", lambda r: get(p(r, "a"))
        yield "excl", lambda r: put(p(r, "a"), b"",
                                    os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        yield "no file", lambda r: get(p(r, "none"))
        yield "no folder", lambda r: put(p(r, "none/a"))
        yield "a file is no folder", lambda r: put(p(r, "a/b"))
        yield "mkdir", lambda r: os.mkdir(p(r, "d"), 0o750)
        yield "mkdir again", lambda r: os.mkdir(p(r, "d"))
        yield "mkdir over file", lambda r: os.mkdir(p(r, "a"))
        yield "mode", lambda r: look(p(r, "d"))
        yield "open folder to write", lambda r: put(p(r, "d"), b"",
                                                    os.O_WRONLY)
        yield "unlink folder", lambda r: os.unlink(p(r, "d"))
        yield "rmdir file", lambda r: os.rmdir(p(r, "a"))
        yield "rmdir none", lambda r: os.rmdir(p(r, "none"))
        yield "in d", lambda r: put(p(r, "d/f"), b"f")
        yield "rmdir full", lambda r: os.rmdir(p(r, "d"))
        yield "rename", lambda r: os.rename(p(r, "a"), p(r, "b"))
        yield "old name", lambda r: get(p(r, "a"))
        yield "new name", lambda r: get(p(r, "b"))
        yield "rename none", lambda r: os.rename(p(r, "a"), p(r, "c"))
        yield "rename over", lambda r: (put(p(r, "c"), b"c"),
                                        os.rename(p(r, "b"), p(r, "c")),
                                        get(p(r, "c")))
        yield "rename file over folder", lambda r: os.rename(p(r, "c"),
                                                             p(r, "d"))
        yield "rename folder over file", lambda r: os.rename(p(r, "d"),
                                                             p(r, "c"))
        yield "into itself", lambda r: os.rename(p(r, "d"), p(r, "d/e"))
        yield "folder", lambda r: os.rename(p(r, "d"), p(r, "e"))
        yield "below it", lambda r: get(p(r, "e/f"))
        yield "over full folder", lambda r: (os.mkdir(p(r, "d2")),
                                             os.rename(p(r, "d2"),
                                                       p(r, "e")))
        yield "over empty folder", lambda r: os.rename(p(r, "e"),
                                                       p(r, "d2"))
        yield "link", lambda r: (os.link(p(r, "c"), p(r, "l")),
                                 look(p(r, "c")))
        yield "link again", lambda r: os.link(p(r, "c"), p(r, "l"))
        yield "link to folder", lambda r: os.link(p(r, "d2"), p(r, "l2"))
        yield "same inode", lambda r: (os.stat(p(r, "c")).st_ino ==
                                       os.stat(p(r, "l")).st_ino)
        yield "write by one", lambda r: put(p(r, "l"), b"LINK")
        yield "read by other", lambda r: get(p(r, "c"))
        yield "rename to own link", lambda r: (os.rename(p(r, "c"),
                                                         p(r, "l")),
                                               look(p(r, "c")))
        yield "one name less", lambda r: (os.unlink(p(r, "c")),
                                          look(p(r, "l")), get(p(r, "l")))
        yield "symlink", lambda r: (os.symlink("l", p(r, "s")),
                                    os.readlink(p(r, "s")), get(p(r, "s")),
                                    look(p(r, "s")))
        yield "readlink of file", lambda r: os.readlink(p(r, "l"))
        yield "dangling", lambda r: (os.symlink("nowhere", p(r, "n")),
                                     get(p(r, "n")))
        yield "loop", lambda r: (os.symlink("loop", p(r, "loop")),
                                 get(p(r, "loop")))
        yield "nofollow", lambda r: os.open(p(r, "s"),
                                            os.O_RDONLY | os.O_NOFOLLOW)
        yield "fifo", lambda r: (os.mkfifo(p(r, "fifo"), 0o600),
                                 look(p(r, "fifo")))
        yield "chmod", lambda r: (os.chmod(p(r, "l"), 0o4711),
                                  look(p(r, "l")))
        yield "utime", lambda r: (os.utime(p(r, "l"), ns=(5, 7000000001)),
                                  os.stat(p(r, "l")).st_mtime_ns,
                                  os.stat(p(r, "l")).st_atime_ns)
        yield "long name", lambda r: (put(p(r, "n" * 255)),
                                      look(p(r, "n" * 255)),
                                      os.unlink(p(r, "n" * 255)))
        yield "too long name", lambda r: put(p(r, "n" * 256))
        yield "odd names", lambda r: [(put(p(r, n), n.encode()),
                                       get(p(r, n)))
                                      for n in ("a b", "#", "100%", "%41",
                                                "\u4e2d\u6587", "\n", "mnt")]
        yield "trailing slash", lambda r: get(p(r, "l/"))
        yield "truncate", lambda r: (os.truncate(p(r, "l"), 2),
                                     get(p(r, "l")))
        yield "grow", lambda r: (os.truncate(p(r, "l"), 9000),
                                 get(p(r, "l")))
        yield "truncate folder", lambda r: os.truncate(p(r, "d2"), 0)
        yield "negative", lambda r: os.truncate(p(r, "l"), -1)
        yield "open truncates", lambda r: (put(p(r, "l"), b"12",
                                               os.O_WRONLY | os.O_TRUNC),
                                           get(p(r, "l")))
        yield "append", lambda r: (put(p(r, "l"), b"34",
                                       os.O_WRONLY | os.O_APPEND),
                                   get(p(r, "l")))
        yield "all of it", tree

    for name, call in cases():
        both(name, call)


def deep():
    """A path of more bytes than a name in the machine has."""
    def call(root):
        fd = os.open(root, os.O_RDONLY)
        names = [chr(ord("a") + i) * 60 for i in range(8)]
        for name in names:
            os.mkdir(name, dir_fd=fd)
            inner = os.open(name, os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = inner
        f = os.open("f", os.O_CREAT | os.O_RDWR, 0o600, dir_fd=fd)
        os.write(f, b"deep")
        os.close(f)
        os.close(fd)
        path = os.path.join(root, *names, "f")
        first = get(path)
        os.rename(os.path.join(root, names[0]), os.path.join(root, "top"))
        return first, get(os.path.join(root, "top", *names[1:], "f"))

    both("deep", call)


def open_files():
    def unlinked(root):
        path = os.path.join(root, "gone")
        fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        os.write(fd, b"still ")
        os.unlink(path)
        os.write(fd, b"there")
        links = os.fstat(fd).st_nlink
        put(path, b"another")
        got = os.pread(fd, 100, 0), get(path), links
        os.unlink(path)
        os.close(fd)
        return got

    def replaced(root):
        path = os.path.join(root, "old")
        put(path, b"old")
        fd = os.open(path, os.O_RDONLY)
        put(path + ".new", b"new")
        os.rename(path + ".new", path)
        got = os.read(fd, 10), get(path)
        os.close(fd)
        os.unlink(path)
        return got

    def renamed(root):
        path = os.path.join(root, "moving")
        fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        os.write(fd, b"1")
        os.rename(path, path + "2")
        os.write(fd, b"2")
        os.close(fd)
        return get(path + "2"), os.unlink(path + "2")

    def sparse(root):
        path = os.path.join(root, "sparse")
        fd = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        os.pwrite(fd, b"end", 1 << 32)
        got = (os.fstat(fd).st_size, os.pread(fd, 4096, 1 << 20),
               os.fstat(fd).st_blocks < 1000,
               os.lseek(fd, 0, os.SEEK_DATA), os.lseek(fd, 0, os.SEEK_HOLE))
        os.ftruncate(fd, (1 << 32) + 1)
        got += (os.pread(fd, 10, 1 << 32),)
        os.close(fd)
        os.unlink(path)
        return got

    def wrong_way(root):
        path = os.path.join(root, "l")
        fd = os.open(path, os.O_WRONLY)
        try:
            return os.read(fd, 1)
        finally:
            os.close(fd)

    def holes(root):
        path = os.path.join(root, "punched")
        put(path, b"x" * 65536)
        fd = os.open(path, os.O_RDWR)
        os.posix_fallocate(fd, 0, 131072)
        got = os.fstat(fd).st_size, os.pread(fd, 3, 65535)
        os.close(fd)
        os.unlink(path)
        return got

    for name, call in (("unlinked", unlinked), ("replaced", replaced),
                       ("renamed", renamed), ("sparse", sparse),
                       ("written file read", wrong_way), ("holes", holes)):
        both(name, call)


def mapped():
    path = os.path.join(DIR, "map")
    data = os.urandom(100000)
    put(path, data)
    fd = os.open(path, os.O_RDWR)
    m = mmap.mmap(fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    if m[:] != data:
        fault("a private mapping has other bytes than the file")
    m[0:3] = b"own"
    if get(path) != data:
        fault("a private mapping changed the file")
    m.close()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap(None, ctypes.c_size_t(4096), mmap.PROT_READ, mmap.MAP_SHARED, fd,
              ctypes.c_long(0))
    if ctypes.get_errno() != errno.ENODEV:
        fault(f"a shared mapping: errno {ctypes.get_errno()}, not ENODEV")
    os.close(fd)
    os.unlink(path)


def refused():
    path = os.path.join(DIR, "refused")
    put(path, b"d" * 8192)
    says("setxattr", "ENOTSUP",
         lambda r: os.setxattr(path, "user.a", b"1"))
    says("getxattr", "ENOTSUP", lambda r: os.getxattr(path, "user.a"))

    def direct(r, size, off):
        fd = os.open(path, os.O_RDONLY | os.O_DIRECT)
        try:
            m = mmap.mmap(-1, 8192)
            return os.preadv(fd, [memoryview(m)[:size]], off)
        finally:
            os.close(fd)

    says("O_DIRECT", 4096, lambda r: direct(r, 4096, 4096))
    says("O_DIRECT, size", "EINVAL", lambda r: direct(r, 100, 0))
    says("O_DIRECT, offset", "EINVAL", lambda r: direct(r, 512, 100))
    os.unlink(path)
    s = os.statvfs(DIR)
    if s.f_bsize != 4096 or not 0 < s.f_bfree <= s.f_blocks:
        fault(f"statfs: {s}")


def full():
    """The last bytes of the disk; then there is room again."""
    path = os.path.join(DIR, "fill")
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    block = b"\1" * (1 << 20)
    written = 0
    try:
        while written < 1 << 30:
            written += os.write(fd, block)
        fault("a full disk took 1 GiB")
    except OSError as e:
        if e.errno != errno.ENOSPC:
            fault(f"a full disk: {e}")
    os.close(fd)
    if os.stat(path).st_size != written:
        fault(f"a full disk: {written} written, {os.stat(path).st_size} there")
    if os.statvfs(DIR).f_bavail > 512:
        fault(f"a full disk has {os.statvfs(DIR).f_bavail} blocks")
    says("create on a full disk", "ENOSPC",
         lambda r: put(os.path.join(r, "more"), b"x" * (4 << 20)))
    for name in ("fill", "more"):
        if os.path.exists(os.path.join(DIR, name)):
            os.unlink(os.path.join(DIR, name))
    says("room again", 1 << 20,
         lambda r: put(os.path.join(r, "more"), block))
    os.unlink(os.path.join(DIR, "more"))


def random_calls(rng, count):
    """Histories on a few names; the trees must be equal at the end."""
    names = ["p", "q", "r", "p/x", "p/y", "q/x", "q/z", "r/x/y"]

    def one(root, kind, a, b, n, data):
        pa, pb = os.path.join(root, a), os.path.join(root, b)
        if kind == "mkdir":
            return os.mkdir(pa)
        if kind == "rmdir":
            return os.rmdir(pa)
        if kind == "unlink":
            return os.unlink(pa)
        if kind == "rename":
            return os.rename(pa, pb)
        if kind == "link":
            return os.link(pa, pb)
        if kind == "symlink":
            return os.symlink(b, pa)
        if kind == "truncate":
            return os.truncate(pa, n)
        if kind == "list":
            return sorted(os.listdir(pa))
        if kind == "get":
            return get(pa)
        fd = os.open(pa, os.O_CREAT | os.O_RDWR, 0o640)
        got = os.pwrite(fd, data, n), os.pread(fd, 50000, 0)
        os.close(fd)
        return got

    kinds = ["mkdir", "rmdir", "unlink", "rename", "link", "symlink",
             "truncate", "list", "get", "put", "put", "put"]
    for i in range(count):
        kind, n = rng.choice(kinds), rng.randrange(40000)
        a, b = rng.choice(names), rng.choice(names)
        data = bytes([rng.randrange(256)]) * rng.randrange(1, 9000)
        both(f"random {i}: {kind} {a} {b} {n}",
             lambda r: one(r, kind, a, b, n, data))
    here, there = tree(DIR), tree(HOST)
    for entry in set(here) ^ set(there):
        fault(f"after random calls: {entry}, of one of both")


def main():
    os.umask(0o022)
    simple()
    deep()
    open_files()
    mapped()
    refused()
    for seed in (6, 100, 102):
        random_calls(random.Random(seed), 1500)
    if len(sys.argv) > 3:
        full()
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
