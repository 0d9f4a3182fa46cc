// SPDX-License-Identifier: Apache-2.0
/* One value of a profile: from text to its field and back. */
#include "fs/profile-table.h"

#include <errno.h>
#include <string.h>

#include "fs/script.h"

static int value_word(const struct profile_key *k, void *field,
		      const char *text)
{
	for (uint32_t i = 0; k->words[i]; i++)
		if (!strcmp(k->words[i], text)) {
			memcpy(field, &i, sizeof(i));
			return 0;
		}
	return EINVAL;
}

static int value_switch(void *field, const char *text)
{
	bool on = !strcmp(text, "yes");

	if (!on && strcmp(text, "no"))
		return EINVAL;
	memcpy(field, &on, sizeof(on));
	return 0;
}

static int value_signed(const struct profile_key *k, void *field,
			const char *text)
{
	bool minus = text[0] == '-';
	uint64_t n;
	int64_t value;

	if (script_number(text + minus, strlen(text + minus), &n) ||
	    n > INT64_MAX)
		return EINVAL;
	value = minus ? -(int64_t)n : (int64_t)n;
	if (value < k->min || value > k->max)
		return EINVAL;
	memcpy(field, &value, sizeof(value));
	return 0;
}

static int value_string(char *field, size_t room, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return EINVAL;
	if (!len || len >= room)
		return EINVAL;
	memset(field, 0, room);
	memcpy(field, text, len);
	return 0;
}

/* The words of `workload P ...` judge it. */
static int value_workload(const struct profile_key *k, void *record,
			  const char *text)
{
	struct profile_process *process = record;
	struct script_line line;
	struct outbuf words, why;
	int r;

	if (process->nr_workloads == PROFILE_WORKLOADS)
		return EINVAL;
	out_init(&words);
	out_init(&why);
	out_printf(&words, "workload P %s", text);
	r = words.error ? EINVAL
			: script_parse(words.text, words.len, &line, &why);
	out_free(&words);
	out_free(&why);
	if (r || line.op.flags & OPX_OFF ||
	    value_string(process->workload[process->nr_workloads], k->room,
			 text))
		return EINVAL;
	process->nr_workloads++;
	return 0;
}

static int value_number(const struct profile_key *k, void *field,
			const char *text)
{
	size_t len = strlen(text);
	uint64_t n = 0;
	int r = EINVAL;

	if (k->type == PROFILE_SIZE)
		r = script_size(text, len, &n);
	else if (k->type == PROFILE_NUMBER)
		r = script_number(text, len, &n);
	else if (k->type == PROFILE_SPEED)
		r = script_millionths(text, len, &n);
	else if (k->type == PROFILE_TIME)
		r = strcmp(text, "0") ? script_time(text, len, &n) : 0;
	if (r || n > INT64_MAX || (int64_t)n < k->min || (int64_t)n > k->max)
		return EINVAL;
	memcpy(field, &n, sizeof(n));
	return 0;
}

int profile_value(const struct profile_key *k, void *record, const char *text)
{
	char *field = (char *)record + k->off;

	switch (k->type) {
	case PROFILE_SIGNED:
		return value_signed(k, field, text);
	case PROFILE_SWITCH:
		return value_switch(field, text);
	case PROFILE_WORD:
		return value_word(k, field, text);
	case PROFILE_STRING:
		return value_string(field, k->room, text);
	case PROFILE_WORKLOAD:
		return value_workload(k, record, text);
	default:
		return value_number(k, field, text);
	}
}

/* The largest unit that divides @n: what the grammar of scripts reads. */
static void print_units(struct outbuf *out, uint64_t n, uint64_t step,
			const char *const *units)
{
	while (units[1] && n && n % step == 0) {
		n /= step;
		units++;
	}
	out_dec(out, n, 0);
	out_str(out, units[0]);
}

static const char *const size_units[] = { "", "K", "M", "G", "T", NULL };
static const char *const time_units[] = { "ns", "us", "ms", "s", NULL };

static void print_millionths(struct outbuf *out, uint64_t n)
{
	unsigned part = (unsigned)(n % 1000000);
	int digits = 6;

	out_dec(out, n / 1000000, 0);
	for (; part && part % 10 == 0; digits--)
		part /= 10;
	if (part)
		out_printf(out, ".%0*u", digits, part);
}

static void print_number(const struct profile_key *k, uint64_t n,
			 struct outbuf *out)
{
	if (k->type == PROFILE_SIZE)
		print_units(out, n, 1024, size_units);
	else if (k->type == PROFILE_TIME)
		print_units(out, n, 1000, time_units);
	else if (k->type == PROFILE_SPEED)
		print_millionths(out, n);
	else
		out_dec(out, n, 0);
}

void profile_value_print(const struct profile_key *k, const void *record,
			 struct outbuf *out)
{
	const char *field = (const char *)record + k->off;
	uint64_t n;
	int64_t i;
	uint32_t word;
	bool on;

	switch (k->type) {
	case PROFILE_SIGNED:
		memcpy(&i, field, sizeof(i));
		out_printf(out, "%lld", (long long)i);
		return;
	case PROFILE_SWITCH:
		memcpy(&on, field, sizeof(on));
		out_str(out, on ? "yes" : "no");
		return;
	case PROFILE_WORD:
		memcpy(&word, field, sizeof(word));
		out_str(out, k->words[word]);
		return;
	case PROFILE_STRING:
	case PROFILE_WORKLOAD:
		out_str(out, field);
		return;
	default:
		memcpy(&n, field, sizeof(n));
		print_number(k, n, out);
	}
}

static void print_range(const struct profile_key *k, struct outbuf *out)
{
	out_str(out, " from ");
	print_number(k, (uint64_t)k->min, out);
	if (k->max == INT64_MAX)
		return;
	out_str(out, " to ");
	print_number(k, (uint64_t)k->max, out);
}

void profile_expected(const struct profile_key *k, struct outbuf *out)
{
	static const char *const kinds[] = {
		[PROFILE_SIZE] = "a size with K, M, G, T or p",
		[PROFILE_TIME] = "a time with ns, us, ms or s",
		[PROFILE_NUMBER] = "a whole number",
		[PROFILE_SPEED] = "a number",
		[PROFILE_SWITCH] = "yes or no",
		[PROFILE_WORD] = "one of",
		[PROFILE_WORKLOAD] =
			"REGION PATTERN rate=N/s [write=F%], or - cpu=F%; at most 4",
	};

	if (k->type == PROFILE_STRING)
		out_printf(out, "1 to %zu printable characters", k->room - 1);
	else if (k->type == PROFILE_SIGNED)
		out_printf(out, "a whole number from %lld to %lld",
			   (long long)k->min, (long long)k->max);
	else
		out_str(out, kinds[k->type]);
	for (uint32_t i = 0; k->words && k->words[i]; i++)
		out_printf(out, " %s", k->words[i]);
	if (k->type == PROFILE_SIZE || k->type == PROFILE_TIME ||
	    k->type == PROFILE_NUMBER || k->type == PROFILE_SPEED)
		print_range(k, out);
}
