#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* The one mutable file-scope variable of the program: a signal handler has no other way to speak.
 */
static atomic_bool cancelled;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&cancelled, true);
}

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void draw(CliMeter *meter, double now, const char *what, double fraction)
{
    meter->last_s = now;
    meter->shown = true;
    int full = (int)(fraction * 24.0);
    fprintf(stderr, "\r\033[K[%.*s%.*s] %3.0f %%  %s", full, "########################", 24 - full,
            "........................", fraction * 100.0, what);
    fflush(stderr);
}

/* Nothing is shown for the first second: short work needs no meter. */
static void report(void *ctx, const char *what, double fraction)
{
    CliMeter *meter = ctx;
    double now = now_s();
    if (meter->silent || now - meter->started_s < 1.0 || atomic_flag_test_and_set(&meter->busy))
        return;
    if (now - meter->last_s >= 0.1)
        draw(meter, now, what, fraction);
    atomic_flag_clear(&meter->busy);
}
Progress cli_progress(CliMeter *meter, bool quiet)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    *meter = (CliMeter){
        .busy = ATOMIC_FLAG_INIT, .silent = quiet || !isatty(STDERR_FILENO), .started_s = now_s()};
    return (Progress){.report = report, .ctx = meter, .cancel = &cancelled, .from = 0.0, .to = 1.0};
}

void cli_progress_end(CliMeter *meter)
{
    if (meter->shown)
        fprintf(stderr, "\r\033[K");
    meter->shown = false;
}

/* RLIMIT_DATA counts private writable mappings: the arenas, the libraries' heap, and
 * thread stacks of up to 10 MB, which come on top of what was allowed. */
void cli_limit_memory(double memory_mb, int threads)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    rlim_t bytes = (rlim_t)((memory_mb + 64.0 + 10.0 * threads) * 1048576.0);
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) == 0 &&
        (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > bytes)) {
        limit.rlim_cur = bytes;
        setrlimit(RLIMIT_DATA, &limit);
    }
#else
    (void)memory_mb, (void)threads;
#endif
}
