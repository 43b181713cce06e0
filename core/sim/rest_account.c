/*
 * The account: its money, and the assets of sub accounts.
 */
#include "sim/routes.h"
#include "sim/wire.h"

#define INDEX_SYMBOL "BTCUSDT" /* what btcEquity is measured with */

static int64_t
btc_equity_e8(const struct ln_sim *sim, int64_t equity_e8)
{
    uint16_t inst =
        ln_instruments_find(ln_ex_instruments(sim->ex), ln_str(INDEX_SYMBOL));
    struct ln_ticker t;
    if (inst == LN_INSTRUMENT_NONE)
        return 0;
    ln_ex_ticker(sim->ex, inst, &t);
    return t.index_e8 > 0
               ? ln_mul_div(equity_e8, LN_E8, t.index_e8, LN_ROUND_NEAREST)
               : 0;
}

/* What the row of a sub account has as well. */
static void
asset_members(struct ln_json_writer *w, const struct ln_sim *sim,
              const struct ln_sim_account_sums *s, ln_ex_account account)
{
    ln_jw_kcstr(w, "marginCoin", LN_SIM_COIN);
    ln_sim_ke8(w, "locked", s->b.locked_e8);
    ln_sim_ke8(w, "available", s->b.available_e8);
    ln_sim_ke8(w, "crossedMaxAvailable", s->b.available_e8);
    ln_sim_ke8(w, "isolatedMaxAvailable", s->b.available_e8);
    ln_sim_ke8(w, "maxTransferOut", s->transferable_e8);
    ln_sim_ke8(w, "accountEquity", s->b.equity_e8);
    ln_sim_ke8(w, "usdtEquity", s->b.equity_e8);
    ln_sim_ke8(w, "btcEquity", btc_equity_e8(sim, s->b.equity_e8));
    ln_sim_ke8(w, "unrealizedPL", s->b.unrealised_e8);
    ln_jw_kcstr(w, "coupon", "0");
    ln_jw_kcstr(w, "assetMode", ln_sim_word_asset_mode(sim, account));
}

static void
money_members(struct ln_json_writer *w, const struct ln_sim *sim,
              const struct ln_sim_account_sums *s, ln_ex_account account)
{
    asset_members(w, sim, s, account);
    ln_sim_ke8(w, "crossedRiskRate", s->risk_e8);
    ln_sim_ke8(w, "crossedUnrealizedPL", s->crossed_pl_e8);
    ln_sim_ke8(w, "isolatedUnrealizedPL", s->isolated_pl_e8);
    ln_sim_ke8(w, "isolatedMargin", s->isolated_margin_e8);
    ln_sim_ke8(w, "crossedMargin", s->crossed_margin_e8);
    ln_jw_kcstr(w, "grant", "0");
}

bool
ln_sim_get_account(struct ln_sim_call *call)
{
    const struct ln_sim *sim = call->sim;
    struct ln_json_writer *w = &call->w;
    struct ln_sim_account_sums s;
    ln_sim_account_sums(sim, call->account, &s);
    ln_jw_obj(w);
    money_members(w, sim, &s, call->account);
    ln_jw_kintstr(w, "crossedMarginLeverage",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_NET));
    ln_jw_kintstr(w, "isolatedLongLever",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_LONG));
    ln_jw_kintstr(w, "isolatedShortLever",
                  ln_ex_leverage(sim->ex, call->account, call->inst, LN_SHORT));
    ln_jw_kcstr(w, "marginMode",
                ln_sim_word_margin_mode((uint8_t)ln_ex_margin_mode(
                    sim->ex, call->account, call->inst)));
    ln_jw_kcstr(w, "posMode", ln_sim_word_pos_mode(s.b.pos_mode));
    ln_jw_obj_end(w);
    return true;
}

/* The coins of multi-asset mode; none in single-asset mode. */
static void
asset_list(struct ln_json_writer *w, const struct ln_sim_account_sums *s,
           bool many)
{
    ln_jw_key(w, "assetList");
    ln_jw_arr(w);
    if (many) {
        ln_jw_obj(w);
        ln_jw_kcstr(w, "coin", LN_SIM_COIN);
        ln_sim_ke8(w, "balance", s->b.balance_e8);
        ln_sim_ke8(w, "available", s->transferable_e8);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
}

bool
ln_sim_get_accounts(struct ln_sim_call *call)
{
    struct ln_json_writer *w = &call->w;
    struct ln_sim_account_sums s;
    ln_sim_account_sums(call->sim, call->account, &s);
    ln_jw_arr(w);
    ln_jw_obj(w);
    money_members(w, call->sim, &s, call->account);
    ln_sim_union_members(w, call->sim, call->account, &s.b);
    /* So misspelt in a sample, and by clients after it. */
    ln_sim_ke8(w, "unionTotalMagin",
               call->user->multi_assets ? s.b.equity_e8 : 0);
    asset_list(w, &s, call->user->multi_assets);
    ln_jw_obj_end(w);
    ln_jw_arr_end(w);
    return true;
}

/*
 * The first user's account is the main one, those of the others are its sub
 * accounts; a sub account has none below it.
 */
bool
ln_sim_get_sub_account_assets(struct ln_sim_call *call)
{
    const struct ln_sim *sim = call->sim;
    struct ln_json_writer *w = &call->w;
    bool main_account = call->user->index == 0;
    ln_jw_arr(w);
    for (size_t i = 1; main_account && i < sim->nusers; i++) {
        struct ln_sim_account_sums s;
        ln_ex_account account = sim->users[i].account;
        ln_sim_account_sums(sim, account, &s);
        ln_jw_obj(w);
        ln_jw_kintstr(w, "userId", (int64_t)account);
        ln_jw_key(w, "assetList");
        ln_jw_arr(w);
        ln_jw_obj(w);
        asset_members(w, sim, &s, account);
        ln_jw_obj_end(w);
        ln_jw_arr_end(w);
        ln_jw_obj_end(w);
    }
    ln_jw_arr_end(w);
    return true;
}
