/*
 * A SPEC of faults, read from text or JSON and written back. The grammar is
 * in faults.h.
 */
#include "sim/faults.h"

#include <stddef.h>
#include <stdio.h>

#define ALWAYS_PPM  1000000
#define SECONDS_MAX (7 * 86400LL)
#define COUNT_MAX   1000000000

enum value_type {
    V_PPM,
    V_SECONDS, /* kept in ms */
    V_COUNT,
    V_MS,
    V_STATUS,
    V_WORD,
    V_TEXT
};

struct word {
    const char *name;
    uint8_t value;
};

static const struct word dirs[] = {{"in", LN_SIM_DIR_IN},
                                   {"out", LN_SIM_DIR_OUT},
                                   {"both", LN_SIM_DIR_BOTH},
                                   {NULL, 0}};
static const struct word places[] = {{"rest", LN_SIM_ON_REST},
                                     {"ws", LN_SIM_ON_WS},
                                     {"both", LN_SIM_ON_BOTH},
                                     {NULL, 0}};
static const struct word hows[] = {{"drop", LN_SIM_HOW_DROP},
                                   {"close", LN_SIM_HOW_CLOSE},
                                   {"silent", LN_SIM_HOW_SILENT},
                                   {NULL, 0}};
/* The first word of a value is the one that is written. */
static const struct word statuses[] = {{"normal", LN_INST_NORMAL},
                                       {"off", LN_INST_OFF},
                                       {"maintain", LN_INST_OFF},
                                       {"limit_open", LN_INST_LIMIT_OPEN},
                                       {"restrictedAPI", LN_INST_RESTRICTED},
                                       {NULL, 0}};

#define FIELD(name)                                                            \
    offsetof(struct ln_sim_fault_rule, name),                                  \
        sizeof(((struct ln_sim_fault_rule *)0)->name)

static const struct key {
    const char *name;
    enum value_type type;
    size_t offset, size;
    const struct word *words;
    bool common; /* of every kind */
} keys[] = {
    {"p", V_PPM, FIELD(p_ppm), NULL, true},
    {"every", V_SECONDS, FIELD(every_ms), NULL, true},
    {"for", V_SECONDS, FIELD(for_ms), NULL, true},
    {"after", V_SECONDS, FIELD(after_ms), NULL, true},
    {"count", V_COUNT, FIELD(count), NULL, true},
    {"on", V_WORD, FIELD(on), places, true},
    {"path", V_TEXT, FIELD(path), NULL, true},
    {"channel", V_TEXT, FIELD(channel), NULL, true},
    {"symbol", V_TEXT, FIELD(symbol), NULL, true},
    {"ms", V_MS, FIELD(ms), NULL, false},
    {"jitter", V_MS, FIELD(jitter_ms), NULL, false},
    {"dir", V_WORD, FIELD(dir), dirs, false},
    {"how", V_WORD, FIELD(how), hows, false},
    {"code", V_TEXT, FIELD(code), NULL, false},
    {"status", V_STATUS, FIELD(status), NULL, false},
};
#define NKEYS (sizeof(keys) / sizeof(keys[0]))

static bool
find_word(const struct word *words, struct ln_str text, uint8_t *out)
{
    for (; words->name; words++)
        if (ln_str_eqi(text, words->name)) {
            *out = words->value;
            return true;
        }
    return false;
}

bool
ln_sim_status_word(struct ln_str word, uint8_t *status)
{
    return find_word(statuses, word, status);
}

static bool
has_word(const char *list, struct ln_str word)
{
    for (const char *at = list; *at;) {
        size_t len = strcspn(at, " ");
        if (ln_str_eq(ln_strn(at, len), word))
            return true;
        at += len + (at[len] == ' ');
    }
    return false;
}

/* ---- one value ---- */

static bool
set_number(const struct key *key, struct ln_str text, int64_t *out)
{
    static const struct {
        int scale;
        int64_t least, most;
    } ranges[] = {[V_PPM] = {6, 0, ALWAYS_PPM},
                  [V_SECONDS] = {3, 0, SECONDS_MAX * 1000},
                  [V_COUNT] = {0, 0, COUNT_MAX},
                  [V_MS] = {0, -SECONDS_MAX * 1000, SECONDS_MAX * 1000}};
    int64_t v;
    if (ln_decimal_parse(text, ranges[key->type].scale, LN_ROUND_EXACT, &v) !=
            LN_OK ||
        v < ranges[key->type].least || v > ranges[key->type].most)
        return false;
    *out = v;
    return true;
}

/* status= is HTTP's, or the word of an instrument's. */
static bool
set_status(struct ln_sim_fault_rule *rule, struct ln_str text)
{
    int64_t v;
    if (rule->kind == LN_SIM_FK_OFFLINE)
        return ln_sim_status_word(text, &rule->inst_status);
    if (ln_decimal_parse(text, 0, LN_ROUND_EXACT, &v) != LN_OK || v < 200 ||
        v > 599)
        return false;
    rule->status = (int)v;
    return true;
}

static bool
plain_text(struct ln_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || text.ptr[i] == ':' ||
            text.ptr[i] == ',' || text.ptr[i] == '"' || text.ptr[i] == '\\')
            return false;
    return text.len > 0;
}

static bool
set_value(struct ln_sim_fault_rule *rule, const struct key *key,
          struct ln_str text)
{
    char *field = (char *)rule + key->offset;
    switch (key->type) {
    case V_TEXT:
        return plain_text(text) && ln_str_copy(field, key->size, text);
    case V_WORD:
        return find_word(key->words, text, (uint8_t *)field);
    case V_STATUS:
        return set_status(rule, text);
    default:
        return set_number(key, text, (int64_t *)(void *)field);
    }
}

/* ---- one item ---- */

static enum ln_err
wrong(struct ln_error *err, struct ln_str item, const char *cure,
      const char *what)
{
    char where[128];
    snprintf(where, sizeof(where), "%.*s",
             (int)(item.len < 100 ? item.len : 100), item.ptr ? item.ptr : "");
    return ln_error_set(err, LN_ERR_CONFIG, where, cure, "faults: %s", what);
}

static enum ln_err
start_rule(struct ln_sim_fault_rule *rule, struct ln_str kind,
           struct ln_str item, struct ln_error *err)
{
    const struct ln_sim_fault_info *infos = ln_sim_fault_kinds();
    const char *names[LN_SIM_FK_COUNT];
    char word[64], cure[96] = "lunette sim --help lists the kinds";
    for (int i = 0; i < LN_SIM_FK_COUNT; i++) {
        names[i] = infos[i].name;
        if (!ln_str_eqc(kind, infos[i].name))
            continue;
        *rule = (struct ln_sim_fault_rule){.kind = (enum ln_sim_fault_kind)i,
                                           .p_ppm = ALWAYS_PPM,
                                           .count = -1,
                                           .on = infos[i].on,
                                           .dir = LN_SIM_DIR_BOTH,
                                           .inst_status = LN_INST_OFF};
        return LN_OK;
    }
    ln_str_copy(word, sizeof(word), kind);
    const char *near = ln_nearest(word, names, LN_SIM_FK_COUNT);
    if (near)
        snprintf(cure, sizeof(cure), "did you mean %s?", near);
    return wrong(err, item, cure, "the kind is not known");
}

static enum ln_err
set_key(struct ln_sim_fault_rule *rule, struct ln_str name, struct ln_str text,
        struct ln_str item, struct ln_error *err)
{
    const struct ln_sim_fault_info *info = &ln_sim_fault_kinds()[rule->kind];
    char cure[160], what[96];
    for (size_t i = 0; i < NKEYS; i++) {
        if (!ln_str_eqc(name, keys[i].name) ||
            (!keys[i].common && !has_word(info->keys, name)))
            continue;
        if (set_value(rule, &keys[i], text))
            return LN_OK;
        snprintf(what, sizeof(what), "the value of %s is wrong", keys[i].name);
        return wrong(err, item, info->help, what);
    }
    snprintf(cure, sizeof(cure),
             "it takes p every for after count on path channel symbol%s%s",
             *info->keys ? " " : "", info->keys);
    snprintf(what, sizeof(what), "%s has no key '%.*s'", info->name,
             (int)(name.len < 32 ? name.len : 32), name.ptr ? name.ptr : "");
    return wrong(err, item, cure, what);
}

static bool
is_maintenance(const char *code)
{
    return has_word("40200 45001 40725 40808 40015", ln_str(code));
}

/* Defaults, and what belongs together. */
static enum ln_err
finish_rule(struct ln_sim_fault_rule *r, struct ln_str item,
            struct ln_error *err)
{
    const struct ln_sim_fault_info *info = &ln_sim_fault_kinds()[r->kind];
    bool delays =
        r->kind == LN_SIM_FK_DELAY_PUSH || r->kind == LN_SIM_FK_REORDER_PUSH;
    if (delays && r->ms == 0)
        r->ms = 500;
    if (r->status == 0)
        r->status = r->kind == LN_SIM_FK_5XX           ? 500
                    : r->kind == LN_SIM_FK_MAINTENANCE ? 400
                                                       : 502;
    if (r->path[0])
        r->on &= LN_SIM_ON_REST;
    if (r->channel[0])
        r->on &= LN_SIM_ON_WS;
    r->on &= info->on;
    if (r->on == 0)
        return wrong(err, item, info->help,
                     "it cannot strike there (path= is REST, channel= is "
                     "WebSocket)");
    if (r->every_ms > 0 && (r->for_ms == 0 || r->for_ms > r->every_ms))
        return wrong(err, item, "write every=60:for=5",
                     "every needs for, which is not longer");
    if (r->kind != LN_SIM_FK_SKEW && (r->ms < 0 || r->jitter_ms < 0))
        return wrong(err, item, NULL, "a delay cannot be negative");
    if (r->code[0] && !is_maintenance(r->code))
        return wrong(err, item, info->help, "no such code");
    return LN_OK;
}

static enum ln_err
read_item(struct ln_sim_fault_rule *rule, struct ln_str item,
          struct ln_error *err)
{
    size_t at = 0;
    enum ln_err code = LN_OK;
    for (bool first = true; code == LN_OK && (first || at < item.len);
         first = false) {
        size_t end = at;
        while (end < item.len && item.ptr[end] != ':')
            end++;
        struct ln_str part = ln_strn(item.ptr + at, end - at);
        const char *eq = part.len ? memchr(part.ptr, '=', part.len) : NULL;
        if (first)
            code = start_rule(rule, part, item, err);
        else if (!eq)
            code = wrong(err, item, "write kind:key=value:key=value",
                         "a value is missing");
        else
            code =
                set_key(rule, ln_strn(part.ptr, (size_t)(eq - part.ptr)),
                        ln_strn(eq + 1, part.len - (size_t)(eq - part.ptr) - 1),
                        item, err);
        at = end + 1;
    }
    return code == LN_OK ? finish_rule(rule, item, err) : code;
}

/* ---- all of it ---- */

static enum ln_err
add_room(const struct ln_sim_faults *f, struct ln_str item,
         struct ln_error *err)
{
    if (f->count < LN_SIM_FAULTS_MAX)
        return LN_OK;
    return wrong(err, item, NULL, "more than 32 of them");
}

static struct ln_str
trim(struct ln_str s)
{
    while (s.len > 0 && (unsigned char)s.ptr[0] <= ' ')
        s = ln_strn(s.ptr + 1, s.len - 1);
    while (s.len > 0 && (unsigned char)s.ptr[s.len - 1] <= ' ')
        s.len--;
    return s;
}

static enum ln_err
read_spec(struct ln_sim_faults *f, struct ln_str text, struct ln_error *err)
{
    enum ln_err code = LN_OK;
    text = trim(text);
    for (size_t at = 0; code == LN_OK && at < text.len;) {
        size_t end = at;
        while (end < text.len && text.ptr[end] != ',')
            end++;
        struct ln_str item = trim(ln_strn(text.ptr + at, end - at));
        code = add_room(f, item, err);
        if (code == LN_OK)
            code = read_item(&f->rules[f->count], item, err);
        if (code == LN_OK)
            f->count++;
        at = end + 1;
    }
    return code;
}

static enum ln_err
read_object(struct ln_sim_fault_rule *rule, const struct ln_json *doc,
            ln_json_val obj, struct ln_error *err)
{
    char name[32];
    struct ln_str kind = ln_json_scalar(doc, ln_json_get(doc, obj, "kind"));
    enum ln_err code = start_rule(rule, kind, kind, err);
    for (ln_json_val k = ln_json_first(doc, obj);
         code == LN_OK && k != LN_JSON_NONE; k = ln_json_next(doc, obj, k)) {
        ln_json_string(doc, k, name, sizeof(name));
        if (strcmp(name, "kind") != 0)
            code = set_key(rule, ln_str(name), ln_json_scalar(doc, k + 1), kind,
                           err);
    }
    return code == LN_OK ? finish_rule(rule, kind, err) : code;
}

static enum ln_err
read_json(struct ln_sim_faults *f, struct ln_str text, struct ln_error *err)
{
    struct ln_json doc;
    char spec[LN_SIM_SPEC_MAX];
    ln_json_init(&doc);
    enum ln_err code = ln_json_parse(&doc, text.ptr, text.len, err);
    ln_json_val list = 0;
    bool has_spec = false;
    if (code == LN_OK && ln_json_type(&doc, 0) == LN_JSON_OBJECT) {
        has_spec = ln_json_string(&doc, ln_json_get(&doc, 0, "spec"), spec,
                                  sizeof(spec));
        list = ln_json_get(&doc, 0, "faults");
    }
    if (code == LN_OK && has_spec) {
        code = read_spec(f, ln_str(spec), err);
    } else if (code == LN_OK && ln_json_type(&doc, list) != LN_JSON_ARRAY) {
        code = wrong(err, ln_str("JSON"), "write [{\"kind\":\"429\"}]",
                     "there is no list of them");
    } else if (code == LN_OK) {
        for (ln_json_val v = ln_json_first(&doc, list);
             code == LN_OK && v != LN_JSON_NONE;
             v = ln_json_next(&doc, list, v)) {
            code = add_room(f, ln_str("JSON"), err);
            if (code == LN_OK)
                code = read_object(&f->rules[f->count], &doc, v, err);
            if (code == LN_OK)
                f->count++;
        }
    }
    ln_json_deinit(&doc);
    return code;
}

enum ln_err
ln_sim_faults_set(struct ln_sim_faults *f, struct ln_str text, uint64_t seed,
                  int64_t now_ms, struct ln_error *err)
{
    struct ln_sim_faults fresh = {.set_ms = now_ms};
    text = trim(text);
    if (text.len >= LN_SIM_SPEC_MAX)
        return wrong(err, ln_str(""), NULL, "the text is too long");
    ln_rng_seed(&fresh.rng, seed);
    bool json = text.len > 0 && (text.ptr[0] == '[' || text.ptr[0] == '{');
    enum ln_err code =
        json ? read_json(&fresh, text, err) : read_spec(&fresh, text, err);
    if (code != LN_OK)
        return code;
    for (size_t i = 0; i < fresh.count; i++)
        fresh.kinds |= 1U << fresh.rules[i].kind;
    *f = fresh;
    return LN_OK;
}

/* ---- writing ---- */

static void
write_value(const struct ln_sim_fault_rule *rule, const struct key *key,
            struct ln_buf *out)
{
    const char *field = (const char *)rule + key->offset;
    char text[LN_DECIMAL_CAP] = "";
    int scale = key->type == V_PPM ? 6 : key->type == V_SECONDS ? 3 : 0;
    if (key->type == V_TEXT) {
        ln_buf_addf(out, ":%s=%s", key->name, field);
    } else if (key->type == V_STATUS && rule->kind != LN_SIM_FK_OFFLINE) {
        ln_buf_addf(out, ":%s=%d", key->name, rule->status);
    } else if (key->type == V_WORD || key->type == V_STATUS) {
        const struct word *w = key->type == V_STATUS ? statuses : key->words;
        uint8_t value =
            key->type == V_STATUS ? rule->inst_status : (uint8_t)*field;
        while (w->name && w->value != value)
            w++;
        ln_buf_addf(out, ":%s=%s", key->name, w->name ? w->name : "");
    } else {
        int64_t v;
        memcpy(&v, field, sizeof(v));
        ln_decimal_format(v, scale, 0, text);
        ln_buf_addf(out, ":%s=%s", key->name, text);
    }
}

void
ln_sim_fault_spec(const struct ln_sim_fault_rule *rule, struct ln_buf *out)
{
    const struct ln_sim_fault_info *info = &ln_sim_fault_kinds()[rule->kind];
    struct ln_sim_fault_rule plain = {.p_ppm = ALWAYS_PPM,
                                      .count = -1,
                                      .on = info->on,
                                      .dir = LN_SIM_DIR_BOTH};
    ln_buf_adds(out, info->name);
    for (size_t i = 0; i < NKEYS; i++) {
        const struct key *key = &keys[i];
        bool own = !key->common && has_word(info->keys, ln_str(key->name));
        if (!key->common && !own)
            continue;
        if (key->type != V_STATUS &&
            memcmp((const char *)rule + key->offset,
                   (const char *)&plain + key->offset, key->size) == 0)
            continue;
        write_value(rule, key, out);
    }
}
