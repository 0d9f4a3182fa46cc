// SPDX-License-Identifier: Apache-2.0
/*
 * A slow, obvious twin of the address space: a process is an array of pages,
 * and each says itself what it is, what it maps and who else does. Random
 * histories of mmap, munmap, mprotect, mremap, madvise, touch, fork and exit
 * must end alike: Rss, Pss, faults, the frame behind each page, who died.
 * Private and shared anonymous memory; where mappings go is the model's word.
 */
#include "tests/unit/space-twin.h"

#include <inttypes.h>

/* --- operations --------------------------------------------------------------
 */
static int run(struct twin *t)
{
	return fixture_run(&t->x, t->line);
}

static bool in_window(uint64_t start, uint64_t end)
{
	return start >= FIRST && end <= address(PAGES);
}

static void do_mmap(struct twin *t, struct process *q, char who)
{
	uint32_t name = draw(t, NAMES), nr = 1 + draw(t, 48), at;
	bool shared = !draw(t, 3), write = draw(t, 5);
	uint32_t object = shared ? ++t->nr_objects : 0;

	snprintf(t->line, sizeof(t->line), "mmap %c r%u %up prot=%s%s", who,
		 name, nr, write ? "rw" : "r", shared ? " shared" : "");
	if (run(t))
		return;
	assert_true(in_window(t->x.result.ret[0], t->x.result.ret[1]));
	at = (uint32_t)((t->x.result.ret[0] - FIRST) / PAGE_SIZE);
	for (uint32_t i = 0; i < nr; i++) {
		assert_false(q->pages[at + i].mapped);
		q->pages[at + i] =
			(struct page){ .mapped = true,
				       .read = true,
				       .write = write,
				       .object = object,
				       .index = shared ? i : at + i };
	}
	q->names[name].start = at;
	q->names[name].nr = nr;
}

/* Somewhere in what a name stood for once. */
static bool draw_range(struct twin *t, const struct process *q, uint32_t *from,
		       uint32_t *nr)
{
	uint32_t name = draw(t, NAMES), off;

	for (uint32_t i = 0; i < NAMES && !q->names[name].nr; i++)
		name = (name + 1) % NAMES;
	if (!q->names[name].nr)
		return false;
	off = draw(t, q->names[name].nr);
	*from = q->names[name].start + off;
	*nr = 1 + draw(t, q->names[name].nr - off);
	return *from + *nr <= PAGES;
}

static void do_munmap(struct twin *t, struct process *q, char who)
{
	uint32_t from, nr;

	if (!draw_range(t, q, &from, &nr))
		return;
	snprintf(t->line, sizeof(t->line), "munmap %c @%" PRIx64 " 0 %up", who,
		 address(from), nr);
	assert_int_equal(run(t), 0);
	unmap(t, q, from, nr);
}

static void protect(struct page *p, bool read, bool write)
{
	p->read = read;
	p->write = write;
	p->writable = write && p->frame && (p->object || p->exclusive);
}

static void do_mprotect(struct twin *t, struct process *q, char who)
{
	static const char *const words[] = { "none", "r", "rw" };
	uint32_t from, nr, kind = draw(t, 3);
	int error = 0, got;

	if (!draw_range(t, q, &from, &nr))
		return;
	snprintf(t->line, sizeof(t->line), "mprotect %c @%" PRIx64 " %s 0 %up",
		 who, address(from), words[kind], nr);
	got = run(t);
	/* Up to the first hole. */
	for (uint32_t i = from; i < from + nr && !error; i++)
		if (q->pages[i].mapped)
			protect(&q->pages[i], kind > 0, kind > 1);
		else
			error = ENOMEM;
	assert_int_equal(got, error);
}

static void do_dontneed(struct twin *t, struct process *q, char who)
{
	uint32_t from, nr;
	int error = 0;

	if (!draw_range(t, q, &from, &nr))
		return;
	snprintf(t->line, sizeof(t->line),
		 "madvise %c @%" PRIx64 " dontneed 0 %up", who, address(from),
		 nr);
	for (uint32_t i = from; i < from + nr; i++) {
		drop_entry(t, &q->pages[i]);
		if (!q->pages[i].mapped)
			error = ENOMEM;
	}
	assert_int_equal(run(t), error);
}

static void do_touch(struct twin *t, uint32_t proc, char who)
{
	struct process *q = &t->procs[proc];
	bool write = draw(t, 2), alive = true;
	uint32_t from, nr;

	if (!draw_range(t, q, &from, &nr))
		return;
	snprintf(t->line, sizeof(t->line), "touch %c @%" PRIx64 " %s 0 %up",
		 who, address(from), write ? "write" : "read", nr);
	assert_int_equal(run(t), 0);
	for (uint32_t i = from; i < from + nr && alive; i++)
		alive = touch(t, q, i, write);
	assert_int_equal(t->x.result.killed != 0, !alive);
	if (!alive)
		die(t, q);
}

/* The entries go along; what is new has the rights of the rest. */
static void move(struct twin *t, struct process *q, uint32_t from, uint32_t nr,
		 uint32_t to, uint32_t new_nr)
{
	struct page first = q->pages[from];
	static struct page kept[PAGES];

	memcpy(kept, &q->pages[from], sizeof(*kept) * nr);
	memset(&q->pages[from], 0, sizeof(*kept) * nr);
	for (uint32_t i = 0; i < new_nr; i++) {
		assert_false(q->pages[to + i].mapped);
		if (i < nr)
			q->pages[to + i] = kept[i];
		else
			q->pages[to + i] = (struct page){
				.mapped = true,
				.read = first.read,
				.write = first.write,
			};
		/* Private memory merges by address: it has no other index. */
		q->pages[to + i].index = first.index + i;
	}
	for (uint32_t i = new_nr; i < nr; i++)
		drop_entry(t, &kept[i]);
}

static void do_mremap(struct twin *t, struct process *q, char who)
{
	uint32_t name = draw(t, NAMES), nr = 1 + draw(t, 64), to;
	uint32_t from = q->names[name].start, old = q->names[name].nr;

	if (!old)
		return;
	for (uint32_t i = from; i < from + old; i++)
		if (q->pages[i].object)
			return;
	snprintf(t->line, sizeof(t->line), "mremap %c r%u %up", who, name, nr);
	if (run(t))
		return;
	assert_true(in_window(t->x.result.ret[0], t->x.result.ret[1]));
	to = (uint32_t)((t->x.result.ret[0] - FIRST) / PAGE_SIZE);
	move(t, q, from, old, to, nr);
	q->names[name].start = to;
	q->names[name].nr = nr;
}

static void do_fork(struct twin *t, uint32_t parent, uint32_t child)
{
	const struct process *q = &t->procs[parent];
	struct process *c = &t->procs[child];
	char who = (char)('a' + parent);

	snprintf(t->line, sizeof(t->line), "fork %c %c", who,
		 (char)('a' + child));
	assert_int_equal(run(t), 0);
	*c = *q;
	for (uint32_t i = 0; i < PAGES; i++) {
		struct page *from = &t->procs[parent].pages[i];
		struct page *to = &c->pages[i];

		to->maybe_zero = from->zero || from->maybe_zero;
		to->zero = false;
		if (from->object) {
			/* The child faults for itself. */
			to->frame = 0;
			to->writable = false;
		} else if (from->frame) {
			t->maps[from->frame]++;
			from->writable = from->exclusive = false;
			to->writable = to->exclusive = false;
		}
	}
}

static void do_exit(struct twin *t, struct process *q, char who)
{
	snprintf(t->line, sizeof(t->line), "exit %c", who);
	assert_int_equal(run(t), 0);
	die(t, q);
}

/* --- comparison --------------------------------------------------------------
 */
static bool compare_page(const struct twin *t, uint32_t mm, uint32_t at,
			 const struct page *p, pfn_t *pfn_of)
{
	struct walk w;
	uint64_t pte = 0;
	pfn_t pfn;

	pt_walk(&t->x.m.space, mm, address(at), &w);
	if (w.levels == 4)
		pte = w.entry[3];
	pfn = pte & PTE_PRESENT ? PTE_PFN(pte) : PFN_NONE;
	if (pfn == t->x.m.phys.zero_pfn)
		return !p->frame && (p->zero || p->maybe_zero);
	if (!p->frame)
		return pfn == PFN_NONE && !p->zero;
	if (!pfn_of[p->frame])
		pfn_of[p->frame] = pfn;
	return pfn_of[p->frame] == pfn &&
	       frame_mapcount(frame_at(&t->x.m.phys, pfn)) ==
		       t->maps[p->frame] &&
	       !!(pte & PTE_WRITE) == p->writable;
}

static unsigned compare(struct twin *t, uint32_t proc, pfn_t *pfn_of)
{
	const struct process *q = &t->procs[proc];
	char name[2] = { (char)('a' + proc), 0 };
	uint32_t id = task_named(&t->x.m.tasks, name), mm;
	uint64_t rss = 0, pss = 0, size = 0;
	struct smaps sum = { 0 };
	unsigned wrong = 0;

	assert_int_equal(id != 0, q->alive);
	if (!id)
		return 0;
	mm = task_at(&t->x.m.tasks, id)->mm;
	for (uint32_t i = 0; i < PAGES; i++) {
		const struct page *p = &q->pages[i];

		size += p->mapped;
		rss += p->frame != 0;
		if (p->frame)
			pss += (1u << 12) / t->maps[p->frame];
		if (compare_page(t, mm, i, p, pfn_of))
			continue;
		print_message("# %s: page %" PRIx64 "\n", name, address(i));
		wrong++;
	}
	vma_for_each (&t->x.m.space, mm, v)
		smaps_add(&t->x.m.space, v, &sum);
	if (sum.rss == rss && sum.pss == pss &&
	    mm_rss(mm_at(&t->x.m.space, mm)) == rss &&
	    mm_at(&t->x.m.space, mm)->total_vm == size)
		return wrong;
	print_message("# %s: Rss %" PRIu64 " not %" PRIu64 ", Pss %" PRIu64
		      " not %" PRIu64 ", pages %" PRIu64 " not %" PRIu64 "\n",
		      name, sum.rss, rss, sum.pss, pss,
		      mm_at(&t->x.m.space, mm)->total_vm, size);
	return wrong + 1;
}

static void step(struct twin *t)
{
	uint32_t proc = draw(t, PROCS), n = draw(t, 100);
	struct process *q = &t->procs[proc];
	char who = (char)('a' + proc);

	if (!q->alive && t->procs[n % PROCS].alive) {
		do_fork(t, n % PROCS, proc);
		return;
	}
	if (!q->alive) {
		snprintf(t->line, sizeof(t->line), "spawn %c", who);
		q->alive = !run(t);
		return;
	}
	if (n < 20)
		do_mmap(t, q, who);
	else if (n < 60)
		do_touch(t, proc, who);
	else if (n < 68)
		do_munmap(t, q, who);
	else if (n < 76)
		do_mprotect(t, q, who);
	else if (n < 82)
		do_dontneed(t, q, who);
	else if (n < 94)
		do_mremap(t, q, who);
	else
		do_exit(t, q, who);
}

static void history(struct twin *t, uint64_t seed)
{
	pfn_t *pfn_of = calloc(1u << 20, sizeof(*pfn_of));

	memset(t, 0, sizeof(*t));
	t->rng = seed;
	fixture_boot(&t->x, 128u << 20, false);
	for (unsigned i = 0; i < LINES; i++) {
		unsigned wrong = 0;

		t->lo = t->hi = 0;
		t->line[0] = 0;
		t->x.result.minflt = 0;
		step(t);
		if (getenv("HISTORY_TRACE"))
			print_message("%s\n", t->line);
		for (uint32_t q = 0; q < PROCS; q++)
			wrong += compare(t, q, pfn_of);
		if (t->line[0] &&
		    (t->x.result.minflt < t->lo || t->x.result.minflt > t->hi))
			wrong++;
		if (wrong)
			print_message("# seed %" PRIu64 " line %u: %s: %" PRIu64
				      " faults, not %" PRIu64 " to %" PRIu64
				      "\n",
				      seed, i, t->line, t->x.result.minflt,
				      t->lo, t->hi);
		assert_int_equal(wrong, 0);
		memset(pfn_of, 0, (t->nr_frames + 1) * sizeof(*pfn_of));
	}
	assert_int_equal(fixture_check(&t->x.m), 0);
	machine_fini(&t->x.m);
	free(pfn_of);
}

static void test_twin(void **state)
{
	struct twin *t = malloc(sizeof(*t));
	const char *many = getenv("HISTORIES");
	uint64_t n = many ? strtoull(many, NULL, 10) : 10;

	(void)state;
	assert_non_null(t);
	for (uint64_t seed = 1; seed <= n; seed++)
		history(t, seed);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_twin),
	};

	return cmocka_run_group_tests_name("space-twin", tests, NULL, NULL);
}
