# SPDX-License-Identifier: Apache-2.0
# bash completion for faux(1) and fauxproc(8)

_faux_profiles()
{
	local p
	for p in /etc/fauxproc/*.ini etc/*.ini; do
		[ -e "$p" ] && echo "$p"
	done
}

# The machine: of -m on the line, else as faux finds it.
_faux_mnt()
{
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i]}" = -m ]; then
			echo "${COMP_WORDS[i + 1]}"
			return
		fi
	done
	echo "${FAUXPROC_MNT:-./mnt}"
}

# The folders on which a machine is mounted.
_faux_mounts()
{
	awk '{ for (i = 7; i < NF; i++) if ($i == "-" &&
		$(i + 1) ~ /^fuse.fauxproc$/) print $5 }' /proc/self/mountinfo
}

_faux_operations()
{
	awk '{ print $1 }' "$(_faux_mnt)/ctl" 2>/dev/null
}

_faux_files()
{
	awk '{ print $1 }' "$(_faux_mnt)/model/files" 2>/dev/null
}

_faux_pids()
{
	cd "$(_faux_mnt)/proc" 2>/dev/null && printf '%s\n' [0-9]*
}

# SECTION.KEY= of a machine with every default written out
_faux_keys()
{
	local p=${1:-/etc/fauxproc/laptop.ini}
	[ -r "$p" ] || p=etc/laptop.ini
	faux sim --print-config "$p" 2>/dev/null | awk '
		/^\[/ { gsub(/[][]/, ""); section = $0; next }
		/=/ && section !~ / / { print section "." $1 "=" }'
}

_faux_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_faux_paths()
{
	mapfile -t COMPREPLY < <(compgen "$1" -- "$cur"
		[ -z "$2" ] || compgen -W "$2" -- "$cur")
}

# What follows an option whose meaning is the same everywhere. False: none.
_faux_value()
{
	case $prev in
	-m) _faux_paths -d "$(_faux_mounts)" ;;
	-c | --check) _faux_paths -f "$(_faux_profiles)" ;;
	-s) _faux_paths -f ;;
	-o) _faux_words 'allow_other list=sim list=sim+self' ;;
	--set) _faux_words "$(_faux_keys)"
		compopt -o nospace 2>/dev/null ;;
	*) return 1 ;;
	esac
	return 0
}

# faux run ... -- COMMAND
_faux_run()
{
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" = -- ] || continue
		if ((i + 1 == COMP_CWORD)); then
			_faux_paths -c
		else
			_faux_paths -f
		fi
		return
	done
	_faux_value || _faux_words '-c -m -s -o --'
}

_faux_sub()
{
	case $1 in
	cachestat) _faux_words '-T' ;;
	cachetop) ;;
	ctl) case $prev in
		-f) _faux_paths -f ;;
		*) _faux_words "-f $(_faux_operations)" ;;
		esac ;;
	dump) _faux_value || _faux_paths -d '-c -s --set' ;;
	graph) _faux_value || _faux_paths -f '-o' ;;
	import) _faux_paths -d '-o' ;;
	ksmtuned) _faux_words '-n' ;;
	memleak) case $prev in
		-p) _faux_words "$(_faux_pids)" ;;
		*) _faux_words '-a -p' ;;
		esac ;;
	pcstat) _faux_words "$(_faux_files)" ;;
	sim) case $prev in
		--check | --print-config) _faux_paths -f "$(_faux_profiles)" ;;
		--print) _faux_words 'proc/meminfo proc/vmstat MemAvailable' ;;
		-j) _faux_words "$(nproc)" ;;
		*) _faux_value || _faux_paths -f "$(_faux_profiles) --set \
			--check --print --print-config --csv --json \
			--no-header -j --list" ;;
		esac ;;
	top) _faux_words '-b' ;;
	umount) _faux_paths -d "$(_faux_mounts)" ;;
	esac
}

_faux()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local i sub=
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-m) i=$((i + 1)) ;;
		-*) ;;
		*) sub=${COMP_WORDS[i]}; break ;;
		esac
	done
	COMPREPLY=()
	case $sub in
	'') [ "$prev" = -m ] && _faux_value || _faux_words \
		"-m $(faux 2>&1 | awk '/^  [a-z]/ { print $1 }')" ;;
	replay) _faux_paths -f '-p -t' ;;
	run) _faux_run ;;
	*) _faux_sub "$sub" ;;
	esac
}

_fauxproc()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	_faux_value || _faux_paths -d '-f -c -s -o --set --check -h -V'
}

complete -F _faux faux
complete -F _fauxproc fauxproc
