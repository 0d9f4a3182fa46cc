# SPDX-License-Identifier: Apache-2.0
# bash completion for faux(1) and fauxproc(8)

_faux_profiles()
{
	local p
	for p in /etc/fauxproc/*.ini etc/*.ini; do
		[ -e "$p" ] && echo "$p"
	done
}

_faux_operations()
{
	local mnt=${FAUXPROC_MNT:-./mnt}
	[ -r "$mnt/ctl" ] && awk '{ print $1 }' "$mnt/ctl" 2>/dev/null
}

_faux_files()
{
	local mnt=${FAUXPROC_MNT:-./mnt}
	[ -r "$mnt/model/files" ] && awk '{ print $1 }' "$mnt/model/files"
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
	case $prev in
	-m) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
	-c) mapfile -t COMPREPLY < <(compgen -W "$(_faux_profiles)" -- "$cur"
		compgen -f -- "$cur"); return ;;
	-s | -f) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
	-o) mapfile -t COMPREPLY < <(compgen -W \
		'allow_other list=sim list=sim+self' -- "$cur"); return ;;
	--) mapfile -t COMPREPLY < <(compgen -c -- "$cur"); return ;;
	esac
	case $sub in
	cachestat) mapfile -t COMPREPLY < <(compgen -W '-T' -- "$cur") ;;
	ksmtuned) mapfile -t COMPREPLY < <(compgen -W '-n' -- "$cur") ;;
	memleak) mapfile -t COMPREPLY < <(compgen -W '-a -p' -- "$cur") ;;
	pcstat) mapfile -t COMPREPLY < <(compgen -W \
		"$(_faux_files)" -- "$cur") ;;
	'') mapfile -t COMPREPLY < <(compgen -W \
		"-m $(faux 2>&1 | awk '/^  [a-z]/ { print $1 }')" -- "$cur") ;;
	run) mapfile -t COMPREPLY < <(compgen -W '-c -m -s -o --' -- "$cur") ;;
	ctl) mapfile -t COMPREPLY < <(compgen -W \
		"-f $(_faux_operations)" -- "$cur") ;;
	sim) mapfile -t COMPREPLY < <(compgen -W \
		'--set --check --print-config --print --csv --json --no-header
		-j --list' -- "$cur"
		compgen -f -- "$cur") ;;
	dump) mapfile -t COMPREPLY < <(compgen -W '-c -s --set' -- "$cur"
		compgen -d -- "$cur") ;;
	top) mapfile -t COMPREPLY < <(compgen -W '-b' -- "$cur") ;;
	umount) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
	esac
}

_fauxproc()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	case $prev in
	-c | --check) mapfile -t COMPREPLY < <(compgen -W \
		"$(_faux_profiles)" -- "$cur"; compgen -f -- "$cur") ;;
	-s) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	-o) mapfile -t COMPREPLY < <(compgen -W \
		'allow_other list=sim list=sim+self' -- "$cur") ;;
	*) mapfile -t COMPREPLY < <(compgen -W \
		'-f -c -s -o --set --check -h -V' -- "$cur"
		compgen -d -- "$cur") ;;
	esac
}

complete -F _faux faux
complete -F _fauxproc fauxproc
