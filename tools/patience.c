// SPDX-License-Identifier: Apache-2.0
#include "tools/patience.h"

#include "tools/faux-read.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ERASE "\r\033[K"
#define MILLI 4 /* letters of .000 */

static void show(const struct patience *p)
{
	struct reader r = { .mnt = p->mnt, .command = p->command };

	if (!reader_get(&r, "model/clock"))
		fprintf(stderr,
			ERASE "%s: at work, the machine's clock is at %.*s s "
			      "(^C gives up)",
			p->command, (int)strcspn(r.text, ".") + MILLI, r.text);
	fflush(stderr);
	reader_fini(&r);
}

static void *watch(void *arg)
{
	struct patience *p = arg;
	struct timespec at;
	bool shown = false;

	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_sec += 2;
	pthread_mutex_lock(&p->lock);
	while (!p->done) {
		if (!pthread_cond_timedwait(&p->over, &p->lock, &at) || p->done)
			continue;
		pthread_mutex_unlock(&p->lock);
		show(p);
		shown = true;
		at.tv_sec++;
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	if (shown)
		fputs(ERASE, stderr);
	return NULL;
}

void patience_begin(struct patience *p, const char *mnt, const char *command)
{
	*p = (struct patience){ .mnt = mnt, .command = command };
	if (!isatty(STDERR_FILENO))
		return;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->over, NULL);
	p->runs = !pthread_create(&p->thread, NULL, watch, p);
}

void patience_end(struct patience *p)
{
	if (!p->runs)
		return;
	pthread_mutex_lock(&p->lock);
	p->done = true;
	pthread_cond_signal(&p->over);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	p->runs = false;
}
