// SPDX-License-Identifier: Apache-2.0
/*
 * valgrind --tool=lackey --trace-mem=yes: an access a line. Pages that lie
 * near each other become a region; accesses become touches of pages, those to
 * a page just touched are left out.
 */
#include "tools/faux.h"
#include "tools/replay.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT 12
#define NEAR	   64u /* pages: what lies closer is one region */
#define RECENT	   16u /* pages that count as just touched */

enum kind { KIND_READ, KIND_WRITE, KIND_EXEC };
static const char *const words[] = { "read", "write", "exec" };

struct access {
	uint64_t page;
	enum kind kind;
};

struct cluster {
	uint64_t first, last; /* pages */
	bool exec;
};

struct lackey {
	const char *name;
	struct access *pages; /* of the first pass */
	size_t nr, cap;
	struct cluster *clusters;
	size_t nr_clusters;
	struct access recent[RECENT];
	unsigned next;
	/* the touch that is not yet printed */
	struct access from;
	uint64_t len; /* pages, 0: none */
};

static bool parse(const char *line, struct access *ret)
{
	unsigned long long addr, size;
	char kind;

	if (sscanf(line, " %c %llx,%llu", &kind, &addr, &size) != 3 ||
	    !strchr("ILSM", kind))
		return false;
	ret->page = addr >> PAGE_SHIFT;
	ret->kind = kind == 'I'	  ? KIND_EXEC
		    : kind == 'L' ? KIND_READ
				  : KIND_WRITE;
	return true;
}

/* Was it touched so just now? */
static bool seen(struct lackey *l, const struct access *a)
{
	for (unsigned i = 0; i < RECENT; i++)
		if (l->recent[i].page == a->page &&
		    (l->recent[i].kind == a->kind ||
		     (a->kind == KIND_READ && l->recent[i].kind == KIND_WRITE)))
			return true;
	l->recent[l->next++ % RECENT] = *a;
	return false;
}

static void forget(struct lackey *l)
{
	for (unsigned i = 0; i < RECENT; i++)
		l->recent[i].page = UINT64_MAX;
}

static int by_page(const void *a, const void *b)
{
	const struct access *x = a, *y = b;

	return (x->page > y->page) - (x->page < y->page);
}

static bool collect(struct lackey *l, FILE *log)
{
	char line[512];
	struct access a;

	forget(l);
	while (fgets(line, sizeof(line), log)) {
		if (!parse(line, &a) || seen(l, &a))
			continue;
		if (l->nr == l->cap) {
			size_t cap = l->cap ? l->cap * 2 : 4096;
			void *more = realloc(l->pages, cap * sizeof(a));

			if (!more)
				return false;
			l->pages = more;
			l->cap = cap;
		}
		l->pages[l->nr++] = a;
	}
	if (l->nr)
		qsort(l->pages, l->nr, sizeof(a), by_page);
	return true;
}

static bool make_clusters(struct lackey *l)
{
	struct cluster *c = NULL;

	l->clusters = calloc(l->nr + 1, sizeof(*l->clusters));
	if (!l->clusters)
		return false;
	for (size_t i = 0; i < l->nr; i++) {
		const struct access *a = &l->pages[i];

		if (!c || a->page - c->last > NEAR) {
			c = &l->clusters[l->nr_clusters++];
			c->first = a->page;
		}
		c->last = a->page;
		c->exec |= a->kind == KIND_EXEC;
	}
	return true;
}

static void put_regions(const struct lackey *l)
{
	printf("spawn %s\n", l->name);
	for (size_t i = 0; i < l->nr_clusters; i++)
		printf("mmap %s s%zu %llup%s\n", l->name, i,
		       (unsigned long long)(l->clusters[i].last -
					    l->clusters[i].first + 1),
		       l->clusters[i].exec ? " prot=rwx" : "");
}

static void flush(struct lackey *l)
{
	size_t low = 0, high = l->nr_clusters;

	if (!l->len)
		return;
	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (l->clusters[middle].first <= l->from.page)
			low = middle;
		else
			high = middle;
	}
	printf("touch %s s%zu %s %llup %llup\n", l->name, low,
	       words[l->from.kind],
	       (unsigned long long)(l->from.page - l->clusters[low].first),
	       (unsigned long long)l->len);
	l->len = 0;
}

/* Pages in a row are one touch. */
static void put(struct lackey *l, const struct access *a)
{
	if (l->len && a->kind == l->from.kind &&
	    a->page == l->from.page + l->len) {
		l->len++;
		return;
	}
	flush(l);
	l->from = *a;
	l->len = 1;
}

int replay_lackey(FILE *log, const char *name)
{
	struct lackey l = { .name = name };
	bool well = collect(&l, log) && make_clusters(&l);
	char line[512];
	struct access a;

	if (well) {
		puts("# from a log of valgrind's lackey, by faux replay");
		put_regions(&l);
		rewind(log);
		forget(&l);
		while (fgets(line, sizeof(line), log))
			if (parse(line, &a) && !seen(&l, &a))
				put(&l, &a);
		flush(&l);
	} else {
		fputs("faux replay: no memory\n", stderr);
	}
	free(l.pages);
	free(l.clusters);
	return well ? FAUX_OK : FAUX_MEMORY;
}
