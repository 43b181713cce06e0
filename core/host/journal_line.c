/*
 * One line of the intent log: written and read. See journal.h.
 */
#include "host/journal.h"

#include "base/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX 20

/* A text field: what would end it is escaped; empty is "-". */
static void
add_text(struct ln_buf *out, const char *text)
{
    ln_buf_addc(out, ' ');
    if (!text[0])
        ln_buf_addc(out, '-');
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == '%' || *c == '*' ||
            (*c == '-' && c == text))
            ln_buf_addf(out, "%%%02x", (unsigned)(unsigned char)*c);
        else
            ln_buf_addc(out, *c);
}

static void
add_number(struct ln_buf *out, int64_t v)
{
    ln_buf_addf(out, " %lld", (long long)v);
}

static void
add_submit(struct ln_buf *out, const struct ln_journal_record *r)
{
    add_text(out, r->oid);
    add_number(out, r->owner);
    add_text(out, r->symbol);
    add_number(out, r->side);
    add_number(out, r->type);
    add_number(out, r->tif);
    add_number(out, r->pos_side);
    add_number(out, r->margin_mode);
    add_number(out, r->unflagged ? 2 : r->reduce_only);
    add_text(out, r->price);
    add_text(out, r->size);
    add_text(out, r->take_profit);
    add_text(out, r->stop_loss);
    add_text(out, r->tag);
}

static void
add_fill(struct ln_buf *out, const struct ln_journal_record *r)
{
    add_text(out, r->oid);
    add_text(out, r->order_id);
    add_text(out, r->trade_id);
    add_number(out, r->owner);
    add_text(out, r->symbol);
    add_number(out, r->side);
    add_number(out, r->pos_side);
    add_number(out, r->liquidity);
    add_text(out, r->price);
    add_text(out, r->size);
    add_number(out, r->fee_e8);
    add_number(out, r->profit_e8);
}

static void
add_position(struct ln_buf *out, const struct ln_journal_record *r)
{
    add_number(out, r->owner);
    add_text(out, r->symbol);
    add_text(out, r->size);
    add_number(out, r->cost_e8);
    add_number(out, r->profit_e8);
    add_number(out, r->fee_e8);
    add_number(out, (int64_t)r->fills);
}

static void
add_fields(struct ln_buf *out, const struct ln_journal_record *r)
{
    switch (r->kind) {
    case LN_J_STRATEGY:
        add_number(out, r->owner);
        add_text(out, r->name);
        break;
    case LN_J_SUBMIT:
        add_submit(out, r);
        break;
    case LN_J_AMEND:
        add_text(out, r->oid);
        add_text(out, r->new_oid);
        add_text(out, r->price);
        add_text(out, r->size);
        break;
    case LN_J_ID:
        add_text(out, r->oid);
        add_text(out, r->order_id);
        break;
    case LN_J_END:
        add_text(out, r->oid);
        add_number(out, r->state);
        break;
    case LN_J_FILL:
        add_fill(out, r);
        break;
    case LN_J_POSITION:
        add_position(out, r);
        break;
    }
}

/* 32 bits of the hash are enough to tell a torn line from a whole one. */
static unsigned
sum_of(struct ln_str text)
{
    uint64_t h = ln_hash(text);
    return (unsigned)(h ^ h >> 32);
}

void
ln_journal_format(const struct ln_journal_record *r, struct ln_buf *out)
{
    size_t start = out->len;
    ln_buf_addf(out, "%c %lld", (char)r->kind, (long long)r->time_ms);
    add_fields(out, r);
    if (!out->failed)
        ln_buf_addf(out, " *%08x\n",
                    sum_of(ln_strn(out->data + start, out->len - start)));
}

/* ---- reading ---- */

struct fields {
    struct ln_str items[FIELDS_MAX];
    size_t count, at;
    bool ok;
};

static struct ln_str
next(struct fields *f)
{
    if (f->at < f->count)
        return f->items[f->at++];
    f->ok = false;
    return ln_str("");
}

static void
take_text(struct fields *f, char *out, size_t cap)
{
    struct ln_str s = next(f);
    size_t n = 0;
    if (ln_str_eqc(s, "-"))
        s.len = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            char hex[3] = {0};
            if (i + 2 >= s.len) {
                f->ok = false;
                break;
            }
            memcpy(hex, s.ptr + i + 1, 2);
            c = (char)strtoul(hex, NULL, 16);
            i += 2;
        }
        if (n + 1 >= cap) {
            f->ok = false;
            break;
        }
        out[n++] = c;
    }
    out[n] = 0;
}

static int64_t
take_number(struct fields *f, int64_t lo, int64_t hi)
{
    char text[32];
    char *end;
    struct ln_str s = next(f);
    if (s.len == 0 || !ln_str_copy(text, sizeof(text), s)) {
        f->ok = false;
        return 0;
    }
    long long v = strtoll(text, &end, 10);
    if (*end || v < lo || v > hi)
        f->ok = false;
    return f->ok ? v : 0;
}

static uint8_t
take_small(struct fields *f)
{
    return (uint8_t)take_number(f, 0, UINT8_MAX);
}

static void
take_submit(struct fields *f, struct ln_journal_record *r)
{
    take_text(f, r->oid, sizeof(r->oid));
    r->owner = (uint32_t)take_number(f, 0, UINT32_MAX);
    take_text(f, r->symbol, sizeof(r->symbol));
    r->side = take_small(f);
    r->type = take_small(f);
    r->tif = take_small(f);
    r->pos_side = take_small(f);
    r->margin_mode = take_small(f);
    int64_t reduces = take_number(f, 0, 2);
    r->reduce_only = reduces > 0;
    r->unflagged = reduces == 2;
    take_text(f, r->price, sizeof(r->price));
    take_text(f, r->size, sizeof(r->size));
    take_text(f, r->take_profit, sizeof(r->take_profit));
    take_text(f, r->stop_loss, sizeof(r->stop_loss));
    take_text(f, r->tag, sizeof(r->tag));
}

static void
take_fill(struct fields *f, struct ln_journal_record *r)
{
    take_text(f, r->oid, sizeof(r->oid));
    take_text(f, r->order_id, sizeof(r->order_id));
    take_text(f, r->trade_id, sizeof(r->trade_id));
    r->owner = (uint32_t)take_number(f, 0, UINT32_MAX);
    take_text(f, r->symbol, sizeof(r->symbol));
    r->side = take_small(f);
    r->pos_side = take_small(f);
    r->liquidity = take_small(f);
    take_text(f, r->price, sizeof(r->price));
    take_text(f, r->size, sizeof(r->size));
    r->fee_e8 = take_number(f, INT64_MIN, INT64_MAX);
    r->profit_e8 = take_number(f, INT64_MIN, INT64_MAX);
}

static void
take_position(struct fields *f, struct ln_journal_record *r)
{
    r->owner = (uint32_t)take_number(f, 0, UINT32_MAX);
    take_text(f, r->symbol, sizeof(r->symbol));
    take_text(f, r->size, sizeof(r->size));
    r->cost_e8 = take_number(f, 0, INT64_MAX);
    r->profit_e8 = take_number(f, INT64_MIN, INT64_MAX);
    r->fee_e8 = take_number(f, INT64_MIN, INT64_MAX);
    r->fills = (uint64_t)take_number(f, 0, INT64_MAX);
}

static void
take_fields(struct fields *f, struct ln_journal_record *r)
{
    switch (r->kind) {
    case LN_J_STRATEGY:
        r->owner = (uint32_t)take_number(f, 1, UINT32_MAX);
        take_text(f, r->name, sizeof(r->name));
        break;
    case LN_J_SUBMIT:
        take_submit(f, r);
        break;
    case LN_J_AMEND:
        take_text(f, r->oid, sizeof(r->oid));
        take_text(f, r->new_oid, sizeof(r->new_oid));
        take_text(f, r->price, sizeof(r->price));
        take_text(f, r->size, sizeof(r->size));
        break;
    case LN_J_ID:
        take_text(f, r->oid, sizeof(r->oid));
        take_text(f, r->order_id, sizeof(r->order_id));
        break;
    case LN_J_END:
        take_text(f, r->oid, sizeof(r->oid));
        r->state = (uint8_t)take_number(f, LN_ORDER_PLANNED, LN_ORDER_EXPIRED);
        break;
    case LN_J_FILL:
        take_fill(f, r);
        break;
    case LN_J_POSITION:
        take_position(f, r);
        break;
    default:
        f->ok = false;
        break;
    }
}

/* The text before the checksum, if that is right. */
static bool
checked(struct ln_str line, struct ln_str *text)
{
    char want[12];
    size_t tail = strlen(" *00000000");
    if (line.len <= tail)
        return false;
    *text = ln_strn(line.ptr, line.len - tail);
    snprintf(want, sizeof(want), " *%08x", sum_of(*text));
    return memcmp(line.ptr + text->len, want, tail) == 0;
}

bool
ln_journal_parse(struct ln_str line, struct ln_journal_record *out)
{
    struct fields f = {.ok = true};
    struct ln_str text;
    memset(out, 0, sizeof(*out));
    if (!checked(line, &text))
        return false;
    for (size_t i = 0; i < text.len && f.count < FIELDS_MAX;) {
        size_t end = i;
        while (end < text.len && text.ptr[end] != ' ')
            end++;
        f.items[f.count++] = ln_strn(text.ptr + i, end - i);
        i = end + 1;
    }
    struct ln_str kind = next(&f);
    if (kind.len != 1)
        return false;
    out->kind = (enum ln_journal_kind)kind.ptr[0];
    out->time_ms = take_number(&f, 0, INT64_MAX);
    take_fields(&f, out);
    return f.ok && f.at == f.count;
}
