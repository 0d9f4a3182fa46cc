// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fs/script.h"

static struct script_line line;

static int parse(const char *text)
{
	struct outbuf why;
	int r;

	out_init(&why);
	r = script_parse(text, strlen(text), &line, &why);
	/* A failure says why, a success says nothing. */
	assert_int_equal(r != 0, why.len != 0);
	out_free(&why);
	return r;
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "0", 0 },	      { "17", 17 },
		{ "4K", 4096 },	      { "3M", 3 << 20 },
		{ "2G", 2ull << 30 }, { "1T", 1ull << 40 },
		{ "5p", 20480 },      { "16777215T", 16777215ull << 40 },
	};
	static const char *const bad[] = {
		"",
		"K",
		"4k",
		"4KB",
		"-1",
		"+1",
		"1.5M",
		"0x10",
		"4 K",
		"K4",
		"99999999999999999999",
		"16777216T",
	};
	uint64_t n = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(
			script_size(good[i].text, strlen(good[i].text), &n), 0);
		assert_int_equal(n, good[i].bytes);
	}
	n = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(script_size(bad[i], strlen(bad[i]), &n),
				 EINVAL);
	assert_int_equal(n, 77);
}

static void test_times(void **state)
{
	uint64_t n = 0;

	(void)state;
	assert_int_equal(script_time("250ns", 5, &n), 0);
	assert_int_equal(n, 250);
	assert_int_equal(script_time("1.5s", 4, &n), 0);
	assert_int_equal(n, 1500000000);
	assert_int_equal(script_time("0.25us", 6, &n), 0);
	assert_int_equal(n, 250);
	assert_int_equal(script_time("30ms", 4, &n), 0);
	assert_int_equal(n, 30000000);
	assert_int_equal(script_time("0.0000000019s", 13, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(script_time("5", 1, &n), EINVAL);
	assert_int_equal(script_time("s", 1, &n), EINVAL);
	assert_int_equal(script_time("1.s", 3, &n), EINVAL);
	assert_int_equal(script_time(".5s", 3, &n), EINVAL);
	assert_int_equal(script_time("1m", 2, &n), EINVAL);
	assert_int_equal(script_time("99999999999999s", 15, &n), EINVAL);
	assert_int_equal(script_millionths("2.5", 3, &n), 0);
	assert_int_equal(n, 2500000);
}

static void test_bytes_of_a_line(void **state)
{
	static char text[SCRIPT_LINE_MAX + 2];
	struct outbuf why;

	(void)state;
	out_init(&why);
	assert_int_equal(script_parse("sync\0", 5, &line, &why), EINVAL);
	assert_int_equal(script_parse("sync \x7f", 6, &line, &why), EINVAL);
	assert_int_equal(script_parse("sync \xc3\xa9", 7, &line, &why), EINVAL);
	memset(text, ' ', sizeof(text));
	memcpy(text, "sync", 4);
	assert_int_equal(script_parse(text, SCRIPT_LINE_MAX, &line, &why), 0);
	assert_int_equal(script_parse(text, SCRIPT_LINE_MAX + 1, &line, &why),
			 EINVAL);
	out_free(&why);
	assert_int_equal(parse(""), 0);
	assert_int_equal(line.verb, VERB_NONE);
	assert_int_equal(parse(" \t # spawn db"), 0);
	assert_int_equal(line.verb, VERB_NONE);
	assert_int_equal(parse("\tspawn   db# the database\r"), 0);
	assert_int_equal(line.op.code, OP_SPAWN);
	assert_string_equal(line.op.name, "db");
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(parse("spawn a-b_c.d9"), 0);
	assert_int_equal(parse("spawn fifteen-letters"), 0);
	assert_int_equal(parse("spawn sixteen-letters-"), EINVAL);
	assert_int_equal(parse("spawn 300"), EINVAL);
	assert_int_equal(parse("spawn -x"), EINVAL);
	assert_int_equal(parse("spawn a/b"), EINVAL);
	assert_int_equal(parse("exit 300"), 0);
	assert_string_equal(line.who, "300");
	assert_int_equal(parse("exit 3x"), EINVAL);
	assert_int_equal(parse("munmap A thirty-one-letters-and-not-more"), 0);
	assert_int_equal(parse("munmap A thirty-two-letters-are-too-many-"),
			 EINVAL);
	assert_int_equal(parse("spawn"), EINVAL);
	assert_int_equal(parse("spawn a b"), EINVAL);
	assert_int_equal(parse("fly A"), EINVAL);
	assert_string_equal(line.word, "");
}

static void test_mmap(void **state)
{
	(void)state;
	assert_int_equal(parse("mmap db heap2 512M"), 0);
	assert_int_equal(line.op.code, OP_MMAP);
	assert_string_equal(line.who, "db");
	assert_string_equal(line.op.region, "heap2");
	assert_int_equal(line.op.size, 512 << 20);
	assert_int_equal(line.op.prot, VM_READ | VM_WRITE);
	assert_int_equal(line.op.flags, 0);
	assert_true(line.op_flags & OPF_PROCESS);
	assert_int_equal(parse("mmap A R 64K off=4K shared file=data/f "
			       "fixed=Q+2p prot=none populate"),
			 0);
	assert_int_equal(line.op.flags,
			 OPX_SHARED | OPX_FILE | OPX_FIXED | OPX_POPULATE);
	assert_string_equal(line.op.text, "/data/f");
	assert_string_equal(line.op.region2, "Q");
	assert_int_equal(line.op.off, 8192);
	assert_int_equal(line.op.value, 4096);
	assert_int_equal(line.op.prot, 0);
	assert_int_equal(parse("mmap A R 64K shared shared"), EINVAL);
	assert_int_equal(parse("mmap A R 64K prot=r prot=r"), EINVAL);
	assert_int_equal(parse("mmap A R 64K prot=x"), EINVAL);
	assert_int_equal(parse("mmap A R 64K shred"), EINVAL);
	assert_int_equal(parse("mmap A R 64K sharedx"), EINVAL);
	assert_int_equal(parse("mmap A R 64K prio=3"), EINVAL);
	assert_int_equal(parse("mmap A R 64K fixed=Q"), EINVAL);
	assert_int_equal(parse("mmap A R 64K file="), EINVAL);
	assert_int_equal(parse("mmap A R 64K file=a dev=mapdrv"), EINVAL);
	assert_int_equal(parse("mmap A R 64K dev=mapdrv remap"), 0);
	assert_int_equal(line.op.flags, OPX_DEV | OPX_REMAP);
	assert_int_equal(parse("mmap A R 64K dev=mapdrv remap=pfn shared"), 0);
	assert_int_equal(line.op.flags, OPX_DEV | OPX_PFN | OPX_SHARED);
	assert_int_equal(parse("mmap A R 64K dev=other"), EINVAL);
	assert_int_equal(parse("mmap A R 64K remap"), EINVAL);
	assert_int_equal(parse("mmap A R 64K remap=pfn"), EINVAL);
	assert_int_equal(parse("mmap A R 64K dev=mapdrv remap=x"), EINVAL);
	assert_int_equal(parse("mmap A R 64K dev=mapdrv remap remap=pfn"),
			 EINVAL);
	assert_int_equal(parse("mmap A R 64K dev=mapdrv hugetlb"), EINVAL);
	assert_int_equal(parse("mmap A R 64K hugetlb"), 0);
	assert_int_equal(line.op.flags, OPX_HUGETLB);
	assert_int_equal(line.op.len, 0);
	assert_int_equal(parse("mmap A R 64K hugetlb=1G"), 0);
	assert_int_equal(line.op.flags, OPX_HUGETLB);
	assert_int_equal(line.op.len, 1 << 30);
	assert_int_equal(parse("mmap A R 64K hugetlb=1G hugetlb"), EINVAL);
	assert_int_equal(parse("mmap A R 64K hugetlb hugetlb=2M"), EINVAL);
	assert_int_equal(parse("mmap A R 64K hugetlb=0"), EINVAL);
	assert_int_equal(parse("mmap A R 64K hugetlb="), EINVAL);
	assert_int_equal(parse("mmap A R -64K"), EINVAL);
}

static void test_ranges(void **state)
{
	(void)state;
	assert_int_equal(parse("munmap A R"), 0);
	assert_int_equal(line.op.flags, 0);
	assert_int_equal(parse("munmap A R 4K 2p"), 0);
	assert_int_equal(line.op.flags, OPX_RANGE);
	assert_int_equal(line.op.off, 4096);
	assert_int_equal(line.op.len, 8192);
	assert_int_equal(parse("munmap A R 4K"), EINVAL);
	assert_int_equal(parse("munmap A R 4K 4K 4K"), EINVAL);
	assert_int_equal(parse("touch A @ffff888000000000 read"), 0);
	assert_int_equal(line.op.flags, OPX_ADDR | OPX_RANGE);
	assert_true(line.op.addr == 0xffff888000000000ull);
	assert_int_equal(line.op.len, PAGE_SIZE);
	assert_int_equal(parse("touch A @0 write 4K 8K"), 0);
	assert_int_equal(line.op.off, 4096);
	assert_int_equal(line.op.len, 8192);
	assert_int_equal(parse("touch A @xyz read"), EINVAL);
	assert_int_equal(parse("mlock A @0"), EINVAL);
}

static void test_touch(void **state)
{
	(void)state;
	assert_int_equal(parse("touch A R write 0 1M stride=2M value=7"), 0);
	assert_int_equal(line.op.advice, TOUCH_WRITE);
	assert_int_equal(line.op.stride, 2 << 20);
	assert_int_equal(line.op.value, 7);
	assert_true(line.op.flags & OPX_VALUE);
	assert_int_equal(parse("touch A R exec"), 0);
	assert_int_equal(line.op.advice, TOUCH_EXEC);
	assert_int_equal(parse("touch A R write for=15s"), 0);
	assert_int_equal(line.op.time_ns, 15000000000);
	assert_int_equal(parse("touch A R write loops=3 seq=9"), 0);
	assert_int_equal(line.op.loops, 3);
	assert_int_equal(line.op.flags, OPX_LOOPS | OPX_SEQ);
	assert_int_equal(parse("touch A R write loops=0"), EINVAL);
	assert_int_equal(parse("touch A R write stride=0"), EINVAL);
	assert_int_equal(parse("touch A R write loops=1 for=1s"), EINVAL);
	assert_int_equal(parse("touch A R poke"), EINVAL);
	assert_int_equal(parse("kill A sig=15"), 0);
	assert_int_equal(line.op.value, 15);
	assert_int_equal(parse("kill A sig=0"), EINVAL);
	assert_int_equal(parse("kill A sig=65"), EINVAL);
	assert_int_equal(parse("touch A R"), EINVAL);
}

static void test_other_operations(void **state)
{
	(void)state;
	assert_int_equal(parse("brk A +64K"), 0);
	assert_int_equal(line.op.size, 65536);
	assert_int_equal(parse("brk A -1p"), 0);
	assert_true((int64_t)line.op.size == -4096);
	assert_int_equal(parse("brk A 64K"), EINVAL);
	assert_int_equal(parse("madvise A R populate_write 0 4K"), 0);
	assert_int_equal(line.op.advice, MADV_POPULATE_WRITE);
	assert_int_equal(parse("mprotect A R rx"), 0);
	assert_int_equal(line.op.prot, VM_READ | VM_EXEC);
	assert_int_equal(parse("read A /mnt/f 4K 64K loops=2"), 0);
	assert_string_equal(line.op.text, "/f");
	assert_int_equal(line.op.off, 4096);
	assert_int_equal(line.op.len, 65536);
	assert_int_equal(parse("fadvise A f willneed"), 0);
	assert_int_equal(line.op.advice, 3);
	assert_int_equal(parse("rm f4"), 0);
	assert_string_equal(line.who, "");
	assert_int_equal(parse("rm A f4"), 0);
	assert_string_equal(line.who, "A");
	assert_string_equal(line.op.text, "/f4");
	assert_int_equal(parse("cgroup - web"), 0);
	assert_string_equal(line.who, "");
	assert_int_equal(parse("cgroup A web"), 0);
	assert_string_equal(line.op.text, "web");
	assert_int_equal(parse("swapon /dev/vdb 1G prio=5"), 0);
	assert_int_equal(line.op.prio, 5);
	assert_int_equal(parse("mempolicy A bind 2"), 0);
	assert_int_equal(line.op.advice, 2);
	assert_int_equal(line.op.value, 2);
	assert_int_equal(parse("mempolicy A default"), 0);
	assert_int_equal(parse("mbind A r weighted-interleave 0x3 static"), 0);
	assert_int_equal(line.op.advice, MPOL_WEIGHTED_INTERLEAVE);
	assert_int_equal(line.op.value, 3);
	assert_true(line.op.flags & OPX_STATIC);
	assert_int_equal(parse("exec A sh data=1M"), 0);
	assert_int_equal(line.op.size, 1 << 20);
	assert_int_equal(line.op.off, 1 << 20);
	assert_int_equal(line.op.len, 65536);
	assert_int_equal(parse("pipe A B 64M"), 0);
	assert_string_equal(line.who2, "B");
}

static void test_workloads(void **state)
{
	(void)state;
	assert_int_equal(parse("workload A R zipf:0.99 rate=1000/s write=20%"),
			 0);
	assert_string_equal(line.op.text, "zipf:0.99");
	assert_int_equal(line.op.rate, 1000);
	assert_int_equal(line.op.percent, 20);
	assert_int_equal(parse("workload A R hot:10% rate=5/s"), 0);
	assert_int_equal(parse("workload A R off"), 0);
	assert_true(line.op.flags & OPX_OFF);
	assert_int_equal(parse("workload A - cpu=50%"), 0);
	assert_int_equal(line.op.percent, 50);
	assert_true(line.op.flags & OPX_CPU);
	assert_int_equal(parse("workload A - off"), 0);
	assert_int_equal(parse("workload A R seq"), EINVAL);
	assert_int_equal(parse("workload A - rate=5/s"), EINVAL);
	assert_int_equal(parse("workload A R seq rate=5/s cpu=5%"), EINVAL);
	assert_int_equal(parse("workload A R zipf rate=5/s"), EINVAL);
	assert_int_equal(parse("workload A R hot:0% rate=5/s"), EINVAL);
	assert_int_equal(parse("workload A R seq rate=5"), EINVAL);
	assert_int_equal(parse("workload A R seq rate=5/s write=101%"), EINVAL);
	assert_int_equal(parse("leak A rate=1M/s"), 0);
	assert_int_equal(line.op.rate, 1 << 20);
	assert_int_equal(parse("leak A off"), 0);
	assert_int_equal(parse("leak A"), EINVAL);
	assert_int_equal(parse("access A R random 500 seed=3 write=10%"), 0);
	assert_int_equal(line.op.loops, 500);
	assert_int_equal(line.op.value, 3);
}

static void test_verbs(void **state)
{
	(void)state;
	assert_int_equal(parse("set /proc/sys/vm/x  32 32  # note"), 0);
	assert_int_equal(line.verb, VERB_SET);
	assert_string_equal(line.path, "/proc/sys/vm/x");
	assert_int_equal(line.rest_len, 5);
	assert_memory_equal(line.rest, "32 32", 5);
	assert_int_equal(parse("set /proc/sys/vm/x"), EINVAL);
	assert_int_equal(parse("advance 1.5s"), 0);
	assert_int_equal(line.verb, VERB_ADVANCE);
	assert_int_equal(line.time_ns, 1500000000);
	assert_int_equal(parse("until /proc/meminfo MemFree < 1M max=60s"), 0);
	assert_int_equal(line.verb, VERB_UNTIL);
	assert_string_equal(line.field, "MemFree");
	assert_string_equal(line.compare, "<");
	assert_int_equal(line.time_ns, 60000000000);
	assert_int_equal(parse("until /proc/meminfo MemFree < 1M"), EINVAL);
	assert_int_equal(parse("expect /proc/meminfo MemFree == 1"), EINVAL);
	assert_int_equal(parse("expect /proc/meminfo MemFree >= 1 2"), EINVAL);
	assert_int_equal(parse("wait all"), 0);
	assert_string_equal(line.who, "");
	assert_int_equal(parse("wait db"), 0);
	assert_string_equal(line.who, "db");
	assert_int_equal(parse("wait"), EINVAL);
	assert_int_equal(parse("speed 0.5"), 0);
	assert_int_equal(line.number, 500000);
	assert_int_equal(parse("reset"), 0);
	assert_int_equal(parse("reset now"), EINVAL);
	assert_int_equal(parse("sample 200ms 1000"), 0);
	assert_int_equal(line.number, 1000);
	assert_int_equal(parse("samplestop"), 0);
	assert_int_equal(parse("get /proc/sys/vm/nr_hugepages"), 0);
}

static void test_async(void **state)
{
	(void)state;
	assert_int_equal(parse("async touch A R write for=15s"), 0);
	assert_true(line.async);
	assert_int_equal(line.op.code, OP_TOUCH);
	assert_int_equal(parse("async"), EINVAL);
	assert_int_equal(parse("async wait A"), EINVAL);
	assert_int_equal(parse("async advance 1s"), EINVAL);
	assert_int_equal(parse("async async sync"), EINVAL);
	assert_int_equal(parse("async # nothing"), EINVAL);
}

static void test_errno_names(void **state)
{
	(void)state;
	assert_string_equal(script_errno_name(ENOMEM), "ENOMEM");
	assert_string_equal(script_errno_name(ERANGE), "ERANGE");
	assert_null(script_errno_name(0));
}

/* Every operation is listed, and its arguments have a letter. */
static void test_help(void **state)
{
	struct outbuf out;

	(void)state;
	out_init(&out);
	script_help(&out);
	assert_int_equal(out.error, 0);
	for (uint32_t i = 0; i < NR_OPS; i++)
		assert_non_null(strstr(out.text, script_op_word(i)));
	assert_non_null(strstr(out.text, "mremap P R SIZE\n"));
	assert_non_null(strstr(out.text, "swapon PATH SIZE [prio=N]"));
	out_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_bytes_of_a_line),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_mmap),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_touch),
		cmocka_unit_test(test_other_operations),
		cmocka_unit_test(test_workloads),
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_async),
		cmocka_unit_test(test_errno_names),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
