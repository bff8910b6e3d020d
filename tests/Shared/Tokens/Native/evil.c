/* A PKCS#11 module that passes everything on to an honest one (HONEST, a path), and lies in one thing. Which thing, -D says. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef unsigned long ul;
typedef struct { ul type; unsigned char *value; ul length; } attribute;
struct list { unsigned char version[2]; void *function[68]; };
enum { INITIALIZE = 0, GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, LOGIN = 18, GET_ATTRIBUTE = 24, FIND = 27, SIGN = 43, GENERATE = 59, DERIVE = 62 };
enum { VALUE = 0x11, EC_POINT = 0x181 };

static struct list lies, *honest;

static void hang(void) { for (;;) pause(); }
static void crash(void) { __builtin_trap(); }
static int nth(void) { static int calls; return ++calls == NTH; }

static ul initialize(void *arguments)
{
#ifdef HANG_INITIALIZE
    hang();
#endif
#ifdef CRASH_INITIALIZE
    crash();
#endif
    return ((ul (*)(void *))honest->function[INITIALIZE])(arguments);
}

static ul get_slot_list(unsigned char present, ul *slots, ul *count)
{
    ul said = ((ul (*)(unsigned char, ul *, ul *))honest->function[GET_SLOT_LIST])(present, slots, count);
#ifdef MANY_SLOTS
    *count = 0xffffffffUL;
#endif
    return said;
}

static ul get_token_info(ul slot, unsigned char *info)
{
    ul said = ((ul (*)(ul, unsigned char *))honest->function[GET_TOKEN_INFO])(slot, info);
#ifdef FINAL_TRY
    *(ul *)(info + 96) |= 0x20000;
#endif
#ifdef SHOWS_LOCKED
    *(ul *)(info + 96) |= 0x40000;
#endif
#ifdef RUDE_LABEL
    memcpy(info, "\033[2Jpay \xff\xfe", 10);
#endif
    return said;
}

static ul login(ul session, ul user, unsigned char *pin, ul length)
{
#ifdef PIN_LOCKED
    return 0xa4;
#endif
#ifdef HANG_LOGIN
    hang();
#endif
#ifdef EXIT_LOGIN
    exit(0);
#endif
    return ((ul (*)(ul, ul, unsigned char *, ul))honest->function[LOGIN])(session, user, pin, length);
}

static ul get_attribute(ul session, ul object, attribute *wanted, ul count)
{
    ul said = ((ul (*)(ul, ul, attribute *, ul))honest->function[GET_ATTRIBUTE])(session, object, wanted, count);
#ifdef OTHERS_KEY
    static const unsigned char generator[] =
        "\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96"
        "\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5";
    if (said == 0 && wanted->type == EC_POINT) memcpy(wanted->value + 3, generator, 64);
#endif
#ifdef OFF_CURVE_KEY
    if (said == 0 && wanted->type == EC_POINT) wanted->value[66] ^= 1;
#endif
#ifdef WRONG_SECRET
    if (said == 0 && wanted->type == VALUE && (NTH == 0 || nth())) wanted->value[31] ^= 1;
#endif
#ifdef LONG_ATTRIBUTE
    wanted->length = 1UL << 32;
#endif
#ifdef LONG_SECRET
    if (wanted->type == VALUE) wanted->length = 1UL << 32;
#endif
    return said;
}

static ul find(ul session, ul *found, ul most, ul *count)
{
    ul said = ((ul (*)(ul, ul *, ul, ul *))honest->function[FIND])(session, found, most, count);
#ifdef MANY_KEYS
    *count = 1UL << 32;
#endif
    return said;
}

static ul sign(ul session, unsigned char *data, ul length, unsigned char *signature, ul *signature_length)
{
    ul said = ((ul (*)(ul, unsigned char *, ul, unsigned char *, ul *))honest->function[SIGN])(session, data, length, signature, signature_length);
#ifdef WRONG_SIGNATURE
    if (said == 0 && (NTH == 0 || nth())) signature[40] ^= 1;
#endif
#ifdef LONG_SIGNATURE
    *signature_length = 1UL << 32;
#endif
    return said;
}

static ul generate(ul session, void *mechanism, void *a, ul b, void *c, ul d, ul *e, ul *f)
{
#ifdef HANG_GENERATE
    hang();
#endif
    return ((ul (*)(ul, void *, void *, ul, void *, ul, ul *, ul *))honest->function[GENERATE])(session, mechanism, a, b, c, d, e, f);
}

static ul derive(ul session, void *mechanism, ul key, void *a, ul b, ul *derived)
{
#ifdef HANG_DERIVE
    if (NTH == 0 || nth()) hang();
#endif
#ifdef CRASH_DERIVE
    if (NTH == 0 || nth()) crash();
#endif
#ifdef REMOVED
    if (NTH == 0 || nth()) return 0x32;
#endif
#ifdef CHATTER
    char line[16];
    printf("a line where frames should be\n");
    fflush(stdout);
    fgets(line, sizeof line, stdin);
#endif
    return ((ul (*)(ul, void *, ul, void *, ul, ul *))honest->function[DERIVE])(session, mechanism, key, a, b, derived);
}

#ifdef BREAK_OUT
/* What works of what should not, a word each, into its own folder (OWN), which it may write. STRANGE is a folder that is none of its business. */
static void break_out(void)
{
    FILE *seen = fopen(OWN "/broke-out", "w");
    if (!seen) return;
    int file = open(STRANGE "/written", O_CREAT | O_WRONLY, 0600);
    if (file >= 0) { fprintf(seen, "wrote "); close(file); }
    file = open(STRANGE "/secret", O_RDONLY);
    if (file >= 0) { fprintf(seen, "read "); close(file); }
    pid_t child = fork();
    if (child == 0) { execl("/bin/true", "true", (char *)0); _exit(1); }
    int status = 1;
    if (child > 0 && waitpid(child, &status, 0) == child && status == 0) fprintf(seen, "started ");
    struct sockaddr_in where = { .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&where, sizeof where) == 0) fprintf(seen, "connected ");
    if (ptrace(PTRACE_ATTACH, VICTIM, 0, 0) == 0) { waitpid(VICTIM, 0, 0); ptrace(PTRACE_DETACH, VICTIM, 0, 0); fprintf(seen, "attached "); }
    if (kill(VICTIM, 0) == 0) fprintf(seen, "signalled ");
    for (int i = 3; i < 200; i++)
    {
        char name[64], target[256];
        snprintf(name, sizeof name, "/proc/self/fd/%d", i);
        ssize_t length = readlink(name, target, sizeof target - 1);
        if (length > 0 && (target[length] = 0, strstr(target, STRANGE))) fprintf(seen, "inherited ");
    }
    if (getenv("HOLDFAST_TEST_SECRET")) fprintf(seen, "environment ");
    fprintf(seen, "end\n");
    fclose(seen);
}
#endif

#ifdef LEAVES_A_MARK
static void __attribute__((constructor)) mark(void) { FILE *file = fopen(OWN "/was-loaded", "w"); if (file) fclose(file); }
#endif

ul C_GetFunctionList(struct list **list)
{
    void *library = dlopen(HONEST, RTLD_NOW);
    if (!library || ((ul (*)(struct list **))dlsym(library, "C_GetFunctionList"))(&honest)) return 5;
    lies = *honest;
    lies.function[INITIALIZE] = initialize;
    lies.function[GET_SLOT_LIST] = get_slot_list;
    lies.function[GET_TOKEN_INFO] = get_token_info;
    lies.function[LOGIN] = login;
    lies.function[GET_ATTRIBUTE] = get_attribute;
    lies.function[FIND] = find;
    lies.function[SIGN] = sign;
    lies.function[GENERATE] = generate;
    lies.function[DERIVE] = derive;
#ifdef BREAK_OUT
    break_out();
#endif
    *list = &lies;
    return 0;
}
