// SPDX-License-Identifier: Apache-2.0
/* Looking for tables and entries: by address, or one after the other. */
#include "vmcore/space/pgtable.h"

#include <string.h>

void pt_forget(struct space *s)
{
	memset(s->memo, 0, PT_MEMO * sizeof(*s->memo));
}

int pt_memo_new(struct space *s)
{
	void *mem;
	int r = host_alloc(s->host, PT_MEMO * sizeof(*s->memo), &mem);

	if (!r)
		s->memo = mem;
	return r;
}

void pt_memo_free(struct space *s)
{
	host_free(s->host, s->memo, PT_MEMO * sizeof(*s->memo));
	s->memo = NULL;
}

static uint32_t walk(const struct space *s, const struct mm *mm, uint64_t addr,
		     unsigned level)
{
	uint32_t id = mm->pgd;

	for (unsigned l = s->paging.levels; id && l > level; l--)
		id = pt_child(s, table_at(s, id), pt_slot(s, addr, l));
	return id;
}

uint32_t pt_find_anew(const struct space *s, const struct mm *mm, uint64_t addr,
		      unsigned level)
{
	uint64_t place = pt_place(s, addr, level);
	uint32_t table;

	if (level > 2)
		return walk(s, mm, addr, level);
	if (level == 2) {
		table = walk(s, mm, addr, 2);
	} else {
		table = pt_find(s, mm, addr, 2);
		if (table)
			table = pt_child(s, table_at(s, table),
					 pmd_slot(s, addr));
	}
	if (table)
		*pt_memo_at(s, place) = (struct pt_memo){ .place = place,
							  .pgd = mm->pgd,
							  .table = table };
	return table;
}

void pt_forget_one(struct space *s, const struct mm *mm, uint64_t addr,
		   unsigned level)
{
	uint64_t place = pt_place(s, addr, level);
	struct pt_memo *m = pt_memo_at(s, place);

	if (m->pgd == mm->pgd && m->place == place)
		*m = (struct pt_memo){ 0 };
}

void pt_check(const struct space *s, check_report *report, void *arg)
{
	const struct pt_memo *end = s->memo + PT_MEMO;

	for (const struct pt_memo *m = s->memo; m < end; m++) {
		const struct mm *mm =
			m->table ? mm_at(s, table_at(s, m->pgd)->mm) : NULL;
		unsigned level = (unsigned)(m->place >> PT_PLACE_BITS);
		uint64_t place = m->place & ((1ull << PT_PLACE_BITS) - 1);
		uint32_t table = mm ? walk(s, mm,
					   place << level_shift(s, level + 1),
					   level)
				    : 0;

		if (table != m->table)
			report(arg, "table found a moment ago", table,
			       m->table);
	}
}

uint64_t pmd_get(const struct space *s, const struct mm *mm, uint64_t addr)
{
	uint32_t t = pt_find(s, mm, addr, 2);

	return t ? table_at(s, t)->entry[pmd_slot(s, addr)] : 0;
}

/* Leftmost PTE table, or table with a huge entry, below @id at or after
 * *@addr. */
static uint32_t next_below(const struct space *s, uint32_t id, uint64_t base,
			   uint64_t addr, uint64_t end, uint64_t *ret_base)
{
	const struct table *t = table_at(s, id);
	unsigned shift = level_shift(s, t->level), i, last;

	if (t->level == 1) {
		*ret_base = base;
		return id;
	}
	pt_slots(s, t, base, addr, end, &i, &last);
	for (; i <= last; i++) {
		uint64_t at = base + ((uint64_t)i << shift);
		uint32_t c = pt_child(s, t, i), found;

		if (t->level == 2 && pmd_huge(t->entry[i])) {
			*ret_base = at;
			return id;
		}
		found = c ? next_below(s, c, at, addr, end, ret_base) : 0;
		if (found)
			return found;
	}
	return 0;
}

uint32_t pt_next(const struct space *s, const struct mm *mm, uint64_t addr,
		 uint64_t end, uint64_t *ret_base)
{
	if (!mm->pgd || addr >= end)
		return 0;
	return next_below(s, mm->pgd, 0, addr, end, ret_base);
}

uint32_t pt_next_leaf(const struct space *s, const struct mm *mm, uint64_t addr,
		      uint64_t end, uint64_t *ret_base)
{
	uint32_t t;

	while ((t = pt_next(s, mm, addr, end, ret_base)) &&
	       table_at(s, t)->level > 1)
		addr = *ret_base + table_bytes(s);
	return t;
}

uint32_t pt_next_whole(struct space *s, struct ctx *ctx, uint32_t vma,
		       uint64_t addr, uint64_t end, uint64_t *ret_base)
{
	const struct mm *mm = mm_at(s, vma_at(s, vma)->mm);
	uint32_t t;

	while ((t = pt_next(s, mm, addr, end, ret_base)) &&
	       table_at(s, t)->level > 1 &&
	       (addr > *ret_base || end < *ret_base + table_bytes(s)))
		pmd_split(s, ctx, vma, *ret_base);
	return t;
}

uint64_t pte_get(const struct space *s, const struct mm *mm, uint64_t addr)
{
	uint32_t t = pt_find(s, mm, addr, 1);

	return t ? table_at(s, t)->entry[pte_slot(s, addr)] : 0;
}

void pt_walk(const struct space *s, uint32_t mm, uint64_t addr,
	     struct walk *ret_walk)
{
	struct walk w = { .levels = 0 };
	uint32_t id = mm_at(s, mm)->pgd;

	for (unsigned l = s->paging.levels; id && l >= 1; l--) {
		const struct table *t = table_at(s, id);
		unsigned slot = pt_slot(s, addr, l);

		w.table[w.levels] = id;
		w.entry[w.levels++] = t->entry[slot];
		id = l > 1 ? pt_child(s, t, slot) : 0;
	}
	*ret_walk = w;
}
