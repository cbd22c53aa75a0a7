#include "base/jail.h"

#include "base/jail_internal.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WALL_PER_CPU = 3 };

/* How the child's own word reaches the caller. */
typedef struct Note {
    atomic_bool ended; /* work came back; the rest is then complete */
    int ok;            /* no bool: nobody vouches for its bits */
    Err err;
} Note;

bool jail_block_open(size_t size, void **block, Err *err)
{
    *block =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (*block == MAP_FAILED)
        return err_set(err, ERR_LIMIT, "cannot reserve %zu bytes to share", size);
    return true;
}

void jail_block_close(size_t size, void *block)
{
    if (block != NULL)
        munmap(block, size);
}

/* ---- in the child ---- */

/* A terminal's interrupt goes to the whole group: the caller decides what it means, and the child
 * ends with it. What handlers the caller has would run on a copy of its state. */
static void reset_signals(void)
{
    static const int quiet[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM};
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++)
        signal(quiet[i], SIG_IGN);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_files(void)
{
    int first = JAIL_SANITIZED ? 3 : 0; /* a sanitizer's report shall be seen */
#ifdef __NR_close_range
    if (syscall(__NR_close_range, (unsigned)first, ~0u, 0u) == 0)
        return;
#endif
    long limit = sysconf(_SC_OPEN_MAX);
    for (int fd = first; fd < (limit > 0 ? limit : 65536); fd++)
        close(fd);
}

static bool lower(int resource, rlim_t soft, rlim_t hard)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0)
        return false;
    hard = hard < now.rlim_max ? hard : now.rlim_max;
    soft = soft < hard ? soft : hard;
    return setrlimit(resource, &(struct rlimit){soft, hard}) == 0;
}

/* The timer is exact and the resource limit cannot be lifted. */
static bool limit_time(double seconds)
{
    rlim_t whole = (rlim_t)ceil(seconds) + 1;
    struct itimerval timer = {.it_value = {.tv_sec = (time_t)seconds,
                                           .tv_usec = (suseconds_t)(1e6 * fmod(seconds, 1.0)) + 1}};
    return setitimer(ITIMER_PROF, &timer, NULL) == 0 && lower(RLIMIT_CPU, whole, whole + 1);
}

/* Pages that the process has now, /proc/self/statm. */
static size_t address_space(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%zu", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static bool limit_memory(size_t memory_bytes)
{
    if (JAIL_SANITIZED)
        return true;
    size_t now = address_space();
    return now > 0 && lower(RLIMIT_AS, now + memory_bytes, now + memory_bytes);
}

static bool close_doors(JailLimits limits, Err *err)
{
    bool ok = limit_memory(limits.memory_bytes) && lower(RLIMIT_NOFILE, 0, 0) &&
              lower(RLIMIT_FSIZE, 0, 0) && lower(RLIMIT_CORE, 0, 0) &&
              (limits.threads || lower(RLIMIT_NPROC, 0, 0)) &&
              prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
    if (!ok)
        return err_set(err, ERR_IO, "cannot limit the process that decodes: %s", strerror(errno));
    jail_filter(limits.threads); /* without it the limits above remain */
    return true;
}

typedef struct Cell {
    JailLimits limits;
    JailFn *prepare, *work;
    void *ctx, *shared;
    size_t shared_size;
    Note *note;
} Cell;

static void run_child(const Cell *cell, pid_t parent)
{
    Note *note = cell->note;
    reset_signals();
    close_files();
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent)
        _exit(1);
    if (!limit_time(cell->limits.seconds))
        err_set(&note->err, ERR_IO, "cannot limit the time of a process: %s", strerror(errno));
    else if (cell->prepare == NULL ||
             cell->prepare(cell->ctx, cell->shared_size, cell->shared, &note->err))
        note->ok = close_doors(cell->limits, &note->err) &&
                   cell->work(cell->ctx, cell->shared_size, cell->shared, &note->err);
    atomic_store(&note->ended, true);
    _exit(0);
}

/* ---- in the caller ---- */

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Sleeps until the child may have ended: on a descriptor of it, else for a short while. */
static void doze(int pidfd, double seconds)
{
    if (pidfd >= 0) {
        struct pollfd watch = {.fd = pidfd, .events = POLLIN};
        poll(&watch, 1, (int)ceil(1e3 * (seconds < 1e6 ? seconds : 1e6)));
        return;
    }
    double nap_s = seconds < 2e-3 ? seconds : 2e-3;
    nanosleep(&(struct timespec){.tv_nsec = (long)(1e9 * nap_s)}, NULL);
}

static pid_t reap(pid_t child, int *status, int flags)
{
    pid_t got;
    while ((got = waitpid(child, status, flags)) < 0 && errno == EINTR)
        ;
    return got;
}

/* Waits until the child has ended, at most wall_s before it is killed. Returns whether it had to be
 * killed; status is 0 when another part of the program has taken it (SIGCHLD ignored). */
static bool wait_for(pid_t child, double wall_s, int *status)
{
    double until_s = now_s() + wall_s;
    bool killed = false;
    int pidfd = -1;
#ifdef SYS_pidfd_open
    pidfd = (int)syscall(SYS_pidfd_open, child, 0u); /* closed on exec by its nature */
#endif
    pid_t got;
    while ((got = reap(child, status, WNOHANG)) == 0) {
        double left_s = until_s - now_s();
        if (left_s > 0.0) {
            doze(pidfd, left_s);
            continue;
        }
        killed = true;
        kill(child, SIGKILL);
        got = reap(child, status, 0);
        break;
    }
    if (got != child)
        *status = 0;
    if (pidfd >= 0)
        close(pidfd);
    return killed;
}

/* One sentence for a child that did not come to its end. */
static bool describe(const char *what, const Cell *cell, int status, bool late, Err *err)
{
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    double seconds = cell->limits.seconds;
    if (late)
        return err_set(err, ERR_LIMIT, "%s took longer than %.3g s: it was stopped", what,
                       WALL_PER_CPU * seconds);
    switch (number) {
    case SIGPROF:
    case SIGXCPU:
        return err_set(err, ERR_LIMIT, "%s took more than %.3g s of processor time: it was stopped",
                       what, seconds);
    case SIGKILL: /* nobody else kills it than a system that is out of memory */
        return err_set(err, ERR_LIMIT, "%s was stopped by the system: too little memory", what);
    case SIGSYS:
        return err_set(err, ERR_INPUT, "%s made its decoder try what is forbidden: do not trust it",
                       what);
    case 0:
        return err_set(err, ERR_INPUT, "%s made its decoder leave with status %d", what,
                       WIFEXITED(status) ? WEXITSTATUS(status) : 0);
    default:
        return err_set(err, ERR_INPUT, "%s made its decoder crash (%s)", what, strsignal(number));
    }
}

/* The child's own sentence: one line of a known code, whatever the child has become. */
static void take_error(const Note *word, Err *err)
{
    *err = word->err;
    err->text[sizeof err->text - 1] = '\0';
    size_t length = strlen(err->text);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)err->text[i] < ' ' || err->text[i] == 0x7f)
            err->text[i] = ' ';
    while (length > 0 && err->text[length - 1] == ' ')
        err->text[--length] = '\0';
    if (err->code <= ERR_NONE || err->code > ERR_CANCELLED)
        err->code = ERR_INPUT;
}

bool jail_run(const char *what, JailLimits limits, JailFn *prepare, JailFn *work, void *ctx,
              size_t shared_size, void *shared, Err *err)
{
    assert(limits.seconds > 0.0 && work != NULL);
    void *note = NULL;
    int status = 0;
    bool ok = false;
    if (!jail_block_open(sizeof(Note), &note, err))
        return false;
    Cell cell = {limits, prepare, work, ctx, shared, shared_size, note};
    pid_t parent = getpid(), child = fork();
    if (child == 0)
        run_child(&cell, parent);
    if (child < 0) {
        err_set(err, ERR_LIMIT, "cannot start a process for %s: %s", what, strerror(errno));
        goto out;
    }
    bool late = wait_for(child, WALL_PER_CPU * limits.seconds, &status);
    const Note *word = note;
    if (late || !atomic_load(&word->ended) || status != 0) {
        describe(what, &cell, status, late, err);
        goto out;
    }
    ok = word->ok != 0;
    if (!ok)
        take_error(word, err);
out:
    jail_block_close(sizeof(Note), note);
    return ok;
}
