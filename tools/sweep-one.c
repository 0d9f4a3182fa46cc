// SPDX-License-Identifier: Apache-2.0
/* One run: a machine, a script, a look at what is asked for. */
#include "tools/faux-world.h"
#include "tools/faux.h"
#include "tools/sweep.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/condition.h"
#include "fs/tree.h"

/* Where a FIELD without a file is looked for. */
static const char *const searched[] = {
	"proc/meminfo",		"proc/vmstat", "proc/stat",
	"proc/pressure/memory", "model/clock",
};

/* What is printed where nothing was asked for. */
static const struct sweep_print usual[] = {
	{ "time", (char *)(uintptr_t) "model/clock", "1" },
	{ "digest", (char *)(uintptr_t) "model/digest", "1" },
};

unsigned sweep_columns(const struct sweep *s)
{
	return 1 + (s->nr_prints ? s->nr_prints : (unsigned)ARRAY_SIZE(usual));
}

/* `proc/NAME/...`: NAME stands for its pid, as in scripts. */
static void resolve(const struct world *w, const char *path, struct outbuf *out)
{
	const char *name, *end;
	char comm[COMM_LEN];
	struct place at;
	uint32_t id = 0;

	path += strspn(path, "/");
	name = strchr(path, '/');
	end = name ? name + 1 + strcspn(name + 1, "/") : NULL;
	if (name && end - name - 1 < COMM_LEN && tree_find(w, path, &at)) {
		memcpy(comm, name + 1, (size_t)(end - name - 1));
		comm[end - name - 1] = '\0';
		id = task_named(&w->m.tasks, comm);
	}
	if (!id)
		out_str(out, path);
	else
		out_printf(out, "%.*s/%u%s", (int)(name - path), path,
			   task_at(&w->m.tasks, id)->pid, end);
}

/* @field of a file, or all of it without the last newline. False: none. */
static bool look(struct world *w, const char *path, const char *field,
		 struct outbuf *out)
{
	struct outbuf name, file;
	struct field f = { .s = "" };
	bool there;

	out_init(&name);
	out_init(&file);
	resolve(w, path, &name);
	there = !name.error && !tree_show(w, name.text, &file);
	if (there && field) {
		there = file.len && field_find(file.text, file.len, field, &f);
	} else if (there && file.len) {
		f.s = file.text;
		f.len = file.len - (file.text[file.len - 1] == '\n');
	}
	if (there)
		out_bytes(out, f.s, f.len);
	out_free(&name);
	out_free(&file);
	return there;
}

/* The column of @p. False: there is no such thing. */
static bool column(struct world *w, const struct sweep_print *p,
		   struct outbuf *out)
{
	bool there = false;

	if (p->path)
		there = look(w, p->path, p->field, out);
	for (size_t i = 0; !p->path && !there && i < ARRAY_SIZE(searched); i++)
		there = look(w, searched[i], p->field, out);
	out_char(out, '\0');
	return there;
}

static int look_all(const struct sweep *s, struct world *w, struct outbuf *out)
{
	const struct sweep_print *p = s->nr_prints ? s->prints : usual;
	int r = 0;

	for (unsigned i = 0; i + 1 < sweep_columns(s); i++) {
		if (column(w, &p[i], out))
			continue;
		fprintf(stderr, "nothing is called '%s' here\n", p[i].name);
		r = FAUX_FAILED;
	}
	return out->error ? FAUX_MEMORY : r;
}

static int work(const struct sweep *s, struct alone *a, const char *script,
		struct outbuf *out)
{
	int r = alone_boot(a), looked;

	if (!r) {
		r = alone_script(a, script, NULL);
		looked = look_all(s, &a->w, out);
		r = r ? r : looked;
	}
	alone_fini(a);
	return r;
}

/* What was told on @heard so far, as one line. */
static void tell(FILE *heard, int status, FILE *out)
{
	static const char prefix[] = "faux sim: ";
	char text[512] = "";
	const char *from = text;
	size_t n;

	fflush(stderr);
	rewind(heard);
	n = fread(text, 1, sizeof(text) - 1, heard);
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(from, prefix, sizeof(prefix) - 1))
		from += sizeof(prefix) - 1;
	if (status)
		fputs(*from ? from : "failed", out);
	else
		fputs("ok", out);
	fputc('\0', out);
}

int sweep_one(const struct sweep *s, uint64_t run, FILE *out)
{
	struct alone *a = alone_new("faux sim", (int)s->nr_axes + 1);
	struct outbuf columns;
	FILE *heard = tmpfile();
	int r = FAUX_MEMORY;

	out_init(&columns);
	if (a && heard && dup2(fileno(heard), STDERR_FILENO) >= 0) {
		a->profile = s->profile;
		for (unsigned i = 0; i < s->nr_axes; i++)
			a->set[a->nr_set++] = sweep_assignment(s, run, i);
		r = work(s, a, sweep_script(s, run), &columns);
		tell(heard, r, out);
		if (columns.len)
			fwrite(columns.text, 1, columns.len, out);
	}
	out_free(&columns);
	if (heard)
		fclose(heard);
	alone_free(a);
	return r ? FAUX_FAILED : FAUX_OK;
}
