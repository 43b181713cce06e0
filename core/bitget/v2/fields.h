/*
 * Reading rows of the wire by table: one line per field says its name, its
 * form and where it goes. Used by decode_ws*.c and decode_rest.c.
 *
 * The wire is read tolerantly: a number may be a string or a number, an
 * empty text or null means "absent" (the member keeps its 0), unknown keys
 * are ignored. What is there must be right: a value that does not parse is
 * an error that names the field.
 */
#ifndef LN_BITGET_V2_FIELDS_H
#define LN_BITGET_V2_FIELDS_H

#include "base/json.h"
#include "market/instrument.h"

enum ln_v2_form {
    LN_V2_E8,    /* int64_t: a decimal at 1e-8, rounded to nearest */
    LN_V2_I64,   /* int64_t */
    LN_V2_I32,   /* int32_t */
    LN_V2_PRICE, /* int64_t: ticks of the reader's instrument */
    LN_V2_SIZE,  /* int64_t: lots of the reader's instrument */
    LN_V2_TEXT,  /* char[cap]: longer texts are an error */
    LN_V2_CUT,   /* char[cap]: longer texts are cut (for people only) */
    LN_V2_NAME   /* uint8_t: one of names, in any case */
};

/* One word of a closed set; a list ends with a NULL text. */
struct ln_v2_name {
    const char *text;
    uint8_t value;
};

struct ln_v2_field {
    const char *name;
    size_t name_len;
    enum ln_v2_form form;
    bool required; /* absent or empty is an error */
    size_t offset; /* of the member in the struct that is filled */
    size_t cap;    /* TEXT, CUT */
    const struct ln_v2_name *names; /* NAME */
};

/* Rows of a table; <type> and <member> say where the value goes. */
#define LN_V2_FIELD(form_, req_, name_, type_, member_)                        \
    {                                                                          \
        .name = (name_), .name_len = sizeof(name_) - 1, .form = (form_),       \
        .required = (req_), .offset = offsetof(struct type_, member_),         \
        .cap = sizeof(((struct type_ *)0)->member_)                            \
    }
#define LN_V2_FIELD_NAME(req_, name_, type_, member_, names_)                  \
    {                                                                          \
        .name = (name_), .name_len = sizeof(name_) - 1, .form = LN_V2_NAME,    \
        .required = (req_), .offset = offsetof(struct type_, member_),         \
        .names = (names_)                                                      \
    }

#define LN_V2_FIELDS_MAX 64 /* rows of one table */

struct ln_v2_reader {
    const struct ln_json *doc;
    const struct ln_instrument *in; /* for PRICE and SIZE */
    /* NEAREST for market data: off-grid values are rounded and too large
     * ones saturate. EXACT for orders: both are errors. */
    enum ln_round round;
};

/* The words shared by several rows. */
extern const struct ln_v2_name ln_v2_names_side[];
extern const struct ln_v2_name ln_v2_names_yes[];
extern const struct ln_v2_name ln_v2_names_pos_mode[];
extern const struct ln_v2_name ln_v2_names_margin_mode[];
extern const struct ln_v2_name ln_v2_names_hold_side[];
extern const struct ln_v2_name ln_v2_names_order_type[];
extern const struct ln_v2_name ln_v2_names_force[];
extern const struct ln_v2_name ln_v2_names_order_state[];
extern const struct ln_v2_name ln_v2_names_scope[];

/*
 * Fill the struct at <out> (zeroed by the caller) from the object <obj>.
 * Tables in the wire's usual order are read fastest. LN_ERR_PARSE or
 * LN_ERR_RANGE with the field's name in err->where.
 */
enum ln_err ln_v2_fields_read(const struct ln_v2_reader *r, ln_json_val obj,
                              const struct ln_v2_field *fields, size_t count,
                              void *out, struct ln_error *err) LN_MUST_USE;

/* One scalar in the given numeric form (E8, I64, PRICE, SIZE). */
enum ln_err ln_v2_number(const struct ln_v2_reader *r, ln_json_val v,
                         enum ln_v2_form form, const char *name, int64_t *out,
                         struct ln_error *err) LN_MUST_USE;

/* Value of a word; false if it is none of the list. */
bool ln_v2_name_find(const struct ln_v2_name *names, struct ln_str text,
                     uint8_t *out);

/*
 * The instrument that the row names in "instId" or "symbol".
 * LN_ERR_NOT_FOUND if it has no name or an unknown one.
 */
enum ln_err ln_v2_row_instrument(const struct ln_json *doc, ln_json_val row,
                                 const struct ln_instruments *reg,
                                 uint16_t *index,
                                 const struct ln_instrument **in,
                                 struct ln_error *err) LN_MUST_USE;

/* Sum of member <key> over an array of objects at 1e-8; 0 without one. */
enum ln_err ln_v2_sum_e8(const struct ln_json *doc, ln_json_val arr,
                         const char *key, int64_t *out,
                         struct ln_error *err) LN_MUST_USE;

#endif
