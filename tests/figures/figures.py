#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""figures.py [--headless] PROFILE SCRIPT...: files that speak of one thing agree.

Runs each script, line by line; after each `snap`, and at the end, every
figure that several files show must be the same in all of them.
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                ".."))
import machine  # noqa: E402

NODE = "sys/devices/system/node/"
LRU = ["inactive_anon", "active_anon", "inactive_file", "active_file",
       "unevictable"]
# meminfo in kB against vmstat in pages
PAGES = {
    "MemFree": "nr_free_pages", "Active(anon)": "nr_active_anon",
    "Inactive(anon)": "nr_inactive_anon", "Active(file)": "nr_active_file",
    "Inactive(file)": "nr_inactive_file", "Unevictable": "nr_unevictable",
    "Mlocked": "nr_mlock", "Dirty": "nr_dirty", "Writeback": "nr_writeback",
    "AnonPages": "nr_anon_pages", "Mapped": "nr_mapped", "Shmem": "nr_shmem",
    "SReclaimable": "nr_slab_reclaimable",
    "SUnreclaim": "nr_slab_unreclaimable",
    "PageTables": "nr_page_table_pages", "SwapCached": "nr_swapcached",
}


def pairs(text):
    """`name value` lines, kB or not"""
    return {m[1]: int(m[2]) for m in
            re.finditer(r"^(\S+?):? +(\d+)(?: kB)?$", text, re.M)}


class Figures:
    """The files of one moment."""

    def __init__(self, m, before):
        self.m, self.before, self.faults = m, before, []
        self.meminfo = pairs(m.read("proc/meminfo"))
        self.vmstat = pairs(m.read("proc/vmstat"))
        self.zones = self.parse_zones(m.read("proc/zoneinfo"))
        self.nodes = self.parse_nodes()

    def parse_nodes(self):
        try:
            nodes = self.m.read(NODE + "has_memory").strip()
        except OSError:  # a 32-bit machine
            return []
        return [n for part in nodes.split(",") for n in range(
            int(part.split("-")[0]), int(part.split("-")[-1]) + 1)]

    @staticmethod
    def parse_zones(text):
        zones = []
        for part in re.split(r"^(?=Node \d+, zone)", text, flags=re.M)[1:]:
            own = part.split("  pages free", 1)
            zone = pairs(re.sub(r"^ +", "", own[1], flags=re.M))
            zone["free"] = int(own[1].split()[0])
            zone["pcp"] = sum(map(int, re.findall(r"count: +(\d+)", part)))
            zone["node"] = pairs(re.sub(r"^ +", "", own[0], flags=re.M))
            zones.append(zone)
        return zones

    def same(self, what, a, b):
        if a != b:
            self.faults.append("%s: %s and %s" % (what, a, b))

    def least(self, what, low, high):
        if low > high:
            self.faults.append("%s: %s above %s" % (what, low, high))

    def near(self, what, a, b, by):
        if abs(a - b) > by:
            self.faults.append("%s: %s and %s" % (what, a, b))

    def zone_sum(self, name):
        return sum(z.get(name, 0) for z in self.zones)

    def check_free(self):
        free = self.vmstat["nr_free_pages"]
        blocks = sum(int(n) << order for line in
                     self.m.read("proc/buddyinfo").splitlines()
                     for order, n in enumerate(line.split()[4:]))
        text = self.m.read("proc/pagetypeinfo")
        types = sum(int(n.lstrip(">")) << order for line in re.findall(
            r"type +\w+ +([\d> ]+)$", text, re.M)
            for order, n in enumerate(line.split()))
        self.same("free, buddyinfo", free, blocks)
        if ">" not in text:  # which stops to count at 100000
            self.same("free, pagetypeinfo", free, types)
        self.same("free, zoneinfo", free, self.zone_sum("free"))
        self.same("free, nr_free_pages", free,
                  self.zone_sum("nr_free_pages"))
        self.same("MemTotal", self.meminfo["MemTotal"],
                  4 * self.zone_sum("managed"))

    def check_meminfo(self):
        info = self.meminfo
        for label, item in PAGES.items():
            if item in self.vmstat:
                self.same(label, info[label], 4 * self.vmstat[item])
        self.same("Active", info["Active"],
                  info["Active(anon)"] + info["Active(file)"])
        self.same("Inactive", info["Inactive"],
                  info["Inactive(anon)"] + info["Inactive(file)"])
        self.same("Slab", info["Slab"],
                  info["SReclaimable"] + info["SUnreclaim"])
        self.same("files", 4 * self.vmstat["nr_file_pages"],
                  info["Cached"] + info["Buffers"] + info["SwapCached"])
        self.same("KernelStack", info["KernelStack"],
                  self.vmstat["nr_kernel_stack"])
        self.least("MemAvailable", info["MemAvailable"], info["MemTotal"])
        self.least("Shmem is in Cached", info["Shmem"],
                   info["Cached"] + info["SwapCached"])
        self.least("free huge pages", info["HugePages_Rsvd"],
                   info["HugePages_Free"])

    def check_lists(self):
        for name in LRU:
            pages = self.vmstat["nr_" + name]
            self.same(name + " of zones", pages,
                      self.zone_sum("nr_zone_" + name))
            self.same(name + " of nodes", pages, sum(
                z["node"].get("nr_" + name, 0) for z in self.zones))
        on_lists = sum(self.vmstat["nr_" + name] for name in LRU)
        isolated = self.vmstat["nr_isolated_anon"] + \
            self.vmstat["nr_isolated_file"]
        self.same("LRU lists hold all anonymous and cached pages",
                  on_lists + isolated - self.half_mapped(),
                  self.vmstat["nr_anon_pages"] +
                  self.vmstat["nr_file_pages"] -
                  self.unmapped_anon())

    def half_mapped(self):
        """What nobody maps of huge pages that wait to be split: on a list,
        in no other count."""
        if not self.vmstat.get("thp_deferred_split_page"):
            return 0
        return sum(self.vmstat["nr_" + name] for name in LRU) + \
            self.vmstat["nr_isolated_anon"] + \
            self.vmstat["nr_isolated_file"] + self.unmapped_anon() - \
            self.vmstat["nr_anon_pages"] - self.vmstat["nr_file_pages"]

    def unmapped_anon(self):
        """Pages counted twice: mapped and in the swap cache."""
        return self.vmstat.get("nr_swapcached", 0)

    def check_nodes(self):
        sums, numa = {}, {}
        for node in self.nodes:
            text = self.m.read(NODE + "node%d/meminfo" % node)
            one = pairs(re.sub(r"^Node \d+ ", "", text, flags=re.M))
            self.same("MemUsed", one["MemUsed"],
                      one["MemTotal"] - one["MemFree"])
            for label, kb in one.items():
                sums[label] = sums.get(label, 0) + kb
            for name, value in pairs(self.m.read(
                    NODE + "node%d/vmstat" % node)).items():
                numa[name] = numa.get(name, 0) + value
        for label, kb in sums.items():
            if label in self.meminfo:
                self.same("nodes' " + label, kb, self.meminfo[label])
        if self.nodes:
            self.same("nodes' FilePages", sums["FilePages"],
                      4 * self.vmstat["nr_file_pages"])
        for name, value in numa.items():
            self.same("nodes' " + name, value, self.vmstat.get(name))

    def check_slab(self):
        pages, short = 0, False
        for line in self.m.read("proc/slabinfo").splitlines()[2:]:
            word = line.split()
            active, objects, per_slab, per = map(
                int, (word[1], word[2], word[4], word[5]))
            slabs = int(word[14])
            self.least(word[0] + ": objects", active, objects)
            # a slab is smaller when there was no block of its order
            self.least(word[0] + ": slabs", objects, slabs * per_slab)
            short |= objects < slabs * per_slab
            pages += slabs * per
        self.least("slabs", self.meminfo["Slab"] // 4, pages)
        if not short:
            self.same("slabs", self.meminfo["Slab"] // 4, pages)

    def check_swaps(self):
        used = size = 0
        for line in self.m.read("proc/swaps").splitlines()[1:]:
            size += int(line.split()[2])
            used += int(line.split()[3])
        self.same("swap", size, self.meminfo["SwapTotal"])
        self.same("swap in use", used,
                  self.meminfo["SwapTotal"] - self.meminfo["SwapFree"])

    def check_disks(self):
        stats = [line.split() for line in
                 self.m.read("proc/diskstats").splitlines()]
        busy = any(int(s[11]) for s in stats)
        for at, name in (5, "pgpgin"), (9, "pgpgout"):
            done = sum(int(s[at]) for s in stats) // 2
            self.least(name + ", diskstats", done, self.vmstat[name])
            if not busy:
                self.same(name + ", diskstats", done, self.vmstat[name])

    def check_time(self):
        """Each CPU's time is all the time there was."""
        up, idle = map(float, self.m.read("proc/uptime").split())
        idles, busy = 0, 0
        for line in re.findall(r"^cpu\d+ (.*)$", self.m.read("proc/stat"),
                               re.M):
            ticks = list(map(int, line.split()))
            idles += ticks[3]
            busy += ticks[0] + ticks[2]
            self.near("ticks of a CPU", sum(ticks), up * 100, 5)
        self.near("idle", idles, idle * 100, 80)
        last = int(self.m.read("proc/loadavg").split()[-1])
        spent = 0
        for pid in range(1, last + 1):
            try:
                text = self.m.read("proc/%d/stat" % pid)
            except OSError:
                continue
            spent += sum(map(int, text.rsplit(") ", 1)[1].split()[11:13]))
        self.least("ticks of the processes that live", spent, busy + 80)

    def nameless(self):
        """Memory in use that no line speaks of; Percpu is no part of it, as
        what boot gives each CPU is no part of MemTotal."""
        info = self.meminfo
        lines = ["MemFree", "AnonPages", "Cached", "Buffers", "Slab",
                 "VmallocUsed", "PageTables", "Hugetlb"]
        # Stacks are part of VmallocUsed, but on i386.
        if "HighTotal" in info:
            lines.append("KernelStack")
        return info["MemTotal"] - 4 * self.zone_sum("pcp") - \
            4 * self.half_mapped() - sum(info[k] for k in lines)

    def check_nameless(self):
        """Nothing gets lost, nothing is counted twice."""
        self.least("memory without a line", 0, self.nameless())
        if self.before:
            self.same("memory without a line", self.before.nameless(),
                      self.nameless())

    def check_processes(self):
        """All anonymous pages are somebody's, shared ones in parts."""
        last = int(self.m.read("proc/loadavg").split()[-1])
        pss, users = 0, 0
        for pid in range(1, last + 1):
            try:
                text = self.m.read("proc/%d/smaps_rollup" % pid)
            except OSError:  # nobody, or a kernel thread
                continue
            pss += pairs(text)["Pss_Anon"]
            users += 1
        # each process's figure is rounded down
        self.least("AnonPages by process", pss, self.meminfo["AnonPages"])
        self.least("AnonPages by process", self.meminfo["AnonPages"],
                   pss + users)

    def check(self):
        for name in sorted(dir(self)):
            if name.startswith("check_"):
                getattr(self, name)()
        text = self.m.read("model/check").strip()
        self.same("model/check", text, "ok")
        return self.faults


def run(args, script):
    m = machine.start(args, args.profile)
    faults, figures = [], None
    try:
        with open(script) as f:
            lines = [line.strip() for line in f]
        for number, line in enumerate(lines + ["snap end"], 1):
            if not line or line.startswith("#"):
                continue
            if line.startswith("snap"):
                figures = Figures(m, figures)
                faults += ["%s:%d: %s" % (script, number, why)
                           for why in figures.check()]
                continue
            error, reply = m.command(line)
            if error not in ("0", "ESRCH"):  # it may have been killed
                faults.append("%s:%d: %s" % (script, number, reply))
    finally:
        m.close()
    return faults


def main():
    parser = argparse.ArgumentParser()
    machine.add_arguments(parser)
    parser.add_argument("profile")
    parser.add_argument("scripts", nargs="+")
    args = parser.parse_args()
    faults = [f for script in args.scripts for f in run(args, script)]
    print("\n".join(faults + ["%d faults" % len(faults)]))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
