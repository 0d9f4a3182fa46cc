// SPDX-License-Identifier: Apache-2.0
/*
 * strace -f -e trace=memory,file,desc,process: a system call a line. Addresses
 * become regions by where mmap said they went; calls that failed are left out.
 */
#include "tools/faux.h"
#include "tools/replay.h"
#include "tools/strace-log.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* --- files -------------------------------------------------------------------
 */
static unsigned file_of(struct strace *s, const char *quoted)
{
	char path[200];
	size_t n = 0;

	for (const char *q = quoted; *q && n < sizeof(path) - 1; q++)
		if (*q != '"')
			path[n++] = (char)(*q > ' ' && *q < 127 && *q != '#'
						   ? *q
						   : '_');
	path[n] = '\0';
	if (path[0] != '/' || !strncmp(path, "/dev/", 5) ||
	    !strncmp(path, "/proc/", 6) || !strncmp(path, "/sys/", 5))
		return 0;
	for (unsigned i = 0; i < s->nr_files; i++)
		if (!strcmp(s->files[i].path, path))
			return i + 1;
	if (s->nr_files == 1024)
		return 0;
	memcpy(s->files[s->nr_files].path, path, n + 1);
	return ++s->nr_files;
}

static void used_to(struct strace *s, unsigned file, uint64_t end)
{
	if (file && s->files[file - 1].size < end)
		s->files[file - 1].size = end;
}

static unsigned file_at(const struct call *c, unsigned n)
{
	uint64_t fd = strace_number(c, n);

	return fd < FDS ? c->p->fds[fd] : 0;
}

static void do_open(struct strace *s, const struct call *c)
{
	char path[256];

	strace_word(c, !strcmp(c->name, "openat"), path, sizeof(path));
	if (c->ret < FDS) {
		c->p->fds[c->ret] = file_of(s, path);
		c->p->pos[c->ret] = 0;
	}
}

static void do_close(struct strace *s, const struct call *c)
{
	(void)s;
	if (strace_number(c, 0) < FDS)
		c->p->fds[strace_number(c, 0)] = 0;
}

static void do_io(struct strace *s, const struct call *c)
{
	unsigned file = file_at(c, 0);
	uint64_t fd = strace_number(c, 0), off;
	bool at = !strcmp(c->name, "pread64") || !strcmp(c->name, "pwrite64");
	bool read = strstr(c->name, "read");

	if (!file || !c->ret)
		return;
	off = at ? strace_number(c, 3) : c->p->pos[fd];
	if (!at)
		c->p->pos[fd] += c->ret;
	if (read)
		used_to(s, file, off + c->ret);
	if (!s->sizing)
		printf("%s %s %s %llu %llu\n", read ? "read" : "write",
		       c->p->name, s->files[file - 1].path, (ull)off,
		       (ull)c->ret);
}

static void do_lseek(struct strace *s, const struct call *c)
{
	(void)s;
	if (strace_number(c, 0) < FDS)
		c->p->pos[strace_number(c, 0)] = c->ret;
}

static void do_fsync(struct strace *s, const struct call *c)
{
	unsigned file = file_at(c, 0);

	if (file && !s->sizing)
		printf("fsync %s %s\n", c->p->name, s->files[file - 1].path);
}

static void do_unlink(struct strace *s, const struct call *c)
{
	char path[256];
	unsigned file;

	strace_word(c, !strcmp(c->name, "unlinkat"), path, sizeof(path));
	file = file_of(s, path);
	if (file && !s->sizing && s->files[file - 1].size)
		printf("rm %s\n", s->files[file - 1].path);
}

/* --- memory ------------------------------------------------------------------
 */
/* [@start, @end) is nobody's any more. */
static void forget(struct proc *p, uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < p->nr_maps;) {
		struct map *m = &p->maps[i], rest = *m;

		if (m->end <= start || m->start >= end) {
			i++;
			continue;
		}
		if (m->start < start && m->end > end && p->nr_maps < MAPS) {
			rest.start = end;
			m->end = start;
			p->maps[p->nr_maps++] = rest;
		} else if (m->start < start) {
			m->end = start;
		} else if (m->end > end) {
			m->start = end;
		} else {
			*m = p->maps[--p->nr_maps];
			continue;
		}
		i++;
	}
}

static void remember(struct strace *s, struct proc *p, uint64_t start,
		     uint64_t len)
{
	forget(p, start, start + len);
	if (p->nr_maps < MAPS)
		p->maps[p->nr_maps++] = (struct map){
			.start = start,
			.end = start + len,
			.base = start,
			.region = ++s->regions,
		};
}

static const struct map *map_at(const struct proc *p, uint64_t addr)
{
	for (unsigned i = 0; i < p->nr_maps; i++)
		if (addr >= p->maps[i].start && addr < p->maps[i].end)
			return &p->maps[i];
	return NULL;
}

static uint64_t whole(uint64_t len)
{
	return (len + PAGE - 1) / PAGE * PAGE;
}

/* "OP P rN ... OFF LEN" for each piece of [@addr, @addr + @len). */
static void by_piece(struct strace *s, const struct call *c, const char *op,
		     const char *words, uint64_t addr, uint64_t len)
{
	uint64_t end = addr + whole(len);

	while (!s->sizing && addr < end) {
		const struct map *m = map_at(c->p, addr);
		uint64_t stop = m && m->end < end ? m->end : end;

		if (m)
			printf("%s %s r%u%s%s %llu %llu\n", op, c->p->name,
			       m->region, *words ? " " : "", words,
			       (ull)(addr - m->base), (ull)(stop - addr));
		addr = m ? stop : addr + PAGE;
	}
}

/* MAP_HUGE_2MB and the like: strace prints 21<<MAP_HUGE_SHIFT. */
static void put_huge(const struct call *c)
{
	char words[256];
	const char *at;
	unsigned bits = 0;

	strace_word(c, 3, words, sizeof(words));
	at = strstr(words, "<<MAP_HUGE_SHIFT");
	while (at && at > words && at[-1] != '|')
		at--;
	if (!strace_has(c, 3, "MAP_HUGETLB"))
		return;
	fputs(" hugetlb", stdout);
	if (at && sscanf(at, "%u<<", &bits) == 1 && bits < 64)
		printf("=%lluK", 1ull << bits >> 10);
}

static void put_mmap(struct strace *s, const struct call *c,
		     const struct map *over, unsigned file, uint64_t off)
{
	static const struct {
		const char *flag, *word;
	} flags[] = {
		{ "MAP_SHARED", " shared" },
		{ "MAP_POPULATE", " populate" },
		{ "MAP_NORESERVE", " noreserve" },
		{ "MAP_LOCKED", " locked" },
	};
	const char *who = c->p->name;

	printf("mmap %s r%u %llu prot=%s", who, s->regions + 1,
	       (ull)strace_number(c, 1), strace_prot(c, 2));
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (strace_has(c, 3, flags[i].flag))
			fputs(flags[i].word, stdout);
	put_huge(c);
	if (file)
		printf(" file=%s off=%llu", s->files[file - 1].path, (ull)off);
	if (over)
		printf(" fixed=r%u+%llu", over->region,
		       (ull)(c->ret - over->base));
	putchar('\n');
	if (s->touch && !strace_has(c, 2, "PROT_NONE"))
		printf("touch %s r%u %s\n", who, s->regions + 1,
		       strace_has(c, 2, "PROT_WRITE") ? "write" : "read");
}

static void do_mmap(struct strace *s, const struct call *c)
{
	unsigned file = strace_has(c, 3, "MAP_ANONYMOUS") ? 0 : file_at(c, 4);
	const struct map *over =
		strace_has(c, 3, "MAP_FIXED") ? map_at(c->p, c->ret) : NULL;
	uint64_t len = strace_number(c, 1), off = strace_number(c, 5);

	if (file)
		used_to(s, file, off + len);
	if (!s->sizing)
		put_mmap(s, c, over, file, off);
	remember(s, c->p, c->ret, whole(len));
}

static void do_munmap(struct strace *s, const struct call *c)
{
	by_piece(s, c, "munmap", "", strace_number(c, 0), strace_number(c, 1));
	forget(c->p, strace_number(c, 0),
	       strace_number(c, 0) + whole(strace_number(c, 1)));
}

static void do_mprotect(struct strace *s, const struct call *c)
{
	by_piece(s, c, "mprotect", strace_prot(c, 2), strace_number(c, 0),
		 strace_number(c, 1));
}

static void do_madvise(struct strace *s, const struct call *c)
{
	static const char prefix[] = "MADV_";
	char advice[40];

	strace_word(c, 2, advice, sizeof(advice));
	if (strncmp(advice, prefix, sizeof(prefix) - 1) != 0)
		return;
	for (char *a = advice; *a; a++)
		*a = (char)tolower((unsigned char)*a);
	by_piece(s, c, "madvise", advice + sizeof(prefix) - 1,
		 strace_number(c, 0), strace_number(c, 1));
}

static void do_mlock(struct strace *s, const struct call *c)
{
	by_piece(s, c, c->name, "", strace_number(c, 0), strace_number(c, 1));
}

static void do_mremap(struct strace *s, const struct call *c)
{
	const struct map *m = map_at(c->p, strace_number(c, 0));
	unsigned region = m ? m->region : 0;
	uint64_t len = whole(strace_number(c, 2));

	if (!m)
		return;
	if (!s->sizing)
		printf("mremap %s r%u %llu\n", c->p->name, region, (ull)len);
	forget(c->p, strace_number(c, 0),
	       strace_number(c, 0) + whole(strace_number(c, 1)));
	if (c->p->nr_maps < MAPS)
		c->p->maps[c->p->nr_maps++] = (struct map){
			.start = c->ret,
			.end = c->ret + len,
			.base = c->ret,
			.region = region,
		};
}

static void do_brk(struct strace *s, const struct call *c)
{
	uint64_t old = c->p->brk;

	c->p->brk = c->ret;
	if (!old || old == c->ret || s->sizing)
		return;
	printf("brk %s %c%llu\n", c->p->name, c->ret > old ? '+' : '-',
	       (ull)(c->ret > old ? c->ret - old : old - c->ret));
	if (s->touch && c->ret > old)
		printf("touch %s heap write\n", c->p->name);
}

/* --- processes ---------------------------------------------------------------
 */
static void do_fork(struct strace *s, const struct call *c)
{
	if (s->pass != PASS_BIRTHS) {
		strace_proc(s, (unsigned)c->ret);
	} else if (s->nr_births < BIRTHS) {
		s->births[s->nr_births++] = (struct birth){
			.pid = (unsigned)c->ret,
			.parent = c->p->pid,
			.shares = strstr(c->args, "CLONE_VM") ||
				  !strcmp(c->name, "vfork"),
		};
	}
}

static void do_execve(struct strace *s, const struct call *c)
{
	if (c->p->nr_maps && !s->sizing)
		printf("exec %s prog\n", c->p->name);
	c->p->nr_maps = 0;
	c->p->brk = 0;
}

static void do_exit(struct strace *s, const struct call *c)
{
	if (!s->sizing)
		printf("exit %s\n", c->p->name);
	strace_gone(s, c->p);
}

static const struct {
	const char *name;
	void (*run)(struct strace *s, const struct call *c);
} calls[] = {
	{ "brk", do_brk },	   { "clone", do_fork },
	{ "clone3", do_fork },	   { "close", do_close },
	{ "execve", do_execve },   { "exit_group", do_exit },
	{ "fdatasync", do_fsync }, { "fork", do_fork },
	{ "fsync", do_fsync },	   { "lseek", do_lseek },
	{ "madvise", do_madvise }, { "mlock", do_mlock },
	{ "mmap", do_mmap },	   { "mprotect", do_mprotect },
	{ "mremap", do_mremap },   { "munlock", do_mlock },
	{ "munmap", do_munmap },   { "open", do_open },
	{ "openat", do_open },	   { "pread64", do_io },
	{ "pwrite64", do_io },	   { "read", do_io },
	{ "unlink", do_unlink },   { "unlinkat", do_unlink },
	{ "vfork", do_fork },	   { "write", do_io },
};

static bool is_birth(const struct call *c)
{
	return !strncmp(c->name, "clone", 5) || strstr(c->name, "fork");
}

static void forget_procs(struct strace *s)
{
	while (s->nr_procs)
		free(s->procs[--s->nr_procs]);
	s->regions = s->made = 0;
	for (unsigned i = 0; i < s->nr_births; i++)
		s->births[i].done = false;
}

static void pass(struct strace *s, enum pass which, FILE *log, char **line,
		 size_t *size)
{
	struct call c;

	s->pass = which;
	s->sizing = which != PASS_PRINT;
	rewind(log);
	while (getline(line, size, log) > 0) {
		if (!strace_parse(s, *line, &c) ||
		    (which == PASS_BIRTHS && !is_birth(&c)))
			continue;
		for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
			if (!strcmp(calls[i].name, c.name))
				calls[i].run(s, &c);
	}
	forget_procs(s);
}

int replay_strace(FILE *log, const char *name, bool touch)
{
	struct strace *s = calloc(1, sizeof(*s));
	char *line = NULL;
	size_t size = 0;

	if (!s) {
		fputs("faux replay: no memory\n", stderr);
		return FAUX_MEMORY;
	}
	s->name = name;
	s->touch = touch;
	pass(s, PASS_BIRTHS, log, &line, &size);
	pass(s, PASS_SIZES, log, &line, &size);
	puts("# from a log of strace, by faux replay");
	for (unsigned i = 0; i < s->nr_files; i++)
		if (s->files[i].size)
			printf("mkfile %s %llu\n", s->files[i].path,
			       (ull)s->files[i].size);
	pass(s, PASS_PRINT, log, &line, &size);
	free(line);
	free(s);
	return FAUX_OK;
}
