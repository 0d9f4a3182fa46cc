#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""parallel.py MNT: many users of one mount at a time; none may hang or lie."""
import os
import re
import sys
import threading
import time

MNT = sys.argv[1]
READERS, OPERATIONS, BATCH = 8, 10000, 100
FAULTS = []
FILES = ("proc/meminfo", "proc/vmstat", "proc/zoneinfo", "proc/stat",
         "proc/buddyinfo", "sys/kernel/mm/ksm/run", "model/lru", "proc/swaps")


def fault(text):
    FAULTS.append(text)
    print("FAULT: " + text, flush=True)


class Ctl:
    def __init__(self):
        self.fd = os.open(MNT + "/ctl", os.O_RDWR)

    def run(self, *lines):
        """The replies; an errno raises."""
        try:
            os.write(self.fd, ("\n".join(lines) + "\n").encode())
        finally:
            out = b""
            while True:
                part = os.read(self.fd, 1 << 16)
                if not part:
                    break
                out += part
        return out.decode()


def text(path):
    with open(MNT + "/" + path, "rb", buffering=0) as f:
        out = b""
        while True:
            part = f.read(1 << 16)
            if not part:
                return out.decode()
            out += part


def number(name):
    return int(re.search(r"^%s:\s+(\d+)" % name, text("proc/meminfo"),
                         re.M)[1])


def reader(stop, seen, index):
    """Each read is one consistent state: what is summed must sum up."""
    while not stop.is_set():
        for name in FILES:
            text(name)
        m = dict(re.findall(r"^(\S+):\s+(\d+)", text("proc/meminfo"), re.M))
        for total, parts in (("Active", ("Active(anon)", "Active(file)")),
                             ("Slab", ("SReclaimable", "SUnreclaim"))):
            if int(m[total]) != sum(int(m[p]) for p in parts):
                fault("%s is not the sum of its parts" % total)
        for pid in os.listdir(MNT + "/proc"):
            if not pid.isdigit():
                continue
            try:
                os.stat(MNT + "/proc/" + pid)
                text("proc/%s/stat" % pid)
            except (FileNotFoundError, ProcessLookupError):
                pass                    # it ended between the two
        seen[index] += 1


def operations():
    """Processes come, touch and go."""
    ctl, done = Ctl(), 0
    ctl.run("spawn base", "mmap base m 4M")
    while done < OPERATIONS:
        lines = []
        for i in range(BATCH // 5):
            p = "p%d" % (i % 4)
            lines += ["fork base " + p, "touch %s m write 0 64K" % p,
                      "mmap %s n 64K" % p, "touch %s n read" % p,
                      "exit " + p]
        ctl.run(*lines)
        done += len(lines)
    ctl.run("exit base")


def readers():
    stop, seen = threading.Event(), [0] * READERS
    threads = [threading.Thread(target=reader, args=(stop, seen, i))
               for i in range(READERS)]
    for t in threads:
        t.start()
    try:
        operations()
    except OSError as e:
        fault("operations: %s" % e)
    stop.set()
    for t in threads:
        t.join(60)
    if min(seen) == 0:
        fault("a reader never came through: %s" % seen)
    print("rounds of the readers: %s" % seen)


def writers():
    """One waits for a process that the other ends."""
    one, two = Ctl(), Ctl()
    one.run("spawn w", "mmap w m 1G")
    result = []

    def waits():
        try:
            result.append(one.run("async touch w m write loops=1000000",
                                  "wait w"))
        except OSError as e:
            result.append(e)

    t = threading.Thread(target=waits)
    t.start()
    time.sleep(0.3)
    begin = time.monotonic()
    two.run("spawn other", "mmap other m 64K", "touch other m write")
    two.run("kill w")
    took = time.monotonic() - begin
    t.join(30)
    if t.is_alive():
        fault("the waiting writer hangs")
    if took > 10:
        fault("the second writer waited %.1f s" % took)
    if os.path.exists(MNT + "/proc/meminfo") and number("MemTotal") <= 0:
        fault("meminfo after the kill")
    two.run("exit other")
    print("waiter: %r" % result)


def vanishing():
    """Stat and read a process while it is ended again and again."""
    ctl, stop, errors = Ctl(), threading.Event(), []

    def look(pid):
        while not stop.is_set():
            for name in ("", "/stat", "/smaps", "/maps", "/status"):
                try:
                    os.stat("%s/proc/%d%s" % (MNT, pid, name))
                    if name:
                        text("proc/%d%s" % (pid, name))
                except (FileNotFoundError, ProcessLookupError):
                    pass
                except OSError as e:
                    errors.append(e)
                    return

    for _ in range(40):
        pid = int(ctl.run("spawn v", "mmap v m 256K", "touch v m write")
                  .split()[2])
        stop.clear()
        threads = [threading.Thread(target=look, args=(pid,))
                   for _ in range(4)]
        for t in threads:
            t.start()
        time.sleep(0.005)
        ctl.run("kill v")
        if os.path.exists("%s/proc/%d" % (MNT, pid)):
            fault("a process that is gone still shows")
        stop.set()
        for t in threads:
            t.join(30)
    for e in errors[:3]:
        fault("looking at a process that ends: %s" % e)


def main():
    readers()
    writers()
    vanishing()
    sys.exit(1 if FAULTS else 0)


main()
