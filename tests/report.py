#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Say in plain lines how a test run ended.

    report.py TESTLOG.json ALLOWED_SKIPS STATUS

STATUS is what `meson test` returned. A skipped test gives its reason on the
last line it printed; it may be skipped if a line of ALLOWED_SKIPS has a
pattern of its name and the beginning of that reason. Exit status 0 only if
nothing failed and nothing else was skipped.
"""
import fnmatch
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


def main():
    log, skips, status = sys.argv[1], sys.argv[2], int(sys.argv[3])
    tests, rows = results(log), allowed(skips)
    passed = [t for t in tests if t["result"] in PASSED]
    skipped = [t for t in tests if t["result"] == "SKIP"]
    failed = [t for t in tests if t not in passed and t not in skipped]
    unwanted = 0
    for t in failed:
        print("failed: %s (%s)" % (name_of(t), t["result"].lower()))
    for t in skipped:
        name, why = name_of(t), reason(t)
        ok = any(fnmatch.fnmatch(name, p) and why.startswith(r)
                 for p, r in rows)
        unwanted += not ok
        print("skipped: %s: %s%s" % (name, why, "" if ok else
              " -- not in tests/allowed-skips"))
    print("%d passed, %d failed, %d skipped"
          % (len(passed), len(failed), len(skipped)))
    if status and not failed:
        print("meson test ended with status %d" % status)
    return 1 if failed or unwanted or status else 0


sys.exit(main())
