// SPDX-License-Identifier: Apache-2.0
#include "tools/strace-log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct proc *strace_proc(struct strace *s, unsigned pid)
{
	struct proc *p;

	for (unsigned i = 0; i < s->nr_procs; i++)
		if (s->procs[i]->pid == pid && !s->procs[i]->gone)
			return s->procs[i];
	if (s->nr_procs == PROCS)
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->pid = pid;
	if (!s->nr_procs)
		snprintf(p->name, sizeof(p->name), "%s", s->name);
	else
		snprintf(p->name, sizeof(p->name), "%.8s-%u", s->name,
			 s->nr_procs);
	s->procs[s->nr_procs++] = p;
	return p;
}

/* --- arguments ---------------------------------------------------------------
 */
/* The @n-th argument, from 0; "" if there is none. Strings may hold commas. */
void strace_word(const struct call *c, unsigned n, char *ret, size_t room)
{
	bool quoted = false;
	int depth = 0;
	size_t len = 0;

	for (const char *a = c->args; *a; a++) {
		if (*a == '"' && (a == c->args || a[-1] != '\\'))
			quoted = !quoted;
		depth += !quoted && strchr("[{", *a) ? 1 : 0;
		depth -= !quoted && strchr("]}", *a) ? 1 : 0;
		if (*a == ',' && !quoted && !depth) {
			if (!n--)
				break;
			continue;
		}
		if (!n && len + 1 < room && (len || *a != ' '))
			ret[len++] = *a;
	}
	ret[len] = '\0';
}

uint64_t strace_number(const struct call *c, unsigned n)
{
	char word[64];

	strace_word(c, n, word, sizeof(word));
	return strtoull(word, NULL, 0);
}

bool strace_has(const struct call *c, unsigned n, const char *flag)
{
	char word[256], *at;
	size_t len = strlen(flag);

	strace_word(c, n, word, sizeof(word));
	for (at = strstr(word, flag); at; at = strstr(at + 1, flag))
		if ((at == word || at[-1] == '|') &&
		    (!at[len] || at[len] == '|'))
			return true;
	return false;
}

const char *strace_prot(const struct call *c, unsigned n)
{
	bool w = strace_has(c, n, "PROT_WRITE"),
	     x = strace_has(c, n, "PROT_EXEC");

	if (w)
		return x ? "rwx" : "rw";
	return x ? "rx" : strace_has(c, n, "PROT_READ") ? "r" : "none";
}

/* --- lines -------------------------------------------------------------------
 */
/* "[pid 12] " or "12 " in front, maybe a time. */
static const char *skip_front(const char *line, unsigned *ret_pid)
{
	unsigned pid;
	int n = 0;

	*ret_pid = 0;
	if (sscanf(line, "[pid %u] %n", &pid, &n) == 1 && n)
		*ret_pid = pid;
	else if (sscanf(line, "%u %n", &pid, &n) == 1 && n)
		*ret_pid = pid;
	else
		n = 0;
	line += n;
	while (isdigit((unsigned char)*line) || strchr(":. ", *line)) {
		if (!*line)
			break;
		line++;
	}
	return line;
}

/* NAME(ARGS) = RET. False: another kind of line, or it failed. */
bool strace_parse(struct strace *s, const char *line, struct call *c)
{
	const char *open, *end = NULL;
	unsigned pid;
	size_t len;

	line = skip_front(line, &pid);
	open = strchr(line, '(');
	if (!open || open == line || open - line >= (int)sizeof(c->name))
		return false;
	for (const char *at = open; (at = strstr(at, ") ")); at++)
		if (strchr(at, '=') && at[1 + strspn(at + 1, " ")] == '=')
			end = at;
	if (!end)
		return false;
	memcpy(c->name, line, (size_t)(open - line));
	c->name[open - line] = '\0';
	len = (size_t)(end - open - 1);
	if (len >= sizeof(c->args))
		len = sizeof(c->args) - 1;
	memcpy(c->args, open + 1, len);
	c->args[len] = '\0';
	end = strchr(end, '=') + 1;
	end += strspn(end, " ");
	if (*end == '-')
		return false;
	c->ret = strtoull(end, NULL, 0);
	c->p = strace_proc(s, pid);
	return c->p;
}
