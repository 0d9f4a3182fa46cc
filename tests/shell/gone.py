# SPDX-License-Identifier: Apache-2.0
"""What is left of a process: nothing by name, the open files by hand."""
import errno
import os
import sys

MNT = sys.argv[1]
DAEMON = sys.argv[2]
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
        "stat of an empty file": lambda: os.stat(home + "/environ"),
        "open of an empty file": lambda: read("/environ"),
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
    empty = os.open(home + "/environ", os.O_RDONLY)
    ctl("exit p")
    expect("name beside an open file", lambda: os.stat(home + "/stat"),
           errno.ENOENT)
    for again in (0, 1):
        expect("fstat", lambda: os.fstat(file))
        expect("fstat of a folder", lambda: os.fstat(folder))
        expect("read", lambda: os.read(file, 99), errno.ESRCH)
        expect("read of an empty file", lambda: os.read(empty, 99))
        expect("open below a folder", lambda: os.open(
            "stat", os.O_RDONLY, dir_fd=folder), errno.ENOENT)
        expect("stat below a folder", lambda: os.stat(
            "status", dir_fd=folder), errno.ENOENT)
    expect("open by name", lambda: os.open(home + "/statm", os.O_RDONLY),
           errno.ENOENT)
    os.close(folder)
    os.close(file)
    os.close(empty)


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


def requests():
    """That the daemon answered; it may have asked for one in vain."""
    with open("/proc/%s/io" % DAEMON) as f:
        return int(dict(x.split(": ") for x in f.read().splitlines())["syscw"])


def cost(what, call, most):
    """How many requests a hundred calls take."""
    global faults
    call()
    before = requests()
    for _ in range(100):
        call()
    took = requests() - before
    if took > most:
        faults += 1
        print("%s, a hundred times: %d requests, not %d" % (what, took, most))


def kept(pid):
    """What the kernel keeps of a process it need not ask for."""
    home = "%s/proc/%s" % (MNT, pid)
    cost("stat", lambda: os.stat(home), 10)
    cost("stat of an empty file", lambda: os.stat(home + "/environ"), 10)
    cost("an empty file", lambda: os.close(os.open(home + "/environ",
                                                   os.O_RDONLY)), 210)
    ctl("exit p")


def killed(pid):
    """By a limit that somebody lowers below what it has."""
    home = "%s/proc/%s" % (MNT, pid)
    group = MNT + "/sys/fs/cgroup/g%s" % pid
    os.mkdir(group)
    ctl("mmap p m 16M")
    with open(group + "/cgroup.procs", "w") as f:
        f.write(pid)
    ctl("touch p m write")
    look(home)
    for limit, size in (("swap.max", "0"), ("max", "1M")):
        with open(group + "/memory." + limit, "w") as f:
            f.write(size)
    expect("stat of who was killed", lambda: os.stat(home), errno.ENOENT)
    os.rmdir(group)


def loaded(pid):
    """Another machine in its place."""
    home = "%s/proc/%s" % (MNT, pid)
    ctl("exit p")
    ctl("save gone.state")
    born = ctl("spawn q")[2]
    here = "%s/proc/%s" % (MNT, born)
    look(here)
    ctl("load gone.state")
    expect("stat of who is not in it", lambda: os.stat(here), errno.ENOENT)
    expect("nor was before", lambda: os.stat(home), errno.ENOENT)
    look(MNT + "/proc/1")


def kernel_thread():
    """What is opened with the memory of a process has none to open."""
    for name in ("environ", "auxv", "smaps_rollup", "pagemap"):
        expect(name + " of kthreadd", lambda: os.open(
            "%s/proc/2/%s" % (MNT, name), os.O_RDONLY), errno.ESRCH)
        expect("access to it", lambda: os.stat("/nowhere") if not os.access(
            "%s/proc/2/%s" % (MNT, name), os.R_OK) else None)
    for name in ("maps", "smaps", "cmdline", "status"):
        with open("%s/proc/2/%s" % (MNT, name)) as f:
            f.read()


kernel_thread()
for part in (kept, killed, loaded, by_name, by_hand, from_within):
    for _ in range(5):
        part(ctl("spawn p")[2])
with open(MNT + "/proc/sys/kernel/pid_max", "w") as f:
    f.write("360")
reused(200)
sys.exit(faults > 0)
