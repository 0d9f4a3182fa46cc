// SPDX-License-Identifier: Apache-2.0
/* A profile: read to its end or refused, and what is printed is read again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fs/profile.h"
#include "tests/fuzz/target.h"

const char *const fuzz_words[] = {
	"[machine]",
	"[disk vda]",
	"[zone 0 DMA32]",
	"[process p]",
	"[cgroup web]",
	"[sysctl]",
	"[set]",
	"[node 1]",
	"[swap /s]",
	"[file /f]",
	"[cost]",
	"[boot]",
	"memory = 1G",
	"cpus = 2",
	"nodes = 2",
	"size = 4K",
	"latency = 1ms",
	"=",
	";",
	"#",
	"workload = heap seq rate=1/s",
	"memory.max = 1",
	"vm.x = 1",
	"/proc/x = 1",
	"distance = 10,20",
	NULL,
};

static void again(const struct profile *p)
{
	struct outbuf first, second, why;
	struct profile q;

	out_init(&first);
	out_init(&second);
	out_init(&why);
	profile_print(p, &first);
	profile_init(&q);
	if (profile_parse(&q, "again", first.text, first.len, &why) ||
	    profile_finish(&q, &why))
		abort();
	profile_print(&q, &second);
	if (first.len != second.len ||
	    memcmp(first.text, second.text, first.len) != 0)
		abort();
	profile_fini(&q);
	out_free(&first);
	out_free(&second);
	out_free(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine_config config;
	struct outbuf why;
	struct profile p;
	int r;

	out_init(&why);
	profile_init(&p);
	r = profile_parse(&p, "fuzz", (const char *)data, size, &why);
	if (!r)
		r = profile_finish(&p, &why);
	if (r && (r != -EINVAL || !why.len))
		abort();
	if (!r) {
		again(&p);
		if (profile_config(&p, &config))
			abort();
		profile_config_free(&config);
	}
	profile_fini(&p);
	out_free(&why);
	return 0;
}
