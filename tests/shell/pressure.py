#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pressure.py MNT: triggers of proc/pressure behave as the kernel's do."""
import errno
import os
import select
import sys

MNT = sys.argv[1]
MEMORY = MNT + "/proc/pressure/memory"
FAULTS = []


def expect(what, got, want):
    if got != want:
        FAULTS.append(what)
        print("FAULT: %s: %r is not %r" % (what, got, want), flush=True)


def ctl(line):
    with open(MNT + "/ctl", "w") as f:
        f.write(line + "\n")


def tell(fd, text):
    try:
        os.write(fd, text)
        return 0
    except OSError as e:
        return e.errno


def ready(fd, ms):
    poll = select.poll()
    poll.register(fd, select.POLLPRI)
    return [mask & ~select.POLLIN for _, mask in poll.poll(ms)]


def total():
    with open(MEMORY) as f:
        return int(f.readline().rsplit("=", 1)[1])


fd = os.open(MEMORY, os.O_RDWR | os.O_NONBLOCK)
expect("a file without a trigger", ready(fd, 100),
       [select.POLLPRI | select.POLLERR])
for text in (b"some 0 1000000\n", b"some 150000 20000000\n", b"rather 1 1\n",
             b"some 2000000 1000000\n"):
    expect("what %r answers" % text, tell(fd, text), errno.EINVAL)
expect("a trigger", tell(fd, b"some 50000 1000000\n"), 0)
expect("a second one", tell(fd, b"some 50000 1000000\n"), errno.EBUSY)
expect("nothing yet", ready(fd, 100), [])
expect("no stall yet", total(), 0)

ctl("swapon /dev/vdb 400M\nspawn a\nmmap a r 160M")
ctl("async touch a r write for=8s")
before = os.fork()
if not before:
    ctl("advance 9s")
    os._exit(0)
expect("stalls are told", ready(fd, 20000), [select.POLLPRI])
os.waitpid(before, 0)
stalled = total()
expect("the total grew", stalled > 50000, True)
ctl("kill a\nadvance 2s")
ready(fd, 0)
ctl("advance 20s")
expect("the total stands", total() - stalled < 10000, True)
expect("nothing is told when all is quiet", ready(fd, 100), [])
os.close(fd)
sys.exit(1 if FAULTS else 0)
