#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages in Chinese have the same commands as those in English."""
import os
import re

import source

COMMAND = re.compile(r"^    ((?:\$|sh|PATH=|pid=|faux|grep|echo|awk|for |\().*)")


def commands(path):
    """Indented lines that begin as a command does, without what they say."""
    found = []
    for line in source.text(path).splitlines():
        match = COMMAND.match(line)
        if match:
            found.append(re.sub(r"\s+# .*", "", match[1]))
    return found


def pairs():
    yield "README.md", "README.zh-CN.md"
    for name in sorted(os.listdir(os.path.join(source.ROOT, "docs/labs"))):
        if name != "README.md":
            yield "docs/labs/" + name, "docs/labs.zh-CN/" + name


def main():
    faults, seen = [], 0
    for english, chinese in pairs():
        if not os.path.exists(os.path.join(source.ROOT, chinese)):
            faults.append("%s: no page in Chinese" % english)
            continue
        one, other = commands(english), commands(chinese)
        seen += len(one)
        if one != other:
            faults.append("%s: other commands than %s: %s" % (
                chinese, english, sorted(set(one) ^ set(other))[:3]))
    if seen < 100:
        faults.append("only %d commands were found" % seen)
    source.end(faults)


main()
