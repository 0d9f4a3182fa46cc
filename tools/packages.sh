# SPDX-License-Identifier: Apache-2.0
# What the project needs of Debian or Ubuntu; sourced by tests/run.sh and
# tools/quickstart.sh from the root of the tree.

say()
{
	printf '%s\n' "$*"
}

die()
{
	say "$0: $*" >&2
	exit 1
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

# Packages of what is not here, one name a line: needed to build and to run.
missing_packages()
{
	have cc || say gcc libc6-dev
	have meson || say meson
	have ninja || say ninja-build
	have pkg-config || say pkg-config
	have python3 || say python3
	have fusermount3 || say fuse3
	have free || say procps
	have unshare || say util-linux
	have mount || say mount
	while read -r module package; do
		pkg-config --exists "$module" 2>/dev/null || say "$package"
	done <<-END
		fuse3 libfuse3-dev
		inih libinih-dev
		libxxhash libxxhash-dev
		cmocka libcmocka-dev
	END
}

# The same of what only tests need: without it they are skipped.
missing_test_packages()
{
	have clang || say clang
	have clang-format || say clang-format
	have sar || say sysstat
	have numactl || say numactl
	have smem || say smem
	pkg-config --exists libseccomp 2>/dev/null || say libseccomp-dev
}

# The same of tools that tests look at: the machine's figures through each.
missing_tools()
{
	while read -r file package; do
		[ -e "$file" ] || say "$package"
	done <<-END
		/usr/bin/earlyoom earlyoom
		/usr/sbin/nohang nohang
		/usr/bin/busybox busybox
		/usr/bin/toybox toybox
		/usr/bin/script bsdutils
		/usr/bin/pstree psmisc
		/usr/bin/htop htop
		/usr/bin/btop btop
		/usr/bin/atop atop
		/usr/bin/glances glances
		/usr/bin/nmon nmon
		/usr/bin/dstat dstat
		/usr/bin/collectl collectl
		/usr/bin/smemstat smemstat
		/usr/bin/inxi inxi
		/usr/bin/neofetch neofetch
		/usr/bin/screenfetch screenfetch
		/usr/bin/hugeadm libhugetlbfs-bin
		/usr/bin/lshw lshw
		/usr/bin/prometheus-node-exporter prometheus-node-exporter
		/usr/bin/prometheus-process-exporter prometheus-process-exporter
		/usr/lib/python3/dist-packages/psutil python3-psutil
		/usr/share/munin/plugins/memory munin-plugins-core
		/usr/share/munin/plugins/plugin.sh munin-node
		/usr/sbin/collectd collectd-core
		/usr/sbin/netdata netdata-core
		/usr/lib/nagios/plugins/check_swap monitoring-plugins-basic
	END
}

# Install what there is of missing_tools, start no service; what cannot be
# had is no fault: its test is skipped.
install_tools()
{
	tools=
	for tool in $(missing_tools); do
		apt-cache show "$tool" >/dev/null 2>&1 && tools="$tools $tool"
	done
	[ -n "$tools" ] || return 0
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ] && [ -w "${policy%/*}" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
	else
		policy=
	fi
	# shellcheck disable=SC2086 # names of packages
	(install_packages $tools)
	[ -z "$policy" ] || rm -f "$policy"
}

install_packages()
{
	have apt-get || die "missing: $*; install them by hand"
	as_root=env
	if [ "$(id -u)" -ne 0 ]; then
		have sudo || die "missing: $*; become root or install sudo"
		as_root='sudo -n env'
	fi
	say "Installing: $*"
	{
		$as_root apt-get -q update &&
			$as_root DEBIAN_FRONTEND=noninteractive apt-get -q -y \
				--no-install-recommends install "$@"
	} </dev/null || die "apt-get could not install: $*"
}

# install_missing FUNCTION: what it names; fails with a message where not
install_missing()
{
	install_names=$($1)
	[ -n "$install_names" ] || return 0
	# Names of packages hold no blanks: the split is wanted.
	# shellcheck disable=SC2086
	install_packages $install_names
}

# build_tree FOLDER [OPTION...]: configures once, compiles.
build_tree()
{
	build_folder=$1
	shift
	if [ ! -f "$build_folder/build.ninja" ]; then
		rm -rf "$build_folder"
		meson setup "$build_folder" "$@" ||
			die "meson could not configure $build_folder"
	fi
	ninja -C "$build_folder" || die "the build of $build_folder failed"
}
