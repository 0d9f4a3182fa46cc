// SPDX-License-Identifier: Apache-2.0
#include "fs/fuse-disk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* A node is a descriptor: as many as may be. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int disk_init(struct daemon *d, struct outbuf *why)
{
	struct disk_fs *k = calloc(1, sizeof(*k));

	d->disk = k;
	if (!k)
		return -ENOMEM;
	k->ends = -1;
	k->last = &k->first;
	raise_limit();
	umask(0); /* modes come from programs, with theirs applied */
	d->world->changed = model_changed;
	d->world->changed_arg = d;
	if (store_init(&k->store, d->world->profile, why))
		return -EINVAL;
	return model_contents(d, why);
}

static void close_clients(struct disk_fs *k)
{
	struct client *c, *next;

	for (c = k->clients; c; c = next) {
		next = c->next;
		if (c->pidfd >= 0)
			close(c->pidfd);
		free(c);
	}
}

void disk_fini(struct daemon *d)
{
	struct disk_fs *k = d->disk;

	if (!k)
		return;
	close_clients(k);
	for (uint32_t id = 1; id < k->nr_nodes; id++)
		if (k->nodes[id].path) {
			close(k->nodes[id].fd);
			free(k->nodes[id].path);
		}
	for (uint32_t i = 0; i < k->nr_contents; i++)
		close(k->contents[i].fd);
	free(k->contents);
	free(k->nodes);
	free(k->hash);
	store_fini(&k->store);
	if (k->ends >= 0)
		close(k->ends);
	free(k);
	d->disk = NULL;
}
