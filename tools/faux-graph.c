// SPDX-License-Identifier: Apache-2.0
/*
 * Where memory went, over time: the lists of pages as layers of a picture.
 * Where the machine's clock stands still it is moved from sample to sample.
 */
#include "tools/faux-read.h"
#include "tools/faux.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SAMPLES 60u
#define WIDTH	800.0
#define HEIGHT	320.0
#define LEFT	80.0
#define TOP	150.0

/* Layers from below; the last line is drawn over them. */
static const struct {
	const char *name, *colour, *what;
} rows[] = {
	{ NULL, "#777777", "the kernel: slab, tables, stacks and others" },
	{ "Unevictable", "#8c564b", "unevictable" },
	{ "Active(anon)", "#1f77b4", "anonymous and shared, active" },
	{ "Inactive(anon)", "#9ecae1", "anonymous and shared, inactive" },
	{ "Active(file)", "#2ca02c", "files, active" },
	{ "Inactive(file)", "#a1d99b", "files, inactive" },
	{ "MemFree", "#e6ece6", "free" },
};
#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

struct sample {
	double seconds; /* of the machine */
	double kb[NR_ROWS];
	double total, swapped, dirty;
};

struct graph {
	struct reader r;
	FILE *out;
	struct sample *samples;
	unsigned nr;
	double most; /* kB at the top */
};

const char faux_graph_usage[] =
	"usage: faux [-m MNT] graph [-o FILE] [INTERVAL [COUNT]]\n"
	"The lists of pages over time as an SVG picture: COUNT samples "
	"[60], one every\nINTERVAL seconds [1]. A clock that stands "
	"still is moved from one to the next.\n";

/* --- samples ----------------------------------------------------------------
 */
static int take(struct graph *g, bool *ret_stands)
{
	struct sample *s = &g->samples[g->nr];
	const char *speed;

	if (reader_need(&g->r, "model/clock"))
		return FAUX_FAILED;
	s->seconds = strtod(g->r.text, NULL);
	speed = strstr(g->r.text, "speed=");
	*ret_stands = speed && strtod(speed + 6, NULL) <= 0;
	if (reader_need(&g->r, "proc/meminfo"))
		return FAUX_FAILED;
	s->total = (double)text_number(g->r.text, "MemTotal");
	s->swapped = (double)(text_number(g->r.text, "SwapTotal") -
			      text_number(g->r.text, "SwapFree"));
	s->dirty = (double)text_number(g->r.text, "Dirty");
	s->kb[0] = s->total;
	for (size_t i = 1; i < NR_ROWS; i++) {
		s->kb[i] = (double)text_number(g->r.text, rows[i].name);
		s->kb[0] -= s->kb[i];
	}
	if (s->kb[0] < 0)
		s->kb[0] = 0;
	if (s->total > g->most)
		g->most = s->total;
	if (s->swapped > g->most)
		g->most = s->swapped;
	g->nr++;
	return FAUX_OK;
}

static int let_pass(const struct graph *g, unsigned seconds)
{
	char path[PATH_MAX], line[40];
	int fd, n;

	snprintf(path, sizeof(path), "%s/ctl", g->r.mnt);
	n = snprintf(line, sizeof(line), "advance %us\n", seconds);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, line, (size_t)n) != n) {
		fprintf(stderr, "%s: the clock cannot be moved\n",
			g->r.command);
		if (fd >= 0)
			close(fd);
		return FAUX_FAILED;
	}
	close(fd);
	return FAUX_OK;
}

static int watch(struct graph *g, const struct pace *p)
{
	bool stands;
	int status = take(g, &stands);

	while (!status && g->nr < p->count) {
		if (stands)
			status = let_pass(g, p->interval);
		else
			sleep(p->interval);
		if (!status)
			status = take(g, &stands);
	}
	return status;
}

/* --- the picture ------------------------------------------------------------
 */
static double x_of(const struct graph *g, unsigned i)
{
	double from = g->samples[0].seconds;
	double all = g->samples[g->nr - 1].seconds - from;

	return LEFT +
	       (all > 0 ? WIDTH * (g->samples[i].seconds - from) / all : 0);
}

static double y_of(const struct graph *g, double kb)
{
	return TOP + HEIGHT - (g->most > 0 ? HEIGHT * kb / g->most : 0);
}

static double below(const struct sample *s, size_t row)
{
	double kb = 0;

	for (size_t i = 0; i < row; i++)
		kb += s->kb[i];
	return kb;
}

static void put_layer(const struct graph *g, size_t row)
{
	fputs("<polygon points=\"", g->out);
	for (unsigned i = 0; i < g->nr; i++)
		fprintf(g->out, "%.1f,%.1f ", x_of(g, i),
			y_of(g, below(&g->samples[i], row + 1)));
	for (unsigned i = g->nr; i--;)
		fprintf(g->out, "%.1f,%.1f ", x_of(g, i),
			y_of(g, below(&g->samples[i], row)));
	fprintf(g->out, "\" fill=\"%s\"/>\n", rows[row].colour);
}

static void put_line(const struct graph *g, size_t offset, const char *colour)
{
	fputs("<polyline points=\"", g->out);
	for (unsigned i = 0; i < g->nr; i++) {
		double kb;

		memcpy(&kb, (const char *)&g->samples[i] + offset, sizeof(kb));
		fprintf(g->out, "%.1f,%.1f ", x_of(g, i), y_of(g, kb));
	}
	fprintf(g->out, "\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n",
		colour);
}

static void put_mark(const struct graph *g, double x, double y,
		     const char *anchor, double value, const char *unit)
{
	fprintf(g->out,
		"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%.4g %s"
		"</text>\n",
		x, y, anchor, value, unit);
}

static void put_axes(const struct graph *g)
{
	double from = g->samples[0].seconds;
	double all = g->samples[g->nr - 1].seconds - from;

	for (unsigned i = 0; i <= 4; i++) {
		double y = y_of(g, g->most * i / 4);

		fprintf(g->out,
			"<path d=\"M%.1f %.1fh%.1f\" stroke=\"#000\" "
			"stroke-opacity=\"0.15\"/>\n",
			LEFT, y, WIDTH);
		put_mark(g, LEFT - 8, y + 4, "end", g->most * i / 4 / 1024,
			 "MiB");
		put_mark(g, LEFT + WIDTH * i / 4, TOP + HEIGHT + 20, "middle",
			 from + all * i / 4, "s");
	}
}

static void put_name(const struct graph *g, unsigned i, const char *colour,
		     const char *what)
{
	double x = LEFT + i % 2 * 400, y = 46 + i / 2 * 18;

	fprintf(g->out,
		"<rect x=\"%.0f\" y=\"%.0f\" width=\"12\" height=\"12\" "
		"fill=\"%s\"/>\n<text x=\"%.0f\" y=\"%.0f\">%s</text>\n",
		x, y, colour, x + 20, y + 10, what);
}

static void put_picture(const struct graph *g)
{
	unsigned n = 0;

	fprintf(g->out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
		"height=\"%.0f\" font-family=\"system-ui, sans-serif\" "
		"font-size=\"12\" fill=\"#222\">\n<rect width=\"100%%\" "
		"height=\"100%%\" fill=\"#fff\"/>\n<text x=\"%.0f\" y=\"26\" "
		"font-size=\"17\" font-weight=\"bold\">Memory over time"
		"</text>\n",
		LEFT + WIDTH + 60, TOP + HEIGHT + 40, LEFT);
	for (size_t i = NR_ROWS; i--;)
		put_name(g, n++, rows[i].colour, rows[i].what);
	put_name(g, n++, "#d62728", "in swap (line)");
	put_name(g, n, "#ff7f0e", "dirty (line)");
	for (size_t i = 0; i < NR_ROWS; i++)
		put_layer(g, i);
	put_axes(g);
	put_line(g, offsetof(struct sample, swapped), "#d62728");
	put_line(g, offsetof(struct sample, dirty), "#ff7f0e");
	fputs("</svg>\n", g->out);
}

static int draw(struct graph *g, const char *file)
{
	g->out = file ? fopen(file, "we") : stdout;
	if (!g->out) {
		perror(file);
		return FAUX_FAILED;
	}
	put_picture(g);
	if (fflush(g->out) || ferror(g->out) || (file && fclose(g->out)))
		return FAUX_FAILED;
	return FAUX_OK;
}

int faux_graph(const char *mnt, int argc, char **argv)
{
	struct graph g = { .r = { .mnt = mnt, .command = "faux graph" } };
	struct pace p = { .interval = 1 };
	const char *file = NULL;
	int c, status;

	while ((c = getopt(argc, argv, "+o:")) != -1) {
		if (c != 'o')
			return faux_misused(faux_graph_usage);
		file = optarg;
	}
	if (!pace_parse(&p, argc, argv, optind))
		return faux_misused(faux_graph_usage);
	if (!p.count)
		p.count = SAMPLES;
	g.samples = calloc(p.count, sizeof(*g.samples));
	if (!g.samples)
		return FAUX_MEMORY;
	status = watch(&g, &p);
	if (!status)
		status = draw(&g, file);
	free(g.samples);
	reader_fini(&g.r);
	return status;
}
