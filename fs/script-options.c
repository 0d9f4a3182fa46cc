// SPDX-License-Identifier: Apache-2.0
/* Options behind the fixed arguments, in any order, each at most once. */
#include "fs/script-parse.h"

#include <errno.h>
#include <string.h>

/* Defaults of exec, as of a profile's [process]. */
#define EXEC_TEXT (1u << 20)
#define EXEC_DATA (256u << 10)
#define EXEC_BSS  (64u << 10)

enum option_kind {
	OPTION_FLAG,
	OPTION_SIZE,
	OPTION_STRIDE, /* a size above 0 */
	OPTION_NUMBER,
	OPTION_TIME,
	OPTION_PERCENT,
	OPTION_RATE,
	OPTION_PRIO,
	OPTION_PROT,
	OPTION_PATH,
	OPTION_DEV,
	OPTION_REMAP,
	OPTION_GFP,
	OPTION_FIXED,
	OPTION_HEX,
};

/* @word with its `=` if it takes a value; @off of the field in struct op. */
struct option {
	const char *word;
	enum option_kind kind;
	uint32_t flag; /* OPX_* it sets */
	size_t off;
	const char *help; /* the value */
};

#define FIELD(name) offsetof(struct op, name)
static const struct option options[] = {
	{ "prot=", OPTION_PROT, 0, FIELD(prot), "rw|r|rx|rwx|none" },
	{ "shared", OPTION_FLAG, OPX_SHARED, 0, "" },
	{ "file=", OPTION_PATH, OPX_FILE, FIELD(text), "PATH" },
	{ "dev=", OPTION_DEV, OPX_DEV, FIELD(text), "mapdrv" },
	{ "remap", OPTION_FLAG, OPX_REMAP, 0, "" },
	{ "remap=", OPTION_REMAP, OPX_PFN, 0, "pfn" },
	{ "off=", OPTION_SIZE, 0, FIELD(value), "SIZE" },
	{ "populate", OPTION_FLAG, OPX_POPULATE, 0, "" },
	{ "noreserve", OPTION_FLAG, OPX_NORESERVE, 0, "" },
	{ "locked", OPTION_FLAG, OPX_LOCKED, 0, "" },
	{ "hugetlb", OPTION_FLAG, OPX_HUGETLB, 0, "" },
	{ "hugetlb=", OPTION_STRIDE, OPX_HUGETLB, FIELD(len), "SIZE" },
	{ "fixed=", OPTION_FIXED, OPX_FIXED, FIELD(off), "R2+OFF" },
	{ "hint=", OPTION_HEX, OPX_ADDR, FIELD(addr), "ADDR, hexadecimal" },
	{ "current", OPTION_FLAG, OPX_CURRENT, 0, "" },
	{ "future", OPTION_FLAG, OPX_FUTURE, 0, "" },
	{ "onfault", OPTION_FLAG, OPX_ONFAULT, 0, "" },
	{ "stride=", OPTION_STRIDE, 0, FIELD(stride), "SIZE" },
	{ "value=", OPTION_NUMBER, OPX_VALUE, FIELD(value), "N" },
	{ "seq=", OPTION_NUMBER, OPX_SEQ, FIELD(value), "N" },
	{ "seed=", OPTION_NUMBER, OPX_VALUE, FIELD(value), "N" },
	{ "sig=", OPTION_NUMBER, OPX_VALUE, FIELD(value), "N" },
	{ "loops=", OPTION_NUMBER, OPX_LOOPS, FIELD(loops), "N" },
	{ "for=", OPTION_TIME, OPX_FOR, FIELD(time_ns), "TIME" },
	{ "prio=", OPTION_PRIO, OPX_PRIO, FIELD(prio), "N" },
	{ "negative", OPTION_FLAG, OPX_NEGATIVE, 0, "" },
	{ "direct", OPTION_FLAG, OPX_DIRECT, 0, "" },
	{ "folder", OPTION_FLAG, OPX_FOLDER, 0, "" },
	{ "off", OPTION_FLAG, OPX_OFF, 0, "" },
	{ "static", OPTION_FLAG, OPX_STATIC, 0, "" },
	{ "relative", OPTION_FLAG, OPX_RELATIVE, 0, "" },
	{ "balancing", OPTION_FLAG, OPX_BALANCING, 0, "" },
	{ "move", OPTION_FLAG, OPX_MOVE, 0, "" },
	{ "strict", OPTION_FLAG, OPX_STRICT, 0, "" },
	{ "rate=", OPTION_RATE, 0, FIELD(rate), "N/s" },
	{ "write=", OPTION_PERCENT, OPX_WRITE, FIELD(percent), "F%" },
	{ "cpu=", OPTION_PERCENT, OPX_CPU, FIELD(percent), "F%" },
	{ "gfp=", OPTION_GFP, 0, FIELD(prot), "KIND" },
	{ "text=", OPTION_SIZE, 0, FIELD(size), "SIZE" },
	{ "data=", OPTION_SIZE, 0, FIELD(off), "SIZE" },
	{ "bss=", OPTION_SIZE, 0, FIELD(len), "SIZE" },
};
#undef FIELD
#define NR_OPTIONS (sizeof(options) / sizeof(options[0]))

/* Is @word one of the options that the operation's @grammar lists? */
static bool listed(const char *grammar, const char *word)
{
	size_t len = strlen(word);
	const char *s = strchr(grammar, ';');

	while (s && *s) {
		s++;
		if (!strncmp(s, word, len) && (!s[len] || s[len] == ' '))
			return true;
		s = strchr(s, ' ');
	}
	return false;
}

static bool matches(const struct option *o, const struct word *w)
{
	size_t len = strlen(o->word);

	if (o->kind == OPTION_FLAG)
		return word_is(w, o->word);
	return w->len >= len && !memcmp(w->s, o->word, len);
}

/* N/s; a leak's rate is a size. */
static int rate(struct parse *p, const struct word *v, uint64_t *ret)
{
	if (v->len < 3 || memcmp(v->s + v->len - 2, "/s", 2))
		return EINVAL;
	if (p->line->op.code == OP_LEAK)
		return script_size(v->s, v->len - 2, ret);
	return script_number(v->s, v->len - 2, ret);
}

static int percent(const struct word *v, uint64_t *ret)
{
	if (v->len < 2 || v->s[v->len - 1] != '%' ||
	    script_number(v->s, v->len - 1, ret) || *ret > 100)
		return EINVAL;
	return 0;
}

static int option_number(struct parse *p, const struct option *o,
			 const struct word *v)
{
	char *field = (char *)&p->line->op + o->off;
	uint64_t n = 0;
	uint32_t small;
	int r = EINVAL;

	if (o->kind == OPTION_SIZE || o->kind == OPTION_STRIDE)
		r = script_size(v->s, v->len, &n);
	else if (o->kind == OPTION_NUMBER || o->kind == OPTION_PRIO)
		r = script_number(v->s, v->len, &n);
	else if (o->kind == OPTION_TIME)
		r = script_time(v->s, v->len, &n);
	else if (o->kind == OPTION_RATE)
		r = rate(p, v, &n);
	else if (o->kind == OPTION_PERCENT)
		r = percent(v, &n);
	if (r || (o->kind == OPTION_STRIDE && !n) ||
	    (o->kind == OPTION_PRIO && n > INT16_MAX))
		return EINVAL;
	small = (uint32_t)n;
	if (o->kind == OPTION_PRIO || o->kind == OPTION_PERCENT)
		memcpy(field, &small, sizeof(small));
	else
		memcpy(field, &n, sizeof(n));
	return 0;
}

/* R2+OFF */
static int option_fixed(struct parse *p, const struct word *v)
{
	const char *plus = memchr(v->s, '+', v->len);
	struct op *op = &p->line->op;
	size_t len;

	if (!plus)
		return EINVAL;
	len = (size_t)(plus - v->s);
	if (!script_name_ok(v->s, len, REGION_LEN - 1) ||
	    script_size(plus + 1, v->len - len - 1, &op->off))
		return EINVAL;
	memcpy(op->region2, v->s, len);
	return 0;
}

static int option_value(struct parse *p, const struct option *o,
			const struct word *v)
{
	struct op *op = &p->line->op;

	switch (o->kind) {
	case OPTION_PROT:
		return parse_choice(p, v, prot_choices, "protection",
				    &op->prot);
	case OPTION_GFP:
		return parse_choice(p, v, gfp_choices, "kind of request",
				    &op->prot);
	case OPTION_PATH:
		return v->len ? script_path(v->s, v->len, op->text, OP_TEXT)
			      : EINVAL;
	case OPTION_DEV:
		return word_is(v, "mapdrv")
			       ? parse_keep(p, v, op->text, OP_TEXT)
			       : EINVAL;
	case OPTION_REMAP:
		return word_is(v, "pfn") ? 0 : EINVAL;
	case OPTION_FIXED:
		return option_fixed(p, v);
	case OPTION_HEX:
		return parse_hex(v->s, v->len, &op->addr);
	default:
		return option_number(p, o, v);
	}
}

static int option_take(struct parse *p, const struct option *o,
		       const struct word *w)
{
	size_t len = strlen(o->word), told = p->why->len;
	struct word v = { w->s + len, w->len - len };
	int r;

	p->line->op.flags |= o->flag;
	if (o->kind == OPTION_FLAG)
		return 0;
	r = option_value(p, o, &v);
	if (r && p->why->len == told)
		return parse_bad(p, r, "'%.*s' is no value of %s%s", SHOWN(&v),
				 o->word, o->help);
	return r;
}

static void defaults(struct op *op)
{
	if (op->code == OP_MMAP)
		op->prot = VM_READ | VM_WRITE;
	if (op->code == OP_EXEC) {
		op->size = EXEC_TEXT;
		op->off = EXEC_DATA;
		op->len = EXEC_BSS;
	}
}

int parse_options(struct parse *p, const char *grammar)
{
	uint64_t seen = 0;

	defaults(&p->line->op);
	for (const struct word *w; (w = parse_peek(p)); p->next++) {
		const struct option *o = NULL;
		int r;

		for (size_t i = 0; i < NR_OPTIONS && !o; i++)
			if (matches(&options[i], w) &&
			    listed(grammar, options[i].word))
				o = &options[i];
		if (!o)
			return parse_bad(
				p, EINVAL,
				"'%.*s' is no option of it, `cat ctl` lists them",
				SHOWN(w));
		/* hugetlb=SIZE is hugetlb said in another way */
		if (seen & 1ull << (o - options) ||
		    (o->flag & p->line->op.flags & OPX_HUGETLB))
			return parse_bad(p, EINVAL,
					 "'%.*s' stands twice, give it once",
					 SHOWN(w));
		seen |= 1ull << (o - options);
		r = option_take(p, o, w);
		if (r)
			return r;
	}
	return 0;
}

/* What cannot stand together. */
static const struct {
	uint32_t code, one, other;
	const char *why;
} clashes[] = {
	{ OP_MMAP, OPX_FILE, OPX_DEV, "file= and dev= exclude each other" },
	{ OP_MMAP, OPX_REMAP, OPX_PFN, "remap and remap= exclude each other" },
	{ OP_MMAP, OPX_FIXED, OPX_ADDR, "fixed= and hint= exclude each other" },
	{ OP_MMAP, OPX_HUGETLB, OPX_DEV,
	  "hugetlb and dev= exclude each other" },
	{ OP_TOUCH, OPX_LOOPS, OPX_FOR, "loops= and for= exclude each other" },
	{ OP_READ, OPX_LOOPS, OPX_FOR, "loops= and for= exclude each other" },
	{ OP_TOUCH, OPX_VALUE, OPX_SEQ, "value= and seq= exclude each other" },
	{ OP_WORKLOAD, OPX_CPU, OPX_WRITE,
	  "cpu= goes without region and write=" },
};

static int parse_work(struct parse *p)
{
	const struct op *op = &p->line->op;

	if (op->flags & OPX_OFF)
		return op->rate || (op->flags & (OPX_CPU | OPX_WRITE))
			       ? parse_bad(p, EINVAL,
					   "off ends it, without options")
			       : 0;
	if (op->code == OP_WORKLOAD && !op->region[0])
		return op->flags & OPX_CPU && !op->rate
			       ? 0
			       : parse_bad(
					 p, EINVAL,
					 "without region it takes cpu=F%% or off");
	if (op->flags & OPX_CPU)
		return parse_bad(p, EINVAL, "cpu= goes with - as region");
	return op->rate ? 0
			: parse_bad(p, EINVAL,
				    "rate= is missing or 0, rate=N/s or off");
}

int parse_whole(struct parse *p)
{
	struct op *op = &p->line->op;

	for (size_t i = 0; i < sizeof(clashes) / sizeof(clashes[0]); i++)
		if (clashes[i].code == op->code && op->flags & clashes[i].one &&
		    op->flags & clashes[i].other)
			return parse_bad(p, EINVAL, "%s", clashes[i].why);
	if (op->code == OP_WORKLOAD || op->code == OP_LEAK)
		return parse_work(p);
	if (op->code == OP_KILL && op->flags & OPX_VALUE && op->value - 1 > 63)
		return parse_bad(p, EINVAL, "sig= takes 1 to 64");
	if (op->flags & OPX_LOOPS && !op->loops)
		return parse_bad(p, EINVAL, "loops=0 does nothing, at least 1");
	if (op->flags & (OPX_REMAP | OPX_PFN) && !(op->flags & OPX_DEV))
		return parse_bad(p, EINVAL, "remap goes with dev=");
	return 0;
}

void help_options(struct outbuf *out, const char *grammar)
{
	for (size_t i = 0; i < NR_OPTIONS; i++)
		if (listed(grammar, options[i].word))
			out_printf(out, " [%s%s]", options[i].word,
				   options[i].help);
}
