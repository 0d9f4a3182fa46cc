#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pressure.py MNT: triggers of proc/pressure behave as the kernel's do."""
import errno
import os
import select

from looks import MNT, ctl, ctl_later, expect, polled, verdict

MEMORY = MNT + "/proc/pressure/memory"


def tell(fd, text):
    try:
        os.write(fd, text)
        return 0
    except OSError as e:
        return e.errno


def ready(fd, ms):
    return [mask & ~select.POLLIN for mask in polled(fd, ms)]


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
before = ctl_later("advance 9s")
expect("stalls are told", ready(fd, 20000), [select.POLLPRI])
os.waitpid(before, 0)
stalled = total()
expect("the total grew", stalled > 50000, True)
# What was under way at its end takes its time.
ctl("kill a\nadvance 2s")
stalled = total()
ready(fd, 0)
ctl("advance 20s")
expect("the total stands", total() - stalled < 10000, True)
expect("nothing is told when all is quiet", ready(fd, 100), [])
os.close(fd)
verdict()
