/*
 * lunette: the first word is the command.
 */
#include "base/assert.h"
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

static const struct command commands[] = {
    {"demo", ln_cmd_demo, "exchange, host and two strategies in one go"},
    {"run", ln_cmd_run, "run strategies as a configuration file says"},
    {"ctl", ln_cmd_ctl, "look at a running host, and tell it what to do"},
    {"sim", ln_cmd_sim, "an exchange that speaks Bitget's wire format"},
    {"api", ln_cmd_api, "one REST call to the exchange"},
};

static void
help(FILE *out)
{
    fprintf(out, "usage: lunette <command> [options]\n\n");
    for (size_t i = 0; i < LN_COUNT(commands); i++)
        fprintf(out, "  %-6s %s\n", commands[i].name, commands[i].summary);
    fprintf(out, "\nlunette <command> --help tells more; "
                 "lunette --version says which this is.\n");
}

int
main(int argc, char **argv)
{
    const char *names[LN_COUNT(commands)];
    /* Headers and buffers hold keys for a moment: no core dumps. */
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (argc < 2) {
        help(stderr);
        return LN_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help(stdout);
        return LN_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("lunette " LN_VERSION);
        return LN_EXIT_OK;
    }
    for (size_t i = 0; i < LN_COUNT(commands); i++) {
        names[i] = commands[i].name;
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    const char *near = ln_nearest(argv[1], names, LN_COUNT(commands));
    fprintf(stderr, "lunette: there is no command '%s'\n  ", argv[1]);
    if (near)
        fprintf(stderr, "did you mean '%s'?\n", near);
    else
        fprintf(stderr, "see: lunette --help\n");
    return LN_EXIT_USAGE;
}
