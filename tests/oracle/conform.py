#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold a mounted fauxproc to what a real kernel answered.

    conform.py [-b FAUXPROC] [-p PROFILE] [-g GOLDEN_DIR] [-v] [-k GROUP] SCRIPT.mm ...
    conform.py --headless [-b FAUX] ...        the same reads by `show`, on one `faux sim` a script
    conform.py --floor expected.tsv ...        no script may get fewer facts right than recorded there
    conform.py --record expected.tsv ...       raise what is recorded there to what is right now

For every script: mounts the profile (default oracle.ini beside this file) in a private folder,
feeds the script to MNT/ctl line by line, and at each `snap` reads the tree through the same files
any tool would read. Every fact that GOLDEN_DIR/NAME.tsv marks `exact` and that belongs to a held
group is compared; a fact that cannot be read counts as wrong. `sound`: the faults that replies tell are those
that PID/stat shows. Afterwards model/check must say ok. The figure that counts is that of the facts
whose true value is not 0: zeros come free.

Prints one line a script (right/held facts, then by group) and a total; -v lists what differs.
Exit status 0 only if everything held was right; with --floor or --record: only if nothing fell and
model/check said ok wherever it did before.

What it uses of the tree: ctl, dev/kmsg, model/check, model/files, model/PID/regions,
proc/{meminfo,vmstat,swaps,sysvipc/shm}, proc/PID/{smaps,status,statm,stat,oom_score_adj},
sys/kernel/mm/{ksm,hugepages}.
    model/PID/regions   NAME START-END[,START-END...]       hexadecimal, the pieces still mapped
    model/files         PATH SIZE CACHED DIRTY WRITEBACK EVICTED RECENTLY_EVICTED   bytes, then pages
"""
import argparse, collections, concurrent.futures, os, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import machine

# Groups of facts, and the golden fields in each. What is not named here is not held.
OP = {"errno", "minflt", "majflt"}
PROCESS = {"State", "death", "minflt_ops", "majflt_ops", "VmSize_delta", "VmPeak_delta", "VmRSS_delta",
           "RssAnon_delta", "RssFile_delta", "RssShmem_delta", "VmData_delta", "VmStk_delta",
           "VmPTE_delta", "VmLck_delta", "VmSwap", "HugetlbPages", "oom_score_adj", "statm_size_delta",
           "statm_resident_delta", "statm_shared_delta", "statm_data_delta", "stat_vsize_delta"}
REGION_SUM = ["Size", "Rss", "Pss", "Pss_Dirty", "Shared_Clean", "Shared_Dirty", "Private_Clean",
              "Private_Dirty", "Anonymous", "KSM", "LazyFree", "AnonHugePages", "ShmemPmdMapped",
              "FilePmdMapped", "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss", "Locked"]
REGION_FIRST = ["KernelPageSize", "MMUPageSize", "THPeligible", "VmFlags"]
REGION = set(REGION_SUM) | set(REGION_FIRST) | {"perms", "layout", "vmas"}
FILE = {"size", "nr_cache", "nr_dirty", "nr_writeback", "nr_evicted"}
SHM = {"size", "nattch", "rss", "swap"}
# A real run charges exactly the workers to one group; the model runs nothing else, so the same
# facts are changes of its system-wide figures.
CGROUP = {"rss": "AnonPages", "rss_huge": "AnonHugePages", "cache": "Cached", "shmem": "Shmem",
          "mapped_file": "Mapped", "swapcached": "SwapCached", "unevictable": "Unevictable",
          "active_anon": "Active(anon)", "inactive_anon": "Inactive(anon)",
          "active_file": "Active(file)", "inactive_file": "Inactive(file)"}
IMAGE = ("PageTables", "Committed_AS", "AnonPages", "Mapped", "Active", "Inactive", "Active(anon)", "Inactive(anon)")
SYSTEM = {"Committed_AS_delta", "CommitLimit_delta", "PageTables_delta", "Mlocked_delta",
          "SwapTotal_delta", "SwapFree_delta", "HugePages_Total_delta", "HugePages_Free_delta",
          "HugePages_Rsvd_delta", "HugePages_Surp_delta", "Hugetlb_delta"}
VMSTAT = re.compile(r"^vmstat\.(thp_|ksm_|cow_ksm|swpin_zero|swpout_zero|htlb_).*_delta$")
KSM = {"ksm.pages_shared", "ksm.pages_sharing", "ksm.pages_unshared", "ksm.ksm_zero_pages"}
SYSFS = {k: "sys/kernel/mm/ksm/" + k[4:] for k in KSM}
SYSFS.update({"hugetlb2M." + k: "sys/kernel/mm/hugepages/hugepages-2048kB/" + k for k in (
    "nr_hugepages", "nr_hugepages_mempolicy", "nr_overcommit_hugepages", "free_hugepages", "resv_hugepages",
    "surplus_hugepages")})


def group_of(scope, field):
    """The held group of a golden fact, or None."""
    if scope == "op" and field in OP: return "fault" if field != "errno" else "errno"
    if scope == "process" and field in PROCESS: return "process"
    if scope == "region" and field in REGION:
        return "layout" if field in ("layout", "perms", "vmas", "VmFlags") else "smaps"
    if scope == "file" and field in FILE: return "file"
    if scope == "shm" and field in SHM: return "shm"
    if scope == "cgroup" and field in CGROUP: return "system"
    if scope == "sound": return "sound"
    if scope == "system" and (field in SYSTEM or VMSTAT.match(field) or field in KSM
                              or field.startswith("hugetlb2M.")): return "system"
    return None


def table(text):
    """Name -> first integer, of lines such as `Name:   12 kB` or `name 12`."""
    out = {}
    for line in text.splitlines():
        m = re.match(r"^(\S+?):?\s+(-?\d+)", line)
        if m: out[m.group(1)] = int(m.group(2))
    return out


def smaps(text):
    vmas = []
    for line in text.splitlines():
        m = re.match(r"^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ", line)
        if m:
            vmas.append({"start": int(m[1], 16), "end": int(m[2], 16), "perms": m[3]})
        elif line.startswith("VmFlags:"):
            vmas[-1]["VmFlags"] = " ".join(line.split()[1:])
        else:
            k, v = line.split(":", 1)
            vmas[-1][k] = int(v.split()[0])
    return vmas


class Run:
    """One script on one mount; facts() is what the golden file holds, keyed the same way."""

    def __init__(self, mount):
        self.m, self.pids, self.base, self.ops = mount, {}, {}, collections.defaultdict(lambda: [0, 0])
        self.death, self.facts, self.pending, self.image = {}, {}, [], {}
        self.files, self.shms, self.forked, self.trouble = [], {}, set(), None
        self.system0 = self.system_now()

    def system_now(self):
        return table(self.m.read("proc/meminfo")), table(self.m.read("proc/vmstat"))

    def alive(self, pid):
        return self.m.alive(pid)

    def killed(self, pid):
        """Does the kernel log say that this process was killed?"""
        try:
            return "Killed process %d " % pid in self.m.klog()
        except OSError:
            return False

    def process_now(self, p):
        d = "proc/%d/" % self.pids[p]
        status, statm = table(self.m.read(d + "status")), [int(x) for x in self.m.read(d + "statm").split()]
        now = {k: status.get(k) for k in ("VmPeak", "VmSize", "VmLck", "VmRSS", "RssAnon", "RssFile",
               "RssShmem", "VmData", "VmStk", "VmPTE", "VmSwap", "HugetlbPages")}
        now.update(statm_size=statm[0], statm_resident=statm[1], statm_shared=statm[2], statm_data=statm[5])
        stat = self.m.read(d + "stat").rsplit(")", 1)[1].split()
        now["stat_vsize"], now["minflt"], now["majflt"] = int(stat[20]), int(stat[7]), int(stat[9])
        now["oom_score_adj"] = int(self.m.read(d + "oom_score_adj"))
        return now

    def step(self, number, line):
        words = line.split()
        op = words[0]
        if op == "set":
            for p, pid in self.pids.items():
                line = line.replace("/proc/%s/" % p, "/proc/%d/" % pid)
        before = self.system_now()[0] if op == "spawn" else None
        err, reply = self.m.command(line)
        if op == "mkfile" and words[1] not in self.files: self.files.append(words[1])
        shmid = re.search(r"shmid (\d+)", reply)
        if op == "shmget" and shmid: self.shms[int(shmid[1])] = words[2]
        killed = re.search(r"killed (SIG\w+)", reply)
        if killed: err = killed[1]
        flt = re.search(r"minflt (\d+) majflt (\d+)", reply)
        who = words[1] if len(words) > 1 else None
        row = {"errno": err}
        if flt:
            row["minflt"], row["majflt"] = int(flt[1]), int(flt[2])
            self.ops[who][0] += int(flt[1]); self.ops[who][1] += int(flt[2])
        self.pending.append((str(number), row))
        if op in ("spawn", "fork") and err == "0":
            child = words[2] if op == "fork" else words[1]
            self.pids[child] = int(re.search(r"pid (\d+)", reply)[1])
            self.base[child] = self.base[who] if op == "fork" else self.process_now(child)
            if op == "fork": self.image[child] = self.image[who]; self.forked |= {child}
            else:
                after = self.system_now()[0]
                self.image[child] = {k: after[k] - before.get(k, 0) for k in IMAGE if k in after}
        if op in ("exit", "kill") and err == "0": self.death[who] = "SIGKILL" if op == "kill" else "exit:0"
        if killed: self.death[who] = killed[1]
        if op == "snap": self.snap(words[1])

    def snap(self, label):
        put = lambda scope, name, field, value: self.facts.__setitem__((label, scope, name, field), value)
        self.flush(label)
        for p, pid in self.pids.items():
            put("process", p, "minflt_ops", self.ops[p][0]); put("process", p, "majflt_ops", self.ops[p][1])
            if not self.alive(pid):
                put("process", p, "State", "dead")
                put("process", p, "death", self.death.get(p) or ("SIGKILL" if self.killed(pid) else "unexplained"))
                continue
            put("process", p, "State", "alive")
            try:
                now, base = self.process_now(p), self.base[p]
            except (OSError, ValueError, IndexError) as e:
                self.trouble = "%s: %s" % (type(e).__name__, e)
                continue
            # What replies said of faults must be what the process itself shows.
            for i, k in enumerate(("minflt", "majflt")):
                put("sound", p, k, "ok" if now[k] - base[k] == self.ops[p][i] or p in self.forked else
                    "%d in stat, %d in replies" % (now[k] - base[k], self.ops[p][i]))
            for k in now:
                if now[k] is not None and base[k] is not None: put("process", p, k + "_delta", now[k] - base[k])
                put("process", p, k, now[k])
            self.regions(p, pid, put)
        mi, vs = self.system_now()
        # As the oracle does: what a live process's image itself costs is not the script's doing.
        for p, pid in self.pids.items():
            if self.alive(pid):
                for k, v in self.image[p].items(): mi[k] -= v
        for k, v in mi.items():
            put("system", "-", k, v); put("system", "-", k + "_delta", v - self.system0[0].get(k, 0))
        for k, v in vs.items(): put("system", "-", "vmstat.%s_delta" % k, v - self.system0[1].get(k, 0))
        for field, name in CGROUP.items(): put("cgroup", "-", field, mi.get(name, 0) - self.system0[0].get(name, 0))
        for field, path in SYSFS.items():
            try:
                put("system", "-", field, int(self.m.read(path)))
            except (OSError, ValueError):
                pass
        for line in self.m.read("model/files").splitlines():
            w = line.split()
            if w[0] in self.files:
                for k, v in zip(("size", "nr_cache", "nr_dirty", "nr_writeback", "nr_evicted",
                                 "nr_recently_evicted"), w[1:]): put("file", w[0], k, int(v))
        for line in self.m.read("proc/sysvipc/shm").splitlines()[1:]:
            w = line.split()
            for k, v in (("size", int(w[3])), ("nattch", int(w[6])), ("rss", int(w[14]) // 1024),
                         ("swap", int(w[15]) // 1024)): put("shm", self.shms.get(int(w[1]), w[0]), k, v)

    def flush(self, label):
        for number, row in self.pending:
            for k, v in row.items(): self.facts[label, "op", number, k] = v
        self.pending = []

    def regions(self, p, pid, put):
        pieces = []
        for line in self.m.read("model/%d/regions" % pid).splitlines():
            w = line.split()
            for r in w[1].split(",") if len(w) > 1 else []:
                a, b = r.split("-")
                pieces.append((int(a, 16), int(b, 16), w[0]))
        pieces.sort()
        sets = collections.OrderedDict()
        for v in smaps(self.m.read("proc/%d/smaps" % pid)):
            names = []
            for a, b, n in pieces:
                if a < v["end"] and v["start"] < b and n not in names: names.append(n)
            if names: sets.setdefault("%s/%s" % (p, "+".join(names)), []).append(v)
        for name, vmas in sets.items():
            for k in REGION_SUM: put("region", name, k, sum(v.get(k, 0) for v in vmas))
            for k in REGION_FIRST + ["perms"]: put("region", name, k, vmas[0].get(k))
            put("region", name, "vmas", len(vmas))
            put("region", name, "layout", ",".join("%x-%x:%s" % (v["start"], v["end"], v["perms"]) for v in vmas))


def golden(path, script=""):
    """The held facts of one golden file, and for each process fact that faults are sound."""
    # The group's cache counts pages differently from meminfo where a swap header is read: hold meminfo then.
    moved = {"cache": "Cached", "inactive_file": "Inactive(file)", "active_file": "Active(file)"} if "swapon" in script else {}
    system = {v + "_delta" for v in moved.values()}
    out = {}
    for line in open(path):
        w = line.rstrip("\n").split("\t")
        if len(w) != 6 or w[4] != "exact": continue
        key = tuple(w[:4])
        if w[1] == "cgroup" and w[3] in moved: continue
        if w[3] == "Mlocked_delta" and "mlockall" in script: continue          # the recorder's own image is locked too
        if group_of(w[1], w[3]) or (w[1] == "system" and w[3] in system): out[key] = w[5]
        if w[1] == "process" and w[3] == "minflt_ops" and w[0] != "end":
            out[w[0], "sound", w[2], "minflt"] = out[w[0], "sound", w[2], "majflt"] = "ok"
    dead = {(k[0], k[2]) for k, v in out.items() if k[1] == "process" and k[3] == "State" and v == "dead"}
    return {k: v for k, v in out.items() if k[1] != "sound" or (k[0], k[2]) not in dead}


def conform(args, script):
    name = os.path.splitext(os.path.basename(script))[0]
    want = golden(os.path.join(args.golden, name + ".tsv"), open(script).read())
    right, held, wrong = collections.Counter(), collections.Counter(), []
    mount, failure = None, None
    try:
        mount = machine.start(args, args.profile)
        run = Run(mount)
        for number, raw in enumerate(open(script), 1):
            line = raw.split("#", 1)[0].strip()
            if line: run.step(number, line)
        run.flush("end")
        if run.trouble: failure = run.trouble
        check = mount.read("model/check").strip()
    except Exception as e:                                    # a missing file, a dead daemon
        failure, check = "%s: %s" % (type(e).__name__, e), "not reached"
    finally:
        got = run.facts if "run" in locals() else {}
        if mount: mount.close()
    for key, value in want.items():
        label, scope, who, field = key
        group = group_of(scope, field) or "system"
        if args.only and group != args.only: continue
        mine = got.get((label, scope, "-" if scope in ("system", "cgroup") else who, field))
        held[group] += 1; held["(not 0)"] += value not in ("0", "ok")
        if mine is not None and str(mine) == value: right[group] += 1; right["(not 0)"] += value not in ("0", "ok")
        else: wrong.append((label, scope, who, field, value, mine))
    ok = sum(right.values()) - right["(not 0)"]; n = sum(held.values()) - held["(not 0)"]
    report = ["%-28s %6d/%-6d %s%s%s" % (name, ok, n, " ".join("%s %d/%d" % (g, right[g], held[g]) for g in sorted(held)),
              "" if check == "ok" else "  check: " + check.splitlines()[0][:80] if check else "  check: empty",
              "  " + failure if failure else "")]
    if args.verbose:
        report += ["    %s %s %s %s: real %s, model %s" % w for w in wrong[:args.most]]
        if len(wrong) > args.most: report.append("    ... %d more" % (len(wrong) - args.most))
    return name, right, held, check == "ok" and not failure, "\n".join(report)


def recorded(path):
    """Script -> (facts right, was it sound), as once reached."""
    rows = (line.split() for line in open(path) if line[:1] not in "#\n") if os.path.exists(path) else ()
    return {w[0]: (int(w[1]), w[2] == "ok") for w in rows}


def fallen(path, now):
    """Print what is worse than recorded; -> is nothing?"""
    was, ok = recorded(path), True
    for name, (right, sound) in sorted(now.items()):
        floor, good = was.get(name, (0, False))
        if right < floor: print("fallen: %s: %d facts right, %d recorded" % (name, right, floor)); ok = False
        if good and not sound: print("fallen: %s: did not end with model/check = ok" % name); ok = False
        if right > floor or sound > good: print("risen: %s: %d facts right, %d recorded" % (name, right, floor))
    return ok


def record(path, now):
    was = recorded(path)
    for name, (right, sound) in now.items():
        floor, good = was.get(name, (0, False))
        was[name] = max(right, floor), sound or good
    with open(path, "w") as f:
        f.write("# script, facts right at least, model/check: raised by conform.py --record, never lowered\n")
        for name in sorted(was): f.write("%s\t%d\t%s\n" % (name, was[name][0], "ok" if was[name][1] else "-"))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    machine.add_arguments(ap)
    ap.add_argument("--floor", help="file of the facts that were right already")
    ap.add_argument("--record", help="the same file, to be raised")
    ap.add_argument("-p", "--profile", default=os.path.join(HERE, "oracle.ini"))
    ap.add_argument("-g", "--golden", default=os.path.join(HERE, "golden"))
    ap.add_argument("-k", "--only", help="hold one group only: errno fault process layout smaps file shm system")
    ap.add_argument("-v", "--verbose", action="store_true")
    ap.add_argument("-n", "--most", type=int, default=20, help="differences listed a script")
    ap.add_argument("scripts", nargs="+")
    args = ap.parse_args()
    right, held, sound, now = collections.Counter(), collections.Counter(), True, {}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for name, r, h, ok, report in pool.map(lambda s: conform(args, s), args.scripts):
            print(report, flush=True)
            right += r; held.update(h); sound &= ok
            now[name] = sum(r.values()) - r["(not 0)"], ok
    some, most = right.pop("(not 0)", 0), held.pop("(not 0)", 0)
    ok, n = sum(right.values()), sum(held.values())
    print("total %d scripts, %d/%d facts right; of those that are not 0, %d/%d (%.2f %%): %s" % (len(args.scripts), ok, n, some, most,
          100.0 * some / max(most, 1), " ".join("%s %.1f%%" % (g, 100.0 * right[g] / held[g]) for g in sorted(held))))
    if args.record: record(args.record, now)
    if args.floor or args.record: sys.exit(0 if fallen(args.floor or args.record, now) else 1)
    sys.exit(0 if ok == n and sound else 1)


main()
