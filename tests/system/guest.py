#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run the system-level scripts on the model and say how near it is to a real kernel's guests.

    guest.py [-b FAUXPROC] [-g GOLDEN_DIR] [-v] [-k GROUP] scripts/NAME.mm ...
    guest.py --headless [-b FAUX] ...      the same reads by `show`, on one `faux sim` a script
    guest.py --full ...                    exit status 0 only if every script also got 100 %
    guest.py --floor expected.tsv ...      no script may get fewer figures inside than 98 % of those recorded
    guest.py --record expected.tsv ...     write what is inside now for the scripts named

golden/NAME.tsv holds, for each `snap LABEL`, the min and max that a real kernel (6.1, small guests)
showed over several runs. For every script a machine of the same size is described in a profile
(same zones, same memory in use at boot, same disks), the script is run through MNT/ctl, and these
groups are compared:

    exact    results of operations, who died, zoneinfo managed/present/spanned, min/low/high without boost
             (+-2 pages until min_free_kbytes is written), protections at the first label, MemTotal,
             SwapTotal, HugePages_*, CommitLimit, min_free_kbytes and the two reserves; oom_score +-6
             limits of memory groups, and how many of their processes were killed
    gauge    meminfo's stocks (free, cached, anon, active, dirty, swap ...), dirty thresholds, VmRSS, VmSwap; of memory
             groups memory.current, memory.peak, memory.swap.current and the bytes of memory.stat
    layout   of a_boot_*: free blocks by zone and order, by type too, and pageblocks of each type as the machine has
             booted; batch and high of the per-CPU lists (6.1's high is what 6.18 calls high_min)
    count    vmstat's events (scan, steal, swap, fault, refault, compaction, THP, KSM, NUMA ...), also
             those that stayed 0 on the real kernel; memory.events and the events of memory.stat

layout is compared as it is, +-1 or 10 %. gauge and count are compared as changes since the script's first label (thresholds, Vm* and memory groups as
they are). The band [min, max] is widened by 10 % of its size, at least by 1 MiB (gauge), by 256 where the
real figure exceeds 256 and else by 8 (count). Scripts that loop for a time (for=) hold exact only: an
emulated CPU's passes mean nothing.

Pid 1 of the guests recorded and forked the workers: here a process of its size does. Where no run of the
real kernel reached a label it had panicked: so must the model.

The score of a script is (inside - idle) / (compared - idle): `idle` is what a model that does nothing
at all would get, so 0 % is worth nothing and 100 % is a real kernel. Prints it a script and in total;
-v lists what is outside. --self FOLDER scores recorded runs of the real kernel instead (FOLDER/NAME/1).
Exit status 0 only if every script ran to its end with model/check = ok.

Profile sections that it writes beside [machine], [disk] and [sysctl]:
    [zone 0 DMA32] start_pfn= spanned= present= managed= early=   pages; early: managed when the watermarks were first set
    [boot] slab_reclaimable= slab_unreclaimable= other=           memory in use before the first process
"""
import argparse, math, collections, concurrent.futures, errno, glob, os, re, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import machine
GAUGES = {"MemFree", "MemAvailable", "Buffers", "Cached", "SwapCached", "Active", "Inactive", "Active(anon)",
          "Inactive(anon)", "Active(file)", "Inactive(file)", "Unevictable", "Mlocked", "SwapFree", "Dirty",
          "Writeback", "AnonPages", "Mapped", "Shmem", "SReclaimable", "SUnreclaim", "PageTables",
          "Committed_AS", "AnonHugePages"}
LEVELS = {("vmstat", "nr_dirty_threshold"), ("vmstat", "nr_dirty_background_threshold")}
EXACT = {("meminfo", k) for k in ("MemTotal", "SwapTotal", "CommitLimit", "HugePages_Total", "HugePages_Free",
         "HugePages_Rsvd", "HugePages_Surp")}
GROUP = re.compile(r"^cgroup_(\w+)$")
GROUP_FILES = ("memory.current", "memory.peak", "memory.max", "memory.high", "memory.low", "memory.min", "memory.swap.current",
               "memory.swap.max", "memory.stat", "memory.events", "memory.events.local", "memory.swap.events")
GROUP_EXACT = re.compile(r"^memory\.((swap\.)?max|high|low|min|events(\.local)?\.oom(_group)?_kill)$")
GROUP_COUNT = re.compile(r"^memory\.((swap\.)?events\.|events\.local\.|stat\.(pg|workingset|thp|ps|sw.*_zero))")
RESERVES = {"min_free_kbytes", "user_reserve_kbytes", "admin_reserve_kbytes"}
COUNTS = re.compile(r"^(pgfault|pgmajfault|pswpin|pswpout|pgscan_(kswapd|direct|anon|file)|pgsteal_(kswapd|direct|anon|file)"
                    r"|pgactivate|pgdeactivate|pgrefill|pgrotated|pgpgin|pgpgout|allocstall_.*|workingset_.*|slabs_scanned"
                    r"|pageoutrun|oom_kill|drop_.*|nr_dirtied|nr_written|nr_vmscan_write|swap_ra.*|thp_.*|compact_.*"
                    r"|pgmigrate_.*|ksm_.*|numa_(hit|miss|foreign|interleave|local|other)|unevictable_pgs_.*|htlb_.*)$")
MARK = re.compile(r"^(n\d+\.\w+\.)(min|low|high)$")
SIZE = re.compile(r"^n\d+\.\w+\.(managed|present|spanned|protection\.\d+)$")
# Pid 1 of the guests is the recorder, which nobody may kill: its memory (AnonPages of a_boot_*), and what it costs
# to fork a worker or the one that samples (README).
RECORDER = ("spawn recorder", "brk recorder +1580K", "touch recorder heap write 0 1088K",
            "set /proc/recorder/oom_score_adj -1000")
WORKER = ("fork recorder %s", "set /proc/%s/oom_score_adj 0", "touch %s heap write 0 72K")
PAGESET = re.compile(r"^n\d+\.\w+\.cpu\d+\.(batch|high)$")
LAYOUT = ("buddyinfo", "pagetypeinfo")
SKIPPED = ("sample", "samplestop", "samplewait", "get")


def read(path):
    with open(path, "rb", buffering=0) as f: return f.read().decode("utf-8", "replace")


def table(text):
    out = {}
    for line in text.splitlines():
        m = re.match(r"^(\S+?):?\s+(-?\d+)", line)
        if m: out[m.group(1)] = int(m.group(2))
    return out


def seconds(text):
    m = re.match(r"^([0-9.]+)(us|ms|s)$", text)
    return float(m[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[m[2]]


def zoneinfo(text):
    out, key = {}, None
    for line in text.splitlines():
        m = re.match(r"^Node (\d+), zone\s+(\w+)", line)
        if m: key = "n%s.%s." % m.groups(); continue
        m = re.match(r"^\s+(?:pages )?(free|boost|min|low|high|spanned|present|managed)\s+(\d+)$", line)
        if m and key + m[1] not in out: out[key + m[1]] = int(m[2])
        m = re.match(r"^\s+cpu: (\d+)$", line)
        if m: cpu = m[1]
        m = re.match(r"^\s+(batch|high_min):\s+(\d+)$", line)
        if m: out[key + "cpu%s.%s" % (cpu, "high" if m[1] == "high_min" else m[1])] = int(m[2])
        m = re.match(r"^\s+protection: \((.*)\)", line)
        if m:
            for i, v in enumerate(m[1].split(",")): out[key + "protection.%d" % i] = int(v)
    return out


def layout(buddyinfo, pagetypeinfo):
    """-> {(file, field): n} in a recorder's words; none for what is 0."""
    out, types = {}, []
    for line in buddyinfo.splitlines():
        m = re.match(r"^Node (\d+), zone\s+(\w+)\s+(.*)$", line)
        out.update({("buddyinfo", "n%s.%s.o%d" % (m[1], m[2], o)): int(n) for o, n in enumerate(m[3].split())})
    for line in pagetypeinfo.splitlines():
        m = re.match(r"^Node\s+(\d+), zone\s+(\w+), type\s+(\w+)\s+(.*)$", line)
        if m: out.update({("pagetypeinfo", "free.n%s.%s.%s.o%d" % (m[1], m[2], m[3], o)): int(n.lstrip(">")) for o, n in enumerate(m[4].split())})
        elif line.startswith("Number of blocks"): types = line.split()[4:]
        m = m or re.match(r"^Node (\d+), zone\s+(\w+)\s+(.*)$", line)
        if m and len(m.groups()) == 3: out.update({("pagetypeinfo", "blocks.n%s.%s.%s" % (m[1], m[2], t)): int(n) for t, n in zip(types, m[3].split())})
    return {k: n for k, n in out.items() if n}


def golden(path):
    """-> {label: {(file, field): (min, max)}} in file order, {op number: (min, max)}, {names that died: in every run?}."""
    labels, ops, died = collections.OrderedDict(), {}, {}
    for line in open(path):
        w = line.rstrip("\n").split("\t")
        if len(w) != 5 or w[0] == "label" or line.startswith("#"): continue
        try:
            lo, hi = float(w[3]), float(w[4])
        except ValueError:
            continue
        if w[0] != "_ops":
            labels.setdefault(w[0], {})[w[1], w[2]] = (lo, hi)
            continue
        m = re.match(r"^(\d+) (\w+).* : r$", w[2])
        if m and m[2] not in SKIPPED: ops[int(m[1])] = (lo, hi)
        m = re.match(r"^reap (\w+) signal 9$", w[2])
        if m: died[m[1]] = lo == 1
    return labels, ops, died


def lines(script):
    for line in open(script):
        line = line.split("#", 1)[0].strip()
        if line: yield line


def options(script):
    o, last = dict(mem="256M", smp="1", numa="", swap="1G", swap2="", files="4G", bps=""), {}
    for line in open(script):
        if line.startswith("#!"):
            (last if "overrides" in line else o).update(re.findall(r"(\w+)=(\S+)", line))
    return {**o, **last}


def zones_of(first):
    zones = collections.OrderedDict()
    for (f, k), (lo, _) in first.items():
        m = re.match(r"^(n(\d+)\.(\w+)\.)(start_pfn|spanned|present|managed|min|protection\.\d+)$", k)
        if f == "zoneinfo" and m:
            boost = first.get((f, m[1] + "boost"), (0, 0))[0] if m[4] == "min" else 0
            zones.setdefault((m[2], m[3]), {})[m[4]] = int(lo - boost)
    return collections.OrderedDict((z, v) for z, v in zones.items() if v.get("present"))


def reserve(pages, zones, thp):
    """min_free_kbytes of so many pages, in pages: 1.2 of the model's reference."""
    first = math.isqrt(64 * pages) // 4
    return max(first, min(5632 * zones, (pages - 3 * first // 2) // 20)) if thp else first


def early(zones, thp, written):
    """Managed pages when the watermarks were first set: some init memory was freed later, to any zone. What
    fits is looked for: min is a zone's share of all pages, protection a 256th of the zones above it in its node."""
    if not zones or any("min" not in v or "managed" not in v for v in zones.values()): return
    names, total, managed = list(zones), sum(v["min"] for v in zones.values()), sum(v["managed"] for v in zones.values())
    kinds = ["DMA", "DMA32", "Normal", "Movable", "Device"]
    above = {z: [y for y in names[i + 1:] if y[0] == z[0]] for i, z in enumerate(names)}
    best = None
    if written:                                                        # the marks are of now: what is left are the protections
        for z, v in zones.items():
            k = kinds.index(z[1])
            share = [zones[y].get("protection.%d" % k, 0) - zones[y].get("protection.%d" % (k - 1), 0) for y in names if z in above[y]]
            v["early"] = min(v["managed"], 256 * share[-1] + 128) if share else v["managed"]
        return
    for all_ in range(managed, managed - 4000, -1):
        for pages in range(total, total + len(names)):
            size = {z: min(zones[z]["managed"], round((zones[z]["min"] + 0.5) * all_ / pages)) for z in names}
            real = sum(size.values())
            miss = sum(abs(pages * size[z] // real - zones[z]["min"]) for z in names)
            miss += abs(reserve(real, len(names), thp) - pages)
            for z in names:
                for k in range(len(kinds)):
                    held = [size[y] for y in above[z] if y[1] in kinds[:k + 1]]
                    if held: miss += 4 * abs(sum(held) // 256 - zones[z].get("protection.%d" % k, 0))
            if best is None or miss < best[0]: best = (miss, size)
    for z, v in zones.items(): v["early"] = best[1][z]


def written_first(script):
    """Did the script write what sets the marks anew before it looked?"""
    for line in lines(script):
        if line.startswith("snap"): return False
        if re.search("transparent_hugepage/enabled|min_free_kbytes", line): return True


def boot_slab(a, script, first):
    """kB of slab before the first process, reclaimable and not: at the first label, or as a guest of that size had them after
    its boot where the script has made files before it looked."""
    boot = os.path.join(a.golden, "a_boot_%s.tsv" % options(script)["mem"])
    made = [line for line in lines(script) if line.startswith(("mkfiles", "snap"))][:1]
    facts = next(iter(golden(boot)[0].values())) if made and made[0].startswith("mkfiles") and os.path.exists(boot) else first
    return [int(facts.get(("meminfo", k), (0, 0))[0]) for k in ("SReclaimable", "SUnreclaim")]


def profile(o, first, path, slab, written=False):
    get = lambda f, k, d=0: int(first.get((f, k), (d, d))[0])
    small = get("meminfo", "MemTotal") < 512 * 1024
    p = ["[machine]", "memory = " + o["mem"], "cpus = " + o["smp"], "speed = 0", "seed = 1", "spawn = bare",
         "thp = " + ("never" if small else "always")]
    if o["numa"]: p.append("nodes = %d" % len(o["numa"].split("/")))
    zones = zones_of(first)
    early(zones, not small, written)
    for (n, z), keys in zones.items():
        p.append("[zone %s %s]" % (n, z))
        p += ["%s = %d" % (k, keys[k]) for k in ("start_pfn", "spanned", "present", "managed", "early") if k in keys]
    pcp = 4 * sum(int(lo) for (f, k), (lo, _) in first.items() if f == "zoneinfo" and re.match(r".*\.cpu\d+\.count$", k))
    used = get("meminfo", "MemTotal") - pcp + 1960 - sum(get("meminfo", k) for k in ("MemFree", "Active", "Inactive",
           "Unevictable", "Slab", "PageTables", "KernelStack", "Hugetlb"))
    p += ["[boot]", "slab_reclaimable = %dK" % slab[0], "slab_unreclaimable = %dK" % slab[1], "other = %dK" % max(used, 0)]
    speed = ["latency = 100us", "bandwidth = " + (o["bps"] or "400M"), "rotational = yes"]
    p += ["[disk vda]", "size = " + o["files"]] + speed + ["filesystem = /"]
    for disk, key in (("vdb", "swap"), ("vdc", "swap2")):
        if o[key] and o[key] != "0": p += ["[disk %s]" % disk, "size = " + o[key]] + speed
    with open(path, "w") as f: f.write("\n".join(p) + "\n")


class Guest:
    def __init__(self, args, script, first):
        self.pids, self.left = {}, set()
        with tempfile.TemporaryDirectory(prefix="guest-") as folder:
            profile(options(script), first, folder + "/guest.ini", boot_slab(args, script, first), written_first(script))
            self.m = machine.start(args, folder + "/guest.ini")
        for line in RECORDER: self.must(line)

    def must(self, line):
        name, reply = self.m.command(line)
        if name != "0": raise RuntimeError("%s: %s %s" % (line, name, reply))

    def sampler(self, runs):
        for line in [w % "sampler" for w in WORKER] if runs else ["exit sampler"]: self.must(line)

    def command(self, line):
        words = line.split()
        if words[0] == "spawn" and len(words) == 2: line = WORKER[0] % words[1]
        for p, pid in self.pids.items(): line = line.replace("/proc/%s/" % p, "/proc/%d/" % pid)
        name, reply = self.m.command(line)
        err = -getattr(errno, name) if name != "0" else 0
        m = re.match(r"(\w+) pid (\d+)", reply)
        if m and not err: self.pids[m[1]] = int(m[2]); self.left.discard(m[1])
        if words[0] in ("exit", "kill") and not err: self.left.add(words[1])
        if words[0] == "spawn" and not err:
            for line in WORKER[1:]: self.must(line % words[1])
        return err

    def died(self):
        return {p for p, pid in self.pids.items() if p not in self.left and not self.m.alive(pid)}

    def group(self, name):
        """The figures of a memory group, as a recorder lists them: FILE or FILE.LINE."""
        out = {}
        for f in GROUP_FILES:
            try:
                text = self.m.read("sys/fs/cgroup/%s/%s" % (name, f))
            except (OSError, ValueError):
                continue
            if text.strip().isdigit(): out["cgroup_" + name, f] = int(text)
            out.update({("cgroup_" + name, f + "." + k): v for k, v in table(text).items() if not k.isdigit()})
        return out

    def look(self, groups, boot):
        out = {("meminfo", k): v for k, v in table(self.m.read("proc/meminfo")).items()}
        out.update({("vmstat", k): v for k, v in table(self.m.read("proc/vmstat")).items()})
        out.update({("zoneinfo", k): v for k, v in zoneinfo(self.m.read("proc/zoneinfo")).items()})
        if boot: out.update(layout(self.m.read("proc/buddyinfo"), self.m.read("proc/pagetypeinfo")))
        for g in groups: out.update(self.group(g))
        for k in RESERVES: out["sysctl_vm", k] = int(self.m.read("proc/sys/vm/" + k))
        for p, pid in self.pids.items():
            try:
                status = table(self.m.read("proc/%d/status" % pid))
                out.update({("procs", "%s.%s" % (p, k)): status[k] for k in ("VmRSS", "VmSwap") if k in status})
                out["procs", p + ".oom_score"] = int(self.m.read("proc/%d/oom_score" % pid))
            except (OSError, ValueError):
                pass
        return out


def recorded(folder, labels):
    """What one recorded run of the real kernel shows, read by the same rules."""
    got = {}
    for label in labels:
        if not os.path.exists("%s/%s.meminfo" % (folder, label)): continue
        look = lambda name, parse: parse(read("%s/%s.%s" % (folder, label, name))) if os.path.exists("%s/%s.%s" % (folder, label, name)) else {}
        got[label] = {(f, k): v for f, parse in (("meminfo", table), ("vmstat", table), ("zoneinfo", zoneinfo)) for k, v in look(f, parse).items()}
    return got


def compare(want, ops, died, got, results, gone, names, timed, part, boot):
    """-> rows (group, what, low, high, mine, would an idle model be inside)."""
    rows, first, written, last = [], next(iter(want), None), False, {}
    if not part:
        for number, (lo, hi) in ops.items(): rows.append(("exact", "operation %d" % number, lo, hi, results.get(number), lo <= 0 <= hi))
        for p in sorted(p for p in died if died[p]): rows.append(("exact", "%s is killed" % p, 1, 1, int(p in gone), False))
        for p in sorted(gone - set(died)): rows.append(("exact", "%s lives" % p, 1, 1, 0, True))
    for label, facts in want.items():
        mine = got.get(label)
        if part and mine is None: continue
        boost = {k[:-5]: hi for (f, k), (_, hi) in facts.items() if k.endswith(".boost")}
        keys = dict(facts)
        if label != first and not timed:
            for n in names: keys.setdefault(("vmstat", n), (0, 0))
        if boot and not part:
            for fk in mine or (): keys.setdefault(fk, (0, 0)) if fk[0] in LAYOUT else None
        stale, last = last, facts
        # what a group has, it has at every label: a line that is left out was 0
        groups = {f for f, _ in facts if GROUP.match(f)}
        for f, k in {fk for other in want.values() for fk in other if fk[0] in groups}:
            if not k.startswith(("memory.max", "memory.high", "memory.low", "memory.min", "memory.swap.max")): keys.setdefault((f, k), (0, 0))
        written |= any(f == "sysctl_vm" and k == "min_free_kbytes" for (f, k) in facts) and label != first
        for (f, k), (lo, hi) in keys.items():
            v = None if mine is None else mine.get((f, k), None if f == "procs" else 0)
            if f == "procs" and v is None and k.split(".")[0] in died and stale.get((f, k)) == (lo, hi):
                continue                                               # of a dead process the recorder kept its last look
            if f in LAYOUT or PAGESET.match(k):
                slack = 0 if k.endswith(".batch") else 2 if f == "zoneinfo" else max(1, 0.1 * hi)
                if boot and not part: rows.append(("layout", "%s %s %s" % (label, f, k), lo - slack, hi + slack, v, lo - slack <= 0))
                continue
            m = MARK.match(k) if f == "zoneinfo" else None
            if m:
                if boost.get(m[1]): continue
                if v is not None: v -= mine.get((f, m[1] + "boost"), 0)
                slack = 0 if written else 2
                rows.append(("exact", "%s %s" % (label, k), lo - slack, hi + slack, v, False))
            elif (f == "zoneinfo" and SIZE.match(k)) or (f, k) in EXACT:
                if "protection" in k and label != first: continue      # recomputed when the ratio is read, as the recorder did
                rows.append(("exact", "%s %s" % (label, k), lo, hi, v, False))
            elif f == "sysctl_vm" and k in RESERVES:
                if not part: rows.append(("exact", "%s %s" % (label, k), 0.98 * lo, 1.02 * hi, v, False))
            elif f == "procs" and k.endswith(".oom_score"):
                if not part: rows.append(("exact", "%s %s" % (label, k), lo - 6, hi + 6, v, False))
            elif GROUP.match(f):
                if part or ".pressure." in k or ".numa_stat." in k: continue
                group = "exact" if GROUP_EXACT.match(k) else "count" if GROUP_COUNT.match(k) else "gauge"
                slack = 0 if group == "exact" else max(0.1 * hi, 1 << 20 if group == "gauge" else 256 if hi > 256 else 8)
                rows.append((group, "%s %s.%s" % (label, f[7:], k), lo - slack, hi + slack, v, group != "exact" and lo - slack <= 0))
            elif timed: continue
            elif (f, k) in LEVELS or (f == "procs" and k.split(".")[-1] in ("VmRSS", "VmSwap")):
                if part and f == "procs": continue
                slack = max(0.1 * hi, 1024)
                rows.append(("gauge", "%s %s" % (label, k), lo - slack, hi + slack, v, False))
            elif label != first and ((f == "meminfo" and k in GAUGES) or (f == "vmstat" and COUNTS.match(k))):
                group = "gauge" if f == "meminfo" else "count"
                lo0, hi0 = want[first].get((f, k), (0, 0))
                lo, hi = lo - hi0, hi - lo0
                if v is not None: v -= got.get(first, {}).get((f, k), 0)
                slack = max(0.1 * max(abs(lo), abs(hi)), 1024 if group == "gauge" else 256 if hi > 256 else 8)
                rows.append((group, "%s %s" % (label, k), lo - slack, hi + slack, v, lo - slack <= 0 <= hi + slack))
    return rows


def score(rows):
    held, inside, idle = (collections.Counter() for _ in range(3))
    for group, _, lo, hi, v, free in rows:
        for g in (group, "all"):
            held[g] += 1; inside[g] += v is not None and lo <= v <= hi; idle[g] += free
    # What an idle model gets for nothing is worth nothing; getting less than it costs.
    return {g: 100.0 * (inside[g] - idle[g]) / max(held[g] - idle[g], 1) for g in held}, held, inside, idle


def run(a, script, names):
    """-> rows compared, did it end well, what to print"""
    name = os.path.splitext(os.path.basename(script))[0]
    want, ops, died = golden(os.path.join(a.golden, name + ".tsv"))
    timed = any(" for=" in line for line in lines(script))
    boot = name.startswith("a_boot")
    groups = {m[1] for facts in want.values() for f, _ in facts for m in [GROUP.match(f)] if m}
    guest, got, results, gone, failure, check, number, due, panics = None, {}, {}, set(), "", "not reached", 0, 0, []
    try:
        if a.recorded:
            got, check = recorded(os.path.join(a.recorded, name, "1"), want), "ok"
        else:
            guest = Guest(a, script, next(iter(want.values()), {}))
            for line in lines(script):
                words = line.split()
                if words[0] == "snap":
                    # what no run of the real kernel reached comes after a panic
                    if words[1] not in want: panics.append((words[1], guest.command("sync") == -errno.ENOTRECOVERABLE))
                    got[words[1]] = guest.look(groups, boot)
                    continue
                number += 1
                if words[0] == "sample":
                    due = guest.m.clock() + seconds(words[1]) * int(words[2])
                    guest.sampler(True)
                elif words[0] == "samplewait" and due > guest.m.clock():
                    guest.command("advance %dms" % round(1000 * (due - guest.m.clock())))
                if words[0] in ("samplewait", "samplestop"): guest.sampler(False)
                if words[0] not in SKIPPED: results[number] = guest.command(line)
            gone, check = guest.died(), guest.m.read("model/check").strip()
    except Exception as e:
        failure = "  %s: %s" % (type(e).__name__, str(e)[:100])
    finally:
        if guest: guest.m.close()
    rows = [r for r in compare(want, ops, died, got, results, gone, names, timed, bool(a.recorded), boot) if a.only in (None, r[0])]
    rows += [("exact", "%s is not reached" % label, 1, 1, int(down), False) for label, down in panics]
    net, held, inside, _ = score(rows)
    report = ["%-20s %6.1f %%  %s%s%s" % (name, net.get("all", 0), " ".join("%s %d/%d" % (g, inside[g], held[g]) for g in sorted(held)
              if g != "all"), "" if check == "ok" else "  check: " + check.split("\n")[0][:60], failure)]
    if a.verbose:
        report += ["    %s: real %.0f..%.0f, model %s" % (what, lo, hi, v) for _, what, lo, hi, v, _ in rows
                   if v is None or not lo <= v <= hi]
    return rows, check == "ok" and not failure, "\n".join(report)


def floors(path):
    """Script -> figures inside, as recorded."""
    rows = (line.split() for line in open(path) if line[:1] not in "#\n") if os.path.exists(path) else ()
    return {w[0]: int(w[1]) for w in rows}


def fallen(path, now):
    """Print what is worse than recorded; -> is nothing? Pressure is noisy where a rule changes: 2 % may go."""
    bad = [(n, v, floors(path).get(n, 0)) for n, v in sorted(now.items()) if v < 0.98 * floors(path).get(n, 0)]
    for row in bad: print("fallen: %s: %d figures inside, %d recorded" % row)
    return not bad


def record(path, now):
    was = {**floors(path), **now}
    with open(path, "w") as f:
        f.write("# script, figures inside the real kernel's band: written by guest.py --record\n")
        for name in sorted(was): f.write("%s\t%d\n" % (name, was[name]))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    machine.add_arguments(ap)
    ap.add_argument("--full", action="store_true", help="demand 100 %%")
    ap.add_argument("--floor", help="file of what was inside already")
    ap.add_argument("--record", help="the same file, to be written")
    ap.add_argument("-g", "--golden", default=os.path.join(HERE, "golden"))
    ap.add_argument("-k", "--only", help="exact, gauge or count")
    ap.add_argument("-v", "--verbose", action="store_true")
    ap.add_argument("--self", dest="recorded", help="score recorded runs of the real kernel")
    ap.add_argument("scripts", nargs="+")
    a = ap.parse_args()
    names = {w[2] for t in glob.glob(os.path.join(HERE, "golden", "*.tsv")) for w in (line.split("\t") for line in open(t))
             if len(w) == 5 and w[1] == "vmstat" and COUNTS.match(w[2])}
    every, sound, now = [], True, {}
    with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        for script, (rows, ok, report) in zip(a.scripts, pool.map(lambda s: run(a, s, names), a.scripts)):
            print(report, flush=True)
            every += rows; sound &= ok
            now[os.path.splitext(os.path.basename(script))[0]] = score(rows)[2]["all"]
    net, held, inside, idle = score(every)
    print("total %d scripts, net score (%.1f %%): %s; %d of %d inside, an idle model gets %d" % (len(a.scripts), net.get("all", 0),
          " ".join("%s %.1f%%" % (g, net[g]) for g in sorted(net) if g != "all"), inside["all"], held["all"], idle["all"]))
    if a.record: record(a.record, now)
    if a.floor: sound &= fallen(a.floor, now)
    sys.exit(0 if sound and (not a.full or inside["all"] == held["all"]) else 1)


main()
