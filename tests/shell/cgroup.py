#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cgroup.py MNT: who polls memory.events, cgroup.events and memory.pressure
of a memory group is woken."""
import os
import select

from looks import MNT, ctl, ctl_later, expect, polled, verdict

GROUP = MNT + "/sys/fs/cgroup/polled"


def changed(fd, ms):
    return [mask & select.POLLPRI for mask in polled(fd, ms)]


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

child = ctl_later("spawn p\ncgroup p polled\nmmap p m 24M")
expect("somebody came", changed(populated, 20000), [select.POLLPRI])
os.waitpid(child, 0)
expect("populated", field("cgroup.events", "populated"), ["1"])
child = ctl_later("touch p m write 0 20M\nadvance 1s")
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


# memory.peak: a write counts anew for that open file alone.
def peak(fd):
    return int(os.pread(fd, 100, 0)) >> 20


ctl("spawn q\ncgroup q polled\nmmap q m 16M\ntouch q m write 0 12M")
one, two, third = (os.open(GROUP + "/memory.peak", os.O_RDWR)
                   for _ in range(3))
top = peak(third)
ctl("madvise q m dontneed")
os.write(one, b"reset\n")
expect("counts anew", peak(one) < 2, True)
expect("not for others", peak(two), top)
ctl("touch q m write 0 8M")
expect("counts on", peak(one), 8)
ctl("madvise q m dontneed\ntouch q m write 0 4M")
os.write(two, b"x")
expect("where it was written", peak(two), 4)
ctl("touch q m write 0 6M")
expect("both", [peak(one) >= 6, peak(two), peak(third)], [True, 6, top])
for fd in (one, two, third):
    os.close(fd)

# cgroup.freeze: processes stand still, and who polls hears of it.
frozen = os.open(GROUP + "/cgroup.events", os.O_RDONLY)
os.read(frozen, 100)
ctl("async touch q m write for=10s")
with open(GROUP + "/cgroup.freeze", "w") as f:
    f.write("1")
expect("frozen is news", changed(frozen, 20000), [select.POLLPRI])
expect("frozen", field("cgroup.events", "frozen"), ["1"])
ctl("advance 1ms")
with open("%s/proc/%s/stat" % (MNT, open(GROUP + "/cgroup.procs").read()
                               .split()[0])) as f:
    stat = f.name
before = open(stat).read().split()
ctl("advance 3s")
expect("no time", open(stat).read().split()[13:15], before[13:15])
expect("asleep", before[2], "S")
try:
    ctl("touch q m read")
    expect("an operation of it", "done", "refused")
except OSError:
    pass
stood = int(field("cgroup.stat.local", "frozen_usec")[0])
expect("it is counted", stood, 3001000)
with open(GROUP + "/cgroup.freeze", "w") as f:
    f.write("0")
expect("and goes on", field("cgroup.events", "frozen"), ["0"])
ctl("advance 2s")
expect("it works", open(stat).read().split()[13:15] == before[13:15], False)
with open(GROUP + "/cgroup.freeze", "w") as f:
    f.write("1")
for bad in ("2", "-1", "x"):
    try:
        with open(GROUP + "/cgroup.freeze", "w") as f:
            f.write(bad)
        expect("freeze " + bad, "taken", "refused")
    except OSError:
        pass
with open(GROUP + "/cgroup.kill", "w") as f:
    f.write("1")
expect("killed all the same", open(GROUP + "/cgroup.procs").read(), "")
os.close(frozen)
os.rmdir(GROUP)
verdict()
