/*
 * The instruments that the engine knows out of the box. Their precisions
 * differ on purpose: what handles all of them handles what an exchange lists.
 */
#include "base/assert.h"
#include "exchange/exchange.h"

#define USDT     LN_E8
#define PER_MILL 100000LL /* 0.1 % as a rate at 1e-8 */

/* Limits, maintenance rate and leverage of the deep, middle, thin markets. */
#define TIERS_DEEP                                                             \
    {{200000 * USDT, 4 * PER_MILL, 125},                                       \
     {1000000 * USDT, 5 * PER_MILL, 100},                                      \
     {5000000 * USDT, 10 * PER_MILL, 50},                                      \
     {20000000 * USDT, 25 * PER_MILL, 20},                                     \
     {100000000 * USDT, 50 * PER_MILL, 10},                                    \
     {400000000 * USDT, 100 * PER_MILL, 5}},                                   \
        .ntiers = 6
#define TIERS_MIDDLE                                                           \
    {{50000 * USDT, 6 * PER_MILL, 75},                                         \
     {300000 * USDT, 10 * PER_MILL, 50},                                       \
     {1500000 * USDT, 25 * PER_MILL, 20},                                      \
     {6000000 * USDT, 50 * PER_MILL, 10},                                      \
     {30000000 * USDT, 100 * PER_MILL, 5}},                                    \
        .ntiers = 5
#define TIERS_THIN                                                             \
    {{20000 * USDT, 10 * PER_MILL, 50},                                        \
     {100000 * USDT, 25 * PER_MILL, 20},                                       \
     {500000 * USDT, 50 * PER_MILL, 10},                                       \
     {5000000 * USDT, 100 * PER_MILL, 5}},                                     \
        .ntiers = 4

/* What all of them have in common; the coin is a literal, to be joined with
 * others. NOLINTBEGIN(bugprone-macro-parentheses) */
#define USDT_FUTURE(coin)                                                      \
    .symbol = coin "USDT", .base = coin, .quote = "USDT",                      \
    .margin_coin = "USDT", .status = LN_INST_NORMAL,                           \
    .min_notional_e8 = 5 * USDT, .maker_fee_e8 = 20000, .taker_fee_e8 = 60000, \
    .min_leverage = 1, .max_symbol_orders = 200
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct ln_ex_spec catalogue[] = {
    {
        .instrument = {USDT_FUTURE("BTC"), .price_scale = 1, .price_step = 1,
                       .size_scale = 4, .volume_place = 4, .lot_step = 1,
                       .min_lots = 1, .max_limit_lots = 12000000,
                       .max_market_lots = 2200000, .buy_band_e8 = 5000000,
                       .sell_band_e8 = 5000000, .max_leverage = 125,
                       .funding_interval_h = 8},
        .start_price_ticks = 640000, /* 64000.0 */
        .volatility_ppm = 25000,
        .daily_volume_lots = 300000000,
        .spread_ticks = 1,
        .tiers = TIERS_DEEP,
    },
    {
        .instrument = {USDT_FUTURE("ETH"), .price_scale = 2, .price_step = 1,
                       .size_scale = 2, .volume_place = 2, .lot_step = 1,
                       .min_lots = 1, .max_limit_lots = 1500000,
                       .max_market_lots = 300000, .buy_band_e8 = 5000000,
                       .sell_band_e8 = 5000000, .max_leverage = 125,
                       .funding_interval_h = 8},
        .start_price_ticks = 321050, /* 3210.50 */
        .volatility_ppm = 32000,
        .daily_volume_lots = 60000000,
        .spread_ticks = 1,
        .tiers = TIERS_DEEP,
    },
    {
        .instrument = {USDT_FUTURE("XRP"), .price_scale = 4, .price_step = 1,
                       .size_scale = 0, .volume_place = 0, .lot_step = 1,
                       .min_lots = 1, .max_limit_lots = 5000000,
                       .max_market_lots = 1000000, .buy_band_e8 = 5000000,
                       .sell_band_e8 = 5000000, .max_leverage = 75,
                       .funding_interval_h = 8},
        .start_price_ticks = 5230, /* 0.5230 */
        .volatility_ppm = 38000,
        .daily_volume_lots = 400000000,
        .spread_ticks = 1,
        .tiers = TIERS_MIDDLE,
    },
    {
        .instrument = {USDT_FUTURE("DOGE"), .price_scale = 5, .price_step = 1,
                       .size_scale = 0, .volume_place = 0, .lot_step = 1,
                       .min_lots = 1, .max_limit_lots = 20000000,
                       .max_market_lots = 4000000, .buy_band_e8 = 5000000,
                       .sell_band_e8 = 5000000, .max_leverage = 75,
                       .funding_interval_h = 8},
        .start_price_ticks = 12345, /* 0.12345 */
        .volatility_ppm = 45000,
        .daily_volume_lots = 1500000000,
        .spread_ticks = 1,
        .tiers = TIERS_MIDDLE,
    },
    {
        .instrument = {USDT_FUTURE("SOL"), .price_scale = 3, .price_step = 1,
                       .size_scale = 1, .volume_place = 1, .lot_step = 1,
                       .min_lots = 1, .max_limit_lots = 500000,
                       .max_market_lots = 100000, .buy_band_e8 = 5000000,
                       .sell_band_e8 = 5000000, .max_leverage = 75,
                       .funding_interval_h = 8},
        .start_price_ticks = 148250, /* 148.250 */
        .volatility_ppm = 42000,
        .daily_volume_lots = 60000000,
        .spread_ticks = 2,
        .tiers = TIERS_MIDDLE,
    },
    {
        /* Prices so small that a tick is the last digit of 1e-8. */
        .instrument = {USDT_FUTURE("SHIB"), .price_scale = 8, .price_step = 1,
                       .size_scale = 0, .volume_place = 0, .lot_step = 1,
                       .min_lots = 1, .max_limit_lots = 20000000000,
                       .max_market_lots = 4000000000, .buy_band_e8 = 8000000,
                       .sell_band_e8 = 8000000, .max_leverage = 50,
                       .funding_interval_h = 8},
        .start_price_ticks = 1234, /* 0.00001234 */
        .volatility_ppm = 50000,
        .daily_volume_lots = 3000000000000,
        .spread_ticks = 1,
        .tiers = TIERS_THIN,
    },
    {
        /* Thousands of dollars in half-dollar ticks (priceEndStep 5). */
        .instrument = {USDT_FUTURE("XAU"), .price_scale = 1, .price_step = 5,
                       .size_scale = 3, .volume_place = 3, .lot_step = 1,
                       .min_lots = 2, .max_limit_lots = 1000000,
                       .max_market_lots = 200000, .buy_band_e8 = 3000000,
                       .sell_band_e8 = 3000000, .max_leverage = 50,
                       .funding_interval_h = 8},
        .start_price_ticks = 5301, /* 2650.5 */
        .volatility_ppm = 11000,
        .daily_volume_lots = 40000000,
        .spread_ticks = 1,
        .tiers = TIERS_THIN,
    },
    {
        /* Sizes in tens (sizeMultiplier 10). */
        .instrument = {USDT_FUTURE("GALA"), .price_scale = 5, .price_step = 1,
                       .size_scale = 0, .volume_place = 0, .lot_step = 10,
                       .min_lots = 1, .max_limit_lots = 2000000,
                       .max_market_lots = 500000, .buy_band_e8 = 8000000,
                       .sell_band_e8 = 8000000, .max_leverage = 50,
                       .funding_interval_h = 8},
        .start_price_ticks = 2345, /* 0.02345 */
        .volatility_ppm = 55000,
        .daily_volume_lots = 60000000,
        .spread_ticks = 1,
        .tiers = TIERS_THIN,
    },
    {
        /* Sizes in halves (sizeMultiplier 0.5), settled every four hours. */
        .instrument = {USDT_FUTURE("LINK"), .price_scale = 3, .price_step = 1,
                       .size_scale = 1, .volume_place = 1, .lot_step = 5,
                       .min_lots = 1, .max_limit_lots = 200000,
                       .max_market_lots = 50000, .buy_band_e8 = 5000000,
                       .sell_band_e8 = 5000000, .max_leverage = 75,
                       .funding_interval_h = 4},
        .start_price_ticks = 14512, /* 14.512 */
        .volatility_ppm = 44000,
        .daily_volume_lots = 20000000,
        .spread_ticks = 2,
        .tiers = TIERS_MIDDLE,
    },
};

const struct ln_ex_spec *
ln_ex_catalogue(size_t *count)
{
    *count = LN_COUNT(catalogue);
    return catalogue;
}
