#ifndef LOOPSYNC_CLINUXSHIMS_H
#define LOOPSYNC_CLINUXSHIMS_H

#include <semaphore.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

// Calls that Swift's Glibc module does not show, because it is built without _GNU_SOURCE.

#define LOOPSYNC_RENAME_NOREPLACE 1u
#define LOOPSYNC_RENAME_EXCHANGE 2u

/// O_NOATIME of open(2).
extern const int loopsync_noatime;

/// malloc_trim(3), which Swift's view of the C library lacks: hands free memory on to the system.
void loopsync_release_heap(void);

/// mallopt(3) with M_TRIM_THRESHOLD and M_MMAP_THRESHOLD: so many bytes at the end of a heap may stay free, and blocks from
/// so many bytes on are the system's, each by itself.
void loopsync_bound_free_heap(int end, int block);

/// What statx(2) tells of a file; times in nanoseconds since the epoch, birth 0 where the file system keeps none.
struct loopsync_status {
    uint64_t device;
    uint64_t inode;
    int64_t birth;
    int64_t modified;
    int64_t changed;
    int64_t size;
    int64_t blocks;
    uint64_t links;
    uint32_t mode;
    uint32_t owner;
};

/// statx(2) without following a link at the end; an empty name means the descriptor itself. Returns 0, or -1 with errno.
int loopsync_statx(int directory, const char *name, struct loopsync_status *status);

/// renameat2(2).
int loopsync_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags);

/// syncfs(2).
int loopsync_syncfs(int descriptor);

/// FICLONE of ioctl_ficlone(2): lets a file share the blocks of another. Returns 0, or -1 with errno.
int loopsync_clone(int to, int from);

/// sem_clockwait(3) by CLOCK_MONOTONIC. Returns 0, or -1 with errno.
int loopsync_semaphore_wait(sem_t *semaphore, const struct timespec *deadline);

/// The file system's type as statfs(2) numbers it, or -1 with errno.
int64_t loopsync_file_system_type(int descriptor);

/// Bytes free to this user on the descriptor's file system, or -1 with errno.
int64_t loopsync_free_bytes(int descriptor);

/// open(2) is variadic and therefore invisible to Swift in the form that takes a directory.
int loopsync_openat(int directory, const char *name, int flags, uint32_t mode);

/// memfd_create(2), closed in programs that are started. Returns a descriptor, or -1 with errno.
int loopsync_memory_file(const char *name);

/// POSIX_SPAWN_SETSID of posix_spawnattr_setflags(3).
extern const short loopsync_spawn_new_session;

/// Has a program that is started begin with every descriptor from this one on closed. Returns 0 or an error number.
int loopsync_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

/// pipe2(2), closed in programs that are started: the end to read, the end to write. Returns 0, or -1 with errno.
int loopsync_pipe(int ends[2]);

/// eventfd(2) that never blocks, closed in programs that are started. Returns a descriptor, or -1 with errno.
int loopsync_event_descriptor(void);

/// pidfd_open(2): readable once the process has ended. Returns a descriptor, or -1 with errno.
int loopsync_process_descriptor(pid_t process);

/// Names the calling thread, as `top -H` shows it; what is over 15 characters is cut.
void loopsync_name_thread(const char *name);

#endif
