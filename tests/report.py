#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Say in plain lines how test runs ended.

    report.py ALLOWED_SKIPS BUILD STATUS [BUILD STATUS...]

STATUS is what `meson test` returned in BUILD. A skipped test gives its reason
on the last line it printed; it may be skipped if a line of ALLOWED_SKIPS has
a pattern of its name and the beginning of that reason. What a sanitizer said
stands in BUILD/reports. Exit status 0 only if nothing failed, nothing was
reported and nothing else was skipped.
"""
import fnmatch
import glob
import json
import os
import sys

PASSED = {"OK", "EXPECTEDFAIL"}


def results(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def allowed(path):
    rows = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            words = line.split("#", 1)[0].split(None, 1)
            if words:
                rows.append((words[0], words[1].strip()))
    return rows


def reason(test):
    text = (test.get("stdout") or "") + (test.get("stderr") or "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("SKIP: ") if lines else "no reason given"


def name_of(test):
    # "fauxproc:shell / free" or "free": what stands behind the last slash.
    return test["name"].rsplit(" / ", 1)[-1].strip()


def blind(path):
    """No finding: inside a world a process does not see its own threads."""
    with open(path, errors="replace", encoding="utf-8") as f:
        text = f.read()
    return "LeakSanitizer has encountered a fatal error" in text \
        and "SUMMARY" not in text and "runtime error" not in text


def judge(build, status, rows):
    """-> passed, failed, skipped, did it go as it should"""
    tests = results(build + "/meson-logs/testlog-all.json")
    passed = [t for t in tests if t["result"] in PASSED]
    skipped = [t for t in tests if t["result"] == "SKIP"]
    failed = [t for t in tests if t not in passed and t not in skipped]
    reports = [p for p in sorted(glob.glob(build + "/reports/*"))
               if not blind(p)]
    good = not failed and not reports and not status
    for t in failed:
        print("%s: failed: %s (%s)" % (build, name_of(t), t["result"].lower()))
    for t in skipped:
        name, why = name_of(t), reason(t)
        ok = any(fnmatch.fnmatch(name, p) and why.startswith(r)
                 for p, r in rows)
        good &= ok
        print("%s: skipped: %s: %s%s" % (build, name, why, "" if ok else
              " -- not in tests/allowed-skips"))
    for path in reports:
        print("%s: a sanitizer's report: %s" % (build, path))
        with open(path, errors="replace", encoding="utf-8") as f:
            print("".join(f.readlines()[:30]), end="")
    if status and not failed:
        print("%s: meson test ended with status %d" % (build, status))
    return len(passed), len(failed), len(skipped), good


def main():
    rows, runs = allowed(sys.argv[1]), sys.argv[2:]
    ends = [judge(build, int(status), rows)
            for build, status in zip(runs[::2], runs[1::2])]
    passed, failed, skipped = (sum(e[i] for e in ends) for i in range(3))
    print("%d passed, %d failed, %d skipped" % (passed, failed, skipped))
    return 0 if passed and all(e[3] for e in ends) else 1


sys.exit(main())
