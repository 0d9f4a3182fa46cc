// SPDX-License-Identifier: Apache-2.0
#include "vmcore/control/control.h"

#include <assert.h>
#include <errno.h>

enum { OVERCOMMIT_GUESS, OVERCOMMIT_ALWAYS, OVERCOMMIT_NEVER };

#define PAGES_OF_KB(kb) ((kb) >> (PAGE_SHIFT - 10))

uint64_t commit_limit(const struct control *c)
{
	uint64_t pages = PAGES_OF_KB(c->overcommit_kbytes);

	/* A negative ratio wraps in the kernel's unsigned product too. */
	if (!c->overcommit_kbytes)
		pages = (phys_total_pages(c->phys) - c->hugetlb_pages) *
			(uint64_t)c->overcommit_ratio / 100;
	return pages + c->total_swap_pages;
}

/* Mode 2 (__vm_enough_memory()): a process never gets the last bit, so that
 * an administrator can still log in and kill something. */
static int64_t never_allowed(const struct control *c, uint64_t total_vm,
			     bool privileged)
{
	uint64_t reserve = PAGES_OF_KB(c->user_reserve_kbytes);
	uint64_t allowed = commit_limit(c);

	if (!privileged)
		allowed -= PAGES_OF_KB(c->admin_reserve_kbytes);
	return (int64_t)(allowed -
			 (total_vm / 32 < reserve ? total_vm / 32 : reserve));
}

static bool enough(const struct control *c, uint64_t pages, uint64_t total_vm,
		   bool privileged)
{
	switch (c->overcommit_memory) {
	case OVERCOMMIT_ALWAYS:
		return true;
	case OVERCOMMIT_NEVER:
		return c->committed < never_allowed(c, total_vm, privileged);
	default:
		return pages <= phys_total_pages(c->phys) + c->total_swap_pages;
	}
}

int commit_charge(struct control *c, uint64_t pages, uint64_t total_vm,
		  bool privileged)
{
	c->committed += (int64_t)pages;
	if (enough(c, pages, total_vm, privileged))
		return 0;
	c->committed -= (int64_t)pages;
	return ENOMEM;
}

void commit_uncharge(struct control *c, uint64_t pages)
{
	assert((uint64_t)c->committed >= pages);
	c->committed -= (int64_t)pages;
}
