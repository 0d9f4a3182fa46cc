// SPDX-License-Identifier: Apache-2.0
/* What hangs together in a profile, and defaults that depend on others. */
#include "fs/older.h"
#include "fs/profile-table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fs/script.h"

/* The kernel leaves THP off on machines below this (khugepaged.c). */
#define THP_LEAST (512ull << 20)
/* Below the hole that ends at 4 GiB. */
#define I386_MOST (3ull << 30)

struct finish {
	struct profile *p;
	struct outbuf *why;
};

static void *item(const struct profile_list *l, size_t record, uint32_t i)
{
	return (char *)l->items + i * record;
}

/* A fault in the record @head, or in the file as a whole. */
static int bad(struct finish *f, const struct profile_head *head,
	       const char *text)
{
	struct profile_where at = { f->p->path[0] ? f->p->path : "--set",
				    head ? head->line : 0 };

	return profile_bad(f->why, &at, "%s", text);
}

int profile_cpu_list(const char *list, uint64_t *ret_cpus)
{
	uint64_t cpus = 0, first, last;

	for (const char *s = list; *s;) {
		size_t len = strcspn(s, "-,");

		if (script_number(s, len, &first))
			return EINVAL;
		last = first;
		s += len;
		if (*s == '-') {
			len = strcspn(++s, ",");
			if (script_number(s, len, &last))
				return EINVAL;
			s += len;
		}
		if (first > last || last >= MAX_CPUS || (*s && !*++s))
			return EINVAL;
		for (; first <= last; first++)
			cpus |= 1ull << first;
	}
	*ret_cpus = cpus;
	return 0;
}

int profile_distances(const char *list, uint32_t nr, uint8_t *ret)
{
	uint64_t n;

	for (uint32_t i = 0; i < nr; i++) {
		size_t len = strcspn(list, ",");

		if (script_number(list, len, &n) || n < 10 || n > 255)
			return EINVAL;
		ret[i] = (uint8_t)n;
		list += len;
		if (!*list != (i == nr - 1))
			return EINVAL;
		list += *list == ',';
	}
	return 0;
}

static int finish_nodes(struct finish *f)
{
	uint64_t cpus, seen = 0, sum = 0, nr = f->p->machine.nodes;
	uint8_t distances[MAX_NODES];
	int r = 0;

	for (uint32_t i = 0; i < f->p->node.nr; i++) {
		const struct profile_node *n = item(&f->p->node, sizeof(*n), i);
		uint64_t number = (uint64_t)(n->head.id[0] - '0');

		if (number >= nr)
			r = bad(f, &n->head,
				"a node that is not there, expected a larger nodes = in [machine]");
		if (profile_cpu_list(n->cpus, &cpus) || cpus & seen ||
		    (f->p->machine.cpus < MAX_CPUS &&
		     cpus >> f->p->machine.cpus))
			r = bad(f, &n->head,
				"cpus: expected a list as 0-3,8 of CPUs of [machine], none in two nodes");
		else
			seen |= cpus;
		if (n->distance[0] &&
		    profile_distances(n->distance, (uint32_t)nr, distances))
			r = bad(f, &n->head,
				"distance: expected a number from 10 to 255 for each node, 10,21");
		sum += n->memory_bytes;
	}
	if (sum > f->p->machine.memory_bytes)
		r = bad(f, NULL,
			"the nodes have more memory than [machine] memory, expected at most as much");
	return r;
}

static int finish_zones(struct finish *f)
{
	uint64_t needed = profile_bit("zone", "start_pfn") |
			  profile_bit("zone", "spanned") |
			  profile_bit("zone", "present") |
			  profile_bit("zone", "managed");
	uint64_t early = profile_bit("zone", "early");
	int r = 0;

	for (uint32_t i = 0; i < f->p->zone.nr; i++) {
		struct profile_zone *z = item(&f->p->zone, sizeof(*z), i);
		uint32_t node, type;

		if ((z->head.given & needed) != needed)
			r = bad(f, &z->head,
				"a zone's key is missing, expected start_pfn, spanned, present and managed");
		else if (z->managed > z->present || z->present > z->spanned)
			r = bad(f, &z->head,
				"expected managed <= present <= spanned");
		if (!(z->head.given & early))
			z->early = z->managed;
		z->head.given |= early;
		profile_zone_id(z->head.id, &node, &type);
		if (node >= f->p->machine.nodes)
			r = bad(f, &z->head,
				"a zone of a node that is not there, expected a larger nodes = in [machine]");
	}
	return r;
}

/* A machine without any disk could hold no file. */
static int finish_disks(struct finish *f)
{
	const struct profile_where at = { "default", 0 };
	struct profile_open open;
	struct profile_disk *d, *other;
	int r = 0;

	if (!f->p->disk.nr) {
		r = profile_open_section(f->p, "disk vda", &at, &open, f->why);
		if (!r)
			r = profile_entry(f->p, &open, "filesystem", "/", true,
					  &at, f->why);
	}
	for (uint32_t i = 0; i < f->p->disk.nr; i++) {
		d = item(&f->p->disk, sizeof(*d), i);
		if (d->filesystem[0] && d->filesystem[0] != '/')
			r = bad(f, &d->head,
				"filesystem: expected a path from the root on");
		for (uint32_t j = 0; j < i; j++) {
			other = item(&f->p->disk, sizeof(*d), j);
			if (d->filesystem[0] &&
			    !strcmp(d->filesystem, other->filesystem))
				r = bad(f, &d->head,
					"filesystem: two disks on one mount point");
		}
	}
	return r;
}

static int finish_files(struct finish *f)
{
	struct stat st;
	int r = 0;

	for (uint32_t i = 0; i < f->p->file.nr; i++) {
		struct profile_file *file = item(&f->p->file, sizeof(*file), i);

		if (file->head.given & profile_bit("file", "size"))
			continue;
		if (!strcmp(file->content, "seed"))
			r = bad(f, &file->head,
				"the size is missing, expected size = SIZE");
		else if (stat(file->content, &st))
			r = bad(f, &file->head,
				"content: no such host file, expected one, or seed");
		else
			file->size_bytes = (uint64_t)st.st_size;
		file->head.given |= profile_bit("file", "size");
	}
	return r;
}

uint32_t profile_parent(const struct profile *p,
			const struct profile_process *of)
{
	uint64_t pid, next = p->machine.first_pid;

	if (!script_number(of->parent, strlen(of->parent), &pid))
		return pid <= INT32_MAX ? (uint32_t)pid : 0;
	/* User processes get their pids in the order of the file. */
	for (uint32_t i = 0; i < p->process.nr; i++) {
		const struct profile_process *q =
			item(&p->process, sizeof(*q), i);

		if (q == of)
			break;
		if (!strcmp(q->head.id, of->parent))
			return (uint32_t)next;
		next += q->count;
	}
	return 0;
}

static bool group_given(const struct profile *p, const char *path)
{
	for (uint32_t i = 0; i < p->group.nr; i++) {
		const struct profile_group *g = item(&p->group, sizeof(*g), i);

		if (!strcmp(g->head.id, path))
			return true;
	}
	return false;
}

static int finish_processes(struct finish *f)
{
	uint64_t nr = 0;
	int r = 0;

	for (uint32_t i = 0; i < f->p->process.nr; i++) {
		struct profile_process *q = item(&f->p->process, sizeof(*q), i);

		if (!q->cmdline[0])
			memcpy(q->cmdline, q->head.id, COMM_LEN);
		if (!profile_parent(f->p, q))
			r = bad(f, &q->head,
				"parent: expected a pid, or the name of a [process] above");
		if (q->cgroup[0] && !group_given(f->p, q->cgroup))
			r = bad(f, &q->head,
				"cgroup: expected the path of a [cgroup PATH]");
		nr += q->count;
	}
	if (f->p->machine.first_pid + nr > f->p->machine.pid_max)
		r = bad(f, NULL,
			"[machine] first_pid: expected room for all processes below pid_max");
	return r;
}

static bool known_kernel(const char *name)
{
	for (const char *const *known = kernel_versions; *known; known++)
		if (!strcmp(*known, name))
			return true;
	return false;
}

static int finish_machine(struct finish *f)
{
	int r = 0;

	if (f->p->machine.thp == PROFILE_THP_AUTO)
		f->p->machine.thp = f->p->machine.memory_bytes < THP_LEAST ||
						    f->p->machine.arch ==
							    ARCH_I386
					    ? THP_NEVER
					    : THP_ALWAYS;
	f->p->machine.head.given |= profile_bit("machine", "thp");
	if (f->p->machine.arch == ARCH_I386 &&
	    f->p->machine.memory_bytes > I386_MOST)
		r = bad(f, NULL,
			"[machine] memory: expected at most 3G without PAE, whose entries end at 4 GiB of addresses");
	if (f->p->machine.arch != ARCH_X86_64 && f->p->machine.la57)
		r = bad(f, NULL, "[machine] la57: expected arch = x86_64");
	if (!known_kernel(f->p->machine.kernel))
		r = bad(f, NULL,
			"[machine] kernel: expected 6.18, 6.12, 6.1, 5.10, 4.19 or 3.10");
	if (f->p->machine.nodes > f->p->machine.cpus)
		r = bad(f, NULL,
			"[machine] nodes: expected at most as many as cpus");
	return r;
}

int profile_finish(struct profile *p, struct outbuf *why)
{
	struct finish f = { p, why };
	int (*const steps[])(struct finish *) = {
		finish_machine, finish_nodes, finish_zones,
		finish_disks,	finish_files, finish_processes,
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int r = steps[i](&f);

		ret = r ? r : ret;
	}
	return ret;
}
