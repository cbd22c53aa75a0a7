#include "base/jail_internal.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define MACHINE AUDIT_ARCH_X86_64
#else
#define MACHINE AUDIT_ARCH_AARCH64
#endif

/* What a decoder, the C library and a sanitizer need to compute. Reading and writing are here
 * because no descriptor is open. */
static const int allowed[] = {
    __NR_munmap,       __NR_mremap,        __NR_brk,
    __NR_madvise,      __NR_futex,         __NR_exit,
    __NR_exit_group,   __NR_clock_gettime, __NR_clock_getres,
    __NR_gettimeofday, __NR_nanosleep,     __NR_clock_nanosleep,
    __NR_getrandom,    __NR_rt_sigaction,  __NR_rt_sigprocmask,
    __NR_rt_sigreturn, __NR_sigaltstack,   __NR_restart_syscall,
    __NR_getpid,       __NR_gettid,        __NR_sched_yield,
    __NR_membarrier,   __NR_rseq,          __NR_sched_getaffinity,
    __NR_read,         __NR_write,         __NR_writev,
    __NR_close,        __NR_lseek,         __NR_set_robust_list,
};

/* What libraries try in passing (how many processors, which locale) and can do without. */
static const int refused[] = {
    __NR_openat,
    __NR_faccessat,
    __NR_readlinkat,
    __NR_newfstatat,
    __NR_fstat,
    __NR_statx,
    __NR_getcwd,
    __NR_ioctl,
    __NR_fcntl,
    __NR_uname,
    __NR_sysinfo,
    __NR_getdents64,
    __NR_get_mempolicy,
    __NR_mbind,
    __NR_set_mempolicy,
    __NR_prctl,
    __NR_prlimit64,
    __NR_getrusage,
    __NR_mlock,
    __NR_munlock,
    __NR_getuid,
    __NR_sched_setaffinity,
#ifdef __x86_64__
    __NR_open,
    __NR_access,
    __NR_readlink,
    __NR_stat,
    __NR_lstat,
    __NR_getrlimit,
#endif
#ifdef __NR_openat2
    __NR_openat2,
#endif
#ifdef __NR_faccessat2
    __NR_faccessat2,
#endif
#if JAIL_SANITIZED
    __NR_pipe2, /* to probe memory when they describe a crash */
    __NR_process_vm_readv,
#endif
};

enum { MAX_STEPS = 4 * (sizeof allowed + sizeof refused) / sizeof(int) + 64 };

typedef struct Program {
    unsigned short count;
    struct sock_filter step[MAX_STEPS];
} Program;

static void add(Program *p, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
    p->step[p->count++] = (struct sock_filter){code, if_true, if_false, k};
}

static void load(Program *p, size_t offset)
{
    add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void give(Program *p, uint32_t answer)
{
    add(p, BPF_RET | BPF_K, answer, 0, 0);
}

/* The low half of argument `index`; both machines are little endian. */
static size_t argument(int index)
{
    return offsetof(struct seccomp_data, args) + 8 * (size_t)index;
}

/* The call `number` gets `answer`; the number is in the accumulator. */
static void answer_call(Program *p, int number, uint32_t answer)
{
    add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1);
    give(p, answer);
}

/* The call `number` is allowed when argument & mask == want, else gets `otherwise`. */
static void answer_if(Program *p, int number, int index, uint32_t mask, uint32_t want,
                      uint32_t otherwise)
{
    add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 5);
    load(p, argument(index));
    add(p, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
    add(p, BPF_JMP | BPF_JEQ | BPF_K, want, 0, 1);
    give(p, SECCOMP_RET_ALLOW);
    give(p, otherwise);
}

static void write_program(Program *p, bool threads)
{
    enum { X32_BIT = 0x40000000 }; /* the second table of x86-64, linux/arch/x86/include/asm */
    const uint32_t deny = SECCOMP_RET_ERRNO | EACCES, kill = SECCOMP_RET_KILL_PROCESS;
    load(p, offsetof(struct seccomp_data, arch));
    add(p, BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0);
    give(p, kill);
    load(p, offsetof(struct seccomp_data, nr));
    add(p, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
    give(p, kill);
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        answer_call(p, allowed[i], SECCOMP_RET_ALLOW);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        answer_call(p, refused[i], deny);
    /* No new code in memory, no signal to others (abort signals its own process), no new process.
     * The flags of clone3 are in memory, out of a filter's sight: the C library falls back. */
    answer_if(p, __NR_mmap, 2, PROT_EXEC, 0, deny);
    answer_if(p, __NR_mprotect, 2, PROT_EXEC, 0, deny);
    answer_if(p, __NR_tgkill, 0, UINT32_MAX, (uint32_t)getpid(), kill);
    if (threads) {
        answer_if(p, __NR_clone, 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM, kill);
#ifdef __NR_clone3
        answer_call(p, __NR_clone3, SECCOMP_RET_ERRNO | ENOSYS);
#endif
    }
    give(p, kill);
}

bool jail_filter(bool threads)
{
    Program program = {0};
    write_program(&program, threads);
    struct sock_fprog fprog = {program.count, program.step};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog) == 0;
}

#else

bool jail_filter(bool threads)
{
    (void)threads; /* nothing to allow: this machine's calls have no table here */
    return false;
}

#endif
