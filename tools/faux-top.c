// SPDX-License-Identifier: Apache-2.0
#include "tools/faux-top.h"
#include "tools/faux.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_NCURSES
#include <ncurses.h>

/* The frame's lines, as far as the screen goes. */
static void draw(const struct outbuf *frame)
{
	const char *line = frame->text;
	int rows, columns;

	getmaxyx(stdscr, rows, columns);
	erase();
	for (int y = 0; line && y < rows; y++) {
		size_t len = strcspn(line, "\n");

		mvaddnstr(y, 0, line,
			  len < (size_t)columns ? (int)len : columns);
		line = text_next(line);
	}
	refresh();
}

/* Until q is typed. A frame each interval, at any key, at a new size. */
static int screen(struct reader *r, const struct pace *p)
{
	struct rates rates = { 0 };
	int status, key = 0;
	struct outbuf frame;

	out_init(&frame);
	initscr();
	cbreak();
	noecho();
	curs_set(0);
	timeout((int)(p->interval < 3600 ? p->interval : 3600) * 1000);
	do {
		out_clear(&frame);
		status = top_frame(r, &rates, (unsigned)COLS, &frame);
		if (!status)
			draw(&frame);
		key = status ? 'q' : getch();
	} while (key != 'q');
	endwin();
	out_free(&frame);
	return status;
}
#else
static int screen(struct reader *r, const struct pace *p)
{
	(void)r;
	(void)p;
	fputs("faux top: built without ncurses; faux top -b prints a frame\n",
	      stderr);
	return FAUX_FAILED;
}
#endif

const char faux_top_usage[] =
	"usage: faux [-m MNT] top [-b] [INTERVAL]\n"
	"The machine's memory on one screen, every INTERVAL seconds "
	"[2], until q;\n-b: print one frame.\n";

/* Without a keyboard each look for a key would end at once. */
static bool at_terminal(void)
{
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return true;
	fputs("faux top: this is no terminal; faux top -b prints one frame\n",
	      stderr);
	return false;
}

static int batch(struct reader *r)
{
	struct rates rates = { 0 };
	struct outbuf frame;
	int status;

	out_init(&frame);
	status = top_frame(r, &rates, 80, &frame);
	if (!status && frame.text)
		fputs(frame.text, stdout);
	out_free(&frame);
	return fflush(stdout) ? FAUX_FAILED : status;
}

int faux_top(const char *mnt, int argc, char **argv)
{
	struct reader r = { .mnt = mnt, .command = "faux top" };
	struct pace p = { .interval = 2 };
	bool one = false;
	int c, status;

	while ((c = getopt(argc, argv, "+b")) != -1) {
		if (c != 'b')
			return faux_misused(faux_top_usage);
		one = true;
	}
	if (argc - optind > 1 || !pace_parse(&p, argc, argv, optind))
		return faux_misused(faux_top_usage);
	/* Whatever is wrong is better said before the screen is taken. */
	if (reader_need(&r, "proc/meminfo"))
		status = FAUX_FAILED;
	else if (one)
		status = batch(&r);
	else if (!at_terminal())
		status = FAUX_USAGE;
	else
		status = screen(&r, &p);
	reader_fini(&r);
	return status;
}
