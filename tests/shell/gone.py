# SPDX-License-Identifier: Apache-2.0
"""What is left of a process: nothing by name, the open files by hand."""
import errno
import os
import sys

MNT = sys.argv[1]
CTL = os.open(MNT + "/ctl", os.O_RDWR)
faults = 0


def ctl(line):
    os.write(CTL, line.encode() + b"\n")
    return os.read(CTL, 4096).decode().split()


def expect(what, call, error=0):
    """That @call works, or fails so."""
    global faults
    try:
        call()
        got = 0
    except OSError as e:
        got = e.errno
    if got != error:
        faults += 1
        print("%s: %s, not %s" % (what, got and errno.errorcode[got],
                                  error and errno.errorcode[error]))


def comm(pid):
    with open("%s/proc/%s/comm" % (MNT, pid)) as f:
        return f.read().strip()


def ways(home):
    """Each call that goes by a name."""
    def read(name):
        os.close(os.open(home + name, os.O_RDONLY))

    return {
        "stat": lambda: os.stat(home),
        "lstat": lambda: os.lstat(home),
        "stat of a file": lambda: os.stat(home + "/stat"),
        "access": lambda: os.stat(home) if os.access(home + "/comm", os.R_OK)
        else os.stat(home + "/comm"),
        "open": lambda: read("/status"),
        "open of a folder": lambda: read(""),
        "a file never asked for": lambda: read("/oom_score"),
        "readlink": lambda: os.readlink(home + "/exe"),
        "list": lambda: os.listdir(home),
        "a thread": lambda: os.listdir(home + "/task"),
        "chdir": lambda: os.chdir(home),
    }


def look(home):
    for name, call in ways(home).items():
        if name not in ("a file never asked for", "chdir"):
            expect(name + ", alive", call)


def by_name(pid):
    home = "%s/proc/%s" % (MNT, pid)
    look(home)
    ctl("exit p")
    for name, call in ways(home).items():
        expect(name, call, errno.ENOENT)


def by_hand(pid):
    home = "%s/proc/%s" % (MNT, pid)
    look(home)
    folder = os.open(home, os.O_RDONLY)
    file = os.open(home + "/statm", os.O_RDONLY)
    ctl("exit p")
    expect("name beside an open file", lambda: os.stat(home + "/stat"),
           errno.ENOENT)
    for again in (0, 1):
        expect("fstat", lambda: os.fstat(file))
        expect("fstat of a folder", lambda: os.fstat(folder))
        expect("read", lambda: os.read(file, 99), errno.ESRCH)
        expect("open below a folder", lambda: os.open(
            "stat", os.O_RDONLY, dir_fd=folder), errno.ENOENT)
        expect("stat below a folder", lambda: os.stat(
            "status", dir_fd=folder), errno.ENOENT)
    expect("open by name", lambda: os.open(home + "/statm", os.O_RDONLY),
           errno.ENOENT)
    os.close(folder)
    os.close(file)


def from_within(pid):
    home = "%s/proc/%s" % (MNT, pid)
    here = os.getcwd()
    look(home)
    os.chdir(home)
    ctl("exit p")
    expect("open from within", lambda: os.open("stat", os.O_RDONLY),
           errno.ENOENT)
    expect("list from within", lambda: os.listdir("."), errno.ENOENT)
    os.chdir(here)


def reused(rounds):
    """Pids are few: each round has one that was somebody else's."""
    seen = {}
    again = 0
    for i in range(rounds):
        pid = ctl("spawn n%d" % i)[2]
        again += pid in seen
        seen[pid] = i
        look("%s/proc/%s" % (MNT, pid))
        if comm(pid) != "n%d" % i:
            expect("pid %s is n%d" % (pid, i), lambda: os.stat("/nowhere"))
        ctl("exit n%d" % i)
    print("%d of %d pids again" % (again, rounds))
    if not again:
        expect("a pid again", lambda: os.stat("/nowhere"))


for part in (by_name, by_hand, from_within):
    for _ in range(5):
        part(ctl("spawn p")[2])
with open(MNT + "/proc/sys/kernel/pid_max", "w") as f:
    f.write("360")
reused(200)
sys.exit(faults > 0)
