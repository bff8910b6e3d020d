// A disk that fails when it is told to, loaded into the server before the C library (LD_PRELOAD). HOLDFAST_FAULTS names a file of 32-bit numbers,
// shared with the test (FaultyDisk.cs): which call on which file fails how. What was written and not yet synced is remembered, so that a loss of
// power can take some of it: by sectors of 512 bytes, in any order.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ = 1, WRITE = 2, SYNC = 4, TRUNCATE = 8 };                       // calls
enum { DATABASE = 1, LOG = 2, INDEX = 4, BLOB = 8 };                       // files
enum { FAILING = 1, FULL = 2, SHORT = 3, POWER = 4, READ_ONLY = 5 };       // kinds
enum { FILES = 4096, SECTOR = 512, CONTROLS = 16 };

// The shared numbers, in this order.
struct controls { int32_t armed, calls, files, count, kind, times, fired, seed, kept, stale, seen, lost_at_end; };

// Something done to a file and not known to be on disk. A write: at `at`, `size` bytes; a truncation: `data` is empty and `at` the new size.
struct pending { struct pending *next; int file; int is_truncation, is_doomed; off_t at, size_before; size_t size, old_size; char *data, *old; };

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_ftruncate)(int, off_t);

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static volatile struct controls *controls;
static int kind_of[FILES], id_of[FILES];        // by descriptor; 0 where it is none of ours
static char *paths[FILES];                      // by id
static int path_count = 1;
static struct pending *last;                    // the latest first

__attribute__((constructor)) static void begin(void)
{
    real_open = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_pread = dlsym(RTLD_NEXT, "pread64");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    const char *path = getenv("HOLDFAST_FAULTS");
    int file = path ? real_open(path, O_RDWR) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(int32_t) * CONTROLS, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) controls = mapped;
    real_close(file);
}

static void lose(void);

// The power may be lost after the process has ended by itself, too.
__attribute__((destructor)) static void end(void)
{
    if (!controls || !controls->lost_at_end) return;
    pthread_mutex_lock(&gate);
    lose();   // and the gate stays shut
}

static int ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

static int kind_of_path(const char *path)
{
    if (ends_with(path, "/holdfast.db")) return DATABASE;
    if (ends_with(path, "/holdfast.db-wal")) return LOG;
    if (ends_with(path, "/holdfast.db-shm")) return INDEX;
    return strstr(path, "/blobs/") ? BLOB : 0;
}

static off_t size_of(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_size : 0;
}

static int id_of_path(const char *path)
{
    for (int i = 1; i < path_count; i++)
        if (strcmp(paths[i], path) == 0) return i;
    if (path_count == FILES) return 0;
    paths[path_count] = strdup(path);
    return path_count++;
}

static void remember_write(int fd, const void *data, size_t size, off_t at)
{
    struct pending *one = calloc(1, sizeof *one);
    one->file = id_of[fd];
    one->at = at;
    one->size = size;
    one->size_before = size_of(fd);
    one->data = malloc(size + 1);
    memcpy(one->data, data, size);
    one->old = malloc(size + 1);
    ssize_t there = real_pread(fd, one->old, size, at);
    one->old_size = there > 0 ? (size_t)there : 0;
    one->next = last;
    last = one;
}

static void remember_truncation(int fd, off_t to)
{
    struct pending *one = calloc(1, sizeof *one);
    one->file = id_of[fd];
    one->is_truncation = 1;
    one->at = to;
    one->size_before = size_of(fd);
    one->old_size = one->size_before > to ? (size_t)(one->size_before - to) : 0;
    one->old = malloc(one->old_size + 1);
    if (one->old_size > 0) one->old_size = (size_t)real_pread(fd, one->old, one->old_size, to);
    one->next = last;
    last = one;
}

static off_t least(off_t a, off_t b) { return a < b ? a : b; }

static off_t most(off_t a, off_t b) { return a > b ? a : b; }

// What lies below a write that never reached the disk has changed: something later did.
static void rebase(struct pending *doomed, const struct pending *synced)
{
    if (synced->is_truncation) {
        doomed->size_before = least(doomed->size_before, synced->at);
        if (!doomed->is_truncation) doomed->old_size = (size_t)least((off_t)doomed->old_size, most(0, synced->at - doomed->at));
        return;
    }
    off_t end = synced->at + (off_t)synced->size, from = most(doomed->at, synced->at), to = least(doomed->at + (off_t)doomed->size, end);
    doomed->size_before = most(doomed->size_before, end);
    if (doomed->is_truncation || from >= to) return;
    if ((off_t)doomed->old_size < to - doomed->at) {
        memset(doomed->old + doomed->old_size, 0, (size_t)(to - doomed->at) - doomed->old_size);
        doomed->old_size = (size_t)(to - doomed->at);
    }
    memcpy(doomed->old + (from - doomed->at), synced->data + (from - synced->at), (size_t)(to - from));
}

// A sync that came back well. What a failed one has left behind is not written by it: the system has forgotten that it has to be.
static void forget(int file)
{
    struct pending *synced = NULL;
    for (struct pending **one = &last; *one;) {
        struct pending *this = *one;
        if (this->file != file || this->is_doomed) {
            one = &this->next;
            continue;
        }
        *one = this->next;
        this->next = synced;
        synced = this;
    }
    while (synced) {   // the earliest first
        struct pending *this = synced;
        synced = this->next;
        for (struct pending *one = last; one; one = one->next)
            if (one->file == file) rebase(one, this);
        free(this->data);
        free(this->old);
        free(this);
    }
}

static void doom(int file)
{
    for (struct pending *one = last; one; one = one->next)
        if (one->file == file) one->is_doomed = 1;
}

static uint64_t state;

static uint32_t next_random(void)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

static int is_kept(void) { return (int)(next_random() % 1000) < controls->kept; }

static void undo(struct pending *one, int fd)
{
    if (one->is_truncation) {
        real_ftruncate(fd, one->size_before);
        if (one->old_size > 0) real_pwrite(fd, one->old, one->old_size, one->at);
        return;
    }
    if (one->old_size > 0) real_pwrite(fd, one->old, one->old_size, one->at);
    if (one->at + (off_t)one->size > one->size_before) real_ftruncate(fd, one->size_before);
}

static void redo_some(struct pending *one, int fd)
{
    if (one->is_doomed) return;
    if (one->is_truncation) {
        if (is_kept()) real_ftruncate(fd, one->at);
        return;
    }
    for (size_t from = 0; from < one->size;) {
        size_t to = (size_t)(((one->at + (off_t)from) / SECTOR + 1) * SECTOR - one->at);
        if (to > one->size) to = one->size;
        if (is_kept()) real_pwrite(fd, one->data + from, to - from, one->at + (off_t)from);
        from = to;
    }
}

// The disk as a loss of power leaves it. Nobody else writes meanwhile: all wait at the gate.
static void lose(void)
{
    state = (uint64_t)(uint32_t)controls->seed * 2654435769u + 1;
    int open_of[FILES] = {0};
    for (struct pending *one = last; one; one = one->next) {
        if (open_of[one->file] == 0) open_of[one->file] = real_open(paths[one->file], O_RDWR);
        if (open_of[one->file] > 0) undo(one, open_of[one->file]);
    }
    struct pending *first = NULL;
    while (last) {
        struct pending *one = last;
        last = one->next;
        one->next = first;
        first = one;
    }
    for (struct pending *one = first; one; one = one->next)
        if (open_of[one->file] > 0) redo_some(one, open_of[one->file]);
}

static void lose_power(void)
{
    lose();
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

// Whether this call is to fail, and how. The gate is held.
static int fault_of(int fd, int call)
{
    if (!controls || !controls->armed || !(controls->calls & call) || !(controls->files & kind_of[fd])) return 0;
    controls->seen++;
    if (controls->count > 1) {
        controls->count--;
        return 0;
    }
    if (controls->times == 0) return 0;
    if (controls->times > 0) controls->times--;
    controls->fired++;
    if (controls->kind == POWER && call != WRITE) lose_power();
    return controls->kind;
}

static int is_ours(int fd) { return controls && fd >= 0 && fd < FILES && kind_of[fd] != 0; }

static int error_of(int kind) { return kind == FULL ? ENOSPC : kind == READ_ONLY ? EROFS : EIO; }

static int opened(int fd, const char *path)
{
    if (!controls || fd < 0 || fd >= FILES) return fd;
    pthread_mutex_lock(&gate);
    kind_of[fd] = kind_of_path(path);
    if (kind_of[fd] != 0) id_of[fd] = id_of_path(path);
    if (kind_of[fd] == LOG && controls->stale) {
        // What an earlier process has left in the log may be in the system's memory alone.
        controls->stale = 0;
        size_t size = (size_t)size_of(fd);
        char *data = malloc(size + 1);
        if (size > 0 && real_pread(fd, data, size, 0) == (ssize_t)size) {
            remember_write(fd, data, size, 0);
            last->old_size = 0;
            last->size_before = 0;
            last->is_doomed = 1;
        }
        free(data);
    }
    pthread_mutex_unlock(&gate);
    return fd;
}

int open64(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        __builtin_va_list more;
        __builtin_va_start(more, flags);
        mode = __builtin_va_arg(more, mode_t);
        __builtin_va_end(more);
    }
    return opened(real_open(path, flags, mode), path);
}

int close(int fd)
{
    if (fd >= 0 && fd < FILES) kind_of[fd] = 0;
    return real_close(fd);
}

ssize_t pread64(int fd, void *data, size_t size, off_t at)
{
    if (!is_ours(fd)) return real_pread(fd, data, size, at);
    pthread_mutex_lock(&gate);
    int fault = fault_of(fd, READ);
    pthread_mutex_unlock(&gate);
    if (fault == SHORT) return real_pread(fd, data, size / 2 > 0 ? size / 2 : size, at);
    if (fault == 0) return real_pread(fd, data, size, at);
    errno = error_of(fault);
    return -1;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at)
{
    if (!is_ours(fd)) return real_pwrite(fd, data, size, at);
    pthread_mutex_lock(&gate);
    int fault = fault_of(fd, WRITE);
    ssize_t written = -1;
    if (fault == 0 || fault == SHORT || fault == POWER) {
        if (fault == SHORT && size > 1) size /= 2;
        if (kind_of[fd] != INDEX) remember_write(fd, data, size, at);   // the index is made anew by whoever opens it first
        written = real_pwrite(fd, data, size, at);
        if (fault == POWER) lose_power();
    }
    pthread_mutex_unlock(&gate);
    if (written < 0 && fault != 0) errno = error_of(fault);
    return written;
}

int fsync(int fd)
{
    if (!is_ours(fd)) return real_fsync(fd);
    pthread_mutex_lock(&gate);
    int fault = fault_of(fd, SYNC), result = -1;
    if (fault == 0) {
        result = real_fsync(fd);
        if (result == 0) forget(id_of[fd]);
    }
    else {
        doom(id_of[fd]);
    }
    pthread_mutex_unlock(&gate);
    if (fault != 0) errno = error_of(fault);
    return result;
}

// Whoever asks a library for a function by its name passes by what was loaded before it.
void *dlsym(void *library, const char *name)
{
    static void *(*real)(void *, const char *);
    static const char *const versions[] = {"GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.17"};
    for (int i = 0; !real && i < 3; i++) real = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    if (library != RTLD_NEXT && controls && strcmp(name, "fsync") == 0) return fsync;
    return real(library, name);
}

int ftruncate64(int fd, off_t size)
{
    if (!is_ours(fd)) return real_ftruncate(fd, size);
    pthread_mutex_lock(&gate);
    int fault = fault_of(fd, TRUNCATE), result = -1;
    if (fault == 0) {
        if (kind_of[fd] != INDEX) remember_truncation(fd, size);
        result = real_ftruncate(fd, size);
    }
    pthread_mutex_unlock(&gate);
    if (fault != 0) errno = error_of(fault);
    return result;
}
