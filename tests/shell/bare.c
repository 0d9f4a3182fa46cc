// SPDX-License-Identifier: Apache-2.0
/*
 * bare MNT TEXT: a file system of one file, MNT/file, whose text is that of
 * the file TEXT: what a server costs that does nothing but answer.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <string.h>

struct bare {
	char text[65536];
	size_t len;
};

static struct stat attr_of(fuse_req_t req, fuse_ino_t ino)
{
	const struct bare *b = fuse_req_userdata(req);

	return (struct stat){ .st_ino = ino,
			      .st_nlink = 1,
			      .st_mode = ino == FUSE_ROOT_ID ? S_IFDIR | 0755
							     : S_IFREG | 0444,
			      .st_size = ino == FUSE_ROOT_ID ? 0
							     : (off_t)b->len };
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param e = { .ino = 2, .entry_timeout = 3600.0 };

	if (parent != FUSE_ROOT_ID || strcmp(name, "file") != 0) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	e.attr = attr_of(req, e.ino);
	fuse_reply_entry(req, &e);
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino,
		       struct fuse_file_info *fi)
{
	struct stat attr = attr_of(req, ino);

	(void)fi;
	fuse_reply_attr(req, &attr, 0);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	fi->direct_io = 1;
	fuse_reply_open(req, fi);
}

static void on_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi)
{
	const struct bare *b = fuse_req_userdata(req);
	size_t at = (size_t)off < b->len ? (size_t)off : b->len;
	size_t left = b->len - at;

	(void)ino;
	(void)fi;
	fuse_reply_buf(req, b->text + at, left < size ? left : size);
}

int main(int argc, char **argv)
{
	static const struct fuse_lowlevel_ops ops = { .lookup = on_lookup,
						      .getattr = on_getattr,
						      .open = on_open,
						      .read = on_read };
	char *words[] = { argv[0], NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, words);
	static struct bare bare;
	struct fuse_session *se;
	FILE *f = argc == 3 ? fopen(argv[2], "r") : NULL;

	if (!f) {
		fputs("usage: bare MNT TEXT\n", stderr);
		return 2;
	}
	bare.len = fread(bare.text, 1, sizeof(bare.text), f);
	fclose(f);
	se = fuse_session_new(&args, &ops, sizeof(ops), &bare);
	if (!se || fuse_set_signal_handlers(se) ||
	    fuse_session_mount(se, argv[1]))
		return 1;
	fuse_session_loop(se);
	fuse_session_unmount(se);
	fuse_remove_signal_handlers(se);
	fuse_session_destroy(se);
	return 0;
}
