// SPDX-License-Identifier: Apache-2.0
/* model/PID/regions, vmas, mm. */
#include "fs/model/model-nodes.h"
#include "fs/proc-pid/pid-render.h"

#include <string.h>

static void put_range(uint64_t start, uint64_t end, struct outbuf *out)
{
	out_hex(out, start, 1);
	out_char(out, '-');
	out_hex(out, end, 1);
}

static void put_region(const struct tasks *t, const struct region *r,
		       struct outbuf *out)
{
	char before = ' ';

	out_field(r->name, out);
	for (uint32_t id = r->pieces; id;) {
		const struct piece *p = pool_at(&t->pieces, id);

		out_char(out, before);
		before = ',';
		put_range(p->start, p->end, out);
		id = p->next;
	}
	out_char(out, '\n');
}

static int show_regions(const struct view *v, struct outbuf *out)
{
	const struct tasks *t = &v->m->tasks;
	const struct mm *mm = view_mm(v);

	for (uint32_t id = mm ? mm->regions : 0; id;) {
		const struct region *r = pool_at(&t->regions, id);

		put_region(t, r, out);
		id = r->next;
	}
	return 0;
}

static void put_vma(const struct machine *m, const struct vma *v,
		    struct outbuf *out)
{
	const struct inode *inode = vma_inode(m, v);

	put_range(v->start, v->end, out);
	out_char(out, ' ');
	out_vm_flags(v->flags, ',', out);
	out_char(out, ' ');
	out_hex(out, v->pgoff, 1);
	out_char(out, ' ');
	if (inode)
		out_inode(inode, out);
	else
		out_char(out, '-');
	out_str(out, " anon_vma=");
	out_dec(out, v->anon_vma, 0);
	out_char(out, '\n');
}

static int show_vmas(const struct view *v, struct outbuf *out)
{
	const struct space *s = &v->m->space;

	if (!view_mm(v))
		return 0;
	vma_for_each (s, view_task(v)->mm, id)
		put_vma(v->m, vma_at(s, id), out);
	return 0;
}

/* struct mm_struct field by field; addresses in hex. */
static const struct {
	const char *name;
	uint32_t off;
	bool hex;
} mm_rows[] = {
#define HEX(field)                                       \
	{                                                \
#field, offsetof(struct mm, field), true \
	}
#define DEC(field)                                        \
	{                                                 \
#field, offsetof(struct mm, field), false \
	}
	HEX(mmap_base),	     HEX(task_size),
	HEX(start_code),     HEX(end_code),
	HEX(start_data),     HEX(end_data),
	HEX(start_brk),	     HEX(brk),
	HEX(start_stack),    HEX(arg_start),
	HEX(arg_end),	     HEX(env_start),
	HEX(env_end),	     DEC(total_vm),
	DEC(data_vm),	     DEC(exec_vm),
	DEC(stack_vm),	     DEC(locked_vm),
	DEC(pinned_vm),	     DEC(hiwater_rss),
	DEC(hiwater_vm),     DEC(hugetlb_pages),
	DEC(pgtables_bytes),
#undef HEX
#undef DEC
};

/* Tasks share it through mm_users, which as a whole hold one mm_count. */
static int show_mm(const struct view *v, struct outbuf *out)
{
	const struct mm *mm = view_mm(v);
	pfn_t pgd;

	if (!mm)
		return 0;
	pgd = mm->pgd ? table_at(&v->m->space, mm->pgd)->pfn : 0;
	out_printf(out, "mm_users %u\nmm_count 1\nmap_count %u\npgd %llx\n",
		   mm->users, mm->map_count,
		   (unsigned long long)(v->m->space.paging.direct_map +
					PTE_OF(pgd)));
	for (size_t i = 0; i < ARRAY_SIZE(mm_rows); i++) {
		uint64_t value;

		memcpy(&value, (const char *)mm + mm_rows[i].off,
		       sizeof(value));
		out_str(out, mm_rows[i].name);
		out_char(out, ' ');
		if (mm_rows[i].hex)
			out_hex(out, value, 1);
		else
			out_dec(out, value, 0);
		out_char(out, '\n');
	}
	out_printf(out, "rss_anon %lld\nrss_file %lld\nrss_shmem %lld\n",
		   (long long)mm->rss[RSS_ANON], (long long)mm->rss[RSS_FILE],
		   (long long)mm->rss[RSS_SHMEM]);
	return 0;
}

const struct fsnode model_space_nodes[] = {
	MODEL_FILE("$pid/regions", show_regions),
	MODEL_FILE("$pid/vmas", show_vmas),
	MODEL_FILE("$pid/mm", show_mm),
};
const unsigned nr_model_space_nodes = ARRAY_SIZE(model_space_nodes);
