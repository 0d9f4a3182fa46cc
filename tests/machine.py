# SPDX-License-Identifier: Apache-2.0
"""A machine to test: mounted by a private daemon, or headless in `faux sim`.

Both have command(line) -> (errno name or "0", reply), read(path), alive(pid),
klog(), clock() and close(); paths are below the mount, without a leading slash.
"""
import errno
import os
import re
import shutil
import subprocess
import tempfile
import time

PATIENCE = 20


class Mount:
    """One running daemon on a private mount point."""

    def __init__(self, binary, profile):
        self.dir = tempfile.mkdtemp(prefix="fauxproc-")
        self.mnt = os.path.join(self.dir, "mnt")
        os.mkdir(self.mnt)
        with open(os.path.join(self.dir, "log"), "w") as log:
            self.proc = subprocess.Popen(
                [binary, "-f", "-c", profile, self.mnt], stdout=log,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while not os.path.exists(self.path("ctl")):
            if self.proc.poll() is not None or time.monotonic() > end:
                why = self.said()
                self.unmount()
                raise RuntimeError("%s did not mount: %s" % (binary, why))
            time.sleep(0.01)
        self.ctl = os.open(self.path("ctl"), os.O_RDWR)

    def said(self):
        with open(os.path.join(self.dir, "log"), errors="replace") as f:
            return f.read()[-2000:]

    def path(self, name):
        return os.path.join(self.mnt, name)

    def command(self, line):
        err, reply = "0", b""
        try:
            os.write(self.ctl, (line + "\n").encode())
        except OSError as e:
            err = errno.errorcode.get(e.errno, str(e.errno))
        while True:
            try:
                part = os.read(self.ctl, 1 << 16)
            except OSError:
                break
            reply += part
            if len(part) < 1 << 16:
                break
        return err, reply.decode("utf-8", "replace").strip()

    def read(self, path):
        with open(self.path(path), "rb", buffering=0) as f:
            out = b""
            while True:
                part = f.read(1 << 16)
                if not part:
                    return out.decode("utf-8", "replace")
                out += part

    def alive(self, pid):
        return os.path.isdir(self.path("proc/%d" % pid))

    def klog(self):
        fd = os.open(self.path("dev/kmsg"), os.O_RDONLY | os.O_NONBLOCK)
        text = b""
        try:
            while True:
                part = os.read(fd, 1 << 16)
                if not part:
                    break
                text += part
        except OSError:
            pass
        os.close(fd)
        return text.decode("utf-8", "replace")

    def clock(self):
        return float(self.read("model/clock").split()[0])

    def unmount(self):
        subprocess.call(["fusermount3", "-u", self.mnt],
                        stderr=subprocess.DEVNULL)
        try:
            self.proc.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.proc.terminate()
            self.proc.wait()
            subprocess.call(["fusermount3", "-uz", self.mnt],
                            stderr=subprocess.DEVNULL)
        shutil.rmtree(self.dir, ignore_errors=True)

    def close(self):
        os.close(self.ctl)
        self.unmount()


class Headless:
    """One `faux sim`, fed line by line; `snap` after a line ends its reply."""

    def __init__(self, binary, profile):
        self.log, self.number = tempfile.TemporaryFile("w+"), 0
        self.proc = subprocess.Popen(
            [binary, "sim", profile, "-"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.log)
        self.ask("")

    def said(self):
        self.log.seek(0)
        return self.log.read()[-300:].strip()

    def ask(self, line):
        """-> the lines of the reply; a file shown is one, after its header"""
        self.number += 1
        end, lines = b"__%d" % self.number, []
        show = line.split()[1] if line.startswith("show ") else None
        try:
            self.proc.stdin.write(line.encode() + b"\nsnap " + end + b"\n")
            self.proc.stdin.flush()
        except BrokenPipeError:
            pass
        while True:
            reply = self.proc.stdout.readline()
            if not reply:
                self.proc.wait(PATIENCE)
                raise RuntimeError("%s ended with %s: %s" % (
                    line, self.proc.returncode, self.said()))
            if reply.rstrip(b"\n") == end:
                return lines
            lines.append(reply.decode("utf-8", "replace").rstrip("\n"))
            if show and lines[-1].startswith(show + " "):
                text = self.proc.stdout.read(int(lines[-1].split()[1]))
                lines.append(text.decode("utf-8", "replace"))
                show = None

    def command(self, line):
        lines = self.ask(line)
        for reply in lines:
            failed = re.match(r"error: .*\((E[A-Z0-9]+)\)", reply)
            if failed:
                return failed[1], "\n".join(lines)
        return "0", "\n".join(lines)

    def read(self, path):
        lines = self.ask("show " + path)
        if len(lines) < 2:
            raise FileNotFoundError(lines[0] if lines else path)
        return lines[1]

    def alive(self, pid):
        return len(self.ask("show proc/%d/stat" % pid)) > 1

    def klog(self):
        return self.read("dev/kmsg")

    def clock(self):
        return float(self.read("model/clock").split()[0])

    def close(self):
        try:
            self.proc.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.proc.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
        self.proc.stdout.close()
        self.log.close()


def add_arguments(parser):
    parser.add_argument("-b", "--binary", help="fauxproc, with --headless "
                        "faux; default $FAUXPROC, $FAUX, else from PATH")
    parser.add_argument("--headless", action="store_true",
                        help="without a mount: `faux sim PROFILE -`")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count())


def start(args, profile):
    """The machine that the arguments ask for."""
    name = "faux" if args.headless else "fauxproc"
    binary = args.binary or os.environ.get(name.upper(), name)
    return (Headless if args.headless else Mount)(binary, profile)
