/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FS_FUSE_DISK_H
#define FS_FUSE_DISK_H

#include "fs/fuse-daemon.h"
#include "fs/store.h"

/*
 * DOC: MNT/disk and the disks of MNT/dev: programs of the host on files of the
 * machine.
 *
 * Models:  what a file system does for open(2), read(2), rename(2) and so on;
 *          errors are those of the host's file system below.
 * Owns:    nodes (what the kernel knows of the file system), clients (who
 *          asked, and the process that stands for it), requests under way.
 * Units:   bytes; wall time in ns.
 * Order:   requests are begun as they come; those of one client one by one.
 * Omits:   contents: fs/store.h; what is cached: the machine.
 *
 * A request becomes operations of the machine, done by the client's stand-in
 * and written to the journal. It is answered when the last is done. The host
 * is asked first whether it can be at all; bytes go when time has passed.
 */
#define DISK_ROOT 1u /* the node of MNT/disk */
#define DISK_OPS  8u /* of a request */

/* Something the kernel knows by a node id. */
struct disk_node {
	uint64_t dev, ino; /* of the host */
	char *path; /* in the machine; NULL: a free record */
	int fd; /* O_PATH */
	uint32_t next; /* hash chain, or free list */
	uint32_t users; /* ids, handles, requests */
	uint32_t writes; /* under way: the machine's size moves */
	uint32_t opens;
	uint64_t generation; /* of the world it was last compared with */
	uint8_t root; /* of the store */
	bool dir;
	bool gone; /* no name leads there any more */
};

/* A process of the host. */
struct client {
	struct client *next;
	pid_t tgid;
	int pidfd; /* -1: none to be had */
	uint32_t pid; /* in the machine, 0 not yet */
	uint64_t generation; /* of the world it lives in */
	uint32_t users; /* handles, requests */
	bool making, ended;
	char name[COMM_LEN];
};

struct disk_request;
/* The last operation is done, or @r->error says why none of it was. */
typedef void disk_done(struct daemon *d, struct disk_request *r);

struct disk_request {
	struct disk_request *next;
	fuse_req_t req; /* NULL: nobody waits */
	pid_t thread; /* who asked */
	struct client *client;
	struct op ops[DISK_OPS];
	uint32_t nr, at; /* operations, the next or running one */
	uint64_t ticket; /* of the one that runs, 0 none */
	uint64_t generation;
	bool interrupted, killed;
	uint64_t look_at; /* wall time to look whether it is killed */
	int error; /* errno */
	disk_done *done;
	/* what done() needs */
	uint32_t node, parent;
	struct handle *h;
	struct fuse_file_info fi;
	uint64_t off, reserved;
	size_t size;
	char *data;
	int fd;
};

/* What a [file] of the profile has at first: a file of the host. */
struct disk_content {
	const char *path; /* the profile's */
	int fd;
};

#define WHOLE_FILES 32u /* as many as there can be swap areas */

struct disk_fs {
	uint64_t whole[WHOLE_FILES]; /* swap files: inodes of the host */
	unsigned nr_whole;
	struct store store;
	struct disk_content *contents;
	uint32_t nr_contents;
	struct disk_node *nodes;
	uint32_t nr_nodes, cap_nodes, free_node;
	uint32_t *hash;
	struct client *clients;
	int ends; /* epoll of the clients' pidfds, -1 none */
	struct disk_request *first, **last;
	uint64_t nr_gone; /* files that lost their name, ever */
	uint32_t naming; /* requests that change names */
	/* what the machine had when its files were last looked through */
	uint64_t seen_generation;
	uint64_t seen_made;
	uint64_t sweep_at; /* wall time of the last look at clients */
};

/* --- fuse-disk.c: begin, end, what the loop asks -------------------------- */
int disk_init(struct daemon *d, struct outbuf *why);
/* The root is there, once the tree is to be mounted. */
int disk_begin(struct daemon *d);
void disk_fini(struct daemon *d);
/* Does somebody wait for the machine? */
bool disk_busy(const struct daemon *d);
/* Go on with every request. */
void disk_step(struct daemon *d);
/* Does a request look now and then whether its client is killed? */
bool disk_patience(const struct daemon *d);
/* Clients that ended; the wall's time is @now. */
void disk_clients(struct daemon *d, uint64_t now);
/* Answer who waits, the mount goes. */
void disk_end(struct daemon *d);

/* --- fuse-disk-request.c -------------------------------------------------- */
/* A request of who asked; NULL: no memory, answered. */
struct disk_request *disk_request(fuse_req_t req, disk_done *done);
/* One more operation on @path (a node's), NULL: none. */
struct op *disk_op(struct disk_request *r, enum op_code code, const char *path);
/* It begins. */
void disk_submit(struct daemon *d, struct disk_request *r);
/* @node is used until it is done. */
void disk_request_node(struct daemon *d, struct disk_request *r, uint32_t node);
/* An operation that nobody waits for. */
void disk_later(struct daemon *d, struct client *c, enum op_code code,
		const char *path);

/* --- fuse-disk-client.c --------------------------------------------------- */
/* The process that @thread belongs to; NULL: no memory. */
struct client *client_get(struct daemon *d, pid_t thread);
void client_put(struct daemon *d, struct client *c);
/* Is @thread about to die? */
bool client_dying(const struct daemon *d, pid_t thread);
/* Its stand-in, if there is one in this world. */
uint32_t client_pid(const struct daemon *d, const struct client *c);

/* --- fuse-disk-node.c ----------------------------------------------------- */
static inline struct disk_node *disk_node(const struct daemon *d, uint32_t id)
{
	return &d->disk->nodes[id];
}
static inline void node_get(struct daemon *d, uint32_t id)
{
	disk_node(d, id)->users++;
}
void node_put(struct daemon *d, uint32_t id);
/*
 * The node of @name below @parent, one more user. 0, -ENOENT, -errno. @path
 * becomes the name's, PATH_MAX bytes.
 */
int node_find(struct daemon *d, uint32_t parent, const char *name, char *path,
	      uint32_t *ret_node);
/* The path of @name below @parent. 0 or -ENAMETOOLONG. */
int node_path(const struct daemon *d, uint32_t parent, const char *name,
	      char *path);
/* The node of the same file, if the kernel knows it; 0 none. */
uint32_t node_of(const struct daemon *d, const struct stat *st);
int node_stat(const struct daemon *d, uint32_t id, struct stat *ret);
/* Open what is there. A descriptor or -errno. */
int node_open(const struct daemon *d, uint32_t id, int flags);
/* @path and all below it are called @to from now on. */
void nodes_moved(struct daemon *d, const char *path, const char *to);
/* Another path of the machine for what lost its name. */
int node_rename(struct daemon *d, uint32_t id, const char *path);
/* What @caller may do with it beyond what the host checks. 0 or -EACCES. */
int node_allowed(const struct daemon *d, fuse_req_t req, uint32_t id, int mask);
/* A file new on the host belongs to who asked. */
void node_own(const struct daemon *d, fuse_req_t req, uint32_t parent,
	      const char *name);
static inline struct store_root *node_root(const struct daemon *d, uint32_t id)
{
	return &d->disk->store.roots[disk_node(d, id)->root];
}

/* --- fuse-disk-model.c: files that operations made --------------------------
 */
/* Open what content= names, before the tree is mounted. 0 or -errno. */
int model_contents(struct daemon *d, struct outbuf *why);
/* Files of the machine that the host does not have are made. */
void model_files(struct daemon *d);
/* The machine knows @node as it is: operations for it. */
void model_know(struct daemon *d, struct disk_request *r, uint32_t node);
/* A file without holes, whatever the host makes of it. */
bool model_whole(const struct daemon *d, const struct stat *st);
/* The disk of @bdev, whose bytes @fd has, is a swap area of the profile: its
 * first page. */
void model_swap(const struct daemon *d, uint32_t bdev, int fd);
/* The host's file has the machine's size. */
void model_size(struct daemon *d, uint32_t node);
/* A script removed, made or cut a file. */
void model_changed(void *arg, const struct op *op);
/* Its record in the machine, 0 none. */
uint32_t model_inode(const struct daemon *d, uint32_t node);

/* Its bytes on the host, by the name it has in the machine. A descriptor (the
 * caller's) or -errno. */
int model_open(struct daemon *d, uint32_t inode);

/* --- fuse-disk-bytes.c: what the machine alone has made ---------------------
 */
/* May some page of @inode (of the machine) be of that kind? */
bool bytes_any(const struct daemon *d, uint32_t inode);
/* @data is what the host has of [@off, @off + @size): such pages in it. */
void bytes_read(const struct daemon *d, uint32_t inode, uint64_t off,
		size_t size, char *data);
/* The host gets the page that @at lies within, if it is such a one: a part of
 * it is about to change. 0 or an errno. */
int bytes_settle(const struct daemon *d, uint32_t inode, int fd, uint64_t at);
/* The same where the file ends, or will, at @at: what comes behind is zeroes,
 * which the machine is told by a write of the rest. */
int bytes_edge(struct daemon *d, struct disk_request *r, uint32_t node, int fd,
	       uint64_t at);
/* What lies at [@off, @off + @size) of a disk with a file system. */
void bytes_of_disk(struct daemon *d, uint32_t disk, uint64_t off, size_t size,
		   char *data);

/* Nothing is kept by the kernel: all that is read reaches the machine. */
static inline void open_direct(struct fuse_file_info *fi)
{
	fi->direct_io = 1;
#if FUSE_MAJOR_VERSION > 3 || FUSE_MINOR_VERSION >= 15
	fi->parallel_direct_writes = 1;
#endif
}

/* --- requests of the kernel -------------------------------------------------
 */
int disk_attr(struct daemon *d, uint32_t node, struct stat *ret);
void disk_lookup(fuse_req_t req, uint32_t parent, const char *name);
void disk_setattr(fuse_req_t req, uint32_t node, struct stat *attr, int to_set,
		  struct fuse_file_info *fi);
void disk_readlink(fuse_req_t req, uint32_t node);
void disk_access(fuse_req_t req, uint32_t node, int mask);
void disk_statfs(fuse_req_t req, uint32_t node);
void disk_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void disk_readdir(fuse_req_t req, struct handle *h, size_t size, off_t off,
		  bool plus);
void disk_open(fuse_req_t req, uint32_t node, struct fuse_file_info *fi);
void disk_read(fuse_req_t req, struct handle *h, size_t size, uint64_t off,
	       const struct fuse_file_info *fi);
void disk_write(fuse_req_t req, struct handle *h, const char *buf, size_t size,
		uint64_t off, const struct fuse_file_info *fi);
void disk_lseek(fuse_req_t req, struct handle *h, off_t off, int whence);
void disk_release(struct daemon *d, struct handle *h);
void disk_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
		struct fuse_file_info *fi);
void disk_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t off,
		    off_t len, struct fuse_file_info *fi);
void disk_mkdir(fuse_req_t req, fuse_ino_t ino, const char *name, mode_t mode);
void disk_mknod(fuse_req_t req, fuse_ino_t ino, const char *name, mode_t mode,
		dev_t dev);
void disk_symlink(fuse_req_t req, const char *text, fuse_ino_t ino,
		  const char *name);
void disk_create(fuse_req_t req, fuse_ino_t ino, const char *name, mode_t mode,
		 struct fuse_file_info *fi);
void disk_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t to, const char *name);
void disk_unlink(fuse_req_t req, fuse_ino_t ino, const char *name);
void disk_rmdir(fuse_req_t req, fuse_ino_t ino, const char *name);
void disk_rename(fuse_req_t req, fuse_ino_t ino, const char *name,
		 fuse_ino_t to_ino, const char *to_name, unsigned flags);
/* The reply to a name that is there; gives up @node's user of the caller. */
void disk_reply_entry(struct daemon *d, fuse_req_t req, uint32_t node);
/* Open @node on @fd and answer; @entry: with the name. */
void disk_reply_open(struct daemon *d, struct disk_request *r, bool entry);

/* --- fuse-block.c: the disks of MNT/dev -------------------------------------
 */
void block_open(fuse_req_t req, const struct inode_ref *ref,
		struct fuse_file_info *fi);
uint64_t block_size(const struct daemon *d, const struct place *at);
void block_read(fuse_req_t req, struct handle *h, size_t size, uint64_t off,
		const struct fuse_file_info *fi);
void block_write(fuse_req_t req, struct handle *h, const char *buf, size_t size,
		 uint64_t off, const struct fuse_file_info *fi);
void block_release(struct daemon *d, struct handle *h);

#endif
