/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_SCRIPT_PARSE_H
#define FS_SCRIPT_PARSE_H

#include "fs/script.h"

/*
 * DOC: shared by the files of the script parser alone.
 *
 * Models:  nothing of the kernel.
 * Owns:    the words of the line being parsed.
 * Units:   bytes.
 * Order:   words are taken from left to right.
 * Omits:   everything outside of one line.
 */
#define SCRIPT_WORDS 64u

struct word {
	const char *s;
	size_t len;
};

struct parse {
	struct script_line *line;
	struct outbuf *why;
	struct word words[SCRIPT_WORDS];
	uint32_t nr, next;
};

/* Tell what was wrong; Return: @error. */
int parse_bad(struct parse *p, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The next word, NULL at the end. */
static inline const struct word *parse_peek(const struct parse *p)
{
	return p->next < p->nr ? &p->words[p->next] : NULL;
}
/* The next word, which must be there: @what names it. 0 or EINVAL. */
int parse_take(struct parse *p, const char *what, const struct word **ret);
/* Are the @len bytes at @s those of @text? */
static inline bool text_is(const char *s, size_t len, const char *text)
{
	size_t i = 0;

	/* Most differ at once. */
	if (len && s[0] != text[0])
		return false;
	while (i < len && text[i] && s[i] == text[i])
		i++;
	return i == len && !text[i];
}
static inline bool word_is(const struct word *w, const char *text)
{
	return text_is(w->s, w->len, text);
}
/* Keep a word. 0 or EINVAL when it is too long for @room. */
int parse_keep(struct parse *p, const struct word *w, char *ret, size_t room);

/* Arguments by the letters of op.def, up to `;`. 0 or errno. */
int parse_letters(struct parse *p, const char *letters);
/* An address: hex digits, 0x or not. 0 or EINVAL. */
int parse_hex(const char *s, size_t len, uint64_t *ret);
/* What stands after the arguments: the options of @grammar. */
int parse_options(struct parse *p, const char *grammar);
/* Check what only makes sense together. */
int parse_whole(struct parse *p);
/* A line that starts with the word of a session's own command. */
int parse_verb(struct parse *p, bool *ret_known);

/* Words with a value each, in script-choices.c; ends with a NULL word. */
struct choice {
	const char *word;
	uint32_t value;
};
int parse_choice(struct parse *p, const struct word *w,
		 const struct choice *choices, const char *what, uint32_t *ret);
extern const struct choice access_choices[], prot_choices[], policy_choices[],
	madvise_choices[], fadvise_choices[], gfp_choices[], inject_choices[];

/* For messages: a word, cut where it is long ("%.*s"). */
#define SHOWN(w) ((w)->len > 40 ? 40 : (int)(w)->len), (w)->s

/* For script_help(): the words of an operation's arguments and of verbs. */
void help_letters(struct outbuf *out, const char *letters);
void help_options(struct outbuf *out, const char *grammar);
void help_verbs(struct outbuf *out);

#endif
