// SPDX-License-Identifier: Apache-2.0
/* model/page: one frame, by the number written to it. */
#include "fs/counters.h"
#include "fs/model/model-nodes.h"
#include "fs/page-look.h"
#include "fs/proc-pid/pid-render.h"
#include "vmcore/phys/block.h"
#include "vmcore/space/pgtable.h"

#include <errno.h>
#include <string.h>

#define NUMBER_MAX 20u /* characters of a number that is written */

static const struct {
	uint32_t flag;
	const char *name;
} flag_names[] = {
	{ PG_LOCKED, "locked" },
	{ PG_REFERENCED, "referenced" },
	{ PG_UPTODATE, "uptodate" },
	{ PG_DIRTY, "dirty" },
	{ PG_LRU, "lru" },
	{ PG_ACTIVE, "active" },
	{ PG_WORKINGSET, "workingset" },
	{ PG_WRITEBACK, "writeback" },
	{ PG_RECLAIM, "reclaim" },
	{ PG_SWAPCACHE, "swapcache" },
	{ PG_SWAPBACKED, "swapbacked" },
	{ PG_UNEVICTABLE, "unevictable" },
	{ PG_MLOCKED, "mlocked" },
	{ PG_READAHEAD, "readahead" },
	{ PG_EXCLUSIVE, "exclusive" },
	{ PG_KSM, "ksm" },
	{ PG_HEAD, "head" },
	{ PG_PMDMAPPED, "pmdmapped" },
	{ PG_DEFERRED, "deferred" },
	{ PG_PRIVATE, "private" },
	{ PG_RESERVE, "reserve" },
};

static const char *const type_names[NR_FRAME_TYPES] = {
	[FRAME_FREE_TAIL] = "free",  [FRAME_BUDDY] = "free",
	[FRAME_PCP] = "free",	     [FRAME_HOLE] = "hole",
	[FRAME_RESERVED] = "kernel", [FRAME_TAIL] = "kernel",
	[FRAME_ANON] = "anon",	     [FRAME_FILE] = "file",
	[FRAME_SLAB] = "slab",	     [FRAME_TABLE] = "table",
	[FRAME_STACK] = "stack",     [FRAME_VMALLOC] = "vmalloc",
	[FRAME_KERNEL] = "kernel",   [FRAME_HUGETLB] = "hugetlb",
	[FRAME_ZERO] = "zero",
};

/* The kind of page, where no flag tells. */
static const char *const type_flags[NR_FRAME_TYPES] = {
	[FRAME_BUDDY] = "buddy",       [FRAME_PCP] = "pcp",
	[FRAME_RESERVED] = "reserved", [FRAME_ANON] = "anon",
	[FRAME_SLAB] = "slab",	       [FRAME_TABLE] = "pgtable",
	[FRAME_HUGETLB] = "hugetlb",   [FRAME_ZERO] = "zero",
};

int parse_number(const char *text, size_t len, unsigned base,
		 uint64_t *ret_value)
{
	uint64_t value = 0;

	if (len && text[len - 1] == '\n')
		len--;
	if (len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
		base = 16;
		text += 2;
		len -= 2;
	}
	if (!len || len > NUMBER_MAX)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		const char *digits = "0123456789abcdef", *at;
		char c = text[i];

		if (c >= 'A' && c <= 'F')
			c = (char)(c | 0x20);
		at = c ? strchr(digits, c) : NULL;
		if (!at || at >= digits + base ||
		    value > (UINT64_MAX - 15) / base)
			return -EINVAL;
		value = value * base + (uint64_t)(at - digits);
	}
	*ret_value = value;
	return 0;
}

static void put_word(struct outbuf *out, char *before, const char *word)
{
	out_char(out, *before);
	*before = ',';
	out_str(out, word);
}

static void put_flags(const struct page_look *look, pfn_t pfn,
		      struct outbuf *out)
{
	char before = ' ';

	out_str(out, "flags");
	if (type_flags[look->type])
		put_word(out, &before, type_flags[look->type]);
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (look->flags & flag_names[i].flag)
			put_word(out, &before, flag_names[i].name);
	if (pfn != look->head)
		put_word(out, &before, "tail");
	if (before == ' ')
		out_str(out, " -");
	out_char(out, '\n');
}

static void put_place(const struct phys *p, const struct page_look *look,
		      pfn_t pfn, struct outbuf *out)
{
	unsigned zone = pfn_zone(p, pfn);

	if (look->type == FRAME_HOLE) {
		out_str(out, "zone -\nnode -\nmigratetype -\n");
		return;
	}
	out_printf(out, "zone %s\nnode %u\nmigratetype %s\n",
		   zone_name(p, zone % MAX_ZONES_PER_NODE),
		   zone / MAX_ZONES_PER_NODE,
		   migratetype_names[pageblock_type(p, pfn)]);
}

/* page->mapping and page->index */
static void put_mapping(const struct machine *m, const struct page_look *look,
			pfn_t pfn, struct outbuf *out)
{
	const struct frame *f = look->folio;
	uint64_t index = pfn - look->head;
	bool known = f && f->owner;

	out_str(out, "mapping ");
	if (known && look->type == FRAME_FILE) {
		out_inode(inode_at(&m->cache, f->owner), out);
		index += f->index;
	} else if (known && look->type == FRAME_ANON && look->flags & PG_KSM) {
		out_printf(out, "ksm:%u", f->owner);
		known = false;
	} else if (known && look->type == FRAME_ANON) {
		const struct anon_vma *av =
			pool_at(&m->space.anon_vmas, f->owner);

		out_printf(out, "anon_vma:%u", f->owner);
		index += av->base + (uint64_t)(int64_t)(int32_t)f->index;
	} else {
		out_char(out, '-');
		known = false;
	}
	out_str(out, "\nindex ");
	if (known)
		out_dec(out, index, 0);
	else
		out_char(out, '-');
	out_char(out, '\n');
}

/* A page of page tables: whose, and from which address on. */
static void put_table(const struct machine *m, uint32_t id, struct outbuf *out)
{
	const struct table *t = table_at(&m->space, id);
	uint32_t mm = t->mm;
	unsigned level = t->level;
	uint64_t addr = 0;

	for (; t->parent; t = table_at(&m->space, t->parent))
		addr |= (uint64_t)t->slot *
			level_bytes(&m->space, t->level + 1u);
	task_for_each (&m->tasks, task)
		if (task_at(&m->tasks, task)->mm == mm)
			out_printf(out, " %u:%s:%llx",
				   task_at(&m->tasks, task)->pid,
				   level_name(&m->space, level),
				   (unsigned long long)addr);
}

/* What kind of memory, the group it is charged to, and of what in it. */
static void put_owner(const struct machine *m, const struct page_look *look,
		      struct outbuf *out)
{
	const struct frame *f = look->folio;

	out_str(out, "owner ");
	if (look->type == FRAME_FILE && look->flags & PG_SWAPCACHE)
		out_str(out, "swapcache");
	else if (look->type == FRAME_FILE && look->flags & PG_SWAPBACKED)
		out_str(out, "shmem");
	else
		out_str(out, type_names[look->type]);
	if (f && f->owner && look->type == FRAME_SLAB &&
	    f->owner <= m->kmem.caches.top) {
		const struct kmem_cache *c = pool_at(&m->kmem.caches, f->owner);

		out_char(out, ' ');
		out_field(c->name, out);
		out_printf(out, " objects=%u", f->private);
	} else if (f && f->owner && look->type == FRAME_TABLE) {
		put_table(m, f->owner, out);
	} else if (f && f->owner && look->type == FRAME_STACK &&
		   f->owner <= m->tasks.pool.top) {
		out_printf(out, " %u", task_at(&m->tasks, f->owner)->pid);
	}
	if (f && frame_group(f)) {
		out_str(out, " cgroup=");
		out_group(&m->control, frame_group(f), out);
	}
	out_char(out, '\n');
}

static int show_page(const struct view *v, struct outbuf *out)
{
	const struct phys *p = &v->m->phys;
	pfn_t pfn = (pfn_t)v->w->page_pfn;
	struct page_look look;

	/* another machine may have been loaded since */
	if (v->w->page_pfn >= p->max_pfn)
		return -EINVAL;
	page_look(p, pfn, &look);
	out_printf(out, "pfn %u\n", pfn);
	put_flags(&look, pfn, out);
	out_printf(out, "refcount %u\nmapcount %u\norder %u\n",
		   page_refcount(p, &look), look.mapcount, look.order);
	put_place(p, &look, pfn, out);
	put_mapping(v->m, &look, pfn, out);
	put_owner(v->m, &look, out);
	out_str(out, "users");
	out_users(v->m, pfn, 0, 0, out);
	out_char(out, '\n');
	return 0;
}

static long store_page(const struct view *v, const char *text, size_t len)
{
	uint64_t pfn;
	int err = parse_number(text, len, 10, &pfn);

	if (err)
		return err;
	if (pfn >= v->m->phys.max_pfn)
		return -EINVAL;
	v->w->page_pfn = pfn;
	return (long)len;
}

const struct fsnode model_page_nodes[] = {
	MODEL_ASK("page", show_page, store_page),
};
const unsigned nr_model_page_nodes = ARRAY_SIZE(model_page_nodes);
