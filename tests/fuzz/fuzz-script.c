// SPDX-License-Identifier: Apache-2.0
/* Lines of a script: parsed or refused with a reason, nothing else. */
#include <stdlib.h>
#include <string.h>

#include "fs/condition.h"
#include "fs/script.h"
#include "tests/fuzz/target.h"

const char *const fuzz_words[] = {
	"spawn",   "mmap",	"touch",    "db",	"heap",	  "4K",
	"1G",	   "prot=rw",	"shared",   "file=/f",	"off=0",  "fixed=a+4K",
	"advance", "1.5s",	"async",    "wait",	"all",	  "set",
	"/proc/x", "expect",	"until",    "max=1s",	"<=",	  "workload",
	"zipf:1",  "rate=1K/s", "@ffff000", "write=5%", "-",	  "+4K",
	"#",	   "mempolicy", "0x3",	    "hot:5%",	"cpu=5%", NULL,
};

static void check_terminated(const char *s, size_t room)
{
	if (!memchr(s, '\0', room))
		abort();
}

static void one_line(const char *text, size_t len)
{
	struct script_line line;
	struct outbuf why;
	int r;

	out_init(&why);
	r = script_parse(text, len, &line, &why);
	/* A failure says why, a success says nothing. */
	if (r < 0 || r >= OUTCOME_BASE || (r != 0) != (why.len != 0))
		abort();
	if (line.verb >= NR_VERBS || line.op.code >= NR_OPS || !line.word)
		abort();
	check_terminated(line.who, sizeof(line.who));
	check_terminated(line.who2, sizeof(line.who2));
	check_terminated(line.path, sizeof(line.path));
	check_terminated(line.field, sizeof(line.field));
	check_terminated(line.value, sizeof(line.value));
	check_terminated(line.op.name, sizeof(line.op.name));
	check_terminated(line.op.region, sizeof(line.op.region));
	check_terminated(line.op.region2, sizeof(line.op.region2));
	check_terminated(line.op.text, sizeof(line.op.text));
	if (line.rest &&
	    (line.rest < text || line.rest + line.rest_len > text + len))
		abort();
	out_free(&why);
}

/* The first line as name and value, the rest as a file. */
static void one_field(const char *text, size_t len)
{
	static const char *const ops[] = { "=", "!=", "<", "<=", ">", ">=" };
	const char *end = memchr(text, '\n', len);
	char name[64];
	struct field f;
	size_t n;

	if (!end || end == text || (size_t)(end - text) >= sizeof(name))
		return;
	n = (size_t)(end - text);
	memcpy(name, text, n);
	name[n] = '\0';
	if (!field_find(end + 1, len - n - 1, name, &f))
		return;
	if (f.s < end + 1 || f.s + f.len > text + len)
		abort();
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		field_compare(&f, ops[i], name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	one_field(text, size);
	while (size) {
		const char *end = memchr(text, '\n', size);
		size_t n = end ? (size_t)(end - text) : size;

		one_line(text, n);
		n += end != NULL;
		text += n;
		size -= n;
	}
	return 0;
}
