#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cgroup.py MNT: who polls memory.events, cgroup.events and memory.pressure
of a memory group is woken."""
import os
import select
import sys

MNT = sys.argv[1]
GROUP = MNT + "/sys/fs/cgroup/polled"
FAULTS = []


def expect(what, got, want):
    if got != want:
        FAULTS.append(what)
        print("FAULT: %s: %r is not %r" % (what, got, want), flush=True)


def ctl(lines):
    with open(MNT + "/ctl", "w") as f:
        f.write(lines + "\n")


def later(lines):
    """Run by another process, while this one polls."""
    pid = os.fork()
    if not pid:
        ctl(lines)
        os._exit(0)
    return pid


def changed(fd, ms):
    poll = select.poll()
    poll.register(fd, select.POLLPRI)
    return [mask & select.POLLPRI for _, mask in poll.poll(ms)]


def field(name, key):
    with open("%s/%s" % (GROUP, name)) as f:
        return [line.split()[1] for line in f if line.startswith(key + " ")]


os.mkdir(GROUP)
with open(GROUP + "/memory.high", "w") as f:
    f.write("16M")
populated = os.open(GROUP + "/cgroup.events", os.O_RDONLY)
events = os.open(GROUP + "/memory.events", os.O_RDONLY)
pressure = os.open(GROUP + "/memory.pressure", os.O_RDWR)
os.read(populated, 100)
os.read(events, 100)
os.write(pressure, b"some 500000 1000000\n")
expect("nobody came", changed(populated, 50), [])
expect("nothing happened", changed(events, 50), [])

child = later("spawn p\ncgroup p polled\nmmap p m 24M")
expect("somebody came", changed(populated, 20000), [select.POLLPRI])
os.waitpid(child, 0)
expect("populated", field("cgroup.events", "populated"), ["1"])
child = later("touch p m write 0 20M\nadvance 1s")
expect("above memory.high", changed(events, 20000), [select.POLLPRI])
expect("and it stalls", changed(pressure, 20000), [select.POLLPRI])
os.waitpid(child, 0)
os.pread(events, 100, 0)
expect("nothing new", changed(events, 50), [])
with open(GROUP + "/memory.max", "w") as f:
    f.write("18M")
expect("killed", field("memory.events", "oom_kill"), ["1"])
expect("news of it", changed(events, 20000), [select.POLLPRI])
for fd in (populated, events, pressure):
    os.close(fd)
os.rmdir(GROUP)
sys.exit(1 if FAULTS else 0)
