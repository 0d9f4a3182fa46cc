# SPDX-License-Identifier: Apache-2.0
"""What the tests share that look at files of a mounted tree: MNT is the
first argument; what is not as expected is told, and ends in verdict()."""
import os
import select
import sys

MNT = sys.argv[1]
FAULTS = []


def fault(text):
    FAULTS.append(text)
    print("FAULT: " + text, flush=True)


def expect(what, got, want):
    if got != want:
        fault("%s: %r is not %r" % (what, got, want))


def ctl(lines):
    with open(MNT + "/ctl", "w") as f:
        f.write(lines + "\n")


def ctl_later(lines):
    """By another process, while this one goes on: its pid."""
    pid = os.fork()
    if not pid:
        ctl(lines)
        os._exit(0)
    return pid


def polled(fd, ms):
    """What poll(2) says of POLLPRI; [] when time is up."""
    poll = select.poll()
    poll.register(fd, select.POLLPRI)
    return [mask for _, mask in poll.poll(ms)]


def verdict():
    sys.exit(1 if FAULTS else 0)
