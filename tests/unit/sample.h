/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "fs/proc/proc-nodes.h"
#include "fs/sys/sys-nodes.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * DOC: what files of a real 6.18 machine look like, and ours beside them.
 *
 * Models:  nothing.
 * Owns:    nothing; the samples are tests/golden/samples, $SAMPLES.
 * Units:   bytes.
 * Order:   does not apply.
 * Omits:   values: what_differs() looks at words, columns and line counts.
 */

/* A whole sample; the caller frees it. */
static inline char *sample_read(const char *name)
{
	char path[512], *text;
	const char *dir = getenv("SAMPLES");
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s",
		 dir ? dir : "tests/golden/samples", name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("no sample %s", path);
	text = calloc(1, 1u << 16);
	assert_non_null(text);
	len = fread(text, 1, (1u << 16) - 1, f);
	fclose(f);
	text[len] = '\0';
	return text;
}

/* --- rows by concrete path --------------------------------------------- */

/* Match the `$word` that @row begins with against @name; the number goes into
 * @v. Return: the word's length, and how much of @name it took. */
static inline size_t match_part(const char *row, const char *name,
				struct view *v, size_t *ret_taken)
{
	uint32_t number = (uint32_t)strtoul(name, NULL, 10), rest;
	const struct {
		const char *word;
		uint32_t *into;
	} parts[] = { { "$node", &v->node },	  { "$cpu", &v->cpu },
		      { "$block", &v->block },	  { "$disk", &rest },
		      { "$size", &v->size_kb },	  { "$shmsize", &v->size_kb },
		      { "$thpsize", &v->size_kb } };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t len = strlen(parts[i].word);

		if (strncmp(row, parts[i].word, len) != 0)
			continue;
		*parts[i].into = number;
		*ret_taken = parts[i].into == &rest
				     ? strcspn(name, "/")
				     : strspn(name, "0123456789");
		return len;
	}
	return 0;
}

static inline bool match_path(const char *row, const char *path, struct view *v)
{
	while (*row) {
		size_t len, taken = 0;

		if (*row != '$') {
			if (*row++ != *path++)
				return false;
			continue;
		}
		len = match_part(row, path, v, &taken);
		if (!len || !taken)
			return false;
		row += len;
		path += taken;
	}
	return !*path;
}

static const struct fsnode_table sample_tables[] = {
#define ENTRY(name) { name##_nodes, &nr_##name##_nodes },
	PROC_TABLES(ENTRY) SYS_TABLES(ENTRY)
#undef ENTRY
};

/* The row of @path (no leading slash), with @v told what it stands for. */
static inline const struct fsnode *row_of(const char *path, struct view *v)
{
	for (size_t t = 0; t < ARRAY_SIZE(sample_tables); t++)
		for (unsigned i = 0; i < *sample_tables[t].count; i++) {
			const struct fsnode *row = &sample_tables[t].rows[i];
			struct view seen = *v;

			if (!match_path(row->path, path, &seen))
				continue;
			seen.arg = row->arg;
			if (row->exists && !row->exists(&seen))
				continue;
			*v = seen;
			return row;
		}
	return NULL;
}

/* What @path prints on @w's machine; the caller frees it. */
static inline char *render(struct world *w, const char *path)
{
	struct view v = { .m = &w->m, .w = w, .disk = 1 };
	const struct fsnode *row = row_of(path, &v);
	struct outbuf out;

	if (!row || !row->show)
		fail_msg("%s has no row", path);
	out_init(&out);
	out_str(&out, "");
	assert_int_equal(row->show(&v, &out), 0);
	return out.text;
}

/* --- comparing --------------------------------------------------------- */

struct token {
	const char *at;
	size_t len, gap; /* gap: blanks before it */
};

static inline bool next_token(const char **line, struct token *t)
{
	const char *p = *line;

	t->gap = strspn(p, " \t");
	p += t->gap;
	t->at = p;
	t->len = strcspn(p, " \t\n");
	*line = p + t->len;
	return t->len > 0;
}

/* Words with digits and signs of numbers only. */
static inline bool is_number(const struct token *t)
{
	return t->len && strspn(t->at, "-0123456789.") >= t->len &&
	       isdigit((unsigned char)t->at[t->len - 1]);
}

/* The same but for numbers: "(0," and "(2957,". */
static inline bool same_word(const struct token *a, const struct token *b)
{
	size_t i = 0, j = 0;

	while (i < a->len && j < b->len) {
		if (isdigit((unsigned char)a->at[i]) &&
		    isdigit((unsigned char)b->at[j])) {
			i += strspn(a->at + i, "0123456789");
			j += strspn(b->at + j, "0123456789");
		} else if (a->at[i++] != b->at[j++]) {
			return false;
		}
	}
	return i == a->len && j == b->len;
}

/* One line: equal words, and numbers that begin or end in the same column. A
 * number that fills its column may be wider than the other. */
static inline bool same_layout(const char *ours, const char *theirs)
{
	struct token a, b;

	for (;;) {
		bool more = next_token(&ours, &a);

		if (more != next_token(&theirs, &b))
			return false;
		if (!more)
			return a.gap == b.gap;
		if (is_number(&a) != is_number(&b))
			return false;
		if (!is_number(&a) && !same_word(&a, &b))
			return false;
		if (a.gap + a.len != b.gap + b.len && a.gap != b.gap &&
		    a.gap > 1 && b.gap > 1)
			return false;
	}
}

/* The number of the first line that is laid out otherwise, 0 for none. */
static inline unsigned what_differs(const char *ours, const char *theirs)
{
	unsigned line = 1;

	for (; *ours && *theirs; line++) {
		if (!same_layout(ours, theirs))
			return line;
		ours += strcspn(ours, "\n");
		theirs += strcspn(theirs, "\n");
		if (*ours != *theirs)
			return line;
		ours += *ours == '\n';
		theirs += *theirs == '\n';
	}
	return *ours || *theirs ? line : 0;
}

static inline void assert_layout(struct world *w, const char *path,
				 const char *sample)
{
	char *ours = render(w, path), *theirs = sample_read(sample);
	unsigned line = what_differs(ours, theirs);

	if (line)
		fail_msg("%s: line %u is laid out otherwise\n%s", path, line,
			 ours);
	free(ours);
	free(theirs);
}

/* Exactly the same, but for lines that begin with one of @but (NULL ends). */
static inline void assert_same(const char *ours, const char *theirs,
			       const char *const *but)
{
	for (unsigned line = 1; *ours || *theirs; line++) {
		size_t a = strcspn(ours, "\n"), b = strcspn(theirs, "\n");
		bool skip = false;

		for (const char *const *s = but; s && *s; s++)
			skip |= !strncmp(ours, *s, strlen(*s));
		if (!skip && (a != b || memcmp(ours, theirs, a)))
			fail_msg("line %u\n%.*s\n%.*s", line, (int)a, ours,
				 (int)b, theirs);
		ours += a + (ours[a] == '\n');
		theirs += b + (theirs[b] == '\n');
	}
}

/* The number after "@label" at the start of a line, 0 if there is none. */
static inline uint64_t sample_value(const char *text, const char *label)
{
	size_t len = strlen(label);

	while (text && *text) {
		const char *p = text + strspn(text, " ");

		if (!strncmp(p, label, len) && strchr(" :", p[len]))
			return strtoull(p + len + (p[len] == ':'), NULL, 10);
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return 0;
}

#endif
