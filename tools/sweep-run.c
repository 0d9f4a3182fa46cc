// SPDX-License-Identifier: Apache-2.0
/* As many runs at a time as there are CPUs, their lines in order. */
#include "tools/faux.h"
#include "tools/sweep.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 256u
#define BAR	 40u

struct job {
	pid_t pid; /* 0: free */
	int fd;
	uint64_t run;
};

/* A run that has ended, until its turn to be printed comes. */
struct result {
	struct outbuf fields;
	bool done, failed;
};

struct pool {
	const struct sweep *sweep;
	struct job *jobs;
	struct pollfd *polls;
	unsigned nr_jobs;
	uint64_t runs, begun, ended, printed, failed;
	struct result *results; /* of every run */
	bool bar; /* standard error is a terminal */
	int status;
};

/* The one that never returns: its line's fields go into the pipe. */
static void child(const struct sweep *s, uint64_t run, int fd)
{
	FILE *out = fdopen(fd, "w");
	int r = out ? sweep_one(s, run, out) : FAUX_MEMORY;

	if (out && fflush(out))
		r = FAUX_FAILED;
	_exit(r);
}

static bool begin(struct pool *p, struct job *j)
{
	int ends[2];

	if (pipe(ends))
		return false;
	j->pid = fork();
	if (!j->pid) {
		close(ends[0]);
		child(p->sweep, p->begun, ends[1]);
	}
	close(ends[1]);
	if (j->pid < 0) {
		close(ends[0]);
		j->pid = 0;
		return false;
	}
	j->fd = ends[0];
	j->run = p->begun++;
	return true;
}

/* Keep every CPU busy. False: the host refuses, and nothing runs. */
static bool fill(struct pool *p)
{
	unsigned busy = 0;

	for (unsigned i = 0; i < p->nr_jobs; i++) {
		struct job *j = &p->jobs[i];

		if (!j->pid && p->begun < p->runs && !begin(p, j)) {
			if (busy || errno == EINTR)
				return true;
			fprintf(stderr, "faux sim: %s\n", strerror(errno));
			return false;
		}
		busy += j->pid != 0;
	}
	return true;
}

static void draw(const struct pool *p)
{
	unsigned full = (unsigned)(p->ended * BAR / p->runs);
	char bar[BAR + 1];

	memset(bar, '.', BAR);
	memset(bar, '#', full);
	bar[BAR] = '\0';
	fprintf(stderr, "\r[%s] %llu of %llu", bar,
		(unsigned long long)p->ended, (unsigned long long)p->runs);
	if (p->failed)
		fprintf(stderr, ", %llu failed", (unsigned long long)p->failed);
	fputs("\033[K", stderr);
}

static void wipe(const struct pool *p)
{
	if (p->bar)
		fputs("\r\033[K", stderr);
}

/* All lines whose turn it is. */
static void print(struct pool *p)
{
	struct outbuf line;
	struct result *r;

	out_init(&line);
	for (; p->printed < p->ended || p->results[p->printed].done;
	     p->printed++) {
		r = &p->results[p->printed];
		if (p->printed == p->runs || !r->done)
			break;
		sweep_line(p->sweep, p->printed, r->fields.text, r->fields.len,
			   &line);
		out_free(&r->fields);
	}
	if (line.len) {
		wipe(p);
		fwrite(line.text, 1, line.len, stdout);
		if (line.error || fflush(stdout))
			p->status = FAUX_FAILED;
	}
	out_free(&line);
}

static void end(struct pool *p, struct job *j)
{
	struct result *r = &p->results[j->run];
	int status = 0;

	close(j->fd);
	while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
		;
	j->pid = 0;
	r->done = true;
	r->failed = status != 0;
	if (r->failed)
		p->status = FAUX_FAILED;
	p->failed += r->failed;
	p->ended++;
}

/* Take what a job has written. */
static void listen_to(struct pool *p, struct job *j)
{
	char buf[4096];
	ssize_t n = read(j->fd, buf, sizeof(buf));

	if (n > 0)
		out_bytes(&p->results[j->run].fields, buf, (size_t)n);
	else if (!n || errno != EINTR)
		end(p, j);
}

static void wait_some(struct pool *p)
{
	for (unsigned i = 0; i < p->nr_jobs; i++)
		p->polls[i] = (struct pollfd){
			.fd = p->jobs[i].pid ? p->jobs[i].fd : -1,
			.events = POLLIN,
		};
	if (poll(p->polls, p->nr_jobs, -1) <= 0)
		return;
	for (unsigned i = 0; i < p->nr_jobs; i++)
		if (p->polls[i].revents)
			listen_to(p, &p->jobs[i]);
}

static bool init(struct pool *p, const struct sweep *s)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	memset(p, 0, sizeof(*p));
	p->sweep = s;
	p->runs = sweep_runs(s);
	p->nr_jobs = s->jobs ? s->jobs : cpus > 0 ? (unsigned)cpus : 1;
	if (p->nr_jobs > JOBS_MAX)
		p->nr_jobs = JOBS_MAX;
	if (p->runs < p->nr_jobs)
		p->nr_jobs = (unsigned)p->runs;
	p->bar = isatty(STDERR_FILENO);
	if (p->runs >= UINT32_MAX) {
		fputs("faux sim: more than 4,294,967,294 runs\n", stderr);
		return false;
	}
	p->jobs = calloc(p->nr_jobs, sizeof(*p->jobs));
	p->polls = calloc(p->nr_jobs, sizeof(*p->polls));
	/* One more: print() looks behind the last. */
	p->results = calloc((size_t)p->runs + 1, sizeof(*p->results));
	if (p->jobs && p->polls && p->results)
		return true;
	fputs("faux sim: no memory\n", stderr);
	return false;
}

static void fini(struct pool *p)
{
	for (uint64_t i = 0; p->results && i < p->runs; i++)
		out_free(&p->results[i].fields);
	free(p->jobs);
	free(p->polls);
	free(p->results);
}

int sweep_run(const struct sweep *s)
{
	struct outbuf head;
	struct pool p;

	if (!init(&p, s)) {
		fini(&p);
		return FAUX_MEMORY;
	}
	out_init(&head);
	sweep_header(s, &head);
	if (head.len)
		fwrite(head.text, 1, head.len, stdout);
	out_free(&head);
	fflush(stdout);
	while (p.ended < p.runs) {
		if (!fill(&p)) {
			p.status = FAUX_MEMORY;
			break;
		}
		if (p.bar)
			draw(&p);
		wait_some(&p);
		print(&p);
	}
	wipe(&p);
	fini(&p);
	return p.status;
}
