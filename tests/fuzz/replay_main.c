/*
 * Runs a fuzz target without libFuzzer, the same way every time: each file
 * of the corpus, then inputs made from them by a mutator with a seed.
 *
 *     fuzz_json [-runs=N] [-seed=N] [-dict=FILE] [-out=DIR] FILE|DIR...
 *
 * An input that ends the process is written to DIR first (the current one
 * when none is given), and a line says how to run it again.
 */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX 8192
#define SEEDS_MAX 512
#define WORDS_MAX 512
#define SLOW_S    20 /* one input that takes as long is a finding */

struct text {
    char *data;
    size_t len;
};

static struct text seeds[SEEDS_MAX], words[WORDS_MAX];
static size_t nseeds, nwords;
static uint64_t rng_state;

/* The input under way, for whoever asks why the process ended. */
static uint8_t input[INPUT_MAX];
static size_t input_len;
static bool running;
static const char *program, *out_dir = ".";

/* ---- a finding ---- */

static void
save_input(void)
{
    char path[512];
    uint64_t hash = 1469598103934665603U;
    if (!running)
        return;
    running = false;
    for (size_t i = 0; i < input_len; i++)
        hash = (hash ^ input[i]) * 1099511628211U;
    const char *name = strrchr(program, '/');
    snprintf(path, sizeof(path), "%s/crash-%s-%016llx", out_dir,
             name ? name + 1 : program, (unsigned long long)hash);
    FILE *f = fopen(path, "wb");
    if (f) {
        (void)fwrite(input, 1, input_len, f);
        (void)fclose(f);
    }
    fprintf(stderr, "this input: %s\nrun it again: %s %s\n", path, program,
            path);
}

/* Sanitizers end the process their own way, and tell us by this. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*fn)(void));

static void
on_signal(int signum)
{
    if (signum == SIGALRM)
        fprintf(stderr, "one input took %d seconds\n", SLOW_S);
    save_input();
    signal(signum, SIG_DFL);
    raise(signum);
}

static void
watch_for_the_end(void)
{
    static const int signals[] = {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE};
    /* AddressSanitizer has more to say about all but the first two. */
    size_t n = __sanitizer_set_death_callback ? 2 : 5;
    for (size_t i = 0; i < n; i++)
        signal(signals[i], on_signal);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(save_input);
}

static void
run_input(void)
{
    running = true;
    alarm(SLOW_S);
    (void)LLVMFuzzerTestOneInput(input, input_len);
    running = false;
}

/* ---- files ---- */

static void
die(const char *what, const char *path)
{
    fprintf(stderr, "%s: %s: %s\n", program, path, what);
    exit(2);
}

static struct text
read_file(const char *path)
{
    struct text t = {malloc(INPUT_MAX), 0};
    FILE *f = fopen(path, "rb");
    if (!f || !t.data)
        die("cannot be read", path);
    t.len = fread(t.data, 1, INPUT_MAX, f);
    (void)fclose(f);
    return t;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* whatever the locale */
}

static void
add_seeds(const char *path)
{
    struct stat st;
    struct dirent **entries;
    if (stat(path, &st) != 0)
        die("does not exist", path);
    if (!S_ISDIR(st.st_mode)) {
        if (nseeds < SEEDS_MAX)
            seeds[nseeds++] = read_file(path);
        return;
    }
    int n = scandir(path, &entries, NULL, by_name);
    for (int i = 0; i < n; i++) {
        char file[1024];
        snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && nseeds < SEEDS_MAX)
            seeds[nseeds++] = read_file(file);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

/* Lines of libFuzzer's form: name="text", with \" \\ \xNN. */
static void
read_words(const char *path)
{
    char line[512];
    FILE *f = fopen(path, "r");
    if (!f)
        die("cannot be read", path);
    while (nwords < WORDS_MAX && fgets(line, sizeof(line), f)) {
        char *at = strchr(line, '"');
        char *end = strrchr(line, '"');
        if (line[0] == '#' || !at || at == end)
            continue;
        struct text *word = &words[nwords++];
        word->data = fuzz_copy(at, (size_t)(end - at));
        for (at++; at < end; at++) {
            unsigned code = 0;
            if (*at == '\\' && sscanf(at, "\\x%2x", &code) == 1)
                at += 3;
            else
                code = (unsigned char)*(*at == '\\' ? ++at : at);
            word->data[word->len++] = (char)code;
        }
    }
    (void)fclose(f);
}

/* ---- the mutator ---- */

static uint64_t
next_random(void)
{
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    rng_state ^= rng_state << 17;
    return rng_state;
}

static size_t
below(size_t n)
{
    return n ? (size_t)((next_random() >> 11) % n) : 0;
}

/* Replaces <cut> bytes at <at> by <len> others, as far as they fit. */
static void
splice(size_t at, size_t cut, const void *bytes, size_t len)
{
    uint8_t tail[INPUT_MAX];
    size_t ntail = input_len - at - cut;
    if (at + len > INPUT_MAX)
        len = INPUT_MAX - at;
    memcpy(tail, input + at + cut, ntail);
    if (at + len + ntail > INPUT_MAX)
        ntail = INPUT_MAX - at - len;
    memmove(input + at, bytes, len);
    memcpy(input + at + len, tail, ntail);
    input_len = at + len + ntail;
}

/* The first number at or behind a random place becomes another one. */
static void
change_number(void)
{
    static const char *const numbers[] = {"0",
                                          "-1",
                                          "1",
                                          "0.00000001",
                                          "99999999999999999999",
                                          "1e9",
                                          "",
                                          "7",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "0.00001",
                                          "65",
                                          ".",
                                          "1000000",
                                          "18446744073709551616"};
    size_t at = below(input_len), len = 0;
    while (at < input_len && (input[at] < '0' || input[at] > '9'))
        at++;
    while (at + len < input_len &&
           (input[at + len] == '.' ||
            (input[at + len] >= '0' && input[at + len] <= '9')))
        len++;
    const char *text = numbers[below(sizeof(numbers) / sizeof(numbers[0]))];
    splice(at, len, text, strlen(text));
}

/* Something of another seed is put in. */
static void
borrow(void)
{
    const struct text *other = &seeds[below(nseeds)];
    size_t from = below(other->len);
    size_t len = below(other->len - from) + (other->len > from);
    if (next_random() & 1) { /* a whole line, if it has lines */
        while (from > 0 && other->data[from - 1] != '\n')
            from--;
        const char *eol = memchr(other->data + from, '\n', other->len - from);
        len = eol ? (size_t)(eol + 1 - other->data) - from : other->len - from;
    }
    splice(below(input_len + 1), 0, other->data + from, len);
}

static void
mutate_once(void)
{
    uint8_t piece[64];
    size_t at = below(input_len), left = input_len - at;
    size_t n = 1 + below(next_random() & 3 ? 8 : 64);
    switch (below(9)) {
    case 0:
        if (left)
            input[at] ^= (uint8_t)(1U << below(8));
        break;
    case 1:
        if (left)
            input[at] = (uint8_t)next_random();
        break;
    case 2:
        splice(at, n < left ? n : left, "", 0);
        break;
    case 3: /* once more */
        n = n < left ? n : left;
        memcpy(piece, input + at, n);
        splice(below(input_len + 1), 0, piece, n);
        break;
    case 4:
        for (size_t i = 0; i < n; i++)
            piece[i] = (uint8_t)next_random();
        splice(at, 0, piece, n);
        break;
    case 5:
        change_number();
        break;
    case 6:
        borrow();
        break;
    case 7:
        input_len = at; /* cut off */
        break;
    default:
        if (nwords) {
            const struct text *word = &words[below(nwords)];
            splice(at, next_random() & 1 ? word->len % (left + 1) : 0,
                   word->data, word->len);
        }
        break;
    }
}

static void
make_input(void)
{
    const struct text *seed = &seeds[below(nseeds)];
    memcpy(input, seed->data, seed->len);
    input_len = seed->len;
    for (size_t n = 1 + below(6); n > 0; n--)
        mutate_once();
}

int
main(int argc, char **argv)
{
    unsigned long long runs = 0, seed = 1;
    program = argv[0];
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-runs=", 6) == 0)
            runs = strtoull(argv[i] + 6, NULL, 10);
        else if (strncmp(argv[i], "-seed=", 6) == 0)
            seed = strtoull(argv[i] + 6, NULL, 10);
        else if (strncmp(argv[i], "-dict=", 6) == 0)
            read_words(argv[i] + 6);
        else if (strncmp(argv[i], "-out=", 5) == 0)
            out_dir = argv[i] + 5;
        else if (argv[i][0] == '-')
            die("is no option", argv[i]);
        else
            add_seeds(argv[i]);
    }
    if (nseeds == 0)
        die("has no files to start from", argc > 1 ? argv[argc - 1] : "");
    watch_for_the_end();
    for (size_t i = 0; i < nseeds; i++) {
        memcpy(input, seeds[i].data, seeds[i].len);
        input_len = seeds[i].len;
        run_input();
    }
    rng_state = seed * 0x9e3779b97f4a7c15U + 1;
    for (unsigned long long i = 0; i < runs; i++) {
        make_input();
        run_input();
    }
    printf("%zu files and %llu inputs made from them\n", nseeds, runs);
    for (size_t i = 0; i < nseeds; i++)
        free(seeds[i].data);
    for (size_t i = 0; i < nwords; i++)
        free(words[i].data);
    return 0;
}
