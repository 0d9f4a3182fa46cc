#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/testing.md as written: its machine, its script, its test of a tool.
. "$(dirname "$0")/lib.sh"
need_puppets
need_command pgrep
scratch
here=$(cd "$(dirname "$0")" && pwd)
cd "$TESTDIR" || exit 1

# block START: the indented block that begins so
block()
{
	awk -v start="    $1" '
		index($0, start) == 1 { on = 1 }
		on && $0 !~ /^(    |$)/ { exit }
		on && $0 ~ /^    (# leak.mm|faux run)/ && $0 !~ start { exit }
		on { print substr($0, 5) }' "$here/../../docs/testing.md"
}
block '# x.ini' >x.ini
block '# leak.mm' >leak.mm
block '#!/bin/sh' | sed "s|/usr/share/fauxproc|$here|" >test-agent
mkdir bin
cat >bin/my-agent <<'END'
#!/bin/sh
# Tells who has most memory; ends it with --kill.
cd /proc && for pid in [0-9]*; do
	awk -v pid="$pid" '/^Name:/ { name = $2 }
		/^VmRSS:/ { print name, pid, $2 }' "$pid/status"
done | sort -k3n | tail -n 1 | {
	read -r name pid kb
	echo "$name $pid $kb kB"
	[ "$1" != --kill ] || kill "$pid"
}
END
chmod +x bin/my-agent
PATH=$TESTDIR/bin:$PATH

out=$("$FAUX" run -c x.ini -s leak.mm -- my-agent --once) ||
	fault "the line ended with $?"
match 'the one line' '^leaky [0-9]+ 16[0-9]{5} kB$' "$out"
"$FAUX" run -c x.ini -s leak.mm -- sh -c 'my-agent --kill >/dev/null
	for i in $(seq 400); do pgrep -x leaky >/dev/null || exit 0; sleep 0.05
	done; exit 1' || fault 'the agent that kills'
sh test-agent || fault "the test of the page ended with $?"

# By a relative name, whatever folder the command goes to.
mount_machine -c x.ini
"$FAUX" run -m mnt -- sh -c 'cd / && [ -e "$FAUXPROC_MNT/ctl" ]' ||
	fault "run -m with a relative name: $?"

# A script for a machine that is mounted.
"$FAUX" run -m "$MNT" -s leak.mm -- pgrep -x leaky >out || fault "-m -s: $?"
expect 'replies stay away' = "$(wc -l <out)" 1
echo 'spawn leaky' >again
"$FAUX" run -m "$MNT" -s again -- true 2>err
expect 'a script that fails' = $? 125
match 'and says why' 'EEXIST' "$(cat err)"
finish
