#define _GNU_SOURCE
#include "CLinuxShims.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

const int loopsync_noatime = O_NOATIME;

void loopsync_release_heap(void) { malloc_trim(0); }

void loopsync_bound_free_heap(int end, int block) {
    mallopt(M_TRIM_THRESHOLD, end);
    mallopt(M_MMAP_THRESHOLD, block);
}

static int64_t nanoseconds(struct statx_timestamp time) {
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int loopsync_statx(int directory, const char *name, struct loopsync_status *status) {
    struct statx answer;
    int flags = AT_SYMLINK_NOFOLLOW | (name[0] == 0 ? AT_EMPTY_PATH : 0);
    if (statx(directory, name, flags, STATX_BASIC_STATS | STATX_BTIME, &answer) != 0) return -1;
    status->device = makedev(answer.stx_dev_major, answer.stx_dev_minor);
    status->inode = answer.stx_ino;
    status->birth = (answer.stx_mask & STATX_BTIME) ? nanoseconds(answer.stx_btime) : 0;
    status->modified = nanoseconds(answer.stx_mtime);
    status->changed = nanoseconds(answer.stx_ctime);
    status->size = (int64_t)answer.stx_size;
    status->blocks = (int64_t)answer.stx_blocks;
    status->links = answer.stx_nlink;
    status->mode = answer.stx_mode;
    status->owner = answer.stx_uid;
    return 0;
}

int loopsync_renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags) {
    return renameat2(from_directory, from, to_directory, to, flags);
}

int loopsync_syncfs(int descriptor) {
    return syncfs(descriptor);
}

int loopsync_clone(int to, int from) {
    return ioctl(to, FICLONE, from);
}

int loopsync_semaphore_wait(sem_t *semaphore, const struct timespec *deadline) {
    return sem_clockwait(semaphore, CLOCK_MONOTONIC, deadline);
}

int64_t loopsync_file_system_type(int descriptor) {
    struct statfs answer;
    return fstatfs(descriptor, &answer) == 0 ? (int64_t)answer.f_type : -1;
}

int64_t loopsync_free_bytes(int descriptor) {
    struct statfs answer;
    return fstatfs(descriptor, &answer) == 0 ? (int64_t)answer.f_bavail * (int64_t)answer.f_bsize : -1;
}

int loopsync_openat(int directory, const char *name, int flags, uint32_t mode) {
    return openat(directory, name, flags, (mode_t)mode);
}

void loopsync_name_thread(const char *name) {
    prctl(PR_SET_NAME, name);
}

int loopsync_memory_file(const char *name) {
    return memfd_create(name, MFD_CLOEXEC);
}

const short loopsync_spawn_new_session = POSIX_SPAWN_SETSID;

int loopsync_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int loopsync_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

int loopsync_event_descriptor(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int loopsync_process_descriptor(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}
