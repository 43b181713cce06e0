/*
 * What the readers of recorded data (data.c: candles, data_trades.c) share:
 * the text of a file, unpacked, and fields of its lines.
 */
#ifndef LN_SIM_DATA_H
#define LN_SIM_DATA_H

#include "sim/sim_int.h"

#define LN_SIM_COLUMNS_MAX 64

/* Where a reader is. */
struct ln_sim_reader {
    const char *path;
    const struct ln_instrument *in;
    bool quote_volume;
    int line;
    size_t cap; /* rows allocated */
};

/* PARSE with path and line. */
enum ln_err ln_sim_data_fail(const struct ln_sim_reader *r,
                             struct ln_error *err, const char *cure,
                             const char *what);
/* Without blanks and quotes around it. */
struct ln_str ln_sim_data_trim(struct ln_str s);
/* Cut a line at its commas. Returns the number of fields, capped. */
int ln_sim_data_split(struct ln_str line, struct ln_str *out);
/* The next line, trimmed; false: there is none. */
bool ln_sim_data_line(struct ln_sim_reader *r, struct ln_str *rest,
                      struct ln_str *line);

/* Is this the first line of a CSV file of trades? */
bool ln_sim_data_has_trades(struct ln_str header);
enum ln_err ln_sim_data_csv_trades(struct ln_sim_reader *r, struct ln_str text,
                                   struct ln_sim_data *data,
                                   struct ln_error *err);
/* A JSON array of objects. */
enum ln_err ln_sim_data_json_trades(struct ln_sim_reader *r, struct ln_str text,
                                    struct ln_sim_data *data,
                                    struct ln_error *err);

#endif
