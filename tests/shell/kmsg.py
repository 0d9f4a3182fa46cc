#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kmsg.py MNT: dev/kmsg behaves as /dev/kmsg does; model/events wakes up."""
import errno
import os
import re
import select
import signal
import sys
import threading
import time

from looks import MNT, expect, fault, verdict

LOG = MNT + "/dev/kmsg"


def write(path, text):
    try:
        with open(path, "w") as f:
            f.write(text)
        return 0
    except OSError as e:
        return e.errno


def read(fd):
    """One record; None where the reader would wait."""
    try:
        return os.read(fd, 8192).decode()
    except BlockingIOError:
        return None


def later(call, *args):
    t = threading.Timer(0.3, call, args)
    t.start()
    return t


def records():
    fd = os.open(LOG, os.O_RDONLY | os.O_NONBLOCK)
    while read(fd) is not None:
        pass
    expect("write", write(LOG, "<5>hello\\wörld"), 0)
    got = read(fd)
    if not re.match(r"^13,\d+,\d+,-;hello\\x5cw\\xc3\\xb6rld\n$", got or ""):
        fault("record: %r" % got)
    expect("too long", write(LOG, "x" * 1025), errno.EINVAL)
    write(LOG, "second")
    try:
        os.read(fd, 4)
        fault("a record fitted into 4 bytes")
    except OSError as e:
        expect("short buffer", e.errno, errno.EINVAL)
    if not (read(fd) or "").endswith(";second\n"):
        fault("a short buffer lost a record")
    expect("the end", read(fd), None)
    os.lseek(fd, 0, os.SEEK_SET)
    first = read(fd)
    os.lseek(fd, 0, os.SEEK_DATA)
    expect("SEEK_SET and SEEK_DATA", read(fd), first)
    os.lseek(fd, 0, os.SEEK_END)
    expect("SEEK_END", read(fd), None)
    write(LOG, "third")
    if not (read(fd) or "").endswith(";third\n"):
        fault("what comes after SEEK_END is not read")
    expect("st_size", os.stat(LOG).st_size, 0)
    os.close(fd)


def overrun():
    """Who is too slow is told once, then goes on with the oldest."""
    fd = os.open(LOG, os.O_RDONLY | os.O_NONBLOCK)
    old = read(fd)
    for i in range(4200):
        write(LOG, "line %d" % i)
    try:
        read(fd)
        fault("lost records are not told")
    except OSError as e:
        expect("lost records", e.errno, errno.EPIPE)
    got = read(fd)
    if got is None or int(got.split(",")[1]) <= int(old.split(",")[1]) + 1:
        fault("after EPIPE: %r" % got)
    os.close(fd)


def reset():
    """A reader of the old machine's log goes on with the new one's."""
    fd = os.open(LOG, os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(fd, 0, os.SEEK_END)
    write(MNT + "/ctl", "reset")
    write(LOG, "anew")
    lines = []
    while True:
        got = read(fd)
        if got is None:
            break
        lines.append(got)
    if not lines or not lines[-1].endswith(";anew\n"):
        fault("after a reset: %r" % lines[-1:])
    os.close(fd)


def waits():
    fd = os.open(LOG, os.O_RDONLY)
    os.lseek(fd, 0, os.SEEK_END)
    t = later(write, LOG, "for the reader")
    begin = time.monotonic()
    got = read(fd)
    if not got.endswith(";for the reader\n"):
        fault("blocked reader: %r" % got)
    if not 0.2 < time.monotonic() - begin < 5:
        fault("the reader did not wait for the record")
    t.join()
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        read(fd)
        fault("a read without a record ended")
    except Alarm:
        pass
    os.close(fd)


class Alarm(Exception):
    pass


def on_alarm(_signal, _frame):
    raise Alarm()


def polled(path, flags, event, change):
    """poll() says nothing, then something happens, then it says @event."""
    fd = os.open(path, flags)
    p = select.poll()
    p.register(fd, event)
    if path == LOG:
        os.lseek(fd, 0, os.SEEK_END)
    else:
        os.read(fd, 1 << 20)
    expect(path + ": nothing new", p.poll(0), [])
    t = later(change)
    begin = time.monotonic()
    got = p.poll(5000)
    if not got or not got[0][1] & event:
        fault("%s: poll says %r" % (path, got))
    if time.monotonic() - begin < 0.2:
        fault("%s: poll did not wait" % path)
    t.join()
    os.close(fd)


def main():
    records()
    overrun()
    reset()
    waits()
    polled(LOG, os.O_RDONLY | os.O_NONBLOCK, select.POLLIN,
           lambda: write(LOG, "for the poller"))
    polled(MNT + "/model/events", os.O_RDONLY, select.POLLIN,
           lambda: write(MNT + "/ctl", "nonsense"))
    verdict()


main()
