// SPDX-License-Identifier: Apache-2.0
/* Which machine is meant when nobody says. */
#include "tools/faux.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A mount of its own with a ctl in it. */
static bool is_machine(const char *mnt)
{
	char path[PATH_MAX];
	struct stat above, st;
	int n = snprintf(path, sizeof(path), "%s/..", mnt);

	if (n < 0 || (size_t)n >= sizeof(path) || stat(path, &above) ||
	    stat(mnt, &st) || st.st_dev == above.st_dev)
		return false;
	snprintf(path, sizeof(path), "%s/ctl", mnt);
	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* \040 is a blank; in place */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		unsigned value;

		if (*s == '\\' && sscanf(s + 1, "%3o", &value) == 1) {
			*to++ = (char)value;
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* Is this line of mountinfo a machine of this user? Its mount point is cut
 * out of it. */
static char *mount_point(char *line)
{
	char *kind = strstr(line, " - fuse.fauxproc "), *id, *point, *end;

	if (!kind)
		return NULL;
	id = strstr(kind, "user_id=");
	if (id && strtoul(id + 8, NULL, 10) != getuid())
		return NULL;
	*kind = '\0';
	point = line;
	for (int i = 0; i < 4 && point; i++) {
		point = strchr(point, ' ');
		if (point)
			point++;
	}
	if (!point)
		return NULL;
	end = strchr(point, ' ');
	if (end)
		*end = '\0';
	unescape(point);
	return point;
}

struct found {
	unsigned nr;
	char first[PATH_MAX];
};

static void look(FILE *mounts, struct found *f, bool list)
{
	char line[3 * PATH_MAX];

	while (fgets(line, sizeof(line), mounts)) {
		char *point = mount_point(line);

		if (!point)
			continue;
		if (list)
			fprintf(stderr, "    faux -m %s ...\n", point);
		else if (!f->nr)
			snprintf(f->first, sizeof(f->first), "%s", point);
		f->nr++;
	}
}

const char *faux_find_mount(void)
{
	const char *given = getenv("FAUXPROC_MNT");
	struct found f = { .nr = 0 };
	FILE *mounts;

	if (given && *given)
		return given;
	if (is_machine("mnt"))
		return "mnt";
	mounts = fopen("/proc/self/mountinfo", "re");
	if (mounts)
		look(mounts, &f, false);
	if (f.nr == 1) {
		fclose(mounts);
		return strdup(f.first);
	}
	if (f.nr) {
		fputs("faux: several machines are mounted, which one?\n",
		      stderr);
		rewind(mounts);
		look(mounts, &f, true);
	} else {
		fputs("faux: no machine is mounted: fauxproc MNT, then "
		      "faux -m MNT ...\n"
		      "Without a mount: faux sim PROFILE SCRIPT\n",
		      stderr);
	}
	if (mounts)
		fclose(mounts);
	return NULL;
}
