#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Memory system calls of programs in a world are the machine's, by a seccomp
# filter and by a preloaded library.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
need_fuse
need_namespaces
need_command getconf ipcs swapon swapoff mkswap fallocate dmesg sync
scratch

cat >"$TESTDIR/script" <<'END'
spawn a
mmap a heap1 3M
touch a heap1 write
shmget a 7 300000
shmat a seg 7
touch a seg write 0 8K
END
cat >"$TESTDIR/inside" <<'END'
kb() { awk -v name="$1:" '$1 == name { print $2 }' /proc/meminfo; }
bad() { echo "$*"; exit 1; }
same() { [ "$2" = "$3" ] || bad "$1: $2 is not $3"; }
same 'getconf _PHYS_PAGES' "$(($(getconf _PHYS_PAGES) * 4))" "$(kb MemTotal)"
same 'getconf _AVPHYS_PAGES' "$(($(getconf _AVPHYS_PAGES) * 4))" "$(kb MemFree)"
if command -v busybox >/dev/null && [ "$1" = seccomp ]; then
	out=$(busybox free -k)
	same 'busybox free: total' \
		"$(echo "$out" | awk '/^Mem:/ { print $2 }')" "$(kb MemTotal)"
	same 'busybox free: free' \
		"$(echo "$out" | awk '/^Mem:/ { print $4 }')" "$(kb MemFree)"
	same 'busybox free: swap' \
		"$(echo "$out" | awk '/^Swap:/ { print $2 }')" "$(kb SwapTotal)"
	same 'busybox uptime' "$(busybox uptime | sed 's/.*average: //')" \
		"$(awk '{ print $1 ", " $2 ", " $3 }' /proc/loadavg)"
fi
same 'uname -m' "$(uname -m)" "$(cat /proc/sys/kernel/arch)"
same 'uname -r' "$(uname -r)" "$(cat /proc/sys/kernel/osrelease)"
same 'uname -v' "$(uname -v)" "$(cat /proc/sys/kernel/version)"
same 'uname -n' "$(uname -n)" "$(cat /proc/sys/kernel/hostname)"
out=$(ipcs -u)
same 'ipcs -u: segments' \
	"$(echo "$out" | awk '/segments allocated/ { print $3 }')" 1
same 'ipcs -u: pages' \
	"$(echo "$out" | awk '/pages allocated/ { print $3 }')" 74
same 'ipcs -u: resident' \
	"$(echo "$out" | awk '/pages resident/ { print $3 }')" 2
ipcs -m -l >/dev/null || bad 'ipcs -m -l'

# As any tutorial has it.
same fstab "$(grep -v '^#' /etc/fstab)" '/mnt/swapfile none swap sw,pri=3 0 0
/dev/vdb none swap sw 0 0'
before=$(cat /proc/swaps)
swapoff -a && [ "$(kb SwapTotal)" -eq 0 ] || bad 'swapoff -a'
swapon -a || bad 'swapon -a'
same 'swapoff -a && swapon -a' "$(cat /proc/swaps)" "$before"
fallocate -l 32M /mnt/more && chmod 600 /mnt/more || bad fallocate
swapon /mnt/more 2>/dev/null && bad 'swapon without mkswap'
mkswap /mnt/more >/dev/null && swapon -p 9 /mnt/more || bad swapon
same 'swapon --show' "$(swapon --show=NAME,SIZE,PRIO --bytes --noheadings |
	tail -n 1 | tr -s ' ')" "/more 33550336 9"
dmesg | grep -q 'Adding 32764k swap on /more' || bad "dmesg: $(dmesg | tail -n 2)"
# The log by syslog(2), which nobody clears: the host's least of all.
same 'dmesg -S' "$(dmesg -S | md5sum)" "$(dmesg | md5sum)"
if command -v busybox >/dev/null && [ "$1" = seccomp ]; then
	same 'busybox dmesg' "$(busybox dmesg | md5sum)" "$(dmesg | md5sum)"
fi
for option in -C -c '-n 1' -D -E; do
	# An option and its argument: the split is wanted.
	# shellcheck disable=SC2086
	dmesg $option >/dev/null 2>&1 && bad "dmesg $option"
done
# Areas on disks, which are in /dev beside what was there.
echo >/dev/null || bad /dev/null
swapoff /dev/vdb || bad 'swapoff of a disk'
same 'swapon --show' "$(swapon --show=NAME --noheadings | tr '\n' ' ')" \
	'/swapfile /more '
swapon /dev/vdb 2>/dev/null || bad 'swapon of a disk'
same 'swapon --show' "$(swapon --show=NAME --noheadings | tr '\n' ' ')" \
	'/swapfile /dev/vdb /more '
mkswap /dev/vdc >/dev/null 2>&1 && swapon -p 5 /dev/vdc 2>/dev/null &&
	swapoff /dev/vdc || bad 'a disk made an area'
cd /mnt && swapoff more || bad 'swapoff by a relative name'
swapoff /mnt/more 2>/dev/null && bad 'swapoff twice'
sync
grep -qx sync "$FAUXPROC_MNT/model/journal" || bad 'sync'
dd if=/dev/zero of=/mnt/dirty bs=1M count=4 2>/dev/null && sync -f /mnt/dirty
same 'syncfs' "$(kb Dirty)" 0
if command -v python3 >/dev/null; then
	few=$(python3 -c '
import ctypes
text = ctypes.create_string_buffer(200)
n = ctypes.CDLL(None).klogctl(3, text, 150)
print(text.raw[:n].decode())')
	same 'the newest whole lines' "$(echo "$few" | sed 's/^<[0-7]>//')" \
		"$(dmesg | tail -n "$(echo "$few" | wc -l)")"
	same 'SHM_STAT' "$(python3 -c '
import ctypes
libc, ds = ctypes.CDLL(None), ctypes.create_string_buffer(256)
print([(libc.shmctl(i, 13, ds), int.from_bytes(ds[48:56], "little"))[:1 + (i < 1)]
       for i in range(2)])')" '[(0, 300000), (-1,)]'
fi
[ "$(cat "$FAUXPROC_MNT/model/check")" = ok ]
END
cat >"$TESTDIR/profile" <<'END'
[machine]
memory = 1G
cpus = 2
[disk vda]
filesystem = /
[disk vdb]
size = 64M
[disk vdc]
size = 32M
[swap /swapfile]
size = 256M
prio = 3
[swap /dev/vdb]
END

# try WAY: by seccomp, by a library
try()
{
	FAUXPROC_CALLS=$1 "$FAUX" run -c "$TESTDIR/profile" \
		-s "$TESTDIR/script" -- sh "$TESTDIR/inside" "$1" \
		>"$TESTDIR/out" 2>&1 ||
		fault "by $1: $? $(cat "$TESTDIR/out")"
}
if [ "${SECCOMP:-yes}" = no ]; then
	echo 'built without libseccomp: no filter to test'
elif ! grep -q user_notif /proc/sys/kernel/seccomp/actions_avail; then
	echo 'no seccomp notification on this host: no filter to test'
else
	try seccomp
fi
# A sanitizer wants to be loaded first.
grep -q __asan_init "$FAUXPROC" || try preload
finish
