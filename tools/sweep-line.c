// SPDX-License-Identifier: Apache-2.0
/* A run as a line: text in columns, CSV (RFC 4180), or an object of JSON. */
#include "tools/sweep.h"

#include <string.h>

#define COLUMN 12u /* of text, at least */

static void put_csv(struct outbuf *out, const char *value)
{
	bool quoted = strpbrk(value, ",\"\r\n") != NULL;

	if (quoted)
		out_char(out, '"');
	for (; *value; value++) {
		if (*value == '"')
			out_char(out, '"');
		out_char(out, *value);
	}
	if (quoted)
		out_char(out, '"');
}

static void put_string(struct outbuf *out, const char *s)
{
	out_char(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			out_printf(out, "\\%c", *s);
		else if (*s == '\n')
			out_str(out, "\\n");
		else if ((unsigned char)*s < ' ')
			out_printf(out, "\\u%04x", (unsigned)*s);
		else
			out_char(out, *s);
	}
	out_char(out, '"');
}

/* A number as JSON has it: no leading zero, digits around the point. */
static bool is_number(const char *s)
{
	size_t whole;

	s += *s == '-';
	whole = strspn(s, "0123456789");
	if (!whole || whole > 15 || (*s == '0' && whole > 1))
		return false;
	s += whole;
	if (*s == '.') {
		whole = strspn(s + 1, "0123456789");
		s += whole ? 1 + whole : 0;
	}
	return !*s;
}

/* What stands in one column, with a width and no newline. */
static void put_text(struct outbuf *out, const char *value, size_t width)
{
	size_t start = out->len;

	for (; *value; value++) {
		if (*value == '\n')
			out_str(out, "\\n");
		else
			out_char(out, *value);
	}
	if (out->len == start)
		out_char(out, '-');
	out_pad(out, start, width < COLUMN ? COLUMN : width);
}

static void put_json(struct outbuf *out, const char *name, const char *value)
{
	put_string(out, name);
	out_char(out, ':');
	if (is_number(value))
		out_str(out, value);
	else
		put_string(out, value);
}

/* One column of a line; @name is that of its header. */
static void put(const struct sweep *s, struct outbuf *out, size_t start,
		const char *name, const char *value)
{
	static const char between[] = { ' ', ',', ',' };

	if (out->len != start + (s->format == SWEEP_JSON))
		out_char(out, between[s->format]);
	if (s->format == SWEEP_CSV)
		put_csv(out, value);
	else if (s->format == SWEEP_JSON)
		put_json(out, name, value);
	else
		put_text(out, value, strlen(name));
}

/* Names without @run's values where @fields is NULL. */
static void put_all(const struct sweep *s, uint64_t run, const char *fields,
		    struct outbuf *out)
{
	static const char *const usual[] = { "time", "digest" };
	size_t start = out->len;

	if (s->format == SWEEP_JSON)
		out_char(out, '{');
	if (s->nr_scripts > 1)
		put(s, out, start, "script",
		    fields ? sweep_script(s, run) : "script");
	for (unsigned i = 0; i < s->nr_axes; i++)
		put(s, out, start, s->axes[i].key,
		    fields ? sweep_value(s, run, i) : s->axes[i].key);
	for (unsigned i = 0; i < sweep_columns(s); i++) {
		const char *name = !i		  ? "status"
				   : s->nr_prints ? s->prints[i - 1].name
						  : usual[i - 1];

		put(s, out, start, name, fields ? fields : name);
		if (fields)
			fields += strlen(fields) + 1;
	}
	while (out->len > start && out->text[out->len - 1] == ' ')
		out->text[--out->len] = '\0';
	out_str(out, s->format == SWEEP_JSON ? "}\n" : "\n");
}

void sweep_header(const struct sweep *s, struct outbuf *out)
{
	if (s->format != SWEEP_JSON && !s->no_header)
		put_all(s, 0, NULL, out);
}

void sweep_line(const struct sweep *s, uint64_t run, const char *fields,
		size_t len, struct outbuf *out)
{
	struct outbuf whole;
	unsigned ends = 0;

	/* A run that died left fewer columns, or none. */
	out_init(&whole);
	if (len)
		out_bytes(&whole, fields, len);
	for (size_t i = 0; i < len; i++)
		ends += !fields[i];
	if (!ends && !len)
		out_str(&whole, "died");
	for (; ends < sweep_columns(s); ends++)
		out_char(&whole, '\0');
	if (whole.error)
		out->error = whole.error;
	else
		put_all(s, run, whole.text, out);
	out_free(&whole);
}
