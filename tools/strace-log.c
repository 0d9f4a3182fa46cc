// SPDX-License-Identifier: Apache-2.0
#include "tools/strace-log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct proc *find(const struct strace *s, unsigned pid)
{
	for (unsigned i = 0; i < s->nr_procs; i++)
		if (s->procs[i]->pid == pid)
			return s->procs[i];
	return NULL;
}

static struct proc *make(struct strace *s, unsigned pid)
{
	struct proc *p = s->nr_procs < PROCS ? calloc(1, sizeof(*p)) : NULL;

	if (!p)
		return NULL;
	p->pid = pid;
	if (!s->made)
		snprintf(p->name, sizeof(p->name), "%s", s->name);
	else
		snprintf(p->name, sizeof(p->name), "%.8s-%u", s->name, s->made);
	if (!s->made++)
		s->first = pid;
	s->procs[s->nr_procs++] = p;
	return p;
}

static struct birth *birth_of(struct strace *s, unsigned pid)
{
	for (unsigned i = 0; i < s->nr_births; i++)
		if (s->births[i].pid == pid && !s->births[i].done)
			return &s->births[i];
	return NULL;
}

/* As its parent is now, which is inside the call that makes it. */
static void be_born(struct strace *s, struct proc *p)
{
	struct birth *b = s->pass == PASS_BIRTHS ? NULL : birth_of(s, p->pid);
	const struct proc *parent = b ? find(s, b->parent) : NULL;
	struct proc own = { .pid = p->pid };

	if (b)
		b->done = true;
	memcpy(own.name, p->name, sizeof(own.name));
	if (parent)
		*p = *parent;
	p->pid = own.pid;
	memcpy(p->name, own.name, sizeof(own.name));
	p->head[0] = '\0';
	if (s->sizing)
		return;
	if (parent)
		printf("%s %s %s\n", b->shares ? "clone" : "fork", parent->name,
		       p->name);
	else
		printf("spawn %s\n", p->name);
}

struct proc *strace_proc(struct strace *s, unsigned pid)
{
	struct proc *p = find(s, pid);

	if (p)
		return p;
	p = make(s, pid);
	if (p)
		be_born(s, p);
	return p;
}

void strace_gone(struct strace *s, struct proc *p)
{
	for (unsigned i = 0; i < s->nr_procs; i++)
		if (s->procs[i] == p)
			s->procs[i] = s->procs[--s->nr_procs];
	free(p);
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

/* Another process came between: "NAME(ARGS <unfinished ...>", and later
 * "<... NAME resumed>ARGS) = RET". The whole, or NULL. */
static const char *whole_line(struct proc *p, const char *line, char *room,
			      size_t size)
{
	static const char unfinished[] = " <unfinished ...>";
	const char *cut = strstr(line, unfinished), *rest;

	if (cut) {
		snprintf(p->head, sizeof(p->head), "%.*s", (int)(cut - line),
			 line);
		return NULL;
	}
	if (strncmp(line, "<... ", 5) != 0)
		return line;
	rest = strstr(line, " resumed>");
	if (!rest || !p->head[0])
		return NULL;
	snprintf(room, size, "%s%s", p->head, rest + 9);
	p->head[0] = '\0';
	return room;
}

/* "+++ killed by SIGKILL +++", or a thread's "+++ exited with 0 +++". */
static bool parse_end(struct strace *s, unsigned pid, struct call *c)
{
	c->p = find(s, pid);
	c->args[0] = '\0';
	strcpy(c->name, "exit_group");
	return c->p && pid != s->first;
}

static bool parse_call(const char *line, struct call *c)
{
	const char *open = strchr(line, '('), *end = NULL;
	size_t len;

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
	return true;
}

/* NAME(ARGS) = RET. False: another kind of line, or it failed. */
bool strace_parse(struct strace *s, const char *line, struct call *c)
{
	char room[4096];
	unsigned pid;

	line = skip_front(line, &pid);
	if (!strncmp(line, "+++ ", 4))
		return parse_end(s, pid, c);
	if (!isalpha((unsigned char)*line) && *line != '<')
		return false;
	c->p = strace_proc(s, pid);
	if (!c->p)
		return false;
	line = whole_line(c->p, line, room, sizeof(room));
	return line && parse_call(line, c);
}
