// SPDX-License-Identifier: Apache-2.0
/*
 * Files of a process, byte for byte as those of a `sleep` and of kthreadd on a
 * real 6.18 machine. The records hold the numbers that the samples show: what
 * is tested is how they are printed. What smaps adds up and which VMA follows
 * which comes from here (-Wl,--wrap), not from a model.
 */
#include "fs/proc-pid/pid-nodes.h"
#include "fs/proc-pid/pid-render.h"
#include "tests/unit/sample.h"

#include <errno.h>

#define SLEEP_PID 29862
#define SMAPS	  "proc__SLEEP__smaps"
#define ROLLUP	  "proc__SLEEP__smaps_rollup"
#define STATUS	  "proc__SLEEP__status"

bool __wrap_vma_thp_eligible(const struct space *s, uint32_t vma, int mode);
void __wrap_smaps_add(const struct space *s, uint32_t vma, struct smaps *sum);
uint32_t __wrap_vma_first(const struct space *s, uint32_t mm);
uint32_t __wrap_vma_next(const struct space *s, uint32_t vma);

/* Paragraph of the sample's smaps for VMA @id; a lone VMA is all of them. */
static const char *paragraph(const struct space *s, uint32_t id)
{
	static char *text, *all;

	if (!text) {
		text = sample_read(SMAPS);
		all = sample_read(ROLLUP);
	}
	if (s->vmas.used == 1)
		return all;
	for (const char *p = text; *p; p = strchr(p, '\n') + 1)
		if (!strncmp(p, "Size:", 5) && !--id)
			return p;
	return "";
}

bool __wrap_vma_thp_eligible(const struct space *s, uint32_t vma, int mode)
{
	(void)mode;
	return sample_value(paragraph(s, vma), "THPeligible") != 0;
}

void __wrap_smaps_add(const struct space *s, uint32_t vma, struct smaps *sum)
{
	static const struct {
		const char *label;
		size_t off;
		bool pss;
	} rows[] = {
		{ "Rss", offsetof(struct smaps, rss), false },
		{ "Pss", offsetof(struct smaps, pss), true },
		{ "Pss_Dirty", offsetof(struct smaps, pss_dirty), true },
		{ "Pss_Anon", offsetof(struct smaps, pss_anon), true },
		{ "Pss_File", offsetof(struct smaps, pss_file), true },
		{ "Shared_Clean", offsetof(struct smaps, shared_clean), false },
		{ "Shared_Dirty", offsetof(struct smaps, shared_dirty), false },
		{ "Private_Clean", offsetof(struct smaps, private_clean),
		  false },
		{ "Private_Dirty", offsetof(struct smaps, private_dirty),
		  false },
		{ "Referenced", offsetof(struct smaps, referenced), false },
		{ "Anonymous", offsetof(struct smaps, anonymous), false },
		{ "Swap", offsetof(struct smaps, swap), false },
		{ "Locked", offsetof(struct smaps, pss_locked), true },
	};
	const char *text = paragraph(s, vma);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t *to = (uint64_t *)(void *)((char *)sum + rows[i].off);
		uint64_t kb = sample_value(text, rows[i].label);

		*to += rows[i].pss ? kb << 10 : kb >> 2;
	}
}

uint32_t __wrap_vma_first(const struct space *s, uint32_t mm)
{
	(void)mm;
	return s->vmas.used ? 1 : 0;
}

uint32_t __wrap_vma_next(const struct space *s, uint32_t vma)
{
	return vma < s->vmas.used ? vma + 1 : 0;
}

/* --- the process of the samples ------------------------------------------ */
static const struct {
	char word[3];
	uint32_t flag;
} flag_words[] = {
	{ "rd", VM_READ },	  { "wr", VM_WRITE },
	{ "ex", VM_EXEC },	  { "sh", VM_SHARED },
	{ "mr", VM_MAYREAD },	  { "mw", VM_MAYWRITE },
	{ "me", VM_MAYEXEC },	  { "ms", VM_MAYSHARE },
	{ "gd", VM_GROWSDOWN },	  { "pf", VM_PFNMAP },
	{ "lo", VM_LOCKED },	  { "io", VM_IO },
	{ "sr", VM_SEQ_READ },	  { "rr", VM_RAND_READ },
	{ "dc", VM_DONTCOPY },	  { "de", VM_DONTEXPAND },
	{ "lf", VM_LOCKONFAULT }, { "ac", VM_ACCOUNT },
	{ "nr", VM_NORESERVE },	  { "ht", VM_HUGETLB },
	{ "wf", VM_WIPEONFORK },  { "dd", VM_DONTDUMP },
	{ "mm", VM_MIXEDMAP },	  { "hg", VM_HUGEPAGE },
	{ "nh", VM_NOHUGEPAGE },  { "mg", VM_MERGEABLE },
};

static uint32_t flags_of(const char *text)
{
	const char *line = strstr(text, "VmFlags: ") + 9;
	uint32_t flags = 0;

	for (; *line != '\n'; line += 3) {
		size_t i = 0;

		while (i < ARRAY_SIZE(flag_words) &&
		       strncmp(line, flag_words[i].word, 2))
			i++;
		assert_int_not_equal(i, ARRAY_SIZE(flag_words));
		flags |= flag_words[i].flag;
	}
	return flags;
}

static uint32_t file_of(struct cache *c, const char *path, uint32_t ino)
{
	uint32_t inode, file;

	assert_int_equal(pool_new(&c->inodes, &inode), 0);
	assert_int_equal(pool_new(&c->files, &file), 0);
	snprintf(inode_at(c, inode)->path, sizeof(inode_at(c, inode)->path),
		 "%s", path);
	inode_at(c, inode)->ino = ino;
	inode_at(c, inode)->disk = 1;
	inode_at(c, inode)->kind = INODE_DISK;
	file_at(c, file)->inode = inode;
	return file;
}

static void vma_of(struct machine *m, const char *line)
{
	static const char *const names[] = { "[vdso]", "[vvar]",
					     "[vvar_vclock]" };
	unsigned long long start, end, off;
	char path[128] = "";
	unsigned ino;
	struct vma *v;
	uint32_t id;

	assert_true(sscanf(line, "%llx-%llx %*s %llx %*s %u%*[ ]%127[^\n]",
			   &start, &end, &off, &ino, path) >= 4);
	assert_int_equal(pool_new(&m->space.vmas, &id), 0);
	v = vma_at(&m->space, id);
	v->start = start;
	v->end = end;
	v->pgoff = off >> PAGE_SHIFT;
	v->flags = flags_of(paragraph(&m->space, id));
	if (ino)
		v->file = file_of(&m->cache, path, ino);
	for (unsigned i = 0; i < 3; i++)
		if (!strcmp(path, names[i]))
			v->name = VMA_VDSO + i;
}

static void maps_of(struct machine *m)
{
	char *text = sample_read("proc__SLEEP__maps"), *line = text;

	/* so that no VMA is the only one while they are made */
	m->space.vmas.used = 1;
	for (; *line; line = strchr(line, '\n') + 1)
		if (strncmp(line, "ffff", 4))
			vma_of(m, line);
	m->space.vmas.used--;
	free(text);
}

/* Field @nr of stat, counted from 1. */
static uint64_t stat_field(const char *text, unsigned nr)
{
	while (--nr)
		text = strchr(text, ' ') + 1;
	return strtoull(text, NULL, 10);
}

static uint64_t pages_of(const char *status, const char *label)
{
	return sample_value(status, label) >> 2;
}

static void mm_of(struct mm *mm)
{
	char *status = sample_read(STATUS);
	char *stat = sample_read("proc__SLEEP__stat");

	*mm = (struct mm){
		.users = 1,
		.start_code = stat_field(stat, 26),
		.end_code = stat_field(stat, 27),
		.start_stack = stat_field(stat, 28),
		.start_data = stat_field(stat, 45),
		.end_data = stat_field(stat, 46),
		.start_brk = stat_field(stat, 47),
		.brk = stat_field(stat, 47) + (132u << 10),
		.arg_start = stat_field(stat, 48),
		.arg_end = stat_field(stat, 49),
		.env_start = stat_field(stat, 50),
		.env_end = stat_field(stat, 51),
		.total_vm = pages_of(status, "VmSize"),
		.hiwater_vm = pages_of(status, "VmPeak"),
		.hiwater_rss = pages_of(status, "VmHWM"),
		.data_vm = pages_of(status, "VmData"),
		.stack_vm = pages_of(status, "VmStk"),
		.exec_vm =
			pages_of(status, "VmExe") + pages_of(status, "VmLib"),
		.pgtables_bytes = sample_value(status, "VmPTE") << 10,
		.rlimit_as = UINT64_MAX,
		.rlimit_data = UINT64_MAX,
		.rlimit_stack = 8u << 20,
		.rlimit_memlock = 8u << 20,
	};
	mm->rss[RSS_ANON] = (int64_t)pages_of(status, "RssAnon");
	mm->rss[RSS_FILE] = (int64_t)pages_of(status, "RssFile");
	free(stat);
	free(status);
}

static uint32_t task_of(struct machine *m, const char *comm, uint32_t pid)
{
	uint32_t id, disk;

	assert_int_equal(pool_new(&m->tasks.pool, &id), 0);
	assert_int_equal(pool_new(&m->cache.disks, &disk), 0);
	*(struct disk *)pool_at(&m->cache.disks, disk) =
		(struct disk){ .name = "vda", .major = 254 };
	*task_at(&m->tasks, id) = (struct task){ .pid = pid,
						 .tgid = pid,
						 .state = TASK_SLEEPING };
	snprintf(task_at(&m->tasks, id)->comm, COMM_LEN, "%s", comm);
	return id;
}

static void sleep_of(struct machine *m, struct task *t)
{
	char *stat = sample_read("proc__SLEEP__stat");

	t->ppid = (uint32_t)stat_field(stat, 4);
	t->minflt = stat_field(stat, 10);
	t->majflt = stat_field(stat, 12);
	t->stime_ns = stat_field(stat, 15) * 10000000;
	t->start_time = stat_field(stat, 22) * 10000000;
	t->rchar = 6976;
	t->syscr = 10;
	t->read_bytes = 16384;
	t->nvcsw = 3;
	free(stat);
	assert_int_equal(pool_new(&m->space.mms, &t->mm), 0);
	mm_of(mm_at(&m->space, t->mm));
}

static struct world *sample_world(void)
{
	struct world *w = calloc(1, sizeof(*w));
	struct machine *m;

	assert_non_null(w);
	m = &w->m;
	m->space.paging = paging_rows[PAGING_4_LEVEL];
	pool_init(&m->tasks.pool, &m->host, sizeof(struct task));
	pool_init(&m->space.mms, &m->host, sizeof(struct mm));
	pool_init(&m->space.vmas, &m->host, sizeof(struct vma));
	pool_init(&m->cache.inodes, &m->host, sizeof(struct inode));
	pool_init(&m->cache.files, &m->host, sizeof(struct file));
	pool_init(&m->cache.disks, &m->host, sizeof(struct disk));
	m->tasks.threads_max = 192730;
	m->phys.nr_cpus = 2;
	m->space.randomize_va_space = 2;
	m->phys.nodes[0].online = true;
	return w;
}

static void sample_world_free(struct world *w)
{
	struct machine *m = &w->m;

	pool_fini(&m->tasks.pool);
	pool_fini(&m->space.mms);
	pool_fini(&m->space.vmas);
	pool_fini(&m->cache.inodes);
	pool_fini(&m->cache.files);
	pool_fini(&m->cache.disks);
	free(w);
}

static struct world *sleep_world(void)
{
	struct world *w = sample_world();
	uint32_t id = task_of(&w->m, "sleep", SLEEP_PID);

	sleep_of(&w->m, task_at(&w->m.tasks, id));
	return w;
}

/* --- files */
static const struct fsnode *pid_row(const char *name)
{
	static const struct fsnode_table tables[] = {
#define ENTRY(name) { name##_nodes, &nr_##name##_nodes }
		ENTRY(pid_ksm),	   ENTRY(pid_limits), ENTRY(pid_maps),
		ENTRY(pid_sched),  ENTRY(pid_smaps),  ENTRY(pid_stat),
		ENTRY(pid_status),
#undef ENTRY
	};
	char path[64];

	snprintf(path, sizeof(path), "proc/$pid/%s", name);
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (unsigned i = 0; i < *tables[t].count; i++)
			if (!strcmp(tables[t].rows[i].path, path))
				return &tables[t].rows[i];
	fail_msg("no row for %s", path);
	return NULL;
}

/* What @name of the only process prints; the caller frees it. */
static char *print(struct world *w, const char *name)
{
	struct view v = { .m = &w->m, .w = w, .task = 1 };
	struct outbuf out;

	v.pid = task_at(&w->m.tasks, 1)->pid;
	out_init(&out);
	out_str(&out, "");
	assert_int_equal(pid_row(name)->show(&v, &out), 0);
	assert_int_equal(out.error, 0);
	return out.text;
}

static void expect(struct world *w, const char *name, const char *who,
		   const char *const *but)
{
	char *ours = print(w, name), *theirs, sample[64];

	snprintf(sample, sizeof(sample), "proc__%s__%s", who, name);
	theirs = sample_read(sample);
	assert_same(ours, theirs, but);
	free(ours);
	free(theirs);
}

static void maps_are_the_sample(void **state)
{
	struct world *w = sleep_world();

	(void)state;
	maps_of(&w->m);
	expect(w, "maps", "SLEEP", NULL);
	expect(w, "smaps", "SLEEP", NULL);
	sample_world_free(w);
}

static void rollup_is_the_sample(void **state)
{
	struct world *w = sleep_world();
	struct vma *v;
	uint32_t id;

	(void)state;
	assert_int_equal(pool_new(&w->m.space.vmas, &id), 0);
	v = vma_at(&w->m.space, id);
	v->start = 0x55b58f3ba000;
	v->end = 0x7ffd24fe1000;
	expect(w, "smaps_rollup", "SLEEP", NULL);
	sample_world_free(w);
}

/* Groups and sessions, rights and descriptors of a shell's child in a
 * container: in the model every process leads a session of its own. */
static void status_is_the_sample(void **state)
{
	static const char *const others[] = { "FDSize:", "NSpgid:", "NSsid:",
					      "SigIgn:", "Cap",	    NULL };
	struct world *w = sleep_world();

	(void)state;
	expect(w, "status", "SLEEP", others);
	sample_world_free(w);
}

static void stat_is_the_sample(void **state)
{
	/* group, session; rss, a batch late in the kernel; ignored signals */
	static const unsigned others[] = { 5, 6, 24, 33 };
	struct world *w = sleep_world();
	char *ours = print(w, "stat"), *a = ours;
	char *theirs = sample_read("proc__SLEEP__stat"), *b = theirs;

	(void)state;
	for (unsigned i = 1; i <= 52; i++) {
		size_t len = strcspn(a, " \n");
		bool skip = false;

		for (size_t k = 0; k < ARRAY_SIZE(others); k++)
			skip |= i == others[k];
		if (!skip && (len != strcspn(b, " \n") || memcmp(a, b, len)))
			fail_msg("field %u: %s%s", i, ours, theirs);
		a += len + 1;
		b += strcspn(b, " \n") + 1;
	}
	assert_int_equal(*a, 0);
	assert_int_equal(*b, 0);
	free(ours);
	free(theirs);
	expect(w, "statm", "SLEEP", NULL);
	sample_world_free(w);
}

static void limits_are_the_sample(void **state)
{
	static const char *const others[] = { "Max open files", NULL };
	struct world *w = sleep_world();

	(void)state;
	expect(w, "limits", "SLEEP", others);
	expect(w, "io", "SLEEP", NULL);
	expect(w, "coredump_filter", "SLEEP", NULL);
	expect(w, "timerslack_ns", "SLEEP", NULL);
	expect(w, "personality", "SLEEP", NULL);
	expect(w, "ksm_stat", "SLEEP", NULL);
	expect(w, "ksm_merging_pages", "SLEEP", NULL);
	sample_world_free(w);
}

/* Times and averages are the kernel's own; what is left is the form. */
static void sched_is_laid_out_so(void **state)
{
	struct world *w = sleep_world();
	char *ours = print(w, "sched");
	char *theirs = sample_read("proc__SLEEP__sched");

	(void)state;
	theirs[strlen(theirs) - strlen(strstr(theirs, "numa_faults node"))] =
		'\0';
	assert_int_equal(what_differs(ours, theirs), 0);
	free(ours);
	free(theirs);
	sample_world_free(w);
}

static void kernel_threads_have_no_memory(void **state)
{
	struct world *w = sample_world();
	struct task *t = task_at(&w->m.tasks, task_of(&w->m, "kthreadd", 2));
	struct view v = { .m = &w->m, .w = w, .task = 1, .pid = 2 };
	struct outbuf out;

	(void)state;
	t->kthread = 1;
	t->nvcsw = 62;
	t->start_time = 220000000;
	expect(w, "maps", "2_kthreadd", NULL);
	expect(w, "smaps", "2_kthreadd", NULL);
	expect(w, "status", "2_kthreadd", NULL);
	expect(w, "stat", "2_kthreadd", NULL);
	expect(w, "statm", "2_kthreadd", NULL);
	out_init(&out);
	assert_int_equal(pid_row("smaps_rollup")->show(&v, &out), -ESRCH);
	out_free(&out);
	sample_world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_are_the_sample),
		cmocka_unit_test(rollup_is_the_sample),
		cmocka_unit_test(status_is_the_sample),
		cmocka_unit_test(stat_is_the_sample),
		cmocka_unit_test(limits_are_the_sample),
		cmocka_unit_test(sched_is_laid_out_so),
		cmocka_unit_test(kernel_threads_have_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
