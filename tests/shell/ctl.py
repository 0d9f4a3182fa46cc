#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ctl.py MNT: what one write, one handle, one signal does to the others."""
import errno
import os
import signal
import threading
import time

from looks import MNT, expect, fault, verdict


def drain(fd):
    out = b""
    while True:
        part = os.read(fd, 65536)
        if not part:
            return out
        out += part


def write(fd, text):
    """errno of a write, 0"""
    try:
        expect("bytes taken", os.write(fd, text), len(text))
        return 0
    except OSError as e:
        return e.errno


def lines():
    fd = os.open(MNT + "/ctl", os.O_RDWR)
    expect("nothing to read is the end", os.read(fd, 100), b"")
    expect("a failing line", write(fd, b"# first\n\nsnap a\nbad\nsnap b\n"),
           errno.EINVAL)
    out = drain(fd)
    if not out.startswith(b"a\nerror: line 4: ") or b"\nb\n" in out:
        fault("lines before a failure stay, later ones are dropped: %r" % out)
    expect("no newline at the end", write(fd, b"snap c"), 0)
    expect("in pieces", os.read(fd, 1) + os.read(fd, 5), b"c\n")
    expect("a comment", write(fd, b"# nothing\n"), 0)
    expect("its reply", drain(fd), b"")
    try:
        os.lseek(fd, 0, os.SEEK_SET)
        fault("ctl can be seeked")
    except OSError as e:
        expect("lseek", e.errno, errno.ESPIPE)
    os.close(fd)


def room():
    """Replies of a megabyte wait: the next write is refused untouched."""
    fd = os.open(MNT + "/ctl", os.O_RDWR)
    name = b"snap " + b"x" * 200 + b"\n"
    count, r = 0, 0
    while not r and count < 100:
        r = write(fd, name * 500)
        count += 1
    expect("queue of replies", r, errno.ENOBUFS)
    expect("still full", write(fd, b"spawn never\n"), errno.ENOBUFS)
    if len(drain(fd)) < 1 << 20:
        fault("less than a megabyte was kept")
    expect("after draining", write(fd, b"snap y\n"), 0)
    expect("never was spawned", write(fd, b"kill never\n"), errno.ESRCH)
    os.close(fd)


class Alarm(Exception):
    pass


def on_alarm(_signal, _frame):
    raise Alarm()


def interrupt():
    fd = os.open(MNT + "/ctl", os.O_RDWR)
    expect("spawn", write(fd, b"spawn w\nmmap w m 64M\n"), 0)
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    begin = time.monotonic()
    try:
        os.write(fd, b"touch w m write loops=1000000000\nspawn never\n")
        fault("the endless write ended")
    except Alarm:
        if time.monotonic() - begin > 5:
            fault("the interrupted write hung")
    out = drain(fd)
    if b"(EINTR)" not in out or b"never" in out:
        fault("reply of an interrupted write: %r" % out)
    expect("the process lives on", write(fd, b"munmap w m\nexit w\n"), 0)
    os.close(fd)


def interleave():
    """A second handle acts while the first one's write runs."""
    one, two = (os.open(MNT + "/ctl", os.O_RDWR) for _ in range(2))
    expect("spawn", write(one, b"spawn w\nmmap w m 64M\n"), 0)
    result = []
    t = threading.Thread(target=lambda: result.append(
        write(one, b"touch w m write loops=1000000000\n")))
    t.start()
    time.sleep(0.2)
    begin = time.monotonic()
    expect("second handle", write(two, b"spawn v\nexit v\n"), 0)
    expect("same inode", os.stat(MNT + "/ctl").st_ino,
           os.fstat(one).st_ino)
    expect("kill", write(two, b"kill w\n"), 0)
    if time.monotonic() - begin > 5:
        fault("the second handle waited")
    t.join(20)
    if t.is_alive():
        fault("the killed process's write hangs")
    elif result != [0]:
        fault("a death is a result, not %r" % result)
    if b"killed SIGKILL" not in drain(one):
        fault("the reply does not name the signal")
    for fd in (one, two):
        os.close(fd)


def main():
    lines()
    room()
    interrupt()
    interleave()
    verdict()


main()
