/*
 * What the commands share: the option parser, help, errors, found files.
 */
#include "cli/cli.h"

#include "base/decimal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTS_MAX 64

static void
print_help(const struct ln_cli_spec *spec)
{
    printf("usage: %s\n\n%s\n", spec->usage, spec->summary);
    if (spec->nopts)
        printf("\noptions:\n");
    for (size_t i = 0; i < spec->nopts; i++) {
        const struct ln_cli_opt *o = &spec->opts[i];
        char left[64];
        snprintf(left, sizeof(left), "--%s%s%s", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        if (strlen(left) > 26)
            printf("  %s\n  %-26s %s\n", left, "", o->help);
        else
            printf("  %-26s %s\n", left, o->help);
    }
    printf("  %-26s %s\n", "--help", "this text");
    if (spec->examples)
        printf("\nexamples:\n%s", spec->examples);
}

static void
unknown_option(const struct ln_cli_spec *spec, const char *name, size_t len)
{
    const char *names[OPTS_MAX];
    char word[64];
    size_t n = 0;
    struct ln_error err;
    for (; n < spec->nopts && n < OPTS_MAX; n++)
        names[n] = spec->opts[n].name;
    ln_str_copy(word, sizeof(word), ln_strn(name, len));
    const char *near = ln_nearest(word, names, n);
    char cure[160];
    if (near)
        snprintf(cure, sizeof(cure), "did you mean --%s?", near);
    else
        snprintf(cure, sizeof(cure), "see: lunette %s --help", spec->command);
    ln_error_set(&err, LN_ERR_CONFIG, NULL, cure, "unknown option --%s", word);
    ln_cli_fail(spec->command, &err);
}

/* One option at argv[*i]. False: explained, leave. */
static bool
take_option(const struct ln_cli_spec *spec, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2;
    const char *eq = strchr(name, '=');
    size_t len = eq ? (size_t)(eq - name) : strlen(name);
    struct ln_error err;
    for (size_t k = 0; k < spec->nopts; k++) {
        const struct ln_cli_opt *o = &spec->opts[k];
        if (!ln_str_eqc(ln_strn(name, len), o->name))
            continue;
        if (!o->value && !eq) {
            *o->flag = true;
            return true;
        }
        if (o->value && eq) {
            *o->text = eq + 1;
            return true;
        }
        if (o->value && *i + 1 < argc) {
            *o->text = argv[++*i];
            return true;
        }
        char cure[160];
        snprintf(cure, sizeof(cure), "write --%s%s%s", o->name,
                 o->value ? " " : "", o->value ? o->value : "");
        ln_error_set(&err, LN_ERR_CONFIG, NULL, cure,
                     o->value ? "--%s needs a value" : "--%s takes no value",
                     o->name);
        ln_cli_fail(spec->command, &err);
        return false;
    }
    unknown_option(spec, name, len);
    return false;
}

int
ln_cli_parse(const struct ln_cli_spec *spec, int argc, char **argv, int *nargs,
             int *exit_code)
{
    bool options = true;
    *nargs = 0;
    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && (strcmp(argv[i], "--help") == 0 ||
                               strcmp(argv[i], "-h") == 0)) {
            print_help(spec);
            *exit_code = LN_EXIT_OK;
            return 1;
        } else if (options && strncmp(argv[i], "--", 2) == 0) {
            if (!take_option(spec, argc, argv, &i)) {
                *exit_code = LN_EXIT_USAGE;
                return 1;
            }
        } else {
            argv[++*nargs] = argv[i];
        }
    }
    if (*nargs < spec->min_args ||
        (spec->max_args >= 0 && *nargs > spec->max_args)) {
        struct ln_error err;
        ln_error_set(&err, LN_ERR_CONFIG, NULL, spec->usage,
                     *nargs < spec->min_args ? "an argument is missing"
                                             : "unexpected argument '%s'",
                     argv[*nargs > 0 ? *nargs : 0]);
        ln_cli_fail(spec->command, &err);
        *exit_code = LN_EXIT_USAGE;
        return 1;
    }
    return 0;
}

void
ln_cli_fail(const char *command, const struct ln_error *err)
{
    bool color = ln_cli_color(2);
    fprintf(stderr, "%slunette %s:%s %s", color ? "\033[31m" : "", command,
            color ? "\033[0m" : "", err->what);
    if (err->where[0])
        fprintf(stderr, " (%s)", err->where);
    fputc('\n', stderr);
    if (err->cure[0])
        fprintf(stderr, "  %s\n", err->cure);
}

int
ln_cli_exit_code(const struct ln_error *err)
{
    switch (err->code) {
    case LN_OK:
        return LN_EXIT_OK;
    case LN_ERR_ARG:
    case LN_ERR_CONFIG:
        return LN_EXIT_USAGE;
    default:
        return LN_EXIT_FAILED;
    }
}

bool
ln_cli_int(const char *command, const char *option, const char *text,
           int64_t min, int64_t max, int64_t *out)
{
    char *end = NULL;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    if (end == text || *end || errno || v < min || v > max) {
        struct ln_error err;
        char cure[160];
        snprintf(cure, sizeof(cure), "give a whole number from %lld to %lld",
                 (long long)min, (long long)max);
        ln_error_set(&err, LN_ERR_CONFIG, NULL, cure,
                     "--%s: '%s' is not acceptable", option, text);
        ln_cli_fail(command, &err);
        return false;
    }
    *out = v;
    return true;
}

bool
ln_cli_decimal(const char *command, const char *option, const char *text,
               int64_t *out_e8)
{
    if (ln_decimal_parse(ln_str(text), LN_SCALE_MONEY, LN_ROUND_EXACT,
                         out_e8) == LN_OK)
        return true;
    struct ln_error err;
    ln_error_set(&err, LN_ERR_CONFIG, NULL, "give an amount such as 10000.50",
                 "--%s: '%s' is not an amount", option, text);
    ln_cli_fail(command, &err);
    return false;
}

bool
ln_cli_color(int fd)
{
    const char *no = getenv("NO_COLOR");
    return isatty(fd) && !(no && *no);
}

bool
ln_cli_listen(const char *command, const char *text, char host[64], int *port)
{
    const char *colon = strrchr(text, ':');
    const char *digits = colon ? colon + 1 : text;
    int64_t n = 0;
    struct ln_str h =
        colon ? ln_strn(text, (size_t)(colon - text)) : ln_str("127.0.0.1");
    if (h.len >= 2 && h.ptr[0] == '[' && h.ptr[h.len - 1] == ']')
        h = ln_strn(h.ptr + 1, h.len - 2);
    if (h.len == 0 || !ln_str_copy(host, 64, h)) {
        struct ln_error err;
        ln_error_set(&err, LN_ERR_CONFIG, NULL, "write 127.0.0.1:8443",
                     "--listen: '%s' is not HOST:PORT", text);
        ln_cli_fail(command, &err);
        return false;
    }
    if (!ln_cli_int(command, "listen", digits, 0, 65535, &n))
        return false;
    *port = (int)n;
    return true;
}

const char *
ln_cli_exe_dir(void)
{
    static char dir[PATH_MAX];
    if (dir[0])
        return dir;
    ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
    if (n <= 0)
        return ".";
    dir[n] = 0;
    char *slash = strrchr(dir, '/');
    if (slash)
        *slash = 0;
    return dir;
}

/* First of the candidates below the executable's folder that exists. */
static bool
find_beside(const char *const *candidates, size_t n, int mode, char *out,
            size_t cap)
{
    for (size_t i = 0; i < n; i++) {
        int len = snprintf(out, cap, "%s/%s", ln_cli_exe_dir(), candidates[i]);
        if (len > 0 && (size_t)len < cap && access(out, mode) == 0)
            return true;
    }
    return false;
}

bool
ln_cli_find_strategy_exe(char *out, size_t cap, struct ln_error *err)
{
    static const char *const places[] = {"lunette-strategy",
                                         "../libexec/lunette/lunette-strategy"};
    if (find_beside(places, 2, X_OK, out, cap))
        return true;
    ln_error_set(err, LN_ERR_CONFIG, ln_cli_exe_dir(),
                 "build or install Lunette again: ./dev build",
                 "the strategy runner lunette-strategy is missing");
    return false;
}

bool
ln_cli_find_scripts(char *out, size_t cap, struct ln_error *err)
{
    static const char *const places[] = {"../share/lunette", "../../../scripts",
                                         "../../scripts"};
    if (find_beside(places, 3, R_OK, out, cap))
        return true;
    ln_error_set(err, LN_ERR_CONFIG, ln_cli_exe_dir(),
                 "build or install Lunette again: ./dev build",
                 "the folder of scripts that ships with Lunette is missing");
    return false;
}
