# SPDX-License-Identifier: Apache-2.0
"""Tables of measurements stand between two marks of a document."""


def write(path, name, text):
    """What stands between the marks of @name in the file becomes @text."""
    begin, end = ("<!-- %s: %s -->" % (name, w) for w in ("begin", "end"))
    with open(path) as f:
        old = f.read()
    a, b = old.index(begin) + len(begin), old.index(end)
    with open(path, "w") as f:
        f.write(old[:a] + "\n" + text + "\n" + old[b:])
