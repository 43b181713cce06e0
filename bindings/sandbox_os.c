/*
 * os for scripts: time, clock, date and difftime, on the host's clock (the
 * time of the message that is worked off) and always in UTC, so that a replay
 * sees what the live run saw.
 */
#include "bindings/runtime_int.h"

#define SECONDS_PER_DAY 86400

/* Days since 1970-01-01 of a date, any month and day (they are normalised). */
static int64_t
days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year += (month - 1) / 12;
    month = (month - 1) % 12;
    if (month < 0) {
        month += 12;
        year--;
    }
    /* Years begin in March, so that the leap day is the last. */
    int64_t y = month < 2 ? year - 1 : year;
    int64_t m = (month + 10) % 12;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * m + 2) / 5;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year +
           day - 1 - 719468;
}

static int64_t
time_field(lua_State *L, const char *name, int64_t otherwise)
{
    int is_int = 0;
    lua_getfield(L, 1, name);
    if (lua_isnil(L, -1) && otherwise < 0)
        luaL_error(L, "field '%s' missing in date table", name);
    lua_Integer v =
        lua_isnil(L, -1) ? otherwise : lua_tointegerx(L, -1, &is_int);
    if (!lua_isnil(L, -1) && !is_int)
        luaL_error(L, "field '%s' is not an integer", name);
    if (v < -1000000 || v > 1000000)
        luaL_error(L, "field '%s' is out of range", name);
    lua_pop(L, 1);
    return v;
}

static int
os_time(lua_State *L)
{
    if (lua_isnoneornil(L, 1)) {
        lua_pushinteger(L, runtime_of(L)->now_ms / 1000);
        return 1;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    int64_t days =
        days_from_civil(time_field(L, "year", -1), time_field(L, "month", -1),
                        time_field(L, "day", -1));
    lua_pushinteger(L,
                    days * SECONDS_PER_DAY + time_field(L, "hour", 12) * 3600 +
                        time_field(L, "min", 0) * 60 + time_field(L, "sec", 0));
    return 1;
}

static int
os_clock(lua_State *L)
{
    const struct ln_runtime *rt = runtime_of(L);
    lua_pushnumber(L, (lua_Number)(rt->now_ms - rt->start_ms) / 1000.0);
    return 1;
}

/* The original, told to speak UTC. */
static int
os_date(lua_State *L)
{
    const char *fmt = luaL_optstring(L, 1, "%c");
    lua_Integer t =
        luaL_opt(L, luaL_checkinteger, 2, runtime_of(L)->now_ms / 1000);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushfstring(L, "%s%s", *fmt == '!' ? "" : "!", fmt);
    lua_pushinteger(L, t);
    lua_call(L, 2, 1);
    return 1;
}

void
open_os(lua_State *L)
{
    static const luaL_Reg own[] = {
        {"time", os_time},
        {"clock", os_clock},
        {NULL, NULL},
    };
    lua_newtable(L);
    luaL_setfuncs(L, own, 0);
    lua_pushcfunction(L, luaopen_os);
    lua_call(L, 0, 1);
    lua_getfield(L, -1, "date");
    lua_pushcclosure(L, os_date, 1);
    lua_setfield(L, -3, "date");
    lua_getfield(L, -1, "difftime");
    lua_setfield(L, -3, "difftime");
    lua_pop(L, 1);
    lua_setglobal(L, LUA_OSLIBNAME);
}
