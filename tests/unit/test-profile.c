// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fs/profile-table.h"

#define GIB (1ull << 30)

struct fixture {
	struct profile p;
	struct outbuf why;
};

static int setup(void **state)
{
	static struct fixture f;

	out_init(&f.why);
	assert_int_equal(profile_init(&f.p), 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	profile_fini(&f->p);
	out_free(&f->why);
	return 0;
}

static int parse(struct fixture *f, const char *text)
{
	int r = profile_parse(&f->p, "t.ini", text, strlen(text), &f->why);

	return r ? r : profile_finish(&f->p, &f->why);
}

/* @text is refused with a message that begins with @where and says @what. */
static void refused(const char *text, const char *where, const char *what)
{
	struct fixture f;

	out_init(&f.why);
	profile_init(&f.p);
	assert_int_equal(parse(&f, text), -EINVAL);
	if (!f.why.text || strncmp(f.why.text, where, strlen(where)) ||
	    !strstr(f.why.text, what) || !strstr(f.why.text, "expected"))
		fail_msg("'%s' says: %s", text, f.why.text);
	profile_fini(&f.p);
	out_free(&f.why);
}

static void test_defaults(void **state)
{
	struct fixture *f = *state;
	struct machine_config c;

	assert_int_equal(parse(f, ""), 0);
	assert_int_equal(profile_config(&f->p, &c), 0);
	assert_true(c.phys.memory_bytes == 8 * GIB);
	assert_int_equal(c.phys.nr_cpus, 4);
	assert_int_equal(c.phys.nr_nodes, 1);
	assert_true(c.spawn_full);
	assert_true(c.pcid);
	assert_false(c.la57);
	assert_int_equal(c.thp, THP_ALWAYS);
	assert_int_equal(c.pid_max, 32768);
	assert_int_equal(c.first_pid, 300);
	assert_int_equal(c.btime, 1767225600);
	assert_int_equal(c.prices[COST_MINOR_FAULT], 500);
	assert_int_equal(c.prices[COST_MAJOR_FAULT], 2000);
	assert_int_equal(c.prices[COST_SWITCH], 1000);
	assert_false(c.boot_given);
	assert_int_equal(c.nr_disks, 1);
	assert_string_equal(c.disks[0].mount, "/");
	assert_int_equal(f->p.machine.speed_ppm, 0);
	profile_config_free(&c);
}

/* THP is never used below 512 MiB, unless the profile says so. */
static void test_thp(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, "[machine]\nmemory = 511M\n"), 0);
	assert_int_equal(f->p.machine.thp, THP_NEVER);
	profile_fini(&f->p);
	profile_init(&f->p);
	assert_int_equal(parse(f, "[machine]\nmemory=256M\nthp = always"), 0);
	assert_int_equal(f->p.machine.thp, THP_ALWAYS);
}

static void test_what_clients_write(void **state)
{
	static const char text[] =
		"[machine]\nmemory = 512M\ncpus = 2\nspeed = 0\nseed = 1\n"
		"spawn = bare\nthp = always\nnodes = 2\n"
		"[zone 0 DMA32]\nstart_pfn = 4096\nspanned = 61440\n"
		"present = 61440\nmanaged = 55000\nearly = 50000\n"
		"[zone 1 Normal]\nstart_pfn = 1048576\nspanned = 65536\n"
		"present = 65536\nmanaged = 64000\n"
		"[boot]\nslab_reclaimable = 1200K\nslab_unreclaimable = 3K\n"
		"other = 12K\n"
		"[disk vda]\nsize = 4G\nlatency = 100us\nbandwidth = 40000000\n"
		"rotational = yes\nfilesystem = /\n"
		"[disk vdb]\nsize = 1G\nlatency = 0\n";
	struct fixture *f = *state;
	struct machine_config c;

	assert_int_equal(parse(f, text), 0);
	assert_int_equal(profile_config(&f->p, &c), 0);
	assert_false(c.spawn_full);
	assert_int_equal(c.phys.cpu_node[0], 0);
	assert_int_equal(c.phys.cpu_node[1], 1);
	assert_true(c.phys.zones[ZONE_DMA32].given);
	assert_int_equal(c.phys.zones[ZONE_DMA32].early, 50000);
	assert_int_equal(c.phys.zones[MAX_ZONES_PER_NODE + ZONE_NORMAL].early,
			 64000);
	assert_int_equal(c.boot_reclaimable, 1200 << 10);
	assert_true(c.boot_given);
	assert_int_equal(c.nr_disks, 2);
	assert_int_equal(c.disks[0].bandwidth, 40000000);
	assert_int_equal(c.disks[1].latency_ns, 0);
	assert_int_equal(c.disks[1].minor, 16);
	assert_string_equal(c.disks[1].mount, "");
	profile_config_free(&c);
}

static const char everything[] =
	"; a comment\n# another\n[machine]\r\nmemory = 16G\ncpus=8\n"
	"nodes = 2\nspeed = 0.5\nla57 = yes\nreserved = 100M\n"
	"max_host_memory = 1G\nhostname = big\n"
	"[node 0]\nmemory = 10G\ncpus = 0-2,6\ndistance = 10,21\n"
	"[node 1]\ncpus = 3-5,7\ndistance = 21,10\n"
	"[cost]\nminor_fault = 1us\n"
	"[disk sda]\nreadahead = 64K\nfilesystem = /\n"
	"backing = /tmp/image\n"
	"[disk sdb]\n"
	"[swap /dev/sdb]\nprio = 5\n"
	"[swap /swapfile]\nsize = 1G\n"
	"[file /var/log/messages]\nsize = 30M\n"
	"[cgroup web]\nmemory.max = 1G\nmemory.high = 900M\n"
	"[cgroup web/db]\n"
	"[sysctl]\nvm.swappiness = 10\n"
	"vm.lowmem_reserve_ratio = 256 256 32\n"
	"[set]\n/sys/kernel/mm/ksm/run = 1\n"
	"/sys/kernel/mm/transparent_hugepage/khugepaged/max_ptes_none=0\n"
	"[process nginx]\ncount = 3\nuid = 33\ncgroup = web\n"
	"cmdline = nginx: worker process\n"
	"libs = /usr/lib/libc.so.6,/usr/lib/libz.so.1\n"
	"workload = heap zipf:1.1 rate=1000/s write=20%\n"
	"workload = - cpu=5%\n"
	"[process db]\nparent = nginx\noom_score_adj = -500\ncpu = 7\n"
	"heap = 1G\nstack = 8M\n";

static void test_everything(void **state)
{
	struct fixture *f = *state;
	struct machine_config c;

	assert_int_equal(parse(f, everything), 0);
	assert_int_equal(f->p.machine.speed_ppm, 500000);
	assert_int_equal(profile_config(&f->p, &c), 0);
	assert_int_equal(c.phys.cpu_node[6], 0);
	assert_int_equal(c.phys.cpu_node[7], 1);
	assert_int_equal(c.phys.distance[1][0], 21);
	assert_true(c.phys.node_bytes[0] == 10 * GIB);
	assert_int_equal(c.phys.node_bytes[1], 0);
	assert_int_equal(c.disks[0].readahead_pages, 16);
	assert_int_equal(c.disks[1].major, 8);
	assert_int_equal(c.nr_groups, 2);
	assert_string_equal(c.groups[1], "web/db");
	assert_int_equal(f->p.group_set.nr, 2);
	assert_string_equal(profile_pairs(&f->p.group_set)[1].head.id, "web");
	assert_string_equal(profile_pairs(&f->p.group_set)[1].value, "900M");
	assert_string_equal(profile_pairs(&f->p.sysctl)[1].value, "256 256 32");
	assert_int_equal(profile_pairs(&f->p.set)[1].head.line, 41);
	assert_int_equal(c.nr_processes, 2);
	assert_string_equal(c.processes[0].cmdline, "nginx: worker process");
	assert_int_equal(c.processes[0].nr_workloads, 2);
	assert_string_equal(c.processes[0].workload[0].pattern, "zipf:1.1");
	assert_int_equal(c.processes[0].workload[0].write_percent, 20);
	assert_int_equal(c.processes[0].workload[1].cpu_percent, 5);
	assert_int_equal(c.processes[0].cpu, UINT32_MAX);
	assert_int_equal(c.processes[0].parent, 1);
	assert_int_equal(c.processes[1].parent, 300);
	assert_int_equal(c.processes[1].cpu, 7);
	assert_string_equal(c.processes[1].cmdline, "db");
	profile_config_free(&c);
}

/* What profile_print() writes is the same profile. */
static void round_trip(struct fixture *f)
{
	struct outbuf first, second;
	struct profile again;

	out_init(&first);
	out_init(&second);
	profile_print(&f->p, &first);
	profile_init(&again);
	assert_int_equal(
		profile_parse(&again, "again", first.text, first.len, &f->why),
		0);
	assert_int_equal(profile_finish(&again, &f->why), 0);
	profile_print(&again, &second);
	assert_string_equal(first.text, second.text);
	profile_fini(&again);
	out_free(&first);
	out_free(&second);
}

static void test_round_trip(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(parse(f, everything), 0);
	round_trip(f);
	profile_fini(&f->p);
	profile_init(&f->p);
	assert_int_equal(parse(f, ""), 0);
	round_trip(f);
}

static void test_print(void **state)
{
	struct fixture *f = *state;
	struct outbuf out;

	out_init(&out);
	assert_int_equal(parse(f, everything), 0);
	profile_print(&f->p, &out);
	assert_non_null(strstr(out.text, "\nthp = always\n"));
	assert_non_null(strstr(out.text, "\nspeed = 0.5\n"));
	assert_non_null(strstr(out.text, "\nminor_fault = 1us\n"));
	assert_non_null(strstr(out.text, "[disk sdb]\nsize = 64G\n"));
	assert_non_null(strstr(out.text, "\nlatency = 100us\n"));
	assert_non_null(strstr(out.text, "[cgroup web/db]\n"));
	assert_non_null(strstr(out.text, "\nworkload = - cpu=5%\n"));
	out_free(&out);
}

static void test_refused(void **state)
{
	(void)state;
	refused("[machin]\n", "t.ini:1: ", "[process NAME]");
	refused("\n[machine]\nmemry = 1G\n", "t.ini:3: ", "max_host_memory");
	refused("[machine]\nmemory = 1X\n", "t.ini:2: ", "K, M, G");
	refused("[machine]\nmemory = 1M\n", "t.ini:2: ", "from 16M");
	refused("[machine]\ncpus = 65\n", "t.ini:2: ", "from 1 to 64");
	refused("[machine]\nspawn = half\n", "t.ini:2: ", "full bare");
	refused("[machine]\nla57 = 1\n", "t.ini:2: ", "yes or no");
	refused("[machine]\nkernel = 5.11\n", "t.ini: ", "6.18");
	refused("[machine]\ncpus = 2\ncpus = 3\n", "t.ini:3: ", "twice");
	refused("[disk]\n", "t.ini:1: ", "[disk D]");
	refused("[machine x]\n", "t.ini:1: ", "[machine]");
	refused("[disk a b]\n", "t.ini:1: ", "vda");
	refused("[zone 0 High]\n", "t.ini:1: ", "DMA32");
	refused("[zone 0 DMA]\nstart_pfn = 1\n", "t.ini:1: ", "expected");
	refused("[node 1]\n", "t.ini:1: ", "nodes =");
	refused("[swap swapfile]\n", "t.ini:1: ", "path");
	refused("[cgroup /web]\n", "t.ini:1: ", "web");
	refused("[cgroup web]\ncpu.max = 3\n", "t.ini:2: ", "memory.*");
	refused("[set]\nvm.x = 3\n", "t.ini:2: ", "root on");
	refused("[sysctl]\n/vm.x = 3\n", "t.ini:2: ", "vm.swappiness");
	refused("[process db]\nworkload = heap seq\n", "t.ini:2: ", "rate=N/s");
	refused("[process db]\ncgroup = web\n", "t.ini:1: ", "[cgroup PATH]");
	refused("[process db]\nparent = web\n", "t.ini:1: ", "above");
	refused("[process 1db]\n", "t.ini:1: ", "a letter");
	refused("[file /f]\n", "t.ini:1: ", "size");
	refused("memory = 1G\n", "t.ini:1: ", "[machine]");
}

/* What libinih would take for something else without a word. */
static void test_misread(void **state)
{
	char text[512];

	(void)state;
	refused("[machine]\nmemory : 1G\n", "t.ini:2: ", "no =");
	refused("[machine]\nmem:ory = 1G\n", "t.ini:2: ", ": in a name");
	refused("[machine]\nmemory = 1G ; much\n", "t.ini:2: ", "own line");
	refused("[machine]\nhostname =;much\n", "t.ini:2: ", "own line");
	refused("[machine]\nhostname = a\n  b\n", "t.ini:3: ", "indented");
	refused("[machine]\n memory = 1G\n", "t.ini:2: ", "indented");
	refused("[machine] x\n", "t.ini:1: ", "behind ]");
	refused("[machine\n", "t.ini:1: ", "without ]");
	refused("[machine]\nmemory\n", "t.ini:2: ", "no =");
	snprintf(text, sizeof(text), "[machine]\nhostname = %0*d\n", 190, 0);
	refused(text, "t.ini:2: ", "199 bytes");
	snprintf(text, sizeof(text), "[file /%0*d]\nsize = 1\n", 44, 0);
	refused(text, "t.ini:1: ", "49 bytes");
}

/* 199 bytes are the most a line may have; the numbers stay right. */
static void test_longest_line(void **state)
{
	struct fixture *f = *state;
	char text[512];

	snprintf(text, sizeof(text), "[sysctl]\nvm.x = %0*d\nvm.y = 2\n", 192,
		 7);
	assert_int_equal(parse(f, text), 0);
	assert_int_equal(strlen(profile_pairs(&f->p.sysctl)[0].value), 192);
	assert_int_equal(profile_pairs(&f->p.sysctl)[1].head.line, 3);
}

static int set(struct fixture *f, const char *text)
{
	return profile_set(&f->p, text, &f->why);
}

static void test_set(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(profile_parse(&f->p, "t.ini", everything,
				       strlen(everything), &f->why),
			 0);
	assert_int_equal(set(f, "machine.memory=32G"), 0);
	assert_int_equal(set(f, "disk sda.size=1G"), 0);
	assert_int_equal(set(f, "disk sdc.size=2G"), 0);
	assert_int_equal(set(f, "sysctl.vm.swappiness=60"), 0);
	assert_int_equal(set(f, "set./sys/kernel/mm/ksm/run=0"), 0);
	assert_int_equal(set(f, "cgroup web.memory.max=2G"), 0);
	assert_int_equal(set(f, "process a.b.heap=1M"), 0);
	assert_true(f->p.machine.memory_bytes == 32 * GIB);
	assert_int_equal(f->p.disk.nr, 3);
	assert_int_equal(f->p.process.nr, 3);
	assert_string_equal(profile_pairs(&f->p.sysctl)[0].value, "60");
	assert_string_equal(profile_pairs(&f->p.group_set)[0].value, "2G");
	assert_int_equal(set(f, "machine.memory"), -EINVAL);
	assert_int_equal(set(f, "memory=3G"), -EINVAL);
	assert_int_equal(set(f, "machine.memry=3G"), -EINVAL);
	assert_int_equal(set(f, "machine.memory=3X"), -EINVAL);
	assert_int_equal(set(f, "machine.hostname=a ;b"), -EINVAL);
	assert_int_equal(profile_finish(&f->p, &f->why), 0);
	round_trip(f);
}

/* Every row can be printed, its default is inside its range and has a doc. */
static void test_table(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < nr_profile_sections; i++) {
		const struct profile_section *row = &profile_sections[i];

		assert_non_null(row->doc);
		for (uint32_t j = 0; j < row->nr_keys; j++) {
			const struct profile_key *k = &row->keys[j];
			union {
				uint64_t align;
				char bytes[8192];
			} record;

			assert_non_null(k->doc);
			assert_true(row->record <= sizeof(record));
			assert_true(k->off < row->record);
			memset(&record, 0, sizeof(record));
			if (k->def && profile_value(k, &record, k->def))
				fail_msg("%s: default %s", k->name, k->def);
			out_clear(&f->why);
			profile_expected(k, &f->why);
			assert_true(f->why.len > 5);
			for (uint32_t n = 0; n < j; n++)
				assert_string_not_equal(k->name,
							row->keys[n].name);
		}
	}
}

static void test_no_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(profile_load(&f->p, "/nowhere/x.ini", &f->why),
			 -ENOENT);
	assert_non_null(strstr(f->why.text, "/nowhere/x.ini: "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),
		TEST(test_thp),
		TEST(test_what_clients_write),
		TEST(test_everything),
		TEST(test_round_trip),
		TEST(test_print),
		TEST(test_refused),
		TEST(test_misread),
		TEST(test_longest_line),
		TEST(test_set),
		TEST(test_table),
		TEST(test_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
