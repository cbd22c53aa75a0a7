#include "base/jail.h"

#include "base/jail_internal.h"
#include "base/parallel.h"
#include "base/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const JailLimits small = {.memory_bytes = (size_t)32 << 20, .seconds = 5.0};
enum { SHARED_BYTES = 1 << 16 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Runs work on a block of its own, whose first int is returned. */
static bool run(JailLimits limits, JailFn *work, void *ctx, int *first, Err *err)
{
    void *shared = NULL;
    *err = (Err){0};
    if (!jail_block_open(SHARED_BYTES, &shared, err))
        return false;
    bool ok = jail_run("the test", limits, NULL, work, ctx, SHARED_BYTES, shared, err);
    if (first != NULL)
        *first = *(int *)shared;
    jail_block_close(SHARED_BYTES, shared);
    return ok;
}

static bool add_up(void *ctx, size_t shared_size, void *shared, Err *err)
{
    int *sum = shared, *mine = ctx;
    (void)shared_size, (void)err;
    for (int i = 1; i <= *mine; i++)
        *sum += i;
    *mine = -1;
    return true;
}

TEST(what_the_child_writes_to_the_block_arrives_and_nothing_else)
{
    Err err;
    int sum = 0, number = 1000;
    CHECK(run(small, add_up, &number, &sum, &err));
    CHECK(sum == 500500);
    CHECK(number == 1000);
}

static bool complain(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)ctx, (void)shared_size, (void)shared;
    return err_set(err, ERR_NUMERIC, "the cat is %d", 7);
}

TEST(the_childs_own_error_arrives_whole)
{
    Err err;
    CHECK(!run(small, complain, NULL, NULL, &err));
    CHECK(err.code == ERR_NUMERIC);
    CHECK(strcmp(err.text, "the cat is 7") == 0);
}

static bool babble(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)ctx, (void)shared_size, (void)shared;
    memset(err, 0xff, sizeof *err);
    memcpy(err->text, "one\ntwo\x1b[2J", 12);
    memset(err->text + 12, '\n', 100);
    err->text[112] = '\0';
    return false;
}

TEST(what_a_child_says_is_one_line_of_a_known_code)
{
    Err err;
    CHECK(!run(small, babble, NULL, NULL, &err));
    CHECK(err.code == ERR_INPUT);
    CHECK(strcmp(err.text, "one two [2J") == 0);
}

TEST(an_error_of_prepare_keeps_work_from_running)
{
    Err err = {0};
    int sum = 3;
    void *shared = NULL;
    REQUIRE(jail_block_open(SHARED_BYTES, &shared, &err));
    CHECK(!jail_run("the test", small, complain, add_up, &sum, SHARED_BYTES, shared, &err));
    CHECK(err.code == ERR_NUMERIC);
    CHECK(*(int *)shared == 0);
    jail_block_close(SHARED_BYTES, shared);
}

static bool loop(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)ctx, (void)shared_size, (void)err;
    volatile unsigned *count = shared;
    while (*count < UINT_MAX)
        *count = (*count + 1) % 1000;
    return true;
}

TEST(a_child_that_never_ends_is_stopped_at_its_processor_time)
{
    Err err;
    JailLimits limits = small;
    limits.seconds = 0.2;
    double start_s = now_s();
    CHECK(!run(limits, loop, NULL, NULL, &err));
    CHECK(err.code == ERR_LIMIT);
    CHECK(strstr(err.text, "the test took ") != NULL && strstr(err.text, "stopped") != NULL);
    CHECK(now_s() - start_s < 2.0); /* three times 0.2 s, and what a busy machine adds */
}

static bool sleep_on(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)ctx, (void)shared_size, (void)shared;
    sleep(60);
    return err_set(err, ERR_IO, "slept to the end");
}

TEST(a_child_that_sleeps_is_stopped_by_the_clock)
{
    Err err;
    JailLimits limits = small;
    limits.seconds = 0.05;
    double start_s = now_s();
    CHECK(!run(limits, sleep_on, NULL, NULL, &err));
    CHECK(err.code == ERR_LIMIT);
    CHECK(strcmp(err.text, "the test took longer than 0.15 s: it was stopped") == 0);
    CHECK(now_s() - start_s >= 0.15 && now_s() - start_s < 2.0);
}

/* Megabytes until there are no more, touched so that they count. */
static bool eat(void *ctx, size_t shared_size, void *shared, Err *err)
{
    enum { MEGABYTE = 1 << 20, TOO_MANY = 256 };
    int *eaten = shared;
    (void)ctx, (void)shared_size;
    for (*eaten = 0; *eaten < TOO_MANY; ++*eaten) {
        void *block =
            mmap(NULL, MEGABYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED)
            return err_set(err, ERR_LIMIT, "full");
        memset(block, 1, MEGABYTE);
    }
    return true;
}

TEST(a_child_gets_its_memory_and_no_more)
{
    Err err;
    int eaten = 0;
    if (JAIL_SANITIZED) {
        printf("# skipped: a sanitizer's shadow leaves no limit of address space to test\n");
        return;
    }
    CHECK(!run(small, eat, NULL, &eaten, &err));
    CHECK(err.code == ERR_LIMIT && strcmp(err.text, "full") == 0);
    CHECK(eaten >= 28 && eaten <= 32);
}

static bool crash(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)shared_size, (void)shared;
    raise(*(const int *)ctx);
    return err_set(err, ERR_IO, "survived");
}

TEST(a_crash_becomes_a_sentence_with_its_name)
{
    static const int numbers[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    static const char *const names[] = {"Segmentation fault", "Aborted", "Bus error",
                                        "Floating point exception", "Illegal instruction"};
    for (int i = 0; i < 5; i++) {
        Err err;
        int number = numbers[i];
        char want[100];
        snprintf(want, sizeof want, "the test made its decoder crash (%s)", names[i]);
        CHECK(!run(small, crash, &number, NULL, &err));
        CHECK(err.code == ERR_INPUT);
        CHECK(strcmp(err.text, want) == 0);
    }
}

static void hide(int number)
{
    (void)number;
    _exit(0);
}

TEST(a_handler_of_the_callers_does_not_hide_a_crash)
{
    Err err;
    int number = SIGABRT;
    void (*old)(int) = signal(SIGABRT, hide);
    CHECK(!run(small, crash, &number, NULL, &err));
    CHECK(strcmp(err.text, "the test made its decoder crash (Aborted)") == 0);
    signal(SIGABRT, old);
}

static bool leave(void *ctx, size_t shared_size, void *shared, Err *err)
{
    (void)ctx, (void)shared_size, (void)shared, (void)err;
    _exit(3);
}

TEST(a_child_that_leaves_by_itself_is_no_success)
{
    Err err;
    CHECK(!run(small, leave, NULL, NULL, &err));
    CHECK(strcmp(err.text, "the test made its decoder leave with status 3") == 0);
}

static bool kernel_filters(void)
{
    return access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0;
}

/* Bit i of the first int: attempt i succeeded. */
static bool break_out(void *ctx, size_t shared_size, void *shared, Err *err)
{
    int *broken = shared, *secret = ctx;
    (void)shared_size, (void)err;
    *broken |= (open("/etc/passwd", O_RDONLY) >= 0) << 0;
    *broken |= (open("/tmp/follicle-jail", O_WRONLY | O_CREAT, 0600) >= 0) << 1;
    *broken |= (fcntl(*secret, F_GETFD) >= 0) << 2;
    char byte;
    *broken |= (read(*secret, &byte, 1) == 1) << 3;
    *broken |= (opendir("/") != NULL) << 4;
    *broken |= (access("/etc/passwd", R_OK) == 0) << 5;
    return true;
}

TEST(a_child_reaches_no_file_and_no_descriptor_of_its_parent)
{
    Err err;
    int broken = -1, secret = open("/etc/passwd", O_RDONLY);
    REQUIRE(secret >= 3);
    CHECK(run(small, break_out, &secret, &broken, &err));
    /* Without the filter a child may ask whether a file is there, but still not open it. */
    CHECK((broken & ~(kernel_filters() ? 0 : 1 << 5)) == 0);
    close(secret);
}

/* The forbidden thing number *ctx; the first int tells whether it was refused without a kill. */
static bool trespass(void *ctx, size_t shared_size, void *shared, Err *err)
{
    int *refused = shared;
    bool done = false;
    (void)shared_size, (void)err;
    switch (*(const int *)ctx) {
    case 0:
        done = socket(AF_INET, SOCK_STREAM, 0) >= 0;
        break;
    case 1:
        done = execl("/bin/true", "true", (char *)NULL) == 0;
        break;
    case 2:
        done = kill(getppid(), 0) == 0;
        break;
    case 3: {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        done = child > 0;
        break;
    }
    default:
        done = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
               MAP_FAILED;
    }
    *refused = !done;
    return true;
}

TEST(network_programs_signals_and_processes_are_forbidden_and_told)
{
    Err err;
    if (!kernel_filters()) {
        printf("# skipped: this kernel has no filter of system calls\n");
        return;
    }
    for (int what = 0; what < 4; what++) {
        CHECK(!run(small, trespass, &what, NULL, &err));
        CHECK(err.code == ERR_INPUT);
        CHECK(strstr(err.text, "forbidden") != NULL);
    }
    int code = 4, refused = 0;
    CHECK(run(small, trespass, &code, &refused, &err));
    CHECK(refused); /* new code in memory */
}

static void *answer(void *arg)
{
    *(int *)arg = 42;
    return NULL;
}

static bool start_thread(void *ctx, size_t shared_size, void *shared, Err *err)
{
    pthread_t thread;
    (void)ctx, (void)shared_size;
    if (pthread_create(&thread, NULL, answer, shared) != 0)
        return err_set(err, ERR_LIMIT, "no thread");
    pthread_join(thread, NULL);
    return true;
}

TEST(threads_start_only_where_they_are_allowed)
{
    Err err;
    int got = 0;
    JailLimits limits = small;
    if (kernel_filters() || geteuid() != 0) { /* a limit of processes does not bind root */
        CHECK(!run(limits, start_thread, NULL, &got, &err));
        CHECK(got != 42);
    }
    limits.threads = true;
    CHECK(run(limits, start_thread, NULL, &got, &err));
    CHECK(got == 42);
}

typedef struct Many {
    int ok[64];
} Many;

static void run_many(void *ctx, int block, int begin, int end)
{
    Many *many = ctx;
    (void)block;
    for (int i = begin; i < end; i++) {
        Err err;
        int number = i, sum = -1, fatal = SIGSEGV;
        bool good = i % 4 != 3;
        bool ok =
            good ? run(small, add_up, &number, &sum, &err) : run(small, crash, &fatal, NULL, &err);
        many->ok[i] =
            good ? ok && sum == i * (i + 1) / 2 : !ok && strstr(err.text, "Segmentation") != NULL;
    }
}

static int open_files(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

TEST(many_threads_run_children_at_once_and_leave_no_zombie_and_no_descriptor)
{
    Many many = {{0}};
    int before = open_files();
    parallel_for(8, 64, 1, run_many, &many);
    for (int i = 0; i < 64; i++)
        CHECK(many.ok[i]);
    CHECK(open_files() == before);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static void count_signal(int number)
{
    (void)number; /* only its interruption of waiting calls matters */
}

static void *pester(void *arg)
{
    pthread_t victim = *(pthread_t *)arg;
    for (int i = 0; i < 50; i++) {
        pthread_kill(victim, SIGUSR1);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return NULL;
}

TEST(signals_to_the_caller_do_not_disturb_the_wait)
{
    Err err;
    struct sigaction old, act = {.sa_handler = count_signal}; /* no SA_RESTART: calls end early */
    pthread_t helper, me = pthread_self();
    JailLimits limits = small;
    limits.seconds = 0.05;
    sigaction(SIGUSR1, &act, &old);
    REQUIRE(pthread_create(&helper, NULL, pester, &me) == 0);
    CHECK(!run(limits, sleep_on, NULL, NULL, &err));
    CHECK(strcmp(err.text, "the test took longer than 0.15 s: it was stopped") == 0);
    pthread_join(helper, NULL);
    sigaction(SIGUSR1, &old, NULL);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

TEST(a_child_counts_even_where_its_end_is_ignored)
{
    Err err;
    int sum = 0, number = 10;
    void (*old)(int) = signal(SIGCHLD, SIG_IGN);
    CHECK(run(small, add_up, &number, &sum, &err));
    CHECK(sum == 55);
    signal(SIGCHLD, old);
}
