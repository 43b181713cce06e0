/*
 * The command line: one file per command (cmd_<name>.c), and what they
 * share: options as a table, help made from it, and printing.
 *
 * Room: core/cli, the top floor; may use every room.
 * Exit codes: 0 done, 1 it failed, 2 wrong usage or configuration.
 */
#ifndef LN_CLI_CLI_H
#define LN_CLI_CLI_H

#include "base/buf.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { LN_EXIT_OK = 0, LN_EXIT_FAILED = 1, LN_EXIT_USAGE = 2 };

/* One option of a command. */
struct ln_cli_opt {
    const char *name;  /* without the dashes: "listen" */
    const char *value; /* name of its value in the help; NULL: a switch */
    const char *help;  /* what it does, its default */
    const char **text; /* where the value goes (last one wins); switch: NULL */
    bool *flag;        /* switch: set to true; else NULL */
};

struct ln_cli_spec {
    const char *command; /* "sim" */
    const char *usage;   /* "lunette sim --listen HOST:PORT [options]" */
    const char *summary; /* one or two sentences */
    const struct ln_cli_opt *opts;
    size_t nopts;
    int min_args, max_args; /* positional ones; max -1: any */
    const char *examples;   /* lines, or NULL */
};

/*
 * Parse argv[1..]: "--name value", "--name=value", switches, "--" ends the
 * options. Positional arguments are moved to argv[1..*nargs] in order.
 * --help prints the help made from the table and returns 1 with exit code 0.
 * Returns 0 to go on; 1 to leave with *exit_code (already explained).
 */
int ln_cli_parse(const struct ln_cli_spec *spec, int argc, char **argv,
                 int *nargs, int *exit_code);

/* "lunette sim: <what> ..." with where and cure on standard error. */
void ln_cli_fail(const char *command, const struct ln_error *err);

/* Exit code for an error: usage and configuration 2, everything else 1. */
int ln_cli_exit_code(const struct ln_error *err);

/* Numbers in options; false after having explained what is wrong. */
bool ln_cli_int(const char *command, const char *option, const char *text,
                int64_t min, int64_t max, int64_t *out);
/* Decimal text at 1e-8. */
bool ln_cli_decimal(const char *command, const char *option, const char *text,
                    int64_t *out_e8);

/* True when stream 1 or 2 is a terminal and NO_COLOR is not set. */
bool ln_cli_color(int fd);

/* "HOST:PORT"; a bare port means 127.0.0.1. host holds 64 bytes. */
bool ln_cli_listen(const char *command, const char *text, char host[64],
                   int *port);

/* The folder of the running executable, and files that ship beside it. */
const char *ln_cli_exe_dir(void);
/* lunette-strategy: build tree, then libexec. False with err if missing. */
bool ln_cli_find_strategy_exe(char *out, size_t cap, struct ln_error *err);
/* scripts/ folder: source tree of the build, then share/lunette. */
bool ln_cli_find_scripts(char *out, size_t cap, struct ln_error *err);

/* The commands. argv[0] is the command's name. */
int ln_cmd_api(int argc, char **argv);
int ln_cmd_sim(int argc, char **argv);
int ln_cmd_run(int argc, char **argv);
int ln_cmd_demo(int argc, char **argv);
int ln_cmd_ctl(int argc, char **argv);

#endif
