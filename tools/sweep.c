// SPDX-License-Identifier: Apache-2.0
/* What varies, and the runs it makes. */
#include "tools/sweep.h"
#include "tools/faux.h"

#include <stdlib.h>
#include <string.h>

static bool no_room(const char *what, unsigned most)
{
	fprintf(stderr, "faux sim: at most %u %s\n", most, what);
	return false;
}

static bool no_memory(void)
{
	fputs("faux sim: no memory\n", stderr);
	return false;
}

/* Keys whose own values have commas. */
static bool takes_list(const char *key, size_t len)
{
	static const char *const lists[] = {
		".distance", ".libs", ".files", ".cmdline", ".cpus",
	};

	if (len == 12 && !memcmp(key, "machine.cpus", len))
		return false;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		size_t n = strlen(lists[i]);

		if (len > n && !memcmp(key + len - n, lists[i], n))
			return true;
	}
	return false;
}

/* The end of the value at @s: a comma without a backslash, or the end. */
static const char *value_end(const char *s, bool list)
{
	while (*s && (*s != ',' || list))
		s += s[0] == '\\' && s[1] == ',' ? 2 : 1;
	return s;
}

/* KEY=VALUE, with the @key bytes before @from. */
static char *copy_value(const char *key, size_t len, const char *from,
			const char *end)
{
	char *copy = malloc(len + (size_t)(end - from) + 2), *to = copy;

	if (!copy)
		return NULL;
	memcpy(copy, key, len);
	to += len;
	*to++ = '=';
	for (; from < end; *to++ = *from++)
		if (from[0] == '\\' && from[1] == ',')
			from++;
	*to = '\0';
	return copy;
}

static bool add_values(struct sweep_axis *a, const char *key, size_t len)
{
	bool list = takes_list(key, len);
	const char *at = key + len, *end;

	a->key = strndup(key, len);
	a->values = calloc(strlen(at) + 1, sizeof(*a->values));
	if (!a->key || !a->values)
		return no_memory();
	for (; *at; at = end) {
		end = value_end(at + 1, list);
		a->values[a->nr] = copy_value(key, len, at + 1, end);
		if (!a->values[a->nr++])
			return no_memory();
	}
	return true;
}

bool sweep_add_set(struct sweep *s, const char *assignment)
{
	const char *equal = strchr(assignment, '=');

	if (!equal || equal == assignment) {
		fprintf(stderr, "faux sim: --set %s: expected KEY=V1,V2,...\n",
			assignment);
		return false;
	}
	if (s->nr_axes == SWEEP_AXES)
		return no_room("--set", SWEEP_AXES);
	return add_values(&s->axes[s->nr_axes++], assignment,
			  (size_t)(equal - assignment));
}

bool sweep_add_print(struct sweep *s, const char *what)
{
	struct sweep_print *p = &s->prints[s->nr_prints];
	char *cut;

	if (s->nr_prints == SWEEP_PRINTS)
		return no_room("--print", SWEEP_PRINTS);
	s->nr_prints++;
	p->name = what;
	p->field = what;
	if (!strchr(what, '/'))
		return true;
	p->field = NULL;
	p->path = strdup(what);
	if (!p->path)
		return no_memory();
	cut = strchr(p->path, ' ');
	if (!cut)
		cut = strrchr(p->path, ':');
	if (cut && cut[1]) {
		*cut = '\0';
		p->field = cut + 1;
	}
	return true;
}

void sweep_fini(struct sweep *s)
{
	for (unsigned i = 0; i < s->nr_axes; i++) {
		for (unsigned v = 0; v < s->axes[i].nr; v++)
			free(s->axes[i].values[v]);
		free(s->axes[i].values);
		free(s->axes[i].key);
	}
	for (unsigned i = 0; i < s->nr_prints; i++)
		free(s->prints[i].path);
}

uint64_t sweep_settings(const struct sweep *s)
{
	uint64_t settings = 1;

	for (unsigned i = 0; i < s->nr_axes; i++)
		if (settings < UINT32_MAX)
			settings *= s->axes[i].nr;
	return settings;
}

uint64_t sweep_runs(const struct sweep *s)
{
	return sweep_settings(s) * s->nr_scripts;
}

const char *sweep_assignment(const struct sweep *s, uint64_t run, unsigned axis)
{
	for (unsigned i = s->nr_axes; --i > axis;)
		run /= s->axes[i].nr;
	return s->axes[axis].values[run % s->axes[axis].nr];
}

const char *sweep_value(const struct sweep *s, uint64_t run, unsigned axis)
{
	return sweep_assignment(s, run, axis) + strlen(s->axes[axis].key) + 1;
}

const char *sweep_script(const struct sweep *s, uint64_t run)
{
	for (unsigned i = 0; i < s->nr_axes; i++)
		run /= s->axes[i].nr;
	return s->scripts[run];
}

/* --- the runs as commands ---------------------------------------------------
 */
/* A word of a shell; commas of a value keep their backslash. */
static void put_word(const char *key, const char *text, bool list)
{
	putchar('\'');
	if (key)
		printf("%s=", key);
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\'", stdout);
		else if (*text == ',' && list)
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

static void put_command(const struct sweep *s, uint64_t run)
{
	static const char *const formats[] = { "", " --csv", " --json" };

	fputs("faux sim --no-header", stdout);
	fputs(formats[s->format], stdout);
	for (unsigned i = 0; i < s->nr_axes; i++) {
		fputs(" --set ", stdout);
		put_word(s->axes[i].key, sweep_value(s, run, i), true);
	}
	for (unsigned i = 0; i < s->nr_prints; i++) {
		fputs(" --print ", stdout);
		put_word(NULL, s->prints[i].name, false);
	}
	putchar(' ');
	put_word(NULL, s->profile, false);
	putchar(' ');
	put_word(NULL, sweep_script(s, run), false);
	putchar('\n');
}

int sweep_list(const struct sweep *s)
{
	uint64_t runs = sweep_runs(s);

	for (uint64_t run = 0; run < runs; run++)
		put_command(s, run);
	return fflush(stdout) || ferror(stdout) ? FAUX_FAILED : FAUX_OK;
}
